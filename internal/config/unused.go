package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Files is what there is in a revision or a directory, as far as it may matter.
type Files struct {
	FS          fs.FS
	All         []string  // regular files that have the name of a Dockerfile or a build file, or that a pattern may mean
	Dockerfiles []string  // those that are read as Dockerfiles, sorted; of a text inside another file, what it is known by
	Holders     []string  // those that hold Dockerfiles as texts
	Others      []string  // those that are read besides
	Problems    []Problem // of Dockerfiles, build files and links
}

// UnusedFiles returns a note for each pattern, file and code of the configuration that fits
// nothing, in the order of the configuration.
func (c *Config) UnusedFiles(files Files) []*source.Error {
	var notes []*source.Error
	look := func(key, nothing string, patterns []Pattern, among ...[]string) {
		for _, p := range patterns {
			if !slices.ContainsFunc(among, func(paths []string) bool { return slices.ContainsFunc(paths, p.Match) }) {
				notes = append(notes, note(p.Pos, "%s: %s fits no %s", key, p.Text, nothing))
			}
		}
	}
	look("dockerfiles.include", "file", c.Dockerfiles.Include, files.All)
	exclude := slices.DeleteFunc(slices.Clone(c.Dockerfiles.Exclude), func(p Pattern) bool {
		if !p.plain || p.top == "" {
			return p.top == ""
		}
		_, err := fs.Stat(files.FS, p.top) // it may hold nothing that is read
		return !errors.Is(err, fs.ErrNotExist)
	})
	look("dockerfiles.exclude", "file that would be read", exclude, files.All)
	// What else is read is edited for the Dockerfiles that it is read for.
	var ignored []Pattern
	for _, e := range c.Ignore {
		ignored = append(ignored, e.Dockerfiles)
	}
	look("dockerfiles.own", "Dockerfile", c.Dockerfiles.Own, files.Dockerfiles)
	look("ignore", "Dockerfile", ignored, files.Dockerfiles, files.Holders, slices.DeleteFunc(slices.Clone(files.Others), func(p string) bool { return len(c.Patterns(p)) == 0 }))
	for i, image := range c.Images {
		if i == 0 || image.Dockerfiles.Pos != c.Images[i-1].Dockerfiles.Pos { // one entry may have several
			look("images", "Dockerfile", []Pattern{image.Dockerfiles}, files.Dockerfiles)
		}
	}
	for _, target := range c.Stages {
		look("targets", "Dockerfile", []Pattern{target.Dockerfiles}, files.Dockerfiles)
	}
	for _, v := range c.Versions {
		if v.File == "" {
			continue
		}
		if _, err := fs.Stat(files.FS, v.File); errors.Is(err, fs.ErrNotExist) {
			notes = append(notes, note(v.fileAt, "versions: %s: there is no file %s", v.Image, v.File))
		}
	}
	for _, a := range c.Arguments {
		look("arguments: files", "file", a.Files, files.Others)
		look("arguments: for", "Dockerfile", a.For, files.Dockerfiles)
	}
	texts := slices.DeleteFunc(slices.Clone(files.Others), func(p string) bool {
		_, found := slices.BinarySearch(files.Dockerfiles, p)
		return found
	})
	for _, r := range c.References {
		look("references: files", "file besides Dockerfiles", r.Files, texts)
	}
	for _, r := range c.rules {
		look("policies: paths", "file that is read", r.paths, files.Dockerfiles, files.Holders, files.Others)
	}
	return c.inOrder(append(notes, c.unusedIgnored(files)...))
}

// inOrder returns those of the notes that are to be reported, in the order of the configuration.
func (c *Config) inOrder(notes []*source.Error) []*source.Error {
	slices.SortStableFunc(notes, func(a, b *source.Error) int { return a.Pos.Compare(b.Pos) })
	return c.Reported(notes)
}

// UnusedImages returns a note for each image, target, expression, policy and registry of the
// configuration that fits nothing in the files, in the order of the configuration.
// What fits no file at all is left to [Config.UnusedFiles].
func (c *Config) UnusedImages(g *graph.Graph, files []*scanner.File) []*source.Error {
	u := &unused{Config: c, inUse: map[string][]string{}, graph: g, images: make([]use, len(c.Images)), targets: make([]use, len(c.Stages)), references: make([]use, len(c.References))}
	for _, file := range files {
		u.look(file)
	}
	for i, image := range c.Images {
		u.image(u.images[i], image)
	}
	for i, target := range c.Stages {
		u.says(u.targets[i], target.At, "targets: no Dockerfile that %s fits has a stage %s", target.Dockerfiles.Text, target.Stage)
	}
	for i, r := range c.References {
		u.says(u.references[i], r.at, "references: the files hold nothing that %q matches", r.said())
	}
	for _, v := range c.Versions {
		made := func(n *graph.Node) bool { return len(n.Claims) > 0 && v.of(n.Key) }
		if !slices.ContainsFunc(g.Images(), made) {
			u.notes = append(u.notes, note(v.at, "versions: no Dockerfile here makes %s", v.Image))
		}
	}
	u.policies(files)
	return c.inOrder(u.notes)
}

// unused finds out which entries of a configuration fit something.
type unused struct {
	*Config
	graph                       *graph.Graph
	images, targets, references []use
	inUse                       map[string][]string // tags by repository
	notes                       []*source.Error
}

// A use says whether an entry of the configuration fits anything.
type use struct {
	asked  bool // there is a file that it is for
	found  bool // in one of these is what it names
	makes  bool // a Dockerfile makes an image because of it
	wanted bool // another depends on one of these

	overruled bool              // "targets:" says another stage of one of its Dockerfiles
	tags      map[string]bool   // of references to its images that it makes none of
	tagged    bool              // it makes a tag of a reference
	left      map[string]string // the Dockerfiles whose path makes no image of its text, and why
}

func (u *unused) look(file *scanner.File) {
	if !file.IsDockerfile() {
		for i, r := range u.References {
			if match(r.Files, file.Path) {
				use := &u.references[i]
				use.asked, use.found = true, use.found || file.Matched == nil || matched(file, r)
			}
		}
		return
	}
	stage := u.stage(file.Path)
	for _, i := range u.imagesOf(file.Path) {
		use := &u.images[i]
		claim, err := u.Images[i].of(file.Path)
		if err != nil {
			if use.left == nil {
				use.left = map[string]string{}
			}
			use.left[file.Path] = err.Error()
			continue
		}
		tags := u.tagsOf(claim.Image)
		use.makes, use.wanted = true, use.wanted || tags != nil
		use.tag(claim, tags)
		switch {
		case claim.Target == "":
		case stage != "":
			use.overruled = use.overruled || !strings.EqualFold(stage, claim.Target)
		default:
			use.asked, use.found = true, use.found || file.Unreadable || hasStage(file, claim.Target)
		}
	}
	if i := longest(u.Stages, file.Path); i >= 0 {
		use := &u.targets[i]
		use.asked, use.found = true, use.found || file.Unreadable || hasStage(file, stage)
	}
}

// tagsOf returns the tags of the references to a repository, each once, sorted. It is nil
// where there are no references, and those by a digest alone have no tag.
func (u *unused) tagsOf(repository string) []string {
	tags, known := u.inUse[repository]
	if known {
		return tags
	}
	for _, ref := range u.graph.References(repository) {
		if tags == nil {
			tags = []string{}
		}
		if ref.Image.Tag != "" || ref.Image.Digest == "" {
			tags = append(tags, cmp.Or(ref.Image.Tag, "latest"))
		}
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	u.inUse[repository] = tags
	return tags
}

// tag finds out whether a claim is one of a tag in use.
func (use *use) tag(claim graph.Claim, tags []string) {
	patterns := slices.Concat(claim.Tags, claim.Patterns)
	if use.tagged || len(patterns) == 0 {
		return
	}
	for _, tag := range tags {
		use.tagged = use.tagged || slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, _ := path.Match(pattern, tag)
			return ok || tag == strings.TrimSuffix(pattern, ".*") // the moving tag of these
		})
		if use.tags == nil {
			use.tags = map[string]bool{}
		}
		use.tags[tag] = true
	}
}

// image notes what of an image fits nothing.
func (u *unused) image(use use, image Image) {
	if len(use.left) > 0 {
		left := slices.Sorted(maps.Keys(use.left))
		u.notes = append(u.notes, &source.Error{
			Pos: image.at, Err: fmt.Errorf("images: no image for %s: %s", several(left, 3), use.left[left[0]]), Code: source.CodeBadReference, Hint: "write an entry of its own for it",
		})
	}
	if use.overruled && !use.asked {
		u.notes = append(u.notes, note(image.targetAt, "images: the target %s does not count: targets: names another stage", image.Target))
	}
	u.says(use, image.targetAt, "images: no Dockerfile that %s fits has a stage %s", image.Dockerfiles.Text, image.Target)
	// One that says how it is built is heard all the same.
	if use.makes && !use.wanted && image.Target == "" && image.Context == "" {
		u.notes = append(u.notes, note(image.at, "images: no Dockerfile depends on %s", image.Repository))
	}
	if !use.tagged && len(use.tags) > 0 {
		tags := slices.Sorted(maps.Keys(use.tags))
		u.notes = append(u.notes, note(image.tagsAt, "images: no reference to %s has a tag like %s: the tags in use are %s", image.Repository, list(image.Tags), several(tags, 3)))
	}
}

// several names at most so many of some names.
func several(names []string, most int) string {
	if n := len(names) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n)
	}
	return list(names)
}

// matched reports whether an entry finds anything in a file.
func matched(file *scanner.File, r Reference) bool {
	for i, p := range file.Patterns {
		if p.Expr == r.expr && p.Finder == r.finder && file.Matched[i] {
			return true
		}
	}
	return false
}

func hasStage(file *scanner.File, name string) bool {
	return slices.ContainsFunc(file.Stages, func(s scanner.Stage) bool { return s.Name != "" && s.Name == strings.ToLower(name) })
}

func (u *unused) says(use use, at source.Pos, format string, args ...any) {
	if use.asked && !use.found {
		u.notes = append(u.notes, note(at, format, args...))
	}
}
