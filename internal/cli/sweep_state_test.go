package cli_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A site is a hub on a clock of its own that can be put back.
type site struct {
	*hub
	clock *clock
	isApp bool // the program has the credentials of a GitHub App
	// merges says that runs merge pull requests: the commits in which main gets to its files have any order then.
	merges bool
	git0   *gittest.Saved
	api0   *forgetest.Saved
}

// newSite starts a hub with these files on branch main.
func newSite(t *testing.T, files map[string]string) *site {
	t.Helper()
	return &site{hub: newHub(t, files), clock: newClock()}
}

// keep makes what the servers hold now what reset puts back.
func (s *site) keep(t testing.TB) {
	t.Helper()
	s.git0, s.api0 = gittest.Save(t, s.git.Dir), s.api.Save()
}

// reset puts the servers back to what they held for keep.
func (s *site) reset(t testing.TB) {
	t.Helper()
	s.git0.Restore(t)
	s.api.Restore(s.api0)
	s.clock = newClock()
}

// program is propagate in the clone, with dates that are the same in every run.
func (s *site) program(tr *traffic) program {
	p := s.hub.program().set("GIT_AUTHOR_DATE", gittest.Date, "GIT_COMMITTER_DATE", gittest.Date)
	p.clock = s.clock
	if s.isApp {
		p = asApp(p)
	}
	if tr != nil {
		p.transport = tr
	}
	return p
}

// pull updates the clone to what main is on the server.
func (s *site) pullMain(t testing.TB) {
	t.Helper()
	s.fetch(t)
	gittest.Git(t, s.clone, "merge", "--quiet", "--ff-only", "origin/main")
}

// deleteBranch deletes a branch of the server, as a person or the forge does after a merge.
func (s *site) deleteBranch(t testing.TB, branch string) {
	t.Helper()
	gittest.Git(t, s.git.Dir, "update-ref", "-d", "refs/heads/"+branch)
}

var (
	pullNumber  = regexp.MustCompile(`#(\d+)\b`)
	pullNumbers = regexp.MustCompile(`#\d+(, #\d+)*`)
)

// A state is what the servers hold, but for what may differ between two ways to the same end: the
// order of pull requests, and with it their numbers.
type state struct {
	branches map[string]string // the commits at their tips
	pulls    []forge.Pull
	text     string
}

// state returns what the servers hold.
func (s *site) state(t testing.TB) state {
	t.Helper()
	st := state{branches: map[string]string{}, pulls: s.api.Pulls()}
	rest := "parent %(parent)%0aauthor %(author)%0acommitter %(committer)%0a%(contents)"
	if s.merges {
		rest = "%(if:equals=main)%(refname:lstrip=2)%(then)%(else)" + rest + "%(end)"
	}
	commits := gittest.Git(t, s.git.Dir, "for-each-ref", "--format=branch %(refname:lstrip=2) %(objectname)%0atree %(tree)%0a"+rest, "refs/heads")
	for line := range strings.Lines(commits) {
		if rest, ok := strings.CutPrefix(line, "branch "); ok {
			name, id, _ := strings.Cut(strings.TrimSpace(rest), " ")
			st.branches[name] = id
		}
	}
	names, ordinals := map[int]string{}, map[string]int{}
	for _, p := range st.pulls {
		ordinals[p.Branch]++
		names[p.Number] = fmt.Sprintf("%s/%d", p.Branch, ordinals[p.Branch])
	}
	named := func(text string) string {
		one := func(ref string) string {
			n, err := strconv.Atoi(ref[1:])
			return "#" + cmp.Or(names[n], fmt.Sprintf("%d?%v", n, err))
		}
		return pullNumbers.ReplaceAllStringFunc(text, func(list string) string {
			all := strings.Split(pullNumber.ReplaceAllStringFunc(list, one), ", ")
			slices.Sort(all)
			return strings.Join(all, ", ")
		})
	}
	var texts []string
	for _, p := range st.pulls {
		text := fmt.Sprintf("pull %s %s into %s\nlabels %q reviewers %q assignees %q draft %v, auto-merge %v\n%s\n%s\n", names[p.Number], p.State, p.Base, p.Labels, p.Reviewers, p.Assignees, p.Draft, p.AutoMerge, named(p.Title), named(p.Body))
		for _, c := range s.comments(p.Number) {
			text += "comment of " + c.Author + ": " + named(c.Body) + "\n"
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	if s.merges {
		commits = strings.Replace(commits, "branch main "+st.branches["main"], "branch main", 1)
	}
	st.text = named(commits) + "\n\n" + strings.Join(texts, "\n")
	return st
}

// open returns the open pull requests of a state, by branch.
func (st state) open() map[string]forge.Pull {
	all := map[string]forge.Pull{}
	for _, p := range st.pulls {
		if p.State == forge.Open {
			all[p.Branch] = p
		}
	}
	return all
}

// judge checks that what a run says is true, and that it ends with 0 only if everything is done.
func (s *site) judge(t *testing.T, r result, f fault, before, after, end state) {
	t.Helper()
	if r.status == 2 {
		t.Errorf("exit status 2: nothing is wrong with the command line")
	}
	if r.status == 0 && after.text != end.text {
		t.Errorf("exit status 0, but not everything is done:\n%s", difference(end.text, after.text))
	}
	if r.status != 0 && !strings.Contains(r.stderr, "propagate: ") {
		t.Errorf("exit status %d without a reason", r.status)
	}
	if f.kill {
		return // who is killed says nothing
	}
	listed := map[string]string{}
	if r.stdout != "" {
		plan := document[planDocument](t, r)
		for _, c := range plan.Changes {
			listed[c.Branch] = c.Commit
			s.judgeChange(t, c, after)
		}
	}
	for branch, tip := range after.branches {
		if branch == "main" && s.merges {
			continue // the forge moved it
		}
		if tip != before.branches[branch] && listed[branch] != tip {
			t.Errorf("branch %s is at %.12s now, and the output says %q", branch, tip, listed[branch])
		}
	}
}

// judgeChange checks what is said of one change.
func (s *site) judgeChange(t *testing.T, c changeDocument, after state) {
	t.Helper()
	switch c.State {
	case "created", "updated", "unchanged":
		i := slices.IndexFunc(after.pulls, func(p forge.Pull) bool { return p.Number == c.Pull.Number })
		if i < 0 || after.pulls[i].Branch != c.Branch || after.pulls[i].State == forge.Closed {
			t.Errorf("%s is %s, says the output, with pull request #%d, which is not so", c.Branch, c.State, c.Pull.Number)
		} else if after.pulls[i].State == forge.Open && after.branches[c.Branch] != c.Commit {
			t.Errorf("%s is at %.12s, and the output says %.12s", c.Branch, after.branches[c.Branch], c.Commit)
		}
	case "failed":
		if c.Error == "" {
			t.Errorf("%s failed without a reason", c.Branch)
		}
	}
}

// difference returns the lines that are in one of two texts only.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	count := map[string]int{}
	for _, line := range a {
		count[line]++
	}
	for _, line := range b {
		count[line]--
	}
	for _, side := range []struct {
		sign  string
		lines []string
		n     int
	}{{"-", a, 1}, {"+", b, -1}} {
		for _, line := range side.lines {
			if count[line]*side.n > 0 && out.Len() < 4000 {
				fmt.Fprintf(&out, "%s %s\n", side.sign, line)
				count[line] -= side.n
			}
		}
	}
	return out.String()
}
