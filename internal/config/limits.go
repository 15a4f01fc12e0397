package config

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits are how many requests that write something go to the forge, in any minute and in any
// hour; 0 leaves the default.
type Limits struct{ Minute, Hour int }

// mostWrites is the largest budget that makes sense: with a second between two writes no more
// of them fit into an hour.
const mostWrites = 3600

func (d *decoder) limits(node *yaml.Node) (l Limits) {
	if isNull(node) {
		return l
	}
	d.mapping("github.limits", node, []key{
		{"minute", func(n *yaml.Node) { l.Minute = d.number("github.limits.minute", n, mostWrites) }},
		{"hour", func(n *yaml.Node) { l.Hour = d.number("github.limits.hour", n, mostWrites) }},
	})
	return l
}

// number reads a whole number from 1 on.
func (d *decoder) number(name string, node *yaml.Node, most int) int {
	text, ok := d.text(name, node)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most || strings.HasPrefix(text, "+") {
		d.fail(node, fmt.Sprintf("a whole number from 1 to %d", most), "%s: %q is no such number", name, shorten(text))
		return 0
	}
	return n
}
