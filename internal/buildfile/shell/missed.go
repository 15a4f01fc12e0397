package shell

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
)

// passOver says that a command which builds is not understood, and why.
func (s *Shell) passOver(c Command, name, why string) {
	s.Run.Problem(reading.Problem{Code: source.CodeNotUnderstood, Pos: s.placeOf(c), Message: name + " is not understood: " + why})
}

// passOverOnce is passOver for what is not meant to be known: it is said once of a file.
func (s *Shell) passOverOnce(c Command, name, why string) {
	if s.Run.passed[why] {
		return
	}
	if s.Run.passed == nil {
		s.Run.passed = map[string]bool{}
	}
	s.Run.passed[why] = true
	s.passOver(c, name, why)
}

// missed says why the Dockerfile of a command is not found.
func (s *Shell) missed(c Command, name, context, file string) {
	_, _, fixed := reading.CutAnchor(file)
	switch {
	case strings.Contains(file, reading.Unknown):
		s.passOver(c, name, "which Dockerfile it builds is not known from the text")
	case file == "" && strings.Contains(context, reading.Unknown):
		s.passOver(c, name, "which directory it builds is not known from the text")
	case s.Place.Cwd == reading.Unknown && !fixed:
		s.passOver(c, name, "in which directory it runs is not known from the text")
	default:
		if file == "" {
			file = context + "/Dockerfile"
		}
		for _, start := range s.Place.Starts {
			if p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, file), start); ok {
				s.passOver(c, name, "the repository has no "+p)
				return
			}
		}
		s.passOverOnce(c, name, "its Dockerfile is outside of the repository")
	}
}

// Problem adds a problem, one for each place.
func (r *Run) Problem(p reading.Problem) {
	if len(r.Problems) >= reading.MaxBuilds || slices.ContainsFunc(r.Problems, func(q reading.Problem) bool { return q.Pos == p.Pos }) {
		return
	}
	r.Problems = append(r.Problems, p)
}
