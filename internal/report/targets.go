package report

import (
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/engine"
)

// Targets returns what has to be rebuilt for an engine that is run here, by wave. The names are those of the bake file.
func (a *Affected) Targets() []engine.Target {
	b := a.baker()
	var all []engine.Target
	for _, j := range a.jobs {
		for i, build := range j.builds {
			name := j.names[i]
			t := engine.Target{
				Name: name, Context: build.Context, Dockerfile: path.Clean(j.File.Path), Inline: j.inline, Stage: build.Target, Args: build.Args, Open: build.Settings.Open,
				Contexts: b.plainContexts(name), Platforms: build.Platforms, Tags: j.tags(i), Labels: plainLabels(b.labels(j, i)),
				Secret: build.Settings.Secret, SSH: build.Settings.SSH,
			}
			for _, need := range b.needs[name] {
				if !slices.Contains(t.Needs, need) {
					t.Needs = append(t.Needs, need)
				}
			}
			for context, value := range b.contexts[name] {
				if strings.HasPrefix(value, "target:") && b.tagOf(strings.TrimPrefix(value, "target:")) == "" {
					t.Along = append(t.Along, unliteral(context))
				}
			}
			slices.Sort(t.Needs)
			slices.Sort(t.Along)
			all = append(all, t)
		}
	}
	return all
}
