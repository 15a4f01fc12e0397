package cli_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A hub is a git server, and the API of a GitHub with the same repository.
type hub struct {
	git   *gittest.Server
	api   *forgetest.Strict
	clone string // a clone of it, with its branch main checked out
}

// noLabels is a configuration without labels: each would cost a pause.
const noLabels = "labels: []\n"

// newHub starts a hub with these files on branch main.
func newHub(t *testing.T, files map[string]string) *hub {
	t.Helper()
	return newHubAs(t, forgetest.GitHub, files)
}

func newHubAs(t *testing.T, d forgetest.Description, files map[string]string) *hub {
	t.Helper()
	return newHubWith(t, newGit(t), forgetest.Config{Description: d}, files)
}

func newHubWith(t *testing.T, git *gittest.Server, c forgetest.Config, files map[string]string) *hub {
	t.Helper()
	h := &hub{git: git}
	c.GitDir, c.Token, c.ReadToken = h.git.Dir, token, readToken
	h.api = forgetest.NewStrict(t, c)
	h.clone = gittest.Init(t, files)
	gittest.Git(t, h.clone, "remote", "add", "origin", h.git.URL)
	h.push(t)
	return h
}

func newGit(t *testing.T) *gittest.Server {
	t.Helper()
	return gittest.NewServer(t, "acme", "platform", "x-access-token", token)
}

// smallHub is a hub of the small repository, without labels.
func smallHub(t *testing.T) *hub {
	t.Helper()
	return newHub(t, with(small(), ".propagate.yaml", noLabels))
}

// push pushes the HEAD of the clone to main.
func (h *hub) push(t testing.TB) {
	t.Helper()
	gittest.Git(t, h.clone, "push", "--quiet", h.git.AuthURL(), "HEAD:refs/heads/main")
	h.fetch(t)
}

// fetch updates the clone's remote-tracking branches.
func (h *hub) fetch(t testing.TB) {
	t.Helper()
	gittest.Git(t, h.clone, "fetch", "--quiet", h.git.AuthURL(), "+refs/heads/*:refs/remotes/origin/*")
}

// commit makes a commit in the clone and pushes it to main.
func (h *hub) commit(t testing.TB, files map[string]string) {
	t.Helper()
	gittest.Commit(t, h.clone, "on main", files)
	h.push(t)
}

// program is propagate in the clone.
func (h *hub) program() program {
	return program{dir: h.clone, env: map[string]string{"GITHUB_TOKEN": token, "GITHUB_API_URL": h.api.URL()}}
}

// tip is where a branch of the server is; "" where there is none.
func (h *hub) tip(t testing.TB, branch string) string {
	t.Helper()
	return gittest.Git(t, h.git.Dir, "for-each-ref", "--format=%(objectname)", "refs/heads/"+branch)
}

// person commits files on top of a branch of the server, as somebody else.
func (h *hub) person(t testing.TB, branch string, files map[string]string) string {
	t.Helper()
	elsewhere := gittest.TempDir(t)
	gittest.Git(t, elsewhere, "clone", "--quiet", "--branch", branch, h.git.AuthURL(), ".")
	id := gittest.Commit(t, elsewhere, "by a person", files)
	gittest.Git(t, elsewhere, "push", "--quiet", "origin", branch)
	return id
}

var prArgs = []string{"--base", "base@1.0.1", "--publish", "pr", "-o", "json"}

// one runs propagate and returns the only change.
func (h *hub) one(t *testing.T, status int, args ...string) changeDocument {
	t.Helper()
	if len(args) == 0 {
		args = prArgs
	}
	changes := document[planDocument](t, h.program().run(t, args...).want(t, status)).Changes
	if len(changes) != 1 {
		t.Fatalf("%d changes, want 1: %+v", len(changes), changes)
	}
	return changes[0]
}

// pull returns the only pull request.
func (h *hub) pull(t *testing.T) forge.Pull {
	t.Helper()
	pulls := h.api.Pulls()
	if len(pulls) != 1 {
		t.Fatalf("%d pull requests, want 1: %+v", len(pulls), pulls)
	}
	return pulls[0]
}

// quiet fails the test if f makes a push or a request that changes something.
func (h *hub) quiet(t *testing.T, f func()) {
	t.Helper()
	mutations, pushes := h.api.Mutations(), h.git.Pushes()
	f()
	if m, p := h.api.Mutations()-mutations, h.git.Pushes()-pushes; m != 0 || p != 0 {
		t.Errorf("%d changes by the API and %d pushes, want none", m, p)
	}
}

// A hook is a transport that calls before ahead of every request.
type hook struct{ before func(*http.Request) }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.before(r)
	return http.DefaultTransport.RoundTrip(r)
}

// set is a program with other values in its environment.
func (p program) set(pairs ...string) program {
	env := maps.Clone(p.env)
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	p.env = env
	return p
}
