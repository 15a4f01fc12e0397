package forgetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// Pulls and History are what the client under test can do; Client is both.
type Pulls interface {
	Pulls(ctx context.Context, branch string) ([]forge.Pull, error)
	OpenPull(ctx context.Context, spec forge.PullSpec) (forge.Pull, error)
	EditPull(ctx context.Context, number int, edit forge.PullEdit) (forge.Pull, error)
	AddLabels(ctx context.Context, number int, labels []string) error
}

// History is the part of a client that reads branches and commits.
type History interface {
	DefaultBranch(ctx context.Context) (string, error)
	Branch(ctx context.Context, name string) (id string, ok bool, err error)
	Commit(ctx context.Context, id string) (forge.Commit, error)
}

// A Client is what the suite tests.
type Client interface {
	Pulls
	History
}

// Access is how a client gets in.
type Access struct{ URL, Token, Owner, Repo string }

// A Target is a GitHub that the suite runs against.
type Target struct {
	Access        Access
	DefaultBranch string
	// Prefix begins the names of all branches that the suite makes.
	Prefix string
	// Client returns a new client.
	Client func(Access) (Client, error)
	// Commit adds a commit to a branch, which begins at from if it is new.
	Commit func(branch, from, message string, files map[string]string) forge.Commit
	// Close and Merge do to a pull request what a person does.
	Close, Merge func(number int)
	// Lenient says that it accepts what GitHub refuses; see [Emulator].
	Lenient bool
	// Patience is how many seconds a change may take until it can be read.
	Patience int
}

// RunConformance runs the suite against the target that newTarget returns. All
// its subtests use one target and branches of their own.
func RunConformance(t *testing.T, newTarget func(t *testing.T) Target) {
	t.Helper()
	target := newTarget(t)
	client, err := target.Client(target.Access)
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{Target: target, client: client}
	s.base = s.Prefix + "base"
	s.Commit(s.base, s.DefaultBranch, "Begin the tests", map[string]string{"begin": "1\n"})
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"default branch", s.defaultBranch},
		{"branches", s.branches},
		{"commits", s.commits},
		{"open, find, update", s.lifecycle},
		{"labels", s.labels},
		{"closed and merged", s.ends},
		{"wrong repository", s.wrongRepository},
	} {
		t.Run(test.name, test.run)
	}
	if target.Lenient {
		return
	}
	t.Run("refusals", s.refusals)
	t.Run("wrong token", s.wrongToken)
	t.Run("head follows its branch", s.headFollows)
}

type suite struct {
	Target
	client Client
	base   string
}

// change makes a branch with one commit, and what a pull request for it says.
func (s *suite) change(name string) (forge.PullSpec, forge.Commit) {
	branch := s.Prefix + name
	c := s.Commit(branch, s.base, "Change "+name, map[string]string{"changes/" + name: name + "\n"})
	return forge.PullSpec{
		Branch: branch, Base: s.base,
		Title: "Bump " + name + " to 1.0.1 <&>", Body: "First line, `code` & ünïcode.\n\n<!-- marker -->\n",
	}, c
}

func (s *suite) defaultBranch(t *testing.T) {
	got, err := s.client.DefaultBranch(t.Context())
	if err != nil || got != s.DefaultBranch {
		t.Errorf("DefaultBranch() = %q, %v; want %q", got, err, s.DefaultBranch)
	}
}

func (s *suite) branches(t *testing.T) {
	for _, name := range []string{"plain", "with/two/slashes", "with.dots-1.0.1", "odd/a+b@c=d,e#f%g&h"} {
		spec, c := s.change("branch/" + name)
		id, ok, err := s.client.Branch(t.Context(), spec.Branch)
		if err != nil || !ok || id != c.ID {
			t.Errorf("Branch(%q) = %q, %v, %v; want %q", spec.Branch, id, ok, err, c.ID)
		}
	}
	for _, name := range []string{"none", "branch", "branch/with", "branch/plai", "branch/plain/more"} {
		id, ok, err := s.client.Branch(t.Context(), s.Prefix+name)
		if err != nil || ok || id != "" {
			t.Errorf("Branch(%q) = %q, %v, %v; want none", s.Prefix+name, id, ok, err)
		}
	}
}

func (s *suite) commits(t *testing.T) {
	for _, message := range []string{"One line", "Title\n\nBody of\ntwo lines.\n\nPropagate-Plan: 1234", "Ünïcode «» 漢"} {
		want := s.Commit(s.Prefix+"commits", s.base, message, map[string]string{"message": message})
		got, err := s.client.Commit(t.Context(), want.ID)
		if err != nil {
			t.Errorf("Commit(%s): %v", want.ID, err)
			continue
		}
		if got.ID != want.ID || got.Tree != want.Tree || got.Message != want.Message || !slices.Equal(got.Parents, want.Parents) {
			t.Errorf("Commit(%s) = %+v, want %+v", want.ID, got, want)
		}
	}
	const none = "1234567890123456789012345678901234567890"
	if c, err := s.client.Commit(t.Context(), none); !errors.Is(err, forge.ErrNotFound) {
		t.Errorf("Commit(%s) = %+v, %v; want ErrNotFound", none, c, err)
	}
}

func (s *suite) lifecycle(t *testing.T) {
	spec, c := s.change("lifecycle/a+b#c&d=1.0.1")
	s.expect(t, spec.Branch)

	opened, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Number == 0 || opened.URL == "" {
		t.Errorf("the pull request has number %d and address %q", opened.Number, opened.URL)
	}
	want := forge.Pull{
		Number: opened.Number, URL: opened.URL, State: forge.Open, Branch: spec.Branch, Base: s.base,
		Head: c.ID, Title: spec.Title, Body: spec.Body, Author: opened.Author, Created: opened.Created,
	}
	same(t, "opened", opened, want)
	s.expect(t, spec.Branch, want)

	want.Title, want.Body = "Another title", "Another body\n"
	updated, err := s.client.EditPull(t.Context(), opened.Number, forge.PullEdit{Title: &want.Title, Body: &want.Body})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "updated", updated, want)
	s.expect(t, spec.Branch, want)
	// Looking changes nothing, and other branches have nothing to do with it.
	s.expect(t, spec.Branch, want)
	s.expect(t, s.Prefix+"lifecycle")
}

func (s *suite) labels(t *testing.T) {
	spec, _ := s.change("labels")
	want, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ add, want []string }{
		{[]string{"propagate", "base: python"}, []string{"base: python", "propagate"}},
		{[]string{"propagate", "wave 1"}, []string{"base: python", "propagate", "wave 1"}},
	} {
		if err := s.client.AddLabels(t.Context(), want.Number, step.add); err != nil {
			t.Fatal(err)
		}
		want.Labels = step.want
		s.expect(t, spec.Branch, want)
	}
}

func (s *suite) ends(t *testing.T) {
	spec, _ := s.change("ends")
	var want []forge.Pull
	for _, end := range []struct {
		state forge.State
		do    func(int)
	}{{forge.Closed, s.Close}, {forge.Merged, s.Merge}} {
		p, err := s.client.OpenPull(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		s.expect(t, spec.Branch, append([]forge.Pull{p}, want...)...)
		end.do(p.Number)
		p.State = end.state
		want = append([]forge.Pull{p}, want...)
		s.expect(t, spec.Branch, want...)
	}
}

func (s *suite) wrongRepository(t *testing.T) {
	a := s.Access
	a.Repo += "-that-does-not-exist"
	client, err := s.Client(a)
	if err != nil {
		t.Fatal(err)
	}
	_, defaultErr := client.DefaultBranch(t.Context())
	_, pullsErr := client.Pulls(t.Context(), s.base)
	_, openErr := client.OpenPull(t.Context(), forge.PullSpec{Branch: s.base, Base: s.DefaultBranch, Title: "No"})
	title := "No"
	_, editErr := client.EditPull(t.Context(), 1, forge.PullEdit{Title: &title})
	for name, err := range map[string]error{"DefaultBranch": defaultErr, "Pulls": pullsErr, "OpenPull": openErr, "EditPull": editErr} {
		if !errors.Is(err, forge.ErrNotFound) {
			t.Errorf("%s: %v; want ErrNotFound", name, err)
		}
	}
	if id, ok, err := client.Branch(t.Context(), s.base); ok || err != nil {
		t.Errorf("Branch() = %q, %v, %v; want none", id, ok, err)
	}
}

// expect compares all pull requests of a branch.
func (s *suite) expect(t *testing.T, branch string, want ...forge.Pull) {
	t.Helper()
	for second := 0; ; second++ {
		got, err := s.client.Pulls(t.Context(), branch)
		if err != nil {
			t.Fatal(err)
		}
		if second < s.Patience && fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			time.Sleep(time.Second)
			continue
		}
		if len(got) != len(want) {
			t.Fatalf("Pulls(%q) = %+v, want %+v", branch, got, want)
		}
		for i := range want {
			same(t, fmt.Sprintf("Pulls(%q)[%d]", branch, i), got[i], want[i])
		}
		return
	}
}

func same(t *testing.T, what string, got, want forge.Pull) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
