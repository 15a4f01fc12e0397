package shell

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// What two branches have in common is known, and nothing else. Behind the first word in which arrays of different lengths
// differ, no word is known. ?? stands for any number of words, and ? for one that is not known.
func TestShared(t *testing.T) {
	f := trace.NewFile("x.sh", []byte("1.0.0 1.0.0"))
	word := func(s string) trace.Text {
		switch s {
		case "??":
			return trace.Plain(many)
		case "?":
			return trace.Plain(reading.Unknown)
		case "here":
			return f.Text(0, 5)
		case "there":
			return f.Text(6, 11)
		}
		return trace.Plain(s)
	}
	array := func(s string) Variable {
		v := Variable{array: true}
		for _, w := range strings.Fields(s) {
			v.Words = append(v.Words, word(w))
		}
		return v
	}
	for _, tc := range []struct {
		name string
		a, b Variable
		want string
	}{
		{"the same word", OneWord(word("a")), OneWord(word("a")), "a"},
		{"two words", OneWord(word("a")), OneWord(word("b")), "?"},
		{"a word and an array", OneWord(word("a")), array("a"), "?"},
		{"the same text of two places, of which an edit is to move both", OneWord(word("here")), OneWord(word("there")), "?"},
		{"the same text of one place", OneWord(word("here")), OneWord(word("here")), "1.0.0"},
		{"a variable without a word", Variable{}, OneWord(word("a")), "?"},
		{"associative arrays", Variable{assoc: true, Words: array("a").Words}, Variable{assoc: true, Words: array("a").Words}, "?"},
		{"an associative array", array("a"), Variable{array: true, assoc: true, Words: array("a").Words}, "?"},
		{"the other is an associative array", Variable{array: true, assoc: true, Words: array("a").Words}, array("a"), "?"},
		{"one word, and any", array("-f a"), array("-f ??"), "-f ??"},
		{"any, and one word", array("-f ??"), array("-f a"), "-f ??"},
		{"arrays of as many words", array("-f a x"), array("-f b x"), "-f ? x"},
		{"one ends before", array("-f a"), array("-f a x"), "-f a ??"},
		{"one begins with other words", array("-f a x"), array("-t a"), "??"},
		{"one goes on with any", array("-f ??"), array("-f a x"), "-f ??"},
		{"the other goes on with any", array("-f a x"), array("-f ??"), "-f ??"},
		{"empty arrays", array(""), array(""), ""},
	} {
		var got []string
		for _, w := range shared(tc.a, tc.b).Words {
			got = append(got, w.S)
		}
		var want []string
		for _, w := range array(tc.want).Words {
			want = append(want, w.S)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tc.name, got, want)
		}
	}
	if !shared(OneWord(word("a")), Variable{Words: array("a").Words, doubt: true}).doubt || !shared(Variable{Words: array("a").Words, doubt: true}, OneWord(word("a"))).doubt {
		t.Error("the environment may have another value, and it does not say so")
	}
}
