package imageref

import (
	"slices"
	"strings"
)

// A Line is what a tag says of the line that it is on: its numbers, and what is left of it,
// the flavour.
//
//	17.0.3                  17 0 3
//	17-1.0.0                17 1 0 0
//	1.4.0-12                1 4 0 12
//	1.0.0-alpine3.20        1 0 0, alpine3.20
//	fpm-1.0.0               1 0 0, fpm
//	3.12-slim               3 12, slim
//	stable                  stable
type Line struct {
	Numbers []string // of the version, as written
	Flavour string   // without the separators at its ends
}

// LineOf reads a tag, in which a mark of a pre-release and a hash say nothing. "latest" and ""
// have neither numbers nor a flavour.
func LineOf(tag string) Line {
	if tag == "" || tag == "latest" {
		return Line{}
	}
	t, ok := ParseTag(tag)
	if !ok {
		return Line{Flavour: strings.Trim(tag, ends)}
	}
	return t.line()
}

// ends are the separators of a tag, which are no part of a flavour.
const ends = "-._+"

func (t Tag) line() Line {
	var l Line
	flavour := []string{""}
	for i, p := range t.parts {
		inFront := p.kind == version && i < t.main && strings.Trim(flavour[0], "vV") == ""
		switch {
		case p.kind == pre, p.kind == unordered:
		case i == t.main, inFront, p.kind == revision, p.kind == stamp:
			l.Numbers = append(l.Numbers, p.numbers...)
		default:
			flavour[len(flavour)-1] += p.text
			continue
		}
		flavour = append(flavour, "")
	}
	if strings.EqualFold(flavour[0], "v") {
		flavour = flavour[1:]
	}
	for i, text := range flavour {
		flavour[i] = strings.Trim(text, ends)
	}
	l.Flavour = strings.Join(slices.DeleteFunc(flavour, func(s string) bool { return s == "" }), "-")
	return l
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

// Within returns the numbers in the flavour: 3 and 20 of alpine3.20.
func (l Line) Within() Line {
	return Line{Numbers: strings.FieldsFunc(l.Flavour, func(r rune) bool { return r < '0' || r > '9' })}
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
