package config

import (
	"regexp"
	"sync"

	"go.yaml.in/yaml/v3"
)

// hostName is what a token may be sent to: names in other letters are written in
// their ASCII form (xn--…).
var hostName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
})

// hosts reads a list of names of hosts, without scheme, port and path.
func (d *decoder) hosts(node *yaml.Node) (all []string) {
	if isNull(node) {
		return nil
	}
	for _, item := range d.items("github.hosts", node) {
		text, ok := d.text("a host", item)
		switch {
		case !ok:
		case !hostName().MatchString(text):
			d.fail(item, "a name alone, without https:// and port, such as github.example.com", "github.hosts: %q is no name of a host", shorten(text))
		default:
			all = append(all, text)
		}
	}
	return all
}
