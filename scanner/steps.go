package scanner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/trace"
)

// Steps are what a build reads of its Dockerfile.
type Steps struct {
	// Text has the instructions of the stages that the target reaches, each with what its names stand for, and
	// the ARGs before the first FROM that these mention. Comments are not in it. If two contents of a Dockerfile
	// have the same text for a build, it comes to the same image with both.
	Text string

	Contexts []string // the named contexts that these instructions use
}

// Steps returns what a build reads of a Dockerfile. src is as in [File.Takes]. ok is false where that is
// not known: for a file that cannot be read as a Dockerfile, or if an instruction names what cannot be resolved.
func (f *File) Steps(src []byte, build BuildConfig) (steps Steps, ok bool) {
	defer func() {
		if recover() != nil {
			steps, ok = Steps{}, false // as in scanContent
		}
	}()
	own := &File{Path: f.Path}
	content := trace.NewFile(f.Path, src)
	if f.IsInline() {
		content = trace.NewFile(f.Path, []byte(f.Inline.S))
	}
	p := own.parse(content, content.Src)
	if p == nil {
		return Steps{}, false
	}
	build = p.settle(build)
	views := build.views()
	if len(views) == 0 {
		views = []view{defaultPlatform, assumedPlatform}
	}
	for _, on := range views {
		r, _ := p.read(build, on)
		if !r.isResolved() {
			return Steps{}, false
		}
		steps.Text += r.steps(p.ast)
		steps.Contexts = append(steps.Contexts, r.contexts(p.ast)...)
	}
	slices.Sort(steps.Contexts)
	steps.Contexts = slices.Compact(steps.Contexts)
	return steps, true
}

// isResolved reports whether it is known what each reached instruction names.
func (r *reader) isResolved() bool {
	return len(r.Stages) > 0 && len(r.Stages) < maxStages && !slices.ContainsFunc(r.Refs, func(ref *Ref) bool {
		return ref.Exposure != Unreachable && ref.Image.IsZero() && ref.Link == ""
	})
}

// steps writes down what the build reads.
func (r *reader) steps(ast *parser.Node) string {
	var text strings.Builder
	fmt.Fprintf(&text, "escape %q\n", r.escape)
	for _, ref := range r.Refs {
		if ref.Kind == Syntax {
			fmt.Fprintf(&text, "syntax %q\n", ref.Written)
		}
	}
	place := map[int]int{-1: -1} // of the reached stages, among themselves
	for _, stage := range r.Stages {
		if stage.Reachable {
			place[stage.Index] = len(place)
		}
	}
	fmt.Fprintf(&text, "ships stage %d\n", place[r.shipped(r.build.Target)])
	var globals []*parser.Node
	at := -1
	for _, node := range ast.Children {
		if strings.EqualFold(node.Value, "from") {
			at++
			if r.Stages[at].Reachable {
				fmt.Fprintf(&text, "stage %d on stage %d and image %q\n", place[at], place[r.Stages[at].BaseStage], r.Stages[at].Base.String())
				for _, u := range r.runs(r.Stages[at]) {
					fmt.Fprintf(&text, "takes from stage %d and image %q\n", place[u.from], u.image())
				}
			}
		}
		switch {
		case at < 0:
			globals = append(globals, node)
		case r.Stages[at].Reachable:
			writeStep(&text, node)
		}
	}
	// An ARG may be made of those before it.
	for _, node := range slices.Backward(globals) {
		if mentions(text.String(), node) {
			writeStep(&text, node)
		}
	}
	return text.String()
}

// image returns the image that a use names, "" for none.
func (u use) image() string {
	if u.ref == nil {
		return ""
	}
	return u.ref.Image.String() + u.ref.Link
}

// writeStep writes an instruction down, with its here documents.
func writeStep(text *strings.Builder, node *parser.Node) {
	fmt.Fprintf(text, "%q\n", node.Original)
	for _, doc := range node.Heredocs {
		fmt.Fprintf(text, "%q %v %v %q\n", doc.Name, doc.Expand, doc.Chomp, doc.Content)
	}
}

// mentions reports whether a text may use a variable that an ARG sets, or BuildKit itself does.
func mentions(text string, arg *parser.Node) bool {
	for n := arg.Next; n != nil; n = n.Next {
		if name, _, _ := strings.Cut(n.Value, "="); strings.Contains(text, name) || strings.HasPrefix(name, "BUILDKIT_") || name == "SOURCE_DATE_EPOCH" {
			return true
		}
	}
	return false
}

// contexts returns the names of the named contexts that the build uses.
func (r *reader) contexts(ast *parser.Node) []string {
	var all []string
	uses := func(name string) {
		if c, ok := r.build.context(name); ok && name != "" {
			all = append(all, c.Name)
		}
	}
	at := -1
	for _, node := range ast.Children {
		if !strings.EqualFold(node.Value, "from") {
			continue
		}
		at++
		stage := r.Stages[at]
		if !stage.Reachable {
			continue
		}
		uses(stage.Name)
		if e, err := r.scope.expand(trace.Plain(node.Next.Value)); err == nil {
			uses(e.S)
		}
		for _, u := range r.runs(stage) {
			uses(u.name.S)
		}
	}
	return all
}
