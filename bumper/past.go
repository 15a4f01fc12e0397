package bumper

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// whenPatched returns the version, in the scheme of now, that an image got when the
// item that makes it got the patch: the one after the newest that was in use just
// before. It is "" where the history does not tell: where what says the version of its base
// was not there then, or not all of its consumers were, on a version that they or their build files say.
func (p *planner) whenPatched(ctx context.Context, item *Item, image *graph.Node, now imageref.Tag) string {
	read, ok := p.beforePatch(ctx, item)
	if !ok {
		return ""
	}
	var newest imageref.Tag
	for _, file := range consumers(image) {
		tags, ok := p.onThen(ctx, image, file, read)
		if !ok {
			return ""
		}
		for _, text := range tags {
			tag, ok := imageref.ParseTag(text)
			if ok && tag.Pre == "" && tag.SameFlavour(now) && (newest.Text == "" || tag.Compare(newest) > 0) {
				newest = tag
			}
		}
	}
	next, _ := newest.Next()
	return next
}

// A placed is a version of an image that is written somewhere.
type placed struct {
	image *graph.Node
	tag   string
}

// maxHistories bounds for how many derived bases isFromBefore searches the history.
const maxHistories = 20

// isFromBefore reports whether the places of a version, which references are on, said the same
// just before the item that makes the image got the patch: what is published as it may lack the
// patch. It is false where the history does not tell.
func (p *planner) isFromBefore(ctx context.Context, item *Item, image *graph.Node, v version) bool {
	if p.Past == nil || len(v.places) == 0 || v.next() == "" && !v.hasScheme() {
		return false
	}
	if newerThanUsed(image, v.now) && len(p.Graph.Partners(image)) == 0 {
		return false // it came with the patch; what several builds make may have got that without a new tag
	}
	return p.wasSaid(ctx, placed{image, v.now.Text}, item, v)
}

// wasSaid asks the history once whether a version was said before an item got the patch.
func (p *planner) wasSaid(ctx context.Context, key placed, item *Item, v version) bool {
	before, known := p.before[key]
	if !known && len(p.before) < maxHistories {
		before = p.saidBefore(ctx, item, v)
		p.before[key] = before
	}
	return before
}

// isCutOff reports whether a shallow clone has too little history to tell that a version, which
// references are on, is newer than the patch: it may be the one that was made before.
func (p *planner) isCutOff(ctx context.Context, item *Item, image *graph.Node, v version) bool {
	if !p.Shallow || newerThanUsed(image, v.now) {
		return false
	}
	_, ok := p.beforePatch(ctx, item)
	return !ok
}

// saidBefore searches the history for wasSaid.
func (p *planner) saidBefore(ctx context.Context, item *Item, v version) bool {
	if !p.standsOnAny(item.File) {
		return false
	}
	read, ok := p.beforePatch(ctx, item)
	if !ok {
		return false
	}
	src, err := read(item.File.Origin.Path)
	if err != nil {
		return false
	}
	if then := p.then(ctx, item.File, src); then == nil || !p.standsOnAny(then) {
		return false // it stood on something else
	}
	bases := p.handedIn(item)
	for _, place := range v.places {
		at := place.Tag.First()
		if at.File == nil {
			return false
		}
		now, err := p.content(at.File.Path)
		if err != nil || at.Off >= len(now) {
			return false
		}
		then, err := read(at.File.Path)
		isSame := func(line []byte) bool {
			return bytes.Equal(line, lineAt(now, at.Off)) || slices.ContainsFunc(bases, func(base handed) bool { return base.isBeside(at) && base.says(line) })
		}
		if err != nil || !slices.ContainsFunc(bytes.Split(then, []byte("\n")), isSame) {
			return false
		}
	}
	return true
}

// lineAt returns the line of a text that a byte is in.
func lineAt(text []byte, off int) []byte {
	start := bytes.LastIndexByte(text[:off], '\n') + 1
	line, _, _ := bytes.Cut(text[start:], []byte("\n"))
	return line
}

// beforePatch returns how to read files of the newest revision before the item got the patch;
// ok is false where the history does not tell.
func (p *planner) beforePatch(ctx context.Context, item *Item) (read func(path string) ([]byte, error), ok bool) {
	if p.Past == nil {
		return nil, false
	}
	bases, own := p.stands(item.File)
	if !own {
		return p.beforeLine(ctx, item)
	}
	return p.Past(ctx, item.File.Origin.Path, func(content []byte) bool {
		file := p.then(ctx, item.File, content)
		if file == nil {
			return item.File.IsInline() // it was no build then
		}
		then, _ := p.stands(file)
		return !slices.Equal(then, bases)
	})
}

// A handed is a place in a build file that hands the version of its base to a Dockerfile, or a part of that version.
type handed struct {
	path       string
	line       []byte // as it is now
	start, end int    // of the version in the line
	off        int    // of the line in the file
}

// says reports whether a line says a version at the place, and is the same otherwise: "TAG: 1.0.0" for "TAG: 1.0.1".
func (h handed) says(line []byte) bool {
	before, after := h.line[:h.start], h.line[h.end:]
	if len(line) <= len(before)+len(after) || !bytes.HasPrefix(line, before) || !bytes.HasSuffix(line, after) {
		return false
	}
	return !bytes.ContainsFunc(line[len(before):len(line)-len(after)], func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// isBeside reports whether a byte of a file is in the same line, and in no part of the version: one command may hand in the
// version of a base and give a tag.
func (h handed) isBeside(at trace.Addr) bool {
	return at.File.Path == h.path && at.Off >= h.off && at.Off < h.off+len(h.line) && (at.Off < h.off+h.start || at.Off >= h.off+h.end)
}

// beforeLine is beforePatch for an item that gets the version of its base from a build file. It looks for the newest
// revision in which the line of that version had another one.
func (p *planner) beforeLine(ctx context.Context, item *Item) (read func(path string) ([]byte, error), ok bool) {
	for _, place := range p.handedIn(item) {
		read, ok := p.Past(ctx, place.path, func(content []byte) bool {
			lines := bytes.Split(content, []byte("\n"))
			return slices.ContainsFunc(lines, place.says) && !slices.ContainsFunc(lines, func(line []byte) bool { return bytes.Equal(line, place.line) })
		})
		if ok {
			return read, true
		}
	}
	return nil, false
}

// handedIn returns the places that say the versions of the bases of an item which the plan is about, as the Dockerfile names
// them. Of ${TAG}-alpine these are the place of TAG, and then that of what the Dockerfile says of it itself.
func (p *planner) handedIn(item *Item) (places []handed) {
	for _, ref := range item.File.Refs {
		start, end, isTagged := ref.Image.TagAt()
		if ref.Exposure == scanner.Unreachable || !isTagged || !p.isAbout(ref) || !ref.Text.Known() {
			continue
		}
		for _, piece := range ref.Text.Slice(start, end).Pieces() {
			if place, ok := p.handedAt(piece); ok {
				places = append(places, place)
			}
		}
	}
	isOwn := func(h handed) int {
		if h.path == item.File.Origin.Path {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(places, func(a, b handed) int { return cmp.Compare(isOwn(a), isOwn(b)) })
	return places
}

// handedAt returns where a piece of a text is written; ok is false where it is written nowhere, or reads otherwise there.
func (p *planner) handedAt(piece trace.Piece) (place handed, ok bool) {
	if piece.File == nil {
		return place, false
	}
	src, err := p.content(piece.File.Path)
	if err != nil || piece.Span.End > len(src) || string(src[piece.Span.Start:piece.Span.End]) != piece.S {
		return place, false
	}
	line, off := lineAt(src, piece.Span.Start), bytes.LastIndexByte(src[:piece.Span.Start], '\n')+1
	return handed{piece.File.Path, line, piece.Span.Start - off, piece.Span.End - off, off}, true
}

// isAbout reports whether a reference is to an image that the plan is about.
func (p *planner) isAbout(ref *scanner.Ref) bool {
	for _, targets := range []map[*graph.Node]*target{p.targets, p.moved} {
		for image := range targets {
			if image.Key == ref.Repository() {
				return true
			}
		}
	}
	return false
}

// then returns the build of an item as it was with another content of its file, nil if it was no build.
// The values that build files pass are those of now.
func (p *planner) then(ctx context.Context, file *scanner.File, content []byte) *scanner.File {
	if file.IsInline() {
		return p.at(ctx, file, content)
	}
	return file.At(content)
}

// standsOnAny reports whether a Dockerfile is built on an image that the plan is about.
func (p *planner) standsOnAny(file *scanner.File) bool {
	on, _ := p.stands(file)
	return len(on) > 0
}

// movedSince reports whether a version was written after the item got the patch, or along with
// that: the file that says it now did not say it before.
func (p *planner) movedSince(ctx context.Context, item *Item, v version) bool {
	read, ok := p.beforePatch(ctx, item)
	first := v.places[0].Tag.First()
	if !ok || first.File == nil {
		return false
	}
	then, err := read(first.File.Path)
	return err == nil && !bytes.Contains(then, []byte(v.now.Text))
}

// stands returns which of the images that the plan is about a Dockerfile is built on,
// sorted, without the digests that they may be pinned to; own says that all of it is
// written in the Dockerfile itself.
func (p *planner) stands(file *scanner.File) (on []string, own bool) {
	own = !file.IsInline() || p.InlineAt != nil
	isOther := func(path string) bool { return !file.IsInline() || path != file.Origin.Path }
	names := map[string]bool{}
	for _, targets := range []map[*graph.Node]*target{p.targets, p.moved} {
		for image := range targets {
			names[image.Key] = true
		}
	}
	for _, ref := range file.Refs {
		if ref.Exposure > scanner.Unreachable && names[ref.Repository()] {
			on = append(on, ref.Repository()+":"+ref.Image.Tag)
			own = own && !slices.ContainsFunc(ref.Sources(), isOther) && ref.Build.Path == ""
		}
	}
	slices.Sort(on)
	return slices.Compact(on), own
}

// consumers returns the files that name an image, each once.
func consumers(image *graph.Node) []*scanner.File {
	var files []*scanner.File
	for _, use := range image.Uses() {
		if !slices.ContainsFunc(files, func(f *scanner.File) bool { return f.Path == use.T.File.Path }) {
			files = append(files, use.T.File)
		}
	}
	return files
}

// at reads a file in another content of what it is written in, without builds that hand anything in. It is nil where
// it is not known what it was.
func (p *planner) at(ctx context.Context, file *scanner.File, content []byte) *scanner.File {
	switch {
	case file.IsInline() && p.InlineAt == nil:
		return nil
	case file.IsInline():
		return p.InlineAt(ctx, file, content)
	case file.IsDockerfile():
		return scanner.ScanBuilds(file.Path, content, nil)[0]
	}
	return file.At(content)
}
