package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// An estate is a monorepo of curated bases, a base on a base, and services, with the registry that
// all of them are published in.
type estate struct {
	*site
	registry *registrytest.Server
	maker    maker // of the curated bases
}

// team is what the repositories of the estate begin with.
func (e *estate) team() string { return e.registry.Host + "/matih/" }

// publish pushes an image of the estate, built on another one.
func (e *estate) publish(t *testing.T, name, tag, on string) {
	t.Helper()
	if on != "" {
		on = "matih/" + on
	}
	e.registry.Push(t, "matih/"+name, tag, registrytest.Image{On: on, Content: name + tag + on})
}

// services on each base; the derived base is published as 2.3.4.
func newEstate(t *testing.T, config string) *estate {
	t.Helper()
	e := &estate{registry: registrytest.Start(t, registrytest.Memory, registrytest.None)}
	team := e.team()
	files := map[string]string{
		".propagate.yaml":                  noLabels + config,
		"bases/base-java/Dockerfile":       "FROM scratch\nLABEL org.opencontainers.image.version=1.0.0\n",
		"bases/base-python-ml/Dockerfile":  "FROM scratch\nLABEL org.opencontainers.image.version=1.0.0\n",
		"bases/base-node/Dockerfile":       "FROM scratch\nLABEL org.opencontainers.image.version=1.0.0\n",
		"bases/base-nginx/Dockerfile":      "FROM scratch\n",
		"bases/base-python-gpu/Dockerfile": "FROM " + team + "base-python-ml:1.0.0\nLABEL org.opencontainers.image.version=2.3.4\n",
		"services/train/Dockerfile":        "FROM " + team + "base-python-gpu:2.3.4\n",
		"services/web/Dockerfile":          "FROM " + team + "base-node:1.0.0 AS build\nRUN true\nFROM " + team + "base-nginx:1.25-alpine\nCOPY --from=build /a /a\n",
		"compose.yaml":                     "services:\n  web: {image: \"" + team + "web:1\", build: services/web}\n",
	}
	for _, name := range []string{"java", "python-ml", "node"} {
		e.publish(t, "base-"+name, "1.0.0", "")
		for i := range 2 {
			files[fmt.Sprintf("services/%s-%d/Dockerfile", name, i)] = "FROM " + team + "base-" + name + ":1.0.0\n"
		}
	}
	e.publish(t, "base-nginx", "1.25-alpine", "")
	e.publish(t, "base-python-gpu", "2.3.4", "base-python-ml:1.0.0")
	e.publish(t, "web", "1", "base-nginx:1.25-alpine")
	e.site = newSite(t, files)
	return e
}

// branchesOf returns the open pull requests, each as its branch and title.
func (e *estate) open() []string {
	var all []string
	for _, p := range e.api.Pulls() {
		if p.State == forge.Open {
			all = append(all, p.Branch+": "+p.Title)
		}
	}
	slices.Sort(all)
	return all
}

func (e *estate) wantOpen(t *testing.T, want ...string) {
	t.Helper()
	if got := e.open(); !slices.Equal(got, want) {
		t.Errorf("open are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// merge merges the open pull request of a branch, as people do.
func (e *estate) merge(t *testing.T, branch string) {
	t.Helper()
	for _, p := range e.api.Pulls() {
		if p.Branch == branch && p.State == forge.Open {
			e.api.MergePullAndDelete(p.Number)
			e.pullMain(t)
			return
		}
	}
	t.Fatalf("there is no open pull request of %s", branch)
}

// The life of a month: a patch of one base is published, a tag of another moves, the bot opens the
// pull requests, changes nothing when it runs again, follows a newer patch, and goes on with the next wave
// as the derived base is published.
func TestRunOnASchedule(t *testing.T) {
	t.Parallel()
	e := newEstate(t, "")
	run := func(status int, more ...string) result {
		t.Helper()
		return e.program(nil).run(t, append([]string{"run", "--publish", "pr"}, more...)...).want(t, status)
	}
	run(0).says(t, "nothing to do: all that depends on it is up to date")
	e.wantOpen(t)
	e.program(nil).run(t, "outdated", "--check").want(t, 0)

	// A patch of one base is published, and the tag of another moves.
	e.publish(t, "base-python-ml", "1.0.1", "")
	e.registry.Push(t, "matih/base-nginx", "1.25-alpine", registrytest.Image{Content: "patched"})
	e.program(nil).run(t, "outdated", "--check").want(t, 3).says(t, "base-python-ml", "1.0.1", "base-nginx", "1.25-alpine")
	run(0).says(t, "rebuilt without an edit, their tags move\n  services/web/Dockerfile", "waiting for a derived base\n  services/train/Dockerfile")
	first := "propagate/base-python-ml: Update base-python-ml to "
	e.wantOpen(t, first+"1.0.1")

	// The same again writes nothing.
	before := fmt.Sprint(e.api.Pulls(), gittest.Git(t, e.git.Dir, "for-each-ref"))
	run(0).says(t, "unchanged: ")
	if after := fmt.Sprint(e.api.Pulls(), gittest.Git(t, e.git.Dir, "for-each-ref")); before != after {
		t.Errorf("a second run changes\n%v\nto\n%v", before, after)
	}

	// The service is built again on what the tag names now, and nothing has to be rebuilt.
	e.registry.Push(t, "matih/web", "1", registrytest.Image{On: "matih/base-nginx:1.25-alpine", Content: "again"})
	if r := run(0); strings.Contains(r.stdout, "services/web") {
		t.Errorf("it is still to be rebuilt: %s", r.stdout)
	}

	// A newer patch updates the pull request, and another base gets one of its own.
	e.publish(t, "base-python-ml", "1.0.2", "")
	e.publish(t, "base-java", "1.0.1", "")
	run(0)
	java := "propagate/base-java: Update base-java to 1.0.1"
	e.wantOpen(t, java, first+"1.0.2")

	// Once it is merged, the next wave waits for the derived base, and says so.
	e.merge(t, "propagate/base-python-ml")
	run(0).says(t, "unchanged: Update base-java", "services/train/Dockerfile  wave 2")
	e.wantOpen(t, java)

	// It follows as the derived base is published, and leaves the other pull request as it is.
	e.publish(t, "base-python-gpu", "2.3.5", "base-python-ml:1.0.2")
	run(0).says(t, "unchanged: Update base-java")
	e.wantOpen(t, java, "propagate/base-python-gpu: Update base-python-gpu to 2.3.5")
	e.merge(t, "propagate/base-python-gpu")
	e.merge(t, "propagate/base-java")
	run(0).says(t, "nothing to do: all that depends on it is up to date")
	e.wantOpen(t)
	e.branches(t)
}
