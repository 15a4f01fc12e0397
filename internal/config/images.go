package config

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// An Image is what a Dockerfile makes. In the file it is a repository alone, or a
// mapping.
type Image struct {
	Repository string // without a tag; {dir} is the name of the Dockerfile's directory
	Target     string // the stage that is shipped; "" is the last
	Context    string // the directory of its build context, from the root; "" where the file does not say
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *Image) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&i.Repository)
	}
	return fields(node, map[string]*string{"image": &i.Repository, "target": &i.Target, "context": &i.Context})
}

// fields decodes a mapping of texts; a key that is none of them is an error, as it
// is everywhere in the file.
func fields(node *yaml.Node, known map[string]*string) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: neither a text nor a mapping", node.Line)
	}
	for n := 0; n+1 < len(node.Content); n += 2 {
		key, value := node.Content[n], node.Content[n+1]
		field := known[key.Value]
		if field == nil {
			return fmt.Errorf("line %d: unknown key %s", key.Line, key.Value)
		}
		if err := value.Decode(field); err != nil {
			return err
		}
	}
	return nil
}

// Claims returns which of the Dockerfiles makes which image.
func (c *Config) Claims(dockerfiles []string) []graph.Claim {
	var claims []graph.Claim
	for _, p := range dockerfiles {
		pattern, image := lookUp(c.Images, p)
		if pattern == "" {
			continue
		}
		ref, err := imageref.Parse(strings.ReplaceAll(image.Repository, "{dir}", strings.ToLower(path.Base(path.Dir(p)))))
		if err != nil {
			continue // {dir} of a directory whose name no image can have
		}
		where := source.Pos{Path: c.path, Line: c.lines["images"][pattern]}
		claims = append(claims, graph.Claim{
			Image: ref.Repository, Path: p, Rule: graph.Configured, Where: where.String(), Context: path.Clean(image.Context), Target: image.Target,
		})
		if image.Context == "" {
			claims[len(claims)-1].Context = ""
		}
	}
	return claims
}
