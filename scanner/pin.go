package scanner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// A Pin is a place where a digest can be written for a reference that has none.
type Pin struct {
	trace.Replacement

	// Behind says that the place is behind the reference itself, whatever its tag is made of. Else it is behind
	// the tag, where that is written.
	Behind bool
}

// Pins returns the places where a digest can be written for a reference of the file that has none, the best
// first: one of them is enough. src is the content of the file. A reference without a tag gets :latest as well.
//
// The digest belongs behind the tag, where that is written: in the reference itself, or in a value that is a whole
// reference. A value that is a tag alone may be a version for something else too: it gets the digest only as the
// default of an ARG that no stage can see. Behind the reference the digest is for any tag that a build hands in.
//
// Whether a digest there is for another reference as well is for the caller to see, as with [Ref.Rewrite]. The
// error is a *trace.FrozenError.
func (f *File) Pins(src []byte, ref *Ref, digest string) ([]Pin, error) {
	if ref.Link != "" {
		return nil, &trace.FrozenError{Reason: fmt.Sprintf("a context at %s takes the place of %s", ref.Build, ref.Image)}
	}
	suffix, tag := "@"+digest, ref.Text
	if start, end, ok := ref.Image.TagAt(); ok {
		tag = ref.Text.Slice(start, end)
	} else {
		suffix = ":latest" + suffix
	}
	var pins []Pin
	last := lastPiece(tag)
	word, values := f.wordOf(src, ref)
	isOwn := slices.ContainsFunc(word.Pieces(), func(p trace.Piece) bool { return last.within(p) })
	isWhole := ref.Image.Tag == "" || len(lastPiece(ref.Text).S) > len(last.S)
	isHidden := values.isHidden(last)
	if last.File != nil && (isOwn || isWhole || !f.IsDockerfile() || isHidden) {
		pins = append(pins, Pin{Replacement: last.with(suffix)})
	}
	if behind := lastPiece(word); !isOwn && behind.File != nil {
		pins = append(pins, Pin{behind.with(suffix), true})
	}
	pins = slices.DeleteFunc(pins, func(pin Pin) bool {
		return (pin.Behind || isHidden) && !f.canMove(src, ref, pin)
	})
	if len(pins) == 0 {
		return nil, &trace.FrozenError{Reason: fmt.Sprintf("no digest can be written behind %s, or not so that it could move with the tag later", ref.Written)}
	}
	return pins, nil
}

// canMove reports whether another digest can take the place of one that is written in a pin.
func (f *File) canMove(src []byte, ref *Ref, pin Pin) bool {
	after, err := f.After(src, []trace.Replacement{pin.Replacement})
	n := slices.Index(f.Refs, ref)
	if err != nil || n >= len(after.Refs) {
		return false
	}
	_, err = after.Refs[n].Rewrite("", "sha256:"+strings.Repeat("0", 64))
	return err == nil
}

// A piece is a part of a text that stands in one place.
type piece struct{ trace.Piece }

// lastPiece returns the last piece of a text; without a file where its place is not known.
func lastPiece(t trace.Text) piece {
	pieces := t.Pieces()
	if len(pieces) == 0 {
		return piece{}
	}
	return piece{pieces[len(pieces)-1]}
}

// within reports whether a piece is a part of another.
func (p piece) within(other trace.Piece) bool {
	return p.File != nil && other.File != nil && p.File.Path == other.File.Path && other.Span.Start <= p.Span.Start && p.Span.End <= other.Span.End
}

// with returns what adds a text behind a piece.
func (p piece) with(suffix string) trace.Replacement {
	return trace.Replacement{File: p.File, Span: p.Span, Old: p.S, New: p.S + suffix}
}

// wordOf reads the file again, and returns a reference as it is written, and the ARGs that references are
// made of. They are empty where nothing is known of them.
func (f *File) wordOf(src []byte, ref *Ref) (trace.Text, argValues) {
	n := slices.Index(f.Refs, ref)
	if n < 0 || !f.IsDockerfile() || f.Unreadable {
		return trace.Text{}, argValues{}
	}
	content := trace.NewFile(f.Origin.Path, src)
	if f.IsInline() {
		content = trace.NewFile(f.Path, []byte(f.Inline.S))
	}
	var word trace.Text
	var values argValues
	scanContent(f.Path, content, func(p *parsed) []*File {
		p.words = map[*Ref]trace.Text{}
		again := p.build(p.settle(f.Builds[0]))
		if len(again.Refs) == len(f.Refs) {
			place := f.placing(p)
			word, values = place(p.words[again.Refs[n]]), p.argValues(place)
		}
		return []*File{again}
	})
	return word, values
}

// argValues are the ARGs before the first FROM, and what the stages declare of them.
type argValues struct {
	args     []Arg           // that have a default, with it as written, in the order of the file
	declared map[string]bool // by a stage, which can use its value then
}

func (p *parsed) argValues(place func(trace.Text) trace.Text) argValues {
	values := argValues{declared: map[string]bool{}}
	r := &reader{File: &File{Path: p.path, Origin: p.content.Origin}, content: p.content, escape: p.escape}
	inStage := false
	for _, node := range p.ast.Children {
		inStage = inStage || strings.EqualFold(node.Value, "from")
		if !strings.EqualFold(node.Value, "arg") {
			continue
		}
		for _, word := range r.operands(node) {
			name, value, has := word.Cut("=")
			switch {
			case inStage:
				values.declared[name.S] = true
			case has:
				values.args = append(values.args, Arg{name.S, place(value)})
			}
		}
	}
	return values
}

// isHidden reports whether a piece is of the default of an ARG that no stage can see, by its name or by that of
// another ARG that it is a part of.
func (v argValues) isHidden(p piece) bool {
	var names []string
	for _, arg := range v.args {
		holds := slices.ContainsFunc(arg.Value.Pieces(), func(in trace.Piece) bool { return p.within(in) })
		uses := slices.ContainsFunc(names, func(name string) bool {
			return regexp.MustCompile(`\$\{?` + regexp.QuoteMeta(name) + `(?:\W|$)`).MatchString(arg.Value.S)
		})
		if holds || uses {
			names = append(names, arg.Name)
		}
	}
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return v.declared[name] })
}
