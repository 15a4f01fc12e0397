package scanner

import (
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Encode returns what was found in a file, for [Decode] of the same program: all that
// [ScanContent] returned. The content of the file and its builds are not part of it.
func Encode(files []*File) []byte {
	w := trace.Writer{}
	w.Int(len(files))
	for _, f := range files {
		w.Own = f.Origin // of all the same
		w.String(f.Target)
		w.Int(len(f.Ways))
		for _, way := range f.Ways {
			w.Int(way)
		}
		w.Bool(f.Unreadable)
		f.encodeContent(&w)
		encodeRefs(&w, f.Defaults)
		encodeRefs(&w, f.Triggers)
		w.Int(len(f.Diagnostics))
		for _, d := range f.Diagnostics {
			w.String(string(d.Code))
			w.Int(int(d.Severity))
			w.Int(d.Pos.Line)
			w.Int(d.Pos.Col)
			w.String(d.Message)
			w.String(d.Hint)
		}
	}
	return w.Bytes()
}

// encodeContent writes the stages and the references.
func (f *File) encodeContent(w *trace.Writer) {
	w.Int(len(f.Stages))
	for _, s := range f.Stages {
		w.String(s.Name)
		w.Int(s.Line)
		writeImage(w, s.Base)
		w.Int(s.BaseStage)
		w.Bool(s.Reachable)
	}
	encodeRefs(w, f.Refs)
}

func encodeRefs(w *trace.Writer, refs []*Ref) {
	w.Int(len(refs))
	for _, r := range refs {
		w.Int(int(r.Kind))
		w.Int(r.Stage)
		w.Int(int(r.Exposure))
		w.Int(r.Pos.Line)
		w.Int(r.Pos.Col)
		w.String(r.Written)
		writeImage(w, r.Image)
		w.String(r.Guess)
		w.String(r.GuessTag)
		w.Text(r.Text)
		w.String(r.Link)
		w.Bool(r.Assumed)
		w.Pos(r.Outside)
		w.Text(r.key)
		w.Bool(r.Build.Path != "")
	}
}

// Decode returns the Dockerfile that [Encode] described, as each build reads it: path is
// where it lies now and origin what its text is written in, the same path but for a
// symbolic link; builds are those that it was read with, and other returns the build files
// by path, nil for one that is not known. The error is trace.ErrCorrupt.
func Decode(data []byte, path, origin string, builds []BuildConfig, other func(path string) *trace.Origin) ([]*File, error) {
	own := &trace.Origin{Path: origin}
	r := trace.NewReader(data, func(path string, lines source.Lines) *trace.Origin {
		if path == "" {
			own.Lines = lines
			return own
		}
		return other(path)
	})
	files := make([]*File, r.Count())
	for i := range files {
		files[i] = decodeFile(r, path, own, builds)
	}
	if r.Err() == nil && len(files) == 0 {
		return nil, trace.ErrCorrupt
	}
	return files, r.Err()
}

func decodeFile(r *trace.Reader, path string, own *trace.Origin, builds []BuildConfig) *File {
	f := &File{Path: path, Origin: own, Target: r.String()}
	if n := r.Count(); n > 0 {
		f.Ways = make([]int, 0, n)
		for range n {
			if way := r.Int(); 0 <= way && way < len(builds) {
				f.Ways, f.Builds = append(f.Ways, way), append(f.Builds, builds[way])
			}
		}
	}
	if len(f.Builds) == 0 {
		f.Builds = noBuild
	}
	f.Unreadable = r.Bool()
	if n := r.Count(); n > 0 {
		f.Stages = make([]Stage, n)
	}
	for i := range f.Stages {
		f.Stages[i] = Stage{Index: i, Name: r.String(), Line: r.Int(), Base: readImage(r), BaseStage: r.Int(), Reachable: r.Bool()}
	}
	f.Refs = f.decodeRefs(r)
	f.Defaults = f.decodeRefs(r)
	f.Triggers = f.decodeRefs(r)
	if n := r.Count(); n > 0 {
		f.Diagnostics = make([]Diagnostic, n)
	}
	for i := range f.Diagnostics {
		f.Diagnostics[i] = Diagnostic{
			Code:     source.Code(r.String()),
			Severity: Severity(r.Int()), //nolint:gosec // written from this type
			Pos:      source.Pos{Path: path, Line: r.Int(), Col: r.Int()}, Message: r.String(), Hint: r.String(),
		}
	}
	return f
}

func (f *File) decodeRefs(r *trace.Reader) []*Ref {
	n := r.Count()
	if n == 0 {
		return nil
	}
	all, refs := make([]*Ref, n), make([]Ref, n)
	var inputs []trace.Text
	for i := range refs {
		ref := &refs[i]
		*ref = Ref{
			Kind: Kind(r.Int()), Stage: r.Int(), Exposure: Exposure(r.Int()), //nolint:gosec // written from these types
			Pos: source.Pos{Path: f.Path, Line: r.Int(), Col: r.Int()}, Written: r.String(), Image: readImage(r), Guess: r.String(), GuessTag: r.String(), Text: r.Text(),
			Link: r.String(), Assumed: r.Bool(), Outside: r.Pos(), key: r.Text(), origin: f.Origin,
		}
		if r.Bool() {
			if inputs == nil {
				inputs = f.inputs()
			}
			ref.Build, ref.inputs = f.Builds[0].Where, inputs
		}
		all[i] = ref
	}
	return all
}

// noBuild is docker build without any options. It is not to be changed.
var noBuild = []BuildConfig{{}}

// EncodeBuilds returns what tells builds apart for a Dockerfile that is read with
// them.
func EncodeBuilds(builds []BuildConfig) []byte {
	var w trace.Writer
	for i := range builds {
		builds[i].Encode(&w)
	}
	return w.Bytes()
}

// Encode writes the build for [DecodeBuild].
func (b *BuildConfig) Encode(w *trace.Writer) {
	w.Pos(b.Where)
	w.String(b.Target)
	w.String(b.Loose)
	w.Bool(b.Fixed)
	w.Int(len(b.Platforms))
	for _, p := range b.Platforms {
		w.String(p)
	}
	encodeArgs(w, b.Args)
	w.Int(len(b.Defaults))
	for _, set := range b.Defaults {
		encodeArgs(w, set)
	}
	w.Int(len(b.Contexts))
	for _, c := range b.Contexts {
		w.String(c.Name)
		w.Text(c.Key)
		w.Text(c.Value)
		w.String(c.Link)
	}
}

// DecodeBuild returns the build that [BuildConfig.Encode] wrote. Errors stay in r.
func DecodeBuild(r *trace.Reader) BuildConfig {
	b := BuildConfig{Where: r.Pos(), Target: r.String(), Loose: r.String(), Fixed: r.Bool()}
	for range r.Count() {
		b.Platforms = append(b.Platforms, r.String())
	}
	b.Args = decodeArgs(r)
	for range r.Count() {
		b.Defaults = append(b.Defaults, decodeArgs(r))
	}
	for range r.Count() {
		b.Contexts = append(b.Contexts, Context{Name: r.String(), Key: r.Text(), Value: r.Text(), Link: r.String()})
	}
	return b
}

func encodeArgs(w *trace.Writer, args []Arg) {
	w.Int(len(args))
	for _, a := range args {
		w.String(a.Name)
		w.Text(a.Value)
	}
}

func decodeArgs(r *trace.Reader) (args []Arg) {
	for range r.Count() {
		args = append(args, Arg{Name: r.String(), Value: r.Text()})
	}
	return args
}

func writeImage(w *trace.Writer, i imageref.Ref) {
	w.String(i.Written)
	w.String(i.Repository)
	w.String(i.Tag)
	w.String(i.Digest)
}

func readImage(r *trace.Reader) imageref.Ref {
	return imageref.Ref{Written: r.String(), Repository: r.String(), Tag: r.String(), Digest: r.String()}
}
