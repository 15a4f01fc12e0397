package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// odd changes the newest commit of a site: one Dockerfile is executable, one is edited behind a
// symbolic link, one is not in UTF-8, and one is large.
func odd(t *testing.T, s *site) {
	t.Helper()
	write(t, s.clone, "services/s3/Dockerfile", from("1.0.0")+"# gr\xfc\xdfe\n")
	write(t, s.clone, "services/s4/Dockerfile", from("1.0.0")+strings.Repeat("# "+strings.Repeat("x", 98)+"\n", 3000))
	write(t, s.clone, "images/five", from("1.0.0"))
	if err := os.Chmod(filepath.Join(s.clone, "services", "s1", "Dockerfile"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(s.clone, "services", "s5", "Dockerfile")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../images/five", link); err != nil {
		t.Fatal(err)
	}
	s.commit(t, nil)
}

// GitHub makes the commits of an App, and their trees are those that git makes.
func TestCommitsByTheAPI(t *testing.T) {
	t.Parallel()
	files := with(twelve(), ".propagate.yaml", noLabels+"group: service\n")
	s := newAppSite(t, files, nil)
	odd(t, s)
	s.keep(t)
	s.program(nil).run(t, append(sweepArgs("1.0.1"), "--commit-via", "git")...).want(t, 0)
	trees := map[string]string{}
	for branch, id := range s.state(t).branches {
		trees[branch] = gittest.Git(t, s.git.Dir, "rev-parse", id+"^{tree}")
	}
	s.reset(t)
	pushes := s.git.Pushes()
	r := s.program(nil).set("GIT_AUTHOR_NAME", "Ada").run(t, sweepArgs("1.0.1")...).want(t, 0)
	s.hides(t, r).says(t, "note: GIT_AUTHOR_NAME, GIT_AUTHOR_DATE, GIT_COMMITTER_DATE: not used, since GitHub makes the commits")
	if n := s.git.Pushes() - pushes; n != 0 {
		t.Errorf("%d pushes, want none", n)
	}
	byAPI := s.state(t)
	for branch, id := range byAPI.branches {
		git := func(args ...string) string { return gittest.Git(t, s.git.Dir, args...) }
		if branch == "main" {
			continue
		}
		if got, want := git("rev-parse", id+"^{tree}"), trees[branch]; got != want {
			t.Errorf("%s: the tree is %s, and git makes %s", branch, got, want)
		}
		if who := git("show", "--no-patch", "--format=%an|%cn|%P", id); who != "base-bumper[bot]|GitHub|"+byAPI.branches["main"] {
			t.Errorf("%s: it is by %s", branch, who)
		}
	}
	if len(byAPI.branches) != 13 || len(trees) != 13 {
		t.Errorf("%d branches, and %d with git", len(byAPI.branches), len(trees))
	}
	links := 0
	for branch := range byAPI.branches {
		list := gittest.Git(t, s.git.Dir, "ls-tree", "-r", branch)
		for _, want := range []string{"100755 blob", "120000 blob"} {
			links += strings.Count(list, want)
		}
	}
	if links != 2*13 {
		t.Errorf("the branches have %d executable files and symbolic links", links)
	}
	s.quiet(t, func() { s.program(nil).run(t, sweepArgs("1.0.1")...).want(t, 0) })
	s.program(nil).run(t, sweepArgs("1.0.2")...).want(t, 0)
	for _, p := range s.api.Pulls() {
		if !strings.Contains(p.Title, "1.0.2") {
			t.Errorf("the title of #%d is %q", p.Number, p.Title)
		}
	}
}

// Which way is taken where nobody says.
func TestCommitViaAuto(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		env    []string
		pushes int
	}{
		{"the token of a person", nil, 1},
		{"the token of an App", []string{"GITHUB_TOKEN", "ghs_elsewhere"}, 0},
		{"the token of a job", []string{"GITHUB_TOKEN", "ghs_elsewhere", "GITHUB_ACTIONS", "true"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			if test.env != nil {
				h.api.Accept("ghs_elsewhere")
				h.git.Accepts = h.api.MayPush
			}
			before := h.git.Pushes()
			h.program().set(test.env...).run(t, prArgs...).want(t, 0)
			if n := h.git.Pushes() - before; n != test.pushes {
				t.Errorf("%d pushes, want %d", n, test.pushes)
			}
		})
	}
}

// Commits that are not verified end the run before a branch points to the first of them, where they have to be.
func TestUnverifiedCommits(t *testing.T) {
	t.Parallel()
	const services = 100
	files := map[string]string{".propagate.yaml": noLabels + "group: service\n"}
	for i := range services {
		files[fmt.Sprintf("services/s%03d/Dockerfile", i)] = from("1.0.0")
	}
	commits := func(s *site) (n int) {
		for _, r := range s.api.Requests() {
			if r.Method == "POST" && strings.HasSuffix(r.Path, "/git/commits") {
				n++
			}
		}
		return n
	}
	const hint = "hint: GitHub signs what is committed with the token of a GitHub App"
	for _, test := range []struct {
		name  string
		args  []string
		app   bool
		setUp func(s *site)
		says  string
	}{
		{"asked for", []string{"--commit-via", "api"}, false, func(*site) {}, "it is not verified (unsigned), and --commit-via api asks for commits that are"},
		{"demanded by a rule", nil, true, func(s *site) { s.api.RequireSignatures("main") }, "it is not verified (bad_email), and main takes no other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, files)
			if test.app {
				s = newAppSite(t, files, nil)
				s.api.Verify(forgetest.Verification{Reason: "bad_email"})
			}
			test.setUp(s)
			s.program(nil).run(t, append(sweepArgs("1.0.1"), test.args...)...).want(t, 1).says(t, test.says, hint)
			if n := commits(s); n != 1 {
				t.Errorf("%d commits were made, want 1", n)
			}
			s.state(t).count(t, 0, 0, 0, 0)
		})
	}
	t.Run("taken", func(t *testing.T) {
		t.Parallel()
		s := newAppSite(t, with(twelve(), ".propagate.yaml", noLabels+"group: directory\n"), nil)
		s.api.Verify(forgetest.Verification{})
		r := s.program(nil).run(t, sweepArgs("1.0.1")...).want(t, 0)
		if n := strings.Count(r.stderr, "note: the commits are not verified (unsigned); main takes them"); n != 1 {
			t.Errorf("it is said %d times: %s", n, r.stderr)
		}
		s.state(t).count(t, 6, 0, 0, 6)
		if n := commits(s); n != 7 {
			t.Errorf("%d commits were made, want one for each branch, and the first twice", n)
		}
	})
}

// What somebody pushes meanwhile is not overwritten.
func TestCommitsByTheAPIAreLeased(t *testing.T) {
	t.Parallel()
	s := newAppSite(t, with(small(), ".propagate.yaml", noLabels), nil)
	s.program(nil).run(t, sweepArgs("1.0.1")...).want(t, 0)
	branch := s.api.Pulls()[0].Branch
	theirs := ""
	tr := &traffic{}
	tr.before = func(int, *http.Request) {
		if theirs == "" && slices.ContainsFunc(tr.seen, func(r string) bool { return strings.HasSuffix(r, "/git/commits") }) {
			theirs = s.person(t, branch, map[string]string{"mine.txt": "mine\n"})
		}
	}
	s.program(tr).run(t, sweepArgs("1.0.2")...).want(t, 1).says(t, "the branch has moved to "+theirs[:12])
	if tip := s.tip(t, branch); tip != theirs {
		t.Errorf("the branch is at %s, want %s", tip, theirs)
	}
}

func TestCommitViaIsChecked(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.program().run(t, "--base", "base@1.0.1", "--commit-via", "mail").want(t, 2).says(t, "propagate: --commit-via mail: there is no such way", "hint: git, api or auto")
	h.program().run(t, "--base", "base@1.0.1", "--commit-via", "api", "--publish", "branch").want(t, 2).says(t, "propagate: --commit-via api: --publish branch makes the commits here")
}
