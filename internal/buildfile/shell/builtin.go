package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// builtin follows the commands that change what the shell knows.
func (s *Shell) builtin(name string, args []trace.Text) bool {
	if name == "printf" && (len(args) == 0 || args[0].S != "-v") {
		return true
	}
	for name != "set" && name != "shift" && name != "mapfile" && name != "readarray" && len(args) > 0 && strings.HasPrefix(args[0].S, "-") && len(args[0].S) > 1 {
		args = args[1:] // options
	}
	switch name {
	case "cd", "pushd":
		if len(args) == 0 {
			args = []trace.Text{trace.Plain(reading.Unknown)}
		}
		to := args[0].S
		from := s.Place.Cwd
		if name == "pushd" {
			s.stack = append(s.stack, from)
		}
		if to == "-" {
			s.Place.Cwd = s.before
			if s.before == "" {
				s.Place.Cwd = reading.Unknown
			}
		} else {
			s.Place.Cwd = reading.ChangeDir(from, to)
		}
		s.before = from
	case "popd":
		if n := len(s.stack); n > 0 {
			s.Place.Cwd, s.stack = s.stack[n-1], s.stack[:n-1]
		} else {
			s.Place.Cwd = reading.Unknown
		}
	case "shift":
		n := 1
		if len(args) > 0 {
			if m, err := strconv.Atoi(args[0].S); err == nil && m >= 0 {
				n = m
			}
		}
		s.params.words = s.params.words[min(n, len(s.params.words)):]
	case "set":
		if len(args) > 0 && args[0].S == "--" {
			s.params = paramsOf(args[1:])
			if at := slices.IndexFunc(args[1:], func(a trace.Text) bool { return a.S == reading.Unknown }); at >= 0 {
				s.params = params{words: args[1 : at+1], open: true} // it may be any number
			}
			break
		}
		s.exports = hasOption(args, "-") || s.exports && !hasOption(args, "+")
	case "unset":
		for _, a := range args {
			if name, index, ok := strings.Cut(a.S, "["); ok && strings.HasSuffix(index, "]") {
				s.put(name, Variable{array: true, Words: []trace.Text{trace.Plain(many)}})
				continue
			}
			if s.put(a.S, Variable{}); len(s.ways) == 0 {
				delete(s.Vars, a.S)
			}
		}
	case "mapfile", "readarray":
		s.readLines(args)
	case "printf": // printf -v name is the only one that assigns
		if len(args) > 0 {
			s.set(args[0].S, OneWord(s.formatted(args[1:])))
		}
	case "continue":
		s.stop = nextRound
	case "break":
		s.stop = endLoop
	case "return":
		s.stop = endFunction
	case "exit":
		s.stop = endScript
	case "read", "getopts":
		for _, a := range args {
			if _, ok := s.Vars[a.S]; ok {
				s.set(a.S, OneWord(trace.Plain(reading.Unknown)))
			}
		}
	case "source", ".":
		if len(args) > 0 {
			s.source(args[0].S)
		}
	default:
		return false
	}
	return true
}

// source follows a file of the repository for its variables and functions.
func (s *Shell) source(p string) {
	f := s.file(p)
	if f == nil || s.depth >= reading.MaxDepth || !s.Run.Step(len(f.Src)/8) {
		return
	}
	file, err := parseShell(string(f.Src))
	if err != nil {
		return
	}
	src, self := s.Src, s.self
	s.Src, s.self = f.Text(0, len(f.Src)), f.Path
	s.depth++
	s.Run.Quiet++
	s.stmts(file.Stmts)
	s.Run.Quiet--
	s.depth--
	s.Src, s.self = src, self
	if s.stop == endFunction {
		s.stop = goOn
	}
}
