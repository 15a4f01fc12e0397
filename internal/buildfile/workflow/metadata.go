package workflow

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A flavor is what docker/metadata-action does to all tags.
type flavor struct {
	latest         string // auto, true or false
	prefix, suffix trace.Text
	onLatest       [2]bool // prefix and suffix are put to latest as well
}

// attributes returns the KEY=VALUE entries of a line.
func attributes(line trace.Text) (keys []string, values map[string]trace.Text) {
	values = map[string]trace.Text{}
	for _, entry := range reading.Entries(line, ",") {
		key, v, _ := entry.Cut("=")
		name := strings.ToLower(strings.TrimSpace(key.S))
		keys = append(keys, name)
		values[name] = v.TrimSpace()
	}
	return keys, values
}

func (s *scope) flavorOf(n *yaml.Node, depth int) flavor {
	f := flavor{latest: "auto"}
	for _, line := range reading.Entries(s.expand(n, depth), "\n") {
		keys, values := attributes(line)
		last := -1
		for _, key := range keys {
			switch v := values[key]; key {
			case "latest":
				f.latest = v.S
			case "prefix":
				f.prefix, last = v, 0
			case "suffix":
				f.suffix, last = v, 1
			case "onlatest":
				if last >= 0 {
					f.onLatest[last] = v.S == "true"
				}
			}
		}
	}
	return f
}

// latestTag is the tag latest as a flavor has it.
func (f flavor) latestTag() trace.Text {
	var prefix, suffix trace.Text
	if f.onLatest[0] {
		prefix = f.prefix
	}
	if f.onLatest[1] {
		suffix = f.suffix
	}
	return trace.Join(prefix, trace.Plain("latest"), suffix)
}

// metadataTags returns the tags that a docker/metadata-action step makes, as far as they are known;
// isAll is false where there are others.
func (s *scope) metadataTags(step *yaml.Node, depth int) (tags []trace.Text, isAll bool) {
	with := yamltext.Get(step, "with")
	f := s.flavorOf(yamltext.Get(with, "flavor"), depth)
	lines := reading.Entries(s.expand(yamltext.Get(with, "tags"), depth), "\n")
	isAll = len(lines) > 0 // or those of the event
	isLatest := f.latest == "true"
	for _, line := range lines {
		keys, values := attributes(line)
		if len(keys) == 1 && !strings.Contains(line.S, "=") {
			values = map[string]trace.Text{"type": trace.Plain("raw"), "value": line}
		}
		if v, ok := values["enable"]; ok && v.S == "false" {
			continue
		}
		made, moves := tagsOf(values)
		prefix, suffix := f.prefix, f.suffix
		if v, ok := values["prefix"]; ok {
			prefix = v
		}
		if v, ok := values["suffix"]; ok {
			suffix = v
		}
		if made.S == "" || reading.Hidden(made) || reading.Hidden(prefix) || reading.Hidden(suffix) || strings.Contains(made.S+prefix.S+suffix.S, "{{") {
			isAll = false
			if made = trace.Join(prefix, made, suffix); made.S != "" && !strings.Contains(made.S, "{{") {
				tags = append(tags, made) // of which a part is known
			}
			continue
		}
		isLatest = isLatest || moves && f.latest == "auto"
		tags = append(tags, trace.Join(prefix, made, suffix))
	}
	if isLatest {
		if t := f.latestTag(); reading.Hidden(t) {
			isAll = false
		} else {
			tags = append(tags, t)
		}
	}
	return tags, isAll && f.latest != reading.Unknown
}

var semantic = regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)((?:-[\w.-]+)?(?:\+[\w.-]+)?)$`)

// tagsOf returns the tag of one line, "" where it is made of what is not known: a branch, a tag or a
// commit of git, a date. isRelease says that latest goes along with it.
func tagsOf(values map[string]trace.Text) (tag trace.Text, isRelease bool) {
	value, given := values["value"]
	pattern := values["pattern"]
	switch values["type"].S {
	case "raw":
		return value, false
	case "edge":
		return trace.Plain("edge"), false
	case "schedule":
		if pattern.S == "" {
			return trace.Plain("nightly"), false
		}
		return pattern, false
	case "semver", "pep440":
		m := semantic.FindStringSubmatchIndex(value.S)
		if !given || m == nil {
			return trace.Text{}, false
		}
		isFinal := m[8] == m[9]
		parts := map[string]trace.Text{"{{raw}}": value, "{{major}}": value.Slice(m[2], m[3]), "{{minor}}": value.Slice(m[4], m[5]), "{{patch}}": value.Slice(m[6], m[7])}
		parts["{{version}}"] = value.Slice(m[2], len(value.S))
		if !isFinal && values["type"].S == "pep440" {
			return trace.Text{}, false // it is written in another way
		}
		if !isFinal && pattern.S != "{{raw}}" {
			pattern = trace.Plain("{{version}}") // a pre-release has no others
		}
		return fill(pattern, parts), isFinal
	case "match":
		re, err := regexp.Compile(pattern.S)
		if !given || err != nil || len(pattern.S) > envfile.MaxValue {
			return trace.Text{}, false
		}
		group := 0
		if g := values["group"].S; len(g) == 1 && g[0] <= '9' {
			group = int(g[0] - '0')
		}
		m := re.FindStringSubmatchIndex(value.S)
		if 2*group+1 >= len(m) || m[2*group] < 0 {
			return trace.Text{}, false
		}
		return value.Slice(m[2*group], m[2*group+1]), true
	}
	return trace.Text{}, false
}

// fill puts values in the place of their names.
func fill(t trace.Text, values map[string]trace.Text) trace.Text {
	var parts []trace.Text
	for {
		start := strings.Index(t.S, "{{")
		end := strings.Index(t.S, "}}")
		if start < 0 || end < start {
			return trace.Join(append(parts, t)...)
		}
		v, ok := values[t.S[start:end+2]]
		if !ok {
			v = trace.Plain(reading.Unknown)
		}
		parts = append(parts, t.Slice(0, start), v)
		t = t.Slice(end+2, len(t.S))
	}
}

// metadata returns the images of a docker/metadata-action step, one a line: with the tags that are
// known, and with one that is not where it makes others.
func (s *scope) metadata(step *yaml.Node, depth int) trace.Text {
	tags, isAll := s.metadataTags(step, depth)
	var all []trace.Text
	for _, line := range reading.Entries(s.expand(yamltext.Get(step, "with", "images"), depth), "\n") {
		names := reading.Entries(line, ",")
		if _, values := attributes(line); values["name"].S != "" {
			if names = []trace.Text{values["name"]}; values["enable"].S == "false" {
				continue
			}
		}
		for _, name := range names {
			if strings.Contains(name.S, "=") {
				continue
			}
			name = name.Lower() // as the action does with names, and not with tags
			for _, tag := range tags {
				all = append(all, trace.Join(name, trace.Plain(":"), tag))
			}
			if !isAll || len(tags) == 0 {
				all = append(all, trace.Join(name, trace.Plain(":"+reading.Unknown)))
			}
		}
	}
	return reading.JoinWith("\n", all)
}

// metadataVersion returns what a docker/metadata-action step says is the version: its tag, where that
// is the only one.
func (s *scope) metadataVersion(step *yaml.Node, depth int) exprValue {
	if tags, isAll := s.metadataTags(step, depth); isAll && len(tags) == 1 && !reading.Hidden(tags[0]) {
		return textValue(tags[0])
	}
	return exprValue{}
}
