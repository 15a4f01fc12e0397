package cli_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A stranger is a server that is none of the forge's. It keeps what it is asked.
type stranger struct {
	url string // http://localhost:port

	mu    sync.Mutex
	asked []string // the requests, with what they say of who asks
}

// newStranger starts one. The forges of the tests are on 127.0.0.1, so that localhost
// is another host.
func newStranger(t *testing.T, answer http.HandlerFunc) *stranger {
	t.Helper()
	s := &stranger{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header))
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return s
}

func (s *stranger) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// wantsPassword is the answer that git's clients ask for a password on.
func wantsPassword(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
	http.Error(w, "who is there?", http.StatusUnauthorized)
}

// Whatever names the other host, --publish pr ends before anything is sent, and auto
// makes local branches.
func TestTokenStaysWithItsForge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, h *hub, stranger string)
		host    string
		hint    string
	}{
		{"origin", func(t *testing.T, h *hub, stranger string) {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", stranger+"/acme/platform.git")
		}, "localhost", "hint: if it is GitHub Enterprise, set GITHUB_API_URL=https://localhost:"},
		{"pushurl", func(t *testing.T, h *hub, stranger string) {
			gittest.Git(t, h.clone, "remote", "set-url", "--push", "origin", stranger+"/acme/platform.git")
		}, "localhost", "github: {hosts: [localhost]}"},
		{"insteadOf", func(t *testing.T, h *hub, stranger string) {
			gittest.Git(t, h.clone, "config", "url."+stranger+"/.insteadOf", strings.TrimSuffix(h.git.URL, "acme/platform.git"))
		}, "localhost", "hint: "},
		{"pushInsteadOf", func(t *testing.T, h *hub, stranger string) {
			gittest.Git(t, h.clone, "config", "url."+stranger+"/.pushInsteadOf", "http://127.0.0.1")
		}, "localhost", "hint: "},
		{"the forge as user information", func(t *testing.T, h *hub, stranger string) {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", strings.Replace(stranger, "://", "://127.0.0.1@", 1)+"/acme/platform.git")
		}, "localhost", "hint: "},
		{"an alias of ssh", func(t *testing.T, h *hub, _ string) {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", "git@gh-work:acme/platform.git")
		}, "gh-work", "git remote set-url --push origin http://127.0.0.1:"},
		{"a longer name", func(t *testing.T, h *hub, _ string) {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", "https://127.0.0.1.evil.invalid/acme/platform.git")
		}, "127.0.0.1.evil.invalid", "hint: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			s := newStranger(t, wantsPassword)
			test.prepare(t, h, s.url)
			p := h.program().set("GITHUB_REPOSITORY", "acme/platform")
			p.transport = hook{func(r *http.Request) { t.Errorf("it asks for %s", r.URL) }}
			p.run(t, prArgs...).want(t, 2).says(t, "propagate: remote origin: the token is not sent to "+test.host+", which is not known to be a GitHub host\n", test.hint)
			p.run(t, "--base", "base@1.0.1").want(t, 0).says(t, "publishing as branch: the remote is on "+test.host+", which is not known to be a GitHub host")
			if asked := s.requests(); len(asked) > 0 {
				t.Errorf("the other host was asked %q", asked)
			}
		})
	}
}

// A host that the configuration names is one of the forge, with its API where GitHub
// Enterprise has it.
func TestHostThatTheConfigurationNames(t *testing.T) {
	t.Parallel()
	h := newHubAs(t, forgetest.EnterpriseServer, with(small(), ".propagate.yaml", noLabels+"github: {hosts: [ghes.example]}\n"))
	gittest.Git(t, h.clone, "remote", "set-url", "origin", "git@ghes.example:acme/platform.git")
	p := h.program()
	delete(p.env, "GITHUB_API_URL")
	var asked []string
	p.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.String())
		to := h.git.URL
		if strings.HasPrefix(r.URL.Path, "/api/v3/") {
			to = h.api.URL()
		}
		sent := r.Clone(r.Context())
		sent.URL.Scheme, sent.Host = "http", ""
		sent.URL.Host, _, _ = strings.Cut(strings.TrimPrefix(to, "http://"), "/")
		resp, err := http.DefaultTransport.RoundTrip(sent)
		if err == nil {
			resp.Request = r
		}
		return resp, err
	})
	p.run(t, prArgs...).want(t, 0)
	if pull := h.pull(t); pull.Head != h.tip(t, baseBranch) {
		t.Errorf("the pull request is %+v", pull)
	}
	for _, url := range asked {
		if !strings.HasPrefix(url, "https://ghes.example/") {
			t.Errorf("it asked for %s", url)
		}
	}
}

// Where the git server or the API sends requests elsewhere, nobody goes there.
func TestRedirectsToOtherHosts(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			s := newStranger(t, wantsPassword)
			away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, s.url+r.URL.RequestURI(), status)
			}))
			t.Cleanup(away.Close)
			r := h.program().set("GITHUB_API_URL", away.URL).run(t, prArgs...).want(t, 1)
			r.says(t, "it redirects to http://localhost:", "which is not followed", "hint: ")
			gittest.Git(t, h.clone, "remote", "set-url", "origin", away.URL+"/acme/platform.git")
			r = h.program().run(t, prArgs...).want(t, 1)
			r.says(t, "it redirects to http://localhost:", "which is not followed", "hint: ")
			if asked := s.requests(); len(asked) > 0 {
				t.Errorf("the other host was asked %q", asked)
			}
			if h.tip(t, baseBranch) != "" || len(h.api.Pulls()) > 0 {
				t.Error("there is a branch or a pull request")
			}
		})
	}
}

// Nobody speaks to the hosts of submodules.
func TestSubmodulesAreNotAsked(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	s := newStranger(t, wantsPassword)
	head := gittest.Git(t, h.clone, "rev-parse", "HEAD")
	write(t, h.clone, ".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = "+s.url+"/acme/lib.git\n")
	gittest.Git(t, h.clone, "update-index", "--add", "--cacheinfo", "160000,"+head+",lib")
	gittest.Git(t, h.clone, "add", ".gitmodules")
	gittest.Git(t, h.clone, "commit", "--quiet", "--message", "a submodule")
	h.push(t)
	gittest.Git(t, h.clone, "config", "submodule.lib.url", s.url+"/acme/lib.git")
	gittest.Git(t, h.clone, "config", "fetch.recurseSubmodules", "true")
	h.one(t, 0)
	if asked := s.requests(); len(asked) > 0 {
		t.Errorf("the host of the submodule was asked %q", asked)
	}
}

// git gets the token for the files that a partial clone is without from the hosts of the
// forge alone, however willing its credential helper is.
func TestTokenOfAPartialClone(t *testing.T) {
	h := smallHub(t)
	dir := filepath.Join(gittest.TempDir(t), "partial")
	gittest.Git(t, h.clone, "clone", "--quiet", "--filter=blob:none", "--no-checkout", h.git.AuthURL(), dir)
	gittest.Git(t, dir, "config", "credential.helper", `!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN$GH_TOKEN"; }; f`)
	s := newStranger(t, wantsPassword)
	t.Setenv("GITHUB_TOKEN", token)
	p := h.program()
	p.dir = dir

	gittest.Git(t, dir, "remote", "set-url", "origin", s.url+"/acme/platform.git")
	p.run(t, "scan").want(t, 2).says(t, "git cannot fetch it from origin")
	asked := s.requests()
	for _, request := range asked {
		if strings.Contains(request, base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))) {
			t.Errorf("the other host got the token: %s", request)
		}
	}
	if len(asked) == 0 {
		t.Error("git did not ask the remote of the clone")
	}
	gittest.Git(t, dir, "remote", "set-url", "origin", h.git.URL)
	p.run(t, "scan").want(t, 0).says(t, "services/a/Dockerfile")
}

// A roundTripper is a transport that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
