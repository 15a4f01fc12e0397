package scanner

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/trace"
)

// Label returns the value of a label of the image that a build of the file ships,
// with its variables replaced; ok is false for one that is not set here, or that
// cannot be expanded. A label of the last stage of the chain of FROM counts before
// those that it stands on. src is the content of the file.
func (f *File) Label(src []byte, name string, build BuildConfig) (value trace.Text, ok bool) {
	if !f.IsDockerfile() || f.Unreadable || !bytes.Contains(src, []byte(name)) {
		return trace.Text{}, false
	}
	p := f.parsed(src)
	if p == nil {
		return trace.Text{}, false
	}
	place := f.placing(p)
	stages := p.stages()
	on := append(build.views(), defaultPlatform)[0]
	built, _ := p.run(build, on)
	shipped := len(stages) - 1
	for _, s := range slices.Backward(built.Stages) {
		if build.Target != "" && strings.EqualFold(s.Name, build.Target) {
			shipped = s.Index
			break
		}
	}
	for i := shipped; i >= 0 && i < len(stages) && i < len(built.Stages); i = built.Stages[i].BaseStage {
		if value, ok = p.label(name, stages[i], build, on); ok {
			return place(value), true
		}
	}
	return trace.Text{}, false
}

// parsed parses the content of the file again; nil where that fails.
func (f *File) parsed(src []byte) *parsed {
	content := trace.NewFile(f.Origin.Path, src)
	if f.IsInline() {
		content = trace.NewFile(f.Path, []byte(f.Inline.S))
	}
	again := &File{Path: f.Path, Origin: content.Origin}
	return again.parse(content, content.Src)
}

// placing returns what gives texts of the parsed content their places.
func (f *File) placing(p *parsed) func(trace.Text) trace.Text {
	if !f.IsInline() {
		return func(t trace.Text) trace.Text { return t }
	}
	return newInline(p.content, f.Inline, f.Builds).move
}

// stages returns the instructions of each stage, without its FROM.
func (p *parsed) stages() [][]*parser.Node {
	var stages [][]*parser.Node
	for _, node := range p.ast.Children {
		switch {
		case strings.EqualFold(node.Value, "from"):
			stages = append(stages, nil)
		case len(stages) > 0:
			stages[len(stages)-1] = append(stages[len(stages)-1], node)
		}
	}
	return stages
}

// label reads the instructions of one stage. Variables of its ENV and ARG, and of
// the ARGs before the first FROM that it declares again, are replaced.
func (p *parsed) label(name string, stage []*parser.Node, build BuildConfig, on view) (value trace.Text, ok bool) {
	r := &reader{File: &File{Path: p.path, Origin: p.content.Origin}, content: p.content, escape: p.escape, scope: newScope(p.escape, build.Target, on), build: build, byName: map[string]int{}}
	for _, node := range p.ast.Children {
		if strings.EqualFold(node.Value, "from") {
			break
		}
		r.instruction(node)
	}
	global := r.scope
	r.scope = newScope(p.escape, build.Target, on)
	for _, node := range stage {
		switch strings.ToLower(node.Value) {
		case "arg":
			r.inherit(node, global)
			r.arg(node)
		case "env":
			for _, v := range r.pairs(node) {
				_ = r.scope.define(v.name, v.value) // one that cannot be expanded is not set
			}
		case "label":
			for _, v := range r.pairs(node) {
				if v.name != name {
					continue
				}
				e, err := r.scope.expand(v.value)
				value, ok = e.Text, err == nil && len(e.unset) == 0
			}
		}
	}
	return value, ok
}

// inherit gives the stage the ARGs without a value that stand before the first
// FROM with one.
func (r *reader) inherit(node *parser.Node, global *scope) {
	for _, word := range r.operands(node) {
		if plain, known := global.lookup(global.plain, word.S); known {
			for i, form := range r.scope.forms() {
				// The marks of the other scope mean nothing here.
				marked, _ := global.lookup(global.forms()[i].env, word.S)
				form.env[word.S] = r.scope.marks.Encode(global.marks.Decode(marked), form.marked)
			}
			r.scope.plain[word.S] = plain
		}
	}
}

// A named is a name with the value that an instruction gives it.
type named struct {
	name  string
	value trace.Text
}

// pairs returns the names and values of ENV and LABEL: BuildKit's parser makes of
// each a name, a value and the separator between them.
func (r *reader) pairs(node *parser.Node) []named {
	var all []named
	l, ok := r.logical(node)
	at := 0
	for n := node.Next; n != nil && n.Next != nil && n.Next.Next != nil; n = n.Next.Next.Next {
		name, value, separator := n.Value, n.Next.Value, n.Next.Next.Value
		pair := named{strings.Trim(name, `"'`), trace.Plain(value)}
		if i := bytes.Index(l.text[min(at, len(l.text)):], []byte(name+separator+value)); ok && separator == "=" && i >= 0 {
			start := at + i + len(name) + len(separator)
			pair.value = l.slice(start, start+len(value))
			at = start + len(value)
		}
		all = append(all, pair)
	}
	return all
}

// ArgDefaults returns the ARGs of the file that have a default, with it, as written, in the
// order of the file, but for those of stages that the target does not build. src is its content.
func (f *File) ArgDefaults(src []byte) []Arg {
	if !f.IsDockerfile() || f.Unreadable {
		return nil
	}
	p := f.parsed(src)
	if p == nil {
		return nil
	}
	place := f.placing(p)
	r := &reader{File: &File{Path: f.Path, Origin: p.content.Origin}, content: p.content, escape: p.escape}
	var args []Arg
	stage := -1
	for _, node := range p.ast.Children {
		if strings.EqualFold(node.Value, "from") {
			stage++
		}
		if !strings.EqualFold(node.Value, "arg") || stage >= 0 && stage < len(f.Stages) && !f.Stages[stage].Reachable {
			continue
		}
		for _, word := range r.operands(node) {
			if name, value, ok := word.Cut("="); ok {
				args = append(args, Arg{Name: name.S, Value: place(value.Unquote())})
			}
		}
	}
	return args
}

// Declares reports whether the file has an ARG of a name, with or without a default. src is
// its content.
func (f *File) Declares(src []byte, name string) bool {
	p := f.parsed(src)
	if p == nil {
		return false
	}
	for _, node := range p.ast.Children {
		if !strings.EqualFold(node.Value, "arg") {
			continue
		}
		for word := node.Next; word != nil; word = word.Next {
			if declared, _, _ := strings.Cut(word.Value, "="); declared == name {
				return true
			}
		}
	}
	return false
}

// Runs reports whether a RUN, COPY or ADD of the file uses a variable. src is
// its content.
func (f *File) Runs(src []byte, variable string) bool {
	p := f.parsed(src)
	if p == nil {
		return false
	}
	use := regexp.MustCompile(`\$\{?` + regexp.QuoteMeta(variable) + `(?:\W|$)`)
	for _, node := range p.ast.Children {
		switch strings.ToLower(node.Value) {
		case "run", "copy", "add":
			if use.MatchString(node.Original) || slices.ContainsFunc(node.Heredocs, func(h parser.Heredoc) bool { return use.MatchString(h.Content) }) {
				return true
			}
		}
	}
	return false
}
