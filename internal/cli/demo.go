package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry/standin"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/testdata"
)

// demoOptions are what propagate demo needs.
type demoOptions struct {
	*App
	dir string // "" makes a temporary one
}

func newDemo(a *App) *cobra.Command {
	o := &demoOptions{App: a}
	cmd := &cobra.Command{
		Use: "demo", Short: "Play the whole story on a sample monorepo, without network or credentials", Args: noArguments,
		Example: `  propagate demo
  propagate demo --dir /tmp/demo`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.dir, "dir", "", "empty `directory` for the repository (default a new temporary one)")
	return cmd
}

// demoBase is the patch that the story is about.
const demoBase = "base-python-ml@1.0.1"

// run makes the sample repository, lands a patched base in it, and shows each step with
// the command that does the same.
func (o *demoOptions) run(ctx context.Context) error {
	dir, err := demoDirectory(o.dir)
	if err != nil {
		return err
	}
	files, err := fs.Sub(testdata.Matih, "matih")
	if err != nil {
		return err
	}
	author := gitrepo.Signature{Name: "propagate demo", Email: "demo@propagate.invalid", When: o.Now()}
	if _, err := gitrepo.Create(dir, files, "The sample monorepo\n", author); err != nil {
		return err
	}
	registries, err := standin.Start("docker.io", "matihlabsacr.azurecr.io")
	if err != nil {
		return err
	}
	defer registries.Close()
	asking := registries.Options()
	o.repo, o.ref, o.config, o.registries = dir, "HEAD", "", &asking
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := fill(registries, repo, o.Now()); err != nil {
		return err
	}
	quiet := o.quiet
	o.quiet = quiet || !o.inJSON() // the story says at its place what there is to note
	named, err := o.plan(ctx, repo, &planFlags{bases: baseFlags{{typed: demoBase}}, level: "patch"})
	if err != nil {
		return err
	}
	plan, found, err := repo.Run(ctx, monorepo.OutdatedOptions{Ages: true}, monorepo.Policy{})
	o.quiet = quiet
	if err != nil {
		return err
	}
	outcomes, err := repo.PublishAs(ctx, plan, author)
	if err != nil {
		return err
	}
	doc := report.NewPlan(plan.Plan, publish.Result{Outcomes: outcomes})
	if o.output == "json" {
		o.notef("the repository lies in %s", report.Clean(dir))
		return o.report(doc)
	}
	return o.tell(dir, repo, &demoStory{report.NewOutdated(repo.Revision.Commit, found, o.Now(), false), named, plan, doc})
}

// A demoStory is what there is to tell.
type demoStory struct {
	outdated *report.Outdated
	named    *monorepo.Plan // of the base alone
	plan     *monorepo.Plan // of the run
	doc      *report.Plan   // what became of it
}

// demoDirectory returns an empty directory, by a path that holds from anywhere.
func demoDirectory(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "propagate-demo-")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", usage(fmt.Errorf("--dir %s: the directory is not empty", dir), "name one that is empty, or that is not there yet")
	}
	return filepath.Abs(dir)
}

// command returns what a shell calls this program by.
func (a *App) command() string {
	if len(a.Command) == 0 {
		return "propagate"
	}
	words := make([]string, len(a.Command))
	for i, word := range a.Command {
		words[i] = shellWord(word)
	}
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord quotes a word for a shell, if it needs that.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// tell prints the story.
func (o *demoOptions) tell(dir string, repo *monorepo.Repository, s *demoStory) error {
	var b strings.Builder
	step := func(title, command string) {
		fmt.Fprintf(&b, "\n== %s\n", title)
		if command != "" {
			fmt.Fprintf(&b, "$ %s\n", command)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "A monorepo of %s: curated bases, a base on a base, and services on them.\nIt lies in %s\n", report.Count(len(repo.Dockerfiles), "Dockerfile"), dir)

	step("What is newer in the registries? One in memory stands in for them here", "propagate outdated")
	if err := s.outdated.WriteText(o.likeStdout(&b)); err != nil {
		return err
	}
	step("base-python-ml 1.0.1 is out. Who depends on it, and how?", "propagate affected --base "+demoBase)
	if err := report.NewAffected(s.named.Plan, repo.BuildsOf).WriteText(o.likeStdout(&b)); err != nil {
		return err
	}
	step("The bot makes the change: a commit on a branch, the work tree untouched", "propagate run --publish branch")
	if err := s.doc.WriteText(o.likeStdout(&b)); err != nil {
		return err
	}
	if len(s.plan.Notes) > 0 {
		b.WriteByte('\n')
	}
	for _, note := range s.plan.Notes {
		fmt.Fprintf(&b, "note: %s%s\n", report.Clean(note.Error()), note.Code.Suffix())
	}
	for _, change := range s.plan.Changes {
		step("What the commit changes: the version, and not a byte more", "git diff main "+change.Branch)
		for _, file := range change.Files {
			b.WriteString(o.paintDiff(bumper.Diff(file.Path, file.Src, file.Content)))
		}
		step("The pull request that reviewers would get", "")
		fmt.Fprintf(&b, "title:  %s\nhead:   %s\nbase:   main\nlabels: %s\n\n%s", change.Title, change.Branch, strings.Join(change.Labels, ", "), change.Body)
	}
	step("Your turn. The repository stays where it is", "")
	for _, next := range []struct{ title, args string }{
		{"Run it again: nothing changes", "--base base-python-ml@1.0.1 --unchecked"},
		{"Take the older line along as well", "--base base-python-ml@1.0.1 --level major --dry-run --unchecked"},
		{"Patch another base, one change for each service", "plan --base base-java@1.0.1 --group service --unchecked"},
		{"See the whole graph", "graph"},
	} {
		fmt.Fprintf(&b, "%s\n  %s -C %s %s\n", next.title, o.command(), shellWord(dir), next.args)
	}
	_, err := fmt.Fprint(o.Stdout, b.String())
	return err
}
