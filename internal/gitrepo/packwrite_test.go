package gitrepo_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// wide is a repository with n directories of a file each, and the change of all of
// them. Some of the new files are equal, and one is large and not compressible.
func wide(t *testing.T, n int) (dir string, change []gitrepo.File) {
	t.Helper()
	files := map[string]string{}
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(i * i >> 3 * (i + 7) >> 5)
	}
	for i := range n {
		path := fmt.Sprintf("d%03d/Dockerfile", i)
		files[path] = fmt.Sprintf("FROM base:1.0.0\nLABEL n=%d\n", i)
		change = append(change, file(path, fmt.Sprintf("FROM base:1.0.1\nLABEL n=%d\n", i-i%2)))
	}
	change[n/2].Content = noise
	return gittest.Init(t, files), change
}

// TestStoreMany: many objects become a pack, which git takes for one of its own.
func TestStoreMany(t *testing.T) {
	t.Parallel()
	for _, fsync := range []string{"", "all", "none"} {
		dir, change := wide(t, 120)
		if fsync != "" {
			gittest.Git(t, dir, "config", "core.fsync", fsync)
		}
		repo := open(t, dir)
		head := gittest.Git(t, dir, "rev-parse", "HEAD")
		loose := gittest.Git(t, dir, "count-objects")
		store := func(parent, branch string, files ...gitrepo.File) string {
			p := newCommit(t, repo, parent, "x", files...)
			if err := repo.Store(p); err != nil {
				t.Fatal(err)
			}
			if err := repo.SetBranch(branch, p.ID, "", entry(t)); err != nil {
				t.Fatal(err)
			}
			return p.ID
		}
		packs := func() []string {
			found, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "pack", "*"))
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		id := store(head, "one", change...)
		if found := packs(); len(found) != 2 || gittest.Git(t, dir, "count-objects") != loose {
			t.Errorf("there are %q and %s, want a pack with its index", found, gittest.Git(t, dir, "count-objects"))
		}
		for _, path := range packs() {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o222 != 0 {
				t.Errorf("%s: mode %v, %v; want one that is read-only", filepath.Base(path), info.Mode(), err)
			}
			if strings.HasSuffix(path, ".idx") {
				gittest.Git(t, dir, "verify-pack", path)
			}
		}
		for _, f := range change {
			if got := gittest.Git(t, dir, "rev-parse", id+":"+f.Path); got != gittest.GitInput(t, dir, string(f.Content), "hash-object", "--stdin") {
				t.Errorf("%s is %s", f.Path, got)
			}
		}
		fsys, err := repo.FS(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range change {
			if got, err := fs.ReadFile(fsys, f.Path); err != nil || string(got) != string(f.Content) {
				t.Errorf("%s reads %.40q, %v", f.Path, got, err)
			}
		}
		// What is there already is not written again, and little goes into files of its own.
		store(head, "again", change...)
		store(id, "two", file("d001/Dockerfile", "FROM base:1.0.2\n"))
		if found := packs(); len(found) != 2 {
			t.Errorf("there are %q", found)
		}
		fsck(t, dir)
		gittest.Git(t, dir, "gc", "--quiet", "--prune=now")
		fsck(t, dir)
	}
}

// TestStoreManyFails: where no pack can be written the error says where, and nothing is
// left.
func TestStoreManyFails(t *testing.T) {
	t.Parallel()
	dir, change := wide(t, 120)
	repo := open(t, dir)
	p := newCommit(t, repo, gittest.Git(t, dir, "rev-parse", "HEAD"), "x", change...)
	packs := filepath.Join(dir, ".git", "objects", "pack")
	if err := os.RemoveAll(packs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(packs, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := repo.Store(p)
	if err == nil || !strings.Contains(err.Error(), "writing a pack of") || !strings.Contains(err.Error(), "objects") || source.Hint(err) == "" {
		t.Errorf("error %v, hint %q", err, source.Hint(err))
	}
}
