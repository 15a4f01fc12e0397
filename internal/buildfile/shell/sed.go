package shell

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// A sedCommand is s/re/text/flags, p, d or q for the lines that it is for.
type sedCommand struct {
	line    int            // the only one, 0 for all; -1 is the last
	address *regexp.Regexp // nil for all
	not     bool
	name    byte
	re      *regexp.Regexp
	text    trace.Text
	all     bool
	print   bool
}

// sed follows scripts of the commands s, p, d and q, each for all lines or those that match.
func (s *Shell) sed(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "e", "nErus")
	if !ok || !f.has("e") && len(f.rest) == 0 {
		return trace.Text{}, false
	}
	script := f.flags["e"]
	if !f.has("e") {
		script, f.rest = f.rest[0], f.rest[1:]
	}
	lines, ok := s.given(f.rest)
	if !ok {
		return trace.Text{}, false
	}
	commands, ok := s.sedScript(script, f.has("E") || f.has("r"))
	if !ok {
		return trace.Text{}, false
	}
	var out []trace.Text
	for i, line := range lines {
		deleted, quit := false, false
		for _, c := range commands {
			if !s.Run.Step(len(line.S)) {
				return trace.Text{}, false
			}
			if !c.isFor(line, i, len(lines)) {
				continue
			}
			switch c.name {
			case 's':
				changed := false
				line, changed = substitute(line, c)
				if changed && c.print {
					out = append(out, line)
				}
			case 'p':
				out = append(out, line)
			case 'd':
				deleted = true
			case 'q':
				quit = true
			}
			if deleted || quit {
				break
			}
		}
		if !deleted && !f.has("n") {
			out = append(out, line)
		}
		if quit {
			break
		}
	}
	return output(out), true
}

func (c sedCommand) isFor(line trace.Text, i, n int) bool {
	is := true
	switch {
	case c.line > 0:
		is = i+1 == c.line
	case c.line < 0:
		is = i+1 == n
	case c.address != nil:
		is = c.address.MatchString(line.S)
	}
	return is != c.not
}

// sedScript reads commands.
func (s *Shell) sedScript(t trace.Text, extended bool) (all []sedCommand, ok bool) {
	for {
		for t.S != "" && strings.IndexByte("; \t\n", t.S[0]) >= 0 {
			t = t.Slice(1, len(t.S))
		}
		if t.S == "" {
			return all, len(all) > 0
		}
		c := sedCommand{}
		if n := len(t.S) - len(strings.TrimLeft(t.S, "0123456789")); n > 0 {
			c.line, _ = strconv.Atoi(t.S[:n])
			t = t.Slice(n, len(t.S))
		} else if t.S[0] == '$' {
			c.line = -1
			t = t.Slice(1, len(t.S))
		} else if t.S[0] == '/' {
			expr, rest, ok := delimited(t.Slice(1, len(t.S)), "/")
			if c.address = s.expression(expr.S, extended, false, false); !ok || c.address == nil {
				return nil, false
			}
			t = rest
		}
		if strings.HasPrefix(t.S, "!") {
			c.not = true
			t = t.Slice(1, len(t.S))
		}
		if t.S == "" {
			return nil, false
		}
		c.name = t.S[0]
		t = t.Slice(1, len(t.S))
		switch c.name {
		case 'p', 'd', 'q':
		case 's':
			if t.S == "" {
				return nil, false
			}
			delimiter := t.S[:1]
			expr, rest, ok := delimited(t.Slice(1, len(t.S)), delimiter)
			text, rest, ok2 := delimited(rest, delimiter)
			fold := false
			for rest.S != "" && strings.IndexByte("gpI", rest.S[0]) >= 0 {
				c.all, c.print, fold = c.all || rest.S[0] == 'g', c.print || rest.S[0] == 'p', fold || rest.S[0] == 'I'
				rest = rest.Slice(1, len(rest.S))
			}
			c.re, c.text, t = s.expression(expr.S, extended, false, fold), text, rest
			if !ok || !ok2 || c.re == nil {
				return nil, false
			}
		default:
			return nil, false
		}
		if t.S != "" && strings.IndexByte("; \t\n", t.S[0]) < 0 {
			return nil, false
		}
		all = append(all, c)
	}
}

// delimited reads up to a delimiter; one behind a backslash is a part of the text.
func delimited(t trace.Text, delimiter string) (text, rest trace.Text, ok bool) {
	var parts []trace.Text
	from := 0
	for i := 0; i < len(t.S); i++ {
		switch {
		case t.S[i] == '\\' && i+1 < len(t.S):
			if t.S[i+1:i+2] == delimiter {
				parts = append(parts, t.Slice(from, i))
				from = i + 1
			}
			i++
		case t.S[i:i+1] == delimiter:
			return trace.Join(append(parts, t.Slice(from, i))...), t.Slice(i+1, len(t.S)), true
		}
	}
	return t, trace.Text{}, false
}

// substitute is the s of sed for one line.
func substitute(line trace.Text, c sedCommand) (_ trace.Text, changed bool) {
	n := 1
	if c.all {
		n = -1
	}
	var parts []trace.Text
	from := 0
	for _, at := range c.re.FindAllStringSubmatchIndex(line.S, n) {
		changed = true
		parts = append(parts, line.Slice(from, at[0]))
		from = at[1]
		start := 0
		group := func(i, n int) {
			parts = append(parts, c.text.Slice(start, i))
			if 2*n+1 < len(at) && at[2*n] >= 0 {
				parts = append(parts, line.Slice(at[2*n], at[2*n+1]))
			}
		}
		for i := 0; i < len(c.text.S); i++ {
			switch {
			case c.text.S[i] == '&':
				group(i, 0)
				start = i + 1
			case c.text.S[i] == '\\' && i+1 < len(c.text.S):
				switch next := c.text.S[i+1]; {
				case trace.IsDigit(next):
					group(i, int(next-'0'))
					start = i + 2
				case next == 'n':
					parts = append(parts, c.text.Slice(start, i), trace.Plain("\n"))
					start = i + 2
				default:
					parts = append(parts, c.text.Slice(start, i))
					start = i + 1
				}
				i++
			}
		}
		parts = append(parts, c.text.Slice(start, len(c.text.S)))
	}
	return trace.Join(append(parts, line.Slice(from, len(line.S)))...), changed
}

// awkProgram is one rule: a condition, fields to print, and whether the program ends then.
var awkProgram = regexp.MustCompile(`^\s*(?:(!?)/((?:[^/\\]|\\.)*)/|NR\s*==\s*(\d+)|\$(\d+|NF)\s*(==|~|!=)\s*(?:"([^"]*)"|/((?:[^/\\]|\\.)*)/))?\s*(?:\{\s*print\s*([^;{}]*?)\s*;?\s*(exit)?\s*;?\s*\})?\s*$`)

// awkValue is one of what is printed.
var awkValue = regexp.MustCompile(`^\s*(?:\$(\d+|NF)|"([^"\\]*)")\s*(,?)`)

// awk follows programs of one rule that prints fields.
func (s *Shell) awk(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "F", "")
	if !ok || len(f.rest) == 0 {
		return trace.Text{}, false
	}
	program := f.rest[0]
	lines, ok := s.given(f.rest[1:])
	m := awkProgram.FindStringSubmatchIndex(program.S)
	if !ok || m == nil || strings.TrimSpace(program.S) == "" {
		return trace.Text{}, false
	}
	part := func(i int) trace.Text {
		if m[2*i] < 0 {
			return trace.Text{}
		}
		return program.Slice(m[2*i], m[2*i+1])
	}
	var re, fieldRE *regexp.Regexp
	if m[4] >= 0 {
		if re = s.expression(part(2).S, true, false, false); re == nil {
			return trace.Text{}, false
		}
	}
	if m[14] >= 0 {
		if fieldRE = s.expression(part(7).S, true, false, false); fieldRE == nil {
			return trace.Text{}, false
		}
	}
	var separator *regexp.Regexp
	if sep := f.flags["F"].S; f.has("F") && sep != " " {
		if len(sep) == 1 {
			sep = regexp.QuoteMeta(sep)
		}
		if separator = s.expression(sep, true, false, false); separator == nil {
			return trace.Text{}, false
		}
	}
	var out []trace.Text
	for i, line := range lines {
		if !s.Run.Step(len(line.S)) {
			return trace.Text{}, false
		}
		fields := awkFields(line, separator)
		switch {
		case re != nil && re.MatchString(line.S) == (part(1).S == "!"),
			part(3).S != "" && part(3).S != strconv.Itoa(i+1):
			continue
		case m[8] >= 0:
			value := awkField(line, fields, part(4).S).S
			isEqual := value == part(6).S
			if fieldRE != nil {
				isEqual = fieldRE.MatchString(value)
			}
			if isEqual == (part(5).S == "!=") {
				continue
			}
		}
		printed, ok := awkPrints(line, fields, part(8))
		if !ok {
			return trace.Text{}, false
		}
		out = append(out, printed)
		if m[18] >= 0 {
			break
		}
	}
	return output(out), true
}

func awkFields(line trace.Text, separator *regexp.Regexp) []trace.Text {
	if separator == nil {
		return reading.FieldsOf(line)
	}
	var all []trace.Text
	from := 0
	for _, at := range separator.FindAllStringIndex(line.S, -1) {
		all = append(all, line.Slice(from, at[0]))
		from = at[1]
	}
	return append(all, line.Slice(from, len(line.S)))
}

func awkField(line trace.Text, fields []trace.Text, name string) trace.Text {
	n, err := strconv.Atoi(name)
	if err != nil {
		n = len(fields)
	}
	switch {
	case n == 0:
		return line
	case n > len(fields):
		return trace.Text{}
	}
	return fields[n-1]
}

func awkPrints(line trace.Text, fields []trace.Text, what trace.Text) (trace.Text, bool) {
	if what.S == "" {
		return line, true
	}
	var all []trace.Text
	for what.S != "" {
		m := awkValue.FindStringSubmatchIndex(what.S)
		if m == nil {
			return trace.Text{}, false
		}
		if m[2] >= 0 {
			all = append(all, awkField(line, fields, what.S[m[2]:m[3]]))
		} else {
			all = append(all, what.Slice(m[4], m[5]))
		}
		if m[6] < m[7] {
			all = append(all, trace.Plain(" "))
		}
		what = what.Slice(m[1], len(what.S))
	}
	return trace.Join(all...), true
}
