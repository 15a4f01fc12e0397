package compose

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// The files that compose reads where no other is named: the first of each list that
// is there, the second over the first.
var (
	StandardNames = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// A Project is a compose file with what compose reads along with it.
type Project struct {
	tree     *reading.Tree
	Main     *File
	Over     []*File // files that are laid over it, the last counts most
	included []*File // by these, the first counts most
	Vars     envfile.Variables
	files    map[string]*File  // those that services are extended from; nil for one that cannot be read
	bases    []func() *Project // that it may be laid over, the likeliest first; each with it on top
	Left     int               // how much may still be read; a service that many others extend is read for each
	spent    int               // for what is included
	Given    bool              // a command gives variables that it has
}

// A File is one file of a project.
type File struct {
	*yamltext.File
	dir      string
	vars     envfile.Variables          // nil for those of the project
	above    []string                   // the included files through which this one is
	services map[string][]yamltext.Pair // by name; of several documents the one that counts most first
	names    []string                   // of services, in the order of the file
}

// A Layer is a part of a compose file. Several make one service, the one that counts
// most first.
type Layer struct {
	file *File
	node *yaml.Node
}

const (
	maxExtends = 10      // of a service by another
	maxLayers  = 2 << 20 // the size of all that is read of a project, in values and bytes
)

// Parse reads the services of a compose file.
func Parse(f *trace.File) (*File, error) {
	y, err := yamltext.Parse(f)
	if err != nil {
		return nil, err
	}
	c := &File{File: y, dir: path.Dir(f.Path), services: map[string][]yamltext.Pair{}}
	for _, doc := range y.Docs {
		for _, service := range yamltext.Pairs(yamltext.Get(doc, "services")) {
			name := service.Key.Value
			if c.services[name] == nil {
				c.names = append(c.names, name)
			}
			c.services[name] = append([]yamltext.Pair{service}, c.services[name]...)
		}
	}
	return c, nil
}

// extended returns a file that a service is extended from; nil for one that is not
// in the repository or cannot be read, which is told where it is read itself.
func (p *Project) extended(at string) *File {
	if c, ok := p.files[at]; ok {
		return c
	}
	var c *File
	if f := p.tree.Read(at); f != nil {
		c, _ = Parse(f)
	}
	p.files[at] = c
	return c
}

// Service returns the layers of a service: what the override file says of it, what
// the file does, and what it extends.
func (p *Project) Service(name string) []Layer {
	return p.layers(p.all(), name, 0)
}

func (p *Project) layers(files []*File, name string, depth int) []Layer {
	var own []Layer
	for _, f := range files {
		for _, service := range f.services[name] {
			if p.Left -= yamltext.Size(service.Value); p.Left < 0 {
				return own
			}
			own = append(own, Layer{f, service.Value})
		}
	}
	extends := Fields(own, "extends")
	if len(extends) == 0 || depth == maxExtends {
		return own
	}
	from := extends[0]
	if from.node.Kind == yaml.MappingNode {
		if file := Fields(extends, "file"); len(file) > 0 {
			at := reading.Within(from.file.dir, p.value(file[0]).S)
			other := p.extended(at)
			if other == nil {
				return own
			}
			p.tree.MarkCalled(at)
			same := *other
			same.vars = from.file.vars
			files = []*File{&same}
		}
		services := Fields(extends, "service")
		if len(services) == 0 {
			return own
		}
		from = services[0]
	}
	return append(own, p.layers(files, p.value(from).S, depth+1)...)
}

// Fields returns what the layers say under a key. Null says nothing, and the tags of
// override files take back what the layers below say.
func Fields(layers []Layer, key string) []Layer {
	var all []Layer
	for _, l := range layers {
		n := yamltext.Get(l.node, key)
		if n == nil || n.Tag == "!!null" {
			continue
		}
		if n.Tag == "!reset" {
			break
		}
		all = append(all, Layer{l.file, n})
		if n.Tag == "!override" {
			break
		}
	}
	return all
}

// Field returns the value that counts under a key.
func (p *Project) Field(layers []Layer, key string) (trace.Text, bool) {
	if all := Fields(layers, key); len(all) > 0 {
		return p.value(all[0]), true
	}
	return trace.Text{}, false
}

// value returns a scalar as compose understands it, without space around it.
func (p *Project) value(l Layer) trace.Text {
	t := l.file.Text(l.node)
	if n := l.node; n.Kind == yaml.ScalarNode && n.ShortTag() != "!!str" {
		// A number is one to compose, and is printed as Go does: 1.10 is 1.1.
		var v any
		if err := n.Decode(&v); err == nil && v != nil {
			if printed := fmt.Sprint(v); printed != t.S {
				t = trace.Plain(printed)
			}
		}
	}
	if p.Left < 0 {
		return trace.Plain(reading.Unknown)
	}
	if strings.Contains(t.S, "$") {
		vars := p.Vars
		if l.file.vars != nil {
			vars = l.file.vars
		}
		t = vars.Expand(t)
		p.Left -= len(t.S)
	}
	return t
}

// An Assignment is an entry of what compose lets people write as a mapping or as a
// list of NAME=VALUE.
type Assignment struct {
	Name  string
	Key   trace.Text // name, with its places
	Value trace.Text
	set   bool // it has a value
}

// assignments returns those under a key, each name once.
func (p *Project) assignments(layers []Layer, key string) []Assignment {
	var all []Assignment
	index := map[string]int{}
	add := func(a Assignment) {
		if i, ok := index[a.Name]; ok {
			all[i] = a
			return
		}
		index[a.Name] = len(all)
		all = append(all, a)
	}
	for _, l := range slices.Backward(Fields(layers, key)) {
		for _, entry := range yamltext.Pairs(l.node) {
			a := Assignment{Name: entry.Key.Value, Key: l.file.Text(entry.Key)}
			if entry.Value.Kind == yaml.ScalarNode && entry.Value.Tag != "!!null" {
				a.Value, a.set = p.value(Layer{l.file, entry.Value}), true
			}
			add(a)
		}
		if l.node.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range yamltext.Items(l.node) {
			if item.Kind != yaml.ScalarNode {
				continue
			}
			name, value, set := p.value(Layer{l.file, item}).Cut("=")
			if strings.Contains(name.S, reading.Unknown) {
				continue
			}
			add(Assignment{name.S, name, value, set})
		}
	}
	return all
}
