package cli_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestPullRequestThatWasClosed(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	first := h.one(t, 0)
	h.api.ClosePull(1)
	h.commit(t, map[string]string{"services/a/Dockerfile": "# other\n" + from("1.0.0")})
	h.quiet(t, func() {
		again := h.one(t, 0)
		if again.State != "left-alone" || !strings.Contains(again.Note, "#1 was closed") || again.Pull != first.Pull {
			t.Errorf("the change is %+v", again)
		}
	})
	if got := h.tip(t, baseBranch); got != first.Commit {
		t.Errorf("the branch is at %s, was at %s", got, first.Commit)
	}
	// Nor is another one opened when its branch is deleted with it.
	gittest.Git(t, h.git.Dir, "update-ref", "-d", "refs/heads/"+baseBranch)
	h.quiet(t, func() {
		if again := h.one(t, 0); again.State != "left-alone" {
			t.Errorf("without its branch the change is %+v", again)
		}
	})
}

func TestPullRequestThatWasMerged(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.one(t, 0)
	h.api.MergePull(1)
	h.quiet(t, func() {
		again := h.one(t, 0)
		if again.State != "unchanged" || !strings.Contains(again.Note, "#1 is merged") || !strings.Contains(again.Note, "fetch") {
			t.Errorf("before the fetch the change is %+v", again)
		}
	})
	h.fetch(t)
	h.program().run(t, "--ref", "origin/main", "--base", "base@1.0.1", "--publish", "pr").want(t, 0)
	if tip := h.tip(t, baseBranch); tip != "" {
		t.Errorf("the branch is left at %s", tip)
	}
	h.quiet(t, func() {
		for _, args := range [][]string{{"--ref", "origin/main"}, nil} {
			if args == nil {
				gittest.Git(t, h.clone, "merge", "--quiet", "--ff-only", "origin/main")
			}
			r := h.program().run(t, append(args, "--base", "base@1.0.1", "--publish", "pr")...).want(t, 0)
			r.says(t, "nothing to do: all that depends on it is up to date")
		}
	})
	// A service that comes later gets a pull request of its own, on the same branch.
	h.commit(t, map[string]string{"services/late/Dockerfile": from("1.0.0")})
	if again := h.one(t, 0); again.State != "created" || again.Pull.Number != 2 || len(again.Files) != 1 {
		t.Errorf("for a late service the change is %+v", again)
	}
}

func TestPullRequestWithACommitOfAPerson(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.one(t, 0)
	tip := h.person(t, baseBranch, map[string]string{"services/a/Dockerfile": from("1.0.1") + "EXPOSE 80\n"})
	h.commit(t, map[string]string{"services/b/Dockerfile": from("1.0.0") + "EXPOSE 81\n"})
	h.quiet(t, func() {
		again := h.one(t, 0)
		if again.State != "left-alone" || again.Note == "" || again.Commit != tip {
			t.Errorf("the change is %+v", again)
		}
	})
	if got := h.tip(t, baseBranch); got != tip {
		t.Errorf("the branch is at %s, was at %s", got, tip)
	}
}

// A branch of that name which is not ours is nobody's business.
func TestBranchOfAPersonWithoutPullRequest(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	gittest.Git(t, h.git.Dir, "branch", baseBranch, "main")
	h.quiet(t, func() {
		if change := h.one(t, 0); change.State != "left-alone" {
			t.Errorf("the change is %+v", change)
		}
	})
}

// Somebody pushes to the branch after it was looked at: the lease holds.
func TestPersonIsFasterThanThePush(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.one(t, 0)
	h.commit(t, map[string]string{"services/b/Dockerfile": from("1.0.0") + "EXPOSE 81\n"})
	tip := ""
	var once sync.Once
	p := h.program()
	p.transport = hook{func(r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
			once.Do(func() { tip = h.person(t, baseBranch, map[string]string{"mine.txt": "mine\n"}) })
		}
	}}
	mutations := h.api.Mutations()
	r := p.run(t, prArgs...).want(t, 1)
	change := document[planDocument](t, r).Changes[0]
	if tip == "" || change.State != "failed" || h.tip(t, baseBranch) != tip {
		t.Errorf("the change is %+v, the branch at %s, the person's commit %s", change, h.tip(t, baseBranch), tip)
	}
	r.says(t, "propagate: "+baseBranch+": ", "hint: somebody else moved the branch")
	if n := h.api.Mutations() - mutations; n != 0 {
		t.Errorf("%d changes by the API after a push that failed", n)
	}
	if again := h.one(t, 0); again.State != "left-alone" {
		t.Errorf("the next run says %+v", again)
	}
}

// What people do to the pull request itself stays.
func TestPullRequestThatPeopleEdited(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.one(t, 0)
	send(t, http.MethodPatch, h.api.URL()+"repos/acme/platform/pulls/1", `{"title":"Mine","body":"Mine too"}`)
	h.quiet(t, func() {
		if again := h.one(t, 0); again.State != "unchanged" {
			t.Errorf("the change is %+v", again)
		}
	})
	h.commit(t, map[string]string{"services/a/Dockerfile": "# other\n" + from("1.0.0")})
	if again := h.one(t, 0); again.State != "updated" {
		t.Errorf("the change is %+v", again)
	}
	if pull := h.pull(t); pull.Title != "Mine" || pull.Body != "Mine too" {
		t.Errorf("the pull request is %+v", pull)
	}
}

func send(t *testing.T, method, address, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, address, resp.Status)
	}
}
