package scanner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// ScanBuilds reads one Dockerfile as it is built, in one way or several. It never fails,
// as [ScanFile] does not.
//
// It returns a File for each build that differs from the others in its target, the
// stages that it needs or the references that it reads; there is at least one. Those of
// the last stage come first, then they are sorted by target, then in the order of builds.
//
// A docker build without options is among them where none of builds is of the last
// stage: that some stage is built does not mean that the last is not. It is not where the
// targets are fixed, and where the file needs arguments that it is not given.
func ScanBuilds(path string, src []byte, builds []BuildConfig) []*File {
	return ScanContent(path, trace.NewFile(path, src), builds)
}

// ScanContent is [ScanBuilds] for a Dockerfile whose text is written in a file of
// another path: for a symbolic link, path is that of the link and content its target.
func ScanContent(path string, content *trace.File, builds []BuildConfig) (files []*File) {
	return scanContent(path, content, func(p *parsed) []*File { return p.builds(builds) })
}

// scanContent parses a Dockerfile and has it read.
func scanContent(path string, content *trace.File, read func(*parsed) []*File) (files []*File) {
	f := &File{Path: path, Origin: content.Origin, Builds: noBuild}
	defer func() {
		// One file that takes the parser down must not take the others with it.
		if r := recover(); r != nil {
			f = &File{Path: path, Origin: content.Origin, Builds: noBuild}
			f.unreadable(source.CodeSyntax, 0, fmt.Sprintf("the parser gave up: %v", r), "")
			files = []*File{f}
		}
	}()
	p := f.parse(content, skim(content.Src))
	if p == nil {
		return []*File{f}
	}
	files = read(p)
	for _, f := range files {
		f.template(content.Src)
		f.limit()
	}
	return files
}

// The bounds of how often one file is read. Of real ones few are built in ten ways.
const (
	maxWays = 200
	maxRead = 64 << 20 // bytes, counted for each way
)

// builds reads the file as each of the builds does.
func (p *parsed) builds(builds []BuildConfig) []*File {
	if len(builds) == 0 {
		own := p.build(BuildConfig{})
		own.Builds = noBuild
		return []*File{own}
	}
	var files []*File
	names := p.declared()
	last := lastStage(p.ast)
	most := min(maxWays, 1+maxRead/len(p.content.Src))
	read := map[string]*File{} // by what is handed in
	made := map[string]*File{} // by what comes of it
	isDefault, isFixed, isHanded, left := false, false, false, 0
	for way, given := range builds {
		build := p.settle(given)
		target := build.Target
		isFixed = isFixed || build.Fixed
		isHanded = isHanded || build.hands(names)
		if target == "" || strings.EqualFold(target, last) {
			build.Target, isDefault = "", true
		}
		input := build.input(names)
		f, known := read[input]
		if !known {
			if len(read) == most {
				left++
				continue
			}
			f = p.build(build)
			read[input] = f
		}
		if len(builds) > 1 {
			output := f.output(build.Target) + p.seen(f, given)
			if made[output] == nil {
				if known && slices.Contains(files, f) {
					f = f.copied()
				}
				made[output] = f
			}
			f = made[output]
		}
		if !slices.Contains(files, f) {
			f.Target = target
			files = append(files, f)
		}
		if target == "" {
			f.Target = "" // who names the last stage means the same
		}
		f.Ways, f.Builds = append(f.Ways, way), append(f.Builds, given)
	}
	if !isDefault && !isFixed {
		if own := p.build(BuildConfig{}); own.stands(files) {
			own.Builds = noBuild
			files = append(files, own)
		}
	}
	slices.SortStableFunc(files, func(a, b *File) int { return cmp.Compare(a.Target, b.Target) })
	if left > 0 {
		files[0].diagnose(source.CodeTooManyBuilds, Error, source.Pos{Path: p.path},
			fmt.Sprintf("it is built in more than %d ways: %s more are not read", most, source.Count(left, "build")), "")
	}
	for _, f := range files {
		f.handIn()
	}
	if isHanded {
		files[0].Defaults = p.defaults(files)
	}
	return files
}

// settle returns the build without a target that was meant for another Dockerfile.
func (p *parsed) settle(build BuildConfig) BuildConfig {
	if build.Target != "" && build.Target == build.Loose && !p.hasStage(build.Target) {
		build.Target = ""
	}
	return build
}

// build reads the file as one build does, on all its platforms.
func (p *parsed) build(build BuildConfig) *File {
	views := build.views()
	if len(views) == 0 {
		f, looksAt := p.run(build, defaultPlatform)
		if looksAt {
			assumed, _ := p.run(build, assumedPlatform)
			f.assume(assumed)
		}
		f.sort()
		return f
	}
	f, looksAt := p.run(build, views[0])
	for _, on := range views[1:] {
		if looksAt {
			view, _ := p.run(build, on)
			f.add(view)
		}
	}
	f.sort()
	return f
}

// handIn tells the references that builds hand in of all builds that do.
func (f *File) handIn() {
	if len(f.Builds) < 2 {
		return
	}
	inputs := f.inputs()
	for _, ref := range slices.Concat(f.Refs, f.Triggers) {
		if ref.inputs != nil {
			ref.inputs = inputs
		}
	}
}

// inputs returns all that the builds hand in.
func (f *File) inputs() []trace.Text {
	var all []trace.Text
	for _, b := range f.Builds {
		all = append(all, b.inputs()...)
	}
	return all
}

// stands reports whether the build can be made: whether it knows the base of each stage
// that it needs, or no other build does.
func (f *File) stands(others []*File) bool {
	for _, ref := range f.Refs {
		if ref.Kind == From && ref.Exposure > Unreachable && ref.Image.IsZero() && ref.Link == "" && !slices.ContainsFunc(others, func(other *File) bool {
			return slices.ContainsFunc(other.Refs, func(r *Ref) bool { return r.beside(ref) && r.Image.IsZero() && r.Link == "" })
		}) {
			return false
		}
	}
	return true
}

// declared returns the names of the ARGs that references can depend on: those before
// the first FROM, and those that BuildKit sets.
func (p *parsed) declared() map[string]bool {
	names := maps.Clone(buildKitArgs)
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

// hands reports whether the build hands in anything that the references of a file with
// these ARGs can depend on.
func (b BuildConfig) hands(args map[string]bool) bool {
	return len(b.Contexts) > 0 || slices.ContainsFunc(b.Args, func(a Arg) bool { return args[a.Name] })
}

// input tells builds apart by what a file with these ARGs can depend on.
func (b BuildConfig) input(args map[string]bool) string {
	only := BuildConfig{Target: strings.ToLower(b.Target), Contexts: b.Contexts, Platforms: b.Platforms}
	for _, a := range b.Args {
		if args[a.Name] {
			only.Args = append(only.Args, a)
		}
	}
	return string(EncodeBuilds([]BuildConfig{only}))
}

// seen returns the values of the arguments that the stages of a build can see: it makes another
// image with others, though it is based on the same ones.
func (p *parsed) seen(f *File, build BuildConfig) string {
	var b strings.Builder
	for i, stage := range p.stages() {
		if i >= len(f.Stages) || !f.Stages[i].Reachable {
			continue
		}
		for _, node := range stage {
			if !strings.EqualFold(node.Value, "arg") {
				continue
			}
			for n := node.Next; n != nil; n = n.Next {
				name, _, _ := strings.Cut(n.Value, "=")
				if value, ok := build.arg(name); ok && value.S != Unknown {
					fmt.Fprintf(&b, "%s=%q ", name, value.S)
				}
			}
		}
	}
	return b.String()
}

// copied returns what another build that reads the same references has of its own.
func (f *File) copied() *File {
	other := *f
	other.Ways, other.Builds = nil, nil
	other.Refs, other.Triggers = copies(f.Refs), copies(f.Triggers)
	other.Stages, other.Diagnostics = slices.Clone(f.Stages), slices.Clone(f.Diagnostics)
	return &other
}

func copies(refs []*Ref) []*Ref {
	all := make([]*Ref, len(refs))
	for i, ref := range refs {
		own := *ref
		all[i] = &own
	}
	return all
}

// output tells builds of one file apart by what comes of them.
func (f *File) output(target string) string {
	w := trace.Writer{Own: f.Origin}
	w.String(strings.ToLower(target))
	f.encodeContent(&w)
	return string(w.Bytes())
}

// replaceBuildKitArgs sets those that the build hands in itself.
func (r *reader) replaceBuildKitArgs() {
	for _, a := range r.build.Args {
		if !buildKitArgs[a.Name] {
			continue
		}
		r.scope.set(a.Name, a.Value)
		if r.likely != nil && !isPartly(a) {
			r.likely.set(a.Name, a.Value)
		}
	}
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
		all = append(all, c.Value, c.Key)
	}
	return all
}

// After returns the build as it is once the replacements in its build files are
// made. The places of what it hands in are then no longer known.
func (b BuildConfig) After(replacements []trace.Replacement) BuildConfig {
	after := b
	after.Defaults = nil // of which nothing is read again
	after.Args, after.Contexts = slices.Clone(b.Args), slices.Clone(b.Contexts)
	for i := range after.Args {
		after.Args[i].Value = trace.Plain(after.Args[i].Value.After(replacements))
	}
	for i := range after.Contexts {
		if key := after.Contexts[i].Key.After(replacements); key != "" {
			after.Contexts[i].Name, after.Contexts[i].Key = key, trace.Plain(key)
		}
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
	if ref := r.fromContext(From, stage.Index, pos, stage.Name, trace.Plain(stage.Name), c); ref != nil {
		stage.Base = ref.Image
	}
}

const imageContext = "docker-image://"

// fromContext adds the reference that a named context makes of a name in the file;
// nil for one that is no image. text is the name as it is after expansion.
func (r *reader) fromContext(kind Kind, stage int, pos source.Pos, written string, text trace.Text, c Context) *Ref {
	if c.Link != "" {
		ref := r.add(kind, stage, pos, written, true)
		ref.Link = c.Link
		// A bare name stands for the other build and nothing else.
		if strings.ContainsAny(text.S, "/:@") {
			if image, err := imageref.Parse(text.S); err == nil {
				ref.Image, ref.Text, ref.key = image, text, c.Key
			}
		}
		return ref
	}
	if !strings.HasPrefix(c.Value.S, imageContext) || c.Value.S == imageContext+scratch {
		return nil
	}
	text = c.Value.Slice(len(imageContext), len(c.Value.S))
	if strings.Contains(text.S, Unknown) {
		return r.partly(kind, stage, pos, written, text.S)
	}
	return r.image(kind, stage, pos, written, expansion{Text: text, isHanded: true})
}
