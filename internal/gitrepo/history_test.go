package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// historyOf makes a repository with a branch c1, c2 and so on at each commit, by the parents of the commits, and
// returns the ids of these from 1 on. The times of half of the commits are the wrong way round.
func historyOf(t *testing.T, parents [][]int) (dir string, repo *gitrepo.Repo, ids []string) {
	t.Helper()
	dir = gittest.Init(t, nil)
	var stream strings.Builder
	for n := 1; n < len(parents); n++ {
		when := 1_000_000 + n
		if n%2 == 0 {
			when = 1_000_000 - n
		}
		fmt.Fprintf(&stream, "reset refs/heads/c%d\ncommit refs/heads/c%d\nmark :%d\ncommitter A <a@b> %d +0000\ndata 0\n", n, n, n, when)
		for i, p := range parents[n] {
			fmt.Fprintf(&stream, "%s :%d\n", []string{"from", "merge"}[i], p)
		}
	}
	gittest.GitInput(t, dir, stream.String(), "fast-import", "--quiet")
	repo = open(t, dir)
	ids = make([]string, len(parents))
	for n := 1; n < len(parents); n++ {
		ids[n] = gittest.Git(t, dir, "rev-parse", fmt.Sprintf("c%d", n))
	}
	return dir, repo, ids
}

// TestIsAncestor compares every pair of commits of a history with merges with
// what git says.
func TestIsAncestor(t *testing.T) {
	t.Parallel()
	parents := [][]int{1: {}, 2: {1}, 3: {2}, 4: {2}, 5: {3, 4}, 6: {5}, 7: {4}, 8: {6, 7}, 9: {}, 10: {9}, 11: {8, 10}, 12: {7}}
	dir, repo, ids := historyOf(t, parents)
	yes := 0
	for a := 1; a < len(parents); a++ {
		for b := 1; b < len(parents); b++ {
			_, err := gittest.Try(t, dir, "merge-base", "--is-ancestor", ids[a], ids[b])
			want := err == nil
			if want {
				yes++
			}
			if got, err := repo.IsAncestor(t.Context(), ids[a], ids[b]); err != nil || got != want {
				t.Errorf("IsAncestor(c%d, c%d) = %v, %v; git says %v", a, b, got, err, want)
			}
		}
	}
	if yes < 20 || yes > 120 {
		t.Errorf("%d pairs are related: the test proves little", yes)
	}
}

func TestIsAncestorInAShallowClone(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, nil)
	ids := []string{gittest.Git(t, origin, "rev-parse", "HEAD")}
	for i := range 5 {
		ids = append(ids, gittest.Commit(t, origin, fmt.Sprint(i), nil))
	}
	gittest.Git(t, origin, "branch", "old", ids[1])
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", "--depth=3", "file://"+origin, dir)
	gittest.Git(t, dir, "fetch", "--quiet", "--depth=1", "origin", "old")
	gittest.Git(t, dir, "checkout", "--quiet", "-b", "side", ids[4])
	side := gittest.Commit(t, dir, "side", map[string]string{"x": "x"})
	repo := open(t, dir)
	for _, test := range []struct {
		name, ancestor, of string
		want               bool
		err                error
	}{
		{"what is here is known", ids[3], ids[5], true, nil},
		{"the other way round it is known, too", ids[5], ids[3], false, nil},
		{"both descend from a commit that is here", ids[5], side, false, nil},
		{"before the end of the history", ids[0], ids[5], false, gitrepo.ErrShallow},
		{"here, but beyond the end of the history", ids[1], ids[5], false, gitrepo.ErrShallow},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := repo.IsAncestor(t.Context(), test.ancestor, test.of)
			if test.err != nil {
				wantError(t, err, test.err)
				if !strings.Contains(source.Hint(err), "git fetch --unshallow") {
					t.Errorf("hint %q", source.Hint(err))
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("IsAncestor = %v, %v; want %v", got, err, test.want)
			}
		})
	}
	gittest.Git(t, dir, "fetch", "--quiet", "--unshallow")
	for _, ancestor := range ids {
		if got, err := repo.IsAncestor(t.Context(), ancestor, ids[5]); err != nil || !got {
			t.Errorf("after the hint: IsAncestor = %v, %v", got, err)
		}
	}
}

func TestIsAncestorFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, nil)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	second := gittest.Commit(t, dir, "second", nil)
	third := gittest.Commit(t, dir, "third", nil)
	repo := open(t, dir)
	if got, err := repo.IsAncestor(t.Context(), strings.Repeat("ab", 20), second); got || err != nil {
		t.Errorf("a commit that is nowhere: %v, %v", got, err)
	}
	_, err := repo.IsAncestor(t.Context(), second, strings.Repeat("ab", 20))
	wantError(t, err, gitrepo.ErrMissingObject)
	if _, err = repo.IsAncestor(t.Context(), "main", second); err == nil {
		t.Error("IsAncestor took a name")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = repo.IsAncestor(ctx, first, third); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	remove(t, filepath.Join(dir, ".git", "objects", second[:2], second[2:]))
	_, err = open(t, dir).IsAncestor(t.Context(), first, third)
	wantError(t, err, gitrepo.ErrMissingObject)
}
