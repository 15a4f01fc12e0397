package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// A Policy says which bases have new versions, and how far a plan may go.
type Policy struct {
	Bumps     []bumper.Bump   // by whole repositories, one for each image; without a version all that depends on it counts
	Level     imageref.Step   // the largest step that is taken; zero is imageref.Patch
	Group     bumper.Grouping // "" is that of the configuration, or else bumper.AllInOne
	Atomic    bool            // all waves are one change
	Emergency bool            // the changes are marked, the most urgent ones come first, and no limit of the configuration holds them up
	Assumed   []bumper.Bump   // derived bases that are taken as published, with their tags
	Record    bool            // what says the version of a bumped base itself moves along
	Flavours  bool            // a version is the release of every flavour in use that its registry has
	Check     bool            // registries are asked whether the versions are there

	RebuildBases bool // the bot gives bases that were published on what a tag named before their next version

	choice *choice // what the bot has chosen; nil where a person names the versions
}

// A Plan is what becomes of a repository, and the changes that it comes to.
type Plan struct {
	*bumper.Plan
	Changes []publish.Change // as they are published

	// Whole says that the changes are all that there are of the bases, with the grouping of the
	// configuration, and that nothing is missing from what they were made of.
	Whole bool

	// Looked is what registries said before; nil where a person named the bases.
	Looked *Outdated

	grouping  bumper.ChangeOptions
	unlimited bool          // no limit of the configuration on open pull requests holds
	current   []bumper.Bump // bases that were judged as well, and have the newest version that is taken
	limitOf   func([]bumper.Subject) publish.Limit
	withdrawn func(bumper.Subject) (reason string, ok bool)
}

// Affected says what has to be rebuilt for a policy, and what becomes of each dependent.
// It asks no registry what is published, and makes no changes. The error is that of
// [bumper.NewPlan], or an [*InputError].
func (r *Repository) Affected(ctx context.Context, policy Policy) (*bumper.Plan, error) {
	var err error
	if policy.Bumps, err = r.inquire(ctx, policy, false); err != nil {
		return nil, err
	}
	return r.weigh(ctx, policy, bumper.Options{Level: policy.Level, Digests: r.registries})
}

// Plan says what becomes of each dependent, and puts the edits into changes. It reads the
// history of the repository where versions are written nowhere, and asks registries: for
// the digests of pins, and for what is published. The error is that of [bumper.NewPlan],
// or an [*InputError].
func (r *Repository) Plan(ctx context.Context, policy Policy) (*Plan, error) {
	grouping, err := r.grouping(policy)
	if err != nil {
		return nil, err
	}
	// What the change itself makes is published after it.
	if policy.Bumps, err = r.inquire(ctx, policy, policy.Atomic || policy.Record); err != nil {
		return nil, err
	}
	client := r.registries
	options := bumper.Options{Level: policy.Level, Atomic: policy.Atomic, Digests: client, Published: client.Exists, Assumed: policy.Assumed, Record: bumper.RecordNamed}
	if policy.Record {
		options.Record = bumper.RecordMoved
	}
	if c := policy.choice; c != nil {
		if options.Chosen = c.chosen; policy.RebuildBases {
			options.Renew = c.renew
		}
	}
	p, err := r.weigh(ctx, policy, options)
	if err != nil {
		return nil, err
	}
	if options.Dated = r.openDates(p.Changes(grouping)); options.Dated != nil {
		if p, err = r.weigh(ctx, policy, options); err != nil {
			return nil, err
		}
	}
	for _, bump := range r.needless(p, policy.Assumed) {
		r.options.note("nothing waits for %s, which is assumed to be published", bump)
	}
	plan := &Plan{Plan: p, unlimited: policy.Emergency, Whole: policy.Group == "" && !policy.Atomic && r.complete(), grouping: grouping}
	if c := policy.choice; c != nil {
		plan.current, plan.limitOf = c.current, r.limitOf
	} else {
		r.noteWithdrawn(p.Bumps)
	}
	texts := bumper.TextOptions{Command: policy.command(p, grouping, r.Config), Emergency: policy.Emergency, Mark: r.Config.Emergency.Mark, Owners: r.Owners("the pull requests name"), Templates: r.Config.Templates}
	changes := p.Changes(grouping)
	if policy.Emergency {
		bumper.UrgentFirst(changes)
	}
	for _, change := range changes {
		if policy.choice != nil {
			texts.Command = policy.runCommand(change)
		}
		says, err := p.Texts(change, texts)
		if err != nil {
			return nil, invalid(err, source.Hint(err))
		}
		urgentTitle, err := p.UrgentTitle(change, texts)
		if err != nil {
			return nil, invalid(err, source.Hint(err))
		}
		change.Title = says.Title
		c := publish.Change{Change: change, Body: says.Body, Message: says.Message, UrgentTitle: urgentTitle}
		plan.Changes = append(plan.Changes, r.dressed(c, p, policy))
	}
	return plan, nil
}

// grouping returns how the changes of a policy are grouped and named.
func (r *Repository) grouping(policy Policy) (bumper.ChangeOptions, error) {
	configured := r.Config.Group
	if policy.Emergency {
		configured = cmp.Or(r.Config.Emergency.Group, configured)
	}
	options := bumper.ChangeOptions{By: cmp.Or(policy.Group, configured), Prefix: r.Config.Prefix}
	if policy.Atomic {
		options.By = bumper.AllInOne
	}
	switch {
	case policy.choice != nil:
		options.Apart = policy.choice.group
	case policy.Group == "" && options.By == bumper.AllInOne && configured == r.Config.Group:
		options.Name = r.Config.GroupName
	}
	if options.By != bumper.ByTeam {
		return options, nil
	}
	var err error
	options.Owners, err = r.owners(policy.Group == "")
	return options, err
}

// weigh decides about each dependent, with what is known beyond the graph.
func (r *Repository) weigh(ctx context.Context, policy Policy, options bumper.Options) (*bumper.Plan, error) {
	r.options.doing("planning for %s", source.Count(len(r.Files), "Dockerfile"))
	failed := r.inform(&options, r.Graph())
	p, err := bumper.NewPlan(ctx, r.Graph(), contents{r.files}, policy.Bumps, options)
	if err := errors.Join(failed(), err); err != nil {
		return nil, err
	}
	reached := map[string]bool{}
	builds := map[*graph.Node]bool{}
	for _, image := range p.Bases() {
		reached[image.Key] = true
	}
	for _, item := range p.Items {
		builds[item.Node.Whole()] = true
		for _, image := range item.Makes {
			reached[image.Key] = true
		}
	}
	r.Unclear = r.noteMakers(func(n graph.Note) bool {
		return reached[n.Image] || slices.ContainsFunc(n.Builds, func(build *graph.Node) bool { return builds[build] })
	})
	notes := slices.Concat(p.Notes, r.noteRuns(p))
	if policy.choice == nil { // who chooses by registries has their digests
		notes = append(notes, r.noteMoving(p)...)
	}
	r.options.notes(r.Config.Reported(notes))
	r.countLines(p)
	said := map[string]bool{}
	for _, item := range p.Items {
		if item.Err != nil && !said[item.Err.Error()] {
			said[item.Err.Error()] = true
			r.lack(item.Err)
		}
	}
	return p, nil
}

// countLines says how many builds are on other lines of the bases: they do not depend on
// these.
func (r *Repository) countLines(p *bumper.Plan) {
	bases := p.Bases()
	for _, bump := range p.Bumps {
		if bump.From != "" {
			continue
		}
		var others []string
		for _, line := range p.Graph.Lines(bump.Image) {
			if slices.Contains(bases, line) {
				continue
			}
			for _, use := range line.Uses() {
				others = append(others, fmt.Sprintf("%s is on %s", use.T.Label, line.Label))
			}
		}
		if len(others) == 0 {
			continue
		}
		r.options.remark("%s on other lines of %s, for which %s is not meant", source.Count(len(others), "reference"), bump.Image, bump.Version())
		for _, other := range others {
			r.options.detail("  %s", source.Clean(other))
		}
	}
}

// command returns the command line that makes the same changes again, with the configuration.
func (p Policy) command(plan *bumper.Plan, by bumper.ChangeOptions, c *config.Config) string {
	words := []string{"propagate"}
	for _, bump := range plan.Bumps {
		words = append(words, "--base", bump.Image+"@"+bump.Version())
		if bump.From != "" {
			words = append(words, "--from", bump.From)
		}
	}
	if p.Level > imageref.Patch {
		words = append(words, "--level", p.Level.String())
	}
	group, configured := cmp.Or(by.By, bumper.AllInOne), cmp.Or(c.Group, bumper.AllInOne)
	switch {
	case p.Atomic:
		words = append(words, "--atomic")
	case group != bumper.AllInOne || group != configured || by.Name != c.GroupName:
		words = append(words, "--group", string(group))
	}
	for _, bump := range p.Assumed {
		words = append(words, "--assume-published", bump.Image+"@"+bump.Version())
	}
	if p.Record {
		words = append(words, "--record")
	}
	if p.Emergency {
		words = append(words, "--emergency")
	}
	return strings.Join(words, " ")
}

// needless returns what is assumed to be published and nothing waits for. A name may stand for several repositories that are
// one image: nothing waits for it where nothing does for any of them.
func (r *Repository) needless(p *bumper.Plan, assumed []bumper.Bump) []bumper.Bump {
	all := p.Needless(assumed)
	return slices.DeleteFunc(slices.Clone(all), func(bump bumper.Bump) bool {
		return slices.ContainsFunc(assumed, func(other bumper.Bump) bool {
			pair := []string{bump.Image, other.Image}
			return other.Tag == bump.Tag && !slices.Contains(all, other) && (r.areMirrors(pair) || sameMakers(r.Graph(), pair))
		})
	})
}
