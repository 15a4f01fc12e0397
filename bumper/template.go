package bumper

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/matihlabs/propagate/internal/source"
)

// Templates are those of the configuration; nil ones leave what propagate says by itself.
type Templates struct {
	Title  *Template // sees no Sections
	Body   *Template
	Commit *Template // likewise; of the message above the trailers
}

// A Template makes a text of a change: Go's text/template, executed with a [View]. It has no functions
// but those of the language, sets no other templates off, and what it makes and how long it runs is bounded.
type Template struct {
	tree *parse.Tree
	at   func(line, col int) source.Pos
}

const (
	// maxMade is how many bytes a template may make, and one function of the language in it.
	maxMade = 1 << 20
	// maxTurns is how many turns all loops of a template may take together.
	maxTurns = 100_000
	// turnFunc is the function that each loop calls at the beginning of a turn.
	turnFunc = "turnOfALoop"
)

var errTooMuch = fmt.Errorf("it makes more than %d bytes", maxMade)

// functions returns those of the language that make texts, with a limit for each and for all of them, and
// that of turns.
func functions() template.FuncMap {
	turns, made := 0, 0
	limited := func(of func(args ...any) string) func(args ...any) (string, error) {
		return func(args ...any) (string, error) {
			if made += weigh(args); made > 16*maxMade || weigh(args) > maxMade {
				return "", errTooMuch
			}
			return of(args...), nil
		}
	}
	return template.FuncMap{
		turnFunc: func() (string, error) {
			if turns++; turns > maxTurns {
				return "", fmt.Errorf("its loops take more than %d turns", maxTurns)
			}
			return "", nil
		},
		"printf": func(format string, args ...any) (string, error) {
			if wide().MatchString(format) {
				return "", fmt.Errorf("printf takes no width of more than three digits: %.40q", format)
			}
			// Each verb may write each argument.
			if worst := strings.Count(format, "%") * (weigh(args) + 1000); worst > maxMade {
				return "", errTooMuch
			}
			return limited(func(...any) string { return fmt.Sprintf(format, args...) })(append(args, format)...)
		},
		"print":    limited(fmt.Sprint),
		"println":  limited(fmt.Sprintln),
		"html":     limited(template.HTMLEscaper),
		"js":       limited(template.JSEscaper),
		"urlquery": limited(template.URLQueryEscaper),
		"call":     func(any, ...any) (string, error) { return "", errors.New("there is nothing to call") },
	}
}

// wide is a width or a precision that makes much of little.
var wide = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`%[^a-zA-Z%]*(?:[0-9]{4}|\*)`) })

// weigh returns how many bytes arguments have as texts, or more than is taken.
func weigh(args []any) int {
	total := 0
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			total += len(text)
		} else {
			total += len(fmt.Sprint(arg))
		}
		if total > maxMade {
			break
		}
	}
	return total
}

// ParseTemplate reads a template and tries it on samples. title says that it has to make one line; at
// returns the place of a line and a byte of it, both from 1. The error is a *source.Error.
func ParseTemplate(text string, title bool, at func(line, col int) source.Pos) (*Template, error) {
	t := &Template{at: at}
	const most = 64 << 10
	if len(text) > most {
		return nil, t.wrong(fmt.Errorf("it is longer than %d bytes", most), "")
	}
	parsed, err := template.New("").Funcs(functions()).Parse(text)
	if err != nil {
		return nil, t.explain(err)
	}
	if parsed.Tree == nil || strings.TrimSpace(text) == "" {
		return nil, t.wrong(errors.New("it is empty"), "leave it out, and propagate says what it says by itself")
	}
	t.tree = parsed.Tree
	if err := t.guard(parsed.Root); err != nil {
		return nil, err
	}
	if len(parsed.Templates()) > 1 {
		return nil, t.wrong(errors.New("it defines another template"), "write it out where it is used")
	}
	for _, sample := range samples() {
		made, err := t.write(sample)
		switch {
		case err != nil:
			return nil, err
		case strings.TrimSpace(made) == "":
			return nil, t.wrong(errors.New("it makes nothing of a sample"), "write a text beside what depends on the change")
		case title && strings.Contains(strings.TrimSpace(made), "\n"):
			return nil, t.wrong(errors.New("it makes several lines, and a title is one"), "{{- and -}} take the line ends beside them away")
		}
	}
	return t, nil
}

// guard has every loop count its turns, and refuses what sets other templates off.
func (t *Template) guard(node parse.Node) error {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, child := range n.Nodes {
			if err := t.guard(child); err != nil {
				return err
			}
		}
	case *parse.IfNode:
		return errors.Join(t.guard(n.List), t.guard(n.ElseList))
	case *parse.WithNode:
		return errors.Join(t.guard(n.List), t.guard(n.ElseList))
	case *parse.RangeNode:
		turn := parse.NewIdentifier(turnFunc).SetPos(n.Pos).SetTree(t.tree)
		call := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{turn}}
		pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pos, Line: n.Line, Cmds: []*parse.CommandNode{call}}
		action := &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: pipe}
		err := errors.Join(t.guard(n.List), t.guard(n.ElseList))
		n.List.Nodes = append([]parse.Node{action}, n.List.Nodes...)
		return err
	case *parse.TemplateNode:
		return &source.Error{Pos: t.at(n.Line, 1), Err: errors.New("it sets another template off"), Hint: "write it out where it is used"}
	}
	return nil
}

// write executes a template.
func (t *Template) write(v *View) (string, error) {
	b := &bounded{}
	run, err := template.New("").Funcs(functions()).Option("missingkey=error").AddParseTree("text", t.tree)
	if err == nil {
		err = run.Execute(b, v)
	}
	if err != nil {
		return "", t.explain(err)
	}
	return b.String(), nil
}

// bounded takes up to maxMade bytes.
type bounded struct{ strings.Builder }

// Write fails once there are too many.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxMade {
		return 0, errTooMuch
	}
	return b.Builder.Write(p) //nolint:wrapcheck // it never fails
}

var (
	templatePlace = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^template: [^:]*:(\d+)(?::(\d+))?: `) })
	templateWords = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^executing "[^"]*" at <[^>]*>: (?:error calling [^ :]+: )?`)
	})
	started    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.*) started at [^:]*:(\d+)$`) })
	noField    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^can't evaluate field (\w+) in type (\S+)$`) })
	noFunction = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^function "(.*)" not defined$`) })
)

// wrong returns an error of the whole template.
func (t *Template) wrong(err error, hint string) error {
	return &source.Error{Pos: t.at(1, 1), Err: err, Hint: hint}
}

// explain takes the error of a template apart, and says it in our words.
func (t *Template) explain(err error) error {
	line, col := 1, 1
	text := err.Error()
	if m := templatePlace().FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			col, _ = strconv.Atoi(m[2])
			col++ // the language counts from 0
		}
		text = text[len(m[0]):]
	}
	text = templateWords().ReplaceAllString(text, "")
	if m := started().FindStringSubmatch(text); m != nil {
		text = m[1]
		line, _ = strconv.Atoi(m[2])
	}
	hint := ""
	if m := noField().FindStringSubmatch(text); m != nil {
		text, hint = "there is no field "+m[1]+" here", fieldsOf(m[2])
	}
	if m := noFunction().FindStringSubmatch(text); m != nil {
		text, hint = "there is no function "+m[1], "a field begins with a point: .Title"
	}
	return &source.Error{Pos: t.at(line, col), Err: errors.New(text), Hint: hint}
}

func fieldsOf(name string) string {
	switch name {
	case "bumper.BaseView":
		return "a base has Image, Name, Line, Version, From and Step"
	case "bumper.ServiceView":
		return "a service has Path, Name, Role and Exposure"
	case "bumper.EditView":
		return "an edit has Path, Line, Old and New"
	}
	return "the fields are Title, Bases, Services, Edits, Group, Part, Parts, Wave, Waves, Step, Emergency, Owners, Command and Lines, and in a body Summary, Table, Graph, Rebuilt, Waiting, Left and Again"
}
