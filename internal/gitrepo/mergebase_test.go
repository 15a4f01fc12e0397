package gitrepo_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// TestMergeBase compares every pair of commits of a history with merges, some of them across,
// with what git says.
func TestMergeBase(t *testing.T) {
	t.Parallel()
	parents := [][]int{1: {}, 2: {1}, 3: {2}, 4: {2}, 5: {3, 4}, 6: {5}, 7: {4}, 8: {6, 7}, 9: {}, 10: {9}, 11: {8, 10}, 12: {7}, 13: {3, 4}, 14: {4, 3}, 15: {13}, 16: {14, 1}}
	dir, repo, ids := historyOf(t, parents)
	apart, crossed := 0, 0
	for a := 1; a < len(parents); a++ {
		for b := 1; b < len(parents); b++ {
			out, err := gittest.Try(t, dir, "merge-base", "--all", ids[a], ids[b])
			want := strings.Fields(out)
			got, gotErr := repo.MergeBase(t.Context(), ids[a], ids[b])
			switch {
			case err != nil:
				apart++
				wantError(t, gotErr, gitrepo.ErrNoMergeBase)
			case gotErr != nil || !slices.Contains(want, got):
				t.Errorf("MergeBase(c%d, c%d) = %v, %v; git says %v", a, b, got, gotErr, want)
			case len(want) > 1:
				crossed++
			}
		}
	}
	if apart < 10 || crossed < 2 {
		t.Errorf("%d pairs are apart, %d have several merge bases: the test proves little", apart, crossed)
	}
}

// TestMergeBaseInAShallowClone has two branches whose histories end before they meet, and two
// that meet at the end of what is here.
func TestMergeBaseInAShallowClone(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, nil)
	fork := gittest.Git(t, origin, "rev-parse", "HEAD")
	main := gittest.Git(t, origin, "rev-parse", "--abbrev-ref", "HEAD")
	gittest.Git(t, origin, "checkout", "--quiet", "-b", "side")
	for i := range 3 {
		gittest.Commit(t, origin, fmt.Sprint("side ", i), nil)
	}
	gittest.Git(t, origin, "checkout", "--quiet", main)
	for i := range 3 {
		gittest.Commit(t, origin, fmt.Sprint("main ", i), nil)
	}
	for _, depth := range []int{1, 2, 4} {
		dir := filepath.Join(gittest.TempDir(t), "clone")
		gittest.Git(t, origin, "clone", "--quiet", fmt.Sprintf("--depth=%d", depth), "--no-single-branch", "file://"+origin, dir)
		repo := open(t, dir)
		one, other := gittest.Git(t, dir, "rev-parse", "origin/"+main), gittest.Git(t, dir, "rev-parse", "origin/side")
		got, err := repo.MergeBase(t.Context(), one, other)
		if depth == 4 { // the first commit of all is the end of both
			if err != nil || got != fork {
				t.Errorf("depth %d: %s, %v, want %s", depth, got, err, fork)
			}
			continue
		}
		wantError(t, err, gitrepo.ErrShallow)
		if hint := source.Hint(err); !strings.Contains(hint, "fetch-depth: 0") {
			t.Errorf("depth %d: the hint is %q", depth, hint)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"same/deep/x": "x", "mode.sh": "x", "content": "1", "gone": "x", "old/name": "moved", "a.txt": "1", "a/x": "1", "file-to-dir": "x", "dir-to-file/x": "x", "link": "x",
	})
	before := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "rm", "--quiet", "-r", "gone", "old", "file-to-dir", "dir-to-file", "link")
	gittest.Git(t, dir, "update-index", "--chmod=+x", "mode.sh")
	gittest.Git(t, dir, "update-index", "--add", "--cacheinfo", "120000,"+gittest.GitInput(t, dir, "a", "hash-object", "-w", "--stdin")+",link")
	gittest.Git(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+before+",module")
	for path, text := range map[string]string{"content": "2", "new/name": "moved", "a.txt": "2", "a/x": "2", "file-to-dir/x": "x", "dir-to-file": "x"} {
		id := gittest.GitInput(t, dir, text, "hash-object", "-w", "--stdin")
		gittest.Git(t, dir, "update-index", "--add", "--cacheinfo", "100644,"+id+","+path)
	}
	gittest.Git(t, dir, "commit", "--quiet", "-m", "change")
	repo := open(t, dir)
	changes, err := repo.Changes(t.Context(), before, gittest.Git(t, dir, "rev-parse", "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.Kind()+" "+c.Path)
	}
	want := strings.Split(`content a.txt
content a/x
content content
added dir-to-file
removed dir-to-file/x
removed file-to-dir
added file-to-dir/x
removed gone
content link
mode mode.sh
added module
added new/name
removed old/name`, "\n")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	git := gittest.Git(t, dir, "diff", "--name-only", "--no-renames", before, "HEAD")
	if lines := strings.Split(git, "\n"); len(lines) != len(want) {
		t.Errorf("git diff has %d paths, not %d:\n%s", len(lines), len(want), git)
	}
}
