package scanner

import (
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// ScanInline is [ScanBuilds] for a Dockerfile that is written inside another file, such as
// dockerfile_inline of a compose file. name is what it is known by (InlineName). Places are
// those of the other file, and the place of the first build stands for what has none of its own.
func ScanInline(name string, text trace.Text, builds []BuildConfig) []*File {
	own := trace.NewFile(name, []byte(text.S))
	files := ScanContent(name, own, builds)
	in := newInline(own, text, builds)
	for _, f := range files {
		f.moveTo(in)
	}
	return files
}

// IsInline reports whether the file is a text inside another file, that of Origin.
func (f *File) IsInline() bool { return f.Inline.S != "" }

// InlineName returns what a Dockerfile inside the file at a path is known by: the path, "#" and
// the name of the service or target that it is for, or of the image that a command makes.
func InlineName(path, name string) string { return path + "#" + name }

// SplitInline returns the parts of an InlineName; ok is false for the path of a file.
func SplitInline(p string) (file, name string, ok bool) {
	dir, base := path.Split(p)
	file, name, ok = strings.Cut(base, "#")
	if !ok || file == "" || IsDockerfile(base) && IsDockerfile(file) { // Dockerfile.c# is one of its own
		return p, "", false
	}
	return dir + file, name, true
}

// An inline says where the bytes of a Dockerfile stand in another file.
type inline struct {
	own    *trace.File
	text   trace.Text
	origin *trace.Origin // the file that holds most of it
	at     source.Pos    // of the build
}

func newInline(own *trace.File, text trace.Text, builds []BuildConfig) *inline {
	in := &inline{own: own, text: text}
	if len(builds) > 0 {
		in.at = builds[0].Where
	}
	held := map[*trace.Origin]int{}
	for _, piece := range text.Pieces() {
		if piece.File == nil {
			continue
		}
		if held[piece.File] += len(piece.S); in.origin == nil || held[piece.File] > held[in.origin] {
			in.origin = piece.File
		}
	}
	if in.origin == nil {
		in.origin = &trace.Origin{Path: in.at.Path}
	}
	return in
}

// moveTo gives the file the places that its text has in the other file.
func (f *File) moveTo(in *inline) {
	f.Origin, f.Inline = in.origin, in.text
	for i := range f.Stages {
		f.Stages[i].Line = in.pos(f.Path, source.Pos{Path: f.Path, Line: f.Stages[i].Line, Col: 1}).Line
	}
	for i := range f.Diagnostics {
		d := &f.Diagnostics[i]
		d.Pos, d.Message = in.pos(f.Path, d.Pos), Readable(d.Message)
	}
	for _, ref := range slices.Concat(f.Refs, f.Defaults, f.Triggers) {
		ref.Pos = in.pos(f.Path, ref.Pos)
		ref.Text = in.move(ref.Text)
		ref.Written = Readable(ref.Written) // of a shell or of compose, in the text itself
		ref.origin, ref.isInline = nil, true
	}
}

// move gives a text the places that it has in the other file.
func (in *inline) move(t trace.Text) trace.Text { return t.Through(in.own.Origin, in.text) }

// pos returns the place in the other file of one in the Dockerfile: of its byte, or else of what
// stands before it on its line, or on the lines before.
func (in *inline) pos(name string, p source.Pos) source.Pos {
	if p.Path != name {
		return p
	}
	if p.Line > 0 && p.Line <= in.own.Lines.Count() {
		start := in.own.Lines.Start(p.Line)
		for off := min(start+max(p.Col, 1), len(in.text.S)) - 1; off >= 0; off-- {
			if at := in.text.At(off); at.File == in.origin {
				line, col := at.File.Lines.Position(at.Off)
				return source.Pos{Path: at.File.Path, Line: line, Col: col}
			}
		}
	}
	if in.at.Path == in.origin.Path {
		return in.at
	}
	return source.Pos{Path: in.origin.Path}
}
