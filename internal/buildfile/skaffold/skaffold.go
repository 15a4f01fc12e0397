package skaffold

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
	"github.com/matihlabs/propagate/scanner"
)

// Read returns the builds of the artifacts of a skaffold file, also those of
// its profiles.
func Read(t *reading.Tree, f *trace.File) ([]reading.Build, []reading.Problem) {
	y, err := yamltext.Parse(f)
	var problems []reading.Problem
	if err != nil {
		problems = append(problems, reading.YAMLProblem(f, err))
	}
	s := skaffoldFile{y, t}
	var builds []reading.Build
	for _, doc := range y.Docs {
		version := yamltext.Get(doc, "apiVersion")
		if kind := yamltext.Get(doc, "kind"); kind == nil || kind.Value != "Config" || version == nil || !strings.HasPrefix(version.Value, "skaffold/") {
			continue
		}
		builds = append(builds, s.artifacts(yamltext.Get(doc, "build"))...)
		for _, profile := range yamltext.Items(yamltext.Get(doc, "profiles")) {
			builds = append(builds, s.artifacts(yamltext.Get(profile, "build"))...)
		}
	}
	return builds, problems
}

type skaffoldFile struct {
	*yamltext.File
	tree *reading.Tree
}

// dockerBuilders are the keys of the builders that read a Dockerfile. An artifact
// that names none is built by docker.
var dockerBuilders = []string{"docker", "kaniko"}

// otherBuilders are the keys of those that do without.
var otherBuilders = []string{"bazel", "buildpack", "buildpacks", "custom", "jib", "jibGradle", "jibMaven", "ko"}

// artifacts returns the builds of a build section.
func (s skaffoldFile) artifacts(build *yaml.Node) []reading.Build {
	var all []reading.Build
	for _, artifact := range yamltext.Items(yamltext.Get(build, "artifacts")) {
		if b, ok := s.artifact(artifact); ok {
			all = append(all, b)
		}
	}
	return all
}

func (s skaffoldFile) artifact(n *yaml.Node) (b reading.Build, ok bool) {
	for _, key := range otherBuilders {
		if yamltext.Get(n, key) != nil {
			return b, false
		}
	}
	var builder *yaml.Node
	for _, key := range dockerBuilders {
		if builder == nil {
			builder = yamltext.Get(n, key)
		}
	}
	context := s.Text(yamltext.Get(n, "context")).S
	if context == "" {
		context = s.Text(yamltext.Get(n, "workspace")).S // up to skaffold/v1alpha1
	}
	// Paths start where skaffold is run. Its Dockerfile is relative to the context, or
	// to that directory where there is no such file.
	dir := path.Dir(s.Path)
	file := s.Text(yamltext.Get(builder, "dockerfile")).S
	for _, fromDir := range []bool{false, true} {
		if !ok {
			b.Dockerfile, b.Context, ok = s.tree.Dockerfile([]string{dir}, context, file, fromDir)
		}
		if !ok {
			b.Dockerfile, b.Context, ok = s.tree.FromRoot(dir, context, file, fromDir)
		}
	}
	if !ok {
		return b, false
	}
	b.Where = s.Pos(n)
	if target := s.Text(yamltext.Get(builder, "target")).S; !isGoTemplate(target) {
		b.Target = target
	}
	b.Args = s.args(n, builder)
	if name, ok := reading.ReferenceOf(s.Text(yamltext.Get(n, "image"))); ok {
		b.Images = append(b.Images, name)
	}
	return b, true
}

// args returns the build arguments of an artifact: the images of the artifacts that
// it requires, and its own, which count more.
func (s skaffoldFile) args(artifact, builder *yaml.Node) []scanner.Arg {
	var args []scanner.Arg
	for _, required := range yamltext.Items(yamltext.Get(artifact, "requires")) {
		value := s.Text(yamltext.Get(required, "image"))
		alias := s.Text(yamltext.Get(required, "alias")).S
		if alias == "" {
			alias = value.S
		}
		if value.S != "" {
			args = append(args, scanner.Arg{Name: alias, Value: value})
		}
	}
	for _, arg := range yamltext.Pairs(yamltext.Get(builder, "buildArgs")) {
		value := s.Text(arg.Value)
		if arg.Value.Kind == yaml.ScalarNode && arg.Value.Tag != "!!null" && !isGoTemplate(value.S) {
			args = append(args, scanner.Arg{Name: arg.Key.Value, Value: value})
		}
	}
	return args
}

// isGoTemplate reports whether skaffold fills a value in from the environment.
func isGoTemplate(s string) bool { return strings.Contains(s, "{{") }
