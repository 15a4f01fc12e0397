package trace_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// version is what a build makes of two files: "1.0.0-alpine".
func version() (trace.Text, *trace.File, *trace.File) {
	env := trace.NewFile(".env", []byte("# versions\nV=1.0.0\n"))
	compose := trace.NewFile("compose.yaml", []byte("é: ${V}-alpine\n"))
	return trace.Join(env.Find("1.0.0", 0), compose.Find("-alpine", 0)), env, compose
}

func TestReplace(t *testing.T) {
	text, env, compose := version()
	for want, expected := range map[string]trace.Replacement{
		"1.0.1-alpine": {File: env.Origin, Span: source.Span{Start: 13, End: 18}, Old: "1.0.0", New: "1.0.1"},
		"1.0.0-slim":   {File: compose.Origin, Span: source.Span{Start: 8, End: 15}, Old: "-alpine", New: "-slim"},
	} {
		got, err := text.Replace(want)
		if err != nil || got != expected {
			t.Errorf("to %s: %+v, %v, want %+v", want, got, err, expected)
		}
		if after := text.After([]trace.Replacement{got}); after != want {
			t.Errorf("then it reads %q, want %q", after, want)
		}
	}
	var frozen *trace.FrozenError
	if _, err := text.Replace("2.0.0-slim"); !errors.As(err, &frozen) || !strings.Contains(err.Error(), "several places") {
		t.Errorf("both parts change: %v", err)
	}
	if _, err := trace.Plain("1.0.0").Replace("1.0.1"); !errors.As(err, &frozen) {
		t.Errorf("no place is known: %v", err)
	}
	if pos := text.Pos().String(); pos != ".env:2:3" {
		t.Errorf("it begins at %s", pos)
	}
	if pos := text.Slice(5, 12).Pos().String(); pos != "compose.yaml:1:9" {
		t.Errorf("its end is at %s", pos)
	}
}

func TestLower(t *testing.T) {
	f := trace.NewFile("ci.yml", []byte("ghcr.io/ACME/Base-x"))
	got := f.Text(0, len(f.Src)).Lower()
	if got.S != "ghcr.io/acme/base-x" {
		t.Errorf("it reads %q", got.S)
	}
	if at := got.At(0); at.File == nil || at.Off != 0 {
		t.Errorf("what is in lower case keeps its place, and not %+v", at)
	}
	if at := got.At(8); at.File != nil {
		t.Errorf("a letter that is written in another case has the place %+v", at)
	}
}

// What is cut out of a value changes where the value does.
func TestAfterOfParts(t *testing.T) {
	v := trace.NewFile("build.sh", []byte("20.1.0-slim"))
	part := func(start, end int) trace.Text { return v.Text(start, end) }
	dash := trace.Plain("-")
	for name, tc := range map[string]struct {
		text             trace.Text
		written, becomes string
	}{
		"all of it":                {part(0, 11), "20.1.3-slim", "20.1.3-slim"},
		"before what changes":      {trace.Join(trace.Plain("node:"), part(0, 4)), "20.1.3-slim", "node:20.1"},
		"behind it":                {part(7, 11), "20.1.3-slim", "slim"},
		"with it":                  {part(5, 11), "20.1.3-slim", "3-slim"},
		"longer":                   {part(0, 6), "20.1.10-slim", "20.1.10"},
		"other separators":         {trace.Join(part(0, 2), dash, part(3, 4), dash, part(5, 6)), "20.1.3-slim", "20-1-3"},
		"no separators":            {trace.Join(part(0, 2), part(3, 4), part(5, 6)), "20.1.3-slim", "2013"},
		"cut out of what changes":  {part(0, 2), "21.2.0-slim", "21.2.0-slim"},
		"twice cut out of it":      {trace.Join(part(0, 2), part(3, 4)), "30.2.0-slim", "30.2.0-slim"},
		"two numbers, both inside": {part(0, 6), "21.2.0-slim", "21.2.0"},
	} {
		replaced := trace.Replacement{File: v.Origin, Span: source.Span{End: 11}, Old: "20.1.0-slim", New: tc.written}
		if got := tc.text.After([]trace.Replacement{replaced}); got != tc.becomes {
			t.Errorf("%s: %q becomes %q, want %q", name, tc.text.S, got, tc.becomes)
		}
	}
}

func TestFileAfter(t *testing.T) {
	_, env, _ := version()
	at := func(start, end int, old, written string) trace.Replacement {
		return trace.Replacement{File: env.Origin, Span: source.Span{Start: start, End: end}, Old: old, New: written}
	}
	if got, err := env.After([]trace.Replacement{at(11, 12, "V", "W"), at(13, 18, "1.0.0", "10.0")}); err != nil || string(got) != "# versions\nW=10.0\n" {
		t.Errorf("%q, %v", got, err)
	}
	for name, bad := range map[string][]trace.Replacement{
		"another text":   {at(13, 18, "1.0.1", "x")},
		"they overlap":   {at(13, 18, "1.0.0", "x"), at(15, 16, "0", "y")},
		"wrong order":    {at(13, 18, "1.0.0", "x"), at(11, 12, "V", "y")},
		"behind the end": {at(18, 40, "", "x")},
	} {
		if got, err := env.After(bad); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What a program carries along is found again; what it computes is known by its
// content alone.
func TestFollow(t *testing.T) {
	text, env, compose := version()
	content := map[*trace.Origin][]byte{env.Origin: env.Src, compose.Origin: compose.Src}
	for name, tc := range map[string]struct {
		program func(string) (string, error)
		want    string
		pieces  int // with a place
	}{
		"carried":  {func(s string) (string, error) { return "registry/" + s + "!", nil }, "registry/1.0.0-alpine!", 2},
		"twice":    {func(s string) (string, error) { return s + s, nil }, "1.0.0-alpine1.0.0-alpine", 4},
		"computed": {func(s string) (string, error) { return strings.ToUpper(strings.ReplaceAll(s, "alpine", "x")), nil }, "1.0.0-X", 1},
		"counted":  {func(s string) (string, error) { return strings.Repeat("9", len(s)/4), nil }, "999", 0},
	} {
		got, err := trace.Follow(func(e trace.Encoder) (string, error) { return tc.program(e.Text(text)) })
		known := 0
		for _, p := range got.Pieces() {
			if p.File != nil {
				known++
				if string(p.Span.Of(content[p.File])) != p.S {
					t.Errorf("%s: %q does not stand at %v", name, p.S, p.Span)
				}
			}
		}
		if err != nil || got.S != tc.want || known != tc.pieces {
			t.Errorf("%s: %q in %d pieces, %v, want %q in %d", name, got.S, known, err, tc.want, tc.pieces)
		}
	}
	failure := errors.New("no")
	if _, err := trace.Follow(func(trace.Encoder) (string, error) { return "", failure }); !errors.Is(err, failure) {
		t.Errorf("the program fails: %v", err)
	}
	// A file that holds runes of the private-use planes itself proves nothing wrong.
	odd := trace.NewFile("odd", []byte("\U000F0000\U000F0001 1.0.0"))
	content[odd.Origin] = odd.Src
	got, err := trace.Follow(func(e trace.Encoder) (string, error) {
		return e.Text(odd.Text(0, len(odd.Src))) + e.Text(env.Find("1.0.0", 0)), nil
	})
	if err != nil || got.S != string(odd.Src)+"1.0.0" {
		t.Errorf("%q, %v", got.S, err)
	}
	for i := range len(got.S) {
		a := got.At(i)
		if a.File != nil && content[a.File][a.Off] != got.S[i] {
			t.Errorf("byte %d is not at %+v", i, a)
		}
	}
}

func TestTouches(t *testing.T) {
	text, env, compose := version()
	change := trace.Replacement{File: &trace.Origin{Path: ".env"}, Span: source.Span{Start: 17, End: 18}}
	if !text.Touches(change) || text.Slice(5, 12).Touches(change) {
		t.Error("a byte of the version is changed, none of the suffix")
	}
	if !text.Shares(env.Find("0.0", 0)) || text.Shares(compose.Find("$", 0)) {
		t.Error("it shares bytes with a part of itself, none with the rest of the file")
	}
}

func TestTrimSpace(t *testing.T) {
	for s, want := range map[string]string{" \t1.0\r\n": "1.0", "\u00a01.0": "1.0", "\v1.0\v": "1.0", " \u00a0 ": "", "1 0": "1 0"} {
		if got := trace.NewFile("f", []byte(s)).Text(0, len(s)).TrimSpace(); got.S != want || !got.Known() {
			t.Errorf("%q is %q, want %q with its place", s, got.S, want)
		}
	}
}

// What is no encoding is an error, and soon.
func TestCodecOfDamage(t *testing.T) {
	text, env, _ := version()
	var w trace.Writer
	w.Text(text)
	good := w.Bytes()
	file := func(string, source.Lines) *trace.Origin { return env.Origin }
	for n := range good {
		r := trace.NewReader(good[:n], file)
		r.Text()
		if r.Err() == nil {
			t.Errorf("the first %d of %d bytes are read", n, len(good))
		}
	}
	var forged trace.Writer
	forged.String("x")
	forged.Int(1 << 60)
	r := trace.NewReader(forged.Bytes(), file)
	r.Text()
	if r.Err() == nil {
		t.Error("a forged number of pieces is read")
	}
}

// pieces describes the pieces of a text.
func pieces(text trace.Text) []string {
	var all []string
	for _, p := range text.Pieces() {
		path := "nowhere"
		if p.File != nil {
			path = p.File.Path
		}
		all = append(all, fmt.Sprintf("%q at %s %v", p.S, path, p.Span))
	}
	return all
}

func TestCodecOfTexts(t *testing.T) {
	text, env, compose := version()
	texts := []trace.Text{text, text.Slice(2, 2), trace.Plain("x"), {}, trace.Join(trace.Plain("é"), text), text}
	for _, allLines := range []bool{false, true} {
		w := trace.Writer{Own: compose.Origin, AllLines: allLines}
		for _, x := range texts {
			w.Text(x)
			w.Int(-1 << 40)
			w.Bool(true)
		}
		files := map[string]*trace.Origin{".env": {Path: ".env", Lines: env.Lines}}
		r := trace.NewReader(w.Bytes(), func(path string, lines source.Lines) *trace.Origin {
			if path == "" || allLines {
				files[path] = &trace.Origin{Path: cmp.Or(path, "compose.yaml"), Lines: lines}
			}
			return files[path]
		})
		for i, want := range texts {
			got := r.Text()
			if got.S != want.S || len(want.S) > 0 && !slices.Equal(pieces(got), pieces(want)) {
				t.Errorf("text %d is %+v, want %+v", i, got, want)
			}
			if r.Int() != -1<<40 || !r.Bool() {
				t.Errorf("what follows text %d is lost", i)
			}
			if got.Pos() != want.Pos() {
				t.Errorf("text %d is at %v, want %v", i, got.Pos(), want.Pos())
			}
		}
		if r.Err() != nil {
			t.Error(r.Err())
		}
	}
}

// A text of a file whose content is written elsewhere gets the places of that.
func TestThrough(t *testing.T) {
	t.Parallel()
	holder, other := trace.NewFile("holder", []byte("  one\n  two\n")), trace.NewFile("other", []byte("three"))
	content := trace.Join(holder.Text(2, 6), holder.Text(8, 11), trace.Plain("!"))
	own := trace.NewFile("own", []byte(content.S))
	text := trace.Join(own.Text(1, 8), trace.Plain("-"), other.Text(0, 5)).Through(own.Origin, content)
	var got []string
	for _, p := range text.Pieces() {
		place := ""
		if p.File != nil {
			place = fmt.Sprintf(" %s %d-%d", p.File.Path, p.Span.Start, p.Span.End)
		}
		got = append(got, fmt.Sprintf("%q%s", p.S, place))
	}
	want := []string{`"ne\n" holder 3-6`, `"two" holder 8-11`, `"!-"`, `"three" other 0-5`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
