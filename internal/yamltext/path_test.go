package yamltext_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// What paths name, by line and column, with the key above it.
func TestFind(t *testing.T) {
	const src = `a: {b: 1, c: {b: 2}}
l:
- b: 3
- {b: 4, "x.y": 5}
- [6, 7]
m: &m {b: 8}
n: *m
o: {<<: *m, p: 9}
"": 10
`
	for path, want := range map[string]string{
		"$.a.b":        "1:8 b",
		"$.a.*":        "1:8 b, 1:14 c",
		"$.a[*]":       "1:8 b, 1:14 c",
		"$['a']['b']":  "1:8 b",
		`$["a"].b`:     "1:8 b",
		"$..b":         "1:8 b, 1:18 b, 3:6 b, 4:7 b, 6:11 b",
		"$.a..b":       "1:8 b, 1:18 b",
		"$.l[*].b":     "3:6 b, 4:7 b",
		"$.l.*.b":      "3:6 b, 4:7 b",
		"$.l[1].b":     "4:7 b",
		"$.l[2][*]":    "5:4 l, 5:7 l",
		"$.l[2][1]":    "5:7 l",
		"$.l[9]":       "",
		"$.a[0]":       "",
		"$.l.b":        "",
		"$..['x.y']":   "4:17 x.y",
		"$.n.b":        "6:11 b",
		"$.o.b":        "6:11 b",
		"$.o..*":       "8:16 p, 6:11 b",
		"$.nothing.*":  "",
		"$.a.b.c":      "",
		"$..[2]..[0]":  "5:4 l",
		"$.l..*..b..*": "",
	} {
		p, err := yamltext.ParsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if p.String() != path {
			t.Errorf("%s is printed %s", path, p)
		}
		y, err := yamltext.Parse(trace.NewFile("f", []byte(src)))
		if err != nil {
			t.Fatal(err)
		}
		found, err := y.Find(p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range found {
			pos := y.Pos(m.Value)
			got = append(got, fmt.Sprintf("%d:%d %s", pos.Line, pos.Col, m.Key))
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// What is no path, and where.
func TestWrongPaths(t *testing.T) {
	for path, want := range map[string]string{
		"":                             "0 it does not begin with $",
		"a.b":                          "0 it does not begin with $",
		"$":                            "0 it names the whole file",
		"$a":                           `1 a . or a [ is missing before "a"`,
		"$.":                           "1 a key is missing behind the .",
		"$.a..":                        "3 a key is missing behind the .",
		"$.a[":                         "3 a [ is not closed",
		"$.a[b]":                       "3 [b] is neither a number, * nor a key in quotes",
		"$.a[-1]":                      "3 [-1] is neither a number, * nor a key in quotes",
		"$.a[01]":                      "3 [01] is neither a number, * nor a key in quotes",
		"$.a[?(@.b)]":                  "3 [?(@.b)] is neither a number, * nor a key in quotes",
		"$['a]":                        "1 a key in quotes and brackets ends with the quote and ]",
		"$['']":                        "1 a key in quotes and brackets ends with the quote and ]",
		"$[0]b":                        `4 a . or a [ is missing before "b"`,
		"$" + strings.Repeat(".a", 51): "0 it has more than 50 steps",
	} {
		_, err := yamltext.ParsePath(path)
		var wrong *yamltext.PathError
		if !errors.As(err, &wrong) {
			t.Errorf("%s is a path", path)
		} else if got := fmt.Sprintf("%d %v", wrong.At, err); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// Any path in any file finds values of the file in time, and none twice.
func FuzzFind(f *testing.F) {
	f.Add("$..a..*..b[0]", "a: &a {b: [1, {b: 2}]}\nc: [*a, *a]\n")
	f.Add("$['x'].*", "x: {<<: {y: 1}, y: 2, y: 3}\n---\nx: [1]\n")
	f.Add("$"+strings.Repeat("..*", 50), strings.Repeat("[", 100)+strings.Repeat("]", 100))
	f.Fuzz(func(t *testing.T, path, src string) {
		p, err := yamltext.ParsePath(path)
		if err != nil {
			return
		}
		y, err := yamltext.Parse(trace.NewFile("f", []byte(src)))
		if err != nil {
			return
		}
		var found []yamltext.Match
		tracetest.Brief(t, func() { found, err = y.Find(p) })
		if err != nil && !errors.Is(err, yamltext.ErrTooLarge) {
			t.Error(err)
		}
		for _, m := range found {
			if m.Value == nil {
				t.Error("a value is nothing")
			}
		}
	})
}
