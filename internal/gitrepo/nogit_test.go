package gitrepo_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// TestWithoutGit: where there is no git program, ordinary repositories are read and written
// all the same.
func TestWithoutGit(t *testing.T) {
	type sample struct {
		dir, head, parent string
		want              map[string]string
	}
	var samples []sample
	take := func(dir string) {
		t.Helper()
		head := gittest.Git(t, dir, "rev-parse", "HEAD")
		want, err := contents(dir, []string{head})
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, sample{dir, head, gittest.Git(t, dir, "rev-parse", "HEAD~1"), want})
	}
	loose := gittest.Init(t, aFile)
	fill(t, loose)
	take(loose)
	deltas, _ := packed(t)
	take(deltas)
	byID, _ := packed(t, "-c", "repack.useDeltaBaseOffset=false")
	take(byID)
	tmp := gittest.TempDir(t)
	gittest.Git(t, tmp, "clone", "--quiet", "--shared", deltas, "one")
	gittest.Git(t, tmp, "clone", "--quiet", "--shared", "one", "two")
	take(filepath.Join(tmp, "two"))
	gittest.Git(t, loose, "worktree", "add", "--quiet", "--detach", filepath.Join(tmp, "linked"))
	take(filepath.Join(tmp, "linked"))

	empty := t.TempDir()
	t.Run("no git on PATH", func(t *testing.T) {
		t.Setenv("PATH", empty)
		for n, s := range samples {
			got, err := contents(s.dir, []string{s.head})
			if err != nil || fmt.Sprint(got) != fmt.Sprint(s.want) {
				t.Errorf("%s: %v, %v; want %v", s.dir, got, err, s.want)
			}
			repo := open(t, s.dir)
			for rev, want := range map[string]string{"HEAD": s.head, s.head[:9]: s.head, "HEAD~1": s.parent} {
				if got, err := repo.Resolve(rev); err != nil || got.Commit != want {
					t.Errorf("Resolve(%s) = %v, %v; want %s", rev, got, err, want)
				}
			}
			_, err = repo.Resolve("0123456789012345678901234567890123456789")
			wantError(t, err, gitrepo.ErrUnknownRevision)
			for path := range s.want {
				branch := fmt.Sprint("bump", n, "/", path[len(s.head)+1:])
				path = strings.TrimPrefix(path, s.head+":")
				p := newCommit(t, repo, s.head, "x", file(path, "changed\n"))
				if err := repo.Store(p); err != nil {
					t.Fatal(err)
				}
				if err := repo.SetBranch(branch, p.ID, "", entry(t)); err != nil {
					t.Fatal(err)
				}
				if got, err := contents(s.dir, []string{p.ID}); err != nil || got[p.ID+":"+path] != "changed\n" {
					t.Errorf("%v, %v", got, err)
				}
			}
		}
	})
	for _, s := range samples {
		fsck(t, s.dir)
	}
}

// TestOnlyGit: what go-git would misread is refused, with what to do.
func TestOnlyGit(t *testing.T) {
	sha256 := gittest.TempDir(t)
	gittest.Git(t, sha256, "init", "--quiet", "--object-format=sha256")
	table := gittest.TempDir(t)
	gittest.Git(t, table, "init", "--quiet")
	gittest.Git(t, table, "config", "core.repositoryformatversion", "1")
	gittest.Git(t, table, "config", "extensions.refStorage", "reftable")
	replaced := gittest.Init(t, aFile)
	gittest.Git(t, replaced, "replace", "HEAD:README", "HEAD:services/api/Dockerfile")
	quoted := gittest.Init(t, aFile)
	write(t, filepath.Join(quoted, ".git", "objects", "info", "alternates"), `"`+replaced+`/.git/objects"`+"\n")
	t.Setenv("PATH", t.TempDir())
	for dir, want := range map[string]string{sha256: "SHA256", table: "reftable", replaced: "refs/replace", quoted: "quotes"} {
		_, err := gitrepo.Open(dir)
		openErr := (*gitrepo.OpenError)(nil)
		if !errors.As(err, &openErr) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "no git program on PATH") ||
			!strings.Contains(source.Hint(err), "install git") {
			t.Errorf("error %v (hint %q), want it to say %s", err, source.Hint(err), want)
		}
	}
}
