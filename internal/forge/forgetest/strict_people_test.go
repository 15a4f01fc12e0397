package forgetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// life is a server with one pull request, of branch a into main.
func life(t *testing.T, c Config) (*Strict, *GitDir) {
	t.Helper()
	g := NewGitDir(t)
	c.GitDir = g.Dir
	s := NewStrict(t, c)
	g.Commit("a", "main", "A\n\nwith a body", map[string]string{"a": "1"})
	must(t, s, "POST", "pulls", `{"title": "Bump a", "head": "a", "base": "main", "body": "Because.\n\nSee #1."}`, 201)
	return s, g
}

func must(t *testing.T, s *Strict, method, path, body string, status int) string {
	t.Helper()
	got, answer, _ := ask(t, s, method, "repos/acme/platform/"+path, s.Token(), body)
	if got != status {
		t.Fatalf("%s %s %s: %d %s; want %d", method, path, body, got, answer, status)
	}
	return answer
}

func TestWhatPeopleDo(t *testing.T) {
	s, g := life(t, Config{})
	g.Commit("release", "main", "Release", map[string]string{"r": "1"})
	mutations := s.Mutations()
	s.AddLabel(1, "bases")
	s.AddLabel(1, "wave")
	s.RemoveLabel(1, "BASES")
	s.EditTitle(1, "Mine")
	s.EditBody(1, func(body string) string { return "Wait.\n" + body })
	s.Comment(1, "Why?")
	s.Retarget(1, "release")
	p := s.Pulls()[0]
	want := forge.Pull{
		Number: 1, URL: p.URL, State: forge.Open, Branch: "a", Base: "release", Head: g.Tip("a"), Title: "Mine", Body: "Wait.\nBecause.\n\nSee #1.",
		Author: "bot", Labels: []string{"wave"}, Created: p.Created, ID: p.ID,
	}
	if fmt.Sprint(p) != fmt.Sprint(want) {
		t.Errorf("there is %+v, want %+v", p, want)
	}
	if got := s.Comments(1); !slices.Equal(got, []forge.Comment{{Author: "person", Body: "Why?"}}) {
		t.Errorf("the comments are %+v", got)
	}
	s.ClosePull(1)
	s.ReopenPull(1)
	s.MergePullAndDelete(1)
	s.Comment(1, "Thanks.")
	if p := s.Pulls()[0]; p.State != forge.Merged || g.Tip("a") != "" {
		t.Errorf("it is %s, and its branch is at %q; want it merged and the branch gone", p.State, g.Tip("a"))
	}
	if n := s.Mutations() - mutations; n != 0 {
		t.Errorf("%d requests are counted", n)
	}
	events := must(t, s, "GET", "issues/1/events", "", 200)
	for _, kind := range []string{"labeled", "unlabeled", "renamed", "closed", "reopened", "merged", "base_ref_changed", "head_ref_deleted"} {
		if !strings.Contains(events, `"event":"`+kind+`"`) {
			t.Errorf("there is no event %q among %s", kind, events)
		}
	}
}

func TestMergeDeletesTheBranchWhereTheRepositoryDoes(t *testing.T) {
	for _, deletes := range []bool{false, true} {
		s, g := life(t, Config{DeletesBranches: deletes})
		s.MergePull(1)
		if gone := g.Tip("a") == ""; gone != deletes || s.Pulls()[0].State != forge.Merged {
			t.Errorf("the repository deletes branches: %v; the branch is gone: %v, the pull request %s", deletes, gone, s.Pulls()[0].State)
		}
	}
}

func TestReviewsAndDrafts(t *testing.T) {
	s, _ := life(t, Config{})
	must(t, s, "POST", "pulls/1/requested_reviewers", `{"reviewers": ["Ada", "grace"], "team_reviewers": ["platform"]}`, 201)
	must(t, s, "POST", "issues/1/assignees", `{"assignees": ["ADA", "nobody"]}`, 201)
	s.Review(1, "ada")
	p := s.Pulls()[0]
	if !slices.Equal(p.Reviewers, []string{"acme/platform", "grace"}) || !slices.Equal(p.Assignees, []string{"ada"}) {
		t.Errorf("the reviewers are %q, the assignees %q", p.Reviewers, p.Assignees)
	}
	must(t, s, "PATCH", "pulls/1", `{"state": "closed"}`, 200)
	must(t, s, "POST", "pulls", `{"title": "Draft", "head": "a", "base": "main", "draft": true}`, 201)
	if !s.Pulls()[1].Draft {
		t.Error("it is no draft")
	}
	s.MarkReady(2)
	if s.Pulls()[1].Draft {
		t.Error("it is a draft still")
	}
	s.MergePull(2)
	must(t, s, "PATCH", "pulls/2", `{"state": "closed"}`, 422)
	must(t, s, "POST", "issues/1/comments", `{"body": " "}`, 422)
	must(t, s, "POST", "issues/3/comments", `{"body": "x"}`, 404)
}

func TestSnapshot(t *testing.T) {
	s, g := life(t, Config{})
	must(t, s, "POST", "issues/1/labels", `{"labels": ["wave", "bases"]}`, 200)
	must(t, s, "POST", "issues/1/comments", `{"body": "instead of #2, not of #77\nhttp://x/pull/1"}`, 201)
	s.ClosePull(1)
	must(t, s, "POST", "pulls", `{"title": "Again", "head": "a", "base": "main", "draft": true}`, 201)
	must(t, s, "POST", "pulls/2/requested_reviewers", `{"reviewers": ["ada"]}`, 201)
	trees := map[string]string{}
	for _, branch := range []string{"main", "a"} {
		trees[branch] = g.run("", "rev-parse", branch+"^{tree}")
	}
	want := strings.NewReplacer("TREE-A", trees["a"], "TREE-MAIN", trees["main"]).Replace(`branch a: tree TREE-A
  | A
  | 
  | with a body
branch main: tree TREE-MAIN
  | Begin
pull request a into main: closed, of bot, tree TREE-A
  labels: bases, wave
  | Bump a
  | Because.
  | 
  | See #(a into main).
  comment of bot
  | instead of #(a into main, 2), not of #77
  | http://x/pull/(a into main)
pull request a into main, 2: open, a draft, of bot, tree TREE-A
  reviewers: ada
  | Again
  | 
`)
	if got := s.Snapshot(); got != want {
		t.Errorf("the snapshot is\n%s, want\n%s", got, want)
	}
}

// The numbers of pull requests depend on their order, and so does nothing of the snapshot.
func TestSnapshotWhateverTheOrder(t *testing.T) {
	var snapshots []string
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		g := NewGitDir(t)
		s := NewStrict(t, Config{GitDir: g.Dir})
		for _, name := range []string{"a", "b"} {
			g.Commit(name, "main", name, map[string]string{name: "1"})
		}
		for i, name := range order {
			must(t, s, "POST", "pulls", fmt.Sprintf(`{"title": "T", "head": %q, "base": "main", "body": "this is #%d"}`, name, i+1), 201)
		}
		snapshots = append(snapshots, s.Snapshot())
	}
	if snapshots[0] != snapshots[1] {
		t.Errorf("the snapshots are\n%s\nand\n%s", snapshots[0], snapshots[1])
	}
}

func TestClock(t *testing.T) {
	s, g := life(t, Config{})
	at := time.Date(2027, 2, 3, 4, 5, 6, 7, time.FixedZone("", 3600))
	s.SetClock(func() time.Time { return at })
	g.Commit("b", "main", "B", map[string]string{"b": "1"})
	answer := must(t, s, "POST", "pulls", `{"title": "B", "head": "b", "base": "main"}`, 201)
	if !strings.Contains(answer, `"created_at":"2027-02-03T03:05:06Z"`) || !s.Pulls()[1].Created.Equal(at.Truncate(time.Second)) {
		t.Errorf("it was opened at %s: %s", s.Pulls()[1].Created, answer)
	}
}

func TestLimit(t *testing.T) {
	for _, hints := range []bool{true, false} {
		s, _ := life(t, Config{})
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		s.Limit(3, 5, func() time.Time { return now }, hints)
		for i, step := range []struct {
			after  time.Duration
			push   bool
			status int
			hint   string
		}{
			{0, false, 200, ""},
			{10 * time.Second, true, 0, ""},
			{10 * time.Second, false, 200, ""},
			{0, false, 403, "40"},
			{39500 * time.Millisecond, false, 403, "1"},
			{0, true, 403, "1"},
			{500 * time.Millisecond, false, 200, ""}, // the first one is a minute old
			{9 * time.Second, false, 403, "1"},
			{time.Second, true, 0, ""},
			{5 * time.Minute, false, 403, "3230"}, // the hour's
			{3230 * time.Second, false, 200, ""},
		} {
			now = now.Add(step.after)
			status, hint, body := 0, "", ""
			if step.push {
				if f, ok := s.Write(); !ok {
					status, hint, body = f.Status, f.Header["Retry-After"], f.Body
				}
			} else {
				var header http.Header
				var err error
				if status, header, err = inMemory(t, s, http.MethodPatch, "pulls/1", `{"title": "B"}`); err != nil {
					t.Fatal(err)
				}
				hint = header.Get("Retry-After")
				if status == 403 {
					body = SecondaryLimit
				}
			}
			if !hints {
				step.hint = ""
			}
			if status != step.status || hint != step.hint || (status == 403) != strings.Contains(body, "secondary rate limit") {
				t.Errorf("step %d: %d, after %q; want %d, after %q", i+1, status, hint, step.status, step.hint)
			}
		}
		must(t, s, "GET", "pulls", "", 200)
		if got, writes := s.Refused(), len(s.Writes()); got != 5 || writes != 6 {
			t.Errorf("%d are refused and %d let through, want 5 and 6", got, writes)
		}
	}
}

func TestRoundTripWithoutNetwork(t *testing.T) {
	s, _ := life(t, Config{})
	s.Fail(On("GET", "/pulls"), 1, Fault{})
	if status, _, err := inMemory(t, s, http.MethodGet, "pulls", ""); err == nil || !strings.Contains(err.Error(), "the connection was cut") {
		t.Errorf("a fault that cuts the connection: %d, %v", status, err)
	}
	status, header, err := inMemory(t, s, http.MethodGet, "pulls", "")
	if err != nil || status != 200 || header.Get("X-RateLimit-Limit") != "5000" {
		t.Errorf("the answer is %d, %v, %v", status, header, err)
	}
}

// inMemory is ask without a network.
func inMemory(t *testing.T, s *Strict, method, path, body string) (int, http.Header, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"repos/acme/platform/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.RoundTrip(req)
	if err != nil {
		return 0, nil, err
	}
	return resp.StatusCode, resp.Header, resp.Body.Close()
}
