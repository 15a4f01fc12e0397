package monorepo

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// A Mode is a way of publishing.
type Mode string

// The modes.
const (
	Auto         Mode = "auto"   // PullRequests where the remote is a GitHub host and a token is set, else Branches
	PullRequests Mode = "pr"     // branches that are pushed, and their pull requests
	Push         Mode = "push"   // branches that git pushes to any remote
	Branches     Mode = "branch" // commits on local branches
	WorkTree     Mode = "files"  // edits of the files that are checked out
)

// Modes returns the modes.
func Modes() []Mode { return []Mode{Auto, PullRequests, Push, Branches, WorkTree} }

// Choose decides what Auto means here and says why; it refuses, with an [*InputError],
// what cannot be done here. It sends nothing. Where pull requests are asked for, it
// refuses a remote that the token must not be sent to.
func (r *Repository) Choose(m Mode) (chosen Mode, why string, err error) {
	ref := r.options.Ref
	switch {
	case r.git == nil && m == WorkTree:
		return m, "", nil
	case r.git == nil && m == Auto: // which may be asked for by nobody
		return "", "", invalid(fmt.Errorf("%s: it is in no git repository, so there is nothing to make a branch in", r.Dir), "--publish files edits the files in place, --dry-run shows the diff")
	case r.git == nil:
		return "", "", invalid(fmt.Errorf("--publish %s: %s is in no git repository, so there is nothing to make a branch in", m, r.Dir), "--publish files edits the files in place, --dry-run shows the diff")
	case r.clone != nil && (m == WorkTree || m == Branches):
		return "", "", r.nowhere(fmt.Sprintf("--publish %s", m), "there is no work tree and there are no branches of yours")
	case m == WorkTree && r.Dir == "":
		return "", "", invalid(errors.New("--publish files: the repository is bare, it has no files to edit"), "--publish branch or pr")
	case m == WorkTree && ref != "HEAD":
		return "", "", invalid(fmt.Errorf("--publish files: the work tree holds HEAD, not %s", ref), "leave --ref out, or publish as branch or pr")
	case m == Push:
		_, err := r.pushed()
		return m, "", err
	case m != Auto:
		return m, "", nil
	}
	if chosen, why, err = r.chooseForYou(); chosen == Branches && r.clone != nil {
		return "", "", r.nowhere("nothing can be published", why)
	}
	return chosen, why, err
}

// nowhere refuses to make branches where nobody would find them.
func (r *Repository) nowhere(what, why string) error {
	return invalid(fmt.Errorf("%s: %s is named by its URL, and %s", what, r.address, why),
		"--publish pr opens pull requests, --publish push pushes branches, --dry-run shows the diff; in a clone of yours there are branches and files")
}

// chooseForYou decides what Auto means, and says why.
func (r *Repository) chooseForYou() (chosen Mode, why string, err error) {
	to, err := r.destination()
	var host *github.HostError
	var environment *hostError
	switch {
	case errors.As(err, &host):
		return Branches, "the remote is on " + host.Host + host.Why, nil
	case errors.As(err, &environment):
		return Branches, environment.Error(), nil
	case err != nil:
		return Branches, "there is no remote that pull requests could go to", nil
	}
	token, app, err := r.options.GitHub.credentials()
	switch {
	case err != nil:
		return "", "", err
	case app != nil:
		return PullRequests, fmt.Sprintf("the remote is on %s and a GitHub App is set", to.Remote.Hostname()), nil
	case token == "":
		return Branches, "neither GITHUB_TOKEN nor GH_TOKEN is set, nor a GitHub App", nil
	}
	return PullRequests, fmt.Sprintf("the remote is on %s and a token is set", to.Remote.Hostname()), nil
}

// Foresee says what [Repository.Publish] would find, as far as it is known here: whether
// a local branch is as it should be, or would be left alone. It writes nothing, and asks
// no remote.
func (r *Repository) Foresee(plan *Plan, m Mode) []publish.Outcome {
	if chosen, _, err := r.Choose(m); err == nil && chosen == Branches {
		return publish.Foresee(r.git, plan.Changes)
	}
	outcomes := make([]publish.Outcome, len(plan.Changes))
	for i, change := range plan.Changes {
		outcomes[i] = publish.Outcome{Change: change.Change, State: publish.Planned}
		if r.git == nil || m == WorkTree { // there is no branch: the files are edited in place
			outcomes[i].Written = map[string]bool{}
			for _, file := range change.Files {
				outcomes[i].Written[file.Path] = false
			}
		}
	}
	return outcomes
}

// Publish carries the changes of a plan to where m says, as far as the options go, and
// returns what became of each; without the result where nothing was tried. The error is an
// [*InputError] for what cannot be done here, one that stops the run before anything is
// written, or that of ctx.
func (r *Repository) Publish(ctx context.Context, plan *Plan, m Mode, options publish.Options) (*publish.Result, error) {
	m, why, err := r.Choose(m)
	if err != nil {
		return nil, err
	}
	if why != "" {
		r.options.remark("publishing as %s: %s", m, why)
	}
	if len(plan.Changes) == 0 && m != PullRequests {
		return &publish.Result{}, nil
	}
	if m == WorkTree {
		root, err := os.OpenRoot(r.Dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return resultOf(publish.Files(ctx, root, plan.Changes))
	}
	r.noteChanges()
	r.noteBots(plan.Changes)
	from := publish.Source{Commit: r.Revision.Commit, Now: r.options.Now}
	if m == PullRequests && r.byAPI() {
		r.noteIdentity()
	} else if from, err = r.base(ctx); err != nil {
		return nil, err
	}
	if m == Branches {
		r.options.doing("making %s", source.Count(len(plan.Changes), "commit"))
		return resultOf(publish.Branches(ctx, r.git, from, plan.Changes))
	}
	if m == Push {
		push, err := r.pushed()
		if err != nil {
			return nil, err
		}
		return resultOf(push.Publish(ctx, from, plan.Changes))
	}
	r.options.doing("asking for branches and pull requests")
	options.Whole = plan.Whole && options.MaxNew == 0
	options.MaxOpen, options.Draft = r.Config.Pulls.MaxOpen, r.Config.Pulls.Draft
	if plan.unlimited {
		options.MaxOpen = 0
	}
	pulls, err := r.pulls(ctx, plan, options)
	if err != nil {
		return nil, err
	}
	result, err := pulls.Publish(ctx, from, publish.Plan{Changes: plan.Changes, Subjects: plan.Subjects(plan.grouping, plan.current...), Stems: plan.Stems(plan.grouping, plan.current...), Still: plan.Still(), LimitOf: plan.limitOf, Withdrawn: plan.withdrawn})
	if err != nil && len(result.Outcomes) == 0 {
		return nil, err
	}
	return &result, err
}

// resultOf is the result of a publisher that closes nothing and is not stopped.
func resultOf(outcomes []publish.Outcome, err error) (*publish.Result, error) {
	if outcomes == nil {
		return nil, err
	}
	return &publish.Result{Outcomes: outcomes}, err
}

// base returns the commit that the changes are made from, and who makes them: as for
// git, the environment comes before the configuration.
func (r *Repository) base(ctx context.Context) (publish.Source, error) {
	ids, err := r.git.Identities(ctx, r.options.Getenv)
	if errors.Is(err, context.Canceled) {
		return publish.Source{}, err
	}
	if err != nil {
		return publish.Source{}, invalid(err, source.Hint(err))
	}
	for _, note := range ids.Notes {
		r.options.note("%s", note)
	}
	return publish.Source{Commit: r.Revision.Commit, Author: ids.Author, Committer: ids.Committer, Signer: ids.Signer, Now: r.options.Now}, nil
}

// PublishAs makes every change of a plan a commit of somebody's on a local branch,
// whatever git is told of who commits.
func (r *Repository) PublishAs(ctx context.Context, plan *Plan, who gitrepo.Signature) ([]publish.Outcome, error) {
	return publish.Branches(ctx, r.git, publish.Source{Commit: r.Revision.Commit, Author: who, Committer: who, Now: r.options.Now}, plan.Changes)
}
