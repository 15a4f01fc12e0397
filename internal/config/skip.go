package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// Versions is a pattern or a range of tags. The zero Versions has none.
type Versions struct {
	Text   string // as it is written
	Reason string // why they are withdrawn; "" where they are not taken and nothing else

	bounds []bound        // of a range, all of which hold; nil for a pattern
	expr   *regexp.Regexp // of a pattern
}

// A bound is one side of a range.
type bound struct {
	op  string
	tag imageref.Tag
}

var operators = []string{">=", "<=", ">", "<", "="}

var (
	// xRange is a version whose last numbers may be any.
	xRange = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(v?[0-9]+(?:\.[0-9]+)*)(?:\.[xX])+$`) })
	// tagGlob is a tag with "*" and "?" in it.
	tagGlob = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]*$`) })
)

const versionsHint = `a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`

// ParseVersions reads a pattern with "*" and "?", which is to fit a whole tag, or a range: bounds
// of versions with spaces between, all of which hold (">=4 <5"), or "1.2.x". The error is a
// *source.Error.
func ParseVersions(text string) (Versions, error) {
	v := Versions{Text: text}
	wrong := func(format string, args ...any) (Versions, error) {
		return Versions{}, &source.Error{Err: fmt.Errorf(format, args...), Hint: versionsHint}
	}
	if m := xRange().FindStringSubmatch(text); m != nil {
		tag, _ := imageref.ParseTag(m[1])
		v.bounds = []bound{{"=", tag}}
		return v, nil
	}
	if !strings.ContainsAny(text[:min(1, len(text))], "<>=") {
		if !tagGlob().MatchString(text) {
			return wrong("no tag is like %q", shorten(text))
		}
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(text))
		v.expr = regexp.MustCompile("^(?:" + quoted + ")$")
		return v, nil
	}
	for rest := strings.TrimSpace(text); rest != ""; {
		b := bound{}
		for _, op := range operators {
			if strings.HasPrefix(rest, op) {
				b.op = op
				break
			}
		}
		var version string
		version, rest, _ = strings.Cut(strings.TrimLeft(rest[len(b.op):], " "), " ")
		rest = strings.TrimLeft(rest, " ")
		tag, ok := imageref.ParseTag(version)
		if b.op == "" || !ok || !tagGlob().MatchString(version) || strings.ContainsAny(version, "*?") {
			return wrong("%q is no range of versions: %q is no bound", shorten(text), shorten(b.op+version))
		}
		b.tag = tag
		v.bounds = append(v.bounds, b)
	}
	return v, nil
}

// Match reports whether a tag is one of v. A range has the tags whose version can be compared
// with its bounds, by the numbers that these have: ">3.12" begins with 3.13, "<=3.12" ends with
// the last 3.12, and 3.13.1-slim is in the first.
func (v Versions) Match(tag string) bool {
	if v.bounds == nil {
		return v.expr != nil && v.expr.MatchString(tag)
	}
	t, ok := imageref.ParseTag(tag)
	if !ok {
		return false
	}
	for _, b := range v.bounds {
		sign, ok := t.CompareVersion(b.tag)
		if !ok || !holds(b.op, sign) {
			return false
		}
	}
	return true
}

// holds reports whether a comparison came out as an operator has it.
func holds(op string, sign int) bool {
	switch op {
	case ">=":
		return sign >= 0
	case "<=":
		return sign <= 0
	case ">":
		return sign > 0
	case "<":
		return sign < 0
	}
	return sign == 0
}

// skipped reads a pattern or range of tags, one with the reason why it is withdrawn, or a list of them.
func (d *decoder) skipped(name string, node *yaml.Node) (all []Versions) {
	for _, n := range d.oneOrMore(node) {
		target, ok := d.follow(n)
		if !ok {
			continue
		}
		at, reason := n, ""
		if target.Kind == yaml.MappingNode {
			at = nil
			wrong := len(d.errors)
			d.mapping(name, n, []key{
				{"versions", func(n *yaml.Node) { at = n }},
				{"reason", func(n *yaml.Node) { reason = d.words(name+": reason", n) }},
			})
			if at == nil && wrong == len(d.errors) {
				d.fail(n, "add versions: with a tag or a range", "%s: an entry has no versions", name)
			}
			if wrong < len(d.errors) {
				continue
			}
		}
		text, ok := d.text(name, at)
		if !ok {
			continue
		}
		v, err := ParseVersions(text)
		if err != nil {
			d.fail(at, source.Hint(err), "%s: %w", name, err)
			continue
		}
		v.Reason = reason
		all = append(all, v)
	}
	return all
}

// Withdrawn returns why a version is withdrawn; ok is false for one that is not.
func (p Policy) Withdrawn(tag string) (reason string, ok bool) {
	for _, v := range p.Skip {
		if v.Reason != "" && v.Match(tag) {
			return v.Reason, true
		}
	}
	return "", false
}

// Withdraws reports whether any policy withdraws a version.
func (c *Config) Withdraws() bool {
	return slices.ContainsFunc(c.rules, func(r rule) bool {
		return slices.ContainsFunc(r.says.Skip, func(v Versions) bool { return v.Reason != "" })
	})
}
