package bumper

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// onThen returns the tags of an image that the builds of a file were based on in an older revision; ok is false where
// the tag of one of them is not known.
func (p *planner) onThen(ctx context.Context, image *graph.Node, file *scanner.File, read func(string) ([]byte, error)) (tags []string, ok bool) {
	isOwn := false
	isOther := func(path string) bool { return path != file.Origin.Path }
	for _, use := range image.Uses() {
		if use.T.File.Path != file.Path {
			continue
		}
		for _, ref := range use.T.File.Refs {
			switch {
			case ref.Repository() != image.Key || ref.Link != "": // another build takes its place, whatever its tag is
			case ref.Build.Path == "" && !slices.ContainsFunc(ref.Sources(), isOther):
				isOwn = true
			default:
				tag, ok := p.handedThen(ref, read)
				if !ok {
					return nil, false
				}
				tags = append(tags, tag)
			}
		}
	}
	if !isOwn {
		return tags, true
	}
	content, err := read(file.Origin.Path)
	if err != nil {
		return nil, false
	}
	then := p.at(ctx, file, content)
	if then == nil {
		return nil, false
	}
	known := false
	for _, ref := range then.Refs {
		if ref.Repository() == image.Key {
			known = !ref.Image.IsZero()
			tags = append(tags, ref.Image.Tag)
		}
	}
	return tags, known
}

// handedThen returns the tag that a reference had in an older revision, where builds hand in a part of it now.
func (p *planner) handedThen(ref *scanner.Ref, read func(string) ([]byte, error)) (tag string, ok bool) {
	if !ref.Text.Known() {
		return "", false
	}
	var all strings.Builder
	for _, piece := range ref.Text.Pieces() {
		place, ok := p.handedAt(piece)
		if !ok {
			return "", false
		}
		then, err := read(place.path)
		if err != nil {
			return "", false
		}
		text, ok := place.said(then)
		if !ok {
			return "", false
		}
		all.WriteString(text)
	}
	image, err := imageref.Parse(all.String())
	return image.Tag, err == nil && image.Repository == ref.Repository()
}

// said returns what an older content of the file has at the place: what it has now, where the line was there as it is, or the
// one version that such lines had. "TAG: 1.0.0" and "TAG: 1.0.2" say two, so ok is false.
func (h handed) said(content []byte) (text string, ok bool) {
	for line := range bytes.SplitSeq(content, []byte("\n")) {
		if bytes.Equal(line, h.line) {
			return string(h.line[h.start:h.end]), true
		}
	}
	for line := range bytes.SplitSeq(content, []byte("\n")) {
		if !h.says(line) {
			continue
		}
		said := string(line[h.start : len(line)-(len(h.line)-h.end)])
		if text != "" && text != said {
			return "", false
		}
		text = said
	}
	return text, text != ""
}
