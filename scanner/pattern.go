package scanner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Pattern finds references in files that are no Dockerfiles. Its expression has a
// group "version" and, unless Image is set, a group "image", before which the group
// "registry" may say the registry.
type Pattern struct {
	Expr   *regexp.Regexp
	Image  string // the repository, where the text does not say it
	Finder Finder // what finds them instead of an expression
}

// A Finder finds references by the structure of a file.
type Finder interface {
	Find(f *trace.File) []Found
}

// Found is a reference that a [Finder] has found, or what is wrong where there could be one.
type Found struct {
	Name    trace.Text // the repository or, without Version, the whole reference; empty for none
	Version trace.Text // the tag, the digest, or both with an "@" between

	Problem, Hint string
	Severity      Severity
	Code          source.Code
	Pos           source.Pos // of the problem, and of a version whose place is not known
}

// ScanText reads a file in which patterns find references: a values file of Helm, a
// script, a page of documentation. A match that makes no valid reference is a
// diagnostic. Of two matches for the same version the first pattern counts.
func ScanText(path string, src []byte, patterns []Pattern) *File {
	content := trace.NewFile(path, src)
	f := &File{Path: path, Origin: content.Origin, Patterns: patterns, Matched: make([]bool, len(patterns))}
	if len(src) > MaxFileSize {
		return TextTooLarge(path, patterns)
	}
	seen := map[int]bool{} // offsets of versions
	isNew := func(t trace.Text) bool {
		at := t.First()
		if at.File == nil {
			return true
		}
		known := seen[at.Off]
		seen[at.Off] = true
		return !known
	}
	for i, pattern := range patterns {
		if pattern.Finder != nil {
			for _, found := range pattern.Finder.Find(content) {
				f.Matched[i] = true
				f.addFound(found, isNew)
			}
			continue
		}
		for _, m := range pattern.Expr.FindAllSubmatchIndex(src, -1) {
			f.Matched[i] = true
			version, ok := group(content, pattern.Expr, m, "version")
			if !ok || !isNew(version) {
				continue
			}
			name := trace.Plain(pattern.Image)
			if found, ok := group(content, pattern.Expr, m, "image"); ok {
				name = found
				if registry, ok := group(content, pattern.Expr, m, "registry"); ok {
					name = trace.Join(registry, trace.Plain("/"), name)
				}
			}
			f.addText(name, version, version.Pos())
		}
	}
	f.sort()
	f.limit()
	return f
}

// group returns what a named group matched; false where that is nothing.
func group(f *trace.File, expr *regexp.Regexp, match []int, name string) (trace.Text, bool) {
	i := expr.SubexpIndex(name)
	if i < 0 || match[2*i] < 0 || match[2*i] == match[2*i+1] {
		return trace.Text{}, false
	}
	return f.Text(match[2*i], match[2*i+1]), true
}

// addFound adds what a [Finder] has found, unless the version was found before.
func (f *File) addFound(found Found, isNew func(trace.Text) bool) {
	if found.Problem != "" {
		f.diagnose(found.Code, found.Severity, found.Pos, found.Problem, found.Hint)
	}
	placed := found.Version
	if placed.S == "" {
		placed = found.Name
	}
	if found.Name.S == "" || !isNew(placed) {
		return
	}
	pos := placed.Pos()
	if pos.Line == 0 {
		pos = found.Pos
	}
	f.addText(found.Name, found.Version, pos)
}

func (f *File) addText(name, version trace.Text, pos source.Pos) {
	text := name
	if version.S != "" {
		separator := ":"
		if strings.HasPrefix(version.S, "sha256:") {
			separator = "@"
		}
		text = trace.Join(name, trace.Plain(separator), version)
	}
	image, err := imageref.Parse(text.S)
	if err != nil {
		f.diagnose(source.CodeBadReference, Error, pos, fmt.Sprintf("%s is no image reference: %v", text.S, err), "")
		return
	}
	f.Refs = append(f.Refs, &Ref{Kind: InText, Stage: -1, Exposure: Runtime, Pos: pos, Written: text.S, Image: image, Text: text, origin: f.Origin})
}

// IsDockerfile reports whether the file is read as a Dockerfile, and not with
// patterns.
func (f *File) IsDockerfile() bool { return f.Patterns == nil }

// maxParts bounds into how many files Parts takes one apart: each is read again to prove its edits.
const maxParts = 200

// Parts returns a file in which patterns find several references as a file for each of them: they have
// nothing to do with each other, and one moves without the other. Where they are many, those to
// one image stay together. Any other file is its only part.
func (f *File) Parts() []*File {
	if f.IsDockerfile() || f.part != nil || len(f.Refs) < 2 {
		return []*File{f}
	}
	var groups [][]int
	byImage := map[string]int{}
	for i, ref := range f.Refs {
		image := ref.Image.String()
		n, known := byImage[image]
		if !known || len(f.Refs) <= maxParts {
			n, byImage[image] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], i)
	}
	if len(groups) > maxParts {
		return []*File{f}
	}
	parts := make([]*File, len(groups))
	for n, group := range groups {
		part := *f
		part.part, part.whole = group, len(f.Refs)
		part.Refs = f.pick(group)
		parts[n] = &part
	}
	return parts
}

// pick returns the references with some numbers.
func (f *File) pick(numbers []int) []*Ref {
	refs := make([]*Ref, len(numbers))
	for i, n := range numbers {
		refs[i] = f.Refs[n]
	}
	return refs
}

// After reads the file again as it is once the replacements are made, in it and in
// the build files that pass values. src is its content now. The replacements have to be
// ordered by place, and are refused where they overlap or another text stands in their
// place.
func (f *File) After(src []byte, replacements []trace.Replacement) (*File, error) {
	var own []trace.Replacement
	for _, r := range replacements {
		if r.File.Path == f.Origin.Path {
			own = append(own, r)
		}
	}
	was := trace.File{Origin: f.Origin, Src: src}
	after, err := was.After(own)
	if err != nil {
		return nil, err
	}
	if !f.IsDockerfile() {
		return f.again(ScanText(f.Path, after, f.Patterns)), nil
	}
	builds := slices.Clone(f.Builds)
	for i := range builds {
		builds[i] = builds[i].After(replacements)
	}
	if f.IsInline() {
		return f.read([]byte(f.Inline.After(replacements)), builds), nil
	}
	return f.read(after, builds), nil
}

// again returns what a file that patterns have read once more has of this one. Its references keep their number and
// order through edits; where they do not, none of them is known again.
func (f *File) again(after *File) *File {
	if f.part == nil {
		return after
	}
	if after.part, after.whole = f.part, f.whole; len(after.Refs) != f.whole {
		after.Refs = nil
		return after
	}
	after.Refs = after.pick(f.part)
	return after
}

// At returns how the build reads another content of the file. Of a text inside another file it is
// not known, and it is taken to be as now.
func (f *File) At(src []byte) *File {
	if f.IsInline() {
		return f
	}
	if !f.IsDockerfile() {
		return ScanText(f.Path, src, f.Patterns)
	}
	return f.read(src, f.Builds)
}

// read reads a content as the first of the builds does; the others of the file are taken
// to come to the same.
func (f *File) read(src []byte, builds []BuildConfig) *File {
	at := f.Origin.Path
	if f.IsInline() {
		at = f.Path // src is its own text, which has no places
	}
	return scanContent(f.Path, trace.NewFile(at, src), func(p *parsed) []*File {
		again := p.build(p.settle(builds[0]))
		again.Target, again.Ways, again.Builds = f.Target, f.Ways, builds
		again.handIn()
		if builds[0].hands(p.declared()) {
			again.Defaults = p.defaults([]*File{again})
		}
		return []*File{again}
	})[0]
}
