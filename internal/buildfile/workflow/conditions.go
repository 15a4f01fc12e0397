package workflow

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// What a comparison names: matrix.X, inputs.X, and env.X or $X, which may stand for one of them.
const (
	comparedValue = `(?:matrix|inputs)\.[\w.-]+`
	comparedAny   = `(?:` + comparedValue + `|env\.\w+|\$\{?\w+\}?)`
	wrapped       = `["']?(?:\$\{\{\s*)?(` + comparedAny + `)(?:\s*\}\})?["']?`
)

// The forms of comparisons, in expressions or in a shell, with what the groups hold: the name and
// the text, or the texts.
var (
	nameFirst  = regexp.MustCompile(wrapped + `\s*[!=]?=\s*["']?([^"'\s\]();]+)`)
	textFirst  = regexp.MustCompile(`["']?([^"'\s\[(!=]+)["']?\s*[!=]?=\s*` + wrapped)
	contained  = regexp.MustCompile(`(?i)\bcontains\(\s*(?:fromJSON\(\s*)?'([^']*)'\s*\)?\s*,\s*(` + comparedAny + `)`)
	caseOf     = regexp.MustCompile(`\bcase\s+` + wrapped + `\s+in\b`)
	casePart   = regexp.MustCompile(`(?:^|;;&?|;&)\s*\(?([^()\n]+)\)`)
	caseText   = regexp.MustCompile(`[^\s|"']+`)
	listedText = regexp.MustCompile(`[^\s,"\[\]]+`)
	assigned   = regexp.MustCompile(`(?m)^\s*(?:export\s+)?(\w+)=["']?\$\{\{\s*(` + comparedValue + `)\s*\}\}["']?\s*$`)
	onlyValue  = regexp.MustCompile(`^\s*\$\{\{\s*(` + comparedValue + `)\s*\}\}\s*$`)
)

// comparisons finds what is compared below a node.
type comparisons struct {
	w     *workflow
	texts map[string][]trace.Text // by "matrix.X=text"
	names map[string][]string     // what variables stand for
}

// comparisons returns the texts below a node that something is compared with, by "matrix.X=text".
func (w *workflow) comparisons(n *yaml.Node) map[string][]trace.Text {
	c := &comparisons{w: w, texts: map[string][]trace.Text{}, names: map[string][]string{}}
	c.walk(n, 0, c.name)
	c.walk(n, 0, c.compare)
	return c.texts
}

// walk calls f for all scalars below a node.
func (c *comparisons) walk(n *yaml.Node, depth int, f func(n *yaml.Node)) {
	if n = yamltext.Resolve(n); n == nil || depth > reading.MaxDepth || !c.w.run.Use(1+len(n.Value)/8) {
		return
	}
	if n.Kind == yaml.ScalarNode {
		f(n)
	}
	for _, p := range yamltext.Pairs(n) {
		if p.Value != nil && p.Value.Kind == yaml.ScalarNode {
			if m := onlyValue.FindStringSubmatch(p.Value.Value); m != nil { // a variable of env
				c.names[p.Key.Value] = append(c.names[p.Key.Value], m[1])
			}
		}
	}
	for _, inner := range n.Content {
		c.walk(inner, depth+1, f)
	}
}

// name finds the variables that a shell sets to a value.
func (c *comparisons) name(n *yaml.Node) {
	if strings.Contains(n.Value, "=") && strings.Contains(n.Value, "${{") {
		for _, m := range assigned.FindAllStringSubmatch(n.Value, -1) {
			c.names[m[1]] = append(c.names[m[1]], m[2])
		}
	}
}

// add adds a text that a name is compared with.
func (c *comparisons) add(name string, text trace.Text) {
	names := []string{name}
	if !strings.HasPrefix(name, "matrix.") && !strings.HasPrefix(name, "inputs.") {
		names = c.names[strings.Trim(strings.TrimPrefix(name, "env."), "${}")]
	}
	for _, name := range names {
		key := comparedName(name) + "=" + text.S
		if !c.w.run.Use(reading.CostOfStep + len(c.texts[key])) {
			return
		}
		if !slices.ContainsFunc(c.texts[key], func(known trace.Text) bool { return known.Shares(text) }) {
			c.texts[key] = append(c.texts[key], text)
		}
	}
}

func (c *comparisons) compare(n *yaml.Node) {
	if !strings.Contains(n.Value, "matrix.") && !strings.Contains(n.Value, "inputs.") && (len(c.names) == 0 || !strings.Contains(n.Value, "$")) {
		return
	}
	t := c.w.text(n)
	if strings.Contains(t.S, "=") {
		for _, at := range nameFirst.FindAllStringSubmatchIndex(t.S, -1) {
			c.add(t.S[at[2]:at[3]], t.Slice(at[4], at[5]))
		}
		for _, at := range textFirst.FindAllStringSubmatchIndex(t.S, -1) {
			c.add(t.S[at[4]:at[5]], t.Slice(at[2], at[3]))
		}
	}
	for _, at := range contained.FindAllStringSubmatchIndex(t.S, -1) {
		list := t.Slice(at[2], at[3])
		for _, part := range listedText.FindAllStringIndex(list.S, -1) {
			c.add(t.S[at[4]:at[5]], list.Slice(part[0], part[1]))
		}
	}
	for _, at := range caseOf.FindAllStringSubmatchIndex(t.S, -1) {
		end := len(t.S)
		if n := strings.Index(t.S[at[1]:], "esac"); n >= 0 {
			end = at[1] + n
		}
		if !c.w.run.Use(end - at[1]) {
			return
		}
		body := t.Slice(at[1], end)
		for _, part := range casePart.FindAllStringSubmatchIndex(body.S, -1) {
			patterns := body.Slice(part[2], part[3])
			for _, p := range caseText.FindAllStringIndex(patterns.S, -1) {
				c.add(t.S[at[2]:at[3]], patterns.Slice(p[0], p[1]))
			}
		}
	}
}

// comparedName is the form of a name by which it is looked up: inputs are told without regard to case.
func comparedName(name string) string {
	if strings.HasPrefix(name, "inputs.") {
		return strings.ToLower(name)
	}
	return name
}

// given adds the inputs that something in a workflow or an action compares with a text.
func (s *scope) given(doc *yaml.Node) {
	if len(s.inputs) == 0 {
		return
	}
	texts := s.comparisons(doc)
	for _, name := range slices.Sorted(maps.Keys(s.inputs)) {
		value := s.inputs[name]
		if again := texts["inputs."+name+"="+value.S]; len(again) > 0 {
			s.twins = append(s.twins, append([]trace.Text{value}, again...))
		}
	}
}

// conditions adds the values of a job's matrix that something in the job compares with a text: with
// the value alone edited, the comparison would be for none.
func (w *workflow) conditions(job, matrix *yaml.Node) {
	if matrix == nil {
		return
	}
	texts := w.comparisons(job)
	var pair func(n *yaml.Node, at string, depth int)
	pair = func(n *yaml.Node, at string, depth int) {
		if n = yamltext.Resolve(n); n == nil || depth > reading.MaxDepth || !w.run.Use(1) {
			return
		}
		if again := texts["matrix."+at+"="+n.Value]; n.Kind == yaml.ScalarNode && len(again) > 0 {
			w.twins = append(w.twins, append([]trace.Text{w.text(n)}, again...))
		}
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				pair(item, at, depth+1)
			}
		}
		for _, p := range yamltext.Pairs(n) {
			inner := p.Key.Value
			if at != "" {
				inner = at + "." + inner
			} else if inner == "include" || inner == "exclude" {
				inner = ""
			}
			pair(p.Value, inner, depth+1)
		}
	}
	if len(texts) > 0 {
		pair(matrix, "", 0)
	}
}
