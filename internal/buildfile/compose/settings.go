package compose

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// settings returns what a service says of its build besides.
func (p *Project) settings(builds []Layer) reading.Settings {
	s := reading.Settings{Labels: map[string]string{}}
	for _, a := range p.assignments(builds, "labels") {
		if a.set && isKnown(a.Value) {
			s.Labels[a.Name] = a.Value.S
		}
	}
	if len(s.Labels) == 0 {
		s.Labels = nil
	}
	for _, a := range p.assignments(builds, "ssh") {
		switch {
		case !a.set || a.Value.S == "":
			s.SSH = append(s.SSH, a.Name)
		case isKnown(a.Value):
			s.SSH = append(s.SSH, a.Name+"="+a.Value.S)
		}
	}
	for _, l := range slices.Backward(Fields(builds, "secrets")) {
		for _, item := range yamltext.Items(l.node) {
			if secret := p.secret(l.file, item); secret != "" && !slices.Contains(s.Secret, secret) {
				s.Secret = append(s.Secret, secret)
			}
		}
	}
	return s
}

func isKnown(t trace.Text) bool { return !strings.Contains(t.S, reading.Unknown) }

// secret returns a secret in the form of docker build --secret, and "" if its source is not known.
func (p *Project) secret(f *File, item *yaml.Node) string {
	name, id := item, item
	if item.Kind == yaml.MappingNode {
		name = yamltext.Get(item, "source")
		if id = yamltext.Get(item, "target"); id == nil {
			id = name
		}
	}
	if name == nil || name.Kind != yaml.ScalarNode || id.Kind != yaml.ScalarNode {
		return ""
	}
	for _, doc := range f.Docs {
		declared := yamltext.Get(doc, "secrets", name.Value)
		for _, from := range []string{"file", "environment"} {
			n := yamltext.Get(declared, from)
			if n == nil || n.Kind != yaml.ScalarNode {
				continue
			}
			value := p.value(Layer{f, n})
			if !isKnown(value) || strings.ContainsAny(id.Value+value.S, ",\"\n") {
				return ""
			}
			if from == "environment" {
				return "id=" + id.Value + ",env=" + value.S
			}
			if path.IsAbs(value.S) || strings.HasPrefix(value.S, "~") {
				return "id=" + id.Value + ",src=" + value.S
			}
			return "id=" + id.Value + ",src=" + path.Join(f.dir, value.S)
		}
	}
	return ""
}
