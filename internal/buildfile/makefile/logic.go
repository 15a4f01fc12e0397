package makefile

import (
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// logic evaluates or, and and if. Alternatives are what a Makefile gives to a variable
// that nobody sets, so that there, and there alone, one that no file sets is empty.
func (e *expander) logic(name string, rest trace.Text, depth int) trace.Text {
	args := arguments(rest)
	for i := range args {
		args[i] = args[i].TrimSpace()
	}
	switch name {
	case "or":
		for _, arg := range args {
			if v := e.condition(arg, depth); v.S != "" {
				return v
			}
		}
		return trace.Text{}
	case "and":
		var last trace.Text
		sure := true
		for _, arg := range args {
			if last = e.condition(arg, depth); last.S == "" {
				return last
			}
			sure = sure && !reading.IsVoid(last)
		}
		if !sure {
			return trace.Plain(reading.Unknown)
		}
		return last
	}
	// The alternative is all that is left, with its commas.
	if len(args) > 3 {
		args = []trace.Text{args[0], args[1], reading.JoinWith(",", args[2:])}
	}
	switch v := e.condition(args[0], depth); {
	case len(args) == 1 || strings.Trim(v.S, reading.Unknown) == "" && v.S != "":
		return trace.Plain(reading.Unknown)
	case v.S != "":
		return e.expand(args[1], depth)
	case len(args) == 3:
		return e.expand(args[2], depth)
	}
	return trace.Text{}
}

// condition returns the value of an operand: empty where all that it is made of are
// variables that no file sets.
func (e *expander) condition(t trace.Text, depth int) trace.Text {
	v := e.expand(t, depth)
	if v.S == "" || strings.Trim(v.S, reading.Unknown) != "" {
		return v
	}
	inner := *e
	inner.unset = true
	if inner.expand(t, depth).S == "" {
		return trace.Text{}
	}
	return v
}

// shell returns what the commands print of which that is known without running them.
func (e *expander) shell(rest trace.Text, depth int) trace.Text {
	if strings.Contains(rest.S, "$") {
		rest = e.expand(rest, depth)
	}
	words := reading.FieldsOf(rest)
	if n := len(words); n > 1 && words[n-1].S == "2>/dev/null" {
		words = words[:n-1]
	}
	switch reading.JoinWith(" ", words).S {
	case "pwd", "pwd -P":
		return trace.Plain(reading.StartDir)
	case "git rev-parse --show-toplevel":
		return trace.Plain(reading.RootDir)
	}
	if len(words) == 2 && words[0].S == "cat" {
		for _, start := range e.starts {
			if p, ok := reading.Locate(reading.ChangeDir(reading.StartDir, words[1].Unquote().S), start); ok {
				if t, ok := shell.Printed(e.tree.Read(p)); ok {
					return reading.JoinWith(" ", reading.LinesOf(t))
				}
			}
		}
	}
	if t := shell.ProgramFound(words); t.S != reading.Unknown {
		return t
	}
	return e.printedBy(rest)
}
