package snapshot_test

import (
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// What is known of an object is not known of the one that replaces it.
func TestReplacedIsReadAnew(t *testing.T) {
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM base:1\n", "b/Dockerfile": "FROM base:2\n"})
	path := filepath.Join(t.TempDir(), "cache")
	read := func() (tag string) {
		t.Helper()
		repo, err := gitrepo.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = repo.Close() }()
		rev, err := repo.Resolve("HEAD")
		if err != nil {
			t.Fatal(err)
		}
		source, err := snapshot.Commit(repo, rev.Commit)
		if err != nil {
			t.Fatal(err)
		}
		store := cache.Open(path)
		s, _, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: configure(t, ""), Cache: store, Program: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Save(); err != nil {
			t.Fatal(err)
		}
		return s.Files[0].Refs[0].Image.Tag
	}
	if got := read(); got != "1" {
		t.Errorf("the tag is %s, want 1", got)
	}
	gittest.Git(t, dir, "replace", "HEAD:a/Dockerfile", "HEAD:b/Dockerfile")
	if got := read(); got != "2" {
		t.Errorf("once replaced the tag is %s, want 2", got)
	}
	gittest.Git(t, dir, "replace", "--delete", gittest.Git(t, dir, "rev-parse", "HEAD:a/Dockerfile"))
	if got := read(); got != "1" {
		t.Errorf("no longer replaced the tag is %s, want 1", got)
	}
}
