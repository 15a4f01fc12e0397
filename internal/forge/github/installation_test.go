package github_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

// granted are the permissions of the installation of these tests.
func granted() map[string]string {
	return map[string]string{"contents": "write", "pull_requests": "write", "issues": "write", "metadata": "read", "checks": "write"}
}

// appBench is a bench whose client has the credentials of an App.
func appBench(t *testing.T, edit func(*forgetest.Config, *github.Options)) *bench {
	t.Helper()
	c := forgetest.Config{App: &forgetest.App{ID: 12345, ClientID: "Iv1.abc", Key: &appKey().PublicKey, Installation: 77, Permissions: granted()}}
	var edits []func(*github.Options)
	if edit != nil {
		edit(&c, &github.Options{App: &github.App{}})
		edits = append(edits, func(o *github.Options) { edit(&forgetest.Config{App: &forgetest.App{}}, o) })
	}
	b := benchFor(t, c, append([]func(*github.Options){func(o *github.Options) {
		o.Token, o.App = "", &github.App{ID: "12345", Key: appKey()}
	}}, edits...)...)
	b.SetClock(b.clock.Now)
	return b
}

// made returns the bodies of the requests for tokens.
func (b *bench) made(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range b.Requests() {
		if !strings.HasSuffix(r.Path, "/access_tokens") {
			continue
		}
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		all = append(all, body)
	}
	return all
}

// A token is for the one repository, and allows what is needed and was granted, no more.
func TestAppAsksForLittle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		edit func(*forgetest.Config, *github.Options)
		want map[string]any
	}{
		{"all", nil, map[string]any{"contents": "write", "pull_requests": "write", "issues": "write", "metadata": "read", "checks": "read"}},
		{"what is needed alone", func(c *forgetest.Config, _ *github.Options) {
			c.App.Permissions = map[string]string{"contents": "write", "pull_requests": "write"}
		}, map[string]any{"contents": "write", "pull_requests": "write"}},
		{"more than it needs", func(c *forgetest.Config, _ *github.Options) {
			c.App.Permissions = map[string]string{"contents": "write", "pull_requests": "write", "issues": "read", "workflows": "write", "administration": "write"}
		}, map[string]any{"contents": "write", "pull_requests": "write", "issues": "read"}},
		{"workflows are edited", func(c *forgetest.Config, o *github.Options) {
			c.App.Permissions = map[string]string{"contents": "write", "pull_requests": "write", "workflows": "write"}
			o.App.Workflows = true
		}, map[string]any{"contents": "write", "pull_requests": "write", "workflows": "write"}},
	} {
		b := appBench(t, test.edit)
		b.open(t, b.change("a"))
		made := b.made(t)
		if len(made) != 1 || fmt.Sprint(made[0]["repositories"]) != "[platform]" || fmt.Sprint(made[0]["permissions"]) != fmt.Sprint(test.want) {
			t.Errorf("%s: the tokens are asked for with %v, want one with %v", test.name, made, test.want)
		}
	}
	b := appBench(t, func(_ *forgetest.Config, o *github.Options) { o.App.Workflows = true })
	b.open(t, b.change("a"))
	if !slices.ContainsFunc(b.log, func(line string) bool { return strings.Contains(line, "lacks the permission workflows: write") }) {
		t.Errorf("nothing is said of workflows: %q", b.log)
	}
}

// The installation is found under the former name of the repository, by its id, and by the
// client id of the App.
func TestAppFindsItsInstallation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		edit       func(*forgetest.Config, *github.Options)
	}{
		{"by client id", "GET /repos/acme/platform/installation", func(_ *forgetest.Config, o *github.Options) { o.App.ID = "Iv1.abc" }},
		{"by its id", "GET /app/installations/77", func(_ *forgetest.Config, o *github.Options) { o.App.Installation = 77 }},
		{"renamed", "GET /repos/acme/old/installation", func(c *forgetest.Config, o *github.Options) { c.FormerName, o.Repo = "acme/old", "old" }},
	} {
		b := appBench(t, test.edit)
		if _, err := b.client.Repository(t.Context()); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if r := b.Requests()[0]; r.Method+" "+r.Path != test.want {
			t.Errorf("%s: the first request is %s %s", test.name, r.Method, r.Path)
		}
		if made := b.made(t); test.name == "renamed" && fmt.Sprint(made[0]["repository_ids"], made[0]["repositories"]) != "[1.296269e+06] <nil>" {
			t.Errorf("the token is asked for with %v", made)
		}
	}
}

// A token is made anew before it ends, once where it is not accepted, and else kept.
func TestAppRenewsItsToken(t *testing.T) {
	t.Parallel()
	b := appBench(t, nil)
	read := func(tokens int) {
		t.Helper()
		if _, err := b.client.Repository(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.AppTokens()); n != tokens {
			t.Errorf("%d tokens were made, want %d", n, tokens)
		}
	}
	pass := func(d time.Duration) {
		t.Helper()
		if err := b.clock.Sleep(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	read(1)
	pass(54 * time.Minute)
	read(1)
	pass(2 * time.Minute)
	read(2)
	b.RevokeTokens()
	read(3)
	b.RevokeTokens()
	b.open(t, b.change("a")) // a write, with its body a second time
	read(4)
	b.Fail(func(r forgetest.Request) bool { return strings.HasSuffix(r.Path, "/platform") }, 2, forgetest.Fault{Status: 401, Body: forgetest.Message("Bad credentials")})
	_, err := b.client.Repository(t.Context())
	expectError(t, err, forge.ErrUnauthorized, "reading acme/platform: "+b.host()+": the token is not accepted (Bad credentials)",
		"it was made anew for the GitHub App, and is not accepted either: is the App still installed, and not suspended?")
	read(5)
}

func TestAppErrors(t *testing.T) {
	t.Parallel()
	fault := func(method, path string, n int, f forgetest.Fault) func(*bench) {
		return func(b *bench) { b.Fail(forgetest.On(method, path), n, f) }
	}
	for _, test := range []struct {
		name       string
		edit       func(*forgetest.Config, *github.Options)
		do         func(*bench)
		is         error
		text, hint string // ROOT stands for the URL of the server
	}{
		{"wrong key", func(_ *forgetest.Config, o *github.Options) { o.App.Key = otherKey() }, nil, forge.ErrUnauthorized,
			"the private key is none of the GitHub App 12345 (A JSON web token could not be decoded)",
			"GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY have to be those of one App, and the key one that its settings page lists"},
		{"wrong ID", func(_ *forgetest.Config, o *github.Options) { o.App.ID = "54321" }, nil, forge.ErrUnauthorized,
			"there is no GitHub App 54321 (Integration not found)", "set GITHUB_APP_ID to the App ID or the client ID that the settings page of the App shows"},
		{"not installed", func(c *forgetest.Config, _ *github.Options) { c.App.Elsewhere = true }, nil, forge.ErrUnauthorized,
			"the GitHub App base-bumper is not installed on acme/platform", "install it at ROOT/apps/base-bumper/installations/new; is acme/platform the right repository?"},
		{"installed elsewhere, by its ID", func(c *forgetest.Config, o *github.Options) { c.App.Elsewhere, o.App.Installation = true, 77 }, nil, forge.ErrUnauthorized,
			"the GitHub App base-bumper is not installed on acme/platform", "install it at ROOT/apps/base-bumper/installations/new; is acme/platform the right repository?"},
		{"wrong installation", func(_ *forgetest.Config, o *github.Options) { o.App.Installation = 78 }, nil, forge.ErrUnauthorized,
			"the GitHub App 12345 has no installation 78", "leave GITHUB_APP_INSTALLATION_ID out: the installation is found by the repository"},
		{"suspended", func(c *forgetest.Config, _ *github.Options) { c.App.Suspended = true }, nil, forge.ErrUnauthorized,
			"the installation of the GitHub App base-bumper on acme/platform is suspended", "unsuspend it at ROOT/organizations/acme/settings/installations/77"},
		{"a permission is missing", func(c *forgetest.Config, _ *github.Options) {
			c.App.Permissions = maps.Clone(granted())
			c.App.Permissions["pull_requests"] = "read"
		}, nil, forge.ErrForbidden,
			"the GitHub App base-bumper lacks the permission pull requests: write on acme/platform",
			"give it to the App on its settings page, and accept it for the installation at ROOT/organizations/acme/settings/installations/77"},
		{"two permissions are missing", func(c *forgetest.Config, _ *github.Options) {
			c.App.Permissions = map[string]string{"metadata": "read"}
		}, nil, forge.ErrForbidden,
			"the GitHub App base-bumper lacks the permission contents: write and pull requests: write on acme/platform",
			"give it to the App on its settings page, and accept it for the installation at ROOT/organizations/acme/settings/installations/77"},
		{"a clock that nothing puts right", nil, fault("GET", "/installation", 1, forgetest.Fault{Status: 401, Header: map[string]string{"Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
			Body: forgetest.Message("'Expiration time' claim ('exp') is too far in the future")}), forge.ErrUnauthorized,
			"the clock of this machine is wrong, so that the GitHub App 12345 is not believed ('Expiration time' claim ('exp') is too far in the future)", "set the clock: here it is 2026-03-01T12:00:00Z"},
		{"GitHub is unwell", nil, fault("POST", "/access_tokens", 4, forgetest.Fault{Status: 502}), forge.ErrUnavailable,
			"it fails with 502 Bad Gateway", "run the same command again later: what is done already is found and kept"},
		{"no GitHub", nil, fault("GET", "/installation", 1, forgetest.Fault{Status: 200, Body: "<html>"}), forge.ErrUnavailable,
			"it does not answer as the GitHub API does: invalid character '<' looking for beginning of value", "is GITHUB_API_URL the root of the API, like https://github.example/api/v3?"},
		{"an empty answer", nil, fault("POST", "/access_tokens", 1, forgetest.Fault{Status: 201, Body: "{}"}), forge.ErrUnauthorized,
			"the GitHub App base-bumper gets no token for acme/platform: 201 Created (it has no token)", ""},
		{"another host", nil, fault("GET", "/installation", 1, forgetest.Fault{Status: 302, Header: map[string]string{"Location": "http://localhost:1/"}}), forge.ErrUnavailable,
			"it redirects to http://localhost:1, which is not followed", "set GITHUB_API_URL and GITHUB_REPOSITORY to where the repository is now"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := appBench(t, test.edit)
			if test.do != nil {
				test.do(b)
			}
			_, err := b.client.Repository(t.Context())
			root := strings.TrimSuffix(b.URL(), "/")
			expectError(t, err, test.is, "reading acme/platform: "+b.host()+": "+strings.ReplaceAll(test.text, "ROOT", root), strings.ReplaceAll(test.hint, "ROOT", root))
		})
	}
}

// What passes by itself is got over: a clock that is wrong by that of the server, a server
// that is unwell, and a limit by the pause that it asks for.
func TestAppGetsOver(t *testing.T) {
	t.Parallel()
	limit := forgetest.Fault{Status: 403, Header: map[string]string{"Retry-After": "60"}, Body: forgetest.Message("You have exceeded a secondary rate limit.")}
	for _, test := range []struct {
		name string
		do   func(*bench)
		says string
	}{
		{"a clock behind", func(b *bench) { b.SetClock(func() time.Time { return b.clock.Now().Add(20 * time.Minute) }) }, "the clock of this machine is 20m0s from that of HOST: set it right"},
		{"a clock ahead", func(b *bench) { b.SetClock(func() time.Time { return b.clock.Now().Add(-20 * time.Minute) }) }, "the clock of this machine is 20m0s from that of HOST: set it right"},
		{"502", func(b *bench) { b.Fail(forgetest.On("POST", "/access_tokens"), 2, forgetest.Fault{Status: 502}) }, "HOST answers 502 Bad Gateway, trying again in 1s"},
		{"the connection breaks", func(b *bench) { b.Fail(forgetest.On("GET", "/installation"), 1, forgetest.Fault{}) }, "the connection to HOST broke, trying again in 1s"},
		{"a limit", func(b *bench) { b.Fail(forgetest.On("POST", "/access_tokens"), 1, limit) }, "HOST wants a pause of 1m0s: You have exceeded a secondary rate limit."},
		{"a limit on the first request", func(b *bench) { b.Fail(forgetest.On("GET", "/installation"), 1, limit) }, "HOST wants a pause of 1m0s: You have exceeded a secondary rate limit."},
	} {
		b := appBench(t, nil)
		test.do(b)
		spec := b.change("a")
		b.open(t, spec)
		if want := strings.ReplaceAll(test.says, "HOST", b.host()); !slices.Contains(b.log, want) {
			t.Errorf("%s: nobody says %q: %q", test.name, want, b.log)
		}
		if err := b.clock.Sleep(t.Context(), 50*time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, err := b.client.Repository(t.Context()); err != nil || len(b.AppTokens()) != 1 {
			t.Errorf("%s: %v, after %d tokens", test.name, err, len(b.AppTokens()))
		}
	}
}

// What the App signs goes to the API alone, its tokens there and to git, and neither to others or
// into an output.
func TestAppSecretsStayWithTheirHosts(t *testing.T) {
	t.Parallel()
	var learned, got []string
	b := appBench(t, func(_ *forgetest.Config, o *github.Options) {
		o.Git = mustURL(t, "https://github.example/acme/platform.git")
		o.Learn = func(secret string) { learned = append(learned, secret) }
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Hostname() == "127.0.0.1" {
				return http.DefaultTransport.RoundTrip(r)
			}
			user, password, _ := r.BasicAuth()
			got = append(got, r.URL.Host+" "+user+":"+password)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		})
	})
	git := &http.Client{Transport: b.client.Git()}
	for _, at := range []string{"https://github.example/acme/platform.git/info/refs", "http://github.example/acme/platform.git/info/refs", "https://github.example.evil/acme/platform.git/info/refs"} {
		resp, err := git.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	tokens := b.AppTokens()
	if want := []string{"github.example x-access-token:" + tokens[0], "github.example :", "github.example.evil :"}; !slices.Equal(got, want) {
		t.Errorf("git sends %q, want %q", got, want)
	}
	for _, r := range b.Requests() {
		secret := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !slices.Contains(learned, secret) {
			t.Errorf("%s %s shows what nobody was told of", r.Method, r.Path)
		}
		if text := b.client.Redactor().Text("it was <" + secret + ">"); text != "it was <***>" {
			t.Errorf("%s %s: what it shows becomes %s", r.Method, r.Path, text)
		}
	}
}

// A GitHub that others wrote believes the App by its own clock, which is that of the machine.
func TestAppOnTheEmulator(t *testing.T) {
	t.Parallel()
	dir := forgetest.NewGitDir(t)
	emulator := forgetest.NewEmulator(t, forgetest.Config{App: &forgetest.App{ID: 12345, Key: &appKey().PublicKey, Installation: 77, Permissions: granted()}})
	clock := newFakeClock()
	client, err := github.New(github.Options{
		BaseURL: emulator.URL(), App: &github.App{ID: "12345", Key: appKey()}, Owner: "acme", Repo: "platform", Now: clock.Now, Sleep: clock.Sleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	dir.Commit("a", "main", "Change a", map[string]string{"a": "1\n"})
	emulator.Mirror(t, dir.Dir)
	pull, err := client.OpenPull(t.Context(), forge.PullSpec{Branch: "a", Base: "main", Title: "Change a", Body: "Because."})
	if err != nil || pull.Author != "base-bumper[bot]" {
		t.Errorf("the pull request is %+v, %v", pull, err)
	}
}
