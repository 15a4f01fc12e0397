package makefile

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// The bounds of what is read for makes that run other makes.
const (
	maxMakes   = 40 // in all, for one file
	maxNesting = 3
)

// A makeCall is what a command runs make with.
type makeCall struct {
	dir, file string
	vars      map[string]trace.Text // that no assignment of the file changes
	env       map[string]trace.Text // that the file may replace
	goals     []string
	all       bool // goals are not known
}

// Options of make that take a value.
const makeOptions = "-C --directory -f --file --makefile -I --include-dir -o --old-file --assume-old -W --what-if --new-file --assume-new"

// Options of make that take a number, if one follows.
const makeLimits = "-j --jobs -l --load-average --max-load"

// Run follows make with variables that are handed to it: by the command line or
// the environment. Without any the Makefile says the same as when it is read itself.
func Run(s *shell.Shell, args []trace.Text, saved map[string]shell.Variable) bool {
	if name := path.Base(args[0].S); name != "make" && name != "gmake" {
		return false
	}
	if s.Run.Quiet > 0 || s.Run.Nested >= maxNesting || s.Over() {
		return true
	}
	call := newMakeCall(s, args[1:], saved)
	if len(call.vars)+len(call.env) == 0 {
		return true
	}
	for _, start := range s.Place.Starts {
		cwd := reading.ChangeDir(s.Place.Cwd, ".")
		if call.dir != "" {
			cwd = reading.ChangeDir(s.Place.Cwd, call.dir)
		}
		dir, ok := reading.Locate(cwd, start)
		if !ok {
			continue
		}
		if f := makefileIn(s, cwd, start, call.file); f != nil {
			call.run(s, f, dir, start)
			break
		}
	}
	return true
}

// makefileIn returns the file that make reads in a directory.
func makefileIn(s *shell.Shell, cwd, start, name string) *trace.File {
	names := []string{"GNUmakefile", "makefile", "Makefile"}
	if name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if p, ok := reading.Locate(reading.ChangeDir(cwd, name), start); ok {
			if f := s.Run.Tree.Read(p); f != nil {
				return f
			}
		}
	}
	return nil
}

// newMakeCall reads the arguments of make. A variable that is handed on without a known
// value is one all the same: what the file says of it does not count.
func newMakeCall(s *shell.Shell, args []trace.Text, saved map[string]shell.Variable) makeCall {
	call := makeCall{vars: map[string]trace.Text{}, env: map[string]trace.Text{}}
	for _, name := range slices.Sorted(maps.Keys(s.Vars)) {
		v := s.Picked(s.Vars[name])
		if _, own := saved[name]; (own || s.Export[name]) && len(v.Words) == 1 && reading.IsName(name) && s.Run.Use(1) {
			call.env[name] = v.Words[0]
		}
	}
	overrules := false
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		if key, value, ok := a.Cut("="); ok && reading.IsName(strings.TrimRight(key.S, ":")) {
			call.vars[strings.TrimRight(key.S, ":")] = value
			continue
		}
		if !strings.HasPrefix(a.S, "-") {
			call.goals = append(call.goals, a.S)
			call.all = call.all || strings.Contains(a.S, reading.Unknown)
			continue
		}
		option, value, attached := a.Cut("=")
		switch {
		case !strings.HasPrefix(a.S, "--") && len(a.S) > 2 && reading.Contains(makeOptions, a.S[:2]): // -Cdir
			option, value = a.Slice(0, 2), a.Slice(2, len(a.S))
		case !attached && reading.Contains(makeOptions, option.S) && len(args) > 0:
			value, args = args[0], args[1:]
		case reading.Contains(makeLimits, option.S) && len(args) > 0 && strings.Trim(args[0].S, "0123456789.") == "":
			args = args[1:]
		}
		switch option.S {
		case "-C", "--directory":
			call.dir = path.Join(call.dir, value.S)
		case "-f", "--file", "--makefile":
			call.file = value.S
		case "-e", "--environment-overrides":
			overrules = true
		}
	}
	if overrules {
		for name, v := range call.env {
			if _, ok := call.vars[name]; !ok {
				call.vars[name] = v
			}
		}
	}
	return call
}

// run reads a Makefile with the variables of the call, and follows the rules that
// its goals need.
func (call makeCall) run(s *shell.Shell, f *trace.File, dir, start string) {
	if s.Run.Makes >= maxMakes || !mentions(f, call) || !s.Run.Step(len(f.Src)) {
		return
	}
	s.Run.Makes++
	m := newMakefile(s.Run.Tree, dir)
	m.starts = []string{dir}
	m.Left = s.Run.Left
	for name, v := range call.env {
		m.vars[name] = makeVariable{settled(v, start), true}
		m.exported[name] = true
	}
	m.fixed = map[string]bool{}
	for name, v := range call.vars {
		m.vars[name] = makeVariable{settled(v, start), true}
		m.exported[name], m.fixed[name] = true, true
	}
	m.parse(f)
	if len(call.goals) > 0 && !call.all {
		m.need(call.goals)
	}
	s.Run.Nested++
	m.follow(s.Run, func(trace.Text, error) {}) // says so itself when it is read
	s.Run.Nested--
	s.Run.Left = min(s.Run.Left, m.Left)
}

// mentions reports whether a Makefile may use what it is handed. One that includes
// others may do so in them.
func mentions(f *trace.File, call makeCall) bool {
	if bytes.Contains(f.Src, []byte("include")) {
		return true
	}
	for _, vars := range []map[string]trace.Text{call.vars, call.env} {
		for name := range vars {
			if bytes.Contains(f.Src, []byte(name)) {
				return true
			}
		}
	}
	return false
}

// settled returns a value for a program that is started in another directory.
func settled(t trace.Text, start string) trace.Text {
	if !strings.Contains(t.S, reading.StartDir) {
		return t
	}
	if p, ok := reading.Locate(reading.ChangeDir(reading.StartDir, t.S), start); ok {
		return trace.Plain(reading.RootDir + "/" + p)
	}
	return trace.Plain(reading.Unknown)
}

// A step is a rule that was followed on the way from a goal to what it depends on.
type step struct {
	rule *rule
	from *step
}

// took reports whether a rule was followed on the way.
func (s *step) took(r *rule) bool {
	for ; s != nil; s = s.from {
		if s.rule == r {
			return true
		}
	}
	return false
}

// need says which targets are to be made: the goals and all that they depend on. As in make, a rule for
// a pattern counts once on the way to a target: what image_%: image_%_default makes of image_app is not made longer again.
func (m *makefile) need(goals []string) {
	type wanted struct {
		name trace.Text
		way  *step
	}
	var queue []wanted
	var names []trace.Text
	for _, goal := range goals {
		queue = append(queue, wanted{trace.Plain(goal), nil})
	}
	m.needed = map[string]bool{}
	for ; len(queue) > 0; queue = queue[1:] {
		name, way := queue[0].name, queue[0].way
		if m.needed[name.S] || len(names) > reading.MaxText {
			continue
		}
		m.needed[name.S] = true
		names = append(names, name)
		for _, r := range m.rules {
			if !m.Use(1 + len(r.targets)) {
				return
			}
			for _, t := range r.targets {
				pattern := t.S
				if r.pattern != "" && t.S == name.S {
					pattern = r.pattern
				}
				stem, ok := fits(name, pattern)
				if !ok && t.S != name.S || ok && r.pattern == "" && way.took(r) {
					continue
				}
				for _, prereq := range r.prereqs {
					if before, after, found := prereq.Cut("%"); found && ok && m.Use(len(before.S)+len(stem.S)+len(after.S)) {
						prereq = trace.Join(before, stem, after)
					}
					queue = append(queue, wanted{prereq, &step{r, way}})
				}
			}
		}
	}
	// These are targets that rules for patterns are followed for.
	m.rules = append(slices.Clip(m.rules), &rule{prereqs: names})
}
