package pipeline

import (
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// readPackage reads the scripts of a package.json, to which npm gives its name and its version.
func (p *pipeline) readPackage() {
	if !p.parse() || len(p.Docs) == 0 {
		return
	}
	for _, key := range []string{"name", "version"} {
		if n := yamltext.Get(p.Docs[0], key); n != nil && n.Kind == yaml.ScalarNode {
			p.values["npm_package_"+key] = p.Text(n)
		}
	}
	for _, e := range yamltext.Pairs(yamltext.Get(p.Docs[0], "scripts")) {
		if e.Value.Kind == yaml.ScalarNode {
			p.follow([]trace.Text{p.Text(e.Value)}, reading.StartDir)
		}
	}
}

// A recipe is one of a justfile.
type recipe struct {
	head     trace.Text
	lines    []trace.Text
	isScript bool // its lines are one shell
}

// readRecipes reads a justfile: each line of a recipe is a shell of its own, unless the recipe
// begins with #!.
func (p *pipeline) readRecipes() {
	for _, r := range p.recipes() {
		p.followRecipe(r, nil)
	}
}

// recipes takes in the variables of a justfile, and returns its recipes.
func (p *pipeline) recipes() (all []*recipe) {
	whole := p.file.Text(0, len(p.file.Src))
	var line []trace.Text // that goes on
	var in *recipe        // nil outside of one, and within one of another language
	isFirst := false
	for at := 0; at < len(whole.S); {
		end := at + reading.LineLength(p.file.Src[at:])
		text := whole.Slice(at, end)
		at = end
		trimmed := strings.TrimSpace(text.S)
		switch {
		case trimmed == "":
			continue
		case text.S[0] != ' ' && text.S[0] != '\t':
			in, line = nil, nil
			if name, value, ok := text.Cut(":="); ok {
				p.assigned(strings.TrimSpace(name.S), value.TrimSpace())
			} else if strings.HasSuffix(trimmed, ":") || strings.Contains(trimmed, ": ") {
				in, isFirst = &recipe{head: text}, true
				all = append(all, in)
			}
			continue
		case in == nil:
		case in.isScript:
			in.lines = append(in.lines, text.TrimSpace())
		case isFirst && strings.HasPrefix(trimmed, "#!"):
			if in.isScript = strings.Contains(trimmed, "sh"); !in.isScript {
				in = nil
			}
		default:
			text = text.TrimSpace()
			for line == nil && text.S != "" && strings.IndexByte("@-", text.S[0]) >= 0 {
				text = text.Slice(1, len(text.S))
			}
			if strings.HasSuffix(text.S, `\`) {
				line = append(line, text.Slice(0, len(text.S)-1), trace.Plain(" "))
				break
			}
			in.lines = append(in.lines, trace.Join(append(line, text)...))
			line = nil
		}
		isFirst = false
	}
	p.all = all
	return all
}

// followRecipe follows the commands of a recipe, with the arguments that it is called with, and the recipes that it calls with
// arguments: all: (build "api") (build "web"), and just build api among its commands.
func (p *pipeline) followRecipe(r *recipe, args []trace.Text) {
	if p.nested >= maxCalls || !p.run.Use(100) {
		return
	}
	outer := p.values
	p.values, p.nested = p.withParameters(outer, r.head, args), p.nested+1
	_, dependencies, _ := r.head.Cut(":")
	for {
		_, rest, ok := dependencies.Cut("(")
		call, after, isClosed := rest.Cut(")")
		if !ok || !isClosed {
			break
		}
		p.callRecipe(outer, reading.FieldsOf(call), p.expression)
		dependencies = after
	}
	if r.isScript {
		p.follow(r.lines, reading.StartDir)
	} else {
		for _, line := range r.lines {
			if words := reading.FieldsOf(p.filled(line)); len(words) > 2 && words[0].S == "just" {
				p.callRecipe(outer, words[1:], bare)
				continue
			}
			p.follow([]trace.Text{line}, reading.StartDir)
		}
	}
	p.values, p.nested = outer, p.nested-1
}

// callRecipe follows a recipe that is called with arguments, words behind its name of which value returns what they stand for. One
// that is called without any is followed where it stands.
func (p *pipeline) callRecipe(values map[string]trace.Text, words []trace.Text, value func(trace.Text) trace.Text) {
	if len(words) < 2 {
		return
	}
	args := make([]trace.Text, len(words)-1)
	for i, word := range words[1:] {
		args[i] = value(word)
	}
	for _, r := range p.all {
		if name, _, _ := strings.Cut(reading.FieldsOf(r.head)[0].S, ":"); strings.TrimPrefix(name, "@") == words[0].S {
			own := p.values
			p.values = values
			p.followRecipe(r, args)
			p.values = own
		}
	}
}

// bare returns what a word of a command stands for: the text within quotes, or itself.
func bare(word trace.Text) trace.Text {
	n := len(word.S)
	switch {
	case n > 1 && word.S[0] == word.S[n-1] && (word.S[0] == '"' || word.S[0] == '\''):
		return word.Slice(1, n-1)
	case strings.ContainsAny(word.S, "\"'$`"):
		return trace.Plain(reading.Unknown)
	}
	return word
}

// expression returns what a word of a justfile stands for: a text in quotes or a variable.
func (p *pipeline) expression(word trace.Text) trace.Text {
	if text := bare(word); text.S != word.S {
		return text
	}
	if text, ok := p.values[word.S]; ok {
		return text
	}
	return trace.Plain(reading.Unknown)
}

// withParameters returns the variables that a recipe sees: those of the file, and over them its
// parameters (api tag="1.0.0" dir=root:) with the arguments, or else their defaults. One with neither is not known.
func (p *pipeline) withParameters(values map[string]trace.Text, head trace.Text, args []trace.Text) map[string]trace.Text {
	head, _, ok := head.Cut(":")
	words := reading.FieldsOf(head)
	if !ok || len(words) < 2 || !p.run.Use(len(values)) {
		return values
	}
	all := maps.Clone(values)
	for i, word := range words[1:] {
		name, value, isDefault := word.Cut("=")
		text := trace.Plain(reading.Unknown)
		switch isSeveral := strings.ContainsAny(name.S, "*+"); {
		case i < len(args) && !isSeveral:
			text = args[i]
		case isDefault && !isSeveral:
			text = p.expression(value)
		}
		all[strings.TrimLeft(name.S, "$*+")] = text
	}
	return all
}

// assigned takes in a variable of a justfile.
func (p *pipeline) assigned(name string, value trace.Text) {
	name = strings.TrimSpace(strings.TrimPrefix(name, "export "))
	n := len(value.S)
	if n < 2 || value.S[0] != value.S[n-1] || value.S[0] != '"' && value.S[0] != '\'' || strings.ContainsAny(value.S[1:n-1], `"'\`) {
		value = trace.Plain(reading.Unknown)
	} else {
		value = value.Slice(1, n-1)
	}
	if old, ok := p.values[name]; ok && old.S != value.S {
		value = trace.Plain(reading.Unknown)
	}
	p.values[name] = value
}
