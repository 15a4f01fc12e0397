package makefile

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A definition is a variable of several lines, from define to endef.
type definition struct {
	name, op string
	lines    []trace.Text
	depth    int // of definitions in it
	exported bool
	override bool
}

// defines begins a definition where a line does.
func (p *makeParser) defines(t trace.Text, words []string) bool {
	if t.S[0] == '\t' && p.rule != nil {
		return false
	}
	d := &definition{op: "="}
	for len(words) > 0 && words[0] != "define" {
		switch words[0] {
		case "export":
			d.exported = true
		case "override":
			d.override = true
		default:
			return false
		}
		words = words[1:]
	}
	if len(words) < 2 {
		return false
	}
	d.name = words[1]
	if i, op := operator(strings.Join(words[1:], " ")); op != "" && op != ":" {
		d.name, d.op = strings.TrimSpace(strings.Join(words[1:], " ")[:i]), op
	}
	p.define, p.rule = d, nil
	return true
}

// within reads a line of a definition.
func (p *makeParser) within(t trace.Text, words []string) {
	d := p.define
	switch {
	case len(words) > 0 && words[0] == "define":
		d.depth++
	case len(words) > 0 && words[0] == "endef" && d.depth > 0:
		d.depth--
	case len(words) > 0 && words[0] == "endef":
		p.define = nil
		if !p.fixed[d.name] || d.override {
			p.assign(p.vars, d.name, d.op, reading.JoinWith("\n", d.lines))
		}
		p.exported[d.name] = p.exported[d.name] || d.exported
		p.defined = append(p.defined, d.lines...)
		return
	}
	d.lines = append(d.lines, t)
}

// call returns what a function that the file defines becomes with arguments: $(1) is the
// first, $(0) its name. One that it is not given is empty.
func (e *expander) call(args []trace.Text, depth int) trace.Text {
	inner := *e
	inner.bound = maps.Clone(e.bound)
	if inner.bound == nil {
		inner.bound = map[string]trace.Text{}
	}
	for i := range max(len(args), 10) {
		inner.bound[strconv.Itoa(i)] = trace.Text{}
		if i < len(args) {
			inner.bound[strconv.Itoa(i)] = e.expand(args[i], depth)
		}
	}
	name := strings.TrimSpace(inner.bound["0"].S)
	inner.bound["0"] = trace.Plain(name)
	v, ok := e.vars[name]
	switch {
	case !ok:
		return trace.Plain(reading.Unknown)
	case v.final:
		return v.value
	}
	return inner.expand(v.value, depth+1)
}

// eval reads what a text becomes as a part of the file, which is where it finds rules that
// a function has made. A recipe evaluates nothing: when it would is not known.
func (e *expander) eval(t trace.Text, depth int) trace.Text {
	if e.recipe || e.target != nil || depth > reading.MaxDepth {
		return trace.Plain(reading.Unknown)
	}
	e.evaluate(e.expand(t, depth))
	return trace.Text{}
}

// evaluate reads the lines of a text as those of a file.
func (m *makefile) evaluate(t trace.Text) {
	m.nested++
	defer func() { m.nested-- }()
	p := makeParser{makefile: m}
	src := []byte(t.S)
	for at := 0; at < len(src) && m.nested <= reading.MaxDepth && m.Step(0); {
		end := logicalEnd(src, at)
		p.line(t.Slice(at, trimEOL(src, at, end)))
		at = end
	}
}

// made reads what stands alone in a line, a call or a foreach of calls: the rules and variables
// that it becomes.
func (p *makeParser) made(t trace.Text) {
	if !strings.HasPrefix(t.S, "$(") && !strings.HasPrefix(t.S, "${") {
		return
	}
	if made := p.expand(t); strings.TrimSpace(made.S) != "" && !strings.Contains(made.S, reading.Unknown) {
		p.evaluate(made)
	}
}

// shells splits what a line of a recipe becomes into lines. Each has a shell of its own.
func (m *makefile) shells(t trace.Text) []trace.Text {
	if m.oneShell {
		return []trace.Text{t}
	}
	var all []trace.Text
	src := []byte(t.S)
	for at := 0; at < len(src); {
		end := logicalEnd(src, at)
		all = append(all, t.Slice(at, trimEOL(src, at, end)))
		at = end
	}
	return all
}

// unused says where a definition builds an image and no recipe is known to use it. What is
// there to be included, such as common.mk, is used by others.
func (m *makefile) unused(f *trace.File, run *shell.Run) []reading.Problem {
	if name := path.Base(f.Path); strings.Contains(name, ".") {
		return nil
	}
	var problems []reading.Problem
	for _, line := range m.defined {
		command, pos := shell.CommandIn(line.S), line.Pos()
		last := pos.Line // of several that a backslash joins
		if n := len(line.S); n > 0 {
			last = max(last, line.Slice(n-1, n).Pos().Line)
		}
		isKnown := func(at source.Pos) bool { return at.Path == pos.Path && at.Line >= pos.Line && at.Line <= last }
		if command == "" || strings.HasPrefix(strings.TrimSpace(line.S), "#") || pos.Path != f.Path ||
			slices.ContainsFunc(run.Builds, func(b reading.Build) bool { return isKnown(b.Where) }) ||
			slices.ContainsFunc(run.Problems, func(p reading.Problem) bool { return isKnown(p.Pos) }) {
			continue
		}
		problems = append(problems, reading.Problem{Code: source.CodeNotUnderstood, Pos: pos, Message: fmt.Sprintf("%s is not understood: no recipe is known to use the definition that it stands in", command)})
	}
	return problems
}
