package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
)

// EmergencyLabel is the label of an emergency where the configuration names none.
const EmergencyLabel = "emergency"

// mostMark is how many characters the mark of titles has.
const mostMark = 50

// emergency reads what is different in an emergency.
func (c *Config) emergency(d *decoder, node *yaml.Node) {
	if isNull(node) {
		return
	}
	d.mapping("emergency", node, []key{
		{"group", func(n *yaml.Node) {
			c.Emergency.Group = bumper.Grouping(d.oneOf("emergency: group", n, groupings()...))
		}},
		{"label", func(n *yaml.Node) { c.Emergency.Label = d.short("emergency: label", n, mostLabel) }},
		{"title-prefix", func(n *yaml.Node) { c.Emergency.Mark = d.short("emergency: title-prefix", n, mostMark) }},
	})
}

// short reads a text on one line, of a few characters.
func (d *decoder) short(name string, node *yaml.Node, most int) string {
	text, ok := d.text(name, node)
	switch {
	case !ok:
	case strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\n\r"):
		d.fail(node, "write it on one line, or leave it out", "%s: %q is no text on one line", name, shorten(text))
	case utf8.RuneCountInString(text) > most:
		d.fail(node, "shorten it", "%s: %q is longer than %d characters", name, shorten(text), most)
	default:
		return text
	}
	return ""
}
