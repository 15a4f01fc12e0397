package buildfile

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// passOver says that a command which builds is not understood, and why.
func (s *shell) passOver(c command, name, why string) {
	s.run.problem(Problem{source.CodeNotUnderstood, s.placeOf(c), name + " is not understood: " + why})
}

// passOverOnce is passOver for what is not meant to be known: it is said once of a file.
func (s *shell) passOverOnce(c command, name, why string) {
	if s.run.passed[why] {
		return
	}
	if s.run.passed == nil {
		s.run.passed = map[string]bool{}
	}
	s.run.passed[why] = true
	s.passOver(c, name, why)
}

// missed says why the Dockerfile of a command is not found.
func (s *shell) missed(c command, name, context, file string) {
	_, _, fixed := anchored(file)
	switch {
	case strings.Contains(file, unknown):
		s.passOver(c, name, "which Dockerfile it builds is not known from the text")
	case file == "" && strings.Contains(context, unknown):
		s.passOver(c, name, "which directory it builds is not known from the text")
	case s.place.cwd == unknown && !fixed:
		s.passOver(c, name, "in which directory it runs is not known from the text")
	default:
		if file == "" {
			file = context + "/Dockerfile"
		}
		for _, start := range s.place.starts {
			if p, ok := settle(enter(s.place.cwd, file), start); ok {
				s.passOver(c, name, "the repository has no "+p)
				return
			}
		}
		s.passOverOnce(c, name, "its Dockerfile is outside of the repository")
	}
}

// problem adds a problem, one for each place.
func (r *shellRun) problem(p Problem) {
	if len(r.problems) >= maxBuilds || slices.ContainsFunc(r.problems, func(q Problem) bool { return q.Pos == p.Pos }) {
		return
	}
	r.problems = append(r.problems, p)
}

// missed returns the problems without those of commands that are understood where they are
// run in another way: a script with the parameters that it gets, a function with its arguments.
func (r *Result) missed() []Problem {
	understood := map[source.Pos]bool{}
	for _, b := range r.Builds {
		understood[b.Where] = true
	}
	said := map[source.Pos]bool{}
	return slices.DeleteFunc(r.Problems, func(p Problem) bool {
		if p.Code != source.CodeNotUnderstood && p.Code != source.CodeNotRead {
			return false
		}
		drop := understood[p.Pos] || said[p.Pos]
		said[p.Pos] = true
		return drop
	})
}
