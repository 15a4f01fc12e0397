package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// A statusHost is what is asked of a forge beyond what publishing needs.
type statusHost interface {
	publish.Host
	Branch(ctx context.Context, name string) (id string, ok bool, err error)
	Checks(ctx context.Context, commit string) (forge.Checks, error)
	Issue(ctx context.Context, number int) (forge.Issue, error)
	EditIssue(ctx context.Context, number int, body string) error
}

var _ statusHost = (*github.Client)(nil)

// A rollout is what the forge has of the changes for some bases.
type rollout struct {
	host     statusHost // nil where there is none to ask
	carriers []publish.Carrier
	isBehind bool // the branch has commits that are not read here
}

// The pages of closed pull requests that are read for a rollout: one for so many builds, and not fewer or more than
// these.
const (
	buildsForPage  = 20
	fewClosedPages = 2
	maxClosedPages = 20
)

// host connects to the forge; why says why there is none to ask.
func (r *Repository) host(ctx context.Context) (pulls *publish.Pulls, host statusHost, why string, err error) {
	if r.git == nil {
		return nil, nil, r.Dir + " is in no git repository", nil
	}
	if mode, why, err := r.Choose(Auto); err != nil || mode != PullRequests {
		return nil, nil, why, err
	}
	pulls, err = r.pulls(ctx, &Plan{Plan: &bumper.Plan{}}, publish.Options{})
	if err != nil {
		return nil, nil, "", err
	}
	host, ok := pulls.Host.(statusHost)
	if !ok {
		return nil, nil, "the forge says nothing of checks", nil
	}
	return pulls, host, "", nil
}

// rollout reads the pull requests of all builds at once.
func (r *Repository) rollout(ctx context.Context, status *Status) (*rollout, error) {
	pulls, host, why, err := r.host(ctx)
	if err != nil || host == nil {
		status.NoForge = why
		return &rollout{}, err
	}
	r.options.doing("asking for pull requests")
	f := &rollout{host: host}
	base := pulls.Base
	if base == "" {
		repository, err := host.Repository(ctx)
		if err != nil {
			return nil, err
		}
		base = repository.DefaultBranch
		status.Requests++
	}
	tip, ok, err := host.Branch(ctx, base)
	if err != nil {
		return nil, err
	}
	if f.isBehind = ok && tip != r.Revision.Commit; f.isBehind {
		r.options.note("%s is at another commit on the forge than here: versions are those of %s", source.Clean(base), r.Name())
	}
	open, err := host.OpenPulls(ctx)
	if err != nil {
		return nil, err
	}
	pages := min(max(len(status.Builds)/buildsForPage, fewClosedPages), maxClosedPages)
	closed, _, err := host.ClosedPulls(ctx, pages)
	if err != nil {
		return nil, err
	}
	status.Requests += 2 + len(open)/100 + min(pages, 1+len(closed)/100)
	f.carriers = publish.Carriers(slices.Concat(open, closed), base)
	return f, nil
}

// find finds the pull request of a build: one that is open, or else the last one.
func (f *rollout) find(b *StatusBuild, plan *bumper.Plan) {
	subjects := plan.Subjects(bumper.ChangeOptions{})
	for _, bump := range plan.Bumps {
		subjects = append(subjects, plan.Apart(bump))
	}
	paths := b.paths()
	for _, c := range f.carriers {
		if c.Abandoned || b.Pull != nil && (b.Pull.State == forge.Open || c.State != forge.Open) {
			continue
		}
		carries := slices.ContainsFunc(subjects, c.Carries)
		for _, image := range b.Images {
			// What is based on a derived base has a pull request for that one.
			carries = carries || b.Wave > 1 && c.MovesOn(image.Key, b.Current, b.Action == bumper.ActionUpToDate)
		}
		if carries && slices.ContainsFunc(paths, c.Edits) {
			b.Pull = &Pull{Carrier: c}
		}
	}
}

// paths returns the files in which the version of a build may be written.
func (b *StatusBuild) paths() []string {
	all := []string{b.File.Path, b.File.Origin.Path}
	for _, e := range b.Edits {
		all = append(all, e.Path)
	}
	for _, ref := range b.File.Refs {
		for _, piece := range ref.Text.Pieces() {
			if piece.File != nil {
				all = append(all, piece.File.Path)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// check asks for the checks of the open pull requests, each once.
func (f *rollout) check(ctx context.Context, status *Status) error {
	type asked struct {
		checks forge.Checks
		builds []*StatusBuild
	}
	heads := map[string]*asked{}
	for i := range status.Builds {
		b := &status.Builds[i]
		if b.Pull == nil || b.Pull.State != forge.Open {
			continue
		}
		if heads[b.Pull.Head] == nil {
			heads[b.Pull.Head] = &asked{}
		}
		heads[b.Pull.Head].builds = append(heads[b.Pull.Head].builds, b)
	}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for head, a := range heads {
		group.Go(func() (err error) {
			a.checks, err = f.host.Checks(within, head)
			return err
		})
	}
	status.Requests += 2 * len(heads)
	err := group.Wait()
	for _, a := range heads {
		for _, b := range a.builds {
			b.Pull.Checks, b.Pull.Failed = a.checks.State(), a.checks.Failed
			switch {
			case b.Stage != Unmerged:
			case b.Pull.Checks == "failed":
				b.Stage = ChecksFailed
			case b.Pull.Checks == "pending":
				b.Stage = ChecksPending
			}
		}
	}
	return err
}

// UpdateIssue gives an issue another text, and reports whether it had another one before. edit gets the text that
// it has.
func (r *Repository) UpdateIssue(ctx context.Context, number int, edit func(body string) string) (changed bool, url string, err error) {
	_, host, why, err := r.host(ctx)
	if err == nil && host == nil {
		err = advised(fmt.Errorf("--issue %d: %s", number, cmp.Or(why, "there is no forge")), "set GITHUB_TOKEN or GH_TOKEN to a token that may write issues")
	}
	if err != nil {
		return false, "", err
	}
	issue, err := host.Issue(ctx, number)
	if errors.Is(err, forge.ErrInvalid) {
		return false, "", invalid(err, "open an issue for the rollout, and give its number")
	}
	if err != nil {
		return false, "", err
	}
	body := edit(issue.Body)
	if body == issue.Body {
		return false, issue.URL, nil
	}
	return true, issue.URL, host.EditIssue(ctx, number, body)
}
