package buildfile

import (
	"maps"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Encode returns the result for [Decode] of the same program.
func (r *Result) Encode() []byte {
	w := trace.Writer{AllLines: true}
	w.Int(len(r.Builds))
	for _, b := range r.Builds {
		b.Encode(&w)
		w.String(b.File)
		w.Int(int(b.Kind))
		w.String(b.Dockerfile)
		w.String(b.Context)
		w.Text(b.Inline)
		w.Int(len(b.Images))
		for _, image := range b.Images {
			w.Text(image)
		}
		w.Int(len(b.Partly))
		for _, text := range b.Partly {
			w.Text(text)
		}
		for _, groups := range [][][]trace.Text{b.Twins, b.Choices} {
			w.Int(len(groups))
			for _, group := range groups {
				w.Int(len(group))
				for _, text := range group {
					w.Text(text)
				}
			}
		}
		w.String(b.Name)
		encodeSettings(&w, b.Settings)
	}
	w.Int(len(r.Problems))
	for _, p := range r.Problems {
		w.String(string(p.Code))
		w.Pos(p.Pos)
		w.String(p.Message)
	}
	w.Int(len(r.Uses))
	for _, u := range r.Uses {
		w.Pos(u.Pos)
		w.String(u.Service)
		w.Text(u.Image)
	}
	for _, paths := range [][]string{r.Called, r.Scripts, r.Looked} {
		w.Int(len(paths))
		for _, p := range paths {
			w.String(p)
		}
	}
	return w.Bytes()
}

// Decode returns the result that [Result.Encode] described. The error is
// trace.ErrCorrupt.
func Decode(data []byte) (*Result, error) {
	r := trace.NewReader(data, func(path string, lines source.Lines) *trace.Origin {
		return &trace.Origin{Path: path, Lines: lines}
	})
	result := &Result{}
	for range r.Count() {
		b := reading.Build{BuildConfig: scanner.DecodeBuild(r)}
		b.File = r.String()
		b.Kind = reading.Kind(r.Int()) //nolint:gosec // written from this type
		b.Dockerfile, b.Context, b.Inline = r.String(), r.String(), r.Text()
		for range r.Count() {
			b.Images = append(b.Images, r.Text())
		}
		for range r.Count() {
			b.Partly = append(b.Partly, r.Text())
		}
		for _, groups := range []*[][]trace.Text{&b.Twins, &b.Choices} {
			for range r.Count() {
				var group []trace.Text
				for range r.Count() {
					group = append(group, r.Text())
				}
				*groups = append(*groups, group)
			}
		}
		b.Name = r.String()
		b.Settings = decodeSettings(r)
		result.Builds = append(result.Builds, b)
	}
	for range r.Count() {
		result.Problems = append(result.Problems, reading.Problem{Code: source.Code(r.String()), Pos: r.Pos(), Message: r.String()})
	}
	for range r.Count() {
		result.Uses = append(result.Uses, compose.Use{Pos: r.Pos(), Service: r.String(), Image: r.Text()})
	}
	for _, paths := range []*[]string{&result.Called, &result.Scripts, &result.Looked} {
		for range r.Count() {
			*paths = append(*paths, r.String())
		}
	}
	return result, r.Err()
}

func encodeSettings(w *trace.Writer, s reading.Settings) {
	for _, m := range []map[string]string{s.Labels, s.Open} {
		w.Int(len(m))
		for _, name := range slices.Sorted(maps.Keys(m)) {
			w.String(name)
			w.String(m[name])
		}
	}
	for _, list := range [][]string{s.Secret, s.SSH} {
		w.Int(len(list))
		for _, text := range list {
			w.String(text)
		}
	}
}

func decodeSettings(r *trace.Reader) (s reading.Settings) {
	for _, m := range []*map[string]string{&s.Labels, &s.Open} {
		for range r.Count() {
			if *m == nil {
				*m = map[string]string{}
			}
			name := r.String()
			(*m)[name] = r.String()
		}
	}
	for _, list := range []*[]string{&s.Secret, &s.SSH} {
		for range r.Count() {
			*list = append(*list, r.String())
		}
	}
	return s
}
