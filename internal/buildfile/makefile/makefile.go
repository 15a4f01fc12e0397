package makefile

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Read reads a Makefile: the commands in its recipes, as shell.Read reads
// them.
//
// Variables: =, :=, ::=, ?=, += and export, those of targets (image: TAG = 1) and
// those of files that are included by a path in the repository, from the directory
// of the Makefile or from the root. ?= takes the value that is written, since
// nothing is known of the environment; of ifeq and the like each branch
// counts. What define and endef enclose is a variable of several lines.
//
// References: $(X), ${X}, $X, $(X:%=a-%) and $(X:.a=.b); the functions addprefix,
// addsuffix, basename, filter, filter-out, foreach, patsubst, sort, strip, subst, suffix,
// firstword, lastword, word, wordlist, words, dir, notdir, abspath, realpath, and wildcard of
// files of the repository; or, and and if, for which a variable that no file sets is empty;
// $(call NAME,…) of what the file defines, and $(eval …) outside of recipes;
// $(CURDIR), $(PWD), $(shell which PROGRAM), and $(shell …) of commands of which readShell
// knows what they print. $@ is the target of the rule, $* what % stands for, $< its first prerequisite and
// $^ all of them: a rule for a pattern is read once for each target or prerequisite of the file that fits
// it and has no recipe of its own. Everything else is not known: any other $(shell …), $?, $+ and variables that no file sets.
//
// Each line of a recipe is a shell of its own, with the variables that are exported,
// unless .ONESHELL is there. It starts in the directory of the Makefile, or in the
// root. A Makefile that it runs with variables (make -C images VERSION=1.0 app, or
// exported ones) is read once more with these, for the goals and what they depend on,
// if they are known.
func Read(t *reading.Tree, f *trace.File, o shell.Others) ([]reading.Build, []reading.Problem) {
	if t.Idle(f.Path) && !shell.MayBuild(f.Src) && !bytes.Contains(f.Src, []byte("include")) {
		return nil, nil
	}
	m := newMakefile(t, path.Dir(f.Path))
	m.parse(f)
	if !m.builds && t.Idle(f.Path) {
		return nil, m.outside(f)
	}
	run := shell.NewRun(t, o)
	var problems []reading.Problem
	m.follow(run, func(line trace.Text, err error) {
		command := shell.CommandIn(line.S)
		// What is included is told of where it stands.
		if command != "" && problems == nil && line.Pos().Path == f.Path {
			problems = append(problems, reading.Problem{Code: source.CodeBuildFileSyntax, Pos: line.Pos(), Message: fmt.Sprintf("%s is not read, since the recipe does not parse: %s", command, shell.Reason(err))})
		}
	})
	run.Left = min(run.Left, m.Left)
	builds := append(run.Builds, m.others(f, o, run.Builds)...)
	return builds, slices.Concat(problems, run.Problems, m.outside(f), m.unused(f, run), run.Unread(f))
}

// follow follows the recipes; broken is told of those that do not parse.
func (m *makefile) follow(run *shell.Run, broken func(line trace.Text, err error)) {
	for _, r := range m.rules {
		if len(r.recipe) == 0 {
			continue
		}
		for _, target := range m.instances(r) {
			if m.needed != nil && !m.needed[target.name.S] {
				continue
			}
			for _, line := range m.lines(r) {
				if !m.Step(0) || len(run.Builds) >= reading.MaxBuilds {
					return
				}
				if err := m.recipe(run, target, line); err != nil {
					broken(line, err)
				}
			}
		}
	}
}

// A makefile is a Makefile with all that it includes.
type makefile struct {
	reading.Fuel
	tree     *reading.Tree
	dir      string   // of the Makefile itself
	starts   []string // the directories in which make may run, the likeliest first
	vars     map[string]makeVariable
	exported map[string]bool
	all      bool // variables are exported
	oneShell bool
	rules    []*rule
	stack    []*trace.File   // of the files that are included into each other
	builds   bool            // a file has the words of a command that builds
	list     []trace.Text    // MAKEFILE_LIST
	absent   []trace.Text    // files that are included and not here
	fixed    map[string]bool // variables of the command line: assignments do not count
	needed   map[string]bool // targets that are made; nil for all
	defined  []trace.Text    // the lines of definitions
	nested   int             // evaluations in each other
	taken    branches
	branched bool // there are conditions
	searches bool // prerequisites are looked for in other directories

	withRecipe map[string]bool // names that rules with a recipe have as targets, of so many rules
	counted    int
}

// A makeVariable is a value that is expanded where it is used, unless it is final.
type makeVariable struct {
	value trace.Text
	final bool
}

// A rule is one with a recipe.
type rule struct {
	targets []trace.Text
	pattern string // of a static pattern rule: TARGETS: PATTERN: …
	prereqs []trace.Text
	recipe  []trace.Text // its lines
	vars    map[string]makeVariable
}

// A target is what a rule is followed for.
type target struct {
	name, stem trace.Text
	vars       map[string]makeVariable
	rule       *rule
}

func newMakefile(t *reading.Tree, dir string) *makefile {
	m := &makefile{
		Fuel: reading.Fuel{Left: reading.FuelPerFile}, tree: t, dir: dir, starts: []string{dir, "."},
		vars: map[string]makeVariable{}, exported: map[string]bool{},
	}
	for _, name := range []string{"CURDIR", "PWD"} {
		m.vars[name] = makeVariable{trace.Plain(reading.StartDir), true}
	}
	for name, value := range map[string]string{"MAKE": "make", "SHELL": "/bin/sh"} {
		m.vars[name] = makeVariable{trace.Plain(value), true}
	}
	return m
}

// lines returns the shells of a recipe.
func (m *makefile) lines(r *rule) []trace.Text {
	if !m.oneShell {
		return r.recipe
	}
	return []trace.Text{reading.JoinWith("\n", r.recipe)}
}

// instances returns what a rule is followed for: each of its targets, or whatever
// in the file fits its pattern.
func (m *makefile) instances(r *rule) []target {
	var all []target
	seen := map[string]bool{}
	add := func(name, stem trace.Text) {
		// Of a name with a tag that is not known (images/%/.done-$(TAG)), what % stands for is enough.
		isOpen := strings.Contains(name.S, reading.Unknown) && (stem.S == "" || strings.Contains(stem.S, reading.Unknown))
		if !seen[name.S] && len(all) < reading.MaxBuilds && !isOpen {
			seen[name.S] = true
			all = append(all, target{name, stem, m.targetVariables(name.S), r})
		}
	}
	for _, t := range r.targets {
		switch {
		case r.pattern != "":
			if stem, ok := fits(t, r.pattern); ok {
				add(t, stem)
			}
		case !strings.Contains(t.S, "%"):
			add(t, trace.Plain(reading.Unknown))
		default:
			for _, other := range m.rules {
				for _, name := range m.names(other) {
					if stem, ok := fits(name, t.S); ok && !strings.Contains(name.S, "%") && !m.hasOwnRecipe(name.S) {
						add(name, stem)
					}
				}
			}
		}
	}
	if all == nil {
		all = append(all, target{name: trace.Plain(reading.Unknown), stem: trace.Plain(reading.Unknown), rule: r})
	}
	return all
}

// names returns the targets and prerequisites of a rule, those of a static pattern rule for each of its targets:
// of "a-image b-image: %-image: images/%/.done" images/a/.done and images/b/.done.
func (m *makefile) names(r *rule) []trace.Text {
	if !m.Step(len(r.targets) + len(r.prereqs)) {
		return nil
	}
	all := append(r.targets[:len(r.targets):len(r.targets)], r.prereqs...)
	for _, t := range r.targets {
		stem, ok := fits(t, r.pattern)
		if !ok {
			continue
		}
		for _, prereq := range r.prereqs {
			if before, after, ok := prereq.Cut("%"); ok && m.Step(len(prereq.S)) {
				all = append(all, trace.Join(before, stem, after))
			}
		}
	}
	return all
}

// fits returns what the % of a pattern stands for in a name.
func fits(name trace.Text, pattern string) (stem trace.Text, ok bool) {
	before, after, ok := strings.Cut(pattern, "%")
	if !ok || len(name.S) <= len(before)+len(after) || !strings.HasPrefix(name.S, before) || !strings.HasSuffix(name.S, after) {
		return trace.Text{}, false
	}
	return name.Slice(len(before), len(name.S)-len(after)), true
}

// targetVariables returns the variables that rules set for one target.
func (m *makefile) targetVariables(name string) map[string]makeVariable {
	vars := map[string]makeVariable{}
	for _, r := range m.rules {
		if r.vars == nil || !m.Use(1) {
			continue
		}
		for _, t := range r.targets {
			if _, ok := fits(trace.Plain(name), t.S); !ok && t.S != name {
				continue
			}
			for key, v := range r.vars {
				vars[key] = v
			}
		}
	}
	return vars
}

// recipe follows one line of a recipe, or all with one shell. The error is the first one of
// what does not parse.
func (m *makefile) recipe(run *shell.Run, t target, line trace.Text) error {
	e := &expander{makefile: m, target: &t, recipe: true}
	var first error
	for _, text := range m.shells(e.expand(unindent(line), 0)) {
		if text = unindent(text); !shell.MayRun(text.S) {
			continue
		}
		for text.S != "" && strings.IndexByte("@-+ \t", text.S[0]) >= 0 {
			text = text.Slice(1, len(text.S))
		}
		s := shell.New(run, "", reading.Workplace{Starts: m.starts, Cwd: reading.StartDir}, m.environment(e))
		s.Where, s.Written = line.Pos(), append(m.defined[:len(m.defined):len(m.defined)], line)
		if err := s.Read(text); first == nil {
			first = err
		}
	}
	return first
}

// unindent cuts the tab off each line of a recipe that goes on.
func unindent(line trace.Text) trace.Text {
	var all []trace.Text
	for {
		i := strings.Index(line.S, "\n\t")
		if i < 0 {
			return reading.JoinWith("", append(all, line))
		}
		all = append(all, line.Slice(0, i+1))
		line = line.Slice(i+2, len(line.S))
	}
}

// environment returns the variables that the shell of a recipe gets.
func (m *makefile) environment(e *expander) map[string]shell.Variable {
	vars := map[string]shell.Variable{}
	for _, name := range slices.Sorted(maps.Keys(m.vars)) {
		if (m.all || m.exported[name]) && reading.IsName(name) && m.Use(1) {
			vars[name] = shell.OneWord(e.variable(name, 0))
		}
	}
	return vars
}
