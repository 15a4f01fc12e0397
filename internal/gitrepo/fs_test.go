package gitrepo_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// zoo is a repository with every kind of entry, and its commit. The names sort
// differently in git's order and in that of fs.FS.
func zoo(t *testing.T) (dir, commit string) {
	t.Helper()
	dir = gittest.Init(t, map[string]string{
		"a/b/c/deep":   "deep\n",
		"a.txt":        "a\n",
		"a-b":          "a-b\n",
		"a/x":          "x\n",
		"empty":        "",
		"run.sh":       "#!/bin/sh\n",
		"big":          strings.Repeat("0123456789abcdef", 1<<13),
		"umlaut-ü":     "ü\n",
		"with space/f": "f\n",
	})
	if err := os.Symlink("a/x", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(dir, "dirlink")); err != nil {
		t.Fatal(err)
	}
	// A submodule is an entry that names a commit of another repository, and an
	// empty directory for as long as nobody wants it.
	gittest.Git(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("12", 20)+",mod")
	if err := os.Mkdir(filepath.Join(dir, "mod"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, gittest.Commit(t, dir, "zoo", nil)
}

func treeOf(t *testing.T, dir, commit string) fs.FS {
	t.Helper()
	fsys, err := open(t, dir).FS(commit)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func TestFS(t *testing.T) {
	t.Parallel()
	dir, commit := zoo(t)
	for _, packed := range []bool{false, true} {
		t.Run(fmt.Sprintf("packed=%v", packed), func(t *testing.T) {
			if packed {
				gittest.Git(t, dir, "gc", "--quiet", "--aggressive")
			}
			want := strings.Split(gittest.Git(t, dir, "-c", "core.quotepath=off", "ls-tree", "-r", "--name-only", commit), "\n")
			if err := fstest.TestFS(treeOf(t, dir, commit), want...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFSTypes(t *testing.T) {
	t.Parallel()
	dir, commit := zoo(t)
	fsys := treeOf(t, dir, commit)
	for _, test := range []struct {
		name    string
		mode    fs.FileMode
		content string
		err     string // of reading it as a file
	}{
		{"a.txt", 0o644, "a\n", ""},
		{"run.sh", 0o755, "#!/bin/sh\n", ""},
		{"empty", 0o644, "", ""},
		{"a/b/c/deep", 0o644, "deep\n", ""},
		{"link", fs.ModeSymlink | 0o777, "", "symbolic link"},
		{"dirlink", fs.ModeSymlink | 0o777, "", "symbolic link"},
		{"mod", fs.ModeIrregular, "", ""},
		{"a/b", fs.ModeDir | 0o755, "", "is a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info, err := fs.Stat(fsys, test.name)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode() != test.mode || !info.ModTime().Equal(someone(t).When) {
				t.Errorf("mode %v at %v, want %v at %v", info.Mode(), info.ModTime(), test.mode, someone(t).When)
			}
			got, err := fs.ReadFile(fsys, test.name)
			if test.err == "" && (err != nil || string(got) != test.content || !info.IsDir() && info.Size() != int64(len(test.content))) {
				t.Errorf("ReadFile = %q (%d bytes), %v; want %q", got, info.Size(), err, test.content)
			}
			if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("ReadFile = %q, %v; want an error with %q", got, err, test.err)
			}
		})
	}
	if target, err := fs.ReadLink(fsys, "link"); err != nil || target != "a/x" {
		t.Errorf("ReadLink = %q, %v", target, err)
	}
	list, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range list {
		names = append(names, e.Name())
	}
	want := []string{"a", "a-b", "a.txt", "big", "dirlink", "empty", "link", "mod", "run.sh", "umlaut-ü", "with space"}
	if !slices.Equal(names, want) {
		t.Errorf("ReadDir(.) = %q, want %q", names, want)
	}
}

func TestFSDoesNotHave(t *testing.T) {
	t.Parallel()
	dir, commit := zoo(t)
	fsys := treeOf(t, dir, commit)
	for _, test := range []struct {
		name string
		want error
	}{
		{"nope", fs.ErrNotExist},
		{"nope/at/all", fs.ErrNotExist},
		{"a/nope", fs.ErrNotExist},
		{"/a", fs.ErrInvalid},
		{"../a", fs.ErrInvalid},
		{"a//x", fs.ErrInvalid},
		{"", fs.ErrInvalid},
		{"a.txt/x", fs.ErrNotExist},   // below a file
		{"dirlink/x", fs.ErrNotExist}, // below a symbolic link, which is not followed
		{"mod/inner", fs.ErrNotExist}, // below a submodule
	} {
		for op, f := range map[string]func() error{
			"Open":     func() error { _, err := fsys.Open(test.name); return err },
			"ReadFile": func() error { _, err := fs.ReadFile(fsys, test.name); return err },
			"ReadDir":  func() error { _, err := fs.ReadDir(fsys, test.name); return err },
			"Stat":     func() error { _, err := fs.Stat(fsys, test.name); return err },
			"ReadLink": func() error { _, err := fs.ReadLink(fsys, test.name); return err },
		} {
			err := f()
			var pathErr *fs.PathError
			if !errors.As(err, &pathErr) || pathErr.Path != test.name {
				t.Errorf("%s(%q) = %v, want a PathError", op, test.name, err)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s(%q) = %v, want %v", op, test.name, err, test.want)
			}
		}
	}
}

// TestFSNamesThatAreNotUTF8: git has them, and what is below such a directory
// must not stop a walk.
func TestFSNamesThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, nil)
	blob := gittest.GitInput(t, dir, "x\n", "hash-object", "-w", "--stdin")
	gittest.GitInput(t, dir, "100644 "+blob+"\tlatin-\xe9/f\x00", "update-index", "-z", "--index-info")
	gittest.Git(t, dir, "commit", "--quiet", "--message=latin")
	var files []string
	err := fs.WalkDir(treeOf(t, dir, gittest.Git(t, dir, "rev-parse", "HEAD")), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || !slices.Equal(files, []string{"latin-\xe9/f"}) {
		t.Errorf("walk found %q, %v", files, err)
	}
}

// TestFSUnsafeNames: a tree made by hand can hold names that lead elsewhere.
func TestFSUnsafeNames(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	blob := gittest.Git(t, dir, "rev-parse", "HEAD:README")
	id := make([]byte, 20)
	if _, err := fmt.Sscanf(blob, "%x", &id); err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{{".."}, {"."}, {"a/b"}, {"../x"}, {"twice", "twice"}} {
		var raw strings.Builder
		for _, name := range names {
			fmt.Fprintf(&raw, "100644 %s\x00%s", name, id)
		}
		tree := gittest.GitInput(t, dir, raw.String(), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
		commit := gittest.Git(t, dir, "commit-tree", "-m", "x", tree)
		_, err := fs.ReadDir(treeOf(t, dir, commit), ".")
		if err == nil || !strings.Contains(err.Error(), tree) {
			t.Errorf("ReadDir of a tree with %q: error %v, want one that names the tree", names, err)
		}
	}
}

// TestFSConcurrently is for the race detector: packs, their indexes and what was
// read last are shared.
func TestFSConcurrently(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("dir%d/sub%d/f%d", i%10, i%7, i)] = strings.Repeat(fmt.Sprintf("line of %d\n", i), i*20)
	}
	dir := gittest.Init(t, files)
	gittest.Git(t, dir, "gc", "--quiet")
	fsys := treeOf(t, dir, gittest.Git(t, dir, "rev-parse", "HEAD"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n := 0
			err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				n++
				f, err := fsys.Open(path)
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }()
				got, err := io.ReadAll(f)
				if err == nil && string(got) != files[path] {
					err = fmt.Errorf("%s: wrong content", path)
				}
				return err
			})
			if err != nil || n != len(files) {
				t.Errorf("read %d files, %v", n, err)
			}
		})
	}
	wg.Wait()
}

func TestFSOfNoCommit(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	repo := open(t, dir)
	for _, id := range []string{"", "main", "abcdef", gittest.Git(t, dir, "rev-parse", "HEAD^{tree}")} {
		if _, err := repo.FS(id); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("FS(%q): error %v, want one that names it", id, err)
		}
	}
	_, err := repo.FS(strings.Repeat("ab", 20))
	wantError(t, err, gitrepo.ErrMissingObject)
}
