package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// gitDirty is what git reports of tracked files, without untracked ones.
func gitDirty(t *testing.T, dir string) []string {
	t.Helper()
	var paths []string
	out := gittest.Git(t, dir, "-c", "status.renames=false", "status", "--porcelain=v2", "-z", "--untracked-files=no", "--ignore-submodules=dirty")
	for record := range strings.SplitSeq(out, "\x00") {
		// "1 XY sub mH mI mW hH hI path", and two fields more for a conflict.
		switch kind, _, _ := strings.Cut(record, " "); kind {
		case "1":
			paths = append(paths, strings.SplitN(record, " ", 9)[8])
		case "u":
			paths = append(paths, strings.SplitN(record, " ", 11)[10])
		}
	}
	slices.Sort(paths)
	return paths
}

func TestDirty(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   []string
	}{
		{"nothing", func(*testing.T, string) {}, nil},
		{"untracked", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "new"), "x") }, nil},
		{"touched", func(t *testing.T, dir string) { touch(t, filepath.Join(dir, "a.txt")) }, nil},
		{"changed", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a", "x"), "changed\n") }, []string{"a/x"}},
		{"changed to the same size", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a", "x"), "y\n") }, []string{"a/x"}},
		{"emptied", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.txt"), "") }, []string{"a.txt"}},
		{"removed", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "a.txt")) }, []string{"a.txt"}},
		{"removed and staged", func(t *testing.T, dir string) { gittest.Git(t, dir, "rm", "--quiet", "a.txt") }, []string{"a.txt"}},
		{"removed from the index only", func(t *testing.T, dir string) { gittest.Git(t, dir, "rm", "--quiet", "--cached", "a.txt") }, []string{"a.txt"}},
		{"staged", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.txt"), "staged\n")
			gittest.Git(t, dir, "add", "a.txt")
		}, []string{"a.txt"}},
		{"staged and put back in the work tree", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.txt"), "staged\n")
			gittest.Git(t, dir, "add", "a.txt")
			write(t, filepath.Join(dir, "a.txt"), "a\n")
		}, []string{"a.txt"}},
		{"new and staged", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a", "new"), "x")
			gittest.Git(t, dir, "add", "a/new")
		}, []string{"a/new"}},
		{"to be added", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "zz"), "x")
			gittest.Git(t, dir, "add", "--intent-to-add", "zz")
		}, []string{"zz"}},
		{"renamed", func(t *testing.T, dir string) { gittest.Git(t, dir, "mv", "a.txt", "b.txt") }, []string{"a.txt", "b.txt"}},
		{"executable", func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, "a.txt"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"a.txt"}},
		{"executable, where git does not look", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "config", "core.fileMode", "false")
			if err := os.Chmod(filepath.Join(dir, "a.txt"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"link elsewhere", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "link"))
			if err := os.Symlink("elsewhere", filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
		}, []string{"link"}},
		{"file in place of a link", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "link"))
			write(t, filepath.Join(dir, "link"), "a/x")
		}, []string{"link"}},
		{"link in place of a file", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "a.txt"))
			if err := os.Symlink("a/x", filepath.Join(dir, "a.txt")); err != nil {
				t.Fatal(err)
			}
		}, []string{"a.txt"}},
		{"directory in place of a file", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "a.txt"))
			write(t, filepath.Join(dir, "a.txt", "x"), "x")
		}, []string{"a.txt"}},
		{"file in place of a directory", func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "a"), "x")
		}, []string{"a/b/c/deep", "a/x"}},
		{"another commit in a submodule", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "update-index", "--cacheinfo", "160000,"+strings.Repeat("34", 20)+",mod")
		}, []string{"mod"}},
		{"conflict", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "checkout", "--quiet", "-b", "side")
			gittest.Commit(t, dir, "side", map[string]string{"a.txt": "side\n"})
			gittest.Git(t, dir, "checkout", "--quiet", "main")
			gittest.Commit(t, dir, "main", map[string]string{"a.txt": "main\n"})
			if out, err := gittest.Try(t, dir, "merge", "side"); err == nil {
				t.Fatalf("there is no conflict: %s", out)
			}
		}, []string{"a.txt"}},
		{"sparse", func(t *testing.T, dir string) { gittest.Git(t, dir, "sparse-checkout", "set", "a/b") }, nil},
		{"sparse and changed", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "sparse-checkout", "set", "a")
			write(t, filepath.Join(dir, "a", "x"), "changed\n")
		}, []string{"a/x"}},
		{"untracked cache and file system monitor", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "update-index", "--force-untracked-cache")
			gittest.Git(t, dir, "update-index", "--fsmonitor")
			gittest.Git(t, dir, "config", "core.fsmonitor", "false")
			write(t, filepath.Join(dir, "a", "x"), "changed\n")
		}, []string{"a/x"}},
		{"index without a cached tree", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "read-tree", "--empty")
			gittest.GitInput(t, dir, gittest.Git(t, dir, "ls-tree", "-r", "HEAD")+"\n", "update-index", "--index-info")
		}, nil},
		{"index of version 4", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "update-index", "--index-version=4")
			write(t, filepath.Join(dir, "a", "x"), "changed\n")
		}, []string{"a/x"}},
		{"CRLF where git converts it", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "config", "core.autocrlf", "true")
			write(t, filepath.Join(dir, "a.txt"), "a\r\n")
			gittest.Git(t, dir, "add", "a.txt")
			touch(t, filepath.Join(dir, "a.txt"))
		}, nil},
		{"another change where git converts CRLF", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "config", "core.autocrlf", "true")
			write(t, filepath.Join(dir, "a.txt"), "b\r\n")
		}, []string{"a.txt"}},
		{"CRLF where git does not convert it", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.txt"), "a\r\n") }, []string{"a.txt"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, _ := zoo(t)
			test.change(t, dir)
			before := readIndex(t, dir)
			got, err := open(t, dir).Dirty(t.Context(), 0)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("Dirty = %q, %v; want %q", got, err, test.want)
			}
			got, err = open(t, dir).DirtyAmong(t.Context(), 0, tracked(t, dir))
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("DirtyAmong = %q, %v; want %q", got, err, test.want)
			}
			if after := readIndex(t, dir); after != before {
				t.Error("the index was written")
			}
			if git := gitDirty(t, dir); !slices.Equal(git, test.want) {
				t.Errorf("the test is wrong: git says %q", git)
			}
		})
	}
}

// touch gives a file another time than the index has for it.
func touch(t *testing.T, path string) {
	t.Helper()
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

func readIndex(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDirtyLimit(t *testing.T) {
	t.Parallel()
	dir, _ := zoo(t)
	for _, name := range []string{"a.txt", "empty", "a/x", "big"} {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), "changed")
	}
	got, err := open(t, dir).Dirty(t.Context(), 2)
	if want := []string{"a.txt", "a/x"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Dirty = %q, %v; want %q", got, err, want)
	}
}

func TestDirtyInALinkedWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	linked := filepath.Join(gittest.TempDir(t), "linked")
	gittest.Git(t, dir, "worktree", "add", "--quiet", linked)
	write(t, filepath.Join(linked, "README"), "changed")
	if got, err := open(t, linked).Dirty(t.Context(), 0); err != nil || !slices.Equal(got, []string{"README"}) {
		t.Errorf("linked: %q, %v", got, err)
	}
	if got, err := open(t, dir).Dirty(t.Context(), 0); err != nil || got != nil {
		t.Errorf("main: %q, %v", got, err)
	}
}

func TestDirtyBeforeTheFirstCommit(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	gittest.Git(t, dir, "init", "--quiet")
	if got, err := open(t, dir).Dirty(t.Context(), 0); err != nil || got != nil {
		t.Errorf("no index: %q, %v", got, err)
	}
	write(t, filepath.Join(dir, "f"), "x")
	gittest.Git(t, dir, "add", "f")
	if got, err := open(t, dir).Dirty(t.Context(), 0); err != nil || !slices.Equal(got, []string{"f"}) {
		t.Errorf("one file staged: %q, %v", got, err)
	}
}

// TestDirtyIsNotKnown: nothing is said rather than something wrong.
func TestDirtyIsNotKnown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, dir string) string
	}{
		{"bare", func(t *testing.T, dir string) string {
			bare := filepath.Join(gittest.TempDir(t), "bare.git")
			gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
			return bare
		}},
		{"split index", func(t *testing.T, dir string) string {
			gittest.Git(t, dir, "update-index", "--split-index")
			write(t, filepath.Join(dir, "README"), "changed")
			return dir
		}},
		{"sparse index", func(t *testing.T, dir string) string {
			gittest.Git(t, dir, "sparse-checkout", "set", "--cone", "--sparse-index", "elsewhere")
			write(t, filepath.Join(dir, "README"), "changed")
			return dir
		}},
		{"damaged index", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, ".git", "index"), "DIRCgarbage")
			return dir
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := test.make(t, gittest.Init(t, aFile))
			if got, err := open(t, dir).Dirty(t.Context(), 0); err != nil || got != nil {
				t.Errorf("Dirty = %q, %v; want nil, nil", got, err)
			}
		})
	}
}

func TestDirtyFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, dir).Dirty(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	write(t, filepath.Join(dir, "README"), "staged")
	gittest.Git(t, dir, "add", "README")
	id := gittest.Git(t, dir, "rev-parse", "HEAD:services")
	remove(t, filepath.Join(dir, ".git", "objects", id[:2], id[2:]))
	_, err := open(t, dir).Dirty(t.Context(), 0)
	wantError(t, err, gitrepo.ErrMissingObject)
}

// tracked returns the paths of the index, sorted.
func tracked(t *testing.T, dir string) []string {
	t.Helper()
	paths := strings.Split(strings.TrimSuffix(gittest.Git(t, dir, "ls-files", "-z"), "\x00"), "\x00")
	slices.Sort(paths)
	return slices.Compact(paths)
}
