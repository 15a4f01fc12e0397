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

// TestFSBroken: what is missing or damaged is an error with the path, not an
// empty directory.
func TestFSBroken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, rev, path string
		damage          func(t *testing.T, object string)
		missing         bool
	}{
		{"missing tree", "HEAD:services", "services", remove, true},
		{"missing deeper tree", "HEAD:services/api", "services/api", remove, true},
		{"missing root", "HEAD^{tree}", ".", remove, true},
		{"missing blob", "HEAD:services/api/Dockerfile", "services/api/Dockerfile", remove, true},
		{"emptied tree", "HEAD:services", "services", empty, false},
		{"garbage in a tree", "HEAD:services/api", "services/api", garbage, false},
		{"garbage in a blob", "HEAD:services/api/Dockerfile", "services/api/Dockerfile", garbage, false},
		{"another object in place of the blob", "HEAD:services/api/Dockerfile", "services/api/Dockerfile", swap, false},
		{"another object in place of the tree", "HEAD:services", "services", swap, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := gittest.Init(t, map[string]string{"services/api/Dockerfile": "FROM base:1\n", "README": "hi\n"})
			id := gittest.Git(t, dir, "rev-parse", test.rev)
			commit := gittest.Git(t, dir, "rev-parse", "HEAD")
			test.damage(t, filepath.Join(dir, ".git", "objects", id[:2], id[2:]))
			err := fs.WalkDir(treeOf(t, dir, commit), ".", func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					_, err = fs.ReadFile(treeOf(t, dir, commit), path)
				}
				return err
			})
			var pathErr *fs.PathError
			if !errors.As(err, &pathErr) || pathErr.Path != test.path || !strings.Contains(err.Error(), id) {
				t.Fatalf("error %v, want one that names %s and %s", err, test.path, id)
			}
			if errors.Is(err, gitrepo.ErrMissingObject) != test.missing {
				t.Errorf("error %v: is it a missing object? want %v", err, test.missing)
			}
			if test.missing && source.Hint(err) == "" {
				t.Errorf("no hint for %v", err)
			}
			if errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error %v passes for a file that does not exist", err)
			}
		})
	}
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	remove(t, path) // git makes them read-only
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, path string) {
	t.Helper()
	overwrite(t, path, nil)
}

func garbage(t *testing.T, path string) {
	t.Helper()
	overwrite(t, path, []byte("not compressed at all"))
}

// swap puts another object of the same type in the place of an object: valid,
// but not what the id names.
func swap(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(path))))
	id := filepath.Base(filepath.Dir(path)) + filepath.Base(path)
	var other string
	if gittest.Git(t, dir, "cat-file", "-t", id) == "blob" {
		other = gittest.GitInput(t, dir, "FROM evil:1\n", "hash-object", "-w", "--stdin")
	} else {
		other = gittest.GitInput(t, dir, "", "mktree")
	}
	data, err := os.ReadFile(filepath.Join(dir, ".git", "objects", other[:2], other[2:]))
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, data)
}

// TestPartialClone also proves the hint: after it, everything can be read. What is
// missing is only an error as long as the remote cannot be reached.
func TestPartialClone(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{"blob:none", "tree:0"} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			origin := gittest.Init(t, aFile)
			gittest.Git(t, origin, "config", "uploadpack.allowFilter", "true")
			dir := filepath.Join(gittest.TempDir(t), "partial")
			gittest.Git(t, origin, "clone", "--quiet", "--filter="+filter, "--no-checkout", "file://"+origin, dir)
			read := func(dir string) error {
				fsys, err := open(t, dir).FS(gittest.Git(t, dir, "rev-parse", "HEAD"))
				if err != nil {
					return err
				}
				_, err = fs.ReadFile(fsys, "services/api/Dockerfile")
				return err
			}
			away := origin + ".away"
			move(t, origin, away)
			err := read(dir)
			wantError(t, err, gitrepo.ErrMissingObject)
			if !strings.Contains(err.Error(), "partial clone") || !strings.Contains(err.Error(), "services/api/Dockerfile") {
				t.Errorf("error %q, want it to name the path and the partial clone", err)
			}
			_, command, _ := strings.Cut(source.Hint(err), "`git ")
			command, _, ok := strings.Cut(command, "`")
			if !ok {
				t.Fatalf("hint %q names no command", source.Hint(err))
			}

			move(t, away, origin)
			hinted := filepath.Join(filepath.Dir(dir), "hinted")
			copyTree(t, dir, hinted)
			if err := read(dir); err != nil {
				t.Errorf("with the remote in reach: %v", err)
			}
			gittest.Git(t, hinted, strings.Fields(command)...)
			move(t, origin, away)
			for _, d := range []string{dir, hinted} {
				if err := read(d); err != nil {
					t.Errorf("%s, once fetched: %v", filepath.Base(d), err)
				}
			}
		})
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
