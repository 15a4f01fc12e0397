package gitrepo_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

var aFile = map[string]string{"services/api/Dockerfile": "FROM base:1\n", "README": "hi\n"}

// TestOpen opens one commit in every kind of repository, and reads a file of it.
func TestOpen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// make turns a repository with the commit into the directory to open
		// and the work tree to expect.
		make func(t *testing.T, origin, tmp string) (dir, workTree string)
	}{
		{"root", func(_ *testing.T, origin, _ string) (string, string) { return origin, origin }},
		{"subdirectory", func(_ *testing.T, origin, _ string) (string, string) {
			return filepath.Join(origin, "services", "api"), origin
		}},
		{"through a symbolic link to a subdirectory", func(t *testing.T, origin, tmp string) (string, string) {
			link := filepath.Join(tmp, "link")
			if err := os.Symlink(filepath.Join(origin, "services"), link); err != nil {
				t.Fatal(err)
			}
			return link, origin
		}},
		{"inside .git", func(_ *testing.T, origin, _ string) (string, string) {
			return filepath.Join(origin, ".git", "refs"), origin
		}},
		{"bare", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--bare", origin, "bare.git")
			return filepath.Join(tmp, "bare.git"), ""
		}},
		{"mirror", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--mirror", origin, "mirror")
			return filepath.Join(tmp, "mirror"), ""
		}},
		{"linked work tree", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, origin, "worktree", "add", "--quiet", filepath.Join(tmp, "linked"))
			return filepath.Join(tmp, "linked", "services"), filepath.Join(tmp, "linked")
		}},
		{"linked work tree of a bare repository", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--bare", origin, "bare.git")
			gittest.Git(t, filepath.Join(tmp, "bare.git"), "worktree", "add", "--quiet", filepath.Join(tmp, "linked"), "main")
			return filepath.Join(tmp, "linked"), filepath.Join(tmp, "linked")
		}},
		{"submodule", func(t *testing.T, origin, _ string) (string, string) {
			super := gittest.Init(t, map[string]string{"x": "x"})
			gittest.Git(t, super, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", origin, "deps/mod")
			return filepath.Join(super, "deps", "mod", "services"), filepath.Join(super, "deps", "mod")
		}},
		{"separate git directory", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--separate-git-dir", "store", origin, "tree")
			return filepath.Join(tmp, "tree"), filepath.Join(tmp, "tree")
		}},
		{"shallow clone", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--depth=1", "file://"+origin, "shallow")
			return filepath.Join(tmp, "shallow"), filepath.Join(tmp, "shallow")
		}},
		{"shared clone", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--shared", origin, "shared")
			return filepath.Join(tmp, "shared"), filepath.Join(tmp, "shared")
		}},
		{"shared clone of a shared clone, packed", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, origin, "gc", "--quiet")
			gittest.Git(t, tmp, "clone", "--quiet", "--shared", origin, "one")
			gittest.Git(t, tmp, "clone", "--quiet", "--shared", "one", "two")
			return filepath.Join(tmp, "two"), filepath.Join(tmp, "two")
		}},
		{"alternates by a relative path", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, tmp, "clone", "--quiet", "--bare", origin, "store.git")
			gittest.Git(t, tmp, "clone", "--quiet", "--bare", "--shared", "store.git", "borrower.git")
			write(t, filepath.Join(tmp, "borrower.git", "objects", "info", "alternates"), "# here\n../../store.git/objects\n")
			return filepath.Join(tmp, "borrower.git"), ""
		}},
		{"sparse checkout", func(t *testing.T, origin, _ string) (string, string) {
			gittest.Git(t, origin, "sparse-checkout", "set", "elsewhere")
			if _, err := os.Stat(filepath.Join(origin, "services")); err == nil {
				t.Fatal("the checkout is not sparse")
			}
			return origin, origin
		}},
		{"packed, with everything that speeds git up", func(t *testing.T, origin, _ string) (string, string) {
			gittest.Git(t, origin, "gc", "--quiet")
			gittest.Git(t, origin, "multi-pack-index", "write")
			gittest.Git(t, origin, "commit-graph", "write", "--reachable")
			gittest.Git(t, origin, "config", "extensions.preciousObjects", "true")
			return origin, origin
		}},
		{"configuration that go-git's own reader refuses", func(t *testing.T, origin, _ string) (string, string) {
			gittest.Git(t, origin, "config", "--add", "remote.origin.fetch", "^refs/heads/private")
			gittest.Git(t, origin, "config", "remote.nameless.prune", "true")
			return origin, origin
		}},
		{"old form of a partial clone", func(t *testing.T, origin, _ string) (string, string) {
			gittest.Git(t, origin, "config", "core.repositoryformatversion", "1")
			gittest.Git(t, origin, "config", "extensions.partialClone", "origin")
			return origin, origin
		}},
		{"work tree elsewhere", func(t *testing.T, origin, tmp string) (string, string) {
			gittest.Git(t, origin, "config", "core.worktree", tmp)
			return origin, tmp
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			origin := gittest.Init(t, aFile)
			head := gittest.Git(t, origin, "rev-parse", "HEAD")
			dir, workTree := test.make(t, origin, gittest.TempDir(t))
			repo := open(t, dir)
			if got := repo.WorkTree(); got != workTree {
				t.Errorf("WorkTree() = %q, want %q", got, workTree)
			}
			rev, err := repo.Resolve("HEAD")
			if err != nil {
				t.Fatal(err)
			}
			if rev.Commit != head {
				t.Errorf("HEAD is %s, want %s", rev.Commit, head)
			}
			fsys, err := repo.FS(rev.Commit)
			if err != nil {
				t.Fatal(err)
			}
			got, err := fs.ReadFile(fsys, "services/api/Dockerfile")
			if err != nil || string(got) != "FROM base:1\n" {
				t.Errorf("ReadFile = %q, %v", got, err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, tmp string) string
		want string // part of the error
		hint string // part of the hint
	}{
		{"unknown extension", func(t *testing.T, tmp string) string {
			gittest.Git(t, tmp, "init", "--quiet")
			gittest.Git(t, tmp, "config", "core.repositoryformatversion", "1")
			gittest.Git(t, tmp, "config", "extensions.timeTravel", "true")
			return tmp
		}, "timetravel", "git clone"},
		{"format of the future", func(t *testing.T, tmp string) string {
			gittest.Git(t, tmp, "init", "--quiet")
			gittest.Git(t, tmp, "config", "core.repositoryformatversion", "7")
			return tmp
		}, "format version is 7", "release"},
		{".git file to nowhere", func(t *testing.T, tmp string) string {
			write(t, filepath.Join(tmp, ".git"), "gitdir: /nowhere/at/all\n")
			return tmp
		}, "points to /nowhere/at/all", "git worktree repair"},
		{".git file with other content", func(t *testing.T, tmp string) string {
			write(t, filepath.Join(tmp, ".git"), "hello\n")
			return tmp
		}, "does not begin with", "clone"},
		{"main work tree is gone", func(t *testing.T, tmp string) string {
			origin := gittest.Init(t, aFile)
			gittest.Git(t, origin, "worktree", "add", "--quiet", filepath.Join(tmp, "linked"))
			write(t, filepath.Join(origin, ".git", "worktrees", "linked", "commondir"), "/gone\n")
			return filepath.Join(tmp, "linked")
		}, "points to /gone", "git worktree repair"},
		{"broken configuration", func(t *testing.T, tmp string) string {
			gittest.Git(t, tmp, "init", "--quiet")
			write(t, filepath.Join(tmp, ".git", "config"), "[core]\n\tbare = false\n[http\n\textraheader = "+token+"\n")
			return tmp
		}, "config: 3:", "git config --list"},
		{"configuration that cannot be read", func(t *testing.T, tmp string) string {
			gittest.Git(t, tmp, "init", "--quiet")
			remove(t, filepath.Join(tmp, ".git", "config"))
			write(t, filepath.Join(tmp, ".git", "config", "x"), "")
			return tmp
		}, ".git/config: is a directory", ""},
		{"list of alternates that cannot be read", func(t *testing.T, tmp string) string {
			gittest.Git(t, tmp, "init", "--quiet")
			write(t, filepath.Join(tmp, ".git", "objects", "info", "alternates", "x"), "")
			return tmp
		}, "info/alternates: is a directory", ""},
		{"no such directory", func(_ *testing.T, tmp string) string {
			return filepath.Join(tmp, "missing")
		}, "no such directory", "path"},
		{"a file", func(t *testing.T, tmp string) string {
			write(t, filepath.Join(tmp, "f"), "")
			return filepath.Join(tmp, "f")
		}, "is a file", "directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := gitrepo.Open(test.make(t, gittest.TempDir(t)))
			var openErr *gitrepo.OpenError
			if !errors.As(err, &openErr) {
				t.Fatalf("error %v, want an *OpenError", err)
			}
			noSecret(t, err)
			if errors.Is(err, gitrepo.ErrNotRepository) {
				t.Errorf("%v is ErrNotRepository", err)
			}
			if !strings.Contains(err.Error(), test.want) || openErr.Path == "" {
				t.Errorf("error %q, want it to name a path and %q", err, test.want)
			}
			if !strings.Contains(source.Hint(err), test.hint) {
				t.Errorf("hint %q, want it to say %q", source.Hint(err), test.hint)
			}
		})
	}
}

func TestOpenOutsideOfARepository(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil { // git takes no notice of it, either
		t.Fatal(err)
	}
	_, err := gitrepo.Open(dir)
	wantError(t, err, gitrepo.ErrNotRepository)
}

// TestAlternateIsGone: what is here can be read; what is not is an error that
// says where it should have been.
func TestAlternateIsGone(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, aFile)
	clone := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", "--shared", origin, clone)
	own := gittest.Commit(t, clone, "own", map[string]string{"README": "changed\n"})
	if err := os.Rename(filepath.Join(origin, ".git"), filepath.Join(origin, "away")); err != nil {
		t.Fatal(err)
	}
	repo := open(t, clone)
	fsys, err := repo.FS(own)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(fsys, "README"); err != nil || string(got) != "changed\n" {
		t.Errorf("ReadFile(README) = %q, %v", got, err)
	}
	_, err = fs.ReadFile(fsys, "services/api/Dockerfile")
	wantError(t, err, gitrepo.ErrMissingObject)
	if !strings.Contains(err.Error(), origin) || source.Hint(err) == "" {
		t.Errorf("error %q (hint %q), want it to name %s", err, source.Hint(err), origin)
	}
}
