package workflow

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Words in the names of actions that build images, and the inputs that such an action has.
var (
	anyAction      = buildAction{context: "context build-context build_context docker-context path directory", file: "dockerfile docker-file docker_file dockerfile-path dockerfile_path dockerfiles containerfile containerfiles file", args: "build-args build_args buildargs build-arg build_arg"}
	buildingWords  = []string{"docker", "build", "kaniko", "buildah", "podman", "jib", "pack", "ko", "image", "container"}
	buildingInputs = strings.Fields("dockerfile dockerfiles containerfile containerfiles docker-file docker_file dockerfile-path dockerfile_path file context build-context build_context docker-context build-args build_args buildargs build-arg")
)

// namesBuilder reports whether the name of an action has a word of those that build images. The name of
// checkout has "ko" in it, and is none.
func namesBuilder(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("/-_. @\"'", r) })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(buildingWords, func(b string) bool { return word == b || len(b) > 3 && strings.Contains(word, b) })
	})
}

// stranger says of a step or a job that uses something of another repository if it seems to build an
// image of this one.
func (s *scope) stranger(step, uses, with *yaml.Node) {
	name, _, _ := strings.Cut(uses.Value, "@")
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "docker://") {
		return
	}
	if !namesBuilder(strings.ToLower(name)) {
		return
	}
	if s.conventional(step, name, with) {
		return
	}
	for _, p := range yamltext.Pairs(with) {
		key := strings.ToLower(p.Key.Value)
		if !slices.Contains(buildingInputs, key) {
			continue
		}
		if (key == "file" || key == "context") && !strings.Contains(strings.ToLower(p.Value.Value), "dockerfile") && key == "file" {
			continue // of something else
		}
		s.run.Say(source.CodeNotUnderstood, s.Pos(p.Key), fmt.Sprintf("what %s builds is not read: the action is not known (%s: %s)",
			source.Clean(name), source.Clean(p.Key.Value), source.Clean(strings.TrimSpace(p.Value.Value))))
		s.overridden(uses, with)
		return
	}
}

// overridden adds what an action that is not known seems to build, with the arguments that it is told: what it
// makes of them is not known, and the default of each does not count.
func (s *scope) overridden(uses, with *yaml.Node) {
	b := reading.Build{}
	b.Where = s.Pos(uses)
	for _, t := range reading.Entries(s.value(input(with, anyAction.args)), "\n,") {
		if key, _, ok := t.Cut("="); ok && reading.IsName(key.S) {
			b.Pass(key.S, trace.Plain(reading.Unknown))
		}
	}
	context, file := s.value(input(with, anyAction.context)).TrimSpace().S, s.value(input(with, anyAction.file)).TrimSpace().S
	if context == "" {
		context = "."
	}
	place := reading.Workplace{Starts: []string{"."}, Cwd: reading.RootDir}
	var ok bool
	if b.Dockerfile, b.Context, ok = place.Find(s.run.Tree, context, file, true); ok && len(b.Args) > 0 {
		s.run.Add(b)
	}
}

// convention is what the inputs of an action that is not known most likely mean: what they mean to
// docker/build-push-action, by their usual names.
var convention = buildAction{
	context: "context build-context build_context buildcontext docker-context docker_context",
	file:    "file dockerfile docker-file docker_file dockerfile-path dockerfile_path dockerfilepath containerfile container-file",
	target:  "target build-target build_target", platforms: "platforms platform",
	args: "build-args build_args buildargs docker-build-args", contexts: "build-contexts build_contexts",
	tags:     "tags image-tags image_tags imagetags tag image-tag image_tag imagetag",
	registry: "registry container-registry container_registry image-registry docker-registry registry-prefix registry_prefix",
}

// The usual names of inputs: of that which has the image without its tag, and of that which has what stands between
// it and the registry.
const (
	imageInputs     = "image image-name image_name imagename image-repository image_repository"
	namespaceInputs = "registry-namespace registry_namespace image-namespace image_namespace namespace organization org"
)

// conventional reads a step or a job that uses an action which is not known, where its inputs are those of
// docker/build-push-action: where the Dockerfile is, and what is handed in or how the image is called.
// It is said that this is assumed.
func (s *scope) conventional(step *yaml.Node, name string, with *yaml.Node) bool {
	a := convention
	if image := input(with, imageInputs); image != nil {
		a.image = imageInputs
		a.imageIs = s.strangersImage(name, s.value(image), with)
	}
	where, told := input(with, a.context), input(with, a.args)
	if file := input(with, a.file); file != nil && (where != nil || isDockerfile(s.value(file).S)) {
		where = file
	}
	for _, n := range []*yaml.Node{input(with, a.tags), input(with, imageInputs)} {
		if told == nil {
			told = n
		}
	}
	if where == nil || told == nil {
		return false
	}
	before := len(s.run.Builds)
	s.action(s, step, a)
	for _, p := range yamltext.Pairs(with) {
		if p.Value == told && len(s.run.Builds) > before {
			s.run.Say(source.CodeAssumedValue, s.Pos(p.Key), fmt.Sprintf("what %s builds is taken from its inputs, as docker/build-push-action has them: the action is not known", source.Clean(name)))
		}
	}
	return true
}

// strangersImage returns the image that an action which is not known gives what it builds. A name without a namespace is
// below that of another input, or else below a registry or a namespace that the action knows. Where the image is not known, it is called
// as another step of the workflow tells an action of the same repository: one that publishes the images of several platforms as one.
func (s *scope) strangersImage(action string, image trace.Text, with *yaml.Node) trace.Text {
	image = image.TrimSpace()
	if reading.IsVoid(image) {
		image = s.toldToSiblings(action)
	}
	if image.S == "" || strings.Contains(image.S, "/") || strings.Contains(image.S, reading.Unknown) {
		return image
	}
	if namespace := s.value(input(with, namespaceInputs)).TrimSpace(); namespace.S != "" {
		return trace.Join(namespace, trace.Plain("/"), image)
	}
	if registry := input(with, convention.registry); registry != nil && !isSharedHost(s.value(registry).TrimSpace().S) {
		return image
	}
	return trace.Join(trace.Plain(reading.Unknown+"/"), image)
}

// isSharedHost reports whether a registry is the bare host of one that has all images below a namespace.
func isSharedHost(registry string) bool {
	return slices.Contains([]string{"docker.io", "index.docker.io", "registry.hub.docker.com", "ghcr.io", "quay.io"}, strings.TrimSuffix(strings.TrimPrefix(registry, "https://"), "/"))
}

// toldToSiblings returns the image that the other steps of a workflow tell actions of one repository; nothing where
// they tell none, or several.
func (s *scope) toldToSiblings(action string) (image trace.Text) {
	owner, rest, _ := strings.Cut(action, "/")
	repository, _, _ := strings.Cut(rest, "/")
	isSibling := func(uses *yaml.Node) bool {
		return uses != nil && strings.HasPrefix(uses.Value, owner+"/"+repository+"/") && !strings.HasPrefix(uses.Value, action+"@")
	}
	several := false
	take := func(at *yaml.Node) {
		if !s.run.Use(10) {
			return
		}
		n := input(yamltext.Get(at, "with"), imageInputs)
		if n == nil || !isSibling(yamltext.Get(at, "uses")) {
			return
		}
		value := s.value(n).TrimSpace()
		if reading.Hidden(value) || value.S == "" {
			return
		}
		several = several || image.S != "" && image.S != value.S
		image = value
	}
	for _, doc := range s.Docs {
		for _, job := range yamltext.Pairs(yamltext.Get(doc, "jobs")) {
			take(job.Value)
			for _, step := range yamltext.Items(yamltext.Get(job.Value, "steps")) {
				take(step)
			}
		}
	}
	if several {
		return trace.Text{}
	}
	return image
}

// isDockerfile reports whether a path is called like a Dockerfile, or may be.
func isDockerfile(p string) bool {
	p = strings.ToLower(p)
	return strings.Contains(p, "dockerfile") || strings.Contains(p, "containerfile") || strings.Contains(p, reading.Unknown)
}
