package snapshot_test

import (
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// What is known of a repository of one name is not known of the same files under another: a workflow
// that is used by its full name is another's then.
func TestNamesAreReadAnew(t *testing.T) {
	dir := gittest.Init(t, map[string]string{
		"app/Dockerfile":           "ARG V=0\nFROM base:$V\n",
		".github/workflows/ci.yml": "on: push\njobs: {a: {uses: acme/mono/.github/workflows/b.yml@main, with: {v: '1'}}}\n",
		".github/workflows/b.yml": "on: {workflow_call: {inputs: {v: {type: string, default: '2'}}}}\n" +
			"jobs: {b: {steps: [{uses: docker/build-push-action@v6, with: {context: app, build-args: 'V=${{ inputs.v }}'}}]}}\n",
	})
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = repo.Close() }()
	rev, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cache")
	for _, test := range []struct {
		want  string
		names []string
	}{
		{"1", []string{"acme/mono"}}, {"2", []string{"acme/other"}}, {"1", []string{"Acme/Mono"}}, {"1", nil}, {"1", []string{"acme/other", "acme/mono"}},
		{"1", []string{"acme/mono"}}, {"2", []string{"acme/other"}},
	} {
		source, err := snapshot.Commit(repo, rev.Commit)
		if err != nil {
			t.Fatal(err)
		}
		store := cache.Open(path)
		s, _, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: configure(t, ""), Cache: store, Program: "test", Names: test.names})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Save(); err != nil {
			t.Fatal(err)
		}
		if got := s.FilesOf("app/Dockerfile")[0].Refs[0].Image.Tag; got != test.want {
			t.Errorf("as %v it is built on %s, not on %s", test.names, got, test.want)
		}
	}
}
