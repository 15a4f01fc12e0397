package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

const token = "ghp_s3cr3tT0k3n"

// A bench is a client on a strict server, with a clock that does not take time.
type bench struct {
	*forgetest.Strict
	git    *forgetest.GitDir
	clock  *fakeClock
	client *github.Client
	log    []string
	o      github.Options
}

func newBench(t *testing.T, edits ...func(*github.Options)) *bench {
	t.Helper()
	return benchFor(t, forgetest.Config{}, edits...)
}

func benchFor(t *testing.T, c forgetest.Config, edits ...func(*github.Options)) *bench {
	t.Helper()
	b := &bench{git: forgetest.NewGitDir(t), clock: newFakeClock()}
	c.GitDir, c.Token = b.git.Dir, token
	b.Strict = forgetest.NewStrict(t, c)
	b.o = github.Options{
		BaseURL: b.URL(), Token: token, Owner: b.Owner(), Repo: b.Repo(),
		MaxWait: 10 * time.Minute, Now: b.clock.Now, Sleep: b.clock.Sleep,
		Log: func(format string, args ...any) { b.log = append(b.log, fmt.Sprintf(format, args...)) },
	}
	for _, edit := range edits {
		edit(&b.o)
	}
	var err error
	if b.client, err = github.New(b.o); err != nil {
		t.Fatal(err)
	}
	return b
}

// change makes a branch with a commit and returns what to open for it.
func (b *bench) change(name string) forge.PullSpec {
	b.git.Commit(name, "main", "Change "+name, map[string]string{name: "1\n"})
	return forge.PullSpec{Branch: name, Base: "main", Title: "Change " + name, Body: "Because."}
}

func (b *bench) open(t *testing.T, spec forge.PullSpec) forge.Pull {
	t.Helper()
	p, err := b.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// expectError compares the error and its hint, and looks for the token.
func expectError(t *testing.T, err, want error, text, hint string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", text)
	}
	if want != nil && !errors.Is(err, want) {
		t.Errorf("%v is not %q", err, want)
	}
	if err.Error() != text {
		t.Errorf("the error is\n%s, want\n%s", err, text)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) {
		t.Fatalf("%v has no hint", err)
	}
	if got := hinted.Hint(); got != hint {
		t.Errorf("the hint is\n%s, want\n%s", got, hint)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, hinted.Hint()), token) {
		t.Errorf("the token is in %v", err)
	}
}

// A roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func expectIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("the error is %v, want %q", err, want)
	}
}

func expectLimit(t *testing.T, err error) {
	t.Helper()
	var limit *forge.RateLimitError
	if !errors.As(err, &limit) {
		t.Errorf("the error is %v, want a limit", err)
	}
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
