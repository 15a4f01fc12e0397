package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Every kind of clone opens the same pull request, and has nothing written into it.
func TestClones(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		clone func(t *testing.T, h *hub) string
	}{
		{"detached HEAD, as in CI", func(t *testing.T, h *hub) string {
			gittest.Git(t, h.clone, "checkout", "--quiet", "--detach")
			return h.clone
		}},
		{"shallow", func(t *testing.T, h *hub) string { return clone(t, h, "--depth", "1") }},
		{"shallow, and the remote is ahead", func(t *testing.T, h *hub) string {
			dir := clone(t, h, "--depth", "1")
			h.person(t, "main", map[string]string{"README.md": "# ahead\n"})
			return dir
		}},
		{"bare", func(t *testing.T, h *hub) string { return clone(t, h, "--bare") }},
		{"mirror", func(t *testing.T, h *hub) string { return clone(t, h, "--mirror") }},
		{"of one branch", func(t *testing.T, h *hub) string { return clone(t, h, "--single-branch") }},
		{"linked work tree", func(t *testing.T, h *hub) string {
			dir := filepath.Join(gittest.TempDir(t), "linked")
			gittest.Git(t, h.clone, "worktree", "add", "--quiet", "--detach", dir)
			return dir
		}},
		{"sparse", func(t *testing.T, h *hub) string {
			dir := clone(t, h, "--sparse")
			gittest.Git(t, dir, "sparse-checkout", "set", "services/b")
			return dir
		}},
		{"with alternates", func(t *testing.T, h *hub) string {
			dir := filepath.Join(gittest.TempDir(t), "shared")
			gittest.Git(t, h.clone, "clone", "--quiet", "--shared", h.clone, dir)
			gittest.Git(t, dir, "remote", "set-url", "origin", h.git.URL)
			return dir
		}},
		{"that is behind", func(t *testing.T, h *hub) string {
			h.person(t, "main", map[string]string{"README.md": "# ahead\n"})
			return h.clone
		}},
		{"on another branch, with --ref", func(t *testing.T, h *hub) string {
			gittest.Git(t, h.clone, "checkout", "--quiet", "-b", "work")
			gittest.Commit(t, h.clone, "work", map[string]string{"services/a/Dockerfile": "FROM scratch\n"})
			return h.clone
		}},
		{"with two remotes", func(t *testing.T, h *hub) string {
			gittest.Git(t, h.clone, "remote", "rename", "origin", "upstream")
			gittest.Git(t, h.clone, "remote", "add", "origin", h.git.URL+"/")
			return h.clone
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			main := h.tip(t, "main")
			p := h.program()
			p.dir = test.clone(t, h)
			before := everything(t, p.dir)
			args := prArgs
			if strings.HasSuffix(test.name, "--ref") {
				args = append([]string{"--ref", "main"}, args...)
			}
			made := document[planDocument](t, p.run(t, args...).want(t, 0)).Changes[0]
			pull := h.pull(t)
			if made.State != "created" || len(made.Files) != 2 || pull.Base != "main" || pull.Head != h.tip(t, baseBranch) {
				t.Errorf("the change is %+v, the pull request %+v", made, pull)
			}
			if parent := gittest.Git(t, h.git.Dir, "rev-parse", baseBranch+"^"); parent != main {
				t.Errorf("its parent is %s, want %s", parent, main)
			}
			h.quiet(t, func() {
				if again := document[planDocument](t, p.run(t, args...).want(t, 0)).Changes[0]; again.State != "unchanged" {
					t.Errorf("the second run says %+v", again)
				}
			})
			if got := differences(before, everything(t, p.dir)); len(got) > 0 {
				t.Errorf("it wrote %v into the clone", got)
			}
			if out, err := gittest.Try(t, h.git.Dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
		})
	}
}

// clone makes a clone whose URL holds the token, as those of many CI systems do.
func clone(t *testing.T, h *hub, options ...string) string {
	t.Helper()
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, filepath.Dir(dir), append(append([]string{"clone", "--quiet"}, options...), h.git.AuthURL(), dir)...)
	return dir
}

func TestCommitThatIsNotOnTheRemote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, h *hub)
		says    []string
	}{
		{"HEAD is ahead", func(t *testing.T, h *hub) {
			gittest.Commit(t, h.clone, "not pushed", map[string]string{"README.md": "# not pushed\n"})
		}, []string{"it is not on the remote's main", "hint: push it first, or read what is there with --ref origin/main"}},
		{"HEAD has parted", func(t *testing.T, h *hub) {
			h.person(t, "main", map[string]string{"README.md": "# theirs\n"})
			h.fetch(t)
			gittest.Commit(t, h.clone, "not pushed", map[string]string{"README.md": "# not pushed\n"})
		}, []string{"it is not on the remote's main", "hint: push it first"}},
		{"HEAD has parted, and it is not known", func(t *testing.T, h *hub) {
			h.person(t, "main", map[string]string{"README.md": "# theirs\n"})
			gittest.Commit(t, h.clone, "not pushed", map[string]string{"README.md": "# not pushed\n"})
		}, []string{"missing necessary objects", "hint: push or fetch the branch that this builds on"}},
		{"the branch is not there", func(t *testing.T, h *hub) {
			gittest.Git(t, h.clone, "checkout", "--quiet", "-b", "work")
		}, []string{"branch work: it is not on the remote", "hint: push it, or read another branch with --ref"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			test.prepare(t, h)
			mutations := h.api.Mutations()
			h.program().run(t, prArgs...).want(t, 1).says(t, test.says...)
			if got := h.tip(t, baseBranch); got != "" || h.api.Mutations() != mutations {
				t.Errorf("the branch is at %s, with %d changes by the API", got, h.api.Mutations()-mutations)
			}
		})
	}
}

// What is on the remote already can be read with --ref.
func TestRefOfTheRemote(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	gittest.Commit(t, h.clone, "not pushed", map[string]string{"services/a/Dockerfile": "FROM scratch\n"})
	made := h.one(t, 0, append([]string{"--ref", "origin/main"}, prArgs...)...)
	if pull := h.pull(t); made.State != "created" || len(made.Files) != 2 || pull.Base != "main" {
		t.Errorf("the change is %+v, the pull request %+v", made, pull)
	}
}

func TestAutoChooses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, h *hub) program
		pull    bool
		says    string
	}{
		{"a GitHub and a token", func(_ *testing.T, h *hub) program { return h.program() }, true,
			"publishing as pr: the remote is on 127.0.0.1 and a token is set"},
		{"a GitHub by GITHUB_SERVER_URL", func(_ *testing.T, h *hub) program {
			return h.program().set("GITHUB_SERVER_URL", "http://127.0.0.1", "GITHUB_API_URL", strings.Replace(h.api.URL(), "127.0.0.1", "localhost", 1))
		}, true, "publishing as pr: the remote is on 127.0.0.1 and a token is set"},
		{"no remote, but GITHUB_REPOSITORY", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "remove", "origin")
			return h.program().set("GITHUB_REPOSITORY", "acme/platform", "GITHUB_SERVER_URL", strings.TrimSuffix(h.git.URL, "/acme/platform.git"))
		}, true, "publishing as pr: "},
		{"no token", func(_ *testing.T, h *hub) program { return h.program().set("GITHUB_TOKEN", " ") }, false,
			"publishing as branch: neither GITHUB_TOKEN nor GH_TOKEN is set"},
		{"no remote", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "remove", "origin")
			return h.program()
		}, false, "publishing as branch: there is no remote that pull requests could go to"},
		{"a remote in a directory", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", h.git.Dir)
			return h.program()
		}, false, "publishing as branch: there is no remote that pull requests could go to"},
		{"another host", func(t *testing.T, h *hub) program {
			gittest.Git(t, h.clone, "remote", "set-url", "origin", "git@gitlab.example:acme/platform.git")
			return h.program()
		}, false, "publishing as branch: the remote is on gitlab.example, which is not known to be a GitHub host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := test.prepare(t, h)
			r := p.run(t, "--base", "base@1.0.1").want(t, 0)
			if !strings.Contains(r.stderr, test.says) {
				t.Errorf("stderr does not say %q: %s", test.says, r.stderr)
			}
			_, err := gittest.Try(t, h.clone, "rev-parse", "--verify", "--quiet", baseBranch)
			if local := err == nil; local == test.pull || len(h.api.Pulls()) > 0 != test.pull {
				t.Errorf("there is a local branch: %t; the pull requests are %+v", local, h.api.Pulls())
			}
		})
	}
}
