package devcontainer

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
	"github.com/matihlabs/propagate/scanner"
)

// Read reads the configuration of a dev container ("Development Container
// Specification"): its build, whose paths are relative to the file, or the compose files that it is
// made of. Variables such as ${localEnv:X} are not known.
func Read(t *reading.Tree, f *trace.File) ([]reading.Build, []reading.Problem) {
	y, err := parseJSONC(f)
	if err != nil {
		return nil, []reading.Problem{{Code: source.CodeBuildFileSyntax, Pos: source.Pos{Path: f.Path, Line: 1, Col: 1}, Message: "the dev container is not read, for it is no JSON with comments: " + source.Clean(err.Error())}}
	}
	d := &devcontainer{File: y, dir: path.Dir(f.Path)}
	var builds []reading.Build
	var problems []reading.Problem
	for _, doc := range y.Docs {
		if files := yamltext.Items(yamltext.Get(doc, "dockerComposeFile")); len(files) > 0 {
			builds = append(builds, d.compose(t, doc, files)...)
			continue
		}
		b, missing, ok := d.build(t, doc)
		if ok {
			builds = append(builds, b)
		} else if missing.S != "" {
			problems = append(problems, reading.Problem{Code: source.CodeNotUnderstood, Pos: missing.Pos(), Message: "the Dockerfile of the dev container is not here: " + source.Clean(scanner.Readable(missing.S))})
		}
	}
	return builds, problems
}

// parseJSONC parses JSON with comments and commas behind the last value.
func parseJSONC(f *trace.File) (*yamltext.File, error) {
	if depth := bytes.Count(f.Src, []byte("[")) + bytes.Count(f.Src, []byte("{")); depth > shell.MaxBrackets {
		return nil, shell.ErrNesting
	}
	plain, err := hujson.Standardize(bytes.Clone(f.Src))
	if err != nil {
		return nil, err
	}
	// To YAML a tab is no indentation; within strings JSON has none.
	y, err := yamltext.Parse(trace.NewFile(f.Path, bytes.ReplaceAll(plain, []byte("\t"), []byte(" "))))
	if err != nil {
		return nil, err
	}
	y.File = f // the bytes are at the same places
	return y, nil
}

type devcontainer struct {
	*yamltext.File
	dir string
}

// build returns the build of a dev container; ok is false where it is none of a Dockerfile here, and
// missing is then the Dockerfile that it names.
func (d *devcontainer) build(t *reading.Tree, doc *yaml.Node) (b reading.Build, missing trace.Text, ok bool) {
	from := yamltext.Get(doc, "build")
	file, context := d.value(yamltext.Get(from, "dockerfile")), d.value(yamltext.Get(from, "context"))
	if file.S == "" { // the older form
		from, file, context = doc, d.value(yamltext.Get(doc, "dockerFile")), d.value(yamltext.Get(doc, "context"))
	}
	if file.S == "" || reading.Hidden(file) || reading.Hidden(context) {
		return b, file, false
	}
	b.Dockerfile = reading.Within(d.dir, file.S)
	if b.Context = reading.Within(d.dir, path.Join(".", context.S)); !t.Dockerfiles[b.Dockerfile] {
		return b, file, false
	}
	b.Where = d.Pos(from)
	if target := d.value(yamltext.Get(doc, "build", "target")); !reading.Hidden(target) {
		b.Target = target.S
	}
	for _, arg := range yamltext.Pairs(yamltext.Get(doc, "build", "args")) {
		b.Pass(arg.Key.Value, d.value(arg.Value))
	}
	return b, missing, true
}

// compose returns the builds of the compose files of a dev container.
func (d *devcontainer) compose(t *reading.Tree, doc *yaml.Node, files []*yaml.Node) []reading.Build {
	o := compose.Command{Names: map[string]bool{}, Where: d.Pos(yamltext.Get(doc, "dockerComposeFile"))}
	for _, n := range files {
		if p := reading.Within(d.dir, d.value(n).S); p != "" {
			o.Paths = append(o.Paths, p)
		}
	}
	if len(o.Paths) == 0 {
		return nil
	}
	o.Dir = path.Dir(o.Paths[0])
	builds, _ := o.Builds(t, &reading.Fuel{Left: reading.FuelPerFile})
	return builds
}

// devVariable is a variable of a dev container.
var devVariable = regexp.MustCompile(`\$\{[^}]*\}`)

// value returns a scalar, in which a variable is not known.
func (d *devcontainer) value(n *yaml.Node) trace.Text {
	t := d.Text(n)
	if !strings.Contains(t.S, "${") {
		return t
	}
	var all []trace.Text
	done := 0
	for _, m := range devVariable.FindAllStringIndex(t.S, -1) {
		all = append(all, t.Slice(done, m[0]), trace.Plain(reading.Unknown))
		done = m[1]
	}
	return reading.JoinWith("", append(all, t.Slice(done, len(t.S))))
}
