package github_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

func TestReadsAreTriedAgain(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		b := newBench(t)
		b.Fail(forgetest.On("GET", "/pulls"), 3, forgetest.Fault{Status: status, Body: "<html>"})
		if got, err := b.client.Pulls(t.Context(), "a"); err != nil || len(got) != 0 {
			t.Errorf("Pulls after three times %d: %v, %v", status, got, err)
		}
		if got, want := b.clock.Slept(), []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}; !slices.Equal(got, want) {
			t.Errorf("waited %v, want %v", got, want)
		}
	}
	b := newBench(t)
	b.Fail(forgetest.On("GET", "/pulls"), 4, forgetest.Fault{Status: 502, Body: "<html>"})
	_, err := b.client.Pulls(t.Context(), "a")
	expectError(t, err, forge.ErrUnavailable,
		"listing pull requests of a of acme/platform: "+b.host()+" fails with 502 Bad Gateway",
		"run the same command again later: what is done already is found and kept")
}

func TestLostAnswerToAChange(t *testing.T) {
	for name, fault := range map[string]forgetest.Fault{
		"502":              {Status: 502, Body: "<html>", After: true},
		"cut connection":   {After: true},
		"garbled answer":   {Status: 201, Body: `{"number": 1, "ti`, After: true},
		"answer of a page": {Status: 201, Body: `<html>`, After: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			spec := b.change("a")
			b.Fail(forgetest.On("POST", "/pulls"), 1, fault)
			if p, err := b.client.OpenPull(t.Context(), spec); !errors.Is(err, forge.ErrUnavailable) {
				t.Errorf("OpenPull: %+v, %v; want ErrUnavailable", p, err)
			}
			if n := b.Mutations(); n != 1 {
				t.Errorf("the change was sent %d times", n)
			}
			found, err := b.client.Pulls(t.Context(), "a")
			if err != nil || len(found) != 1 || found[0].Title != spec.Title || found[0].State != forge.Open {
				t.Errorf("Pulls: %+v, %v; want the pull request", found, err)
			}
		})
	}
}

func TestLabelsFailAlone(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	b.Fail(forgetest.On("POST", "/labels"), 1, forgetest.Fault{Status: 500})
	err := b.client.AddLabels(t.Context(), p.Number, []string{"propagate"})
	expectError(t, err, forge.ErrUnavailable,
		"adding labels to pull request 1 of acme/platform: "+b.host()+" fails with 500 Internal Server Error",
		"run the same command again later: what is done already is found and kept")
	// What differs in case only is one label.
	if err := b.client.AddLabels(t.Context(), p.Number, []string{"wave", "propagate", "Propagate"}); err != nil {
		t.Error(err)
	}
	sent := b.Requests()
	if body := string(sent[len(sent)-1].Body); body != `{"labels":["propagate","wave"]}`+"\n" {
		t.Errorf("%q is sent", body)
	}
	found, err := b.client.Pulls(t.Context(), "a")
	if err != nil || len(found) != 1 || !slices.Equal(found[0].Labels, []string{"propagate", "wave"}) {
		t.Errorf("Pulls: %+v, %v; want two labels", found, err)
	}
}

func TestRedirectToAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host got %s %s with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 307, 308} {
		b := newBench(t)
		spec := b.change("a")
		b.Fail(func(forgetest.Request) bool { return true }, 2, forgetest.Fault{
			Status: status, Header: map[string]string{"Location": other.URL + "/repos/acme/platform"},
		})
		_, err := b.client.Repository(t.Context())
		expectError(t, err, forge.ErrUnavailable,
			"reading acme/platform: "+b.host()+": it redirects to "+other.URL+", which is not followed",
			"set GITHUB_API_URL and GITHUB_REPOSITORY to where the repository is now")
		if _, err := b.client.OpenPull(t.Context(), spec); !errors.Is(err, forge.ErrUnavailable) {
			t.Errorf("OpenPull: %v; want ErrUnavailable", err)
		}
	}
}

// A redirect must not make a GET out of a POST, and must come to an end.
func TestRedirectOnTheSameHost(t *testing.T) {
	b := newBench(t)
	spec := b.change("a")
	b.Fail(forgetest.On("POST", "/pulls"), 1, forgetest.Fault{Status: 301, Header: map[string]string{"Location": "/repos/acme/platform/pulls"}})
	if _, err := b.client.OpenPull(t.Context(), spec); !errors.Is(err, forge.ErrUnavailable) || len(b.Requests()) != 1 {
		t.Errorf("OpenPull: %v, with %d requests; want ErrUnavailable", err, len(b.Requests()))
	}
	b.Fail(forgetest.On("GET", "/platform"), 5, forgetest.Fault{Status: 307, Header: map[string]string{"Location": "/repos/acme/platform"}})
	if _, err := b.client.Repository(t.Context()); !errors.Is(err, forge.ErrUnavailable) {
		t.Errorf("Repository: %v; want ErrUnavailable", err)
	}
}

func TestRenamedRepositoryIsFollowed(t *testing.T) {
	for _, d := range []forgetest.Description{forgetest.GitHub, forgetest.EnterpriseServer} {
		b := benchFor(t, forgetest.Config{FormerName: "acme/monorepo", Description: d}, func(o *github.Options) { o.Repo = "monorepo" })
		spec := b.change("a")
		if got, err := b.client.Repository(t.Context()); err != nil || got.DefaultBranch != "main" {
			t.Errorf("Repository: %+v, %v", got, err)
		}
		p := b.open(t, spec)
		another, labels := "Another", []string{"propagate"}
		if _, err := b.client.EditPull(t.Context(), p.Number, forge.PullEdit{Title: &another}); err != nil {
			t.Error(err)
		}
		if err := b.client.AddLabels(t.Context(), p.Number, labels); err != nil {
			t.Error(err)
		}
		found, err := b.client.Pulls(t.Context(), "a")
		if err != nil || len(found) != 1 || found[0].Title != another || !slices.Equal(found[0].Labels, labels) {
			t.Errorf("Pulls: %+v, %v", found, err)
		}
	}
}

func TestMoreThanOnePage(t *testing.T) {
	b := newBench(t)
	spec, other := b.change("a"), b.change("b")
	const n = 102
	for i := range n {
		p := b.open(t, spec)
		if i < n-1 {
			b.ClosePull(p.Number)
		}
		if i == 50 {
			b.open(t, other)
		}
	}
	found, err := b.client.Pulls(t.Context(), "a")
	if err != nil || len(found) != n {
		t.Fatalf("Pulls returns %d, %v; want %d", len(found), err, n)
	}
	if !slices.IsSortedFunc(found, func(x, y forge.Pull) int { return y.Number - x.Number }) {
		t.Error("they are not sorted by number, downwards")
	}
	if found[0].State != forge.Open || found[0].Number != n+1 {
		t.Errorf("the first one is %+v", found[0])
	}
}

// GitHub has been seen to ignore a filter; a fork of the owner passes it.
func TestPullsOfOtherRepositories(t *testing.T) {
	pull := func(number, branch, repo string) string {
		return `{"number": ` + number + `, "state": "open", "head": {"ref": "` + branch + `", "repo": ` + repo + `}, "base": {"ref": "main", "repo": {"id": 7}}}`
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("[" + strings.Join([]string{
			pull("1", "a", `{"id": 8}`), pull("2", "a", "null"), pull("3", "b", `{"id": 7}`), pull("4", "a", `{"id": 7}`),
		}, ",") + "]"))
	}))
	defer server.Close()
	client, err := github.New(github.Options{BaseURL: server.URL, Owner: "acme", Repo: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := client.Pulls(t.Context(), "a")
	if err != nil || len(found) != 1 || found[0].Number != 4 {
		t.Errorf("Pulls: %+v, %v; want number 4 alone", found, err)
	}
}

// Some servers keep the newline that git puts at the end.
func TestMessageWithoutLastNewline(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"sha": "1", "message": "Title\n\nPropagate-Plan: 1\n"}`))
	}))
	defer server.Close()
	client, err := github.New(github.Options{BaseURL: server.URL, Owner: "acme", Repo: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Commit(t.Context(), "1234567890123456789012345678901234567890")
	if want := "Title\n\nPropagate-Plan: 1"; err != nil || c.Message != want {
		t.Errorf("Commit: %q, %v; want %q", c.Message, err, want)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client, err := github.New(github.Options{
		BaseURL: server.URL, Owner: "acme", Repo: "platform", Timeout: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Repository(t.Context())
	expectError(t, err, forge.ErrUnavailable,
		"reading acme/platform: "+strings.TrimPrefix(server.URL, "http://")+" cannot be reached: no answer in time, 20ms",
		"is GITHUB_API_URL right, and is the network up? then run the same command again")
}
