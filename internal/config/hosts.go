package config

import (
	"errors"
	"fmt"
	"regexp"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

// Hosts are names of hosts, without scheme, port and path.
type Hosts []string

// hostName is what a token may be sent to: names in other letters are written in
// their ASCII form (xn--…).
var hostName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
})

// UnmarshalYAML implements yaml.Unmarshaler.
func (h *Hosts) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode {
		return &source.Error{Pos: source.Pos{Line: node.Line, Col: node.Column}, Err: errors.New("github: hosts is no list"), Hint: "such as hosts: [github.example.com]"}
	}
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || !hostName().MatchString(item.Value) {
			return &source.Error{
				Pos:  source.Pos{Line: item.Line, Col: item.Column},
				Err:  fmt.Errorf("github: %q is no name of a host", item.Value),
				Hint: "a name alone, without https:// and port, such as github.example.com",
			}
		}
		*h = append(*h, item.Value)
	}
	return nil
}
