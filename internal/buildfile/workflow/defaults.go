package workflow

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// byDefault tells the builds that a caller has of a workflow or an action what they would be with the defaults
// of the inputs that the caller gives another value. own are all defaults, and given is what the
// caller gives.
func (s *scope) byDefault(callee *workflow, doc *yaml.Node, own, given map[string]trace.Text, builds []reading.Build) {
	inputs, overridden := maps.Clone(own), false
	for name, value := range given {
		if byItself, ok := own[name]; ok && reading.MayHaveVersion(byItself.S) {
			overridden = true
			continue
		}
		inputs[name] = value
	}
	if !overridden || len(builds) == 0 || s.spare == nil || s.spare.Left <= 0 {
		return
	}
	run := shell.NewRun(s.run.Tree, s.run.Others)
	run.Fuel = *s.spare
	again := &workflow{File: callee.File, run: run, calls: callee.calls, assumed: new([]assumption)}
	inner, _ := s.within(again, doc)
	inner.inputs = inputs
	if s.job != nil { // what the steps of it write is nothing that later ones see
		before := s.job.said
		s.job.said = said{env: maps.Clone(before.env), outputs: maps.Clone(before.outputs)}
		defer func() { s.job.said = before }()
	}
	again.document(inner, doc)
	*s.spare = run.Fuel
	type step struct {
		where              source.Pos
		dockerfile, target string
	}
	byDefault := map[step][]reading.Build{}
	for _, b := range run.Builds {
		at := step{b.Where, b.Dockerfile, b.Target}
		byDefault[at] = append(byDefault[at], b)
	}
	for i := range builds {
		b := &builds[i]
		for _, other := range byDefault[step{b.Where, b.Dockerfile, b.Target}] {
			if set := differingArgs(b.Args, other.Args); len(set) > 0 && !slices.ContainsFunc(b.Defaults, func(known []scanner.Arg) bool { return slices.EqualFunc(known, set, isSameArg) }) {
				b.Defaults = append(b.Defaults, set)
			}
		}
	}
}

// maySpare is how much is done to find out what would be built with defaults that no caller leaves.
const maySpare = reading.FuelPerFile / 8

// differingArgs returns those of the arguments of a build by default that stand in files and that the build has from
// elsewhere.
func differingArgs(args, byDefault []scanner.Arg) []scanner.Arg {
	var all []scanner.Arg
	for _, a := range byDefault {
		if a.Value.Located() && !strings.Contains(a.Value.S, reading.Unknown) && !slices.ContainsFunc(args, func(b scanner.Arg) bool { return isSameArg(a, b) }) {
			all = append(all, a)
		}
	}
	return all
}

// isSameArg reports whether two arguments are one, with a value from one place.
func isSameArg(a, b scanner.Arg) bool {
	return a.Name == b.Name && a.Value.S == b.Value.S && a.Value.Beside(b.Value)
}
