package gitrepo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestPast(t *testing.T) {
	dir := gittest.Init(t, map[string]string{"a/b/f": "1\n", "x": "x\n"})
	var ids []string
	head := func() string { return gittest.Git(t, dir, "rev-parse", "HEAD") }
	ids = append(ids, head())
	for _, files := range []map[string]string{{"a/b/f": "2\n"}, {"x": "y\n"}, {"a/b/g": "other\n"}, {"a/b/f": "3\n"}, {"x": "z\n"}} {
		gittest.Commit(t, dir, "next", files)
		ids = append(ids, head())
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	for _, tc := range []struct {
		path, content string
		want          int // index in ids, -1 for none
		asked         int
	}{
		{"a/b/f", "3\n", 5, 1}, {"a/b/f", "2\n", 3, 2}, {"a/b/f", "1\n", 0, 3}, {"a/b/f", "0\n", -1, 3}, {"a/b/g", "new\n", -1, 1}, {"gone", "", -1, 0}, {"a/b", "", -1, 0},
	} {
		asked := 0
		id, ok, err := repo.Past(t.Context(), head(), tc.path, func(content []byte) bool {
			asked++
			return string(content) == tc.content
		})
		want := ""
		if tc.want >= 0 {
			want = ids[tc.want]
		}
		if err != nil || id != want || ok != (tc.want >= 0) || asked != tc.asked {
			t.Errorf("%s with %q: %s, %v, %v after %d questions, want %s after %d", tc.path, tc.content, id, ok, err, asked, want, tc.asked)
		}
	}
	clone := gittest.TempDir(t) + "/clone"
	gittest.Git(t, dir, "clone", "-q", "--depth", "2", "file://"+dir, clone)
	shallow, err := gitrepo.Open(clone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shallow.Close() })
	if _, _, err := shallow.Past(t.Context(), head(), "a/b/f", func(content []byte) bool { return strings.HasPrefix(string(content), "2") }); !errors.Is(err, gitrepo.ErrShallow) {
		t.Errorf("a history that ends too early: %v", err)
	}
}

// TestPastOffline: in a clone without trees no commit is fetched for, however many
// there are.
func TestPastOffline(t *testing.T) {
	t.Parallel()
	server, dir := partial(t, "tree:0")
	repo := open(t, dir)
	asked := server.Fetches()
	_, ok, err := repo.Past(t.Context(), gittest.Git(t, dir, "rev-parse", "HEAD"), "Dockerfile", func([]byte) bool { return false })
	if ok || err != nil {
		t.Errorf("Past = %v, %v", ok, err)
	}
	if got := server.Fetches() - asked; got != 0 {
		t.Errorf("%d requests", got)
	}
}
