package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The tests in the files life_…_test.go say, each by its name, what becomes of a change between its
// first pull request and its last: what is there, what a person does, a run, and what is there then.

// lifeBranch is the branch of a change of base in a repository that has one line of it.
const lifeBranch = "propagate/base"

// A step of a life is told in a test of its own.
type life struct {
	name  string
	files map[string]string // nil is the small repository
	do    func(t *testing.T, s *site)
}

func (l life) run(t *testing.T) {
	t.Run(l.name, func(t *testing.T) {
		t.Parallel()
		files := l.files
		if files == nil {
			files = small()
		}
		l.do(t, newSite(t, files))
	})
}

// configured is the small repository with a configuration.
func configured(text string) map[string]string { return with(small(), ".propagate.yaml", text) }

// bump runs the main job for base with this version, and returns the document.
func (s *site) bump(t *testing.T, status int, version string, more ...string) planDocument {
	t.Helper()
	return document[planDocument](t, s.bumped(t, status, version, more...))
}

// bumped is bump that returns what the run printed.
func (s *site) bumped(t *testing.T, status int, version string, more ...string) result {
	t.Helper()
	return s.program(nil).run(t, append(sweepArgs(version), more...)...).want(t, status)
}

// pulls fails the test unless these are all pull requests, each written "1 open branch -> base: title".
func (s *site) pulls(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, p := range s.api.Pulls() {
		got = append(got, fmt.Sprintf("%d %s %s -> %s: %s", p.Number, p.State, p.Branch, p.Base, p.Title))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pull requests are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// branches fails the test unless these are all branches of the server beside main.
func (s *site) branches(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, name := range strings.Fields(gittest.Git(t, s.git.Dir, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")) {
		if name != "main" {
			got = append(got, name)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the branches are %q, want %q", got, want)
	}
}

// at returns a pull request.
func (s *site) at(t *testing.T, number int) forge.Pull {
	t.Helper()
	all := s.api.Pulls()
	if number > len(all) {
		t.Fatalf("there are %d pull requests, and none with number %d", len(all), number)
	}
	return all[number-1]
}

// states fails the test unless the changes of a document have these states, in this order.
func (d planDocument) states(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, c := range d.Changes {
		got = append(got, c.State)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the changes are %+v, want states %q", d.Changes, want)
	}
}

// notes fails the test unless a change's note holds all of these.
func (d planDocument) notes(t *testing.T, change int, parts ...string) {
	t.Helper()
	if change >= len(d.Changes) {
		t.Fatalf("there are %d changes", len(d.Changes))
	}
	for _, part := range parts {
		if !strings.Contains(d.Changes[change].Note, part) {
			t.Errorf("the note is %q, and does not say %q", d.Changes[change].Note, part)
		}
	}
}

// closes fails the test unless these pull requests were closed by the run, in this order.
func (d planDocument) closes(t *testing.T, numbers ...int) {
	t.Helper()
	var got []int
	for _, c := range d.Closed {
		got = append(got, c.Pull.Number)
		if c.Why == "" || c.Branch == "" {
			t.Errorf("it is closed without a reason: %+v", c)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, numbers) {
		t.Errorf("closed %+v, want %v", d.Closed, numbers)
	}
}

// edit changes fields of a pull request as a person does on its page.
func (s *site) edit(t *testing.T, number int, fields map[string]string) {
	t.Helper()
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodPatch, fmt.Sprintf("%srepos/acme/platform/pulls/%d", s.api.URL(), number), string(data))
}

// commented fails the test unless there is one comment on a pull request, which holds these parts; without
// parts, unless there is none.
func (s *site) commented(t *testing.T, number int, parts ...string) {
	t.Helper()
	all := s.comments(number)
	if len(parts) == 0 && len(all) > 0 || len(parts) > 0 && len(all) != 1 {
		t.Errorf("the comments on #%d are %q", number, all)
		return
	}
	for _, part := range parts {
		if !strings.Contains(all[0].Body, part) {
			t.Errorf("the comment on #%d does not say %q: %s", number, part, all[0].Body)
		}
	}
}

// settled fails the test if a run of the same command changes anything, or is not done with it.
func (s *site) settled(t *testing.T, version string, more ...string) {
	t.Helper()
	s.quiet(t, func() { s.bumped(t, 0, version, more...) })
}

// show returns a file of a branch of the server.
func (s *site) show(t *testing.T, branch, path string) string {
	t.Helper()
	return gittest.Git(t, s.git.Dir, "show", branch+":"+path)
}

// amend makes the commit at the tip of a branch of the server anew, as somebody else, and pushes it.
func (s *site) amend(t *testing.T, branch string, args ...string) string {
	t.Helper()
	elsewhere := gittest.TempDir(t)
	gittest.Git(t, elsewhere, "clone", "--quiet", "--branch", branch, s.git.AuthURL(), ".")
	gittest.Git(t, elsewhere, append([]string{"commit", "--quiet", "--amend", "--allow-empty"}, args...)...)
	gittest.Git(t, elsewhere, "push", "--quiet", "--force", "origin", branch)
	return gittest.Git(t, elsewhere, "rev-parse", "HEAD")
}

// branchOff makes a branch of main on the server, and in the clone as what was fetched.
func (s *site) branchOff(t *testing.T, name string) {
	t.Helper()
	gittest.Git(t, s.git.Dir, "branch", name, "main")
	s.fetch(t)
}
