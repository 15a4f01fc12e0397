package cli

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// sinceOptions say what a change is compared with.
type sinceOptions struct {
	revision string
	explain  string
	isGiven  bool // of revision, which may be empty as an unset variable makes it
}

// add adds their flags.
func (o *sinceOptions) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.revision, "since", "", "what differs from this `REV` counts; with ... behind it, from the commit that it has in common with what is read")
	cmd.Flags().StringVar(&o.explain, "explain", "", "with --since, say why of one `PATH`: a Dockerfile, or a file that differs")
}

// check judges the flags before anything is read.
func (o *sinceOptions) check(bases baseFlags, output string) error {
	switch {
	case !o.isGiven && len(bases) == 0:
		return usage(errors.New("--base: none is given, nor is --since"), "--base IMAGE@VERSION for what a patched base concerns, --since origin/main... for what a change does")
	case o.explain != "" && !o.isGiven:
		return usage(errors.New("--explain: it needs --since"), "--since REV says what the files are compared with")
	case o.explain != "" && output != "text":
		return usage(fmt.Errorf("--explain: there is no -o %s of it", output), "-o json without --explain has the reasons of all builds")
	case len(bases) > 0:
		return checkBases(bases, false)
	}
	return nil
}

// plan plans for the bases that are given, and adds what has to be rebuilt for a change; since is nil where that was not asked for.
func (o *affectedOptions) plan(ctx context.Context, repo *monorepo.Repository, step imageref.Step) (p *bumper.Plan, since *monorepo.Since, err error) {
	p = &bumper.Plan{Graph: repo.Graph()}
	if len(o.bases) > 0 {
		bumps, err := o.App.bases(repo, o.bases, false)
		if err != nil {
			return nil, nil, err
		}
		if p, err = repo.Affected(ctx, monorepo.Policy{Bumps: bumps, Level: step, Flavours: o.flavours}); err != nil {
			return nil, nil, err
		}
	}
	if !o.since.isGiven {
		return p, nil, nil
	}
	if since, err = repo.Since(ctx, o.since.revision, path.Clean(o.since.explain)); err != nil {
		return nil, nil, err
	}
	since.AddTo(p)
	return p, since, nil
}

// explainSince says why builds are run again, of one path.
func (o *affectedOptions) explainSince(repo *monorepo.Repository, doc *report.Affected, since *monorepo.Since) error {
	explanation, ok := doc.ExplainSince(since, repo.Graph(), o.since.explain)
	if !ok {
		return usage(fmt.Errorf("--explain %s: it is no Dockerfile, and does not differ from commit %.12s", o.since.explain, since.Commit),
			fmt.Sprintf("paths begin at the root of the repository; `git diff --name-only %.12s` lists what differs", since.Commit))
	}
	return explanation.WriteText(o.onScreen(o.Stdout))
}
