package scanner

import (
	"encoding/csv"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// narrow sets what is taken to a path of COPY or ADD. With --parents what stands behind "/./", or else all
// of it, is a pattern of a .dockerignore.
func (t *Take) narrow(from string, parents bool) {
	if parents {
		root, below, ok := strings.Cut(from, "/./")
		if !ok {
			root, below = ".", from
		}
		from = root
		if below = clean(below); below != "." {
			t.Include = []string{below}
		}
	}
	t.Source = clean(from)
	t.IsPattern = hasWildcard(t.Source)
}

// clean returns a path of an instruction from the root of its context, which it cannot leave.
func clean(p string) string {
	if p = strings.TrimPrefix(path.Join("/", p), "/"); p != "" {
		return p
	}
	return "."
}

// hasWildcard reports whether BuildKit takes a path for a pattern.
func hasWildcard(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// remote matches what ADD fetches: a URL, or a repository as ssh names it.
var remote = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:(?:https?|git|ssh)://|[a-zA-Z0-9-]+@[^:/]+:)`) })

func isRemote(from string) bool { return remote().MatchString(from) }

// fields returns the fields of a mount, which are comma-separated values.
func fields(mount string) []string {
	all, err := csv.NewReader(strings.NewReader(mount)).Read()
	if err != nil {
		return strings.Split(mount, ",")
	}
	return all
}

// values are the variables that the instructions of a stage can see.
type values struct {
	*reader
	lex      *shell.Lex
	known    environment
	isClosed bool // nothing but the file sets any: the stage is FROM scratch
	missed   []string
}

func newValues(r *reader) *values {
	return &values{reader: r, lex: shell.NewLex(rune(r.escape)), known: environment{}}
}

// inherit takes over the variables of the stage that this one is FROM.
func (v *values) inherit(base *values) { v.known, v.isClosed = maps.Clone(base.known), base.isClosed }

// Get implements shell.EnvGetter.
func (v *values) Get(name string) (string, bool) {
	value, ok := v.known[name]
	if !ok && !v.isClosed || strings.Contains(value, Unknown) {
		v.missed = append(v.missed, name)
	}
	return value, ok
}

// Keys implements shell.EnvGetter.
func (v *values) Keys() []string { return slices.Sorted(maps.Keys(v.known)) }

// expand replaces the variables of a word. why says what is not known of it.
func (v *values) expand(word string) (text, why string) {
	word = validUTF8(word)
	if len(word) > maxExpansion || nesting(word) > maxNesting {
		return "", "it is too long"
	}
	v.missed = nil
	result, _, err := v.lex.ProcessWord(word, v)
	switch {
	case err != nil:
		return "", fmt.Sprintf("%s cannot be expanded: %v", abbreviate(word, 100), root(err))
	case len(v.missed) > 0:
		return "", "the value of " + v.missed[0] + " is not known"
	case len(result) > maxExpansion:
		return "", "it is too long"
	}
	return result, ""
}

// value is expand for what a variable is set to.
func (v *values) value(word string) string {
	text, why := v.expand(word)
	if why != "" {
		return Unknown
	}
	return text
}

// arg reads one declaration of ARG.
func (v *values) arg(declared string) {
	name, word, hasDefault := strings.Cut(declared, "=")
	if value, ok := v.build.arg(name); ok {
		v.known[name] = value.S
		return
	}
	if hasDefault {
		v.known[name] = v.value(word)
		return
	}
	if value, ok := v.scope.lookup(v.scope.plain, name); ok {
		v.known[name] = value
	}
}

// env reads ENV, whose words are names, values and what stands between.
func (v *values) env(node *parser.Node) {
	set := environment{}
	for n := node.Next; n != nil && n.Next != nil; n = n.Next {
		set[n.Value] = v.value(n.Next.Value)
		if n = n.Next.Next; n == nil {
			break
		}
	}
	maps.Copy(v.known, set)
}
