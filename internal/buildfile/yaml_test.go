package buildfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// Each value is printed with brackets around what has a place.
func TestYAMLText(t *testing.T) {
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
			y, err := parseYAML(trace.NewFile("f", []byte(test.src)))
			if err != nil || len(y.docs) != 1 {
				t.Fatalf("%d documents, %v", len(y.docs), err)
			}
			text := y.text(get(y.docs[0], "k"))
			if got := placed(t, fstest.MapFS{"f": {Data: []byte(test.src)}}, text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// placed prints a text with brackets around what has a place, and checks that it
// stands there.
func placed(t *testing.T, files fstest.MapFS, text trace.Text) string {
	t.Helper()
	var b strings.Builder
	for _, p := range text.Pieces() {
		if p.File == nil {
			b.WriteString(p.S)
			continue
		}
		if got := string(p.Span.Of(files[p.File.Path].Data)); got != p.S {
			t.Errorf("%q has the place of %q", p.S, got)
		}
		fmt.Fprintf(&b, "[%s]", p.S)
	}
	return b.String()
}

// Whatever the YAML, what has a place stands there, and a plain word has
// one.
func FuzzYAMLText(f *testing.F) {
	seed(f, "*.y*ml", func(src []byte) { f.Add(src) })
	f.Add([]byte("k: !!str &a # c\n  'it''s'\nl: \"\\x41 b\n\n  c\"\nm: >+\n a\n  b\n\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		y, err := parseYAML(trace.NewFile("f", src))
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
			y.pos(n)
			pairs(n)
			get(n, "k", "l")
			text := y.text(n)
			placed(t, fstest.MapFS{"f": {Data: src}}, text)
			if n.Kind == yaml.ScalarNode && text.S != n.Value {
				t.Errorf("the value is %q, not %q", text.S, n.Value)
			}
			plain := n.Kind == yaml.ScalarNode && n.Style&^yaml.TaggedStyle == 0 && n.Value != ""
			if plain && y.starts != nil && !strings.ContainsFunc(n.Value, func(r rune) bool { return r <= ' ' || r > '~' }) && !text.Located() {
				t.Errorf("%q at %d:%d has no place", n.Value, n.Line, n.Column)
			}
			for _, child := range n.Content {
				walk(child)
			}
		}
		for _, doc := range y.docs {
			walk(doc)
		}
	})
}

func seed(f *testing.F, pattern string, add func(src []byte)) {
	f.Helper()
	paths, err := filepath.Glob("../../testdata/buildfiles/*/in/" + pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		add(src)
	}
}

// A file that compose can read has the values that compose reads, but for those that
// are made of an environment or by a shell.
func FuzzReadEnv(f *testing.F) {
	seed(f, ".env", func(src []byte) { f.Add(string(src)) })
	for _, src := range []string{
		"export  A = b c \nB: d # e\nC='$A' D=\"${A}\\n\\\"\\$A\\x\"\n",
		"A='it\\'s'\nB=\"\\\\\\\"\"\nC=\"two\nlines\" # c\nD=${A:-x}${B-y}${C:+z}$$\n",
		"A\nB=1\n#C=2\n =3\nD= #4\nE=a#b\n\xef\xbb\xbfF=\"\\0101\\07\"",
		"=''A=1\n", "A=${B:?no}\nB=$(date)\n", "A B=1\nC=2\n", "A=\"\nB=2\n", "A=\"x\" B C\nD=1",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := readEnv(trace.NewFile(".env", []byte(src)))
		for name, value := range got {
			if placed(t, fstest.MapFS{".env": {Data: []byte(src)}}, value); name == "" {
				t.Errorf("%q has no name", value.S)
			}
		}
		if strings.ContainsAny(src, "`\uFFFD") || strings.Contains(src, "$(") || len(src) > maxValue/8 {
			return
		}
		want, err := dotenv.UnmarshalWithLookup(strings.TrimPrefix(src, byteOrderMark), nil)
		if err != nil {
			return
		}
		for _, value := range got {
			if strings.Contains(value.S, unknown) {
				return // and whatever is made of it
			}
		}
		for name, value := range want {
			if name != "" && variableName(name) == name && got[name].S != value {
				t.Errorf("%s is %q, to compose it is %q", name, got[name].S, value)
			}
		}
	})
}

// Hang is far above what the largest file takes, whatever else the machine does.
const Hang = 10 * time.Minute

// Any compose file with any .env beside it is read in time, and all places hold.
func FuzzCompose(f *testing.F) {
	env, err := os.ReadFile("../../testdata/buildfiles/compose-env/in/.env")
	if err != nil {
		f.Fatal(err)
	}
	seed(f, "*compose*.y*ml", func(src []byte) { f.Add(src, env, src) })
	f.Fuzz(func(t *testing.T, src, env, override []byte) {
		began := time.Now()
		fsys := fstest.MapFS{
			"compose.yaml": {Data: src}, ".env": {Data: env}, "compose.override.yml": {Data: override}, "skaffold.yaml": {Data: src},
		}
		result, err := Read(t.Context(), fsys, []string{"compose.yaml", "compose.override.yml", "skaffold.yaml"}, []string{"Dockerfile", "web/Dockerfile"})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > Hang {
			t.Fatalf("took %v", took)
		}
		for _, p := range result.Problems {
			if strings.Contains(p.Message, "gave up") {
				t.Errorf("%s: %s", p.Pos, p.Message)
			}
		}
		for _, b := range result.Builds {
			if b.Where.Line < 1 {
				t.Errorf("a build of %s has no place", b.Dockerfile)
			}
			for _, image := range b.Images {
				placed(t, fsys, image)
			}
			for _, a := range b.Args {
				if placed(t, fsys, a.Value); isDirectory(a.Value) {
					t.Errorf("%s=%q is a directory, which has no name outside of the program", a.Name, a.Value.S)
				}
			}
			for _, c := range b.Contexts {
				placed(t, fsys, c.Value)
			}
		}
	})
}
