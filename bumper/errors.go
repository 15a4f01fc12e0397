package bumper

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A ContradictionError says that two places give one image two versions.
type ContradictionError struct {
	Image  string
	Places []string // "path:line:col says 1.0.0 (label)"
}

// Error names the image and the places.
func (e *ContradictionError) Error() string {
	return fmt.Sprintf("%s: its version is not clear: %s", e.Image, strings.Join(e.Places, "; "))
}

// Hint says how to settle it.
func (e *ContradictionError) Hint() string {
	return "correct the place that is wrong, or say under versions: in the configuration which one counts"
}

// Code returns source.CodeTwoVersions.
func (e *ContradictionError) Code() source.Code { return source.CodeTwoVersions }

// A NoVersionError says that nothing tells which version a derived base has next.
type NoVersionError struct {
	Image string
	Path  string       // the Dockerfile that makes it
	Why   string       // nothing tells it
	Uses  []source.Pos // of the references that would have to move

	Held      bool // another build makes the same tag and does not get the patch: what settles that is who makes it
	Renewable bool // its version is written, and counts up where that is asked for
	Rebuilt   bool // nothing of it is edited, so that its version stays whatever is said of it
}

// Error names the image, its Dockerfile and who would have to move.
func (e *NoVersionError) Error() string {
	const few = 3
	var uses []string
	for _, pos := range e.Uses {
		if at := pos.String(); !slices.Contains(uses, at) { // several builds of one Dockerfile
			uses = append(uses, at)
		}
	}
	if n := len(uses) - few; n > 0 {
		uses = append(uses[:few], fmt.Sprintf("and %d more", n))
	}
	return fmt.Sprintf("%s: it makes %s, %s, so these cannot move: %s", e.Path, e.Image, e.Why, strings.Join(uses, ", "))
}

// Hint says where a version can come from.
func (e *NoVersionError) Hint() string {
	if e.Renewable {
		return "propagate run --rebuild-bases counts its version up, so that they can move once it is published"
	}
	if e.Held {
		return fmt.Sprintf("settle what is said of the other build, or give --base %s@VERSION once it is published with the patch", imageref.Base(e.Image))
	}
	if e.Rebuilt {
		return fmt.Sprintf("give --base %s@VERSION once it is published under a new tag with the patch", imageref.Base(e.Image))
	}
	return fmt.Sprintf("say it under versions: in the configuration (scheme: date, build-number or {base}-{n} says how it counts up), label the image with org.opencontainers.image.version, or give --base %s@VERSION once it is published", imageref.Base(e.Image))
}

// Code returns source.CodeNoNextVersion.
func (e *NoVersionError) Code() source.Code { return source.CodeNoNextVersion }

// contradiction returns an error where what is written of one image would, once it is moved,
// say of another image of the same build that it is at the version that is in use now.
func contradiction(all map[*graph.Node][]version) error {
	for image, versions := range all {
		for other, others := range all {
			for _, v := range versions {
				for _, o := range others {
					if image != other && len(v.places) > 0 && len(o.places) == 0 && v.next() == o.now.Text {
						return &ContradictionError{Image: other.Key, Places: []string{v.places[0].String(), fmt.Sprintf("%s is in use", o.now.Text)}}
					}
				}
			}
		}
	}
	return nil
}

// An apartError says that an item does not move in one change with another build.
type apartError struct {
	text  string
	cause error // what keeps that one; nil where it is no error
}

func (e *apartError) Error() string {
	if e.cause == nil {
		return e.text
	}
	return e.text + ": " + e.cause.Error()
}

func (e *apartError) Unwrap() error { return e.cause }

// apart is the error of an item that does not move in one change with another build, which is left
// itself, maybe for an error: then that is the cause, or what is behind it.
func (p *planner) apart(item *Item, build *graph.Node, why string, left *Item) error {
	e := &apartError{text: fmt.Sprintf("%s%s: its version is written in one place with that of %s, which %s", p.meeting(item, build), item.Node.Label, build.Label, why)}
	if left != nil {
		e.cause = left.Err
	}
	var behind *apartError
	if errors.As(e.cause, &behind) {
		e.cause = behind.cause
	}
	return e
}

// meeting returns where an item and another build have their versions in one place, for the front of an error: "path:line: ";
// "" where it is not known, or is the Dockerfile that the error names anyway.
func (p *planner) meeting(item *Item, build *graph.Node) string {
	for _, e := range item.Edits {
		isRead := slices.ContainsFunc(p.readers[e.Path], func(r reader) bool { return r.build == build && e.changes(r) })
		isTag := func(t tagged) bool { return t.image.Maker() == build && t.text.Touches(e.replacement()) }
		if !item.isOwn(e) && (isRead || slices.ContainsFunc(p.versionsAt(e.Path), isTag)) {
			return fmt.Sprintf("%s:%d: ", e.Path, e.Line)
		}
	}
	return ""
}

// A DigestError says that the digest that a reference is to be pinned to could not be
// looked up. Another run may find it.
type DigestError struct{ Err error }

// Error returns the text of Err.
func (e *DigestError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *DigestError) Unwrap() error { return e.Err }

// Code returns source.CodeUnknownDigest.
func (e *DigestError) Code() source.Code { return source.CodeUnknownDigest }
