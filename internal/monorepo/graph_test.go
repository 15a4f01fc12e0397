package monorepo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// A build of which a part of the tag is known makes the references that have it.
func TestMakersOfTagsThatArePartlyKnown(t *testing.T) {
	t.Parallel()
	repo := mustOpen(t, gittest.Init(t, map[string]string{
		"x/Dockerfile": "FROM debian:12\n", "y/Dockerfile": "FROM debian:12\n",
		"Makefile":     "all:\n\tdocker build -t reg.example/shop/java:$(VERSION)-jre x\n\tdocker build -t reg.example/shop/java:$(VERSION)-jdk y\n",
		"a/Dockerfile": "FROM reg.example/shop/java:1.0.0-jre\n", "b/Dockerfile": "FROM reg.example/shop/java:1.0.0-jdk\n",
		// Here the registry is not known either.
		"u/Dockerfile": "FROM debian:12\n", "v/Dockerfile": "FROM debian:12\n",
		"build.sh":     "docker build -t $REGISTRY/shop/node:$VERSION-slim u\ndocker build -t $REGISTRY/shop/node:$VERSION-fat v\n",
		"c/Dockerfile": "FROM reg.example/shop/node:1.0.0-slim\n", "d/Dockerfile": "FROM reg.example/shop/node:1.0.0-fat\n",
	}))
	want := map[string]string{"a/Dockerfile": "x/Dockerfile", "b/Dockerfile": "y/Dockerfile", "c/Dockerfile": "u/Dockerfile", "d/Dockerfile": "v/Dockerfile"}
	for _, image := range []string{"reg.example/shop/java", "reg.example/shop/node"} {
		for _, ref := range repo.Graph().References(image) {
			if makers := repo.Graph().MakersOf(ref); len(makers) != 1 || makers[0].Key != want[ref.Pos.Path] {
				t.Errorf("%s is based on %v, want %s", ref.Pos, makers, want[ref.Pos.Path])
			}
		}
	}
}

// What a compose file runs and does not build is named with the line that it is of, but for what the configuration finds there
// itself.
func TestRuns(t *testing.T) {
	t.Parallel()
	const compose = "services:\n  web: {image: 'reg.example/shop/java:21.0.5'}\n  old: {image: 'reg.example/shop/java:11.0.1'}\n  built: {image: 'reg.example/shop/java:17.0.3', build: j17}\n  other: {image: 'reg.example/else:1'}\n"
	files := map[string]string{
		"j17/Dockerfile": "FROM debian:12\n", "j21/Dockerfile": "FROM debian:12\n",
		"Makefile":     "all:\n\tdocker build -t reg.example/shop/java:17.0.3 j17\n\tdocker build -t reg.example/shop/java:21.0.4 j21\n",
		"a/Dockerfile": "FROM reg.example/shop/java:17.0.3\n", "b/Dockerfile": "FROM reg.example/shop/java:21.0.4\n",
		"deploy/compose.yaml": compose, "other/compose.yaml": compose,
		".propagate.yaml": "references:\n  - files: other/compose.yaml\n    path: $..image\n",
	}
	var got []string
	for _, run := range mustOpen(t, gittest.Init(t, files)).Runs() {
		got = append(got, fmt.Sprintf("%s %s of %s", run.Pos.Path, run.Service, run.Image.Label))
	}
	if text := strings.Join(got, "; "); text != "deploy/compose.yaml web of reg.example/shop/java:21.0.4; deploy/compose.yaml old of reg.example/shop/java; deploy/compose.yaml other of reg.example/else" {
		t.Error(text)
	}
}

// What is built says, too, for which image it was not taken that is called like its own.
func TestToBuildNotesMakers(t *testing.T) {
	t.Parallel()
	repo, said, err := open(t, gittest.Init(t, map[string]string{
		"java/Dockerfile": "FROM debian:12\n",
		"Makefile":        "all:\n\tdocker build -t reg.example/own/java:1.0.0 java\n",
		"a/Dockerfile":    "FROM reg.example/mirror/java:21.0.5\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.ToBuild([]monorepo.Wanted{{Images: []string{"reg.example/own/java"}}}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(*said, func(m monorepo.Message) bool {
		return m.Kind == monorepo.Note && strings.HasSuffix(m.Text, "none of 1 candidate was taken: java/Dockerfile")
	}) {
		t.Errorf("it says %v", *said)
	}
}

// What has changed says it of what has changed alone.
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

// What is copied from a context of which it is not known where it lies may be anything.
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

// What is counted is said before the first of it is done.
func TestCountingBeginsWithNothing(t *testing.T) {
	t.Parallel()
	_, said, err := open(t, gittest.Init(t, shop()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range *said {
		if m.Kind == monorepo.Doing && m.All > 0 {
			got = append(got, fmt.Sprintf("%d of %d", m.Done, m.All))
		}
	}
	if text := strings.Join(got, ", "); text != "0 of 4, 1 of 4, 2 of 4, 3 of 4, 4 of 4" {
		t.Errorf("it counts %s", text)
	}
}
