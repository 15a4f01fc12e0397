package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

func TestRepository(t *testing.T) {
	want := forge.Repository{ID: 1296269, Name: "acme/platform", DefaultBranch: "main", MayPush: true, Method: forge.Squash}
	for _, test := range []struct {
		name   string
		config forgetest.Config
		edit   func(*github.Options)
		want   func(*forge.Repository)
	}{
		{"plain", forgetest.Config{}, nil, nil},
		{"deletes branches", forgetest.Config{DeletesBranches: true}, nil, func(r *forge.Repository) { r.DeletesBranches = true }},
		{"merges without auto-merge", forgetest.Config{NoAutoMerge: true, Methods: []forge.Method{forge.Rebase, forge.MergeCommit}}, nil, func(r *forge.Repository) { r.NoAutoMerge, r.Method = true, forge.MergeCommit }},
		{"rebases", forgetest.Config{Methods: []forge.Method{forge.Rebase}}, nil, func(r *forge.Repository) { r.Method = forge.Rebase }},
		{"reads only", forgetest.Config{ReadToken: "ghp_read"}, func(o *github.Options) { o.Token = "ghp_read" }, func(r *forge.Repository) { r.MayPush, r.Method = false, "" }},
		{"without permissions", forgetest.Config{ReadToken: "ghp_read", NoPermissions: true}, func(o *github.Options) { o.Token = "ghp_read" }, toldNoMethod},
		// What GitHub says of the rights of an app's token is that of nobody.
		{"app", forgetest.Config{ReadToken: "ghs_app"}, func(o *github.Options) { o.Token = "ghs_app" }, toldNoMethod},
		{"former name", forgetest.Config{FormerName: "acme/monorepo"}, func(o *github.Options) { o.Repo = "monorepo" }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var edits []func(*github.Options)
			if test.edit != nil {
				edits = append(edits, test.edit)
			}
			want := want
			if test.want != nil {
				test.want(&want)
			}
			if got, err := benchFor(t, test.config, edits...).client.Repository(t.Context()); err != nil || got != want {
				t.Errorf("Repository: %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

// toldNoMethod is for a token that is not told how the repository merges.
func toldNoMethod(r *forge.Repository) { r.Method = "" }

// An installation's token is told that it may do nothing at all.
func TestRepositoryThatGrantsNothing(t *testing.T) {
	c := clientOf(t, `{"id": 1, "permissions": {"admin": false, "push": false, "pull": false}}`)
	if got, err := c.Repository(t.Context()); err != nil || !got.MayPush {
		t.Errorf("Repository: %+v, %v; want one that may be pushed to", got, err)
	}
}

// clientOf is a client of a server that gives one answer.
func clientOf(t *testing.T, body string) *github.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	t.Cleanup(server.Close)
	client, err := github.New(github.Options{BaseURL: server.URL, Owner: "acme", Repo: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestDraftWhereThereAreNone(t *testing.T) {
	b := benchFor(t, forgetest.Config{NoDrafts: true})
	spec := b.change("a")
	spec.Draft = true
	_, err := b.client.OpenPull(t.Context(), spec)
	if err == nil {
		t.Fatal("a draft was opened")
	}
	expectText(t, err, forge.ErrInvalid, "opening a pull request for a of acme/platform: "+b.host()+": refused as invalid (422 Unprocessable Entity): Draft pull requests are not supported in this repository.")
	if got := b.Pulls(); len(got) != 0 {
		t.Errorf("there is %+v", got)
	}
}

func TestReviewsThatCannotBeAsked(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	for _, test := range []struct {
		reviewers []string
		text      string
		sent      int
	}{
		{[]string{"ada", "nobody"}, b.host() + ": refused as invalid (422 Unprocessable Entity): Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the acme/platform repository.", 1},
		{[]string{"bot"}, b.host() + ": refused as invalid (422 Unprocessable Entity): Review cannot be requested from pull request author.", 1},
		{[]string{"ada", "other/platform"}, "other/platform is no team of acme", 0},
	} {
		before := b.Mutations()
		err := b.client.RequestReviews(t.Context(), p.Number, test.reviewers)
		what := "requesting reviews of pull request 1 of acme/platform: "
		if test.sent == 0 {
			what = `requesting reviews of pull request "1" of acme/platform: `
		}
		expectText(t, err, forge.ErrInvalid, what+test.text)
		if n := b.Mutations() - before; n != test.sent {
			t.Errorf("%q: %d requests, want %d", test.reviewers, n, test.sent)
		}
	}
	if err := b.client.RequestReviews(t.Context(), p.Number, []string{"grace", "ADA", "Acme/platform"}); err != nil {
		t.Error(err)
	}
	if got, want := b.Pulls()[0].Reviewers, []string{"acme/platform", "ada", "grace"}; !slices.Equal(got, want) {
		t.Errorf("the reviewers are %q, want %q", got, want)
	}
}

// expectText compares an error that has no hint.
func expectText(t *testing.T, err, want error, text string) {
	t.Helper()
	if err == nil || err.Error() != text {
		t.Errorf("the error is\n%v, want\n%s", err, text)
	}
	expectIs(t, err, want)
}

// A repository has no two labels that differ in case only.
func TestUnlabeledWhateverTheCase(t *testing.T) {
	event := func(kind, label string) string {
		return fmt.Sprintf(`{"event": %q, "label": {"name": %q}}`, kind, label)
	}
	c := clientOf(t, "["+strings.Join([]string{
		event("labeled", "Bases"), event("unlabeled", "bases"), event("labeled", "wave"), event("unlabeled", "wave"), event("labeled", "Wave"),
		`{"event": "renamed"}`, `{"event": "unlabeled", "label": {"name": "other"}}`,
	}, ",")+"]")
	if got, err := c.Unlabeled(t.Context(), 1); err != nil || !slices.Equal(got, []string{"bases", "other"}) {
		t.Errorf("Unlabeled: %q, %v; want bases and other", got, err)
	}
}

// A server that has no events tells of no label that was taken away; one that fails is
// not taken for it.
func TestUnlabeledWhereThereAreNoEvents(t *testing.T) {
	for status, want := range map[int]error{403: nil, 404: nil, 410: nil, 401: forge.ErrUnauthorized, 500: forge.ErrUnavailable} {
		b := newBench(t)
		p := b.open(t, b.change("a"))
		b.AddLabel(p.Number, "bases")
		b.RemoveLabel(p.Number, "bases")
		b.Fail(forgetest.On("GET", "/events"), 1, forgetest.Fault{Status: status, Body: forgetest.Message("No")})
		if got, err := b.client.Unlabeled(t.Context(), p.Number); got != nil || !errors.Is(err, want) {
			t.Errorf("Unlabeled after %d: %q, %v; want none and %v", status, got, err, want)
		}
		b.Fail(forgetest.On("GET", "/events"), 1, forgetest.Fault{Status: status, Body: forgetest.Message("No")})
		if got, err := b.client.Asked(t.Context(), p.Number); got != nil || !errors.Is(err, want) {
			t.Errorf("Asked after %d: %q, %v; want nobody and %v", status, got, err, want)
		}
	}
}

func TestPagesOfEventsAndComments(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	b.AddLabel(p.Number, "first")
	b.RemoveLabel(p.Number, "first")
	for i := range 101 {
		b.Comment(p.Number, fmt.Sprint(i))
		b.AddLabel(p.Number, fmt.Sprint(i))
	}
	b.RemoveLabel(p.Number, "100")
	if got, err := b.client.Unlabeled(t.Context(), p.Number); err != nil || !slices.Equal(got, []string{"100", "first"}) {
		t.Errorf("Unlabeled: %q, %v; want 100 and first", got, err)
	}
	got, err := b.client.Comments(t.Context(), p.Number)
	if err != nil || len(got) != 101 || got[0] != (forge.Comment{Author: "person", Body: "0"}) || got[100].Body != "100" {
		t.Errorf("Comments: %d, %v; want 101 from 0 to 100", len(got), err)
	}
}

// Who has answered was asked all the same.
func TestAskedAtAnyTime(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	if got, err := b.client.Asked(t.Context(), p.Number); err != nil || len(got) != 0 {
		t.Errorf("Asked: %q, %v; want nobody", got, err)
	}
	err := errors.Join(b.client.RequestReviews(t.Context(), p.Number, []string{"ada", "acme/platform"}), b.client.AddAssignees(t.Context(), p.Number, []string{"grace"}))
	if err != nil {
		t.Fatal(err)
	}
	b.Review(p.Number, "ada")
	if got, err := b.client.Asked(t.Context(), p.Number); err != nil || !slices.Equal(got, []string{"acme/platform", "ada", "grace"}) {
		t.Errorf("Asked: %q, %v; want acme/platform, ada and grace", got, err)
	}
}

func TestMustBeUpToDate(t *testing.T) {
	admin := forgetest.Config{MayAdminister: true}
	for _, test := range []struct {
		name   string
		config forgetest.Config
		do     func(*bench)
		want   bool
	}{
		{"not protected", admin, nil, false},
		{"a ruleset", forgetest.Config{}, func(b *bench) { b.RequireUpToDate("release/1") }, true},
		{"classic", admin, func(b *bench) { b.RequireUpToDateClassic("release/1") }, true},
		{"classic that the token may not read", forgetest.Config{}, func(b *bench) { b.RequireUpToDateClassic("release/1") }, false},
		{"of another branch", admin, func(b *bench) { b.RequireUpToDate("main"); b.RequireUpToDateClassic("main") }, false},
		{"no rulesets", admin, func(b *bench) {
			b.RequireUpToDateClassic("release/1")
			b.Fail(forgetest.On("GET", "/rules/branches/release%2F1"), 1, forgetest.Fault{Status: 404, Body: forgetest.Message("Not Found")})
		}, true},
		{"rulesets that the token may not read", admin, func(b *bench) {
			b.RequireUpToDateClassic("release/1")
			b.Fail(forgetest.On("GET", "/rules/branches/release%2F1"), 1, forgetest.Fault{Status: 403, Body: forgetest.Message("Upgrade to GitHub Pro or make this repository public to enable this feature.")})
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := benchFor(t, test.config)
			b.change("release/1")
			if test.do != nil {
				test.do(b)
			}
			if got, err := b.client.MustBeUpToDate(t.Context(), "release/1"); err != nil || got != test.want {
				t.Errorf("MustBeUpToDate: %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// What is not told is not demanded, but what fails is not taken for it.
func TestMustBeUpToDateThatFails(t *testing.T) {
	for _, end := range []string{"/rules/branches/main", "/required_status_checks"} {
		b := newBench(t)
		b.Fail(forgetest.On("GET", end), 1, forgetest.Fault{Status: 401, Body: forgetest.Message("Bad credentials")})
		_, err := b.client.MustBeUpToDate(t.Context(), "main")
		expectIs(t, err, forge.ErrUnauthorized)
		b.Fail(forgetest.On("GET", end), 1, forgetest.Fault{Status: 500})
		_, err = b.client.MustBeUpToDate(t.Context(), "main")
		expectIs(t, err, forge.ErrUnavailable)
	}
}

// A secondary limit has the status of a missing permission.
func TestLimitIsNoMissingPermission(t *testing.T) {
	b := newBench(t, func(o *github.Options) { o.MaxWait = 0 })
	b.Fail(forgetest.On("GET", "/required_status_checks"), 1, forgetest.Fault{Status: 403, Body: forgetest.SecondaryLimit})
	_, err := b.client.MustBeUpToDate(t.Context(), "main")
	expectLimit(t, err)
}

// The texts are sent as they are, with all that HTML and JSON take for their own.
func TestEditPullKeepsWhatIsNotNamed(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	title, body := `Bump <a> & "b"`, "line\r\n<!-- x -->\n"
	for _, step := range []struct {
		edit forge.PullEdit
		want func(*forge.Pull)
	}{
		{forge.PullEdit{Title: &title}, func(p *forge.Pull) { p.Title = title }},
		{forge.PullEdit{Body: &body}, func(p *forge.Pull) { p.Body = body }},
		{forge.PullEdit{Close: true}, func(p *forge.Pull) { p.State = forge.Closed }},
		{forge.PullEdit{Close: true}, func(*forge.Pull) {}},
	} {
		step.want(&p)
		got, err := b.client.EditPull(t.Context(), p.Number, step.edit)
		if have := b.Pulls()[0]; err != nil || fmt.Sprint(got) != fmt.Sprint(p) || fmt.Sprint(have) != fmt.Sprint(p) {
			t.Errorf("EditPull: %+v, %v, and there is %+v; want %+v", got, err, have, p)
		}
	}
	for _, r := range b.Requests() {
		if r.Method == http.MethodPatch && strings.Contains(string(r.Body), `"base"`) {
			t.Errorf("an edit names the base: %s", r.Body)
		}
	}
}
