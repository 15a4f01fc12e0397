package shell

import (
	"bytes"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
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

// Unread says that builds of a file are left off, where its commands are too many to follow.
func (r *Run) Unread(f *trace.File) []reading.Problem {
	if r.Left > 0 && len(r.Builds) < reading.MaxBuilds {
		return nil
	}
	n, builds := 0, len(r.Builds) > 0
	for line := range bytes.Lines(f.Src) {
		n++
		command := CommandIn(string(line))
		builds = builds || command != ""
		if command == "" || r.tells(f.Path, n) {
			continue
		}
		pos := source.Pos{Path: f.Path, Line: n, Col: 1}
		return []reading.Problem{{Code: source.CodeBuildFileLimit, Pos: pos, Message: command + " is not read: the file stands for more commands than are followed"}}
	}
	if !builds {
		return nil
	}
	pos := source.Pos{Path: f.Path, Line: 1, Col: 1}
	return []reading.Problem{{Code: source.CodeBuildFileLimit, Pos: pos, Message: "not all of its builds are read: it stands for more than is read of a file"}}
}

// tells reports whether something is known of a command in a line.
func (r *Run) tells(file string, line int) bool {
	at := func(pos source.Pos) bool { return pos.Path == file && pos.Line == line }
	return slices.ContainsFunc(r.Builds, func(b reading.Build) bool { return at(b.Where) }) ||
		slices.ContainsFunc(r.Problems, func(p reading.Problem) bool { return at(p.Pos) })
}

// cutShort says that a command is not followed for all values that it has. Where whole arguments are not known for
// that, among which may be values of its build, that is for everybody.
func (s *Shell) cutShort(c Command, name string, args []trace.Text) {
	if s.Run.cut && hasMany(args) {
		s.Run.Problem(reading.Problem{Code: source.CodeBuildFileLimit, Pos: s.placeOf(c), Message: name + " is read without some of its arguments: there are more ways to them than are followed"})
		return
	}
	if s.Run.cut && slices.ContainsFunc(args, func(a trace.Text) bool { return strings.Contains(a.S, reading.Unknown) }) {
		s.Run.Problem(reading.Problem{Code: source.CodeValueLimit, Pos: s.placeOf(c), Message: name + " is not read for all of its values: there are more of them, or longer ones, than are followed"})
	}
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
