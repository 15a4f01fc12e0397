package makefile

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// parse reads a file and all that it includes.
func (m *makefile) parse(f *trace.File) {
	for _, other := range m.stack {
		if other == f {
			return
		}
	}
	if len(m.stack) >= reading.MaxDepth || !m.Step(len(f.Src)/reading.CostOfStep) {
		return
	}
	m.stack = append(m.stack, f)
	m.builds = m.builds || shell.MayBuild(f.Src) || reading.KindOf(f.Path) == 0 && runsOthers(f.Src) // Makefiles have been looked through for that
	m.list = append(m.list, trace.Plain(reading.RootDir+"/"+f.Path))
	p := makeParser{makefile: m}
	for at := 0; at < len(f.Src); {
		end := logicalEnd(f.Src, at)
		p.line(f.Text(at, trimEOL(f.Src, at, end)))
		at = end
	}
	m.stack = m.stack[:len(m.stack)-1]
}

// runsOthers reports whether a file may run a script or another Makefile.
func runsOthers(src []byte) bool {
	return shell.MayRunScripts(src) || bytes.Contains(src, []byte("(MAKE)")) || bytes.Contains(src, []byte("{MAKE}"))
}

// logicalEnd returns where the line that begins at at ends, with all lines that it
// goes on in.
func logicalEnd(src []byte, at int) int {
	for i := at; i < len(src); i++ {
		if src[i] != '\n' {
			continue
		}
		j := i
		if j > at && src[j-1] == '\r' {
			j--
		}
		n := 0
		for j-1-n >= at && src[j-1-n] == '\\' {
			n++
		}
		if n%2 == 0 {
			return i + 1
		}
	}
	return len(src)
}

func trimEOL(src []byte, start, end int) int {
	for end > start && (src[end-1] == '\n' || src[end-1] == '\r') {
		end--
	}
	return end
}

// A makeParser reads the logical lines of one file.
type makeParser struct {
	*makefile
	rule   *rule       // that the recipe lines belong to
	define *definition // that is read now

	skipped []bool // for each condition around a line, whether its branch is not taken
}

func (p *makeParser) line(t trace.Text) {
	words := strings.Fields(t.S[:min(len(t.S), reading.MaxText)])
	if p.define != nil {
		p.within(t, words)
		return
	}
	if p.conditional(t, words) || len(words) == 0 || slices.Contains(words[:min(len(words), 3)], "define") && p.defines(t, words) {
		return
	}
	if t.S[0] == '\t' && p.rule != nil {
		p.rule.recipe = append(p.rule.recipe, t.Slice(1, len(t.S)))
		return
	}
	t = joined(t).TrimSpace()
	export, override := false, false
	for {
		first, rest, _ := t.Cut(" ")
		switch first.S {
		case "vpath":
			p.searches = true
			return
		case "undefine", "unexport":
			return
		case "include", "-include", "sinclude":
			p.include(rest)
			return
		case "export", "override", "private":
			export = export || first.S == "export"
			override = override || first.S == "override"
			t = rest.TrimSpace()
			if first.S == "export" && t.S == "" {
				p.all = true
				return
			}
			continue
		}
		break
	}
	switch i, op := operator(t.S); {
	case op == ":":
		p.newRule(t, i)
	case op != "":
		p.rule = nil
		name := t.Slice(0, i).TrimSpace()
		if !p.fixed[name.S] || override {
			p.assign(p.vars, name.S, op, t.Slice(i+len(op), len(t.S)).TrimSpace())
		}
		p.exported[name.S] = p.exported[name.S] || export
	case export:
		for _, name := range reading.FieldsOf(t) {
			p.exported[name.S] = true
		}
	default:
		p.made(t)
	}
}

// joined puts the lines that a line goes on in behind it, and cuts a comment off.
func joined(t trace.Text) trace.Text {
	var all []trace.Text
	from := 0
	for i := 0; i < len(t.S); i++ {
		switch {
		case t.S[i] == '\\' && i+1 < len(t.S) && t.S[i+1] == '#':
			all = append(all, t.Slice(from, i))
			from, i = i+1, i+1
		case t.S[i] == '\\' && i+1 < len(t.S) && (t.S[i+1] == '\n' || t.S[i+1] == '\r'):
			all = append(all, t.Slice(from, i), trace.Plain(" "))
			i++
			for i+1 < len(t.S) && reading.IsSpace(t.S[i+1]) {
				i++
			}
			from = i + 1
		case t.S[i] == '#':
			return reading.JoinWith("", append(all, t.Slice(from, i)))
		case t.S[i] == '\t' && len(t.S) > 0:
			all = append(all, t.Slice(from, i), trace.Plain(" "))
			from = i + 1
		}
	}
	return reading.JoinWith("", append(all, t.Slice(from, len(t.S))))
}

// operator finds what makes a line an assignment or a rule: the first = or : that
// is in no reference.
func operator(s string) (at int, op string) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '$' && i+1 < len(s) && (s[i+1] == '(' || s[i+1] == '{'):
			depth++
			i++
		case depth > 0 && (c == '(' || c == '{'):
			depth++
		case depth > 0 && (c == ')' || c == '}'):
			depth--
		case depth > 0:
		case c == '=':
			return i, "="
		case c == ':' || c == '?' || c == '+' || c == '!':
			for _, op := range []string{":::=", "::=", ":=", "?=", "+=", "!="} {
				if strings.HasPrefix(s[i:], op) {
					return i, op
				}
			}
			if c == ':' {
				return i, ":"
			}
		}
	}
	return -1, ""
}

// assign sets a variable.
func (m *makefile) assign(vars map[string]makeVariable, name, op string, value trace.Text) {
	if strings.ContainsAny(name, " $#") || name == "" || !m.Step(len(value.S)/reading.CostOfStep) {
		return
	}
	old, ok := vars[name]
	if !ok {
		old, ok = m.vars[name]
	}
	switch op {
	case "?=":
		if !ok || name == "PWD" {
			vars[name] = makeVariable{value, false}
		}
	case "+=":
		switch {
		case !ok:
			vars[name] = makeVariable{value, false}
		case len(old.value.S)+len(value.S) > 8*reading.MaxText:
			vars[name] = makeVariable{trace.Plain(reading.Unknown), true}
		default:
			if old.final {
				value = m.expand(value)
			}
			vars[name] = makeVariable{trace.Join(old.value, trace.Plain(" "), value), old.final}
		}
	case "!=":
		vars[name] = makeVariable{trace.Plain(reading.Unknown), true}
	case "=":
		vars[name] = makeVariable{value, false}
	default:
		vars[name] = makeVariable{m.expand(value), true}
	}
}

// expand returns a text outside of recipes.
func (m *makefile) expand(t trace.Text) trace.Text {
	return (&expander{makefile: m}).expand(t, 0)
}

// newRule reads a rule up to its recipe, or a variable of a target.
func (p *makeParser) newRule(t trace.Text, colon int) {
	r := &rule{targets: reading.FieldsOf(p.expand(t.Slice(0, colon)))}
	rest := t.Slice(colon+1, len(t.S))
	if strings.HasPrefix(rest.S, ":") {
		rest = rest.Slice(1, len(rest.S))
	}
	if i, op := operator(rest.S); op != "" && op != ":" && !strings.Contains(rest.S[:i], ";") {
		name := rest.Slice(0, i).TrimSpace()
		for _, word := range []string{"export ", "override ", "private "} {
			if strings.HasPrefix(name.S, word) {
				name = name.Slice(len(word), len(name.S)).TrimSpace()
			}
		}
		r.vars = map[string]makeVariable{}
		if p.fixed[name.S] {
			return
		}
		p.assign(r.vars, name.S, op, rest.Slice(i+len(op), len(rest.S)).TrimSpace())
		p.rules = append(p.rules, r)
		return
	}
	rest, first, inline := rest.Cut(";")
	if i, op := operator(rest.S); op == ":" {
		r.pattern = strings.TrimSpace(p.expand(rest.Slice(0, i)).S)
		rest = rest.Slice(i+1, len(rest.S))
	}
	r.prereqs = reading.FieldsOf(p.expand(rest))
	if inline {
		r.recipe = append(r.recipe, first.TrimSpace())
	}
	for _, name := range r.targets {
		p.oneShell = p.oneShell || name.S == ".ONESHELL"
		p.all = p.all || name.S == ".EXPORT_ALL_VARIABLES"
	}
	p.rules = append(p.rules, r)
	p.rule = r
}

// include reads the files that a line names, where they are in the repository.
func (p *makeParser) include(names trace.Text) {
	for _, name := range reading.FieldsOf(p.expand(names)) {
		if strings.ContainsAny(name.S, "*?"+reading.Unknown) {
			continue
		}
		found := false
		for _, start := range []string{p.dir, "."} {
			file, ok := reading.Locate(reading.ChangeDir(reading.StartDir, name.S), start)
			if !ok {
				continue
			}
			if f := p.tree.Read(path.Clean(file)); f != nil {
				p.parse(f)
				found = true
				break
			}
		}
		if !found {
			p.absent = append(p.absent, name)
		}
	}
}
