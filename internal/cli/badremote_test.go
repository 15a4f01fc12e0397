package cli_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// closedPort returns the address of a port where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Pull requests that cannot be opened: status 1, or 2 where the token must not be sent,
// and neither branch nor pull request is made, neither here nor there.
func TestRemotesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	origin := func(t *testing.T, h *hub, url string) program {
		gittest.Git(t, h.clone, "remote", "set-url", "origin", url)
		return h.program().set("GITHUB_REPOSITORY", "acme/platform")
	}
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, h *hub) program
		want    []string
	}{
		{"no token", func(_ *testing.T, h *hub) program { return h.program().set("GITHUB_TOKEN", "") },
			[]string{"propagate: publishing pull requests: there is no token\n", "hint: set GITHUB_TOKEN or GH_TOKEN"}},
		{"wrong token", func(_ *testing.T, h *hub) program { return h.program().set("GITHUB_TOKEN", "ghp_9876WRONGwrong") },
			[]string{"the token is not accepted", "hint: is GITHUB_TOKEN or GH_TOKEN complete"}},
		{"token that the API does not accept", func(t *testing.T, h *hub) program {
			other := forgetest.NewStrict(t, forgetest.Config{GitDir: h.git.Dir, Token: "ghp_ANOTHER"})
			return h.program().set("GITHUB_API_URL", other.URL())
		}, []string{"the token is not accepted", "hint: "}},
		{"a push that is rejected", func(t *testing.T, h *hub) program {
			h.git.Hook(t, "pre-receive", "echo 'the freeze is on, and "+token+" is no secret'; exit 1")
			return h.program()
		}, []string{"propagate: " + baseBranch + ": ", "pre-receive hook declined", "the freeze is on, and *** is no secret"}},
		{"one branch that is rejected", func(t *testing.T, h *hub) program {
			h.git.Hook(t, "update", "echo 'no robots' >&2; exit 1")
			return h.program()
		}, []string{"propagate: " + baseBranch + ": ", "hook declined", "no robots"}},
		{"a remote at a closed port", func(t *testing.T, h *hub) program {
			return origin(t, h, "http://"+closedPort(t)+"/acme/platform.git")
		}, []string{"propagate: remote http://127.0.0.1:", "cannot be reached", "connection refused", "hint: check the URL of the remote"}},
		{"a remote that is not found", func(t *testing.T, h *hub) program {
			return origin(t, h, strings.Replace(h.git.URL, "/acme/", "/gone/acme/", 1))
		}, []string{"repository not found", "hint: check the URL"}},
		{"a remote that is a web page", func(t *testing.T, h *hub) program {
			page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprint(w, "<html><body>Sign in\x1b[31m</body></html>")
			}))
			t.Cleanup(page.Close)
			return origin(t, h, page.URL+"/acme/platform.git")
		}, []string{"propagate: remote http://127.0.0.1:", "hint: "}},
		{"a remote in a directory", func(t *testing.T, h *hub) program { return origin(t, h, h.git.Dir) },
			[]string{"propagate: remote origin: no pull request can be opened at ", "hint: --publish branch"}},
		{"no remote", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "remove", "origin")
			return h.program()
		}, []string{"origin: no such remote"}},
		{"a remote without an owner", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", strings.Replace(h.git.URL, "/acme/", "/a/b/", 1))
			return h.program()
		}, []string{`propagate: repository "a/b/platform": it is none of GitHub`, "hint: set GITHUB_REPOSITORY"}},
		{"an API at a closed port", func(t *testing.T, h *hub) program {
			return h.program().set("GITHUB_API_URL", "http://"+closedPort(t))
		}, []string{"127.0.0.1:", "cannot be reached", "hint: is GITHUB_API_URL right"}},
		{"an API that is no URL", func(_ *testing.T, h *hub) program { return h.program().set("GITHUB_API_URL", "github") },
			[]string{"propagate: remote origin: the address of the GitHub API is no plain http or https URL", "hint: set GITHUB_API_URL"}},
		{"an API without TLS", func(_ *testing.T, h *hub) program { return h.program().set("GITHUB_API_URL", "http://github.example") },
			[]string{"propagate: remote origin: the token is not sent to github.example over plain http", "hint: set GITHUB_API_URL"}},
		{"a remote without TLS", func(t *testing.T, h *hub) program {
			return origin(t, h, "http://github.example:8080/acme/platform.git").set("GITHUB_API_URL", "https://github.example/api/v3")
		}, []string{"propagate: remote origin: the token is not sent to github.example:8080 over plain http", "hint: give origin a URL that begins with https://"}},
		{"a repository that the API does not find", func(_ *testing.T, h *hub) program {
			h.api.Fail(func(r forgetest.Request) bool { return r.Method == http.MethodGet }, 1, forgetest.Fault{Status: 404, Body: forgetest.Message("Not Found")})
			return h.program()
		}, []string{"not found, or the token may not see it", "hint: is acme/platform the right repository"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := test.prepare(t, h)
			before := everything(t, h.clone)
			mutations := h.api.Mutations()
			status := 1
			if strings.HasPrefix(test.want[0], "propagate: remote origin: the ") {
				status = 2
			}
			p.run(t, "--base", "base@1.0.1", "--publish", "pr").want(t, status).says(t, test.want...)
			if got := differences(before, everything(t, h.clone)); len(got) > 0 {
				t.Errorf("it wrote %v into the clone", got)
			}
			if tip := h.tip(t, "propagate/*"); tip != "" || h.api.Mutations() != mutations {
				t.Errorf("the branch is at %s, with %d changes by the API", tip, h.api.Mutations()-mutations)
			}
		})
	}
}

// A detached HEAD needs the API to know which branch is meant.
func TestDetachedHeadWithoutTheAPI(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	gittest.Git(t, h.clone, "checkout", "--quiet", "--detach")
	r := h.program().set("GITHUB_API_URL", "http://"+closedPort(t)).run(t, prArgs...).want(t, 1)
	r.says(t, "propagate: reading acme/platform: ", "cannot be reached")
	if h.tip(t, baseBranch) != "" {
		t.Error("there is a branch all the same")
	}
}

// The remote accepts one branch and refuses the other one.
func TestOneOfTwoBranchesIsRejected(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.git.Hook(t, "update", `case "$1" in *services.a) echo "not this one" >&2; exit 1;; esac`)
	args := append([]string{"--group", "service"}, prArgs...)
	r := h.program().run(t, args...).want(t, 3)
	changes := document[planDocument](t, r).Changes
	if changes[0].State != "failed" || changes[1].State != "created" || changes[1].Pull.Number != 1 {
		t.Errorf("the changes are %+v", changes)
	}
	r.says(t, "propagate: "+baseBranch+"--service-services.a: ", "not this one")
	h.git.Hook(t, "update", "exit 0")
	changes = document[planDocument](t, h.program().run(t, args...).want(t, 0)).Changes
	if changes[0].State != "created" || changes[1].State != "unchanged" {
		t.Errorf("then the changes are %+v", changes)
	}
}
