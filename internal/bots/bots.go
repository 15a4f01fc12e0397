// Package bots knows what Renovate and Dependabot are told of a repository: which files
// and images their configuration leaves alone, and what it has to say for a base to be left
// to propagate. It reads bytes and asks nobody.
//
// # Limitations
//
// Of Renovate's configuration what the repository itself says is read, and not the presets
// that it extends. Rules with further conditions, such as one for major updates alone, leave nothing
// alone here.
package bots

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// The bots.
const (
	Renovate   = "Renovate"
	Dependabot = "Dependabot"
)

// Files are where the bots look for their configuration, by bot.
func Files() map[string][]string {
	return map[string][]string{
		Renovate: {
			"renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json", ".gitlab/renovate.json5",
			".renovaterc", ".renovaterc.json", ".renovaterc.json5",
		},
		Dependabot: {".github/dependabot.yml", ".github/dependabot.yaml"},
	}
}

// An Exclusion is something that the configuration of a bot leaves alone.
type Exclusion struct {
	Bot  string
	Pos  source.Pos
	Key  string // that says so: ignorePaths, ignoreDeps, …
	Text string // what is written there

	file  func(path string) bool // nil fits every file
	image func(name string) bool // nil fits every image
}

// OfImages reports whether it is images that are left alone, and not files.
func (e Exclusion) OfImages() bool { return e.image != nil }

// Leaves reports whether the bot leaves an image alone in a file. The image is a canonical
// repository.
func (e Exclusion) Leaves(path, image string) bool {
	if e.file != nil && !e.file(path) {
		return false
	}
	return e.image == nil || slices.ContainsFunc(Names(image), e.image)
}

// Names are those by which bots know a canonical repository: with its registry, and without
// it.
func Names(repository string) []string {
	all := []string{repository}
	registry, rest, ok := strings.Cut(repository, "/")
	if ok && (strings.ContainsAny(registry, ".:") || registry == "localhost") {
		all = append(all, rest)
		if short, official := strings.CutPrefix(rest, "library/"); official && registry == "docker.io" {
			all = append(all, short)
		}
	}
	return all
}

// Read returns what a file of a bot's configuration leaves alone, by place. The error says
// why it cannot be read.
func Read(bot, path string, data []byte) ([]Exclusion, error) {
	text, origin := data, []int(nil)
	if bot == Renovate {
		text, origin = plain(data)
	}
	file, err := yamltext.Parse(trace.NewFile(path, text))
	if err != nil {
		line, what := yamltext.Problem(err)
		return nil, &source.Error{Pos: source.Pos{Path: path, Line: line}, Err: fmt.Errorf("the configuration of %s cannot be read: %s", bot, what)}
	}
	r := &reader{bot: bot, file: file, origin: origin, lines: source.NewLines(data)}
	for _, doc := range file.Docs {
		if bot == Renovate {
			r.renovate(doc)
		} else {
			r.dependabot(doc)
		}
	}
	slices.SortStableFunc(r.found, func(a, b Exclusion) int { return a.Pos.Compare(b.Pos) })
	return r.found, nil
}

// plain makes YAML of JSON5: without comments, without tabs between values, and with a
// space behind each colon. origin says where each byte was.
func plain(data []byte) (text []byte, origin []int) {
	put := func(c byte, at int) { text, origin = append(text, c), append(origin, at) }
	var quote byte
	for i := 0; i < len(data); i++ {
		c, rest := data[i], data[i:]
		switch {
		case quote != 0:
			put(c, i)
			if c == '\\' && len(rest) > 1 {
				i++
				put(data[i], i)
			} else if c == quote || c == '\n' {
				quote = 0
			}
			continue
		case c == '"' || c == '\'':
			quote = c
		case c == '\t':
			c = ' '
		case bytes.HasPrefix(rest, []byte("//")):
			for i+1 < len(data) && data[i+1] != '\n' {
				i++
			}
			continue
		case bytes.HasPrefix(rest, []byte("/*")):
			comment, _, _ := bytes.Cut(rest[2:], []byte("*/"))
			for range bytes.Count(comment, []byte("\n")) {
				put('\n', i)
			}
			i += len(comment) + 3
			continue
		}
		put(c, i)
		if c == ':' {
			put(' ', i)
		}
	}
	return text, origin
}

// A reader collects what a file says.
type reader struct {
	bot    string
	file   *yamltext.File
	origin []int        // where each byte of file was; nil where it still is
	lines  source.Lines // of what was read
	found  []Exclusion
}

func (r *reader) add(at *yaml.Node, key, text string, file, image func(string) bool) {
	pos := r.file.Pos(at)
	if offset, ok := r.file.Offset(at); ok && offset < len(r.origin) {
		pos.Line, pos.Col = r.lines.Position(r.origin[offset])
	}
	r.found = append(r.found, Exclusion{Bot: r.bot, Pos: pos, Key: key, Text: text, file: file, image: image})
}

// texts returns the scalars of a list.
func texts(n *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for _, item := range yamltext.Items(n) {
		if item = yamltext.Resolve(item); item != nil && item.Kind == yaml.ScalarNode {
			all = append(all, item)
		}
	}
	return all
}

func isFalse(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.ScalarNode && strings.EqualFold(n.Value, "false")
}
