package cli

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/agext/levenshtein"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
)

var (
	tagPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`) })
	digestPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) })
)

// parseBase reads IMAGE@VERSION or IMAGE:TAG; name is the image as it was typed.
// VERSION is a tag, a digest or tag@digest.
func parseBase(s string, versionRequired bool) (name string, bump bumper.Bump, err error) {
	return parseImage("--base", s, versionRequired)
}

// parseImage is parseBase for any flag.
func parseImage(flag, s string, versionRequired bool) (name string, bump bumper.Bump, err error) {
	name, version, _ := strings.Cut(s, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, bump.Tag = name[:i], name[i+1:]
	}
	for _, part := range strings.Split(version, "@") {
		switch {
		case part == "" && version == "":
		case strings.HasPrefix(part, "sha256:") && bump.Digest == "":
			bump.Digest = part
		case bump.Tag == "" && bump.Digest == "":
			bump.Tag = part
		default:
			return "", bump, usage(fmt.Errorf("%s %s: %q is no version", flag, s, version), "a version is a tag, a digest (sha256:…) or tag@digest")
		}
	}
	_, isVersion := imageref.ParseTag(bump.Tag)
	switch {
	case name == "":
		return "", bump, usage(fmt.Errorf("%s %s: it names no image", flag, s), "IMAGE@VERSION, for example base-java@1.0.1")
	case bump.Version() == "" && (versionRequired || strings.ContainsAny(s, "@")):
		return "", bump, usage(fmt.Errorf("%s %s: it has no version", flag, s), fmt.Sprintf("IMAGE@VERSION, for example %s@1.0.1", name))
	case bump.Tag != "" && !tagPattern().MatchString(bump.Tag):
		return "", bump, usage(fmt.Errorf("%s %s: %q is no valid tag", flag, s, bump.Tag), "")
	case bump.Digest != "" && !digestPattern().MatchString(bump.Digest):
		return "", bump, usage(fmt.Errorf("%s %s: %q is no digest", flag, s, bump.Digest), "sha256: and 64 hexadecimal digits")
	case bump.Tag != "" && bump.Digest == "" && !isVersion && flag == "--base":
		return "", bump, usage(fmt.Errorf("%s %s: the tag %q is no version, so nothing can be said to be older", flag, s, bump.Tag), "name the digest that it has now: IMAGE@TAG@sha256:…")
	}
	return name, bump, nil
}

// needBase makes sure, before anything is read, that a base is given.
func needBase(typed []string) error {
	if len(typed) == 0 {
		return usage(errors.New("--base: none is given"), "--base IMAGE@VERSION, for example --base base-java@1.0.1")
	}
	return nil
}

// resolveBases finds the images that --base names in the graph.
func resolveBases(g *graph.Graph, typed []string, versionRequired bool) ([]bumper.Bump, error) {
	var bumps []bumper.Bump
	for _, s := range typed {
		name, bump, err := parseBase(s, versionRequired)
		if err != nil {
			return nil, err
		}
		if bump.Image, err = findImage(g, "--base "+s, name); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(bumps, func(b bumper.Bump) bool { return b.Image == bump.Image }); i >= 0 {
			if bumps[i] != bump {
				return nil, usage(fmt.Errorf("--base %s: %s is given with two versions", s, bump.Image), "")
			}
			continue
		}
		bumps = append(bumps, bump)
	}
	return bumps, nil
}

// findImage finds the one image that name fits; typed is what errors call it.
func findImage(g *graph.Graph, typed, name string) (string, error) {
	found := g.Find(name)
	if ref, err := imageref.Parse(name); err == nil && len(found) == 0 {
		found = g.Find(ref.Repository)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		hint := "propagate graph lists the images that Dockerfiles depend on"
		if names := nearest(g, name); len(names) > 0 {
			hint = "the nearest names are " + strings.Join(names, ", ")
		}
		return "", usage(fmt.Errorf("%s: no Dockerfile depends on an image of this name", typed), hint)
	}
	return "", usage(fmt.Errorf("%s: the name fits several images: %s", typed, strings.Join(found, ", ")), "write more of its path, up to the whole")
}

// nearest returns up to three images whose last components look like name's.
func nearest(g *graph.Graph, name string) []string {
	type candidate struct {
		image    string
		distance int
	}
	want := strings.ToLower(imageref.Base(name))
	var candidates []candidate
	for _, node := range g.Images() {
		have := imageref.Base(node.Key)
		distance := levenshtein.Distance(want, have, nil)
		if strings.Contains(have, want) || strings.Contains(want, have) {
			distance = min(distance, 1)
		}
		if distance <= max(2, len(want)/3) {
			candidates = append(candidates, candidate{node.Key, distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, c := range candidates[:min(3, len(candidates))] {
		names = append(names, c.image)
	}
	return names
}
