package buildfile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// The files that compose reads where no other is named: the first of each list that
// is there, the second over the first.
var (
	composeNames  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// A composeProject is a compose file with what compose reads along with it.
type composeProject struct {
	tree     *tree
	main     *composeFile
	over     []*composeFile // files that are laid over it, the last counts most
	included []*composeFile // by these, the first counts most
	vars     variables
	files    map[string]*composeFile  // those that services are extended from; nil for one that cannot be read
	bases    []func() *composeProject // that it may be laid over, the likeliest first; each with it on top
	left     int                      // how much may still be read; a service that many others extend is read for each
	spent    int                      // for what is included
	given    bool                     // a command gives variables that it has
}

// A composeFile is one file of a project.
type composeFile struct {
	*yamlFile
	dir      string
	vars     variables         // nil for those of the project
	above    []string          // the included files through which this one is
	services map[string][]pair // by name; of several documents the one that counts most first
	names    []string          // of services, in the order of the file
}

// A layer is a part of a compose file. Several make one service, the one that counts
// most first.
type layer struct {
	file *composeFile
	node *yaml.Node
}

const (
	maxExtends = 10      // of a service by another
	maxLayers  = 2 << 20 // the size of all that is read of a project, in values and bytes
)

// parseCompose reads the services of a compose file.
func parseCompose(f *trace.File) (*composeFile, error) {
	y, err := parseYAML(f)
	if err != nil {
		return nil, err
	}
	c := &composeFile{yamlFile: y, dir: path.Dir(f.Path), services: map[string][]pair{}}
	for _, doc := range y.docs {
		for _, service := range pairs(get(doc, "services")) {
			name := service.key.Value
			if c.services[name] == nil {
				c.names = append(c.names, name)
			}
			c.services[name] = append([]pair{service}, c.services[name]...)
		}
	}
	return c, nil
}

// extended returns a file that a service is extended from; nil for one that is not
// in the repository or cannot be read, which is told where it is read itself.
func (p *composeProject) extended(at string) *composeFile {
	if c, ok := p.files[at]; ok {
		return c
	}
	var c *composeFile
	if f := p.tree.read(at); f != nil {
		c, _ = parseCompose(f)
	}
	p.files[at] = c
	return c
}

// service returns the layers of a service: what the override file says of it, what
// the file does, and what it extends.
func (p *composeProject) service(name string) []layer {
	return p.layers(p.all(), name, 0)
}

func (p *composeProject) layers(files []*composeFile, name string, depth int) []layer {
	var own []layer
	for _, f := range files {
		for _, service := range f.services[name] {
			if p.left -= yamltext.Size(service.value); p.left < 0 {
				return own
			}
			own = append(own, layer{f, service.value})
		}
	}
	extends := fields(own, "extends")
	if len(extends) == 0 || depth == maxExtends {
		return own
	}
	from := extends[0]
	if from.node.Kind == yaml.MappingNode {
		if file := fields(extends, "file"); len(file) > 0 {
			at := within(from.file.dir, p.value(file[0]).S)
			other := p.extended(at)
			if other == nil {
				return own
			}
			p.tree.markCalled(at)
			same := *other
			same.vars = from.file.vars
			files = []*composeFile{&same}
		}
		services := fields(extends, "service")
		if len(services) == 0 {
			return own
		}
		from = services[0]
	}
	return append(own, p.layers(files, p.value(from).S, depth+1)...)
}

// fields returns what the layers say under a key. Null says nothing, and the tags of
// override files take back what the layers below say.
func fields(layers []layer, key string) []layer {
	var all []layer
	for _, l := range layers {
		n := get(l.node, key)
		if n == nil || n.Tag == "!!null" {
			continue
		}
		if n.Tag == "!reset" {
			break
		}
		all = append(all, layer{l.file, n})
		if n.Tag == "!override" {
			break
		}
	}
	return all
}

// field returns the value that counts under a key.
func (p *composeProject) field(layers []layer, key string) (trace.Text, bool) {
	if all := fields(layers, key); len(all) > 0 {
		return p.value(all[0]), true
	}
	return trace.Text{}, false
}

// value returns a scalar as compose understands it, without space around it.
func (p *composeProject) value(l layer) trace.Text {
	t := l.file.text(l.node)
	if n := l.node; n.Kind == yaml.ScalarNode && n.ShortTag() != "!!str" {
		// A number is one to compose, and is printed as Go does: 1.10 is 1.1.
		var v any
		if err := n.Decode(&v); err == nil && v != nil {
			if printed := fmt.Sprint(v); printed != t.S {
				t = trace.Plain(printed)
			}
		}
	}
	if p.left < 0 {
		return trace.Plain(unknown)
	}
	if strings.Contains(t.S, "$") {
		vars := p.vars
		if l.file.vars != nil {
			vars = l.file.vars
		}
		t = vars.expand(t)
		p.left -= len(t.S)
	}
	return t
}

// An assignment is an entry of what compose lets people write as a mapping or as a
// list of NAME=VALUE.
type assignment struct {
	name  string
	key   trace.Text // name, with its places
	value trace.Text
	set   bool // it has a value
}

// assignments returns those under a key, each name once.
func (p *composeProject) assignments(layers []layer, key string) []assignment {
	var all []assignment
	index := map[string]int{}
	add := func(a assignment) {
		if i, ok := index[a.name]; ok {
			all[i] = a
			return
		}
		index[a.name] = len(all)
		all = append(all, a)
	}
	for _, l := range slices.Backward(fields(layers, key)) {
		for _, entry := range pairs(l.node) {
			a := assignment{name: entry.key.Value, key: l.file.text(entry.key)}
			if entry.value.Kind == yaml.ScalarNode && entry.value.Tag != "!!null" {
				a.value, a.set = p.value(layer{l.file, entry.value}), true
			}
			add(a)
		}
		if l.node.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range items(l.node) {
			if item.Kind != yaml.ScalarNode {
				continue
			}
			name, value, set := p.value(layer{l.file, item}).Cut("=")
			if strings.Contains(name.S, unknown) {
				continue
			}
			add(assignment{name.S, name, value, set})
		}
	}
	return all
}
