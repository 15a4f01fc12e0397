package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
)

// A demoStory is what there is to tell.
type demoStory struct {
	outdated      *report.Outdated
	planned       *report.Plan   // of the base alone
	plan          *monorepo.Plan // of the run
	doc           *report.Plan   // what became of it
	page          string         // the file of the graph
	before, after string         // how far the rollout is: now, and with the branch merged
}

// look has the page of the graph written, and finds out how far the rollout is before and after.
func (o *demoOptions) look(ctx context.Context, dir string, repo *monorepo.Repository, s *demoStory) error {
	s.page = filepath.Join(dir, "graph.html")
	if err := o.writePage(ctx, dir, repo, s.page); err != nil {
		return err
	}
	var err error
	if s.before, err = o.howFar(ctx, repo); err != nil || len(s.plan.Changes) == 0 {
		return err
	}
	merged := *o.App
	merged.ref = s.plan.Changes[0].Branch
	after, err := merged.open(ctx)
	if err != nil {
		return err
	}
	defer after.Close()
	s.after, err = o.howFar(ctx, after)
	return err
}

// writePage writes the graph as a page into the repository, where git does not see it.
func (o *demoOptions) writePage(ctx context.Context, dir string, repo *monorepo.Repository, name string) error {
	graph := &graphOptions{App: o.App, format: "html", bases: baseFlags{{typed: demoBase}}}
	var page bytes.Buffer
	if err := graph.writePicture(ctx, repo, &page); err != nil {
		return err
	}
	info := filepath.Join(dir, ".git", "info")
	return errors.Join(
		os.MkdirAll(info, 0o755),
		os.WriteFile(filepath.Join(info, "exclude"), []byte("/"+filepath.Base(name)+"\n"), 0o600),
		os.WriteFile(name, page.Bytes(), 0o600),
	)
}

// howFar says in a sentence how far the rollout of the base is.
func (o *demoOptions) howFar(ctx context.Context, repo *monorepo.Repository) (string, error) {
	bumps, err := o.bases(repo, baseFlags{{typed: demoBase}}, true)
	if err != nil {
		return "", err
	}
	found, err := repo.Status(ctx, monorepo.Policy{Bumps: bumps, Level: imageref.Patch}, false)
	if err != nil {
		return "", err
	}
	return report.NewStatus(repo.Revision.Commit, found).Sum(), nil
}

// tell prints the story, each step with the command that does the same.
func (o *demoOptions) tell(dir string, repo *monorepo.Repository, s *demoStory) error {
	var b strings.Builder
	number := 0
	step := func(title, command string) {
		number++
		fmt.Fprintf(&b, "\n== %d. %s\n", number, title)
		if command != "" {
			fmt.Fprintf(&b, "$ %s\n", command)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "A monorepo of %s: curated bases, a base on a base, and services on them.\nIt lies in %s\n", report.Count(len(repo.Dockerfiles), "Dockerfile"), dir)

	step("base-python-ml 1.0.1 is out. What does it reach? A page to click through says it", "propagate graph --base "+demoBase+" -o graph.html")
	fmt.Fprintf(&b, "%s is written: open it in a browser\n", s.page)

	step("What is newer in the registries? One in memory stands in for them here", "propagate outdated")
	if err := s.outdated.WriteText(o.likeStdout(&b)); err != nil {
		return err
	}
	step("How far is the rollout?", "propagate status --base "+demoBase)
	fmt.Fprintln(&b, s.before)
	step("What would be done, and what is left, and why?", "propagate plan --base "+demoBase)
	if err := s.planned.WriteText(o.likeStdout(&b)); err != nil {
		return err
	}
	step("The bot does it: a commit on a branch, the work tree untouched", "propagate run --publish branch")
	for i, change := range s.plan.Changes {
		fmt.Fprintf(&b, "%s: %s\n  branch %s, %s\n\n", s.doc.Changes[i].State, change.Title, change.Branch, report.Count(len(change.Files), "file"))
		o.tellDiff(&b, change)
	}
	for _, note := range s.plan.Notes {
		fmt.Fprintf(&b, "\nnote: %s%s\n", report.Clean(note.Error()), note.Code.Suffix())
	}
	for _, change := range s.plan.Changes {
		step("The pull request that reviewers would get", "")
		fmt.Fprintf(&b, "title:  %s\nhead:   %s\nbase:   main\nlabels: %s\n\n%s", change.Title, change.Branch, strings.Join(change.Labels, ", "), change.Body)
		step("How far is the rollout once that is merged?", "propagate status --base "+demoBase+" --ref "+change.Branch)
		fmt.Fprintf(&b, "before: %s\nafter:  %s\n", s.before, s.after)
	}
	step("Your turn. The repository stays where it is", "")
	for _, next := range []struct{ title, args string }{
		{"Run it again: nothing changes", "--base base-python-ml@1.0.1 --unchecked"},
		{"Take the older line along as well", "--base base-python-ml@1.0.1 --level major --dry-run --unchecked"},
		{"Patch another base, one change for each service", "plan --base base-java@1.0.1 --group service --unchecked"},
		{"The estate in numbers", "report"},
		{"A configuration for it", "init"},
	} {
		fmt.Fprintf(&b, "%s\n  %s -C %s %s\n", next.title, o.command(), shellWord(dir), next.args)
	}
	_, err := fmt.Fprint(o.Stdout, b.String())
	return err
}

// How many files of a change the tour shows: the others are alike.
const shownFiles = 2

// tellDiff prints the diffs of the first files of a change, and how many others there are.
func (o *demoOptions) tellDiff(b *strings.Builder, change publish.Change) {
	for i, file := range change.Files {
		if i == shownFiles {
			fmt.Fprintf(b, "and %d more, of which no byte changes but the version: git diff main %s\n", len(change.Files)-i, change.Branch)
			return
		}
		b.WriteString(o.paintDiff(bumper.Diff(file.Path, file.Src, file.Content)))
	}
}
