package makefile

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// prerequisites returns what $^ stands for in the recipe of a rule: what the rule itself says, then what rules without
// a recipe add for the same target, each once. With "%-image: common.mk" and "app-image: Dockerfile" these are common.mk
// and Dockerfile. ok is false where not all are known, or make would look for them in other directories, and where there are
// none: a recipe that uses them has them from a file that is not read.
func (m *makefile) prerequisites(t *target) (all []trace.Text, ok bool) {
	if _, found := m.vars["VPATH"]; found || m.searches || t.rule == nil {
		return nil, false
	}
	add := func(r *rule) bool {
		stem := t.stem
		if r != t.rule {
			stem = trace.Plain(reading.Unknown)
		}
		for _, prereq := range r.prereqs {
			if prereq.S == "|" { // what is behind it has only to be there
				return true
			}
			if before, after, found := prereq.Cut("%"); found && (r.pattern != "" || isPattern(r)) {
				prereq = trace.Join(before, stem, after)
			}
			if strings.ContainsAny(prereq.S, "*?[$"+reading.Unknown) || !m.Use(len(prereq.S)) {
				return false
			}
			if !slices.ContainsFunc(all, func(other trace.Text) bool { return other.S == prereq.S }) {
				all = append(all, prereq)
			}
		}
		return true
	}
	if !add(t.rule) {
		return all, false
	}
	for _, r := range m.rules {
		if r == t.rule || len(r.recipe) > 0 || r.vars != nil || !m.Use(1+len(r.targets)) {
			continue
		}
		for _, name := range r.targets {
			before, _, isOpen := strings.Cut(name.S, reading.Unknown)
			if isOpen && strings.HasPrefix(t.name.S, before) || name.S == t.name.S && !add(r) {
				return all, false
			}
		}
	}
	return all, len(all) > 0
}

// isPattern reports whether a rule is one for whatever fits, such as "%-image: %/Dockerfile".
func isPattern(r *rule) bool {
	return slices.ContainsFunc(r.targets, func(t trace.Text) bool { return strings.Contains(t.S, "%") })
}

// hasOwnRecipe reports whether a rule that names a target has a recipe for it: make uses no rule for a pattern then.
func (m *makefile) hasOwnRecipe(name string) bool {
	if m.withRecipe == nil || m.counted != len(m.rules) {
		m.withRecipe, m.counted = map[string]bool{}, len(m.rules)
		for _, r := range m.rules {
			if len(r.recipe) == 0 || !m.Use(1+len(r.targets)) {
				continue
			}
			for _, t := range r.targets {
				m.withRecipe[t.S] = true
			}
		}
	}
	return m.withRecipe[name]
}

// automatic returns the value of $<, $^ and their like; ok is false for any other variable.
func (e *expander) automatic(name string) (value trace.Text, ok bool) {
	if name == "" || name[0] != '<' && name[0] != '^' || len(name) > 2 || len(name) == 2 && name[1] != 'D' && name[1] != 'F' {
		return value, false
	}
	all, known := e.prerequisites(e.target)
	if name[0] == '<' && len(all) > 0 {
		all, known = all[:1], true
	}
	if !known {
		return trace.Plain(reading.Unknown), true
	}
	if len(name) == 2 {
		for i := range all {
			all[i] = half(name[1:], all[i])
		}
	}
	return reading.JoinWith(" ", all), true
}
