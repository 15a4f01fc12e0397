package buildfile

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
)

// inline returns the Dockerfile that a service has in dockerfile_inline, with its variables
// replaced; "" where it has none. Compose itself replaces $X there, and $$ is one $.
func (p *composeProject) inline(builds []layer) trace.Text {
	all := fields(builds, "dockerfile_inline")
	if len(all) == 0 || all[0].node.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	text := all[0].file.text(all[0].node)
	if p.left -= len(text.S); p.left < 0 || len(text.S) > maxInline || !strings.Contains(text.S, "$") {
		return text
	}
	return eachLine(text, func(line trace.Text) trace.Text {
		if p.left < 0 || !strings.Contains(line.S, "$") {
			return line
		}
		expanded := p.vars.expand(line)
		if p.left -= costOfStep + len(expanded.S); expanded.S == unknown || p.left < 0 {
			return line // compose rejects it, and so does the Dockerfile if a reference needs it
		}
		return expanded
	})
}
