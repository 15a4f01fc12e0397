package monorepo

import (
	"cmp"
	"fmt"
	"path"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile/workflow"
	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/trace"
)

// What GitHub Actions does not go beyond (GitHub docs, "Workflow syntax for GitHub Actions" on
// paths, and "Actions limits").
const (
	mostFiltered = 300 // files of a pull request that path filters see
	MostJobs     = 256 // jobs that a matrix makes
	mostRuns     = 500 // runs that start within ten seconds
)

// Cost returns what the changes of a plan cost as pull requests, and notes where one of them
// is more than GitHub Actions copes with. It asks nobody: each change counts as one that is not
// open yet.
func (r *Repository) Cost(plan *Plan) publish.Cost {
	runs := r.runsOf(plan)
	load := r.load(plan)
	load.Runs = runs.Push + runs.Pull
	for _, change := range plan.Changes {
		builds := 0
		for _, item := range change.Items {
			if !item.Record {
				builds++
			}
		}
		const split = "--group service, directory, team or wave makes several pull requests of it"
		if n := len(change.Files); n > mostFiltered {
			r.options.advise(split, "%s changes %d files: the path filters of GitHub Actions see the first %d of a pull request", change.Branch, n, mostFiltered)
		}
		if builds > MostJobs {
			r.options.advise(split, "%s is for %d builds: a matrix of GitHub Actions has at most %d jobs", change.Branch, builds, MostJobs)
		}
	}
	const fewer = "--max-prs makes them in several runs, --group fewer of them"
	switch {
	case runs.Push > mostRuns:
		r.options.advise(fewer, "pushing %d branches at once starts up to %d workflow runs: GitHub drops what is more than %d in ten seconds", len(plan.Changes), runs.Push, mostRuns)
	case runs.Update > mostRuns:
		r.options.advise(fewer, "once they are open, updating %d pull requests at once starts up to %d workflow runs: GitHub drops what is more than %d in ten seconds", len(plan.Changes), runs.Update, mostRuns)
	}
	return r.limits().Cost(load)
}

// load is what the changes of a plan are to the forge, without the runs that they start.
func (r *Repository) load(plan *Plan) publish.Load {
	load := publish.Load{Pulls: len(plan.Changes), Commits: r.byAPI()}
	for _, change := range plan.Changes {
		load.Labels = max(load.Labels, len(change.Labels))
		if change.AutoMerge != publish.MergedByPeople {
			load.AutoMerge = 1
		}
		load.Reviewers, load.Assignees = max(load.Reviewers, len(change.Reviewers)), max(load.Assignees, len(change.Assignees))
	}
	return load
}

// limits are the budgets of the forge: what the caller or else the configuration says.
func (r *Repository) limits() publish.Limits {
	given, configured := r.options.GitHub.Limits, r.Config.GitHub.Limits
	return publish.Limits{
		Minute: cmp.Or(given.Minute, configured.Minute, github.DefaultMinute),
		Hour:   cmp.Or(given.Hour, configured.Hour, github.DefaultHour),
	}
}

// runsOf counts the runs that the changes of a plan start, of the workflows of the revision.
func (r *Repository) runsOf(plan *Plan) (runs workflow.Runs) {
	entries, err := r.files.ReadDir(workflow.Dir)
	if err != nil {
		return runs // there are none
	}
	load := r.load(plan)
	for _, entry := range entries {
		p := path.Join(workflow.Dir, entry.Name())
		if !workflow.IsWorkflow(p) {
			continue
		}
		src, err := r.files.Read(p)
		if err != nil {
			continue // what the repository lacks is said elsewhere
		}
		file := trace.NewFile(p, src)
		for _, change := range plan.Changes {
			pull := workflow.PullRequest{
				Branch: change.Branch, Base: r.Revision.Branch,
				Labels: load.Labels, Reviewers: load.Reviewers, Assignees: load.Assignees,
			}
			for _, f := range change.Files {
				pull.Paths = append(pull.Paths, f.Path)
			}
			runs.Add(workflow.RunsOf(file, pull))
		}
	}
	return runs
}

// A progress tells who listens how far a run is that publishes a plan, and how long it may have to
// go on.
type progress struct {
	options *Options
	load    publish.Load
	limits  publish.Limits
	start   time.Time

	mu   sync.Mutex // requests may wait in goroutines of their own
	done int
}

func (r *Repository) progress(plan *Plan) *progress {
	return &progress{options: &r.options, load: r.load(plan), limits: r.limits(), start: r.options.Now()}
}

// tell is a [publish.Progress].
func (p *progress) tell(done, all int, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.load.Pulls = done, all
	p.say(what, 0)
}

// wait says that a request waits, and why.
func (p *progress) wait(until time.Time, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say(fmt.Sprintf("waiting until %s: %s", until.UTC().Format("15:04:05 UTC"), why), until.Sub(p.options.Now()))
}

// say says what is done, of all that takes the given time at least.
func (p *progress) say(what string, atLeast time.Duration) {
	left := max(p.limits.Left(p.load, p.done, p.options.Now().Sub(p.start)), atLeast)
	p.options.say(Message{Kind: Doing, Text: what, Done: p.done, All: p.load.Pulls, Of: "change", Left: left})
}

// advise notes something, with what to do about it.
func (o *Options) advise(hint, format string, args ...any) {
	o.say(Message{Kind: Note, Text: fmt.Sprintf(format, args...), Hint: hint})
}
