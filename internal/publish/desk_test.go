package publish_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A desk holds pull requests as a forge does, newest first, and notes what it is asked.
type desk struct {
	t           *testing.T
	git         string // the bare repository
	pulls       []forge.Pull
	comments    map[int][]forge.Comment
	unlabeled   map[int][]string
	fail        map[string]error // by what is asked and the branch: "open propagate/x"
	stores      bool             // a pull request that fails to be opened is there all the same
	asked       []string
	upToDate    bool
	stopped     map[int]bool // auto-merge of which somebody disabled
	merges      []forge.Merge
	storesMerge bool // a merge that fails is made all the same
	forge.Repository
}

func short(branch string) string { return strings.TrimPrefix(branch, "propagate/base--service-") }

func (d *desk) ask(what, branch string) error {
	d.asked = append(d.asked, strings.TrimSpace(what+" "+short(branch)))
	return d.fail[strings.TrimSpace(what+" "+short(branch))]
}

// refresh brings the heads of open pull requests up to what was pushed.
func (d *desk) refresh() {
	for i := range d.pulls {
		if p := &d.pulls[i]; p.State == forge.Open {
			if tip, err := gittest.Try(d.t, d.git, "rev-parse", "--verify", "--quiet", p.Branch); err == nil {
				p.Head = tip
			}
		}
	}
}

// OpenPulls implements publish.Host.
func (d *desk) OpenPulls(context.Context) (open []forge.Pull, _ error) {
	d.refresh()
	for _, p := range d.pulls {
		if p.State == forge.Open {
			open = append(open, p)
		}
	}
	return open, d.ask("list", "")
}

// ClosedPulls implements publish.Host.
func (d *desk) ClosedPulls(context.Context, int) (closed []forge.Pull, all bool, _ error) {
	for _, p := range d.pulls {
		if p.State != forge.Open {
			closed = append(closed, p)
		}
	}
	return closed, true, d.ask("closed", "")
}

// Pulls implements publish.Host.
func (d *desk) Pulls(_ context.Context, branch string) (found []forge.Pull, _ error) {
	d.refresh()
	err := d.ask("find", branch)
	for _, p := range d.pulls {
		if p.Branch == branch && err == nil {
			found = append(found, p)
		}
	}
	return found, err
}

// OpenPull implements publish.Host.
func (d *desk) OpenPull(_ context.Context, spec forge.PullSpec) (forge.Pull, error) {
	err := d.ask("open", spec.Branch)
	pull := forge.Pull{Number: len(d.pulls) + 1, State: forge.Open, Branch: spec.Branch, Base: spec.Base, Title: spec.Title, Body: spec.Body}
	if err == nil || d.stores {
		d.pulls = append([]forge.Pull{pull}, d.pulls...)
		d.refresh()
		pull = d.pulls[0]
	}
	if err != nil {
		return forge.Pull{}, err
	}
	return pull, nil
}

func (d *desk) of(number int) *forge.Pull {
	for i := range d.pulls {
		if d.pulls[i].Number == number {
			return &d.pulls[i]
		}
	}
	d.t.Fatalf("there is no pull request #%d", number)
	return nil
}

// EditPull implements publish.Host.
func (d *desk) EditPull(_ context.Context, number int, edit forge.PullEdit) (forge.Pull, error) {
	p := d.of(number)
	what := "edit"
	if edit.Close {
		what = "close"
	}
	if err := d.ask(what, p.Branch); err != nil {
		return forge.Pull{}, err
	}
	if edit.Title != nil {
		p.Title = *edit.Title
	}
	if edit.Body != nil {
		p.Body = *edit.Body
	}
	if edit.Close {
		p.State = forge.Closed
	}
	return *p, nil
}

// AddLabels implements publish.Host.
func (d *desk) AddLabels(_ context.Context, number int, labels []string) error {
	p := d.of(number)
	if err := d.ask("label", p.Branch); err != nil {
		return err
	}
	p.Labels = append(p.Labels, labels...)
	slices.Sort(p.Labels)
	return nil
}

// RequestReviews implements publish.Host.
func (d *desk) RequestReviews(_ context.Context, number int, reviewers []string) error {
	p := d.of(number)
	p.Reviewers = reviewers
	return d.ask("review", p.Branch)
}

// AddAssignees implements publish.Host.
func (d *desk) AddAssignees(_ context.Context, number int, people []string) error {
	p := d.of(number)
	p.Assignees = people
	return d.ask("assign", p.Branch)
}

// Unlabeled implements publish.Host.
func (d *desk) Unlabeled(_ context.Context, number int) ([]string, error) {
	return d.unlabeled[number], d.ask("unlabeled", d.of(number).Branch)
}

// Asked implements publish.Host.
func (d *desk) Asked(_ context.Context, number int) ([]string, error) {
	p := d.of(number)
	return slices.Concat(p.Reviewers, p.Assignees), d.ask("asked", p.Branch)
}

// Comments implements publish.Host.
func (d *desk) Comments(_ context.Context, number int) ([]forge.Comment, error) {
	return d.comments[number], d.ask("comments", d.of(number).Branch)
}

// AddComment implements publish.Host.
func (d *desk) AddComment(_ context.Context, number int, body string) error {
	d.comments[number] = append(d.comments[number], forge.Comment{Body: body})
	return d.ask("comment", d.of(number).Branch)
}

// EnableAutoMerge implements publish.Host.
func (d *desk) EnableAutoMerge(_ context.Context, pull forge.Pull, merge forge.Merge) error {
	p := d.of(pull.Number)
	err := d.ask("auto-merge", p.Branch)
	if err == nil || d.stores {
		d.merges = append(d.merges, merge)
		p.AutoMerge = true
	}
	return err
}

// AutoMergeStopped implements publish.Host.
func (d *desk) AutoMergeStopped(_ context.Context, number int) (bool, error) {
	return d.stopped[number], d.ask("stopped", d.of(number).Branch)
}

// MergePull implements publish.Host.
func (d *desk) MergePull(_ context.Context, number int, merge forge.Merge) error {
	p := d.of(number)
	err := d.ask("merge", p.Branch)
	if err == nil || d.storesMerge {
		d.merges = append(d.merges, merge)
		p.State = forge.Merged
	}
	return err
}

// MustBeUpToDate implements publish.Host.
func (d *desk) MustBeUpToDate(context.Context, string) (bool, error) {
	return d.upToDate, d.ask("protection", "")
}

// Commit implements publish.Host.
func (d *desk) Commit(_ context.Context, id string) (forge.Commit, error) {
	raw := gittest.Git(d.t, d.git, "show", "--no-patch", "--format=%T%n%P%n%an%n%ae%n%cn%n%ce%n%B", id)
	f := strings.SplitN(raw, "\n", 7)
	return forge.Commit{
		ID: id, Tree: f[0], Parents: strings.Fields(f[1]), Message: f[6],
		Author: forge.Person{Name: f[2], Email: f[3]}, Committer: forge.Person{Name: f[4], Email: f[5]},
	}, d.ask("commit", "")
}

// A repository is what the forge says of it.
type host struct{ *desk }

// Repository implements publish.Host.
func (h host) Repository(context.Context) (forge.Repository, error) {
	return h.desk.Repository, h.ask("repository", "")
}
