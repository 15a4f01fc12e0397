package makefile

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// An expander replaces the references of a text.
type expander struct {
	*makefile
	target *target // nil outside of recipes
	recipe bool
	bound  map[string]trace.Text // by foreach
	unset  bool                  // variables that no file sets are empty
}

// expand returns t with its references replaced. What is not known is unknown.
func (e *expander) expand(t trace.Text, depth int) trace.Text {
	if depth > reading.MaxDepth || !e.Step(len(t.S)) {
		return trace.Plain(reading.Unknown)
	}
	var all []trace.Text
	size, from := 0, 0
	add := func(t trace.Text) {
		all = append(all, t)
		size += len(t.S)
	}
	for i := 0; i < len(t.S); {
		if t.S[i] != '$' || i+1 == len(t.S) {
			i++
			continue
		}
		add(t.Slice(from, i))
		end, inner := reference(t, i)
		switch {
		case t.S[i+1] == '$':
			add(t.Slice(i, i+1))
		case end < 0: // no end: what is behind it cannot be read
			add(trace.Plain(reading.Unknown))
			end = len(t.S)
		default:
			v := e.reference(inner, depth+1)
			if e.recipe && v.S == reading.Unknown && shell.IsToolName(inner.S) && startsBuild(t.S[end:]) {
				v = trace.Plain("docker")
			}
			add(v)
		}
		if size > reading.MaxScript {
			return trace.Plain(reading.Unknown)
		}
		i, from = end, end
	}
	add(t.Slice(from, len(t.S)))
	if !e.Use(size) {
		return trace.Plain(reading.Unknown)
	}
	return reading.JoinWith("", all)
}

// startsBuild reports whether a command goes on as one that builds, or that names what is built.
func startsBuild(rest string) bool {
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' && rest[0] != '"' {
		return false
	}
	words := strings.Fields(strings.TrimPrefix(rest[:min(len(rest), 80)], `"`))
	return len(words) > 0 && (words[0] == "build" || words[0] == "bud" || words[0] == "tag" || words[0] == "manifest") ||
		len(words) > 1 && (words[0] == "buildx" || words[0] == "image") && words[1] == "build"
}

// reference returns what stands in the reference that begins at i, and where it
// ends; -1 where it does not.
func reference(t trace.Text, i int) (end int, inner trace.Text) {
	open := t.S[i+1]
	if open != '(' && open != '{' {
		return i + 2, t.Slice(i+1, i+2)
	}
	closing := byte(')')
	if open == '{' {
		closing = '}'
	}
	depth := 0
	for j := i + 1; j < len(t.S); j++ {
		switch t.S[j] {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return j + 1, t.Slice(i+2, j)
			}
		}
	}
	return -1, trace.Text{}
}

// reference returns the value of a variable or function.
func (e *expander) reference(inner trace.Text, depth int) trace.Text {
	if name, rest, ok := inner.Cut(" "); ok {
		return e.function(name.S, rest, depth)
	}
	if strings.Contains(inner.S, "$") {
		inner = e.expand(inner, depth)
	}
	if name, change, ok := inner.Cut(":"); ok {
		from, to, ok := change.Cut("=")
		if !ok || name.S == "" {
			return trace.Plain(reading.Unknown)
		}
		pattern := from.S
		if !strings.Contains(pattern, "%") {
			pattern = "%" + pattern
			to = trace.Join(trace.Plain("%"), to)
		}
		return e.patsubst(pattern, to, e.variable(name.S, depth))
	}
	return e.variable(inner.S, depth)
}

// variable returns the value of a variable.
func (e *expander) variable(name string, depth int) trace.Text {
	if t, ok := e.bound[name]; ok {
		return t
	}
	if e.target != nil {
		switch name {
		case "@":
			return e.target.name
		case "*":
			return e.target.stem
		case "@F", "@D":
			return half(name[1:], e.target.name)
		case "*F", "*D":
			return half(name[1:], e.target.stem)
		}
		if v, ok := e.automatic(name); ok {
			return v
		}
		if v, ok := e.target.vars[name]; ok {
			return e.valueOf(v, depth)
		}
	}
	if name == "MAKEFILE_LIST" {
		return reading.JoinWith(" ", e.list)
	}
	v, ok := e.vars[name]
	if !ok && e.unset {
		return trace.Text{}
	}
	if !ok {
		return trace.Plain(reading.Unknown)
	}
	return e.valueOf(v, depth)
}

func (e *expander) valueOf(v makeVariable, depth int) trace.Text {
	if v.final {
		return v.value
	}
	outer := *e
	outer.recipe = false
	return outer.expand(v.value, depth+1)
}

// half returns the directory (D) or the name (F) of a path.
func half(which string, t trace.Text) trace.Text {
	slash := strings.LastIndexByte(t.S, '/')
	switch {
	case which == "F":
		return t.Slice(slash+1, len(t.S))
	case slash < 0:
		return trace.Plain(".")
	}
	return t.Slice(0, slash)
}

// function returns what the functions give that put words together or choose; those
// that run or look for something are unknown.
func (e *expander) function(name string, rest trace.Text, depth int) trace.Text {
	switch name {
	case "shell":
		return e.shell(rest, depth)
	case "or", "and", "if":
		return e.logic(name, rest, depth)
	}
	args := arguments(rest)
	switch name {
	case "call":
		return e.call(args, depth)
	case "eval":
		return e.eval(rest, depth)
	}
	if name == "foreach" {
		if len(args) != 3 {
			return trace.Plain(reading.Unknown)
		}
		return e.foreach(e.expand(args[0], depth).TrimSpace().S, e.expand(args[1], depth), args[2], depth)
	}
	var words []trace.Text
	last := e.expand(args[len(args)-1], depth)
	switch {
	case len(args) == 2 && (name == "addprefix" || name == "addsuffix"):
		affix := e.expand(args[0], depth)
		for _, w := range reading.FieldsOf(last) {
			if name == "addprefix" {
				w = trace.Join(affix, w)
			} else {
				w = trace.Join(w, affix)
			}
			if !e.Step(len(w.S)) {
				return trace.Plain(reading.Unknown)
			}
			words = append(words, w)
		}
	case len(args) == 3 && name == "patsubst":
		return e.patsubst(strings.TrimSpace(e.expand(args[0], depth).S), e.expand(args[1], depth), last)
	case name == "strip":
		words = reading.FieldsOf(last)
	case name == "firstword" || name == "lastword":
		words = reading.FieldsOf(last)
		if n := len(words); n > 0 && name == "firstword" {
			words = words[:1]
		} else if n > 0 {
			words = words[n-1:]
		}
	case name == "dir" || name == "notdir" || name == "abspath" || name == "realpath":
		for _, w := range reading.FieldsOf(last) {
			words = append(words, pathFunction(name, w))
		}
	default:
		all := make([]trace.Text, len(args))
		for i, a := range args[:len(args)-1] {
			all[i] = e.expand(a, depth)
		}
		all[len(args)-1] = last
		if t, ok := e.listFunction(name, all); ok {
			return t
		}
		return trace.Plain(reading.Unknown)
	}
	return reading.JoinWith(" ", words)
}

func pathFunction(name string, w trace.Text) trace.Text {
	slash := strings.LastIndexByte(w.S, '/')
	switch {
	case strings.Contains(w.S, reading.Unknown):
		return trace.Plain(reading.Unknown)
	case name == "notdir":
		return w.Slice(slash+1, len(w.S))
	case name == "dir" && slash < 0:
		return trace.Plain("./")
	case name == "dir":
		return w.Slice(0, slash+1)
	}
	if anchor, rest, ok := reading.CutAnchor(w.S); ok {
		return trace.Plain(anchor + "/" + path.Clean(rest))
	}
	return trace.Plain(reading.ChangeDir(reading.StartDir, w.S))
}

// arguments splits those of a function at the commas that are in no reference.
func arguments(t trace.Text) []trace.Text {
	var all []trace.Text
	depth, from := 0, 0
	for i := range len(t.S) {
		switch t.S[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				all = append(all, t.Slice(from, i))
				from = i + 1
			}
		}
	}
	return append(all, t.Slice(from, len(t.S)))
}

func (e *expander) foreach(name string, list, body trace.Text, depth int) trace.Text {
	inner := *e
	inner.bound = map[string]trace.Text{}
	for key, t := range e.bound {
		inner.bound[key] = t
	}
	var words []trace.Text
	size := 0
	for _, w := range reading.FieldsOf(list) {
		inner.bound[name] = w
		t := inner.expand(body, depth+1)
		if size += len(t.S); size > reading.MaxScript {
			return trace.Plain(reading.Unknown)
		}
		words = append(words, t)
	}
	return reading.JoinWith(" ", words)
}

// patsubst replaces the words of a list that fit a pattern.
func (e *expander) patsubst(pattern string, to, list trace.Text) trace.Text {
	var words []trace.Text
	for _, w := range reading.FieldsOf(list) {
		if !e.Step(len(w.S) + len(to.S)) {
			return trace.Plain(reading.Unknown)
		}
		if stem, ok := fits(w, pattern); ok {
			if before, after, ok := to.Cut("%"); ok {
				w = trace.Join(before, stem, after)
			} else {
				w = to
			}
		}
		words = append(words, w)
	}
	return reading.JoinWith(" ", words)
}
