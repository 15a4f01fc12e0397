package scanner

import (
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// A word that is not given to BuildKit's lexer is one that the lexer gives back as it is.
func TestLiteral(t *testing.T) {
	t.Parallel()
	words := map[string]bool{ // whether it is literal with a backslash, which it is with a backtick
		"": true, "alpine:3.20": true, "registry.example:5000/a_b/c-d@sha256:0f": true, "a b\t{c}": true, "é\U000F0001.1": true, "a\uFEFF": true,
		"$A": false, "a'b'": false, `"a"`: false, "<<EOF": false, "\uFEFFa": false, "a\xff": false,
	}
	for word, literal := range words {
		for _, escape := range []byte("\\`") {
			s := newScope(escape, "", defaultPlatform)
			if got := s.isLiteral(word); got != literal {
				t.Errorf("%q is literal: %t", word, got)
			}
			if got := s.isLiteral(word + string(escape) + "a"); got {
				t.Errorf("%q is literal behind %q", "a", escape)
			}
			if !literal {
				continue
			}
			result, err := shell.NewLex(rune(escape)).ProcessWordWithMatches(word, getter{s, s.plain})
			if err != nil || result.Result != word || len(result.Unmatched) > 0 {
				t.Errorf("the lexer makes %q of %q (%v)", result.Result, word, err)
			}
		}
	}
}

// BuildKit is asked for the syntax directive wherever it finds one.
func TestMayHaveSyntax(t *testing.T) {
	t.Parallel()
	for src, may := range map[string]bool{
		"# syntax=a/b": true,
		"\uFEFF#!/bin/x\n# escape=`\r\n#\tSYNTAX = a b\n": true,
		"// escape=`\n// Syntax=a/b\nFROM c":              true,
		"\n\t{\"\\u0073yntax\": \"a/b\"}":                 true,
		"#!/bin/x\n\n{\"syntax\": \"a/b\"}":               true,
		"# a\n\nFROM syntax":                              false,
		"FROM a\n# syntax=a/b":                            false,
		"x\n# syntax=a/b":                                 false,
		"":                                                false,
	} {
		if got := mayHaveSyntax([]byte(src)); got != may {
			t.Errorf("%q: %t", src, got)
		}
		if _, _, _, found := parser.DetectSyntax([]byte(src)); found != may {
			t.Errorf("%q: BuildKit finds it: %t", src, found)
		}
	}
}
