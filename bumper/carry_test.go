package bumper_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// What a branch holds that was made from an earlier version of the file.
func TestOn(t *testing.T) {
	t.Parallel()
	const now = "ARG A=1\nRUN a\nFROM base:1.0.0\nRUN b\nRUN c\nFROM base:1.0.0 AS x\nRUN d\n"
	f := bumper.ChangedFile{Path: "Dockerfile", Src: []byte(now)}
	for at := 0; ; {
		i := strings.Index(now[at:], "1.0.0")
		if i < 0 {
			break
		}
		at += i
		f.Edits = append(f.Edits, bumper.Edit{Path: f.Path, Span: source.Span{Start: at, End: at + 5}, Old: "1.0.0", New: "1.0.10"})
		at += 5
	}
	for _, test := range []struct{ older, want string }{
		{now, "ARG A=1\nRUN a\nFROM base:1.0.10\nRUN b\nRUN c\nFROM base:1.0.10 AS x\nRUN d\n"},
		{"RUN a\nFROM base:1.0.0\nRUN b\nRUN c\nFROM base:1.0.0 AS x\nRUN d\nRUN e\n", "RUN a\nFROM base:1.0.10\nRUN b\nRUN c\nFROM base:1.0.10 AS x\nRUN d\nRUN e\n"},
		{"# one\n# two\n" + now, "# one\n# two\nARG A=1\nRUN a\nFROM base:1.0.10\nRUN b\nRUN c\nFROM base:1.0.10 AS x\nRUN d\n"},
		{strings.Replace(now, "RUN b", "RUN old", 1), ""},                       // the next line
		{strings.Replace(now, "RUN a", "RUN old", 1), ""},                       // the line before
		{strings.Replace(now, "FROM base:1.0.0\n", "FROM base:0.9.0\n", 1), ""}, // the line itself
		{strings.Replace(now, "FROM base:1.0.0\n", "", 1), ""},                  // there was none
		{strings.Replace(now, "RUN b\nRUN c\n", "RUN b\nRUN more\nRUN c\n", 1), "ARG A=1\nRUN a\nFROM base:1.0.10\nRUN b\nRUN more\nRUN c\nFROM base:1.0.10 AS x\nRUN d\n"},
		{"", ""},
	} {
		got, ok := f.On([]byte(test.older))
		if ok != (test.want != "") || ok && string(got) != test.want {
			t.Errorf("on %q: %q, %v, want %q", test.older, got, ok, test.want)
		}
	}
}

// Nothing is carried over where what an edit takes away does not stand at its place.
func TestOnAnotherText(t *testing.T) {
	t.Parallel()
	const now = "RUN a\nFROM base:2.0.0\nRUN b\n"
	f := bumper.ChangedFile{Path: "Dockerfile", Src: []byte(now), Edits: []bumper.Edit{{Path: "Dockerfile", Span: source.Span{Start: 16, End: 21}, Old: "1.0.0", New: "1.0.1"}}}
	if got, ok := f.On([]byte(now)); ok {
		t.Errorf("it comes to %q", got)
	}
}

// Whatever is carried over has the edits and nothing else.
func FuzzOn(f *testing.F) {
	f.Add("a\nb\nFROM x:1\nc\nd\n", "a\nFROM x:1\nc\n")
	f.Fuzz(func(t *testing.T, older, now string) {
		at := strings.Index(now, "x:1")
		if at < 0 {
			return
		}
		file := bumper.ChangedFile{Src: []byte(now), Edits: []bumper.Edit{{Span: source.Span{Start: at, End: at + 3}, Old: "x:1", New: "x:22"}}}
		got, ok := file.On([]byte(older))
		if !ok {
			return
		}
		found := false
		for i := range len(older) {
			if strings.HasPrefix(older[i:], "x:1") && bytes.Equal(got, []byte(older[:i]+"x:22"+older[i+3:])) {
				found = true
			}
		}
		if !found {
			t.Errorf("%q", got)
		}
	})
}
