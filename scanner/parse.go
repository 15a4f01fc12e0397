package scanner

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// MaxFileSize is the size in bytes up to which a file is read; a larger one is
// reported, not read.
const MaxFileSize = 1 << 20

// maxStages bounds the stages of one file. Real ones have a few dozen at most.
const maxStages = 1000

// scratch is the base name that stands for no image at all.
const scratch = "scratch"

// ScanFile reads one Dockerfile. target is the stage whose image is shipped, by
// name; "" means the last stage. It never fails: what is wrong with the file is
// in its Diagnostics, and a file that cannot be read as a Dockerfile at all is
// marked Unreadable.
func ScanFile(path string, src []byte, target string) *File {
	return ScanBuilds(path, src, []BuildConfig{{Target: target, Fixed: true}})[0]
}

// parsed is a Dockerfile as BuildKit's parser gives it.
type parsed struct {
	path    string
	content *trace.File
	ast     *parser.Node
	escape  byte

	words map[*Ref]trace.Text // of the references, as they are written; nil where nobody asks
}

// parse hands src to BuildKit's parser, which is the content or what skim leaves of it. Where
// that fails it says so in f and returns nil.
func (f *File) parse(content *trace.File, src []byte) *parsed {
	switch {
	case len(content.Src) > MaxFileSize:
		f.tooLarge()
		return nil
	case bytes.IndexByte(content.Src, 0) >= 0:
		f.unreadable(source.CodeBinary, 0, "it holds NUL bytes: a binary file, or UTF-16 text", "save it as UTF-8; "+excludeHint)
		return nil
	}
	result, err := parser.Parse(bytes.NewReader(src))
	if err != nil && strings.Contains(err.Error(), "file with no instructions") {
		f.diagnose(source.CodeNoFrom, Error, source.Pos{Path: f.Path}, "it has no instructions, so it builds nothing", "")
		return nil
	}
	if err != nil {
		line := 0
		var located *parser.LocationError
		if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
			line = located.Locations[0][0].Start.Line
		}
		f.unreadable(source.CodeSyntax, line, root(err).Error(), "")
		return nil
	}
	// A backslash or a backtick; others are errors of the parser.
	return &parsed{path: f.Path, content: content, ast: result.AST, escape: byte(result.EscapeToken)} //nolint:gosec // as said above
}

// run reads the file as one build does on one platform. looksAt says that another
// platform may make a difference.
func (p *parsed) run(build BuildConfig, on view) (f *File, looksAt bool) {
	r, looksAt := p.read(build, on)
	return r.File, looksAt
}

// read is run with all that is known besides.
func (p *parsed) read(build BuildConfig, on view) (r *reader, looksAt bool) {
	f := &File{Path: p.path, Origin: p.content.Origin, Target: build.Target}
	built := build.Target
	if built == "" {
		built = lastStage(p.ast)
	}
	r = &reader{
		File: f, content: p.content, escape: p.escape,
		scope: newScope(p.escape, built, on), byName: map[string]int{}, build: build, words: p.words,
	}
	if slices.ContainsFunc(build.Args, isPartly) {
		r.likely = newScope(p.escape, built, on)
	}
	r.replaceBuildKitArgs()
	r.syntax()
	for _, node := range p.ast.Children {
		r.instruction(node)
	}
	if len(f.Stages) == 0 {
		r.diagnose(source.CodeNoFrom, Error, source.Pos{Path: f.Path}, "it has no FROM, so it builds nothing", "")
	}
	r.connect()
	r.expose(build.Target)
	r.keepTriggers(build)
	return r, r.scope.looksAt
}

// stageOf returns the name of the stage that a FROM begins, "" for none.
func stageOf(from *parser.Node) string {
	if as := from.Next; as != nil && as.Next != nil && as.Next.Next != nil && strings.EqualFold(as.Next.Value, "as") {
		return strings.ToLower(as.Next.Next.Value)
	}
	return ""
}

// lastStage returns the name of the last stage, "" if it has none.
func lastStage(ast *parser.Node) string {
	for _, node := range slices.Backward(ast.Children) {
		if strings.EqualFold(node.Value, "from") {
			return stageOf(node)
		}
	}
	return ""
}

// hasStage reports whether a stage has this name.
func (p *parsed) hasStage(name string) bool {
	return slices.ContainsFunc(p.ast.Children, func(node *parser.Node) bool {
		return strings.EqualFold(node.Value, "from") && stageOf(node) == strings.ToLower(name)
	})
}

// excludeHint says what to do about a file that is only called like a Dockerfile.
const excludeHint = "if it is no Dockerfile, name it in dockerfiles.exclude of .propagate.yaml"

func (f *File) tooLarge() {
	f.unreadable(source.CodeTooLarge, 0, fmt.Sprintf("it is larger than %d bytes", MaxFileSize), excludeHint)
}

func (f *File) unreadable(code source.Code, line int, message, hint string) {
	f.Unreadable = true
	f.diagnose(code, Error, source.Pos{Path: f.Path, Line: line}, "cannot be read as a Dockerfile: "+message, cmp.Or(hint, excludeHint))
}

// A reader reads one file, instruction after instruction, as one build does.
type reader struct {
	*File
	content  *trace.File
	escape   byte
	scope    *scope
	likely   *scope // where a part of an argument is not known: with the file's own default for it
	build    BuildConfig
	byName   map[string]int // stage names to stages; of two with one name the later wins
	uses     []use          // in the order of the file
	replaced map[int]bool   // stages that a named context stands in for

	words map[*Ref]trace.Text // as in parsed
}

// keepWord keeps how a reference is written, where somebody asks; ref may be nil.
func (r *reader) keepWord(ref *Ref, word trace.Text) {
	if ref != nil && r.words != nil {
		r.words[ref] = word
	}
}

func (r *reader) instruction(node *parser.Node) {
	keyword := strings.ToLower(node.Value)
	switch {
	case keyword == "from":
		r.from(node)
	case keyword == "arg" && len(r.Stages) == 0:
		r.arg(node)
	case !instructions[keyword]:
		r.diagnose(source.CodeUnknownInstruction, Error, r.start(node), "unknown instruction "+node.Value, "")
	case len(r.Stages) == 0:
		r.diagnose(source.CodeBeforeFrom, Error, r.start(node), node.Value+" stands before the first FROM", "")
	case keyword == "copy" || keyword == "run":
		r.sources(node, node, keyword, false)
	case keyword == "onbuild" && node.Next != nil && len(node.Next.Children) > 0:
		child := node.Next.Children[0]
		if keyword := strings.ToLower(child.Value); keyword == "copy" || keyword == "run" {
			r.sources(node, child, keyword, true)
		}
	}
}

var instructions = set(`add arg cmd copy entrypoint env expose from healthcheck label maintainer onbuild run
	shell stopsignal user volume workdir`)

// logical reads the instruction of a node; ok is false if what it reads is not
// what BuildKit read, and then nothing is said about places in it.
func (r *reader) logical(node *parser.Node) (l logical, ok bool) {
	l = readLogical(r.content, node.StartLine, node.EndLine, r.escape)
	return l, string(l.text) == node.Original
}

func (r *reader) start(node *parser.Node) source.Pos {
	return source.Pos{Path: r.Path, Line: node.StartLine, Col: 1}
}

// pos is where text stands, or the start of the node when that is not known.
func (r *reader) pos(node *parser.Node, text trace.Text) source.Pos {
	first := text.First()
	if first.File == nil {
		return r.start(node)
	}
	line, col := r.Origin.Lines.Position(first.Off)
	return source.Pos{Path: r.Path, Line: line, Col: col}
}

// operands returns the words of a node with the places where they stand.
func (r *reader) operands(node *parser.Node) []trace.Text {
	var words []string
	for n := node.Next; n != nil; n = n.Next {
		words = append(words, n.Value)
	}
	found := make([]trace.Text, len(words))
	l, ok := r.logical(node)
	starts, aligned := l.words(words)
	for i, word := range words {
		found[i] = trace.Plain(word)
		if ok && aligned {
			found[i] = l.slice(starts[i], starts[i]+len(word))
		}
	}
	return found
}

// arg reads an ARG before the first FROM.
func (r *reader) arg(node *parser.Node) {
	for _, word := range r.operands(node) {
		i := strings.IndexByte(word.S, '=')
		name := word.S
		if i >= 0 {
			name = word.S[:i]
		}
		value, ok := r.build.arg(name)
		if ok {
			r.scope.set(name, value)
		}
		if r.likely != nil {
			if ok && !strings.Contains(value.S, Unknown) {
				r.likely.set(name, value)
			} else if i > 0 {
				_ = r.likely.define(word.S[:i], word.Slice(i+1, len(word.S))) // said below, if it counts
			}
		}
		if ok || i <= 0 {
			continue // without a value it changes nothing
		}
		if err := r.scope.define(word.S[:i], word.Slice(i+1, len(word.S))); err != nil {
			r.diagnose(source.CodeBadSubstitution, Error, r.pos(node, word), fmt.Sprintf("ARG %s cannot be expanded: %v", word.S[:i], err), "")
		}
	}
}

var stageName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-_.]*$`) })

// from reads a FROM. It makes a stage of every one, even of one that cannot be
// read, so that the stages behind it keep their index.
func (r *reader) from(node *parser.Node) {
	stage := Stage{Index: len(r.Stages), Line: node.StartLine, BaseStage: -1}
	if stage.Index == maxStages {
		r.diagnose(source.CodeTooManyStages, Error, r.start(node), fmt.Sprintf("it has more than %d stages; the rest is not read", maxStages), "")
	}
	if stage.Index >= maxStages {
		return
	}
	words := r.operands(node)
	switch {
	case len(words) == 3 && strings.EqualFold(words[1].S, "as"):
		stage.Name = strings.ToLower(words[2].S)
		if !stageName().MatchString(stage.Name) {
			r.diagnose(source.CodeBadStageName, Error, r.pos(node, words[2]), fmt.Sprintf("%q cannot name a stage: it must begin with a letter and hold letters, digits, '-', '_' and '.' only", words[2].S), "")
		}
	case len(words) != 1:
		r.diagnose(source.CodeBadFrom, Error, r.start(node), "FROM takes an image, or an image AS a name", "")
	}
	if len(words) > 0 {
		r.base(&stage, node, words[0])
	}
	if c, ok := r.build.context(stage.Name); ok && stage.Name != "" {
		r.standIn(&stage, c)
	}
	r.Stages = append(r.Stages, stage)
	if stage.Name != "" {
		r.byName[stage.Name] = stage.Index
	}
}

// base resolves what a FROM names: a stage before it, scratch or an image.
func (r *reader) base(stage *Stage, node *parser.Node, word trace.Text) {
	pos := r.pos(node, word)
	e, err := r.scope.expand(word)
	if err != nil {
		r.unresolved(source.CodeBadSubstitution, From, stage.Index, pos, word.S, "cannot be expanded: "+err.Error(), "", r.scope.isHanded)
		return
	}
	if r.likely != nil && strings.Contains(e.S, Unknown) {
		e = r.standInFor(e, word)
	}
	if i, ok := r.byName[e.S]; ok {
		stage.BaseStage = i
		return
	}
	switch e.S {
	case "":
		code := source.CodeUnresolvedArg
		if !strings.Contains(word.S, "$") {
			code = source.CodeBadReference
		}
		r.unresolved(code, From, stage.Index, pos, word.S, "expands to nothing"+unset(e.unset), buildArgHint, e.isHanded)
		return
	case scratch:
		return
	}
	if c, ok := r.build.context(e.S); ok {
		if ref := r.fromContext(From, stage.Index, pos, word.S, e.Text, c); ref != nil {
			stage.Base = ref.Image
		}
		return
	}
	if ref := r.image(From, stage.Index, pos, word.S, e); ref != nil {
		stage.Base = ref.Image
		r.keepWord(ref, word)
	}
}

const buildArgHint = "give the ARG a default, or look for the build argument where the image is built: compose, bake, workflow, Makefile"

// image adds a reference to an image; it returns nil when it does not resolve.
func (r *reader) image(kind Kind, stage int, pos source.Pos, written string, e expansion) *Ref {
	image, err := imageref.Parse(e.S)
	if err != nil && r.build.Where.Path != "" && strings.Contains(e.S, Unknown) && utf8.ValidString(written) {
		return r.partly(kind, stage, pos, written, e.S)
	}
	if err != nil {
		code, message, hint := source.CodeBadReference, fmt.Sprintf("is no image reference: %v", err), ""
		if len(e.unset) > 0 {
			code, message, hint = source.CodeUnresolvedArg, fmt.Sprintf("expands to %q%s", e.S, unset(e.unset)), buildArgHint
		}
		ref := r.unresolved(code, kind, stage, pos, written, message, hint, e.isHanded)
		if len(e.unset) > 0 {
			ref.Guess, ref.GuessTag = withoutVersion(e.S)
		}
		return nil
	}
	for _, name := range e.unset {
		if strings.Contains(written, "${"+name+"}") || strings.HasSuffix(written, "$"+name) {
			r.diagnose(source.CodeUnsetArg, Warning, pos, fmt.Sprintf("%s: %s has no value and counts as empty", written, name), buildArgHint)
		}
	}
	ref := r.add(kind, stage, pos, written, e.isHanded)
	ref.Image, ref.Text = image, e.Text
	if e.outside {
		ref.Outside = r.build.Where
	}
	return ref
}

// unresolved adds a reference of which the image is not known, and says why.
func (r *reader) unresolved(code source.Code, kind Kind, stage int, pos source.Pos, written, message, hint string, isHanded bool) *Ref {
	r.diagnose(code, Error, pos, abbreviate(written, 100)+" "+message, hint)
	ref := r.add(kind, stage, pos, written, isHanded)
	ref.said = r.Diagnostics[len(r.Diagnostics)-1].Message
	return ref
}

// add adds a reference. isHanded says that the build hands in a part of it.
func (r *reader) add(kind Kind, stage int, pos source.Pos, written string, isHanded bool) *Ref {
	ref := &Ref{Kind: kind, Stage: stage, Pos: pos, Written: written, origin: r.Origin}
	if isHanded {
		ref.Build, ref.inputs = r.build.Where, r.build.inputs()
	}
	r.Refs = append(r.Refs, ref)
	return ref
}
