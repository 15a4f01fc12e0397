package cli_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// appKey is the private key of the Apps of these tests, and otherKey one of another App.
var appKey, otherKey = sync.OnceValue(newAppKey), sync.OnceValue(newAppKey)

func newAppKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func pemOf(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// newAppSite is a site whose servers take the tokens of a GitHub App.
func newAppSite(t *testing.T, files map[string]string, edit func(*forgetest.App)) *site {
	t.Helper()
	app := &forgetest.App{ID: 12345, ClientID: "Iv1.abc", Key: &appKey().PublicKey, Installation: 77, Permissions: map[string]string{"contents": "write", "pull_requests": "write"}}
	if edit != nil {
		edit(app)
	}
	git := newGit(t)
	s := &site{hub: newHubWith(t, git, forgetest.Config{App: app}, files), clock: newClock(), isApp: true}
	s.api.SetClock(func() time.Time { return s.clock.now() })
	git.Accepts = s.api.MayPush
	return s
}

// asApp is a program with the credentials of the App and no token.
func asApp(p program) program {
	return p.set("GITHUB_TOKEN", "", "GITHUB_APP_ID", "12345", "GITHUB_APP_PRIVATE_KEY", pemOf(appKey()))
}

// hides fails the test if a run shows what belongs to the App.
func (s *site) hides(t *testing.T, r result) result {
	t.Helper()
	for _, secret := range append(s.api.AppTokens(), pemOf(appKey())[40:80], "eyJhbGci") {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Errorf("the output shows %s\nstdout: %s\nstderr: %s", secret, r.stdout, r.stderr)
		}
	}
	return r
}

// The tokens of an App end within a run of hours, and it goes on with others.
func TestAppTokensEndInAFanOut(t *testing.T) {
	t.Parallel()
	const services = 100
	files := map[string]string{".propagate.yaml": "group: service\nlabels: [bases]\n"}
	for i := range services {
		files[fmt.Sprintf("services/s%03d/Dockerfile", i)] = from("1.0.0")
	}
	s := newAppSite(t, files, nil)
	s.api.Limit(80, 60, s.clock.now, true)
	began := s.clock.now()
	s.hides(t, s.program(&traffic{next: limited{s}}).run(t, append(sweepArgs("1.0.1"), "--max-wait", "24h")...).want(t, 0))
	if got := s.state(t).open(); len(got) != services {
		t.Fatalf("%d pull requests, want %d", len(got), services)
	}
	took, tokens := s.clock.now().Sub(began), len(s.api.AppTokens())
	if hours := int(took / time.Hour); hours < 2 || tokens < hours || tokens > hours+2 {
		t.Errorf("it takes %s and %d tokens", took, tokens)
	}
	s.quiet(t, func() { s.program(nil).run(t, sweepArgs("1.0.1")...).want(t, 0) })
}

// A token that is not accepted any more is made anew, wherever that is noticed.
func TestAppTokenIsRevoked(t *testing.T) {
	t.Parallel()
	s := newAppSite(t, with(twelve(), ".propagate.yaml", noLabels+"group: directory\n"), nil)
	s.keep(t)
	plain := &traffic{}
	s.program(plain).run(t, sweepArgs("1.0.1")...).want(t, 0)
	want := s.state(t)
	for k := 1; k <= plain.requests(); k++ {
		s.reset(t)
		tr := &traffic{before: func(n int, _ *http.Request) {
			if n == k {
				s.api.RevokeTokens()
			}
		}}
		s.hides(t, s.program(tr).run(t, sweepArgs("1.0.1")...).want(t, 0))
		if got := s.state(t); got.text != want.text {
			t.Errorf("revoked before %s, it differs:\n%s", plain.request(k), difference(want.text, got.text))
		}
	}
}

// What is wrong with the credentials ends the run before anything is written, and says what to do.
func TestAppCredentialsThatAreWrong(t *testing.T) {
	t.Parallel()
	const id, key, installation = "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_INSTALLATION_ID"
	dir := gittest.TempDir(t)
	write(t, dir, "app.pem", "no key\n")
	for _, test := range []struct {
		name   string
		set    []string
		status int
		says   []string
	}{
		{"no key", []string{key, ""}, 2, []string{"propagate: GITHUB_APP_PRIVATE_KEY: it is not set", "hint: an App is used with GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY"}},
		{"no ID", []string{id, " "}, 2, []string{"propagate: GITHUB_APP_ID: it is not set"}},
		{"a strange ID", []string{id, "a/b"}, 2, []string{`propagate: GITHUB_APP_ID: "a/b" is no ID of a GitHub App`}},
		{"a strange installation", []string{installation, "x"}, 2, []string{`propagate: GITHUB_APP_INSTALLATION_ID: "x" is no number`, "hint: leave it out"}},
		{"the beginning of a key", []string{key, pemOf(appKey())[:500]}, 2, []string{"propagate: GITHUB_APP_PRIVATE_KEY: it begins like a private key, and is not a whole one", "hint: give the whole file"}},
		{"no file", []string{key, filepath.Join(dir, "none.pem")}, 2, []string{"no file that can be read: " + filepath.Join(dir, "none.pem") + ": no such file"}},
		{"what may be a part of a key", []string{key, strings.Split(pemOf(appKey()), "\n")[1]}, 2, []string{"no file that can be read: no such file"}},
		{"a file without a key", []string{key, filepath.Join(dir, "app.pem")}, 2, []string{"propagate: GITHUB_APP_PRIVATE_KEY: " + filepath.Join(dir, "app.pem") + ": it is no private key in PEM form"}},
		{"the key of another App", []string{key, pemOf(otherKey())}, 1, []string{"the private key is none of the GitHub App 12345", "hint: GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY have to be those of one App"}},
		{"the ID of another App", []string{id, "54321"}, 1, []string{"there is no GitHub App 54321", "hint: set GITHUB_APP_ID"}},
	} {
		for _, publish := range []string{"pr", "auto"} {
			t.Run(test.name+" "+publish, func(t *testing.T) {
				t.Parallel()
				s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), nil)
				s.quiet(t, func() {
					r := s.program(nil).set(test.set...).run(t, "--base", "base@1.0.1", "--publish", publish).want(t, test.status)
					s.hides(t, r).says(t, test.says...)
					if line := strings.Split(pemOf(appKey()), "\n")[1]; strings.Contains(r.stderr, line) {
						t.Errorf("a line of the key is shown: %s", r.stderr)
					}
				})
			})
		}
	}
}

// Each form of credentials that is allowed is used, a token before an App, but for that of a job.
func TestWhichCredentials(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	write(t, dir, "app.pem", pemOf(appKey()))
	const key = "GITHUB_APP_PRIVATE_KEY"
	for _, test := range []struct {
		name string
		set  []string
		app  bool
		says string
	}{
		{"a key", nil, true, "publishing as pr: the remote is on 127.0.0.1 and a GitHub App is set"},
		{"a key on one line", []string{key, strings.ReplaceAll(pemOf(appKey()), "\n", `\n`)}, true, ""},
		{"the file of a key", []string{key, filepath.Join(dir, "app.pem")}, true, ""},
		{"the client ID", []string{"GITHUB_APP_ID", "Iv1.abc"}, true, ""},
		{"the installation", []string{"GITHUB_APP_INSTALLATION_ID", "77"}, true, ""},
		{"a token as well", []string{"GITHUB_TOKEN", token}, false, "note: a token is set and used, and the credentials of the GitHub App are not\nhint: unset GITHUB_TOKEN and GH_TOKEN to use the App"},
		{"a token in a job", []string{"GITHUB_TOKEN", token, "GITHUB_ACTIONS", "true"}, false, "note: a token is set and used"},
		{"the token of a job", []string{"GITHUB_TOKEN", "ghs_0123456789job", "GITHUB_ACTIONS", "true"}, true, "the GitHub App 12345 is used, and not the token of the job"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), nil)
			s.hides(t, s.program(nil).set(test.set...).run(t, "--base", "base@1.0.1").want(t, 0)).says(t, test.says)
			if len(s.state(t).open()) != 1 || len(s.api.AppTokens()) > 0 != test.app {
				t.Errorf("%d pull requests and %d tokens of the App", len(s.state(t).open()), len(s.api.AppTokens()))
			}
		})
	}
}

// The token of a job is warned of, once, where it opens pull requests.
func TestTokenOfTheJob(t *testing.T) {
	t.Parallel()
	const (
		job   = "ghs_0123456789job"
		sure  = "note: the token is that of this job: pull requests that are opened with it start no workflows by themselves, and it has 1000 requests in an hour\nhint: set GITHUB_APP_ID"
		maybe = "note: if the token is that of this job, pull requests"
	)
	for _, test := range []struct {
		name, token, actions, publish string
		hourly                        int
		want                          string
	}{
		{"a job", job, "true", "pr", 1000, sure},
		{"of itself", job, "true", "auto", 1000, sure},
		{"Enterprise Cloud", job, "true", "pr", 15000, maybe},
		{"Enterprise Server", job, "true", "pr", -1, maybe},
		{"another App in a job", job, "true", "pr", 5000, ""},
		{"an App on many repositories in a job", job, "true", "pr", 12500, ""},
		{"a person's in a job", "ghp_0123456789person", "true", "pr", 5000, ""},
		{"no job", job, "", "pr", 1000, ""},
		{"local branches", job, "true", "branch", 1000, ""},
		{"files", job, "true", "files", 1000, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			git := newGit(t)
			h := newHubWith(t, git, forgetest.Config{Hourly: test.hourly}, with(small(), ".propagate.yaml", noLabels+"group: service\n"))
			h.api.Accept(test.token)
			git.Accepts = func(password string) bool { return password == test.token }
			r := h.program().set("GITHUB_TOKEN", test.token, "GITHUB_ACTIONS", test.actions).run(t, "--base", "base@1.0.1", "--publish", test.publish).want(t, 0)
			if n := strings.Count(r.stderr, "of this job"); n != min(len(test.want), 1) || !strings.Contains(r.stderr, test.want) {
				t.Errorf("it says so %d times, want %q:\n%s", n, test.want, r.stderr)
			}
		})
	}
}

// A server that echoes a token that an App has made has it in no output.
func TestAppTokenThatAServerEchoes(t *testing.T) {
	t.Parallel()
	s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), nil)
	const first = "ghs_12345TestTestTestz1"
	s.git.Hook(t, "pre-receive", "echo 'it was "+first+"' >&2\nexit 1")
	r := s.hides(t, s.program(nil).run(t, append(sweepArgs("1.0.1"), "--commit-via", "git")...).want(t, 1))
	r.says(t, "it was ***")
	gittest.Git(t, s.git.Dir, "config", "core.hooksPath", "/none")
	s.api.Fail(forgetest.On("POST", "/pulls"), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("it was ghs_12345TestTestTestz2")})
	s.hides(t, s.program(nil).run(t, append(sweepArgs("1.0.1"), "--commit-via", "git")...).want(t, 3)).says(t, "it was ***")
}

// A repository that is named by its URL is fetched with a token of the App, too, and without it
// where it is installed elsewhere, with the reason.
func TestAppFetchesByURL(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), func(a *forgetest.App) { a.Elsewhere = elsewhere })
		p := s.program(nil)
		p.dir, p.cache = s.git.URL, filepath.Join(gittest.TempDir(t), "cache")
		if elsewhere {
			s.hides(t, p.run(t, append(sweepArgs("1.0.1"), "--commit-via", "git")...).want(t, 1)).says(t, "note: fetching without the GitHub App: ", "the GitHub App base-bumper is not installed on acme/platform", "hint: install it at ")
			continue
		}
		s.hides(t, p.run(t, append(sweepArgs("1.0.1"), "--commit-via", "git")...).want(t, 0))
		if open := s.state(t).open(); len(open) != 1 {
			t.Errorf("%d pull requests", len(open))
		}
	}
}

// What the installation of an App lacks is named, whichever request needs it, and nothing is written without it.
func TestAppLacksAPermission(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		permissions map[string]string
		says        []string
	}{
		"contents":      {map[string]string{"contents": "read", "pull_requests": "write"}, []string{"the GitHub App base-bumper lacks the permission contents: write on acme/platform", "hint: give it to the App on its settings page"}},
		"pull requests": {map[string]string{"contents": "write", "pull_requests": "read"}, []string{"the GitHub App base-bumper lacks the permission pull requests: write on acme/platform"}},
		"issues":        {map[string]string{"contents": "write", "pull_requests": "write"}, []string{"updating issue 1001 of acme/platform: ", "it needs issues: write (", "hint: give the GitHub App issues: write, and accept that for its installation on acme/platform\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), func(a *forgetest.App) { a.Permissions = tc.permissions })
			s.api.AddIssue("The patch of November.")
			args := []string{"--base", "base@1.0.1", "--publish", "pr", "--emergency"}
			if name == "issues" {
				args = []string{"status", "--base", "base@1.0.1", "--issue", "1001"}
			}
			s.hides(t, s.program(nil).run(t, args...).want(t, 1)).says(t, tc.says...)
			if len(s.api.Pulls()) != 0 || s.api.EditIssue(1001, func(body string) string { return body }) != "The patch of November." {
				t.Error("something was written")
			}
		})
	}
}
