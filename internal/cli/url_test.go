package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// byURL is propagate with the repository of the hub by its URL, and a cache of its own.
func (h *hub) byURL(t *testing.T) program {
	t.Helper()
	p := h.program()
	p.dir, p.cache = h.git.URL, filepath.Join(gittest.TempDir(t), "cache")
	return p
}

// reading are the commands that read, each with the exit status 0.
var reading = [][]string{
	{"scan", "-o", "json"},
	{"graph", "-o", "json"},
	{"affected", "--base", "base@1.0.1", "-o", "json"},
	{"plan", "--base", "base@1.0.1", "-o", "json"},
	{"--base", "base@1.0.1", "--dry-run"},
}

// Of a repository by its URL every command says what it says of a clone; the first one brings
// what it needs in two requests for content, and those behind it, and another run, bring nothing.
func TestURLAnswersTheSame(t *testing.T) {
	t.Parallel()
	const image = "registry.example/team"
	h := newHub(t, with(chain(image),
		".propagate.yaml", noLabels+"arguments:\n- files: ci/arguments.env\n  for: services/e/**\n",
		"ci/arguments.env", "VARIANT=base\n",
		"compose.yaml", "services:\n  f:\n    image: "+image+"/f:1.0.0\n    build: services/f\n",
		"services/f/Dockerfile", "FROM "+image+"/base:1.0.0\n",
		"services/e/Dockerfile", "ARG VARIANT\nFROM "+image+"/${VARIANT}:1.0.0\n"))
	p := h.byURL(t)
	for _, args := range reading {
		whole := h.program().run(t, args...).want(t, 0)
		before := h.git.Fetches()
		if got := p.run(t, args...).want(t, 0); got.stdout != whole.stdout {
			t.Errorf("%q by URL:\n%s\nof a clone:\n%s", args, got.stdout, whole.stdout)
		}
		requests := h.git.Fetches() - before
		switch args[0] {
		case "scan": // the references, twice; the commit; the configuration; Dockerfiles and build files
			if requests != 5 {
				t.Errorf("%d requests for %q", requests, args)
			}
		case "graph":
			if requests != 1 {
				t.Errorf("%d requests for %q, want the one for the references", requests, args)
			}
		}
	}
	h.commit(t, map[string]string{"services/f/Dockerfile": "# changed\nFROM " + image + "/base:1.0.0\n"})
	before := h.git.Fetches()
	if got, whole := p.run(t, "scan", "-o", "json").want(t, 0), h.program().run(t, "scan", "-o", "json").want(t, 0); got.stdout != whole.stdout {
		t.Errorf("after a commit, by URL:\n%s\nof a clone:\n%s", got.stdout, whole.stdout)
	}
	if n := h.git.Fetches() - before; n != 4 { // the references, twice; the commit; one Dockerfile
		t.Errorf("%d requests after a commit", n)
	}
}

// A directory that is called like a URL is a directory.
func TestDirectoryCalledLikeAURL(t *testing.T) {
	dir := plain(t, map[string]string{"host:repo/Dockerfile": from("1.0.0")})
	t.Chdir(dir)
	in("host:repo").run(t, "scan").want(t, 0).says(t, base+":1.0.0")
}

// Pull requests of a repository by its URL are those of a clone.
func TestPullRequestByURL(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"pr", "auto"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := h.byURL(t).set("GITHUB_REPOSITORY", "acme/the-one-of-the-job")
			run := func(state string) changeDocument {
				t.Helper()
				plan := document[planDocument](t, p.run(t, "--base", "base@1.0.1", "--publish", mode, "-o", "json").want(t, 0))
				plan.states(t, state)
				return plan.Changes[0]
			}
			first := run("created")
			if pull := h.pull(t); pull.Base != "main" || pull.Head != h.tip(t, baseBranch) || pull.Head != first.Commit {
				t.Errorf("the change is %+v, the pull request %+v", first, pull)
			}
			h.quiet(t, func() { run("unchanged") })
			h.commit(t, map[string]string{"services/a/Dockerfile": "# first\n" + from("1.0.0")})
			run("updated")
			if parent, main := gittest.Git(t, h.git.Dir, "rev-parse", baseBranch+"^"), h.tip(t, "main"); parent != main {
				t.Errorf("its parent is %s, want %s", parent, main)
			}
			h.api.MergePull(1)
			if left := document[planDocument](t, p.run(t, "--base", "base@1.0.1", "--publish", mode, "-o", "json").want(t, 0)); len(left.Changes) != 0 {
				t.Errorf("after the merge: %+v", left.Changes)
			}
			if out, err := gittest.Try(t, h.git.Dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
		})
	}
}

// The pull requests go to the branch that --ref names.
func TestPullRequestByURLToAnotherBranch(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	gittest.Git(t, h.clone, "push", "--quiet", h.git.AuthURL(), "HEAD:refs/heads/release/1")
	h.byURL(t).run(t, append([]string{"--ref", "release/1"}, prArgs...)...).want(t, 0)
	if pull := h.pull(t); pull.Base != "release/1" {
		t.Errorf("the pull request is %+v", pull)
	}
}

// git pushes from a repository by its URL, with the password that stands in it.
func TestPushByURL(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	for _, test := range []struct{ name, url string }{{"http", h.git.AuthURL()}, {"a directory", "file://" + h.git.Dir}} {
		p := h.byURL(t)
		p.dir, p.env = test.url, map[string]string{}
		args := []string{"--base", "base@1.0.1", "--publish", "push", "-o", "json"}
		plan := document[planDocument](t, p.run(t, args...).want(t, 0))
		plan.states(t, "created")
		if tip := h.tip(t, baseBranch); tip != plan.Changes[0].Commit {
			t.Errorf("%s: the branch is at %s: %+v", test.name, tip, plan.Changes[0])
		}
		document[planDocument](t, p.run(t, args...).want(t, 0)).states(t, "unchanged")
		if out, err := gittest.Try(t, h.git.Dir, "fsck", "--strict"); err != nil {
			t.Errorf("git fsck: %v\n%s", err, out)
		}
		gittest.Git(t, h.git.Dir, "update-ref", "-d", "refs/heads/"+baseBranch)
	}
}

// There are no branches and no files that anybody would find.
func TestURLHasNoBranchesOfYours(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	p := h.byURL(t)
	p.dir = h.git.AuthURL()
	for _, mode := range []string{"branch", "files"} {
		for _, more := range [][]string{nil, {"--dry-run"}} {
			p.run(t, append([]string{"--base", "base@1.0.1", "--publish", mode}, more...)...).want(t, 2).
				says(t, "--publish "+mode+": ", h.git.URL, "hint: --publish pr opens pull requests, --publish push pushes branches")
		}
	}
	p.env = map[string]string{}
	p.run(t, "--base", "base@1.0.1").want(t, 2).says(t, "nothing can be published: "+h.git.URL, "hint: ")
	p = p.set("GITHUB_API_URL", h.api.URL())
	p.run(t, "--base", "base@1.0.1").want(t, 2).says(t, "neither GITHUB_TOKEN nor GH_TOKEN is set")
	p.run(t, "--base", "base@1.0.1", "--dry-run").want(t, 0).says(t, "+FROM "+base+":1.0.1")
	if tip := h.tip(t, baseBranch); tip != "" {
		t.Errorf("the branch is at %s", tip)
	}
}

// What is wrong with a URL, or a reference, is status 2, and a server that cannot be read status 1.
func TestWrongURL(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	p := h.byURL(t)
	for _, test := range []struct {
		url, ref string
		status   int
		says     string
	}{
		{"ext::sh -c touch% x", "HEAD", 2, "propagate: -C ext::sh -c touch% x: it is no URL of a repository"},
		{"--upload-pack=x://y", "HEAD", 2, "begin with a dash"},
		{"ssh://-oProxyCommand=x/y", "HEAD", 2, "it names no host"},
		{"https://me:" + token + "@host.example/repo?x", "HEAD", 2, "propagate: -C https://host.example/repo: the URL of a repository ends with its path"},
		{"http://me:" + token + "@host.example/repo", "HEAD", 2, "plain http"},
		{h.git.URL, "nothing", 2, "propagate: --ref nothing at " + h.git.URL + ": there is no such branch, tag or commit"},
		{h.git.URL, "HEAD~1", 2, "hint: of a repository that is named by a URL one commit is fetched, without its history"},
		{strings.Replace(h.git.URL, "platform", "other", 1), "HEAD", 1, "acme/other.git: repository not found"},
		{"http://x-access-token:" + readToken + "@" + strings.TrimPrefix(h.git.URL, "http://"), "HEAD", 1, h.git.URL + ": authentication failed"},
		{"https://me:" + token + "@host.invalid/acme/repo.git", "HEAD", 1, "https://host.invalid/acme/repo.git: cannot be reached"},
		{"file://" + h.clone + "/none", "HEAD", 1, "/none: repository not found"},
	} {
		p.dir = test.url
		p.run(t, "--ref", test.ref, "scan").want(t, test.status).says(t, test.says, "hint: ")
	}
}

// The token goes to the host that it belongs to, whatever the repository says.
func TestTokenOfURL(t *testing.T) {
	t.Parallel()
	h := newHub(t, with(small(), ".propagate.yaml", noLabels+"github: {hosts: [127.0.0.1]}\n"))
	p := h.byURL(t)
	p.run(t, "scan").want(t, 0)
	p.env = map[string]string{"GH_TOKEN": token, "GITHUB_SERVER_URL": strings.TrimSuffix(h.git.URL, "/acme/platform.git")}
	p.run(t, "scan").want(t, 0)
	for name, env := range map[string]map[string]string{
		"no GitHub is named":      {"GITHUB_TOKEN": token},
		"another GitHub is named": {"GITHUB_TOKEN": token, "GITHUB_API_URL": "https://github.example/api/v3"},
		"there is no token":       {"GITHUB_API_URL": h.api.URL()},
	} {
		p.env = env
		if r := p.run(t, "scan").want(t, 1); !strings.Contains(r.stderr, h.git.URL+": authentication failed") {
			t.Errorf("%s: %s", name, r.stderr)
		}
	}
	// Its configuration names the host, which counts in a clone of somebody's, and not here.
	p.dir, p.env = h.git.AuthURL(), map[string]string{"GITHUB_TOKEN": token}
	p.run(t, prArgs...).want(t, 2).says(t, "the token is not sent to 127.0.0.1", "what a repository that is named by its URL says of hosts does not count")
	p.run(t, "--config", write0(t, "github: {hosts: [127.0.0.1]}\n"), "--base", "base@1.0.1", "--dry-run", "--publish", "auto", "--verbose").want(t, 0)
}

// write0 writes a file and returns its path.
func write0(t *testing.T, content string) string {
	t.Helper()
	dir := gittest.TempDir(t)
	write(t, dir, "file", content)
	return filepath.Join(dir, "file")
}

// Without the cache nothing stays.
func TestURLWithoutCache(t *testing.T) {
	h := smallHub(t)
	temp := gittest.TempDir(t)
	t.Setenv("TMPDIR", temp)
	p := h.byURL(t)
	want := h.program().run(t, "scan", "-o", "json").want(t, 0)
	if got := p.run(t, "--no-cache", "scan", "-o", "json").want(t, 0); got.stdout != want.stdout {
		t.Errorf("it says %s, want %s", got.stdout, want.stdout)
	}
	p.run(t, "--no-cache", "--ref", "nothing", "scan", "-o", "json").want(t, 2)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	if _, err := os.Stat(p.cache); err == nil {
		t.Error("there is a cache")
	}
}
