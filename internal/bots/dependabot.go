package bots

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/yamltext"
)

// dependabot reads a configuration of Dependabot (GitHub docs, "Dependabot options
// reference").
func (r *reader) dependabot(doc *yaml.Node) {
	for _, entry := range yamltext.Items(yamltext.Get(doc, "updates")) {
		entry = yamltext.Resolve(entry)
		if ecosystem := yamltext.Get(entry, "package-ecosystem"); ecosystem == nil || !strings.HasPrefix(ecosystem.Value, "docker") {
			continue
		}
		directories := append(texts(yamltext.Get(entry, "directory")), texts(yamltext.Get(entry, "directories"))...)
		covered := func(file string) bool {
			for _, dir := range directories {
				if glob(path.Join("/", dir.Value), path.Join("/", path.Dir(file))) {
					return true
				}
			}
			return false
		}
		for _, rule := range yamltext.Items(yamltext.Get(entry, "ignore")) {
			name := yamltext.Get(rule, "dependency-name")
			if name == nil || yamltext.Get(rule, "versions") != nil || yamltext.Get(rule, "update-types") != nil {
				continue // no name, or some versions alone
			}
			r.add(name, "ignore", name.Value, covered, func(image string) bool { return starred(name.Value, image) })
		}
		for _, excluded := range texts(yamltext.Get(entry, "exclude-paths")) {
			r.add(excluded, "exclude-paths", excluded.Value, func(file string) bool {
				for _, dir := range directories {
					if covered(file) && glob(path.Join("/", dir.Value, excluded.Value), path.Join("/", file)) {
						return true
					}
				}
				return false
			}, nil)
		}
	}
}

// starred matches a name with a pattern in which * stands for any characters.
func starred(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	for _, part := range parts[1:last] {
		if ok {
			_, rest, ok = strings.Cut(rest, part)
		}
	}
	return ok && strings.HasSuffix(rest, parts[last])
}
