package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

var mlArgs = []string{"--base", "base-python-ml@1.0.1", "--publish", "pr", "-o", "json"}

func TestPullRequest(t *testing.T) {
	t.Parallel()
	for _, d := range []forgetest.Description{forgetest.GitHub, forgetest.EnterpriseServer} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			files := matih(t)
			h := newHubAs(t, d, files)
			before := everything(t, h.clone)
			pushes := h.git.Pushes()
			made := h.one(t, 0, mlArgs...)
			if n := h.git.Pushes() - pushes; n != 1 {
				t.Errorf("%d pushes, want 1", n)
			}
			if got := differences(before, everything(t, h.clone)); len(got) > 0 {
				t.Errorf("it wrote %v into the clone", got)
			}

			pull := h.pull(t)
			if made.State != "created" || made.Pull.Number != pull.Number || made.Pull.URL != pull.URL || made.Commit != h.tip(t, mlBranch) {
				t.Errorf("the output says %+v; the pull request is %+v", made, pull)
			}
			if pull.Branch != mlBranch || pull.Base != "main" || pull.Head != made.Commit || pull.Title != "Update base-python-ml to 1.0.1" {
				t.Errorf("the pull request is %+v", pull)
			}
			if !slices.Equal(pull.Labels, []string{"dependencies", "propagate"}) {
				t.Errorf("the labels are %v", pull.Labels)
			}
			parts := []string{"| service | exposure | change |", "```mermaid\nflowchart LR\n", "<summary>Waiting for a derived base: 2</summary>", "<summary>Left as they are, and why</summary>"}
			for path, lines := range mlEdits {
				if strings.HasSuffix(path, ".sh") {
					parts = append(parts, fmt.Sprintf("(`%s:%d`)", path, lines[0]))
				} else {
					parts = append(parts, "| `"+path+"` ")
				}
			}
			for _, part := range parts {
				if !strings.Contains(pull.Body, part) {
					t.Errorf("the body does not hold %q:\n%s", part, pull.Body)
				}
			}
			if out, err := gittest.Try(t, h.git.Dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}

			h.quiet(t, func() {
				again := h.one(t, 0, mlArgs...)
				if again.State != "unchanged" || again.Pull != made.Pull || again.Commit != made.Commit {
					t.Errorf("the second run says %+v", again)
				}
			})
			gittest.Git(t, h.clone, "fetch", "--quiet", h.git.AuthURL(), mlBranch+":"+mlBranch)
			compareTrees(t, h.clone, files)
		})
	}
}

// The text output and the notes of the main way of use.
func TestPullRequestText(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	r := h.program().run(t, "--base", "base@1.0.1").want(t, 0)
	r.says(t, "publishing as pr: the remote is on 127.0.0.1 and a token is set\n", "created: Update base to 1.0.1\n  pull request #1  "+h.pull(t).URL)
	h.program().run(t, "--base", "base@1.0.1").want(t, 0).says(t, "unchanged: Update base to 1.0.1\n  pull request #1  ")
}

// The emulator is another implementation of GitHub, by others.
func TestPullRequestOnTheEmulator(t *testing.T) {
	t.Parallel()
	git := newGit(t)
	emulator := forgetest.NewEmulator(t, forgetest.Config{Token: token})
	h := &hub{git: git, clone: gittest.Init(t, with(small(), ".propagate.yaml", noLabels))}
	gittest.Git(t, h.clone, "remote", "add", "origin", git.URL)
	h.push(t)
	p := program{dir: h.clone, env: map[string]string{"GH_TOKEN": token, "GITHUB_API_URL": emulator.URL()}}
	changes := 0
	p.transport = hook{func(r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/repos/") && r.Method != http.MethodGet {
			changes++
			emulator.Mirror(t, git.Dir)
		}
	}}
	run := func(state string, number int) {
		t.Helper()
		emulator.Mirror(t, git.Dir)
		pushes := git.Pushes()
		changes = 0
		change := document[planDocument](t, p.run(t, prArgs...).want(t, 0)).Changes[0]
		if change.State != state || change.Pull.Number != number {
			t.Errorf("the change is %+v, want %s with number %d", change, state, number)
		}
		if idle := state == "unchanged" || state == "left-alone"; idle != (changes == 0 && git.Pushes() == pushes) {
			t.Errorf("%s with %d changes and %d pushes", state, changes, git.Pushes()-pushes)
		}
	}
	run("created", 1)
	run("unchanged", 1)
	var pull struct {
		Title, Body string
		Head, Base  struct{ Ref string }
	}
	get(t, emulator.URL()+"repos/acme/platform/pulls/1", &pull)
	if pull.Title != "Update base to 1.0.1" || pull.Head.Ref != baseBranch || pull.Base.Ref != "main" || !strings.Contains(pull.Body, "```mermaid") {
		t.Errorf("the pull request is %+v", pull)
	}
	h.commit(t, map[string]string{"services/a/Dockerfile": "# first\n" + from("1.0.0")})
	run("updated", 1)
	run("unchanged", 1)
	emulator.ClosePull(1)
	run("left-alone", 1)
}

// get reads a resource of an API.
func get(t *testing.T, address string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// One push carries all branches; then come the pull requests.
func TestPullRequestsOfEachService(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	pushes := h.git.Pushes()
	args := append([]string{"--group", "service"}, prArgs...)
	plan := document[planDocument](t, h.program().run(t, args...).want(t, 0))
	if n := h.git.Pushes() - pushes; n != 1 {
		t.Errorf("%d pushes, want 1", n)
	}
	pulls := h.api.Pulls()
	if len(plan.Changes) != 2 || len(pulls) != 2 {
		t.Fatalf("the changes are %+v, the pull requests %+v", plan.Changes, pulls)
	}
	for i, service := range []string{"services/a/Dockerfile", "services/b/Dockerfile"} {
		change, pull := plan.Changes[i], pulls[i]
		if change.State != "created" || change.Branch != pull.Branch || pull.Title != "Update base to 1.0.1 in "+service {
			t.Errorf("the change is %+v, its pull request %+v", change, pull)
		}
		changed := gittest.Git(t, h.git.Dir, "diff", "--name-only", "main", pull.Branch)
		if changed != service {
			t.Errorf("%s changes %s", pull.Branch, changed)
		}
	}
	h.quiet(t, func() {
		for _, change := range document[planDocument](t, h.program().run(t, args...).want(t, 0)).Changes {
			if change.State != "unchanged" {
				t.Errorf("the second run says %+v", change)
			}
		}
	})
	// One of them is merged; the other one stands for itself.
	h.api.MergePull(1)
	h.fetch(t)
	gittest.Git(t, h.clone, "merge", "--quiet", "--ff-only", "origin/main")
	h.quiet(t, func() {
		changes := document[planDocument](t, h.program().run(t, args...).want(t, 0)).Changes
		if len(changes) != 1 || changes[0].State != "unchanged" || changes[0].Pull.Number != 2 {
			t.Errorf("after the merge of one: %+v", changes)
		}
	})
}

func TestPullRequestFollowsItsFiles(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	first := h.one(t, 0)
	h.commit(t, map[string]string{"README.md": "# other\n"})
	h.quiet(t, func() {
		if again := h.one(t, 0); again.State != "unchanged" || again.Commit != first.Commit {
			t.Errorf("after an unrelated commit: %+v", again)
		}
	})
	h.commit(t, map[string]string{"services/a/Dockerfile": "# first\n" + from("1.0.0")})
	second := h.one(t, 0)
	if second.State != "updated" || second.Pull != first.Pull || second.Commit == first.Commit || h.tip(t, baseBranch) != second.Commit {
		t.Errorf("after a commit of one of its files: %+v", second)
	}
	if parent, main := gittest.Git(t, h.git.Dir, "rev-parse", baseBranch+"^"), h.tip(t, "main"); parent != main {
		t.Errorf("its parent is %s, want %s", parent, main)
	}
	if got := gittest.Git(t, h.git.Dir, "show", baseBranch+":services/a/Dockerfile"); got != strings.TrimSpace("# first\n"+from("1.0.1")) {
		t.Errorf("the file is %q", got)
	}
	if pull := h.pull(t); pull.Head != second.Commit || !strings.Contains(pull.Body, "(line 2)") {
		t.Errorf("the pull request is %+v", pull)
	}
	h.quiet(t, func() {
		if third := h.one(t, 0); third.State != "unchanged" {
			t.Errorf("then: %+v", third)
		}
	})
}

func TestEmergencyIsMarked(t *testing.T) {
	t.Parallel()
	h := newHub(t, small())
	h.one(t, 0, append([]string{"--emergency"}, prArgs...)...)
	pull := h.pull(t)
	if pull.Title != "[emergency] Update base to 1.0.1" || !slices.Contains(pull.Labels, "emergency") {
		t.Errorf("the pull request is %+v", pull)
	}
}
