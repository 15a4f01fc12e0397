package reading

import (
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// Contains reports whether a list in one string has a word.
func Contains(list, word string) bool {
	return word != "" && strings.Contains(" "+list+" ", " "+word+" ")
}

// IsName reports whether a text can be the name of a variable.
func IsName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !trace.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}

// IsNameByte reports whether c can be in the name of a variable.
func IsNameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// IsWordByte reports whether c, beside the name of a program, makes it that of another.
func IsWordByte(c byte) bool { return IsNameByte(c) || c == '-' || c == '.' || c >= 0x80 }

// Entries splits an input that is a list, at any of the separators.
func Entries(t trace.Text, separators string) []trace.Text {
	var all []trace.Text
	for len(t.S) > 0 {
		i := strings.IndexAny(t.S, separators)
		if i < 0 {
			i = len(t.S)
		}
		entry := t.Slice(0, i).TrimSpace()
		t = t.Slice(min(i+1, len(t.S)), len(t.S))
		if n := len(entry.S); n > 1 && entry.S[0] == '"' && entry.S[n-1] == '"' {
			entry = entry.Slice(1, n-1)
		}
		if entry.S != "" && entry.S[0] != '#' {
			all = append(all, entry)
		}
	}
	return all
}

// LinesOf returns the lines of a text without their ends; the last may be empty.
func LinesOf(t trace.Text) []trace.Text {
	var all []trace.Text
	for {
		line, rest, more := t.Cut("\n")
		all = append(all, line)
		if !more {
			return all
		}
		t = rest
	}
}
