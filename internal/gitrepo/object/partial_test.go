package object_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// What a partial clone lacks is told apart from what it has, also when all was expected to have come.
func TestArrived(t *testing.T) {
	t.Parallel()
	remote := gittest.Init(t, map[string]string{"a": "a\n", "b": "b\n", "c": "c\n"})
	gittest.Git(t, remote, "config", "uploadpack.allowFilter", "true")
	gittest.Git(t, remote, "config", "uploadpack.allowAnySHA1InWant", "true")
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, remote, "clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+remote, dir)
	var ids []object.ID
	for _, name := range []string{"a", "b", "c"} {
		id, ok := object.ParseID(strings.TrimSpace(gittest.Git(t, remote, "rev-parse", "HEAD:"+name)))
		if !ok {
			t.Fatal("git names an object by no id")
		}
		ids = append(ids, id)
	}
	git := filepath.Join(dir, ".git")
	store, err := object.Open(object.Options{GitDir: git, CommonDir: git, Format: object.SHA1, Git: object.FindProgram(git), Partial: "blob:none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	check := func(what string, got []object.ID, err error, want ...object.ID) {
		t.Helper()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", what, got, err, want)
		}
	}
	absent, err := store.Arrived(ids)
	check("nothing has come", absent, err, ids...)
	gittest.Git(t, dir, "cat-file", "-p", ids[1].String()) // git fetches it
	absent, err = store.Arrived(ids)
	check("one has come", absent, err, ids[0], ids[2])
	check("what is not known", store.Unsure(append(ids, ids...)), nil, ids[0], ids[2])
	gittest.Git(t, dir, "cat-file", "-p", ids[0].String())
	gittest.Git(t, dir, "cat-file", "-p", ids[2].String())
	absent, err = store.Arrived(ids)
	check("all have come", absent, err)
	check("what is not known at last", store.Unsure(ids), nil)
}
