package pipeline

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A plugin is a step that builds an image by its inputs, without a command. It is read as the command
// line that it comes to.
type plugin struct {
	key    string         // of what names it; "" for a key that is itself the name, above the inputs
	name   *regexp.Regexp // what it is called
	inputs string         // the key above its inputs; "" where they stand beside the name, or below it

	// The keys of the inputs; several for those that count one after the other.
	file, context, repository, tags, registry, args, target, more string

	program string // what is run with the inputs as its arguments; "" for one that has inputs by keys
	below   string // the key of the directory that its Dockerfile is in
	beside  string // as a context, and where no context is given, the directory of the Dockerfile
	command string // the key of what it does; it builds where that is not said or begins with "build"
	hidden  bool   // the registry is a connection, whose address is not in the file
	anyCase bool   // the keys of the inputs may be written in any case: dockerfile for Dockerfile
}

// plugins are those that are known.
var plugins = []plugin{
	{
		key: "image", name: regexp.MustCompile(`^(?:docker\.io/)?(?:plugins/(?:kaniko-)?(?:docker|ecr|gcr|acr)|woodpeckerci/plugin-(?:docker|docker-buildx)|banzaicloud/drone-kaniko)(?::|$)`), inputs: "settings",
		file: "dockerfile", context: "context", repository: "repo", tags: "tags tag", registry: "", args: "build_args", target: "target",
	},
	{
		key: "task", name: regexp.MustCompile(`^Docker@[0-9]+$`), inputs: "inputs",
		file: "Dockerfile", context: "buildContext", repository: "repository imageName", tags: "tags", registry: "containerRegistry azureContainerRegistry", beside: "**", anyCase: true, hidden: true, more: "arguments", command: "command",
	},
	{
		key: "image", name: regexp.MustCompile(`(?:^|/)kaniko-project/executor(?:[:@]|$)`), inputs: "args", program: "/kaniko/executor",
	},
	{
		name: regexp.MustCompile(`^docker/(?:build|publish)$`),
		file: "dockerfile", below: "path", context: "docker-context", repository: "image", tags: "tag", registry: "registry", more: "extra_build_args",
	},
}

// mayPlug reports whether a file may have steps of plugins.
func mayPlug(src []byte) bool {
	for _, word := range []string{"plugins/", "plugin-docker", "kaniko", "Docker@", "docker/build", "docker/publish"} {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// plugged reads a mapping that is a step of a plugin.
func (p *pipeline) plugged(all []yamltext.Pair, dir string) {
	for _, e := range all {
		for i := range plugins {
			plug := &plugins[i]
			name := e.Key.Value
			if plug.key != "" {
				if name != plug.key || e.Value == nil || e.Value.Kind != yaml.ScalarNode {
					continue
				}
				name = e.Value.Value
			}
			if !plug.name.MatchString(name) {
				continue
			}
			inputs := e.Value
			if plug.key != "" {
				inputs = nil
				for _, other := range all {
					if other.Key.Value == plug.inputs {
						inputs = other.Value
					}
				}
			}
			p.plug(plug, e.Key, inputs, dir)
		}
	}
}

// input returns the value of a key of the inputs, nil where it is not there.
func (plug *plugin) input(inputs *yaml.Node, key string) *yaml.Node {
	if n := yamltext.Get(inputs, key); n != nil || !plug.anyCase {
		return n
	}
	for _, e := range yamltext.Pairs(inputs) {
		if strings.EqualFold(e.Key.Value, key) {
			return yamltext.Resolve(e.Value)
		}
	}
	return nil
}

// plug follows the command line that a step of a plugin comes to.
func (p *pipeline) plug(plug *plugin, at *yaml.Node, inputs *yaml.Node, dir string) {
	get := func(keys string) []trace.Text {
		for _, key := range strings.Fields(keys) {
			if n := plug.input(inputs, key); n != nil {
				var all []trace.Text
				for _, text := range p.commands(n) {
					all = append(all, reading.Entries(text, ",\n")...)
				}
				return all
			}
		}
		return nil
	}
	if does := get(plug.command); len(does) > 0 && !strings.HasPrefix(strings.ToLower(does[0].S), "build") {
		return
	}
	if plug.program != "" {
		p.plugProgram(plug, at, inputs, dir)
		return
	}
	quote := trace.Plain(`"`)
	line := []trace.Text{trace.Plain("docker build")}
	add := func(flag string, parts ...trace.Text) {
		line = append(line, trace.Plain(" "+flag), quote, trace.Join(parts...), quote)
	}
	for _, text := range get(plug.args) {
		add("--build-arg ", text)
	}
	file, below := get(plug.file), get(plug.below)
	if len(file) == 0 && len(below) > 0 {
		file = []trace.Text{trace.Plain("Dockerfile")}
	}
	switch {
	case len(file) > 0 && len(below) > 0:
		add("-f ", below[0], trace.Plain("/"), file[0])
	case len(file) > 0:
		add("-f ", file[0])
	}
	if target := get(plug.target); len(target) > 0 {
		add("--target ", target[0])
	}
	if repository := get(plug.repository); len(repository) > 0 {
		image := repository[0]
		if registry := get(plug.registry); len(registry) > 0 {
			if plug.hidden {
				registry[0] = trace.Plain(reading.Unknown)
			}
			image = trace.Join(registry[0], trace.Plain("/"), image)
		}
		tags := get(plug.tags)
		for _, tag := range tags {
			add("-t ", image, trace.Plain(":"), tag)
		}
		if len(tags) == 0 {
			add("-t ", image, trace.Plain(":"+reading.Unknown))
		}
	}
	for _, text := range get(plug.more) {
		line = append(line, trace.Plain(" "), text)
	}
	context := trace.Plain(".")
	given := get(plug.context)
	switch {
	case plug.beside != "" && (len(given) == 0 || given[0].S == plug.beside) && len(file) > 0:
		if at := strings.LastIndexByte(file[0].S, '/'); at > 0 {
			context = file[0].Slice(0, at)
		}
	case len(given) > 0:
		context = given[0]
	}
	add("", context)
	p.plugLine(line, at, inputs, dir)
}

// plugProgram follows the command line of a step whose inputs are the arguments of a program.
func (p *pipeline) plugProgram(plug *plugin, at *yaml.Node, inputs *yaml.Node, dir string) {
	line := []trace.Text{trace.Plain(plug.program)}
	for _, item := range yamltext.Items(inputs) {
		if item != nil && item.Kind == yaml.ScalarNode {
			line = append(line, trace.Plain(` "`), p.Text(item), trace.Plain(`"`))
		}
	}
	if len(line) > 1 {
		p.plugLine(line, at, inputs, dir)
	}
}

// plugLine follows a command line that stands for a step.
func (p *pipeline) plugLine(line []trace.Text, at, inputs *yaml.Node, dir string) {
	built := len(p.run.Builds)
	if p.plugs == nil {
		p.plugs = map[*yaml.Node]bool{}
	}
	p.plugs[yamltext.Resolve(inputs)] = true
	p.scriptAt(p.filled(trace.Join(line...)), dir, p.Pos(at))
	for i := built; i < len(p.run.Builds); i++ {
		p.run.Builds[i].Where = p.Pos(at)
	}
}
