package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// OfWave returns the part of a bake file that builds one wave by itself, for a pipeline that has pushed the
// waves before it. What these make is taken from the registry: by its name, or by the first of its tags where a
// target knows it by another name. What has no tag is in no registry, and is built along.
func (b Bake) OfWave(wave int) Bake {
	name := fmt.Sprintf("wave-%d", wave)
	out := b.Of(b.Group[name].Targets)
	if len(b.Group[name].Targets) > 0 {
		out.Group[name] = out.Group["default"]
	}
	return out
}

// Of returns the part of a bake file that builds some of its targets. What the others make is taken from the registry, as
// OfWave has it.
func (b Bake) Of(targets []string) Bake {
	targets = notNil(targets)
	out := Bake{Variable: b.Variable, Group: map[string]BakeGroup{"default": {Targets: targets}}, Target: map[string]BakeTarget{}}
	queue := slices.Clone(targets)
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if _, known := out.Target[next]; known {
			continue
		}
		t := b.Target[next]
		t.Contexts = maps.Clone(t.Contexts)
		for context, value := range t.Contexts {
			on, isTarget := strings.CutPrefix(value, "target:")
			if !isTarget {
				continue
			}
			tags := b.Target[on].Tags
			switch {
			case len(tags) == 0 || slices.Contains(targets, on):
				queue = append(queue, on)
			case slices.ContainsFunc(tags, func(tag string) bool { return contextName(tag) == context }):
				delete(t.Contexts, context)
			default:
				t.Contexts[context] = "docker-image://" + tags[0]
			}
		}
		out.Target[next] = t
	}
	return out
}
