package shell

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Of a loop over values that are not known (for n in $(git diff …)) it is known what they may
// be where they name a Dockerfile and the image that is made of it: those of the files that
// exist.

// A hole is a Dockerfile of whose path a part is not known.
type hole struct {
	path string
	pos  source.Pos // of the command
}

// open notes that the Dockerfile of a command is not known, where its image is called by what is
// not known either.
func (s *Shell) open(c Command, context, file string, images []trace.Text) {
	if s.guesses || s.Place.Cwd == reading.Unknown || len(s.Run.holes) >= reading.MaxBuilds {
		return
	}
	if file == "" {
		file = context + "/Dockerfile"
	}
	unknown := func(t trace.Text) bool { return strings.Contains(t.S, reading.Unknown) }
	if strings.Contains(file, reading.Unknown) && slices.ContainsFunc(images, unknown) {
		s.Run.holes = append(s.Run.holes, hole{file, s.placeOf(c)})
	}
}

// guess follows the body of a loop whose variable is not known: once as it is, and then for each
// value with which a Dockerfile exists.
func (s *Shell) guess(name string, body []*syntax.Stmt) (goes bool) {
	known := len(s.Run.holes)
	goes = s.round(body)
	holes := slices.Clone(s.Run.holes[known:])
	s.Run.holes = s.Run.holes[:known]
	if s.guesses || len(holes) == 0 || !reading.IsName(name) {
		return goes
	}
	var values []string
	for _, h := range holes {
		for _, v := range s.fits(h.path) {
			if !slices.Contains(values, v) && len(values) < maxValuesOf {
				values = append(values, v)
			}
		}
	}
	before := len(s.Run.Builds)
	for _, v := range values {
		child := s.fork()
		child.guesses, child.Out = true, nil
		child.put(name, OneWord(trace.Plain(v)))
		child.stmts(body)
	}
	for _, h := range holes {
		s.assume(name, h, s.Run.Builds[before:])
	}
	return goes
}

// assume says that builds of a command are taken from the files that there are.
func (s *Shell) assume(name string, h hole, builds []reading.Build) {
	var found []string
	for _, b := range builds {
		if b.Where == h.pos && !slices.Contains(found, b.Dockerfile) {
			found = append(found, b.Dockerfile)
		}
	}
	if found == nil {
		return
	}
	s.Run.Problems = slices.DeleteFunc(s.Run.Problems, func(p reading.Problem) bool {
		return p.Pos == h.pos && p.Code == source.CodeNotUnderstood
	})
	const shown = 3
	more := ""
	if n := len(found) - shown; n > 0 {
		found, more = found[:shown], fmt.Sprintf(" and %d more", n)
	}
	s.Run.Say(source.CodeAssumedValue, h.pos, fmt.Sprintf("the values of %s are not known from the text; taken are those for which there is a Dockerfile: %s%s", name, strings.Join(found, ", "), more))
}

// fits returns the values with which a path is one of a file.
func (s *Shell) fits(p string) []string {
	parts := strings.Split(p, reading.Unknown)
	if slices.Contains(parts[1:len(parts)-1], "") || !s.Run.Step(len(p)) {
		return nil
	}
	var glob, expr strings.Builder
	for i, part := range parts {
		if i > 0 {
			glob.WriteString("*")
			expr.WriteString("([^/]+)")
		}
		anchor, rest, ok := reading.CutAnchor(part)
		if ok && i == 0 {
			glob.WriteString(anchor + "/")
			part = rest
			expr.WriteString(regexp.QuoteMeta(anchor + "/"))
		}
		glob.WriteString(quotePattern(part))
		expr.WriteString(regexp.QuoteMeta(part))
	}
	re, err := regexp.Compile("^" + expr.String() + "$")
	if err != nil {
		return nil
	}
	var values []string
	for _, f := range s.glob(glob.String()) {
		m := re.FindStringSubmatch(f.S)
		if len(m) > 1 && !slices.ContainsFunc(m[1:], func(v string) bool { return v != m[1] }) {
			values = append(values, m[1])
		}
	}
	return values
}
