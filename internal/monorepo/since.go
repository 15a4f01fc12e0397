package monorepo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/changes"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A Since is what has changed since a revision, and what has to be built again for it.
type Since struct {
	Revision string                   // as it was named
	Commit   string                   // that is compared with: the merge base, if that was asked for
	Changed  []gitrepo.TreeChange     // by path
	Builds   map[*graph.Node]*Touched // those that are to be run again
}

// Touched says why a build is to be run again.
type Touched struct {
	Because  []Because // its Dockerfile, how it is built, what is left out of its context, what it takes, what it is based on
	Exposure scanner.Exposure

	bases map[*graph.Node][]*scanner.Ref // the builds that are run again on which it is based, with what names them
}

// Why is what kind of reason there is for a build to be run again.
type Why string

// The kinds of reason.
const (
	WhyDockerfile Why = "dockerfile"  // its Dockerfile differs
	WhyBuild      Why = "build"       // it is built otherwise: with other arguments, tags or contexts, or as a new build
	WhyIgnore     Why = "ignore-file" // what its context leaves out differs
	WhyContext    Why = "context"     // it takes a file that differs
	WhyBase       Why = "base"        // it is based on a build that is run again
	WhyUnknown    Why = "unknown"     // it cannot be told
)

// A Because is one reason.
type Because struct {
	Why         Why
	Path        string     // the file that differs, or that says how it is built; of a base, its Dockerfile
	Change      string     // what became of the file, see gitrepo.TreeChange.Kind; "" where it is not the file itself
	More        int        // how many other files that differ the same instruction takes
	Pos         source.Pos // of the instruction, or of what a build file says; zero where there is none
	Instruction string
	Detail      string // what differs, or why it cannot be told; may be ""
	Base        *graph.Node
	Image       string // for WhyBase: the reference, as it resolves
}

// Since compares a revision with what is read. REV stands for that commit, and REV... for the newest commit
// that both have in common. about is a path of which it is said what takes it, "" for none. Where it cannot be known
// whether a build takes what differs, it does.
//
// The error is an [*InputError] where there is no history, and has a hint where the revision is not there or
// has no commit in common with what is read.
func (r *Repository) Since(ctx context.Context, rev, about string) (*Since, error) {
	commit, err := r.sinceCommit(ctx, rev)
	if err != nil {
		return nil, fmt.Errorf("--since %s: %w", rev, err)
	}
	r.options.doing("comparing with commit %.12s", commit)
	all, err := r.git.Changes(ctx, commit, r.Revision.Commit)
	if err != nil {
		return nil, fmt.Errorf("--since %s: %w", rev, err)
	}
	s := &Since{Revision: rev, Commit: commit, Changed: all, Builds: map[*graph.Node]*Touched{}}
	if len(all) == 0 {
		return s, nil
	}
	c := &comparison{Repository: r, about: about}
	was, err := r.git.FS(commit)
	if err != nil {
		return nil, err
	}
	c.changes = changes.New(was, r.files, all)
	if c.then, err = r.at(ctx, commit); ctx.Err() != nil {
		return nil, ctx.Err()
	} else if err != nil {
		c.failed = err
		r.options.note("commit %.12s cannot be read, so each build counts as another one than there: %v", commit, err)
	}
	g := r.Graph()
	for _, node := range g.Builds() {
		if !node.File.IsDockerfile() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if t := c.touched(node); len(t.Because) > 0 {
			s.Builds[node] = t
		}
	}
	if err := c.follow(s.Builds); err != nil {
		return nil, err
	}
	r.Unclear = r.noteMakers(func(n graph.Note) bool {
		return slices.ContainsFunc(n.Builds, func(build *graph.Node) bool { return s.Builds[build] != nil })
	})
	return s, nil
}

// sinceCommit finds the commit that is compared with.
func (r *Repository) sinceCommit(ctx context.Context, rev string) (string, error) {
	if r.git == nil {
		return "", invalid(fmt.Errorf("%s is in no git repository", r.Dir), "what has changed is known of commits alone")
	}
	name, isMerge := strings.CutSuffix(rev, "...")
	if !isMerge {
		name = strings.TrimSuffix(rev, "..")
	}
	switch {
	case name == "":
		return "", invalid(errors.New("it names no revision"), "for example --since origin/main...")
	case strings.Contains(name, ".."):
		return "", invalid(errors.New("it names two revisions"), "--ref names the one that is read; --since REV, or --since REV... for what both have in common")
	case len(name) >= 40 && strings.Trim(name, "0") == "":
		return "", advised(errors.New("it is no commit, but what stands for none"),
			"a push that makes a branch has none before it: give --since origin/main... then, with the branch that it comes from")
	}
	then, err := r.git.Resolve(name)
	if err != nil {
		return "", r.explainSince(name, err)
	}
	if !isMerge {
		return then.Commit, nil
	}
	base, err := r.git.MergeBase(ctx, then.Commit, r.Revision.Commit)
	return base, err
}

// explainSince adds to the error of a revision that cannot be found what to do about it.
func (r *Repository) explainSince(name string, err error) error {
	if !errors.Is(err, gitrepo.ErrUnknownRevision) {
		return err
	}
	hint := "in a pipeline, fetch the history first: fetch-depth: 0 in actions/checkout, or `git fetch origin`"
	switch _, other := r.git.Resolve("refs/remotes/origin/" + name); {
	case r.clone != nil:
		hint = "of a repository that a URL names, one commit alone is fetched: clone it, and name the directory"
	case other == nil:
		hint = "there is origin/" + name
	}
	var known *source.Error
	if errors.As(err, &known) {
		err = known.Err
	}
	return advised(err, hint)
}

// at returns the repository as it is at another commit. Nobody is told of what is wrong there.
func (r *Repository) at(ctx context.Context, commit string) (*Repository, error) {
	then := &Repository{ctx: ctx, options: r.options, git: r.git, Dir: r.Dir, clone: r.clone, address: r.address}
	then.options.Listen = nil
	then.mirrored = sync.OnceValue(then.mirrors)
	if err := then.openRevision(commit); err != nil {
		return nil, err
	}
	then.store = r.store
	return then, then.read(ctx)
}

// AddTo adds to a plan the builds that are to be run again, each in a wave behind those that it is based on.
func (s *Since) AddTo(p *bumper.Plan) {
	items := map[*graph.Node]*bumper.Item{}
	for _, item := range p.Items {
		items[item.Node] = item
	}
	for node, touched := range s.Builds {
		item := items[node]
		if item == nil {
			item = &bumper.Item{Dependent: node.Dependent()}
			item.Exposure = touched.Exposure
			items[node] = item
			p.Items = append(p.Items, item)
		}
		if !isRebuilt(item) {
			item.Action, item.Reason, item.Wave = bumper.ActionRebuild, "", 1
		}
		item.Exposure = max(item.Exposure, touched.Exposure)
	}
	slices.SortStableFunc(p.Items, func(a, b *bumper.Item) int { return int(a.Node.ID() - b.Node.ID()) })
	s.order(items)
}

func isRebuilt(item *bumper.Item) bool {
	return item.Action == bumper.ActionBump || item.Action == bumper.ActionRebuild
}

// order gives each item that is rebuilt its wave, and what it is based on.
func (s *Since) order(items map[*graph.Node]*bumper.Item) {
	done := map[*bumper.Item]bool{} // false while it is under way: on a circle nobody waits
	var visit func(item *bumper.Item)
	visit = func(item *bumper.Item) {
		if _, seen := done[item]; seen {
			return
		}
		done[item] = false
		if touched := s.Builds[item.Node]; touched != nil {
			for base, refs := range touched.bases {
				for _, ref := range refs {
					if ref.Image.IsZero() {
						continue
					}
					if item.Contexts == nil {
						item.Contexts = map[string]*bumper.Item{}
					}
					if key := ref.Image.String(); item.Contexts[key] == nil {
						item.Contexts[key] = items[base]
					}
				}
				item.Wave = max(item.Wave, after(items[base], visit, done))
			}
		}
		for _, base := range item.Contexts {
			if isRebuilt(base) {
				item.Wave = max(item.Wave, after(base, visit, done))
			}
		}
		done[item] = true
	}
	for _, item := range items {
		if isRebuilt(item) {
			visit(item)
		}
	}
}

// after returns the first wave in which what a base makes is there.
func after(base *bumper.Item, visit func(*bumper.Item), done map[*bumper.Item]bool) int {
	visit(base)
	if !done[base] {
		return 1
	}
	return base.Wave + 1
}
