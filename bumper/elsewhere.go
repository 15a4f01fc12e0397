package bumper

import (
	"fmt"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A tagged is a tag that a build file gives to an image.
type tagged struct {
	image string
	text  trace.Text
}

// index finds out what the bytes of build files feed: the references of which
// Dockerfiles, and the tags of which images.
func (p *planner) index() {
	p.readers, p.tagged = map[string][]*scanner.Ref{}, map[string][]tagged{}
	for _, node := range p.Graph.Dockerfiles() {
		for _, ref := range node.File.Refs {
			for _, path := range ref.Sources() {
				p.readers[path] = append(p.readers[path], ref)
			}
		}
	}
	for image, texts := range p.Tags {
		for _, text := range texts {
			seen := map[string]bool{}
			for _, piece := range text.Pieces() {
				if piece.File != nil && !seen[piece.File.Path] {
					seen[piece.File.Path] = true
					p.tagged[piece.File.Path] = append(p.tagged[piece.File.Path], tagged{image, text})
				}
			}
		}
	}
}

// elsewhere looks for what the edits of build files change in other Dockerfiles and
// in the tags of images. What moves to the version that it should have as well is
// welcome; anything else is a clash.
func (p *planner) elsewhere(file *scanner.File, edits []Edit, versions map[string][]version) *clash {
	all := replacements(edits)
	for _, edit := range edits {
		if edit.Path == file.Path {
			continue
		}
		change := edit.replacement()
		for _, ref := range p.readers[edit.Path] {
			if ref.Pos.Path == file.Path || !ref.Reads(change) {
				continue
			}
			after, err := imageref.Parse(ref.Text.After(all))
			if err != nil || !ref.Text.Touches(change) || !p.welcome(ref, after) {
				return &clash{edit: edit, other: fmt.Sprintf("%s at %s", ref.Written, ref.Pos)}
			}
		}
		for _, t := range p.tagged[edit.Path] {
			if !t.text.Touches(change) {
				continue
			}
			after, err := imageref.Parse(t.text.After(all))
			if err != nil || !p.expected(t.image, after, versions) {
				return &clash{edit: edit, other: fmt.Sprintf("%s at %s", t.text.S, t.text.Pos())}
			}
		}
	}
	return nil
}

// welcome reports whether a reference should read after.
func (p *planner) welcome(ref *scanner.Ref, after imageref.Ref) bool {
	t := p.targets[ref.Repository()]
	if t == nil || after.Repository != ref.Repository() {
		return false
	}
	bump := t.at(ref.Image.Tag)
	return after.Tag == bump.Tag && (bump.Digest == "" || after.Digest == bump.Digest)
}

// expected reports whether an image is to have the tag that it gets.
func (p *planner) expected(image string, after imageref.Ref, versions map[string][]version) bool {
	if after.Repository != image {
		return false
	}
	for _, v := range versions[image] {
		if v.next() == after.Tag {
			return true
		}
	}
	t := p.targets[image]
	return t != nil && t.at(after.Tag).Tag == after.Tag
}

// reconcile makes sure that no two items edit the same bytes in two ways; the
// later one by path is then left as it is.
func (p *planner) reconcile() {
	var edits []Edit
	for _, item := range p.Items {
		var own []Edit
		for _, e := range item.Edits {
			if e.Path == item.File.Path && item.File.IsDockerfile() {
				continue // nobody else edits it
			}
			if other, _ := find(edits, e); other != nil {
				item.Err = fmt.Errorf("%s:%d: %s is to become %s here and %s for another Dockerfile", e.Path, e.Line, e.Old, e.New, other.New)
				item.Edits, item.Action, item.Reason = nil, ActionSkip, ReasonUnresolved
				break
			}
			own = append(own, e)
		}
		if item.Err == nil {
			edits = append(edits, own...)
		}
	}
}
