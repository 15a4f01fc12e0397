package buildfile

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// readDevcontainer reads the configuration of a dev container ("Development Container
// Specification"): its build, whose paths are relative to the file, or the compose files that it is
// made of. Variables such as ${localEnv:X} are not known.
func readDevcontainer(t *tree, f *trace.File) ([]Build, []Problem) {
	y, err := parseJSONC(f)
	if err != nil {
		return nil, []Problem{{source.CodeBuildFileSyntax, source.Pos{Path: f.Path, Line: 1, Col: 1}, "the dev container is not read, for it is no JSON with comments: " + source.Clean(err.Error())}}
	}
	d := &devcontainer{yamlFile: y, dir: path.Dir(f.Path)}
	var builds []Build
	for _, doc := range y.docs {
		if files := items(get(doc, "dockerComposeFile")); len(files) > 0 {
			builds = append(builds, d.compose(t, doc, files)...)
			continue
		}
		if b, ok := d.build(t, doc); ok {
			builds = append(builds, b)
		}
	}
	return builds, nil
}

// parseJSONC parses JSON with comments and commas behind the last value.
func parseJSONC(f *trace.File) (*yamlFile, error) {
	if depth := bytes.Count(f.Src, []byte("[")) + bytes.Count(f.Src, []byte("{")); depth > maxBrackets {
		return nil, errNesting
	}
	plain, err := hujson.Standardize(bytes.Clone(f.Src))
	if err != nil {
		return nil, err
	}
	// To YAML a tab is no indentation; within strings JSON has none.
	y, err := parseYAML(trace.NewFile(f.Path, bytes.ReplaceAll(plain, []byte("\t"), []byte(" "))))
	if err != nil {
		return nil, err
	}
	y.File.File = f // the bytes are at the same places
	return y, nil
}

type devcontainer struct {
	*yamlFile
	dir string
}

// build returns the build of a dev container; ok is false where it is none of a Dockerfile here.
func (d *devcontainer) build(t *tree, doc *yaml.Node) (b Build, ok bool) {
	from := get(doc, "build")
	file, context := d.value(get(from, "dockerfile")), d.value(get(from, "context"))
	if file.S == "" { // the older form
		from, file, context = doc, d.value(get(doc, "dockerFile")), d.value(get(doc, "context"))
	}
	if file.S == "" || hidden(file) || hidden(context) {
		return b, false
	}
	b.Dockerfile = within(d.dir, file.S)
	if b.Context = within(d.dir, path.Join(".", context.S)); !t.dockerfiles[b.Dockerfile] {
		return b, false
	}
	b.Where = d.pos(from)
	if target := d.value(get(doc, "build", "target")); !hidden(target) {
		b.Target = target.S
	}
	for _, arg := range pairs(get(doc, "build", "args")) {
		b.hand(arg.key.Value, d.value(arg.value))
	}
	return b, true
}

// compose returns the builds of the compose files of a dev container.
func (d *devcontainer) compose(t *tree, doc *yaml.Node, files []*yaml.Node) []Build {
	o := composeCommand{names: map[string]bool{}, where: d.pos(get(doc, "dockerComposeFile"))}
	for _, n := range files {
		if p := within(d.dir, d.value(n).S); p != "" {
			o.paths = append(o.paths, p)
		}
	}
	if len(o.paths) == 0 {
		return nil
	}
	o.dir = path.Dir(o.paths[0])
	builds, _ := o.builds(t, &fuel{fuelPerFile})
	return builds
}

// devVariable is a variable of a dev container.
var devVariable = regexp.MustCompile(`\$\{[^}]*\}`)

// value returns a scalar, in which a variable is not known.
func (d *devcontainer) value(n *yaml.Node) trace.Text {
	t := d.text(n)
	if !strings.Contains(t.S, "${") {
		return t
	}
	var all []trace.Text
	done := 0
	for _, m := range devVariable.FindAllStringIndex(t.S, -1) {
		all = append(all, t.Slice(done, m[0]), trace.Plain(unknown))
		done = m[1]
	}
	return joinWith("", append(all, t.Slice(done, len(t.S))))
}
