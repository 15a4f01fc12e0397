package pipeline

import (
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// readPackage reads the scripts of a package.json.
func (p *pipeline) readPackage() {
	if !p.parse() || len(p.Docs) == 0 {
		return
	}
	for _, e := range yamltext.Pairs(yamltext.Get(p.Docs[0], "scripts")) {
		if e.Value.Kind == yaml.ScalarNode {
			p.follow([]trace.Text{p.Text(e.Value)}, reading.StartDir)
		}
	}
}

// readRecipes reads a justfile: each line of a recipe is a shell of its own, unless the recipe
// begins with #!.
func (p *pipeline) readRecipes() {
	whole := p.file.Text(0, len(p.file.Src))
	var recipe []trace.Text // of one that is a script
	var line []trace.Text   // that goes on
	inScript, inRecipe := false, false
	values := p.values
	flush := func() {
		if len(recipe) > 0 {
			p.follow(recipe, reading.StartDir)
		}
		recipe, line, inScript = nil, nil, false
	}
	for at := 0; at < len(whole.S); {
		end := at + reading.LineLength(p.file.Src[at:])
		text := whole.Slice(at, end)
		at = end
		trimmed := strings.TrimSpace(text.S)
		switch {
		case trimmed == "":
			continue
		case text.S[0] != ' ' && text.S[0] != '\t':
			flush()
			p.values = p.withParameters(values, text)
			inRecipe = strings.HasSuffix(trimmed, ":") || strings.Contains(trimmed, ": ")
			if name, value, ok := text.Cut(":="); ok {
				inRecipe = false
				p.values = values
				p.assigned(strings.TrimSpace(name.S), value.TrimSpace())
			}
		case !inRecipe:
		case inScript:
			recipe = append(recipe, text.TrimSpace())
		case strings.HasPrefix(trimmed, "#!"):
			inScript = strings.Contains(trimmed, "sh")
			inRecipe = inScript
		default:
			text = text.TrimSpace()
			for line == nil && text.S != "" && strings.IndexByte("@-", text.S[0]) >= 0 {
				text = text.Slice(1, len(text.S))
			}
			if strings.HasSuffix(text.S, `\`) {
				line = append(line, text.Slice(0, len(text.S)-1), trace.Plain(" "))
				continue
			}
			p.follow([]trace.Text{trace.Join(append(line, text)...)}, reading.StartDir)
			line = nil
		}
	}
	flush()
}

// withParameters returns the variables that a recipe sees: those of the file, and over them its
// parameters (api tag="1.0.0" dir=root:) with their defaults. One without a default is not known.
func (p *pipeline) withParameters(values map[string]trace.Text, head trace.Text) map[string]trace.Text {
	head, _, ok := head.Cut(":")
	words := reading.FieldsOf(head)
	if !ok || len(words) < 2 || !p.run.Use(len(values)) {
		return values
	}
	all := maps.Clone(values)
	for _, word := range words[1:] {
		name, value, isDefault := word.Cut("=")
		text, isVariable := values[value.S]
		switch n := len(value.S); {
		case !isDefault:
			text = trace.Plain(reading.Unknown)
		case n > 1 && value.S[0] == value.S[n-1] && (value.S[0] == '"' || value.S[0] == '\''):
			text = value.Slice(1, n-1)
		case !isVariable:
			text = trace.Plain(reading.Unknown)
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
