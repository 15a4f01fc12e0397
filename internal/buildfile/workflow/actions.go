package workflow

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A buildAction says which inputs of an action that builds an image mean what. Several names
// of one input are those of its versions.
type buildAction struct {
	context, file, target, platforms string
	args                             string // NAME=value
	environment                      string // names of variables that are handed in as arguments
	contexts                         string
	tags                             string // references, or tags of the image where that is an input
	image, registry                  string
	flags                            string     // options as docker build has them
	imageIs                          trace.Text // what the image is, where it is not what the input says

	separators    string // between arguments; "\n" where it is empty
	tagSeparators string // "\n," where it is empty
	defaultTag    string
	registryIs    string // where the input is not given
	fileInContext bool   // a file is below the context, not below the workspace
}

var (
	buildPush = buildAction{context: "context", file: "file", target: "target", platforms: "platforms", args: "build-args", contexts: "build-contexts", tags: "tags"}
	kaniko    = buildAction{context: "context", file: "file", target: "target", platforms: "platform platforms", args: "build-args", tags: "tags"}
)

// buildActions are the actions that build an image of a Dockerfile, by name.
var buildActions = map[string]buildAction{
	"docker/build-push-action":        buildPush,
	"depot/build-push-action":         buildPush,
	"useblacksmith/build-push-action": buildPush,
	"namespacelabs/build-push-action": buildPush,
	"int128/kaniko-action":            kaniko,
	"docker/build-push-action@v1": {context: "path", file: "dockerfile", target: "target", args: "build_args", tags: "tags",
		image: "repository", registry: "registry", separators: ",\n"},
	"redhat-actions/buildah-build": {context: "context", file: "containerfiles dockerfiles", platforms: "platforms platform archs arch", args: "build-args",
		tags: "tags", image: "image", flags: "extra-args", tagSeparators: " ,\n", defaultTag: "latest"},
	"elgohr/Publish-Docker-Github-Action": {context: "context workdir", file: "dockerfile", platforms: "platforms", environment: "buildargs", tags: "tags",
		image: "name", registry: "registry", fileInContext: true},
	"mr-smithers-excellent/docker-build-push": {context: "directory", file: "dockerfile", target: "target", platforms: "platform", args: "buildArgs",
		tags: "tags", image: "image", registry: "registry", separators: ",\n"},
	"whoan/docker-build-with-cache-action": {context: "context", file: "dockerfile", tags: "image_tag", image: "image_name", registry: "registry",
		flags: "build_extra_args", defaultTag: "latest", fileInContext: true},
	"macbre/push-to-ghcr": {context: "context", file: "dockerfile", args: "build_arg", tags: "image_tag", image: "image_name", registry: "repository",
		registryIs: "ghcr.io"},
	"aevea/action-kaniko": {context: "path", file: "build_file", target: "target", tags: "tag", image: "image", registry: "registry",
		flags: "extra_args", fileInContext: true},
	"cloudposse/github-action-docker-build-push": {context: "workdir", file: "file", target: "target", platforms: "platforms", args: "build-args",
		contexts: "build-contexts", image: "image_name", registry: "registry", fileInContext: true},
	"VaultVulp/gp-docker-action": {context: "build-context", file: "dockerfile", args: "build-args", tags: "image-tag", image: "image-name",
		separators: " \n", defaultTag: "latest"},
}

// actionOf returns what is known of the action of a step.
func actionOf(uses string, with *yaml.Node) (a buildAction, ok bool) {
	name, version, _ := strings.Cut(uses, "@")
	if name == "docker/build-push-action" && (version == "v1" || strings.HasPrefix(version, "v1.") || yamltext.Get(with, "repository") != nil) {
		name += "@v1"
	}
	a, ok = buildActions[name]
	return a, ok
}

// input returns the first input of a step that is given, of several names.
func input(with *yaml.Node, names string) *yaml.Node {
	for _, name := range strings.Fields(names) {
		if n := getFold(with, name); n != nil {
			return n
		}
	}
	return nil
}

// action reads a step that uses an action which builds.
func (w *workflow) action(s *scope, step *yaml.Node, a buildAction) {
	with := yamltext.Get(step, "with")
	b := reading.Build{}
	b.Where = w.Pos(step)
	if base := yamltext.Get(with, "base-image"); base != nil && input(with, a.file) == nil {
		w.run.Say(source.CodeNotUnderstood, w.Pos(step), "an image is made without a Dockerfile, on "+source.Clean(base.Value))
		return
	}
	files := reading.Entries(s.value(input(with, a.file)), "\n")
	if len(files) == 0 {
		files = []trace.Text{{}}
	}
	found := false
	for _, file := range files {
		if b.Dockerfile, b.Context, found = w.built(s, step, a, file.S); found {
			break // of several files, the first begins
		}
	}
	if !found {
		return
	}
	if target := s.value(input(with, a.target)); !reading.Hidden(target) {
		b.Target = strings.TrimSpace(target.S)
	}
	for _, t := range reading.Entries(s.value(input(with, a.platforms)), "\n,") {
		if !strings.Contains(t.S, "/") && !reading.Hidden(t) {
			t = trace.Join(trace.Plain("linux/"), t)
		}
		b.Platforms = reading.AddPlatform(b.Platforms, t.S)
	}
	s.images(&b, a, with)
	separators := "\n"
	if a.separators != "" {
		separators = a.separators
	}
	for _, t := range reading.Entries(s.value(input(with, a.args)), separators) {
		b.AddArg(t)
	}
	for _, t := range reading.Entries(s.value(input(with, a.environment)), "\n,") {
		if v, ok := s.variables()[t.S]; ok && len(v.Words) == 1 {
			b.Pass(t.S, v.Words[0])
			continue
		}
		if name, _, isPair := t.Cut("="); isPair {
			b.AddArg(t)
		} else if reading.IsName(name.S) {
			b.Pass(name.S, trace.Plain(reading.Unknown))
		}
	}
	for _, t := range reading.Entries(s.value(input(with, a.contexts)), "\n") {
		b.AddContext(t)
	}
	if n := input(with, a.flags); n != nil {
		sh := &shell.Shell{Run: w.run, Vars: map[string]shell.Variable{}}
		o := sh.Options(shell.DockerFlags, reading.FieldsOf(s.value(n)))
		b.Args, b.Contexts = append(b.Args, o.Build.Args...), append(b.Contexts, o.Build.Contexts...)
		if o.Build.Target != "" {
			b.Target = o.Build.Target
		}
	}
	w.run.Add(b)
}

// images adds the references that an action gives to what it builds.
func (s *scope) images(b *reading.Build, a buildAction, with *yaml.Node) {
	separators := "\n,"
	if a.tagSeparators != "" {
		separators = a.tagSeparators
	}
	tags := reading.Entries(s.value(input(with, a.tags)), separators)
	if a.image == "" {
		for _, t := range tags {
			b.AddImage(t)
		}
		return
	}
	name := s.value(input(with, a.image)).TrimSpace()
	if a.imageIs.S != "" {
		name = a.imageIs
	}
	registry := s.value(input(with, a.registry)).TrimSpace()
	if registry.S == "" {
		registry = trace.Plain(a.registryIs)
	}
	if registry.S != "" && name.S != "" && !strings.HasPrefix(name.S, registry.S+"/") {
		registry = registry.Slice(0, len(strings.TrimSuffix(registry.S, "/")))
		name = trace.Join(registry, trace.Plain("/"), name)
	}
	if len(tags) == 0 && a.defaultTag != "" {
		tags = []trace.Text{trace.Plain(a.defaultTag)}
	}
	for _, tag := range tags {
		switch {
		case strings.ContainsAny(tag.S, "/:"): // it is a whole reference
			b.AddImage(tag)
		case name.S != "":
			b.AddImage(trace.Join(name, trace.Plain(":"), tag))
		}
	}
	if len(tags) == 0 && name.S != "" {
		b.AddImage(name)
	}
}

// built finds the Dockerfile that a step builds, and its context. Where it is not found for a
// reason that somebody should know, it is said.
func (w *workflow) built(s *scope, step *yaml.Node, a buildAction, file string) (dockerfile, dir string, ok bool) {
	with := yamltext.Get(step, "with")
	context := s.value(input(with, a.context)).TrimSpace().S
	given := context
	// The repository as git has it, where the Dockerfile is in the directory.
	sub, isDefault := strings.CutPrefix(context, "{{defaultContext}}")
	if isDefault {
		context = strings.TrimPrefix(sub, ":")
	}
	if isURL(context) {
		if context, isDefault = ownURL(w.run.Tree, context); !isDefault {
			return "", "", false // another repository, with its Dockerfile
		}
	}
	if context == "" {
		isDefault = given == "" || isDefault
		context = "."
	}
	if !isDefault {
		var okFile bool
		context, ok = s.inRepository(context)
		if file, okFile = s.inRepository(file); !ok || !okFile {
			s.isElsewhere(step)
			return "", "", false
		}
	}
	place := reading.Workplace{Starts: []string{"."}, Cwd: reading.RootDir}
	for _, file := range below(context, file, a.fileInContext && !isDefault) {
		if dockerfile, dir, ok = place.Find(w.run.Tree, context, file, isDefault); ok {
			return dockerfile, dir, true
		}
	}
	var told []string
	for _, names := range []string{a.context, a.file} {
		if n := input(with, names); n != nil {
			told = append(told, strings.TrimSpace(source.Clean(n.Value)))
		}
	}
	what := "the Dockerfile that is built is not known"
	if !strings.Contains(context+file, reading.Unknown) {
		what = "the Dockerfile that is built is not here"
	}
	if len(told) > 0 {
		what += ": " + strings.Join(told, ", ")
	}
	w.run.Say(source.CodeNotUnderstood, w.Pos(step), what)
	return "", "", false
}

// below returns where a file is looked for: in the context and then in the workspace, for an action that
// begins there, or the other way round.
func below(context, file string, inContext bool) []string {
	switch {
	case file == "" || !inContext:
		return []string{file}
	case path.IsAbs(file) || strings.HasPrefix(path.Clean(file), path.Clean(context)+"/"):
		return []string{file, path.Join(context, file)}
	}
	return []string{path.Join(context, file), file}
}

// isURL reports whether a context is a repository, with what it builds in it.
func isURL(context string) bool {
	return strings.Contains(context, "://") || strings.HasPrefix(context, "git@")
}

// ownURL returns the directory that a URL of git names in this repository: https://github.com/acme/platform.git#main:app.
func ownURL(t *reading.Tree, url string) (dir string, ok bool) {
	url, fragment, _ := strings.Cut(url, "#")
	url = strings.TrimSuffix(strings.TrimSuffix(url, "/"), ".git")
	for _, name := range t.OwnNames() {
		if n := len(url) - len(name); n > 0 && strings.EqualFold(url[n:], name) && (url[n-1] == '/' || url[n-1] == ':') {
			_, dir, _ = strings.Cut(fragment, ":")
			return dir, true
		}
	}
	return "", false
}

// usesBuilder reports whether a workflow uses something whose name may be that of what builds images.
func usesBuilder(src string) bool {
	for {
		_, rest, ok := strings.Cut(src, "uses:")
		if !ok {
			return false
		}
		name, _, _ := strings.Cut(rest, "\n")
		name = strings.ToLower(name)
		if namesBuilder(name) || strings.Contains(name, "bake") || strings.Contains(name, "ghcr") {
			return true
		}
		src = rest
	}
}
