package buildfile

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// readSkaffold returns the builds of the artifacts of a skaffold file, also those of
// its profiles.
func readSkaffold(t *tree, f *trace.File) ([]Build, []Problem) {
	y, err := parseYAML(f)
	var problems []Problem
	if err != nil {
		problems = append(problems, yamlProblem(f, err))
	}
	s := skaffoldFile{y, t}
	var builds []Build
	for _, doc := range y.docs {
		version := get(doc, "apiVersion")
		if kind := get(doc, "kind"); kind == nil || kind.Value != "Config" || version == nil || !strings.HasPrefix(version.Value, "skaffold/") {
			continue
		}
		builds = append(builds, s.artifacts(get(doc, "build"))...)
		for _, profile := range items(get(doc, "profiles")) {
			builds = append(builds, s.artifacts(get(profile, "build"))...)
		}
	}
	return builds, problems
}

type skaffoldFile struct {
	*yamlFile
	tree *tree
}

// dockerBuilders are the keys of the builders that read a Dockerfile. An artifact
// that names none is built by docker.
var dockerBuilders = []string{"docker", "kaniko"}

// otherBuilders are the keys of those that do without.
var otherBuilders = []string{"bazel", "buildpack", "buildpacks", "custom", "jib", "jibGradle", "jibMaven", "ko"}

// artifacts returns the builds of a build section.
func (s skaffoldFile) artifacts(build *yaml.Node) []Build {
	var all []Build
	for _, artifact := range items(get(build, "artifacts")) {
		if b, ok := s.artifact(artifact); ok {
			all = append(all, b)
		}
	}
	return all
}

func (s skaffoldFile) artifact(n *yaml.Node) (b Build, ok bool) {
	for _, key := range otherBuilders {
		if get(n, key) != nil {
			return b, false
		}
	}
	var builder *yaml.Node
	for _, key := range dockerBuilders {
		if builder == nil {
			builder = get(n, key)
		}
	}
	context := s.text(get(n, "context")).S
	if context == "" {
		context = s.text(get(n, "workspace")).S // up to skaffold/v1alpha1
	}
	// Paths start where skaffold is run. Its Dockerfile is relative to the context, or
	// to that directory where there is no such file.
	dir := path.Dir(s.Path)
	file := s.text(get(builder, "dockerfile")).S
	for _, fromDir := range []bool{false, true} {
		if !ok {
			b.Dockerfile, b.Context, ok = s.tree.dockerfile([]string{dir}, context, file, fromDir)
		}
		if !ok {
			b.Dockerfile, b.Context, ok = s.tree.fromRoot(dir, context, file, fromDir)
		}
	}
	if !ok {
		return b, false
	}
	b.Where = s.pos(n)
	if target := s.text(get(builder, "target")).S; !isGoTemplate(target) {
		b.Target = target
	}
	b.Args = s.args(n, builder)
	if name, ok := image(s.text(get(n, "image"))); ok {
		b.Images = append(b.Images, name)
	}
	return b, true
}

// args returns the build arguments of an artifact: the images of the artifacts that
// it requires, and its own, which count more.
func (s skaffoldFile) args(artifact, builder *yaml.Node) []scanner.Arg {
	var args []scanner.Arg
	for _, required := range items(get(artifact, "requires")) {
		value := s.text(get(required, "image"))
		alias := s.text(get(required, "alias")).S
		if alias == "" {
			alias = value.S
		}
		if value.S != "" {
			args = append(args, scanner.Arg{Name: alias, Value: value})
		}
	}
	for _, arg := range pairs(get(builder, "buildArgs")) {
		value := s.text(arg.value)
		if arg.value.Kind == yaml.ScalarNode && arg.value.Tag != "!!null" && !isGoTemplate(value.S) {
			args = append(args, scanner.Arg{Name: arg.key.Value, Value: value})
		}
	}
	return args
}

// isGoTemplate reports whether skaffold fills a value in from the environment.
func isGoTemplate(s string) bool { return strings.Contains(s, "{{") }
