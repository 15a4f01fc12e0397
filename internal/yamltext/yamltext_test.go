package yamltext_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Each value is printed with brackets around what has a place.
func TestText(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"plain", "k: a:1.0 # c\n", "[a:1.0]"},
		{"plain over lines", "k: a\n  b\n\n  c\n", "[a] [b]\n[c]"},
		{"space before a line end", "k: a  \n  b\n", "[a] [b]"},
		{"anchor like its value", "k: &v1 v1\n", "[v1]"},
		{"anchor that ends at a colon", "k: &a:1.0\n", "[:1.0]"},
		{"tag with a letter of its value", "k: !!str s\n", "[s]"},
		{"properties on a line of their own", "k: !!str &a # not this: 1.0\n  1.0\n", "[1.0]"},
		{"single quotes", "k: 'it''s 1.0'\n", "[it]'[s 1.0]"},
		{"double quotes", `k: "a\tb\x41\u00e9 \"1.0\""` + "\n", "[a]\t[b]Aé[ ]\"[1.0]\""},
		{"double quotes over lines", "k: \"a\n  b \\\n  c\"\n", "[a] [b ][c]"},
		{"literal", "k: |\n  it's\n    two\n\n  1.0\n", "[it's]\n[  two]\n\n[1.0]\n"},
		{"literal that is stripped", "k: |-\n  1.0\n\n\nl: m\n", "[1.0]"},
		{"literal with an indentation", "k: |2\n    1.0\n", "[  1.0]\n"},
		{"folded", "k: >-\n  docker build\n  --tag a:1.0\n\n  b\n", "[docker build] [--tag a:1.0]\n[b]"},
		{"line ends of Windows", "a: é\r\nk: |\r\n  1.0\r\n  2.0\r\n", "[1.0]\n[2.0]\n"},
		{"line ends of old Macs", "a: b\rk: 1.0\r", "[1.0]"},
		{"line ends of IBM", "a: b\u0085k: 1.0\u2028", "[1.0]"},
		{"byte order mark", "\ufeffk: 1.0\n", "[1.0]"},
		{"UTF-16", "\xfe\xff\x00k\x00:\x00 \x001", "1"},
		{"behind other characters", "é🐳: {ü: 1, k: 2, k: 3}\nk: 1.0", "[1.0]"},
		{"alias", "a: &a 1.0\nk: *a\n", "[1.0]"},
		{"key that is an alias", "a: &a k\n*a : 1.0\n", "[1.0]"},
		{"merged", "a: &a {k: 1.0}\n<<: *a\n", "[1.0]"},
		{"own before merged", "<<: {k: 2.0}\nk: 1.0\n", "[1.0]"},
		{"first of several merged", "<<: [{l: 1}, {k: 1.0}, {k: 2.0}]\n", "[1.0]"},
		{"merge key in quotes", "\"<<\": {k: 2.0}\nk: 1.0\n", "[1.0]"},
		{"empty", "k: ''\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			y, err := yamltext.Parse(trace.NewFile("f", []byte(test.src)))
			if err != nil || len(y.Docs) != 1 {
				t.Fatalf("%d documents, %v", len(y.Docs), err)
			}
			text := y.Text(yamltext.Get(y.Docs[0], "k"))
			if got := tracetest.Placed(t, fstest.MapFS{"f": {Data: []byte(test.src)}}, text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Whatever the YAML, what has a place stands there, and a plain word has
// one.
func FuzzText(f *testing.F) {
	tracetest.Seed(f, "../../testdata/buildfiles/*/in/*.y*ml", func(src []byte) { f.Add(src) })
	f.Add([]byte("k: !!str &a # c\n  'it''s'\nl: \"\\x41 b\n\n  c\"\nm: >+\n a\n  b\n\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var y *yamltext.File
		var err error
		tracetest.Brief(t, func() { y, err = yamltext.Parse(trace.NewFile("f", src)) })
		if err != nil {
			return
		}
		seen := map[*yaml.Node]bool{}
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if seen[n] {
				return
			}
			seen[n] = true
			y.Pos(n)
			yamltext.Pairs(n)
			yamltext.Get(n, "k", "l")
			text := y.Text(n)
			tracetest.Placed(t, fstest.MapFS{"f": {Data: src}}, text)
			if n.Kind == yaml.ScalarNode && text.S != n.Value {
				t.Errorf("the value is %q, not %q", text.S, n.Value)
			}
			plain := n.Kind == yaml.ScalarNode && n.Style&^yaml.TaggedStyle == 0 && n.Value != ""
			if plain && !isUTF16(src) && !strings.ContainsFunc(n.Value, func(r rune) bool { return r <= ' ' || r > '~' }) && !text.Located() {
				t.Errorf("%q at %d:%d has no place", n.Value, n.Line, n.Column)
			}
			for _, child := range n.Content {
				walk(child)
			}
		}
		for _, doc := range y.Docs {
			walk(doc)
		}
	})
}

// isUTF16 holds for files in which nothing has a place.
func isUTF16(src []byte) bool {
	return strings.HasPrefix(string(src), "\xfe\xff") || strings.HasPrefix(string(src), "\xff\xfe")
}

// On a long line, too, each value has its place.
func TestLongLines(t *testing.T) {
	for _, start := range []string{"", "\xef\xbb\xbf"} {
		src := []byte(start + "[" + strings.Repeat("é, 'a b', \"ü\", 1.2.3, ", 2000) + "z]\n")
		var y *yamltext.File
		var err error
		tracetest.Brief(t, func() { y, err = yamltext.Parse(trace.NewFile("f", src)) })
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range y.Docs[0].Content {
			text := y.Text(n)
			if tracetest.Placed(t, fstest.MapFS{"f": {Data: src}}, text); !text.Located() {
				t.Fatalf("value %d, %q, has no place", i, text.S)
			}
		}
	}
}
