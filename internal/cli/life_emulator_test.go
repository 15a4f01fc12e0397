package cli_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The life of one change at a GitHub that others wrote, as far as that one knows what happens in it.
func TestLifeOnTheEmulator(t *testing.T) {
	t.Parallel()
	git := newGit(t)
	emulator := forgetest.NewEmulator(t, forgetest.Config{Token: token})
	h := &hub{git: git, clone: gittest.Init(t, configured("labels: []\n"))}
	gittest.Git(t, h.clone, "remote", "add", "origin", git.URL)
	h.push(t)
	p := program{dir: h.clone, clock: newClock(), env: map[string]string{"GITHUB_TOKEN": token, "GITHUB_API_URL": emulator.URL()}}
	p.transport = hook{func(r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/repos/") && r.Method != http.MethodGet {
			emulator.Mirror(t, git.Dir)
		}
	}}
	bump := func(version, state string, number int) {
		t.Helper()
		emulator.Mirror(t, git.Dir)
		change := document[planDocument](t, p.run(t, sweepArgs(version)...).want(t, 0)).Changes[0]
		if change.State != state || change.Pull.Number != number {
			t.Errorf("%s: the change is %+v, want %s with number %d", version, change, state, number)
		}
	}
	type page struct {
		Title, Body, State string
		Head, Base         struct{ Ref string }
	}
	pull := func(number int) (got page) {
		t.Helper()
		get(t, fmt.Sprintf("%srepos/acme/platform/pulls/%d", emulator.URL(), number), &got)
		return got
	}
	bump("1.0.1", "created", 1)
	bump("1.0.1", "unchanged", 1)
	bump("1.0.2", "updated", 1)
	if got := pull(1); got.Title != "Update base to 1.0.2" || got.Head.Ref != lifeBranch || got.Base.Ref != "main" || strings.Contains(got.Body, "1.0.1") {
		t.Errorf("the pull request is %+v", got)
	}
	bump("1.0.2", "unchanged", 1)

	// What a person writes stays.
	send(t, http.MethodPatch, emulator.URL()+"repos/acme/platform/pulls/1", fmt.Sprintf(`{"title":"Mine","body":%q}`, "Please wait for Friday.\n"+pull(1).Body))
	bump("1.0.2", "unchanged", 1)
	bump("1.0.3", "updated", 1)
	if got := pull(1); got.Title != "Mine" || !strings.HasPrefix(got.Body, "Please wait for Friday.\n") || !strings.Contains(got.Body, "1.0.3") {
		t.Errorf("the pull request is %+v", got)
	}

	// A close holds for its version.
	emulator.ClosePull(1)
	bump("1.0.3", "left-alone", 1)
	bump("1.0.4", "created", 2)
	if got := pull(2); got.Head.Ref != lifeBranch || got.State != "open" {
		t.Errorf("the second pull request is %+v", got)
	}

	// A commit holds its branch, and a newer version goes beside it.
	tip := h.person(t, lifeBranch, map[string]string{"mine.txt": "mine\n"})
	bump("1.0.4", "left-alone", 2)
	bump("1.0.5", "created", 3)
	bump("1.0.5", "unchanged", 3)
	if got := pull(3); got.Head.Ref != "propagate/base-2" || !strings.Contains(got.Body, "#2") || h.tip(t, lifeBranch) != tip {
		t.Errorf("the third pull request is %+v, the branch at %s", got, h.tip(t, lifeBranch))
	}

	// What is not needed any more is closed, but for what a person holds.
	h.commit(t, map[string]string{"services/a/Dockerfile": from("1.0.5"), "services/b/Dockerfile": from("1.0.5")})
	emulator.Mirror(t, git.Dir)
	plan := document[planDocument](t, p.run(t, sweepArgs("1.0.5")...).want(t, 0))
	plan.closes(t, 3)
	if pull(2).State != "open" || pull(3).State != "closed" || h.tip(t, lifeBranch) != tip || h.tip(t, "propagate/base-2") != "" {
		t.Errorf("the pull requests are %+v and %+v", pull(2), pull(3))
	}
}
