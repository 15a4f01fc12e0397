package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/scanner"
)

var (
	tagPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`) })
	digestPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) })
)

// parseBase reads IMAGE@VERSION or IMAGE:TAG; name is the image as it was typed.
// VERSION is a tag, a digest or tag@digest.
func parseBase(s string, versionRequired bool) (name string, bump bumper.Bump, err error) {
	name, bump, err = parseImage("--base", s, versionRequired)
	// A tag without numbers moves: what it names was built anew.
	if _, isVersion := imageref.ParseTag(bump.Tag); err == nil && bump.Digest == "" && !isVersion && strings.ContainsAny(bump.Tag, "0123456789") {
		err = usage(fmt.Errorf("--base %s: the tag %q is no version, so nothing can be said to be older", s, bump.Tag), "name the digest that it has now: IMAGE@TAG@sha256:…, or with --from the version that it takes the place of")
	}
	return name, bump, err
}

// parse reads a --base with its --from: one bump for each version that references move from.
func (b baseFlag) parse(versionRequired bool) (name string, bumps []bumper.Bump, err error) {
	if len(b.from) == 0 {
		name, bump, err := parseBase(b.typed, versionRequired)
		return name, []bumper.Bump{bump}, err
	}
	// A person says which references move: the version need not say that it is newer.
	name, bump, err := parseImage("--base", b.typed, true)
	for _, from := range b.from {
		bump.From = from
		bumps = append(bumps, bump)
	}
	return name, bumps, err
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
	switch {
	case name == "":
		return "", bump, usage(fmt.Errorf("%s %s: it names no image", flag, shellWord(s)), "IMAGE@VERSION, for example base-java@1.0.1")
	case !isImageName(name):
		return "", bump, usage(fmt.Errorf("%s %s: %q is no name of an image", flag, shellWord(s), name), "IMAGE@VERSION, for example base-java@1.0.1")
	case bump.Version() == "" && (versionRequired || strings.ContainsAny(s, "@")):
		return "", bump, usage(fmt.Errorf("%s %s: it has no version", flag, s), fmt.Sprintf("IMAGE@VERSION, for example %s@1.0.1", name))
	case bump.Tag != "" && !tagPattern().MatchString(bump.Tag):
		return "", bump, usage(fmt.Errorf("%s %s: %q is no valid tag", flag, s, bump.Tag), "")
	case bump.Digest != "" && !digestPattern().MatchString(bump.Digest):
		return "", bump, usage(fmt.Errorf("%s %s: %q is no digest", flag, s, bump.Digest), "sha256: and 64 hexadecimal digits")
	}
	return name, bump, nil
}

// isImageName reports whether name may be a repository or its last path components: it
// has no colon but before a port, and nothing that no name has.
func isImageName(name string) bool {
	if strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("\"'`@", r)
	}) {
		return false
	}
	registry, path, ok := strings.Cut(name, "/")
	if !ok {
		registry, path = "", name
	}
	if i := strings.LastIndexByte(registry, ':'); i >= 0 && strings.Trim(registry[i+1:], "0123456789") != "" {
		return false
	}
	return !strings.Contains(path, ":")
}

// checkBases makes sure, before anything is read, that bases are given and well written.
func checkBases(typed baseFlags, versionRequired bool) error {
	if len(typed) == 0 {
		return usage(errors.New("--base: none is given"), "--base IMAGE@VERSION, for example --base base-java@1.0.1")
	}
	for _, s := range typed {
		if _, _, err := s.parse(versionRequired); err != nil {
			return err
		}
	}
	return nil
}

// bases finds the images that --base names. Where there is no such image, the
// Dockerfiles that cannot be read are named first: one of them may depend on it.
func (a *App) bases(repo *monorepo.Repository, typed baseFlags, versionRequired bool) ([]bumper.Bump, error) {
	bumps, err := resolveBases(repo, typed, versionRequired)
	if err != nil {
		a.diagnoseUnreadable(repo)
	}
	return bumps, err
}

// diagnoseUnreadable says which Dockerfiles cannot be read, and why.
func (a *App) diagnoseUnreadable(repo *monorepo.Repository) {
	a.diagnose(slices.DeleteFunc(slices.Clone(repo.Files), func(f *scanner.File) bool { return !f.Unreadable }), false, false)
}

func resolveBases(repo *monorepo.Repository, typed baseFlags, versionRequired bool) ([]bumper.Bump, error) {
	var all []bumper.Bump
	for _, flag := range typed {
		name, bumps, err := flag.parse(versionRequired)
		if err != nil {
			return nil, err
		}
		images, err := findImages(repo, "--base "+flag.typed, name)
		if err != nil {
			return nil, err
		}
		for _, image := range images {
			for _, bump := range bumps {
				bump.Image = image
				if slices.Contains(all, bump) {
					continue
				}
				if slices.ContainsFunc(all, func(b bumper.Bump) bool { return contradict(repo, b, bump) }) {
					return nil, usage(fmt.Errorf("--base %s: %s is given with two versions", flag.typed, image), "two lines or flavours of one image may each have a version, and --from says which references one is for")
				}
				all = append(all, bump)
			}
		}
	}
	return all, nil
}

// contradict reports whether two versions are given for the same references: two of one
// line and flavour, or from one version to two. Of an image from outside 3.11.9 and 3.12.5 are two lines.
func contradict(repo *monorepo.Repository, a, b bumper.Bump) bool {
	if a.Image != b.Image || a.From != b.From {
		return false
	}
	version, isVersion := imageref.ParseTag(a.Tag)
	other, isVersionToo := imageref.ParseTag(b.Tag)
	if a.From == "" && a.Tag != "" && b.Tag != "" && (!isVersion || !isVersionToo) { // each of them is for the references to that very tag
		return a.Tag == b.Tag
	}
	isMade := slices.ContainsFunc(repo.Graph().Lines(a.Image), func(n *graph.Node) bool { return n.Maker() != nil })
	if a.From == "" && !isMade && isVersion && isVersionToo && !version.SameLine(other) {
		return false
	}
	lines := repo.Graph().LinesOf(b.Image, b.Tag)
	sameLine := len(lines) == 0 || overlap(lines, repo.Graph().LinesOf(a.Image, a.Tag))
	return a.From != "" || sameLine && (a.Tag == "" || b.Tag == "" || imageref.LineOf(a.Tag).Flavour == imageref.LineOf(b.Tag).Flavour)
}

func overlap(a, b []*graph.Node) bool {
	return slices.ContainsFunc(a, func(n *graph.Node) bool { return slices.Contains(b, n) })
}

// findImages finds the image that name fits, of each registry that it is made for; typed is
// what errors call it.
func findImages(repo *monorepo.Repository, typed, name string) ([]string, error) {
	images, err := repo.FindImage(name)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", typed, err), "")
	}
	return images, nil
}

// parseAssumed reads IMAGE@TAG.
func parseAssumed(s string) (name string, bump bumper.Bump, err error) {
	name, bump, err = parseImage("--assume-published", s, true)
	if err == nil && (bump.Tag == "" || bump.Digest != "") {
		err = usage(fmt.Errorf("--assume-published %s: it has to name a tag", s), "IMAGE@TAG, for example base-java@1.0.1")
	}
	return name, bump, err
}

// assumed reads what --assume-published says.
func assumed(repo *monorepo.Repository, typed []string) ([]bumper.Bump, error) {
	var all []bumper.Bump
	for _, s := range typed {
		name, bump, err := parseAssumed(s)
		if err != nil {
			return nil, err
		}
		images, err := findImages(repo, "--assume-published "+s, name)
		if err != nil {
			return nil, err
		}
		for _, image := range images {
			if !slices.ContainsFunc(repo.Graph().Lines(image), func(n *graph.Node) bool { return n.Maker() != nil }) {
				return nil, usage(fmt.Errorf("--assume-published %s: no Dockerfile here makes %s, so nothing waits for it", s, image), "propagate graph --explain "+imageref.Base(image))
			}
			bump.Image = image
			all = append(all, bump)
		}
	}
	return all, nil
}
