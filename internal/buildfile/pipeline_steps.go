package buildfile

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// readSteps reads a file of Cloud Build. Its substitutions are what a trigger sets, and are not
// known.
func (p *pipeline) readSteps() {
	if !p.parse() {
		return
	}
	for _, doc := range p.docs {
		for _, step := range items(get(doc, "steps")) {
			p.step(step)
		}
	}
}

// step follows a step of Cloud Build: an image with its arguments, or a script.
func (p *pipeline) step(step *yaml.Node) {
	if step == nil || !p.run.use(200) {
		return
	}
	dir := startDir
	if n := get(step, "dir"); n != nil {
		dir = enter(dir, p.text(n).S)
	}
	if script := get(step, "script"); script != nil {
		p.follow([]trace.Text{p.text(script)}, dir)
		return
	}
	name := ""
	if n := get(step, "name"); n != nil {
		name = n.Value
	}
	program := ""
	switch {
	case get(step, "entrypoint") != nil:
		program = get(step, "entrypoint").Value
	case strings.Contains(name, "kaniko"):
		program = "/kaniko/executor"
	default:
		image, _, _ := strings.Cut(path.Base(name), ":")
		program = image
	}
	s := newShell(p.run, "", workplace{starts: p.starts, cwd: dir}, nil)
	s.where = p.pos(step)
	args := []trace.Text{trace.Plain(program)}
	for _, n := range items(get(step, "args")) {
		if n != nil && n.Kind == yaml.ScalarNode {
			args = append(args, s.substituted(p.text(n)))
		}
	}
	s.command(args, command{at: len(s.src.S)}, map[string]variable{})
}

// substituted returns a text with its variables replaced, as the shell does it in quotes.
func (s *shell) substituted(t trace.Text) trace.Text {
	if !strings.Contains(t.S, "$") {
		return t
	}
	word, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Document(strings.NewReader(t.S))
	if err != nil {
		return trace.Plain(unknown)
	}
	child := s.fork()
	child.src = t
	e := expansion{shell: child}
	e.parts(word.Parts, true)
	return e.current
}
