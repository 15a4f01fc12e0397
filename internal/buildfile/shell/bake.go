package shell

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/bake"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// bakeWords returns the arguments behind the words that run bake.
func bakeWords(args []trace.Text) (rest []trace.Text, ok bool) {
	inner := path.Base(args[0].S) == "docker-buildx" || path.Base(args[0].S) == "depot"
	if !inner && path.Base(args[0].S) != "docker" && args[0].S != anyTool {
		return nil, false
	}
	for rest = args[1:]; len(rest) > 0; {
		word := rest[0].S
		rest = rest[1:]
		switch {
		case strings.HasPrefix(word, "-"):
			if reading.Contains(ProgramOptions, word) {
				rest = rest[min(1, len(rest)):]
			}
		case inner && (word == "bake" || word == "f"):
			return rest, true
		case !inner && word == "buildx":
			inner = true
		default:
			return nil, false
		}
	}
	return nil, false
}

// bake follows a command that runs bake with an environment or options of its own. What it builds
// without these is said where the bake file is read.
func (s *Shell) bake(args []trace.Text, c Command) bool {
	rest, ok := bakeWords(args)
	if !ok || s.Run.Quiet > 0 || s.Over() {
		return ok
	}
	s.cutShort(c, "bake", rest)
	b := bake.Command{Given: s.environment(c), Where: s.placeOf(c)}
	var files []trace.Text
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if !strings.HasPrefix(word.S, "-") {
			if !reading.Hidden(word) {
				b.Targets = append(b.Targets, word.S)
			}
			continue
		}
		key, value, hasValue := word.Cut("=")
		if !hasValue && reading.Contains(bake.BakeOptions, word.S) && len(rest) > 0 {
			value, rest = rest[0], rest[1:]
		}
		switch key.S {
		case "-f", "--file":
			files = append(files, value)
		case "--set":
			b.Sets = append(b.Sets, value)
		case "--var":
			if name, v, ok := value.Cut("="); ok {
				b.Given[name.S] = v
			}
		}
	}
	for _, start := range s.Place.Starts {
		dir, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, "."), start)
		if !ok {
			continue
		}
		b.Dir, b.Files = dir, s.settled(files, start)
		builds, found := b.Builds(s.Run.Tree, &s.Run.Fuel)
		s.Run.AddAll(builds)
		if found {
			break
		}
	}
	return true
}

// environment returns the variables that a command sees.
func (s *Shell) environment(c Command) map[string]trace.Text {
	given := map[string]trace.Text{}
	for _, name := range slices.Sorted(maps.Keys(s.Vars)) {
		v := s.Picked(s.Vars[name])
		_, isOwn := c.env[name]
		if (isOwn || s.Export[name]) && len(v.Words) == 1 && !v.array && s.Run.Use(1) {
			given[name] = v.Words[0]
		}
	}
	return given
}

// placeOf returns the place of a command, that of its script where its own is not known. Of "$(DOCKER) build" in a
// Makefile it is that of build: the variable is written elsewhere.
func (s *Shell) placeOf(c Command) source.Pos {
	if c.At >= len(s.Src.S) || s.Src.At(c.At).File == nil {
		return s.Where
	}
	line, _, _ := strings.Cut(s.Src.S[c.At:], "\n")
	for i := range len(line) {
		if at := s.Src.At(c.At + i); !reading.IsSpace(line[i]) && s.isWritten(at) {
			return s.Src.Slice(c.At+i, c.At+i+1).Pos()
		}
	}
	return s.Where
}

// isWritten reports whether a place is in the text itself, and not in the value of a variable.
func (s *Shell) isWritten(at trace.Addr) bool {
	isIn := func(p trace.Piece) bool {
		return p.File != nil && p.File == at.File && p.Span.Start <= at.Off && at.Off < p.Span.End
	}
	return len(s.Written) == 0 || slices.ContainsFunc(s.Written, func(t trace.Text) bool { return slices.ContainsFunc(t.Pieces(), isIn) })
}
