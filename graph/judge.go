package graph

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// judge notes what is not clear about a reference to an image of several lines, once for
// each image and what is the matter.
func (b *builder) judge(r *repository, ref *scanner.Ref, makers []*maker, how fit) {
	tag := cmp.Or(ref.Image.Version(), "latest")
	switch {
	case how == fitsNearest:
		b.note(source.CodeNoLine, r.name, tag, ref.Pos, fmt.Sprintf("no build makes %s:%s; the next line above it is %s of %s, which counts as its build", r.name, tag, makers[0].name(), makers[0].build.Label),
			r.advice(tag))
	case how == fitsNone && !ref.Image.IsZero():
		b.note(source.CodeNoLine, r.name, tag, ref.Pos, fmt.Sprintf("no build makes %s:%s; there %s", r.name, tag, r.lines()),
			r.advice(tag))
	case len(makers) > 1 && how != fitsLine && contested(makers):
		var by []string
		for _, m := range makers {
			by = append(by, m.says())
		}
		hint := "say which in the configuration: images: " + makers[0].entry(r.name)
		if last := makers[len(makers)-1].build; last.Key == makers[0].build.Key && strings.EqualFold(last.File.Target, makers[0].build.File.Target) {
			hint = "give each a tag of its own where it is built" // they differ in arguments, which the configuration cannot tell apart
		}
		b.note(source.CodeTwoMakers, r.name, strings.Join(by, "\n"), ref.Pos, fmt.Sprintf("%s:%s is made by %d builds, and depends on all: %s", r.name, tag, len(makers), listed(makers)), hint)
	}
}

// fewBuilds is how many builds a note names one by one.
const fewBuilds = 4

// listed names the builds that make an image, and why they do; of many only their Dockerfiles, with how many builds each has.
func listed(makers []*maker) string {
	var all []string
	if len(makers) <= fewBuilds {
		for _, m := range makers {
			all = append(all, m.says())
		}
		return strings.Join(all, ", ")
	}
	counts := map[string]int{}
	var paths []string
	for _, m := range makers {
		if counts[m.build.Key]++; counts[m.build.Key] == 1 {
			paths = append(paths, m.build.Key)
		}
	}
	for _, p := range paths[:min(fewBuilds, len(paths))] {
		all = append(all, fmt.Sprintf("%s (%s)", p, source.Count(counts[p], "build")))
	}
	if n := len(paths) - fewBuilds; n > 0 {
		all = append(all, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(all, ", ")
}

// advice says how to settle who makes a tag.
func (r *repository) advice(tag string) string {
	return fmt.Sprintf("say in the configuration which Dockerfile makes it: images: {PATH: {image: %s, tags: %q}}", r.name, tag)
}

// contested reports whether makers differ in their Dockerfile, their target or the images that they
// are based on, other than by architecture. Makers that differ in other arguments alone are one build
// with several places to most people.
func contested(makers []*maker) bool {
	first := makers[0].build
	return slices.ContainsFunc(makers, func(m *maker) bool {
		if m.build.Key == first.Key {
			return !strings.EqualFold(m.build.File.Target, first.File.Target) || !slices.Equal(m.build.standsOn(), first.standsOn())
		}
		return withoutArchitecture(m.build.Key) != withoutArchitecture(first.Key)
	})
}

// standsOn returns the images that a build is built of, without what tells architectures apart.
func (n *Node) standsOn() []string {
	var all []string
	for _, ref := range n.File.Refs {
		if ref.Exposure > scanner.Unreachable {
			all = append(all, withoutArchitecture(ref.Image.String()))
		}
	}
	return all
}

// entry is the line of configuration that says that a build makes an image.
func (m *maker) entry(image string) string {
	if target := m.build.File.Target; target != "" {
		return fmt.Sprintf("{%s: {image: %s, target: %s}}", m.build.Key, image, target)
	}
	return fmt.Sprintf("{%s: %s}", m.build.Key, image)
}

// says returns a build and why it makes the image.
func (m *maker) says() string {
	why := m.rule().String()
	if where := m.claims[0].Where; where != "" {
		why += " " + where
	}
	return fmt.Sprintf("%s (by %s)", m.build.Label, why)
}

// lines lists the lines of an image, all of a few.
func (r *repository) lines() string {
	const few = 3
	var all []string
	for _, m := range r.makers[:min(few, len(r.makers))] {
		all = append(all, fmt.Sprintf("%s of %s", m.name(), m.build.Label))
	}
	if n := len(r.makers); n > few {
		return fmt.Sprintf("are %d others, such as %s", n, strings.Join(all, ", "))
	}
	return "are " + strings.Join(all, ", ")
}

// fewCandidates is how many Dockerfiles a note names that were not taken.
const fewCandidates = 3

// several notes that Dockerfiles are called like an image, and none of them was taken.
func (b *builder) several(r *repository) {
	passed := r.passed
	if !isVendor(r.name) && !isOfficial(r.name) {
		passed = slices.Concat(passed, r.foreign)
	}
	isFlavour := func(build *Node) bool { return scanner.Variant(build.Key) != "" }
	if len(r.makers) > 0 || r.isNoted || !slices.ContainsFunc(passed, func(build *Node) bool { return !isFlavour(build) }) {
		return // Dockerfile.slim, here and there, is a flavour and no image
	}
	var candidates []string
	for _, build := range passed {
		if !slices.Contains(candidates, build.Key) {
			candidates = append(candidates, build.Key)
		}
	}
	uses := 0
	for _, u := range r.uses {
		uses += len(u.refs)
	}
	b.note(source.CodeNoMaker, r.name, "", r.uses[0].refs[0].Pos, fmt.Sprintf("%s is used by %d, and none of %s was taken: %s", imageref.Base(r.name), uses, source.Count(len(candidates), "candidate"), firstCandidates(candidates)),
		"if one of them makes it, say so in the configuration: images: {"+passed[0].Key+": "+r.name+"}", passed...)
}

// firstCandidates names the first of the Dockerfiles that were not taken, and counts the others: "a/Dockerfile, and 2 more".
func firstCandidates(paths []string) string {
	n := min(fewCandidates, len(paths))
	shown := strings.Join(paths[:n], ", ")
	if more := len(paths) - n; more > 0 {
		shown += fmt.Sprintf(", and %d more", more)
	}
	return shown
}

// A Note is what could not be told of who makes an image.
type Note struct {
	Image  string  // the repository
	Builds []*Node // that may make it, of those that were not taken
	*source.Error
}

// note adds a note on an image, and on builds that may make it, once for each key.
func (b *builder) note(code source.Code, image, key string, pos source.Pos, message, hint string, builds ...*Node) {
	if b.noted == nil {
		b.noted = map[string]bool{}
	}
	if key = string(code) + image + key; !b.noted[key] {
		b.noted[key] = true
		b.notes = append(b.notes, Note{Image: image, Builds: builds, Error: &source.Error{Pos: pos, Err: errors.New(message), Code: code, Hint: hint}})
	}
}
