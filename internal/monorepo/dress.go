package monorepo

import (
	"slices"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/publish"
)

// dressed returns a change with the labels and the people that its pull request gets: those of the
// policies of its references, and where these say nothing those of the whole configuration.
func (r *Repository) dressed(c publish.Change, p *bumper.Plan, policy Policy) publish.Change {
	var labels, reviewers, assignees []string
	for _, says := range r.policiesOf(c, p) {
		labels, reviewers, assignees = append(labels, says.Labels...), append(reviewers, says.Reviewers...), append(assignees, says.Assignees...)
	}
	c.Labels, c.Reviewers, c.Assignees = eachOnce(labels, r.Config.Labels), eachOnce(reviewers, r.Config.Pulls.Reviewers), eachOnce(assignees, r.Config.Pulls.Assignees)
	if c.Labels == nil {
		c.Labels = []string{"dependencies", "propagate"}
	}
	if policy.Emergency {
		c.Labels = append(slices.Clone(c.Labels), "emergency")
	}
	c.Limit = r.limitOf(c.Subjects)
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

// eachOnce returns each of all once, in their order; otherwise where there is none.
func eachOnce(all, otherwise []string) []string {
	if len(all) == 0 {
		return otherwise
	}
	var once []string
	for _, one := range all {
		if !slices.Contains(once, one) {
			once = append(once, one)
		}
	}
	return once
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
