package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// newStory makes the monorepo of the curated bases in which each service says as what it is published. tool is only
// built with a base, and ships none.
func newStory(t *testing.T, by maker) *estate {
	t.Helper()
	services := []string{"iam", "billing", "train", "web", "tool"}
	compose := "services:\n"
	for _, name := range services {
		compose += fmt.Sprintf("  %s: {image: \"TEAM/%s:1\", build: services/%s}\n", name, name, name)
	}
	e := newCurated(t, by, map[string]string{
		"compose.yaml":             compose,
		"services/tool/Dockerfile": "FROM TEAM/base-java:1.0.0 AS build\nRUN true\nFROM scratch\nCOPY --from=build /a /a\n",
	})
	for _, name := range services {
		by.service(t, e, name)
	}
	return e
}

// The upstream of base-java gets a critical fix: the base is rebuilt and published, the emergency fans out, and
// status says at each step how far the rollout is. In the end all published images stand on the patched layers.
func TestStoryOfAnEmergency(t *testing.T) {
	t.Parallel()
	tellStory(t, outline{map[string]string{}})
}

func tellStory(t *testing.T, by maker) {
	t.Helper()
	s := newStory(t, by)
	status := func(step, want string, isPatched map[string]bool) {
		t.Helper()
		r := s.program(nil).run(t, "status", "--base", "base-java@1.0.1").want(t, 0)
		lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
		if got := lines[len(lines)-1]; got != want {
			t.Errorf("%s: it says %q, want %q\n%s", step, got, want, r.stdout)
		}
		doc := document[stated](t, s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "-o", "json").want(t, 0))
		for _, b := range doc.Builds {
			name := strings.TrimSuffix(strings.TrimPrefix(b.Path, "services/"), "/Dockerfile")
			if got := b.Patched != nil && *b.Patched; got != isPatched[name] {
				t.Errorf("%s: of %s it says that it is patched: %v", step, name, got)
			}
		}
		if len(doc.Builds) != 3 {
			t.Errorf("%s: it speaks of %d builds", step, len(doc.Builds))
		}
	}
	s.program(nil).run(t, "run", "--rebuild-bases", "--publish", "pr").want(t, 0).says(t, "nothing to do: all that depends on it is up to date")

	// The base is rebuilt on the new upstream.
	by.upstream(t, s, "eclipse-temurin:21-jre-alpine", "patched")
	s.program(nil).run(t, "run", "--rebuild-bases", "--publish", "pr").want(t, 0)
	s.wantOpen(t, "propagate/eclipse-temurin: Rebuild base-java as 1.0.1 on the new eclipse-temurin:21-jre-alpine")
	s.merge(t, "propagate/eclipse-temurin")
	status("the base is merged, and not published", "0 of 3 patched, 3 without a pull request", nil)
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1").want(t, 0).says(t, "base-java:1.0.1 is not published: nothing can stand on it")
	s.rebuild(t, "base-java:1.0.1")
	status("the base is published", "0 of 3 patched, 3 without a pull request", nil)

	// The emergency: what ships the base goes first.
	s.program(nil).run(t, "--base", "base-java@1.0.1", "--emergency", "--group", "service", "--publish", "pr").want(t, 0).
		says(t, "  exposed       runtime 2, build 1, unreachable 0, unknown 0\n")
	var order []string
	pulls := map[string]int{}
	for _, p := range s.api.Pulls()[1:] {
		name := p.Branch[strings.LastIndex(p.Branch, ".")+1:]
		order, pulls[name] = append(order, fmt.Sprintf("%d %s", p.Number, p.Title)), p.Number
	}
	slices.Sort(order)
	title := "[emergency] Update base-java to 1.0.1 in services/"
	if want := []string{"2 " + title + "billing/Dockerfile", "3 " + title + "iam/Dockerfile", "4 " + title + "tool/Dockerfile"}; !slices.Equal(order, want) {
		t.Errorf("the pull requests are\n%s", strings.Join(order, "\n"))
	}
	status("the pull requests are open", "0 of 3 patched, 3 to be merged", nil)
	s.api.Check(pulls["iam"], "build", "")
	status("one is checked", "0 of 3 patched, 1 waiting for checks, 2 to be merged", nil)
	s.api.Check(pulls["iam"], "build", "success")

	// They are merged one after the other, and published.
	done := map[string]bool{}
	for i, name := range []string{"iam", "billing", "tool"} {
		s.api.MergePullAndDelete(pulls[name])
		s.pullMain(t)
		left := ""
		if open := 2 - i; open > 0 {
			left = fmt.Sprintf(", %d to be merged", open)
		}
		status(name+" is merged", fmt.Sprintf("%d of 3 patched%s, 1 to be published", i, left), done)
		by.service(t, s, name)
		done[name] = true
		status(name+" is published", fmt.Sprintf("%d of 3 patched%s", i+1, left), done)
	}
	s.program(nil).run(t, "run", "--rebuild-bases", "--publish", "pr").want(t, 0).says(t, "nothing to do: all that depends on it is up to date")
	s.program(nil).run(t, "outdated", "--check").want(t, 0)
	s.wantOpen(t)
	s.branches(t)
}
