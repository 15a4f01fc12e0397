package config

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

// An Exemption says that Dockerfiles are read and never edited.
type Exemption struct {
	Dockerfiles Pattern
	Reason      string    // "" where nothing says it
	Owner       string    // who answers for it; "" where nothing says it
	Until       time.Time // the last day on which it counts, in UTC; the zero Time has no end

	at source.Pos
}

// String says why the Dockerfiles are not edited, in a few words: "until 2026-12-31: waits for
// the driver (team-ml)". It is "" where the entry is a pattern alone.
func (e Exemption) String() string {
	until := ""
	if !e.Until.IsZero() {
		until = "until " + e.Until.Format(time.DateOnly)
	}
	switch {
	case e.Reason != "" && until != "":
		until += ": " + e.Reason
	case until == "" && e.Reason == "" && e.Owner != "":
		return "by " + e.Owner
	default:
		until = cmp.Or(until, e.Reason)
	}
	if e.Owner != "" {
		until += " (" + e.Owner + ")"
	}
	return until
}

// ended reports whether the last day of an entry is over.
func (e Exemption) ended(now time.Time) bool {
	return !e.Until.IsZero() && !now.Before(e.Until.AddDate(0, 0, 1))
}

// Exempts returns the first entry of "ignore" that fits a Dockerfile and counts at a time; ok is
// false where there is none.
func (c *Config) Exempts(path string, now time.Time) (_ Exemption, ok bool) {
	for _, e := range c.Ignore {
		if e.Dockerfiles.Match(path) && !e.ended(now) {
			return e, true
		}
	}
	return Exemption{}, false
}

// Ended returns a note for each entry of "ignore" that counts no more, in the order of the
// configuration.
func (c *Config) Ended(now time.Time) []*source.Error {
	var notes []*source.Error
	for _, e := range c.Ignore {
		if e.ended(now) {
			notes = append(notes, &source.Error{
				Pos: e.at, Err: fmt.Errorf("ignore: %s is edited again: the entry counted %s", e.Dockerfiles.Text, e), Code: source.CodeEndedIgnore,
				Hint: "take the entry out, or give it a later date",
			})
		}
	}
	return c.Reported(notes)
}

// exemptions reads the list of "ignore": patterns, each alone or with the reason for it.
func (d *decoder) exemptions(node *yaml.Node) (all []Exemption) {
	const name = "ignore"
	for _, item := range d.items(name, node) {
		target, ok := d.follow(item)
		if !ok {
			return nil
		}
		e := Exemption{at: d.pos(item)}
		if target.Kind != yaml.MappingNode {
			if e.Dockerfiles, ok = d.pattern(name, item); ok {
				all = append(all, e)
			}
			continue
		}
		path := false
		wrong := len(d.errors)
		d.mapping("an entry of ignore", item, []key{
			{"path", func(n *yaml.Node) { path = true; e.Dockerfiles, _ = d.pattern(name, n) }},
			{"reason", func(n *yaml.Node) { e.Reason = d.words(name+": reason", n) }},
			{"owner", func(n *yaml.Node) { e.Owner = d.words(name+": owner", n) }},
			{"until", func(n *yaml.Node) { e.Until = d.day(name+": until", n) }},
		})
		switch {
		case wrong < len(d.errors):
		case !path:
			d.fail(item, "add path: with a pattern of Dockerfiles", "ignore: an entry has no path")
		default:
			all = append(all, e)
		}
	}
	return all
}

// words reads a text for people, as one line.
func (d *decoder) words(name string, node *yaml.Node) string {
	text, ok := d.text(name, node)
	text = strings.Join(strings.Fields(text), " ")
	if ok && text == "" {
		d.fail(node, "give it a value, or leave it out", "%s has no value", name)
	}
	return text
}

// day reads a day of the calendar.
func (d *decoder) day(name string, node *yaml.Node) time.Time {
	text, ok := d.text(name, node)
	if !ok {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		d.fail(node, "a day is written as year, month and day: 2026-12-31", "%s: %q is no day of the calendar", name, shorten(text))
	}
	return day
}
