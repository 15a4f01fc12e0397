package monorepo_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Since a revision, makers that are not clear are noted of the builds that have changed alone.
func TestSinceNotesMakers(t *testing.T) {
	t.Parallel()
	for changed, want := range map[string]int{"java/Dockerfile": 1, "a/Dockerfile": 0} {
		dir := gittest.Init(t, map[string]string{
			"java/Dockerfile": "FROM debian:12\n",
			"Makefile":        "all:\n\tdocker build -t reg.example/own/java:1.0.0 java\n",
			"a/Dockerfile":    "FROM reg.example/mirror/java:21.0.5\n",
			"b/Dockerfile":    "FROM reg.example/mirror/java:21.0.5\n",
		})
		gittest.Commit(t, dir, "change", map[string]string{changed: "FROM debian:12\nRUN make\n"})
		repo := mustOpen(t, dir)
		if _, err := repo.Since(t.Context(), gittest.Git(t, dir, "rev-parse", "HEAD~1"), ""); err != nil {
			t.Fatal(err)
		}
		if repo.Unclear != want {
			t.Errorf("of a change of %s %d makers are not clear, want %d", changed, repo.Unclear, want)
		}
	}
}

// Each change concerns a build that copies from a context whose directory is not known.
func TestSinceOfAContextThatIsNotKnown(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile": "FROM debian:12\nCOPY --from=lib x /x\n",
		"Makefile":     "all:\n\tdocker build --build-context lib=$(LIB) -t reg.example/own/a:1.0.0 a\n",
	})
	gittest.Commit(t, dir, "change", map[string]string{"README.md": "more\n"})
	since, err := mustOpen(t, dir).Since(t.Context(), "HEAD~1", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, touched := range since.Builds {
		if len(touched.Because) != 1 || touched.Because[0].Detail != "the context lib is not known" {
			t.Errorf("it is built for %+v", touched.Because)
		}
	}
	if len(since.Builds) != 1 {
		t.Errorf("%d builds", len(since.Builds))
	}
}
