package monorepo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// dressed returns a change with the labels and the people that its pull request gets: those of the
// policies of its references, and where these say nothing those of the whole configuration.
func (r *Repository) dressed(c publish.Change, p *bumper.Plan, policy Policy) publish.Change {
	says := r.policiesOf(c, p)
	labels := r.Config.Labels
	if labels == nil {
		labels = config.DefaultLabels()
	}
	c.Labels = ofPolicies(says, func(p config.Policy) []string { return p.Labels }, labels)
	c.Reviewers = ofPolicies(says, func(p config.Policy) []string { return p.Reviewers }, r.Config.Pulls.Reviewers)
	c.Assignees = ofPolicies(says, func(p config.Policy) []string { return p.Assignees }, r.Config.Pulls.Assignees)
	if c.Urgent = policy.Emergency; c.Urgent {
		c.Labels = append(slices.Clone(c.Labels), cmp.Or(r.Config.Emergency.Label, config.EmergencyLabel))
	}
	c.AutoMerge = autoMergeOf(says)
	if !c.Urgent {
		c.Limit = r.limitOf(c.Subjects)
	}
	return c
}

// policiesOf returns what the configuration says of each base and file of a change.
func (r *Repository) policiesOf(c publish.Change, p *bumper.Plan) []config.Policy {
	var all []config.Policy
	seen := map[[2]string]bool{}
	for _, bump := range p.About(c.Items) {
		for _, item := range c.Items {
			path := policyPath(item.File)
			if key := [2]string{bump.Image, path}; !seen[key] {
				seen[key] = true
				all = append(all, r.Config.Policy(bump.Image, path))
			}
		}
	}
	return all
}

// ofPolicies returns what policies say, each once and in their order; an empty list is said, too.
// Where none of them says anything it is otherwise.
func ofPolicies(policies []config.Policy, list func(config.Policy) []string, otherwise []string) []string {
	var all []string
	for _, p := range policies {
		says := list(p)
		if says != nil && all == nil {
			all = []string{}
		}
		for _, one := range says {
			if !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	if all == nil {
		return otherwise
	}
	return all
}

// autoMergeOf returns what all policies allow.
func autoMergeOf(policies []config.Policy) publish.AutoMerge {
	if len(policies) == 0 {
		return publish.MergedByPeople
	}
	least := publish.AtOnce
	for _, p := range policies {
		switch p.Automerge {
		case config.AtOnce:
		case config.AfterChecks:
			least = min(least, publish.AfterChecks)
		default:
			least = publish.MergedByPeople
		}
	}
	return least
}

// limitOf returns how many pull requests the policy of a base allows to be open at a time.
func (r *Repository) limitOf(subjects []bumper.Subject) publish.Limit {
	for _, s := range subjects {
		says := r.Config.Policy(s.Image, "")
		if at, ok := says.At["max-open"]; ok && says.MaxOpen > 0 {
			return publish.Limit{Key: at.At.String(), Most: says.MaxOpen}
		}
	}
	return publish.Limit{}
}

// withdrawnOf returns what says why a base must not be brought to a version, for some images; none is for all. It is
// nil where the configuration withdraws nothing.
func (r *Repository) withdrawnOf(only []string) func(bumper.Subject) (string, bool) {
	if !r.Config.Withdraws() {
		return nil
	}
	return func(s bumper.Subject) (string, bool) {
		if len(only) > 0 && !slices.Contains(only, s.Image) {
			return "", false
		}
		tag, _, _ := strings.Cut(s.Version, "@")
		return r.Config.Policy(s.Image, "").Withdrawn(tag)
	}
}

// noteWithdrawn says which versions that a person asks for the configuration withdraws: they are taken all the same.
func (r *Repository) noteWithdrawn(bumps []bumper.Bump) {
	for _, bump := range bumps {
		if reason, ok := r.Config.Policy(bump.Image, "").Withdrawn(bump.Tag); ok {
			r.options.advise("take another version, or the entry out of skip-versions: a run of the bot closes what is opened for this one",
				"%s:%s is withdrawn: %s", source.Clean(imageref.Base(bump.Image)), bump.Tag, source.Clean(reason))
		}
	}
}
