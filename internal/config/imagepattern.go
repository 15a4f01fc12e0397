package config

import (
	"fmt"
	"math"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// An imagePattern is a glob over repositories, or over their last path components: "base-*" fits
// ghcr.io/team/base-java, and "ghcr.io/team/**" all that the team has there.
type imagePattern struct {
	Text string // as it is written
	pos  source.Pos

	glob  string
	plain bool // it has no special characters
	text  int  // how much of it is text of the pattern
}

const imagePatternHint = `a repository or its last path components, such as ghcr.io/team/base-java, base-java or "base-*"`

// newRepositoryPattern reads a pattern of repositories.
func newRepositoryPattern(text string, pos source.Pos) (imagePattern, error) {
	if _, err := NewPattern(text, pos); err != nil {
		return imagePattern{}, err
	}
	glob := strings.Trim(text, "/")
	wrong := func(format string, args ...any) (imagePattern, error) {
		return imagePattern{}, &source.Error{Pos: pos, Err: fmt.Errorf(format, args...), Hint: imagePatternHint}
	}
	if i := strings.LastIndexAny(glob, ":@"); i > strings.LastIndexByte(glob, '/') {
		return wrong("%q has a tag or a digest, and a pattern of images has none", shorten(text))
	}
	ip := imagePattern{Text: text, pos: pos, glob: glob, plain: !strings.ContainsAny(glob, special), text: newRank(pieces(glob)).text}
	if ip.plain {
		ref, err := imageref.Parse(glob)
		if err != nil {
			return wrong("%q is no image", shorten(text))
		}
		if host, _, _ := strings.Cut(glob, "/"); strings.ContainsAny(host, ".:") || host == "localhost" {
			ip.glob = ref.Repository
		}
	}
	return ip, nil
}

// fits returns how specific the pattern is for a repository: nothing is more than all of it.
func (p imagePattern) fits(repository string) int {
	if p.plain {
		switch {
		case p.glob == repository:
			return math.MaxInt
		case imageref.Matches(repository, p.glob):
			return 1 + p.text
		}
		return fitsNot
	}
	for rest := repository; ; {
		if doublestar.MatchUnvalidated(p.glob, rest) {
			return 1 + p.text
		}
		_, after, more := strings.Cut(rest, "/")
		if !more {
			return fitsNot
		}
		rest = after
	}
}

// imagePatterns reads a pattern of repositories, or a list of them.
func (d *decoder) imagePatterns(name string, node *yaml.Node) []imagePattern {
	all := []imagePattern{}
	for _, n := range d.oneOrMore(node) {
		text, ok := d.text("a pattern of "+name, n)
		if !ok {
			continue
		}
		if p, err := newRepositoryPattern(text, d.pos(n)); d.check(name, err) {
			all = append(all, p)
		}
	}
	return all
}
