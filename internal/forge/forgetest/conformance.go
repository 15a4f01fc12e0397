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
	OpenPulls(ctx context.Context) ([]forge.Pull, error)
	ClosedPulls(ctx context.Context, pages int) ([]forge.Pull, bool, error)
	EditPull(ctx context.Context, number int, edit forge.PullEdit) (forge.Pull, error)
	AddLabels(ctx context.Context, number int, labels []string) error
	RequestReviews(ctx context.Context, number int, reviewers []string) error
	AddAssignees(ctx context.Context, number int, people []string) error
	Unlabeled(ctx context.Context, number int) ([]string, error)
	Asked(ctx context.Context, number int) ([]string, error)
	Comments(ctx context.Context, number int) ([]forge.Comment, error)
	AddComment(ctx context.Context, number int, body string) error
}

// History is the part of a client that reads the repository, branches and commits.
type History interface {
	Repository(ctx context.Context) (forge.Repository, error)
	MustBeUpToDate(ctx context.Context, branch string) (bool, error)
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
	// Close, Merge and RemoveLabel do to a pull request what a person does.
	Close, Merge func(number int)
	RemoveLabel  func(number int, label string)
	// RequireUpToDate makes a branch take only what holds its tip.
	RequireUpToDate func(branch string)
	// Person and Team ("org/team") may be asked for a review, and Person be assigned.
	Person, Team string
	// Without names the tests that it cannot pass, since it does not do what they need.
	Without []string
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
	tests := []conformanceTest{
		{"repository", s.repository},
		{"branches", s.branches},
		{"commits", s.commits},
		{"open, find, edit", s.lifecycle},
		{"lists", s.lists},
		{"labels", s.labels},
		{"labels taken away", s.unlabeled},
		{"closed and merged", s.ends},
		{"draft", s.draft},
		{"review of a person", func(t *testing.T) { s.reviews(t, s.Person) }},
		{"review of a team", func(t *testing.T) { s.reviews(t, s.Team) }},
		{"assignees", s.assignees},
		{"who was asked", s.asked},
		{"comments", s.comments},
		{"up to date", s.upToDate},
		{"wrong repository", s.wrongRepository},
	}
	if !target.Lenient {
		tests = append(tests, conformanceTest{"refusals", s.refusals}, conformanceTest{"wrong token", s.wrongToken},
			conformanceTest{"head follows its branch", s.headFollows})
	}
	for _, name := range target.Without {
		if !slices.ContainsFunc(tests, func(test conformanceTest) bool { return test.name == name }) {
			t.Fatalf("there is no test %q to be left out", name)
		}
	}
	for _, test := range tests {
		if !slices.Contains(target.Without, test.name) {
			t.Run(test.name, test.run)
		}
	}
}

type conformanceTest struct {
	name string
	run  func(*testing.T)
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

func (s *suite) repository(t *testing.T) {
	got, err := s.client.Repository(t.Context())
	if err != nil || got.DefaultBranch != s.DefaultBranch || got.Name != s.Access.Owner+"/"+s.Access.Repo || got.ID == 0 || !got.MayPush {
		t.Errorf("Repository() = %+v, %v; want %s/%s with the branch %q, and the right to push", got, err, s.Access.Owner, s.Access.Repo, s.DefaultBranch)
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
		if nobody := (forge.Person{}); want.Author != nobody && (got.Author != want.Author || got.Committer != want.Committer) {
			t.Errorf("Commit(%s) is of %+v and %+v, want %+v and %+v", want.ID, got.Author, got.Committer, want.Author, want.Committer)
		}
	}
	const none = "1234567890123456789012345678901234567890"
	if c, err := s.client.Commit(t.Context(), none); !errors.Is(err, forge.ErrNotFound) {
		t.Errorf("Commit(%s) = %+v, %v; want ErrNotFound", none, c, err)
	}
}

func (s *suite) wrongRepository(t *testing.T) {
	a := s.Access
	a.Repo += "-that-does-not-exist"
	client, err := s.Client(a)
	if err != nil {
		t.Fatal(err)
	}
	_, repositoryErr := client.Repository(t.Context())
	_, openPullsErr := client.OpenPulls(t.Context())
	_, commentsErr := client.Comments(t.Context(), 1)
	_, pullsErr := client.Pulls(t.Context(), s.base)
	_, openErr := client.OpenPull(t.Context(), forge.PullSpec{Branch: s.base, Base: s.DefaultBranch, Title: "No"})
	title := "No"
	_, editErr := client.EditPull(t.Context(), 1, forge.PullEdit{Title: &title})
	for name, err := range map[string]error{
		"Repository": repositoryErr, "OpenPulls": openPullsErr, "Comments": commentsErr, "Pulls": pullsErr, "OpenPull": openErr, "EditPull": editErr,
	} {
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
