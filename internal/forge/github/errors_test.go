package github_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

func (b *bench) host() string {
	host, _, _ := strings.Cut(strings.TrimPrefix(b.URL(), "http://"), "/")
	return host
}

func TestErrors(t *testing.T) {
	const readToken = "github_pat_read"
	permission := "give the token contents: write and pull requests: write on acme/platform"
	credentials := "is GITHUB_TOKEN or GH_TOKEN complete, not expired and meant for HOST?"
	where := "is acme/platform the right repository, and does the token cover it?"
	opening := "opening a pull request for a of acme/platform: "
	for _, test := range []struct {
		name  string
		edit  func(*github.Options)
		fault forgetest.Fault // for the request that opens; none if it has no status
		spec  func(*forge.PullSpec)
		want  error
		text  string // HOST stands for the server's
		hint  string
	}{
		{
			name: "wrong token", edit: func(o *github.Options) { o.Token = "ghp_other" }, want: forge.ErrUnauthorized,
			text: opening + "HOST: the token is not accepted (Bad credentials)", hint: credentials,
		}, {
			name: "no token", edit: func(o *github.Options) { o.Token = "" }, want: forge.ErrUnauthorized,
			text: opening + "HOST wants a token, and there is none", hint: "set GITHUB_TOKEN or GH_TOKEN",
		}, {
			name: "token that may only read", edit: func(o *github.Options) { o.Token = readToken }, want: forge.ErrForbidden,
			text: opening + "HOST: the token may not do this: it needs contents: write and pull requests: write (Resource not accessible by personal access token)",
			hint: permission,
		}, {
			name: "single sign-on", want: forge.ErrForbidden,
			fault: forgetest.Fault{Status: 403, Body: forgetest.Message("Resource protected by organization SAML enforcement."), Header: map[string]string{"X-GitHub-SSO": "required; url=https://github.example/x"}},
			text:  opening + "HOST: the token may not do this: it needs contents: write and pull requests: write (Resource protected by organization SAML enforcement.)",
			hint:  "authorize the token for the single sign-on of acme",
		}, {
			name: "other repository", edit: func(o *github.Options) { o.Repo = "plattform" }, want: forge.ErrNotFound,
			text: "opening a pull request for a of acme/plattform: HOST: not found, or the token may not see it",
			hint: strings.Replace(where, "platform", "plattform", 1),
		}, {
			name: "exists", spec: func(s *forge.PullSpec) { s.Branch = "taken" }, want: forge.ErrExists,
			text: "opening a pull request for taken of acme/platform: HOST: A pull request already exists for acme:taken.",
		}, {
			name: "several reasons", spec: func(s *forge.PullSpec) { s.Base, s.Title = "none", strings.Repeat("x", 257) }, want: forge.ErrInvalid,
			text: opening + "HOST: refused as invalid (422 Unprocessable Entity): base is invalid; title is too long (maximum is 256 characters)",
		}, {
			name: "echoed token", want: forge.ErrInvalid,
			fault: forgetest.Fault{Status: 422, Body: forgetest.Message("no such thing as\n" + token)},
			text:  opening + "HOST: refused as invalid (422 Unprocessable Entity): no such thing as ***",
		}, {
			name: "archived", want: forge.ErrForbidden,
			fault: forgetest.Fault{Status: 403, Body: forgetest.Message("Repository was archived so is read-only.")},
			text:  opening + "HOST: the token may not do this: it needs contents: write and pull requests: write (Repository was archived so is read-only.)",
			hint:  permission,
		}, {
			name: "one-time password", want: forge.ErrUnauthorized,
			fault: forgetest.Fault{Status: 401, Body: forgetest.Message("Must specify two-factor authentication OTP code."), Header: map[string]string{"X-GitHub-OTP": "required; app"}},
			text:  opening + "HOST: the token is not accepted (it asks for a one-time password)", hint: credentials,
		}, {
			name: "page of a proxy", want: forge.ErrUnavailable, fault: forgetest.Fault{Status: 200, Body: "<html>"},
			text: opening + "HOST does not answer as the GitHub API does: invalid character '<' looking for beginning of value",
			hint: "is GITHUB_API_URL the root of the API, like https://github.example/api/v3?",
		}, {
			name: "no valid branch", spec: func(s *forge.PullSpec) { s.Branch = "a/../b" }, want: forge.ErrInvalid,
			text: `opening a pull request for "a/../b" of acme/platform: it is no name of a branch`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := benchFor(t, forgetest.Config{ReadToken: readToken})
			b.change("taken")
			b.open(t, forge.PullSpec{Branch: "taken", Base: "main", Title: "Taken"})
			spec := b.change("a")
			if test.spec != nil {
				test.spec(&spec)
			}
			if test.edit != nil {
				test.edit(&b.o)
			}
			if test.fault.Status != 0 {
				b.Fail(forgetest.On("POST", "/pulls"), 1, test.fault)
			}
			client, err := github.New(b.o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.OpenPull(t.Context(), spec)
			expectError(t, err, test.want, strings.ReplaceAll(test.text, "HOST", b.host()), strings.ReplaceAll(test.hint, "HOST", b.host()))
			if len(b.Pulls()) != 1 {
				t.Errorf("there are %+v", b.Pulls())
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	b := newBench(t)
	const none = "1234567890123456789012345678901234567890"
	_, err := b.client.Commit(t.Context(), none)
	expectError(t, err, forge.ErrNotFound,
		"reading commit "+none+" of acme/platform: "+b.host()+": not found, or the token may not see it",
		"is acme/platform the right repository, and does the token cover it?")
	for _, id := range []string{"", "main", none[:12], "../../user", strings.ToUpper("abcdef7890123456789012345678901234567890")} {
		if _, err := b.client.Commit(t.Context(), id); !errors.Is(err, forge.ErrInvalid) {
			t.Errorf("Commit(%q): %v; want ErrInvalid", id, err)
		}
	}
	for _, name := range []string{"", "/", "a//b", ".", "a/..", "a/.b", "a:b", "a b", "a~1", "a..b", "a/"} {
		if _, _, err := b.client.Branch(t.Context(), name); !errors.Is(err, forge.ErrInvalid) {
			t.Errorf("Branch(%q): %v; want ErrInvalid", name, err)
		}
		if _, err := b.client.Pulls(t.Context(), name); !errors.Is(err, forge.ErrInvalid) {
			t.Errorf("Pulls(%q): %v; want ErrInvalid", name, err)
		}
	}
	if n := len(b.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestEmptyRepositoryHasNoBranch(t *testing.T) {
	b := newBench(t)
	b.git.DeleteBranch("main")
	if id, ok, err := b.client.Branch(t.Context(), "main"); id != "" || ok || err != nil {
		t.Errorf("Branch() = %q, %v, %v; want none", id, ok, err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	client, err := github.New(github.Options{BaseURL: "http://" + addr, Token: token, Owner: "acme", Repo: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Repository(t.Context())
	expectError(t, err, forge.ErrUnavailable,
		"reading acme/platform: "+addr+" cannot be reached: dial tcp "+addr+": connection refused",
		"is GITHUB_API_URL right, and is the network up? then run the same command again")
}

func TestNewRefuses(t *testing.T) {
	repository := "set GITHUB_REPOSITORY to owner/name"
	address := "set GITHUB_API_URL to something like https://github.example/api/v3"
	for _, test := range []struct{ base, owner, repo, text, hint string }{
		{"https://api.github.com", "", "platform", `"/platform" is no name of a GitHub repository`, repository},
		{"https://api.github.com", "acme", "a/b", `"acme/a/b" is no name of a GitHub repository`, repository},
		{"https://api.github.com", "acme", "..", `"acme/.." is no name of a GitHub repository`, repository},
		{"https://api.github.com", "acme", "a?b#c", `"acme/a?b#c" is no name of a GitHub repository`, repository},
		{"", "acme", "platform", "the address of the GitHub API is no plain http or https URL", address},
		{"api.github.com", "acme", "platform", "the address of the GitHub API is no plain http or https URL", address},
		{"https://x:" + token + "@api.github.com", "acme", "platform", "the address of the GitHub API is no plain http or https URL", address},
		{"https://api.github.com?token=" + token, "acme", "platform", "the address of the GitHub API is no plain http or https URL", address},
		{"ftp://api.github.com", "acme", "platform", "the address of the GitHub API is no plain http or https URL", address},
		{"http://github.example/api/v3", "acme", "platform", "the token is not sent to github.example over plain http", "set GITHUB_API_URL to an address that begins with https://"},
		{"http://127.0.0.1.example/", "acme", "platform", "the token is not sent to 127.0.0.1.example over plain http", "set GITHUB_API_URL to an address that begins with https://"},
	} {
		_, err := github.New(github.Options{BaseURL: test.base, Token: token, Owner: test.owner, Repo: test.repo})
		expectError(t, err, nil, test.text, test.hint)
	}
	for _, o := range []github.Options{
		{BaseURL: "http://localhost:4010", Token: token}, {BaseURL: "http://[::1]:4010/", Token: token},
		{BaseURL: "http://github.example/api/v3"}, {BaseURL: "https://github.example/api/v3", Token: token},
	} {
		o.Owner, o.Repo = "acme", "my.repo_1-x"
		if _, err := github.New(o); err != nil {
			t.Errorf("New with %s: %v", o.BaseURL, err)
		}
	}
}

// The token travels in one header, to one place.
func TestWhereTheTokenGoes(t *testing.T) {
	b := newBench(t, func(o *github.Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.String(), token) {
				t.Errorf("the token is in %s", r.URL)
			}
			for name, values := range r.Header {
				if got := strings.Join(values, ","); strings.Contains(got, token) && (name != "Authorization" || got != "Bearer "+token) {
					t.Errorf("the header %s is %q", name, got)
				}
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	})
	spec := b.change("a")
	spec.Labels = []string{"propagate"}
	b.open(t, spec)
	for _, r := range b.Requests() {
		if r.Header.Get("Authorization") != "Bearer "+token || strings.Contains(string(r.Body), token) {
			t.Errorf("%s %s: %v %s", r.Method, r.Path, r.Header, r.Body)
		}
	}
}
