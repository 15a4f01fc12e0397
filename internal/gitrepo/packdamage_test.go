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
)

// packed is a repository of one pack with deltas of deltas, and its pack without
// the extension.
func packed(t *testing.T, args ...string) (dir, pack string) {
	t.Helper()
	dir = gittest.Init(t, map[string]string{"d/f": "", "d/g": "g\n"})
	for n := range 6 {
		var text strings.Builder
		for line := range 12 {
			text.WriteString(strings.Repeat(string(rune('a'+(line*7+n*line)%26)), 9) + "\n")
		}
		gittest.Commit(t, dir, "x", map[string]string{"d/f": text.String() + strings.Repeat("y", n)})
	}
	gittest.Git(t, dir, append(args, "repack", "-a", "-d", "-f", "--quiet")...)
	found, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "pack", "*.pack"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return dir, strings.TrimSuffix(found[0], ".pack")
}

// contents reads every file of every commit.
func contents(dir string, commits []string) (map[string]string, error) {
	repo, err := gitrepo.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = repo.Close() }()
	found := map[string]string{}
	var errs []error
	for _, commit := range commits {
		fsys, err := repo.FS(commit)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(fsys, path)
			if err == nil {
				found[commit+":"+path] = string(data)
			}
			return err
		}))
	}
	return found, errors.Join(errs...)
}

// TestDamagedPack damages every byte of a pack and of its index in turn. What is
// read then is right, or an error: never something else, and never a panic.
func TestDamagedPack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, ext string
		args      []string
	}{
		{"pack", ".pack", nil},
		{"pack with the ids of bases", ".pack", []string{"-c", "repack.useDeltaBaseOffset=false"}},
		{"index", ".idx", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, pack := packed(t, test.args...)
			commits := strings.Fields(gittest.Git(t, dir, "rev-list", "HEAD"))
			want, err := contents(dir, commits)
			if err != nil || len(want) != 2*len(commits) {
				t.Fatalf("%d files, %v", len(want), err)
			}
			path := pack + test.ext
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			remove(t, path)
			try := func(data []byte, what string, at int) error {
				if err := os.WriteFile(path, data, 0o644); err != nil {
					t.Fatal(err)
				}
				got, err := contents(dir, commits)
				for name, content := range got {
					if content != want[name] {
						t.Errorf("%s at %d: %s is %q, want %q", what, at, name, content, want[name])
					}
				}
				if err == nil && len(got) != len(want) {
					t.Errorf("%s at %d: %d files and no error", what, at, len(got))
				}
				return err
			}
			noticed := 0
			for at := 0; at < len(whole); at += 11 { // each takes several processes
				flip := []byte{0x01, 0x80, 0xff}[at%3]
				whole[at] ^= flip
				if try(whole, "damaged", at) != nil {
					noticed++
				}
				whole[at] ^= flip
				// The last bytes are checksums, which the ids make superfluous.
				if at%3 == 0 && at < len(whole)-40 && try(whole[:at], "cut off", at) == nil {
					t.Errorf("nothing is said about a file that ends at %d", at)
				}
			}
			if tried := len(whole) / 11; noticed < tried/4 {
				t.Errorf("of %d damages %d were noticed", len(whole), noticed)
			}
			if err := try(whole, "whole", 0); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPackAppears: git may pack what an open repository has seen loose, in the
// middle of a walk.
func TestPackAppears(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	commit := gittest.Git(t, dir, "rev-parse", "HEAD")
	repo := open(t, dir)
	fsys, err := repo.FS(commit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadDir(fsys, "services"); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, dir, "gc", "--quiet", "--prune=now")
	if got, err := fs.ReadFile(fsys, "README"); err != nil || string(got) != "hi\n" {
		t.Errorf("ReadFile = %q, %v", got, err)
	}
	// Another pack takes the place of the first.
	next := gittest.Commit(t, dir, "next", map[string]string{"README": "new\n"})
	gittest.Git(t, dir, "repack", "-a", "-d", "--quiet")
	if fsys, err = repo.FS(next); err != nil {
		t.Fatal(err)
	}
	sameAsGit(t, fsys, dir, next)
}

// TestReaderIsClosed: a Reader is of no use after Close.
func TestReaderIsClosed(t *testing.T) {
	t.Parallel()
	repo := open(t, gittest.Init(t, aFile))
	rd := repo.NewReader()
	if err := rd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := rd.Blob(gitrepo.ID("")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Blob: %v", err)
	}
	if err := rd.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Close: %v", err)
	}
}
