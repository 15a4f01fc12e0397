package buildfile

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// jobImages returns the images that the jobs of a pipeline run in, as uses: container, services and docker:// of GitHub
// workflows, image and services of GitLab, docker of CircleCI, container of Azure, image of steps. An image without a
// version is left out, and so is one with a variable in it.
func jobImages(f *trace.File, kind reading.Kind) []reading.Build {
	if kind != reading.Workflow && kind != reading.Pipeline || !slices.ContainsFunc(runWords, func(word string) bool { return bytes.Contains(f.Src, []byte(word)) }) {
		return nil
	}
	y, err := yamltext.Parse(f)
	if err != nil {
		return nil // who reads it for builds says so
	}
	j := jobs{File: y}
	for _, doc := range y.Docs {
		j.walk(doc, "", 0)
	}
	return j.uses
}

// runWords are in each file whose jobs run in images.
var runWords = []string{"image", "container", "services", dockerPrefix}

// dockerPrefix is what a step of a workflow has in front of an image that it runs.
const dockerPrefix = "docker://"

// maxJobDepth is deeper than pipelines are nested.
const maxJobDepth = 50

// jobs finds the images that jobs run in.
type jobs struct {
	*yamltext.File
	uses []reading.Build
}

var (
	// groupers are keys whose own name says nothing of the jobs below them.
	groupers = strings.Fields("jobs default executors resources pipelines runs template spec strategy")
	// inputs are keys of values that something else makes of them what it will, and machine, whose image is none of containers.
	inputs = strings.Fields("with env environment variables vars parameters inputs outputs matrix on args script before_script after_script run machine")
	// jobNames are keys of the name of a job or step in a list.
	jobNames = []string{"name", "job", "id", "key"}
)

// walk takes the images below a node; owner is the job or service that the node is of.
func (j *jobs) walk(n *yaml.Node, owner string, depth int) {
	n = yamltext.Resolve(n)
	if n == nil || depth > maxJobDepth || len(j.uses) >= reading.MaxBuilds {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range yamltext.Items(n) {
			j.walk(item, nameOf(item, owner), depth+1)
		}
		return
	}
	for _, pair := range yamltext.Pairs(n) {
		key, value := pair.Key.Value, yamltext.Resolve(pair.Value)
		switch {
		case slices.Contains(inputs, key):
			continue
		case key == "uses":
			j.use(value, dockerPrefix, owner)
		case key == "image" || key == "container":
			j.use(value, "", owner)
		case key == "services":
			for _, item := range yamltext.Items(value) {
				j.use(item, "", owner)
			}
			for _, service := range yamltext.Pairs(value) {
				j.use(yamltext.Get(service.Value, "image"), "", owner)
			}
			continue
		}
		below := owner
		if value.Kind == yaml.MappingNode && !slices.Contains(groupers, key) && key != "image" && key != "container" {
			below = key
		}
		j.walk(value, below, depth+1)
	}
}

// nameOf returns what an item of a list is called; owner where it has no name.
func nameOf(item *yaml.Node, owner string) string {
	for _, key := range jobNames {
		if name := yamltext.Get(item, key); name != nil && name.Kind == yaml.ScalarNode && name.Value != "" {
			return name.Value
		}
	}
	return owner
}

// use takes an image, or what holds it by its name (GitLab), behind a prefix.
func (j *jobs) use(n *yaml.Node, prefix, owner string) {
	n = yamltext.Resolve(n)
	if n != nil && n.Kind == yaml.MappingNode {
		n = yamltext.Get(n, "name")
	}
	if n == nil || n.Kind != yaml.ScalarNode || !strings.HasPrefix(n.Value, prefix) || strings.Contains(n.Value, "$") {
		return
	}
	text := j.Text(n)
	text = text.Slice(len(prefix), len(text.S))
	if ref, ok := reading.ReferenceOf(text); ok && strings.ContainsAny(text.S[strings.LastIndexByte(text.S, '/')+1:], ":@") {
		use := reading.Build{Images: []trace.Text{ref}, Name: owner, IsUse: true}
		use.Where = j.Pos(n)
		j.uses = append(j.uses, use)
	}
}
