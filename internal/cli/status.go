package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// statusOptions are what propagate status needs.
type statusOptions struct {
	*App
	bases    baseFlags
	level    string
	markdown bool
	watch    bool
	interval time.Duration
	issue    int
	waitFor  string
	timeout  time.Duration

	diagnosed bool // what is wrong with the Dockerfiles is said
	published bool // registries alone are asked, and what is not patched is exit status 3
}

func newStatus(a *App) *cobra.Command {
	o := &statusOptions{App: a}
	cmd := &cobra.Command{
		Use: "status --base IMAGE@VERSION", Short: "Say how far a rollout has come, up to the layers of what is published", Args: noArguments,
		Long: `Say of every build that depends on a base which version it is on, in which pull request
the new one is, how the checks of that stand, and whether what the registry has stands on
the layers of the base. What nothing tells is unknown. But for the text of --issue,
nothing is written.`,
		Example: `  propagate status --base base-java@1.0.1
  propagate status --base base-java@1.0.1 --watch
  propagate status --base base-java@1.0.1 --issue 12          keep the table in an issue
  propagate status --base base-java@1.0.1 --wait-for patched --timeout 2h
  propagate status --base base-java@1.0.1 --published         the proof at the end of a pipeline`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.Var(&o.bases, "base", "patched base as `IMAGE@VERSION` (repeatable)")
	flags.StringVar(&o.level, "level", "patch", "largest `step` that the rollout takes: patch, minor or major")
	flags.BoolVar(&o.markdown, "markdown", false, "print Markdown, for an issue or the page of a job")
	flags.BoolVar(&o.watch, "watch", false, "print it again whenever something has changed, until all is patched")
	flags.DurationVar(&o.interval, "interval", 30*time.Second, "how long --watch and --wait-for wait before they look again; longer where the forge would be asked too often")
	flags.IntVar(&o.issue, "issue", 0, "keep the table in the text of the issue with this `number` up to date; what people write around it stays")
	flags.StringVar(&o.waitFor, "wait-for", "", "wait until the rollout is at this `stage`: patched")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "how long --wait-for waits; then the exit status is 3")
	flags.BoolVar(&o.published, "published", false, "ask registries alone, and end with exit status 3 unless all that is published is based on the patched base")
	complete(cmd, "level", levels...)
	complete(cmd, "wait-for", string(monorepo.Patched))
	return cmd
}

func (o *statusOptions) check(cmd *cobra.Command) error {
	if _, err := parseLevel(o.level); err != nil {
		return err
	}
	changed := cmd.Flags().Changed
	switch {
	case o.waitFor != "" && o.waitFor != string(monorepo.Patched):
		return usage(fmt.Errorf("--wait-for %s: there is no such stage to wait for", o.waitFor), "--wait-for patched")
	case changed("timeout") && o.waitFor == "":
		return usage(errors.New("--timeout: it is for --wait-for, which is not given"), "--wait-for patched --timeout 2h")
	case changed("interval") && o.waitFor == "" && !o.watch:
		return usage(errors.New("--interval: it is for --watch and --wait-for, and neither is given"), "--watch --interval 1m")
	case o.interval < time.Second:
		return usage(fmt.Errorf("--interval %s: it is a second at least", o.interval), "")
	case o.timeout <= 0:
		return usage(fmt.Errorf("--timeout %s: it is how long to wait", o.timeout), "such as 2h")
	case changed("issue") && o.issue < 1:
		return usage(fmt.Errorf("--issue %d: it is no number of an issue", o.issue), "")
	case o.published && changed("issue"):
		return usage(errors.New("--published, --issue: they exclude each other"), "--published asks registries alone")
	case o.markdown && o.output == "json":
		return usage(errors.New("--markdown, -o json: they exclude each other"), "")
	case o.watch && o.output == "json":
		return usage(errors.New("--watch, -o json: JSON is one document, and --watch prints one after another"), "--wait-for patched prints one document in the end")
	}
	return checkBases(o.bases, true)
}

// run looks once, or again and again.
func (o *statusOptions) run(ctx context.Context) error {
	end := o.Now().Add(o.timeout)
	shown, sum := "", ""
	repeats := o.watch || o.waitFor != ""
	if repeats {
		o.said = map[string]bool{}
	}
	for {
		doc, wait, err := o.look(ctx)
		if err != nil && repeats && shown+sum != "" && ctx.Err() == nil && passes(err) && o.Now().Before(end) {
			o.complain("", err) // the next look may find it again
			if err = o.pause(ctx, o.interval); err == nil {
				continue
			}
		}
		if err != nil {
			if o.isEnded(ctx) && shown != "" {
				return nil
			}
			return err
		}
		again := repeats && !doc.IsPatched()
		left := end.Sub(o.Now())
		isOver := o.waitFor != "" && again && left <= 0
		if text := doc.Markdown(); (!again || isOver || o.watch) && text != shown {
			if shown != "" {
				_, _ = fmt.Fprintln(o.Stdout) // a failure is kept, and said in the end
			}
			shown = text
			if err := o.print(doc); err != nil {
				return err
			}
		}
		switch {
		case !again:
			if o.published && !doc.IsPatched() {
				o.left.late = true
				o.warnf("propagate: --published: %s", doc.Sum())
			}
			return nil
		case isOver:
			o.left.late = true
			o.warnf("propagate: --wait-for %s: not within %s: %s", o.waitFor, report.Duration(o.timeout), doc.Sum())
			return nil
		}
		if !o.watch && doc.Sum() != sum {
			sum = doc.Sum()
			o.notef("%s", sum)
		}
		if wait = max(o.interval, wait); o.waitFor != "" {
			wait = min(wait, left)
		}
		if err := o.pause(ctx, wait); err != nil {
			if o.isEnded(ctx) {
				return nil
			}
			return err
		}
	}
}

// isEnded reports whether a person has ended --watch, which has no other end before all is patched.
func (o *statusOptions) isEnded(ctx context.Context) bool {
	return o.watch && o.waitFor == "" && ctx.Err() != nil
}

// look finds out how far the rollout is. wait is how long to wait before the forge is asked again.
func (o *statusOptions) look(ctx context.Context) (doc *report.Status, wait time.Duration, err error) {
	repo, err := o.open(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return nil, 0, err
	}
	bumps, err := o.App.bases(repo, o.bases, true)
	if err != nil {
		return nil, 0, err
	}
	level, err := parseLevel(o.level)
	if err != nil {
		return nil, 0, err
	}
	found, err := repo.Status(ctx, monorepo.Policy{Bumps: bumps, Level: level}, o.published)
	if err != nil {
		return nil, 0, err
	}
	for _, u := range found.Unasked {
		o.notef("note: %s cannot be asked about %s: %s", u.Registry, report.Count(u.Images, "image"), oneLine(u.Err.Error()))
		if hint := source.Hint(u.Err); hint != "" {
			o.notef("hint: %s", oneLine(hint))
		}
	}
	if !o.diagnosed { // once: of --watch and --wait-for each look would say the same
		o.diagnosed = true
		o.diagnosePlan(repo, false, found.Plans...)
	}
	doc = report.NewStatus(repo.Revision.Commit, found)
	o.checkStatusPaths(doc)
	if o.issue > 0 {
		changed, url, err := repo.UpdateIssue(ctx, o.issue, doc.Within)
		if err != nil {
			return nil, 0, err
		}
		if changed {
			o.notef("updated issue #%d: %s", o.issue, url)
		}
	}
	return doc, time.Duration(found.Requests) * requestTime, nil
}

// requestTime is how long a request to the forge stands for between two looks, so that no more than 1,800 an hour are
// sent.
const requestTime = 2 * time.Second

// checkStatusPaths notes the paths that JSON cannot say.
func (o *statusOptions) checkStatusPaths(doc *report.Status) {
	var paths []string
	for i := range doc.Builds {
		paths = append(paths, doc.Builds[i].Path)
	}
	slices.Sort(paths)
	o.checkPaths(slices.Compact(paths)...)
}

func (o *statusOptions) print(doc *report.Status) error {
	if o.markdown {
		return doc.WriteMarkdown(o.Stdout)
	}
	return o.report(doc)
}

// pause waits, unless ctx ends before.
func (o *statusOptions) pause(ctx context.Context, d time.Duration) error {
	if o.Sleep != nil {
		return o.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
