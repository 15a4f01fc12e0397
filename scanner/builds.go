package scanner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// ScanBuilds reads one Dockerfile as it is built, in one way or several; without
// any it is read as a docker build without options reads it. It never fails, as
// [ScanFile] does not.
//
// The references are those of the file with its own defaults, for each of the
// targets, and those that a build argument or a named context makes others of. One
// that has no value in the file itself is not among them where a build gives it
// one, be it one of which the repository alone is known. The exposure of a reference
// is the strongest that it has in any build.
func ScanBuilds(path string, src []byte, builds []BuildConfig) *File {
	return ScanContent(path, trace.NewFile(path, src), builds)
}

// ScanContent is [ScanBuilds] for a Dockerfile whose text is written in a file of
// another path: for a symbolic link, path is that of the link and content its target.
func ScanContent(path string, content *trace.File, builds []BuildConfig) (f *File) {
	if len(builds) == 0 {
		builds = []BuildConfig{{}}
	}
	f = &File{Path: path, Origin: content.Origin, Builds: builds}
	defer func() {
		// One file that takes the parser down must not take the others with it.
		if r := recover(); r != nil {
			*f = File{Path: f.Path, Origin: f.Origin, Builds: builds}
			f.unreadable(source.CodeSyntax, 0, fmt.Sprintf("the parser gave up: %v", r), "")
		}
	}()
	p := f.parse(content)
	if p == nil {
		return f
	}
	builds = slices.Clone(builds)
	var targets []string
	for i := range builds {
		build := &builds[i]
		if build.Target != "" && build.Target == build.Loose && !p.hasStage(build.Target) {
			build.Target = ""
		}
		if !slices.Contains(targets, build.Target) {
			targets = append(targets, build.Target)
		}
	}
	for i, target := range targets {
		own := p.run(BuildConfig{Target: target})
		if i == 0 {
			f.Stages, f.Refs, f.Diagnostics = own.Stages, own.Refs, own.Diagnostics
			continue
		}
		f.merge(own)
	}
	names := declared(p)
	for way, build := range builds {
		if build.changes(names) {
			f.add(p.run(build), way)
		}
	}
	f.dropReplaced()
	for _, ref := range f.Refs {
		ref.said = ""
	}
	f.sort()
	f.template(content.Src)
	f.limit()
	return f
}

// dropReplaced drops the names that every build puts a context in the place of:
// "FROM base" of a file that is never built without saying what base is.
func (f *File) dropReplaced() {
	f.Refs = slices.DeleteFunc(f.Refs, func(ref *Ref) bool {
		if ref.Build.Path != "" || ref.Image.IsZero() || ref.Image.Version() != "" {
			return false
		}
		drop := !slices.ContainsFunc(f.Builds, func(b BuildConfig) bool {
			_, replaced := b.context(ref.Image.Written)
			return !replaced
		})
		if drop && ref.Kind == From {
			f.Stages[ref.Stage].Base = imageref.Ref{}
		}
		return drop
	})
	for i := range f.Stages {
		stage := &f.Stages[i]
		for _, ref := range f.Refs {
			if ref.Kind == From && ref.Stage == i && ref.Build.Path != "" && !ref.Image.IsZero() && stage.Base.Version() == "" {
				stage.Base = ref.Image
			}
		}
	}
}

// merge takes in the same references as another target exposes them.
func (f *File) merge(other *File) {
	for i := range min(len(f.Stages), len(other.Stages)) {
		f.Stages[i].Reachable = f.Stages[i].Reachable || other.Stages[i].Reachable
	}
	for i := range min(len(f.Refs), len(other.Refs)) {
		f.Refs[i].Exposure = max(f.Refs[i].Exposure, other.Refs[i].Exposure)
	}
	for _, d := range other.Diagnostics {
		if !slices.Contains(f.Diagnostics, d) {
			f.Diagnostics = append(f.Diagnostics, d)
		}
	}
}

// add takes in what one of the builds makes of the file.
func (f *File) add(built *File, way int) {
	for i := range min(len(f.Stages), len(built.Stages)) {
		stage, other := &f.Stages[i], built.Stages[i]
		stage.Reachable = stage.Reachable || other.Reachable
		if stage.Base.IsZero() && stage.BaseStage < 0 {
			stage.Base, stage.BaseStage = other.Base, other.BaseStage
		}
	}
	for _, ref := range built.Refs {
		if known := f.same(ref); known != nil {
			known.Exposure = max(known.Exposure, ref.Exposure)
			continue
		}
		if ref.Repository() == "" {
			continue // the file itself said so already
		}
		ref.Build, ref.way = f.Builds[way].Where, way
		f.settle(ref)
		f.Refs = append(f.Refs, ref)
		for _, d := range built.Diagnostics {
			if d.Pos == ref.Pos && d.Message == ref.said {
				f.Diagnostics = append(f.Diagnostics, d)
				break
			}
		}
	}
}

// same finds the reference that ref is written and resolved as. For one of which the
// repository alone is known, any other of that repository says more, but for the
// file's own that does not resolve: that one says less of why.
func (f *File) same(ref *Ref) *Ref {
	for _, known := range f.Refs {
		switch {
		case !known.beside(ref):
		case ref.Image.IsZero() && known.Repository() == ref.Guess && (ref.Guess == "" || known.Build.Path != "" || !known.Image.IsZero()):
			return known
		case known.Linked == ref.Linked && !ref.Image.IsZero() && known.Image.String() == ref.Image.String() && known.Text.Beside(ref.Text):
			return known
		}
	}
	return nil
}

// beside reports whether both are what one build or another makes of the same words.
func (r *Ref) beside(other *Ref) bool {
	return r.Kind == other.Kind && r.Stage == other.Stage && r.Pos == other.Pos
}

// settle drops the references that did not resolve and that ref is the answer to,
// with what was said of them: the file's own, and one of the same repository.
func (f *File) settle(ref *Ref) {
	said := map[string]bool{}
	f.Refs = slices.DeleteFunc(f.Refs, func(known *Ref) bool {
		drop := known.Image.IsZero() && known.beside(ref) && (known.Build.Path == "" || known.Guess == ref.Repository())
		if drop {
			said[known.said] = true
		}
		return drop
	})
	f.Diagnostics = slices.DeleteFunc(f.Diagnostics, func(d Diagnostic) bool { return d.Pos == ref.Pos && said[d.Message] })
}

// declared returns the names of the ARGs before the first FROM.
func declared(p *parsed) map[string]bool {
	names := map[string]bool{}
	for _, node := range p.ast.Children {
		if strings.EqualFold(node.Value, "from") {
			break
		}
		if strings.EqualFold(node.Value, "arg") {
			for n := node.Next; n != nil; n = n.Next {
				name, _, _ := strings.Cut(n.Value, "=")
				names[name] = true
			}
		}
	}
	return names
}

// changes reports whether the build hands in anything that the references of a
// file with these ARGs can depend on.
func (b BuildConfig) changes(args map[string]bool) bool {
	return len(b.Contexts) > 0 || slices.ContainsFunc(b.Args, func(a Arg) bool { return args[a.Name] })
}

func (b BuildConfig) arg(name string) (trace.Text, bool) {
	for _, a := range slices.Backward(b.Args) {
		if a.Name == name {
			return a.Value, true
		}
	}
	return trace.Text{}, false
}

// context returns the named context that takes the place of a stage or an image.
// Names compare as BuildKit's dockerui.Client.NamedContext compares them.
func (b BuildConfig) context(name string) (Context, bool) {
	if len(b.Contexts) == 0 || strings.EqualFold(name, scratch) || strings.EqualFold(name, "context") {
		return Context{}, false
	}
	name = imageref.Familiar(name)
	for _, c := range slices.Backward(b.Contexts) {
		if imageref.Familiar(c.Name) == name {
			return c, true
		}
	}
	return Context{}, false
}

// inputs returns all that the build hands in.
func (b BuildConfig) inputs() []trace.Text {
	var all []trace.Text
	for _, a := range b.Args {
		all = append(all, a.Value)
	}
	for _, c := range b.Contexts {
		all = append(all, c.Value)
	}
	return all
}

// After returns the build as it is once the replacements in its build files are
// made. The places of what it hands in are then no longer known.
func (b BuildConfig) After(replacements []trace.Replacement) BuildConfig {
	after := b
	after.Args, after.Contexts = slices.Clone(b.Args), slices.Clone(b.Contexts)
	for i := range after.Args {
		after.Args[i].Value = trace.Plain(after.Args[i].Value.After(replacements))
	}
	for i := range after.Contexts {
		after.Contexts[i].Value = trace.Plain(after.Contexts[i].Value.After(replacements))
	}
	return after
}

// standIn puts a named context in the place of a whole stage: BuildKit then runs
// none of its instructions.
func (r *reader) standIn(stage *Stage, c Context) {
	if r.replaced == nil {
		r.replaced = map[int]bool{}
	}
	r.replaced[stage.Index] = true
	// What its FROM names is not looked at.
	r.Refs = slices.DeleteFunc(r.Refs, func(ref *Ref) bool { return ref.Kind == From && ref.Stage == stage.Index })
	stage.Base, stage.BaseStage = imageref.Ref{}, -1
	pos := source.Pos{Path: r.Path, Line: stage.Line, Col: 1}
	if ref := r.fromContext(From, stage.Index, pos, stage.Name, c); ref != nil {
		stage.Base = ref.Image
	}
}

const imageContext = "docker-image://"

// fromContext adds the reference that a named context makes of a name in the file;
// nil for one that is no image.
func (r *reader) fromContext(kind Kind, stage int, pos source.Pos, written string, c Context) *Ref {
	if c.Image != "" {
		ref := &Ref{
			Kind: kind, Stage: stage, Pos: pos, Written: written, Linked: true, origin: r.Origin, way: -1, inputs: r.build.inputs(),
			Image: imageref.Ref{Written: c.Image, Repository: c.Image}, Text: trace.Plain(c.Image),
		}
		r.Refs = append(r.Refs, ref)
		return ref
	}
	if !strings.HasPrefix(c.Value.S, imageContext) || c.Value.S == imageContext+scratch {
		return nil
	}
	text := c.Value.Slice(len(imageContext), len(c.Value.S))
	if strings.Contains(text.S, Unknown) {
		return r.partly(kind, stage, pos, written, text.S)
	}
	return r.image(kind, stage, pos, written, expansion{Text: text})
}
