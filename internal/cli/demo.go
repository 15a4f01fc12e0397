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
		Long: `Play the whole story on a sample monorepo, without network or credentials: the graph as a page for
the browser, what is newer in a registry (one in memory stands in for it), how far the rollout is, what
would be done, the branch that the bot makes, the pull request as it will look, and how far the rollout
is once that is merged. The repository stays, to play with.`,
		Example: `  propagate demo
  propagate demo --dir /tmp/demo`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.dir, "dir", "", "empty `directory` for the repository (default a new temporary one)")
	return cmd
}

// demoBase is the patch that the story is about.
const demoBase = "base-python-ml@1.0.1"

// run makes the sample repository, lands a patched base in it, and tells the story of demotour.go.
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
	planned := report.NewPlan(named.Plan, publish.Result{Outcomes: repo.Foresee(named, monorepo.Auto)})
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
	story := &demoStory{outdated: report.NewOutdated(repo.Revision.Commit, found, o.Now(), false), planned: planned, plan: plan, doc: doc}
	if err := o.look(ctx, dir, repo, story); err != nil {
		return err
	}
	return o.tell(dir, repo, story)
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
