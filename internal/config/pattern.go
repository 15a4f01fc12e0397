package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/matihlabs/propagate/internal/source"
)

// A Pattern is a glob over slash-separated paths from the root of the repository.
// "*" and "?" stand for characters of one name, "[…]" for one of several, "{a,b}" for
// one of several texts, and "**" for any number of directories. A pattern that fits a
// directory means all that lies below it: "svc/a", "svc/a/", "./svc/a/**" and
// "/svc/a/**" are the same. In the patterns of images and arguments, "{name}" stands for
// one or more characters of one name, and for the same ones wherever it stands. The zero Pattern
// fits nothing.
type Pattern struct {
	Text string     // as it is written
	Pos  source.Pos // where it is written

	top      string     // without "/**" behind it; "" for everything
	plain    bool       // top has no special characters
	rank     rank       // which of several patterns counts
	captures *capturing // nil where it has none
}

const special = `*?[]{}\`

// NewPattern reads a pattern. The error is a *source.Error.
func NewPattern(text string, pos source.Pos) (Pattern, error) {
	wrong := func(err error, hint string) (Pattern, error) {
		return Pattern{}, &source.Error{Pos: pos, Err: err, Hint: hint}
	}
	if strings.HasPrefix(text, "!") {
		return wrong(fmt.Errorf("%q: a pattern makes no exceptions", text), `list what is meant and leave the rest out; a name that begins with ! is written \!`)
	}
	for i := strings.IndexByte(text, '\\'); i >= 0 && i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; i == len(text) || strings.IndexByte(special+"!,-^", text[i]) < 0 {
			return wrong(fmt.Errorf(`%q: \ separates no directories`, text), "write / between directories: "+strings.ReplaceAll(text, `\`, "/"))
		}
	}
	parts, err := split(text)
	if err != nil {
		return wrong(err, "a pattern is a path from the root of the repository, such as services/*/Dockerfile")
	}
	for len(parts) > 0 && parts[len(parts)-1] == "**" {
		parts = parts[:len(parts)-1]
	}
	top := strings.Join(parts, "/")
	if !doublestar.ValidatePattern(top) {
		return wrong(fmt.Errorf("%q is no valid pattern", text), `every [ and { is closed; \ before one takes it as it is`)
	}
	return Pattern{Text: text, Pos: pos, top: top, plain: !strings.ContainsAny(top, special), rank: newRank(pieces(top))}, nil
}

// split returns the names that a path consists of. "." and "/" name the root.
func split(text string) ([]string, error) {
	switch {
	case text == "":
		return nil, errors.New("an empty path names nothing")
	case strings.TrimSpace(text) != text:
		return nil, fmt.Errorf("%q begins or ends with a space", text)
	}
	parts := slices.DeleteFunc(strings.Split(text, "/"), func(part string) bool { return part == "" || part == "." })
	if slices.Contains(parts, "..") {
		return nil, fmt.Errorf("%q has a .. in it", text)
	}
	return parts, nil
}

// Match reports whether the pattern fits a path or a directory that it lies in.
func (p Pattern) Match(path string) bool {
	switch {
	case p.Text == "":
		return false
	case p.top == "":
		return true
	case p.plain:
		return strings.HasPrefix(path, p.top) && (len(path) == len(p.top) || path[len(p.top)] == '/')
	case p.captures != nil:
		_, ok := p.captures.match(path)
		return ok
	}
	// With "/**" behind it, a "*" at the end does not fit the empty text at the end of a path.
	return doublestar.MatchUnvalidated(p.top+"/**", path) || doublestar.MatchUnvalidated(p.top, path)
}

// Name returns a pattern of names that fits the last name of all that the pattern fits,
// be it a file or a directory.
func (p Pattern) Name() string {
	top := p.top
	if p.captures != nil {
		for _, name := range p.captures.names {
			top = strings.ReplaceAll(top, "{"+name+"}", "*")
		}
	}
	name := top[strings.LastIndexByte(top, '/')+1:]
	if name == "" || strings.ContainsAny(top, `{}[]\`) { // which may hold slashes
		return "*"
	}
	return name
}

// match reports whether one of the patterns fits a path.
func match(patterns []Pattern, path string) bool {
	return slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Match(path) })
}

// longest returns the place of the pattern that counts for a path: of those that fit,
// the one that asks for the longest path, so that "bases/java/Dockerfile" counts before
// "bases/{name}/Dockerfile", that before "bases/*/Dockerfile", and that before
// "bases/**/Dockerfile". Among equals it is the first by name, and it is -1 where none fits.
func longest[E interface{ pattern() Pattern }](entries []E, path string) int {
	found := -1
	for i, e := range entries {
		p := e.pattern()
		if !p.Match(path) {
			continue
		}
		if found >= 0 {
			best := entries[found].pattern()
			if cmp.Or(-p.rank.compare(best.rank), cmp.Compare(p.Text, best.Text)) >= 0 {
				continue
			}
		}
		found = i
	}
	return found
}
