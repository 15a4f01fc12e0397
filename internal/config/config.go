package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
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
	Ignore  []string          `yaml:"ignore"`  // Dockerfiles that are read and never edited
	Images  map[string]string `yaml:"images"`  // pattern of a Dockerfile -> the repository it makes; {dir} is its directory's name
	Targets map[string]string `yaml:"targets"` // pattern of a Dockerfile -> the stage that is shipped
	Group   bumper.Grouping   `yaml:"group"`   // how changes are grouped where the command line does not say
	Labels  []string          `yaml:"labels"`  // of pull requests; nil leaves the default

	path  string
	lines map[string]int // of the keys of images, by pattern
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
	c.path, c.lines = name, keyLines(data, "images")
	if c.Group != "" && !slices.Contains(bumper.Groupings(), c.Group) {
		return nil, c.at("group", data, fmt.Errorf("group %q is none of %s", c.Group, list(bumper.Groupings())))
	}
	patterns := map[string][]string{
		"dockerfiles": slices.Concat(c.Dockerfiles.Include, c.Dockerfiles.Exclude),
		"ignore":      c.Ignore,
		"images":      slices.Sorted(maps.Keys(c.Images)),
		"targets":     slices.Sorted(maps.Keys(c.Targets)),
	}
	for _, key := range slices.Sorted(maps.Keys(patterns)) {
		for _, pattern := range patterns[key] {
			if !doublestar.ValidatePattern(pattern) {
				return nil, c.at(key, data, fmt.Errorf("%q is no valid pattern", pattern))
			}
		}
	}
	for _, pattern := range patterns["images"] {
		image := c.Images[pattern]
		if r, err := imageref.Parse(strings.ReplaceAll(image, "{dir}", "dir")); err != nil || r.Version() != "" {
			return nil, &source.Error{Pos: source.Pos{Path: name, Line: c.lines[pattern]}, Err: fmt.Errorf("images: %q is no repository", image), Hint: "a registry and path without a tag, such as ghcr.io/team/{dir}"}
		}
	}
	return c, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line ([0-9]+): (.*)$`)

// broken gives an error of the YAML library its place.
func (c *Config) broken(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n")
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	pos := source.Pos{Path: c.path}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if key, _, ok := strings.Cut(text, " not found in type"); ok {
		text = "unknown key " + strings.TrimPrefix(key, "field ")
	}
	return &source.Error{Pos: pos, Err: errors.New(text), Hint: "the keys are dockerfiles, ignore, images, targets, group and labels"}
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

// Includes reports whether the file is a Dockerfile whatever its name.
func (c *Config) Includes(p string) bool { return match(c.Dockerfiles.Include, p) }

// Excludes reports whether the file or directory is not to be read.
func (c *Config) Excludes(p string) bool { return match(c.Dockerfiles.Exclude, p) }

// Ignores reports whether the Dockerfile is never to be edited.
func (c *Config) Ignores(p string) bool { return match(c.Ignore, p) }

// Target returns the stage of a Dockerfile that is shipped, "" for the last.
func (c *Config) Target(p string) string {
	_, target := lookUp(c.Targets, p)
	return target
}

// Claims returns which of the Dockerfiles makes which image.
func (c *Config) Claims(dockerfiles []string) []graph.Claim {
	var claims []graph.Claim
	for _, p := range dockerfiles {
		pattern, image := lookUp(c.Images, p)
		if pattern == "" {
			continue
		}
		ref, err := imageref.Parse(strings.ReplaceAll(image, "{dir}", strings.ToLower(path.Base(path.Dir(p)))))
		if err != nil {
			continue // {dir} of a directory whose name no image can have
		}
		where := source.Pos{Path: c.path, Line: c.lines[pattern]}
		claims = append(claims, graph.Claim{Image: ref.Repository, Path: p, Rule: graph.Configured, Where: where.String()})
	}
	return claims
}

// lookUp returns the entry whose pattern fits p: the longest pattern, the first
// by name among equals.
func lookUp(entries map[string]string, p string) (pattern, value string) {
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
