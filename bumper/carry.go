package bumper

import (
	"bytes"

	"github.com/aymanbagabas/go-udiff"
)

// On makes the edits of f in an earlier version of the file, and returns what that comes
// to. It reports false where a merge of the two would conflict, or may: a line next to an
// edited one, or that line itself, is not as it was.
//
// So it tells what a branch holds that was made from the earlier version, and that it
// still merges.
func (f ChangedFile) On(older []byte) (content []byte, ok bool) {
	content = bytes.Clone(older)
	diff := udiff.Lines(string(older), string(f.Src))
	moved := 0 // how far what was shifts the next edit in content
	for _, e := range f.Edits {
		start, end := around(f.Src, e.Span.Start, e.Span.End)
		shift := 0 // from the older file to the newer one, before the edit
		for _, d := range diff {
			from := d.Start + shift
			to := from + len(d.New)
			if from >= end {
				break
			}
			if to > start {
				return nil, false
			}
			shift += len(d.New) - (d.End - d.Start)
		}
		at := e.Span.Start - shift
		if at < 0 || at+len(e.Old) > len(older) || string(older[at:at+len(e.Old)]) != e.Old {
			return nil, false
		}
		at += moved
		content = append(content[:at:at], append([]byte(e.New), content[at+len(e.Old):]...)...)
		moved += len(e.New) - len(e.Old)
	}
	return content, true
}

// around returns the lines of src that a span touches, with one before and one after.
// Where there is none before, from is before src, and so is to behind it where there is none after.
func around(src []byte, start, end int) (from, to int) {
	from = bytes.LastIndexByte(src[:start], '\n')
	if from > 0 {
		from = bytes.LastIndexByte(src[:from], '\n') + 1
	}
	for range 2 {
		i := bytes.IndexByte(src[end:], '\n')
		if i < 0 {
			return from, len(src) + 1
		}
		end += i + 1
	}
	return from, end
}
