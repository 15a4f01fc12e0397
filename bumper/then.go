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
// that is not known of all of them.
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

// handedThen returns the tag of a reference that builds hand something in for, as it was in an older revision: each line that says
// a part of it now was there as it is, or with one other version in the place of the part.
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
		text, isSame := "", false
		for line := range bytes.SplitSeq(then, []byte("\n")) {
			switch isSame = bytes.Equal(line, place.line); {
			case isSame:
				text = piece.S
			case place.says(line):
				said := string(line[place.start : len(line)-(len(place.line)-place.end)])
				if text != "" && text != said {
					return "", false
				}
				text = said
			}
			if isSame {
				break
			}
		}
		if text == "" {
			return "", false
		}
		all.WriteString(text)
	}
	image, err := imageref.Parse(all.String())
	return image.Tag, err == nil && image.Repository == ref.Repository()
}
