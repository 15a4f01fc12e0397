package compose

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// inline returns the Dockerfile that a service has in dockerfile_inline, with its variables
// replaced; "" where it has none. Compose itself replaces $X there, and $$ is one $.
func (p *Project) inline(builds []Layer) trace.Text {
	all := Fields(builds, "dockerfile_inline")
	if len(all) == 0 || all[0].node.Kind != yaml.ScalarNode {
		return trace.Text{}
	}
	text := all[0].file.Text(all[0].node)
	if p.Left -= len(text.S); p.Left < 0 || len(text.S) > reading.MaxInline || !strings.Contains(text.S, "$") {
		return text
	}
	return reading.EachLine(text, func(line trace.Text) trace.Text {
		if p.Left < 0 || !strings.Contains(line.S, "$") {
			return line
		}
		expanded := p.Vars.Expand(line)
		if p.Left -= reading.CostOfStep + len(expanded.S); expanded.S == reading.Unknown || p.Left < 0 {
			return line // compose rejects it, and so does the Dockerfile if a reference needs it
		}
		return expanded
	})
}
