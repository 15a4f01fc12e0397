package cli_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

var opening = forgetest.On(http.MethodPost, "/pulls")

// The pull request was opened, and only the answer was lost.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]forgetest.Fault{
		"bad gateway":         {Status: 502, After: true, Body: "<html>bad gateway</html>"},
		"dropped connection":  {Status: 0, After: true},
		"answer that is junk": {Status: 201, After: true, Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t, small())
			h.api.Fail(opening, 1, fault)
			made := h.one(t, 0)
			pull := h.pull(t)
			if made.State != "created" || made.Pull.Number != pull.Number {
				t.Errorf("the change is %+v", made)
			}
			if !slices.Equal(pull.Labels, []string{"dependencies", "propagate"}) {
				t.Errorf("the labels are %v", pull.Labels)
			}
			h.quiet(t, func() {
				if again := h.one(t, 0); again.State != "unchanged" {
					t.Errorf("the next run says %+v", again)
				}
			})
		})
	}
}

// The branch is pushed and no pull request comes of it: the next run goes on.
func TestCrashBetweenPushAndPullRequest(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]forgetest.Fault{
		"server error":       {Status: 500, Body: forgetest.Message("Server Error")},
		"dropped connection": {Status: 0},
		"refused":            {Status: 403, Body: forgetest.Message("Resource not accessible by integration")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			h.api.Fail(opening, 1, fault)
			r := h.program().run(t, prArgs...).want(t, 3)
			doc := document[planDocument](t, r)
			made := doc.Changes[0]
			says, state := "propagate: "+baseBranch+": opening", "failed"
			if fault.Status == 403 { // every other one would be refused as well
				says, state = "propagate: stopped after 0 of 1 change: opening", "planned"
			}
			r.says(t, says+" a pull request for "+baseBranch+" of acme/platform: ", "hint: ")
			if made.State != state || (made.Error == "") != (doc.Stopped != nil) || made.Commit != h.tip(t, baseBranch) || len(h.api.Pulls()) != 0 {
				t.Errorf("the change is %+v", made)
			}
			pushes := h.git.Pushes()
			again := h.one(t, 0)
			if again.State != "created" || again.Pull.Number != 1 || again.Commit != made.Commit || h.git.Pushes() != pushes {
				t.Errorf("the next run says %+v", again)
			}
		})
	}
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.api.Fail(opening, 1, forgetest.Fault{Status: 429, Header: map[string]string{"Retry-After": "1"}, Body: forgetest.Message("You have exceeded a secondary rate limit.")})
	r := h.program().run(t, prArgs...).want(t, 0)
	r.says(t, "wants a pause of 1s")
	if pull := h.pull(t); pull.Number != 1 {
		t.Errorf("the pull request is %+v", pull)
	}
}

// A pause that is too long ends the run; what is open is left for the next one.
func TestRateLimitThatIsTooLong(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	args := append([]string{"--group", "service"}, prArgs...)
	h.api.Fail(opening, 1, forgetest.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}, Body: forgetest.Message("You have exceeded a secondary rate limit.")})
	mutations := h.api.Mutations()
	p := h.program()
	p.clock = newClock()
	r := p.run(t, args...).want(t, 3)
	r.says(t, "propagate: stopped after 0 of 2 changes: opening a pull request for ", "hint: run the same command again after 06:0", " UTC (in 1 hour): it goes on with what is left\n")
	doc := document[planDocument](t, r)
	if n := h.api.Mutations() - mutations; n != 1 {
		t.Errorf("%d requests, want 1: the forge asked for a pause", n)
	}
	if stop := doc.Stopped; stop == nil || !strings.Contains(stop.Error, "rate limit reached, try again in 1h") || stop.At == "" || stop.Done != 0 || stop.Left != 2 {
		t.Errorf("it stopped: %+v", stop)
	}
	for _, change := range doc.Changes {
		if change.State != "planned" || change.Commit != h.tip(t, change.Branch) {
			t.Errorf("the change is %+v", change)
		}
	}
	for _, change := range document[planDocument](t, h.program().run(t, args...).want(t, 0)).Changes {
		if change.State != "created" {
			t.Errorf("the next run says %+v", change)
		}
	}
}

// Labels are the last thing, and not worth failing for; but it is said.
func TestLabelsFail(t *testing.T) {
	t.Parallel()
	h := newHub(t, small())
	h.api.Fail(forgetest.On(http.MethodPost, "/labels"), 1, forgetest.Fault{Status: 403, Body: forgetest.Message("Resource not accessible by integration")})
	r := h.program().run(t, prArgs...).want(t, 3)
	r.says(t, "propagate: "+baseBranch+": labels of pull request #1: adding labels to pull request 1 of acme/platform: ", "\nhint: give the token contents: write and pull requests: write on acme/platform\n")
	if strings.Count(r.stderr, "adding labels") != 1 {
		t.Errorf("it says %s", r.stderr)
	}
	if made := document[planDocument](t, r).Changes[0]; made.State != "created" || made.Pull.Number != 1 || !strings.Contains(made.Lacking, "adding labels") {
		t.Errorf("the change is %+v", made)
	}
	h.one(t, 0)
	if pull := h.pull(t); !slices.Equal(pull.Labels, []string{"dependencies", "propagate"}) {
		t.Errorf("the labels are %v", pull.Labels)
	}
}

// The first of two fails, the second one is made all the same.
func TestOnePullRequestFails(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.api.Fail(opening, 1, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
	args := append([]string{"--group", "service"}, prArgs...)
	changes := document[planDocument](t, h.program().run(t, args...).want(t, 3)).Changes
	if changes[0].State != "failed" || changes[1].State != "created" {
		t.Errorf("the changes are %+v", changes)
	}
	changes = document[planDocument](t, h.program().run(t, args...).want(t, 0)).Changes
	if changes[0].State != "created" || changes[1].State != "unchanged" {
		t.Errorf("then the changes are %+v", changes)
	}
}

// The update of a pull request fails after its branch was pushed.
func TestUpdateFails(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.one(t, 0)
	h.commit(t, map[string]string{"services/a/Dockerfile": "# other\n" + from("1.0.0")})
	h.api.Fail(forgetest.On(http.MethodPatch, "/pulls/1"), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
	if change := h.one(t, 3); change.State != "failed" || change.Commit != h.tip(t, baseBranch) {
		t.Errorf("the change is %+v", change)
	}
	pushes := h.git.Pushes()
	if change := h.one(t, 0); change.State != "updated" || h.git.Pushes() != pushes {
		t.Errorf("then the change is %+v", change)
	}
}

// What five changes fail of alike is said once.
func TestAllFailAlike(t *testing.T) {
	t.Parallel()
	files := map[string]string{".propagate.yaml": noLabels}
	for i := range 5 {
		files[fmt.Sprintf("services/s%02d/Dockerfile", i)] = from("1.0.0")
	}
	h := newHub(t, files)
	h.api.Fail(opening, 5, forgetest.Fault{Status: 422, Body: forgetest.Message("Validation Failed")})
	r := h.program().run(t, "--base", "base@1.0.1", "--publish", "pr", "--group", "service").want(t, 3)
	refusals, lines := strings.Count(r.stderr, "opening a pull request for "), strings.Count(r.stderr, "\n")
	if refusals != 1 || lines > 5 || !strings.Contains(r.stderr, "propagate: 5 changes (propagate/") || !strings.Contains(r.stderr, " and 2 more): opening a pull request for … of acme/platform: ") {
		t.Errorf("it says %s", r.stderr)
	}
	if strings.Count(r.stdout, "  error: ") != 1 || !strings.Contains(r.stdout, "\nfailed: 4 more for the same reason: ") {
		t.Errorf("it prints %s", r.stdout)
	}
}
