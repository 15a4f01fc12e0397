package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Name is the file at the root of a repository that is read where no other is
// named.
const Name = ".propagate.yaml"

// A Config is what a repository says of itself. Its zero value says nothing.
// Patterns are globs over slash-separated paths from the root of the repository;
// "**" stands for any number of directories.
type Config struct {
	Dockerfiles struct {
		Include []string `yaml:"include"` // further files that are Dockerfiles
		Exclude []string `yaml:"exclude"` // files and directories that are not read
	} `yaml:"dockerfiles"`
	Ignore     []string           `yaml:"ignore"`     // Dockerfiles that are read and never edited
	Images     map[string]Image   `yaml:"images"`     // pattern of a Dockerfile -> the image it makes
	Targets    map[string]string  `yaml:"targets"`    // pattern of a Dockerfile -> the stage that is shipped
	Versions   map[string]Version `yaml:"versions"`   // image, or its last path components -> the version it has
	Arguments  []Arguments        `yaml:"arguments"`  // files that hold build arguments
	References []Reference        `yaml:"references"` // references in files that are no Dockerfiles
	Group      bumper.Grouping    `yaml:"group"`      // how changes are grouped where the command line does not say
	Labels     []string           `yaml:"labels"`     // of pull requests; nil leaves the default
	GitHub     struct {
		Hosts Hosts `yaml:"hosts"` // of GitHub Enterprise, besides those of the environment
	} `yaml:"github"`

	foreign bool // the file is not the repository's own, so that nothing in it can be edited

	path  string
	file  *trace.File
	lines map[string]map[string]int // of the keys below images, versions and references
}

// Parse reads a configuration; name is what errors call it. They are
// *source.Error.
func Parse(name string, data []byte) (*Config, error) {
	c := &Config{path: name}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, c.broken(err)
	}
	c.path, c.file, c.lines = name, trace.NewFile(name, data), map[string]map[string]int{}
	for _, key := range []string{"images", "versions"} {
		c.lines[key] = keyLines(data, key)
	}
	if c.Group != "" && !slices.Contains(bumper.Groupings(), c.Group) {
		return nil, c.at("group", data, fmt.Errorf("group %q is none of %s", c.Group, list(bumper.Groupings())))
	}
	patterns := map[string][]string{
		"dockerfiles": slices.Concat(c.Dockerfiles.Include, c.Dockerfiles.Exclude),
		"ignore":      c.Ignore,
		"images":      slices.Sorted(maps.Keys(c.Images)),
		"targets":     slices.Sorted(maps.Keys(c.Targets)),
	}
	for _, a := range c.Arguments {
		patterns["arguments"] = slices.Concat(patterns["arguments"], a.Files, a.For)
	}
	for _, r := range c.References {
		patterns["references"] = append(patterns["references"], r.Files...)
	}
	for _, key := range slices.Sorted(maps.Keys(patterns)) {
		for _, pattern := range patterns[key] {
			if !doublestar.ValidatePattern(pattern) {
				return nil, c.at(key, data, fmt.Errorf("%q is no valid pattern", pattern))
			}
		}
	}
	for _, pattern := range patterns["images"] {
		image := c.Images[pattern].Repository
		if r, err := imageref.Parse(strings.ReplaceAll(image, "{dir}", "dir")); err != nil || r.Version() != "" {
			return nil, c.below("images", pattern, fmt.Errorf("images: %q is no repository", image), "a registry and path without a tag, such as ghcr.io/team/{dir}")
		}
	}
	if err := c.checkVersions(); err != nil {
		return nil, err
	}
	return c, c.checkReferences(data)
}

// below returns err at the line of a key below a top-level key.
func (c *Config) below(key, name string, err error, hint string) error {
	return &source.Error{Pos: source.Pos{Path: c.path, Line: c.lines[key][name]}, Err: err, Hint: hint}
}

var yamlLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:yaml: )?line ([0-9]+): (.*)$`) })

// broken gives an error of the YAML library its place.
func (c *Config) broken(err error) error {
	var placed *source.Error
	if errors.As(err, &placed) {
		placed.Pos.Path = c.path
		return placed
	}
	text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n")
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	pos := source.Pos{Path: c.path}
	if m := yamlLine().FindStringSubmatch(text); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if key, _, ok := strings.Cut(text, " not found in type"); ok {
		text = "unknown key " + strings.TrimPrefix(key, "field ")
	}
	return &source.Error{Pos: pos, Err: errors.New(text), Hint: "the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels and github"}
}

// at returns err at the line of a top-level key.
func (c *Config) at(key string, data []byte, err error) error {
	pos := source.Pos{Path: c.path}
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, key+":") {
			pos.Line, pos.Col = i+1, 1
		}
	}
	return &source.Error{Pos: pos, Err: err}
}

// keyLines returns the lines of the keys of the mapping under a top-level key.
func keyLines(data []byte, under string) map[string]int {
	lines := map[string]int{}
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil || len(document.Content) == 0 {
		return lines
	}
	root := document.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == under {
			for j := 0; j+1 < len(root.Content[i+1].Content); j += 2 {
				lines[root.Content[i+1].Content[j].Value] = root.Content[i+1].Content[j].Line
			}
		}
	}
	return lines
}

// Foreign marks the configuration as one that does not come from the repository:
// nothing in it is edited.
func (c *Config) Foreign() { c.foreign = true }

// Includes reports whether the file is a Dockerfile whatever its name.
func (c *Config) Includes(p string) bool { return match(c.Dockerfiles.Include, p) }

// Excludes reports whether the file or directory is not to be read.
func (c *Config) Excludes(p string) bool { return match(c.Dockerfiles.Exclude, p) }

// Excluded reports whether the file, or a directory that it is in, is not to be read.
func (c *Config) Excluded(p string) bool {
	if len(c.Dockerfiles.Exclude) == 0 {
		return false
	}
	for i := range len(p) {
		if p[i] == '/' && c.Excludes(p[:i]) {
			return true
		}
	}
	return c.Excludes(p)
}

// FilePatterns returns the patterns of the files that the configuration names besides
// those that are told by their names.
func (c *Config) FilePatterns() []string {
	all := slices.Clone(c.Dockerfiles.Include)
	for _, r := range c.References {
		all = append(all, r.Files...)
	}
	for _, a := range c.Arguments {
		all = append(all, a.Files...)
	}
	return all
}

// Ignores reports whether the Dockerfile is never to be edited.
func (c *Config) Ignores(p string) bool { return match(c.Ignore, p) }

// Target returns the stage of a Dockerfile that is shipped, "" for what the build
// files or else the last stage say.
func (c *Config) Target(p string) string {
	if _, target := lookUp(c.Targets, p); target != "" {
		return target
	}
	_, image := lookUp(c.Images, p)
	return image.Target
}

// lookUp returns the entry whose pattern fits p: the longest pattern, the first
// by name among equals.
func lookUp[V any](entries map[string]V, p string) (pattern string, value V) {
	for candidate, v := range entries {
		if doublestar.MatchUnvalidated(candidate, p) &&
			(pattern == "" || len(candidate) > len(pattern) || len(candidate) == len(pattern) && candidate < pattern) {
			pattern, value = candidate, v
		}
	}
	return pattern, value
}

func match(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if doublestar.MatchUnvalidated(pattern, p) {
			return true
		}
	}
	return false
}

func list(groupings []bumper.Grouping) string {
	var names []string
	for _, g := range groupings {
		names = append(names, string(g))
	}
	return strings.Join(names, ", ")
}
