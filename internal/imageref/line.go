package imageref

import (
	"regexp"
	"strings"
	"sync"
)

// A Line is what a tag says of the line that it is on: its numbers, and what is left of it,
// the flavour.
//
//	17.0.3                  17 0 3
//	17-1.0.0                17 1 0 0
//	1.0.0-alpine3.20        1 0 0, alpine3.20
//	fpm-1.0.0               1 0 0, fpm
//	3.12-slim               3 12, slim
//	stable                  stable
type Line struct {
	Numbers []string // of the version, as written
	Flavour string   // without the separators at its ends
}

// major is a number in front of a version: 17-1.0.0, 3.11-1.2.0.
var major = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^v?([0-9]+(?:\.[0-9]+)*)-([0-9]+(?:\.[0-9]+)+)`) })

// LineOf reads a tag, in which a mark of a pre-release says nothing. "latest" and "" have
// neither numbers nor a flavour.
func LineOf(tag string) Line {
	if tag == "" || tag == "latest" {
		return Line{}
	}
	if m := major().FindStringSubmatchIndex(tag); m != nil {
		numbers := append(strings.Split(tag[m[2]:m[3]], "."), strings.Split(tag[m[4]:m[5]], ".")...)
		return Line{Numbers: numbers, Flavour: flavour("", tag[m[1]:])}
	}
	t, ok := ParseTag(tag)
	if !ok {
		return Line{Flavour: flavour("", tag)}
	}
	prefix := t.Prefix
	if strings.EqualFold(prefix, "v") {
		prefix = ""
	}
	return Line{Numbers: t.Numbers, Flavour: flavour(prefix, t.Suffix)}
}

func flavour(before, after string) string {
	return strings.Trim(strings.Trim(before, "-._+")+"-"+strings.Trim(after, "-._+"), "-")
}

// Literals is the flavour without its numbers: alpine3.20 and alpine3.19 are one to it.
func (l Line) Literals() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' {
			return -1
		}
		return r
	}, l.Flavour)
}

// Shared counts the leading numbers that two lines have in common.
func (l Line) Shared(other Line) int {
	n := 0
	for n < min(len(l.Numbers), len(other.Numbers)) && compareNumbers(l.Numbers[n], other.Numbers[n]) == 0 {
		n++
	}
	return n
}

// Compare orders two lines by their numbers; of two that agree the one with more comes later.
func (l Line) Compare(other Line) int {
	n := l.Shared(other)
	switch {
	case n < min(len(l.Numbers), len(other.Numbers)):
		return compareNumbers(l.Numbers[n], other.Numbers[n])
	default:
		return len(l.Numbers) - len(other.Numbers)
	}
}
