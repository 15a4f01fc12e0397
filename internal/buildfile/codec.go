package buildfile

import (
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Encode returns the result for [Decode] of the same program.
func (r *Result) Encode() []byte {
	var w trace.Writer
	w.Int(len(r.Builds))
	for _, b := range r.Builds {
		writePos(&w, b.Where)
		w.String(b.Target)
		w.Int(len(b.Args))
		for _, a := range b.Args {
			w.String(a.Name)
			w.Text(a.Value)
		}
		w.Int(len(b.Contexts))
		for _, c := range b.Contexts {
			w.String(c.Name)
			w.Text(c.Value)
			w.String(c.Image)
		}
		w.String(b.File)
		w.Int(int(b.Kind))
		w.String(b.Dockerfile)
		w.String(b.Context)
		w.Int(len(b.Images))
		for _, image := range b.Images {
			w.Text(image)
		}
		w.String(b.Alias)
	}
	w.Int(len(r.Problems))
	for _, p := range r.Problems {
		writePos(&w, p.Pos)
		w.String(p.Message)
	}
	w.Int(len(r.Looked))
	for _, p := range r.Looked {
		w.String(p)
	}
	return w.Bytes()
}

// Decode returns the result that [Result.Encode] described; file returns the files
// of the repository by path. The error is trace.ErrCorrupt.
func Decode(data []byte, file func(path string) *trace.File) (*Result, error) {
	r := trace.NewReader(data, file)
	result := &Result{}
	for range r.Count() {
		b := Build{BuildConfig: scanner.BuildConfig{Where: readPos(r), Target: r.String()}}
		for range r.Count() {
			b.Args = append(b.Args, scanner.Arg{Name: r.String(), Value: r.Text()})
		}
		for range r.Count() {
			b.Contexts = append(b.Contexts, scanner.Context{Name: r.String(), Value: r.Text(), Image: r.String()})
		}
		b.File = r.String()
		b.Kind = Kind(r.Int()) //nolint:gosec // written from this type
		b.Dockerfile, b.Context = r.String(), r.String()
		for range r.Count() {
			b.Images = append(b.Images, r.Text())
		}
		b.Alias = r.String()
		b.loosen()
		result.Builds = append(result.Builds, b)
	}
	for range r.Count() {
		result.Problems = append(result.Problems, Problem{Pos: readPos(r), Message: r.String()})
	}
	for range r.Count() {
		result.Looked = append(result.Looked, r.String())
	}
	return result, r.Err()
}

func writePos(w *trace.Writer, p source.Pos) {
	w.String(p.Path)
	w.Int(p.Line)
	w.Int(p.Col)
}

func readPos(r *trace.Reader) source.Pos {
	return source.Pos{Path: r.String(), Line: r.Int(), Col: r.Int()}
}
