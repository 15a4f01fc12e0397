package gitrepo_test

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// filesOf returns the files of HEAD.
func filesOf(t *testing.T, dir string) []gitrepo.Blob {
	t.Helper()
	var all []gitrepo.Blob
	for record := range strings.SplitSeq(gittest.Git(t, dir, "ls-tree", "-r", "-z", "HEAD"), "\x00") {
		meta, path, ok := strings.Cut(record, "\t")
		fields := strings.Fields(meta)
		if !ok || fields[1] != "blob" {
			continue
		}
		id, err := hex.DecodeString(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, gitrepo.Blob{Path: path, ID: gitrepo.ID(id)})
	}
	return all
}

// The files of a commit are compared with the work tree by their content.
func TestDiffering(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   []string
	}{
		{"nothing", func(*testing.T, string) {}, nil},
		{"untracked", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "new"), "x") }, nil},
		{"changed", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a", "x"), "changed\n") }, []string{"a/x"}},
		{"changed to the same size", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a", "x"), "y\n") }, []string{"a/x"}},
		{"emptied", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.txt"), "") }, []string{"a.txt"}},
		{"removed", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "a.txt")) }, []string{"a.txt"}},
		{"changed and staged", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.txt"), "staged\n")
			gittest.Git(t, dir, "add", "a.txt")
		}, []string{"a.txt"}},
		{"grown large", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a.txt"), strings.Repeat("0123456789abcdef", 1<<17))
		}, []string{"a.txt"}},
		{"large and committed", func(t *testing.T, dir string) {
			gittest.Commit(t, dir, "large", map[string]string{"a.txt": strings.Repeat("0123456789abcdef", 1<<17)})
		}, nil},
		{"CRLF", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.txt"), "a\r\n") }, nil},
		{"CRLF that is committed", func(t *testing.T, dir string) {
			gittest.Commit(t, dir, "CRLF", map[string]string{"a.txt": "a\r\nb\n"})
		}, nil},
		{"CRLF and another change", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.txt"), "b\r\n") }, []string{"a.txt"}},
		{"link elsewhere", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "link"))
			link(t, "elsewhere", filepath.Join(dir, "link"))
		}, []string{"link"}},
		{"link out of the work tree in place of a file", func(t *testing.T, dir string) {
			outside := filepath.Join(gittest.TempDir(t), "a.txt")
			if err := os.Rename(filepath.Join(dir, "a.txt"), outside); err != nil {
				t.Fatal(err)
			}
			link(t, outside, filepath.Join(dir, "a.txt"))
		}, []string{"a.txt"}},
		{"link out of the work tree in place of a directory", func(t *testing.T, dir string) {
			outside := filepath.Join(gittest.TempDir(t), "a")
			if err := os.Rename(filepath.Join(dir, "a"), outside); err != nil {
				t.Fatal(err)
			}
			link(t, outside, filepath.Join(dir, "a"))
		}, []string{"a/b/c/deep", "a/x"}},
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
		{"sparse", func(t *testing.T, dir string) { gittest.Git(t, dir, "sparse-checkout", "set", "a/b") }, nil},
		{"sparse and changed", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "sparse-checkout", "set", "a")
			write(t, filepath.Join(dir, "a", "x"), "changed\n")
		}, []string{"a/x"}},
		{"sparse no longer", func(t *testing.T, dir string) {
			gittest.Git(t, dir, "sparse-checkout", "set", "a")
			gittest.Git(t, dir, "sparse-checkout", "disable")
			remove(t, filepath.Join(dir, "a.txt"))
		}, []string{"a.txt"}},
		{"damaged index", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".git", "index"), "DIRCgarbage")
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, _ := zoo(t)
			test.change(t, dir)
			repo := open(t, dir)
			got, err := repo.Differing(t.Context(), filesOf(t, dir), 100)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("Differing = %q, %v; want %q", got, err, test.want)
			}
			if one, err := repo.Differing(t.Context(), filesOf(t, dir), 1); err != nil || !slices.Equal(one, got[:min(1, len(got))]) {
				t.Errorf("the first is %q, %v", one, err)
			}
		})
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestDifferingElsewhere(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	files := filesOf(t, dir)
	linked := filepath.Join(gittest.TempDir(t), "linked")
	gittest.Git(t, dir, "worktree", "add", "--quiet", linked)
	write(t, filepath.Join(linked, "README"), "changed")
	if got, err := open(t, linked).Differing(t.Context(), files, 100); err != nil || !slices.Equal(got, []string{"README"}) {
		t.Errorf("a linked work tree: %q, %v", got, err)
	}
	if got, err := open(t, dir).Differing(t.Context(), files, 100); err != nil || got != nil {
		t.Errorf("the main work tree: %q, %v", got, err)
	}
	bare := filepath.Join(gittest.TempDir(t), "bare.git")
	gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
	if got, err := open(t, bare).Differing(t.Context(), files, 100); err != nil || got != nil {
		t.Errorf("a bare repository: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, dir).Differing(ctx, files, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
