package scanner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Take is what one instruction of a build takes of a directory that is handed to it: of the build
// context, or of a named context that is no image.
type Take struct {
	Pos         source.Pos // of the instruction
	Instruction string     // as it is written, on one line
	Exposure    Exposure   // Runtime where its stage is shipped, else Build
	Context     string     // the name of the named context; "" for the build context

	// Source is the path from the root of the context, "." for all of it. Where IsPattern is set, it is
	// a pattern of path.Match, component by component.
	Source    string
	IsPattern bool

	// Include and Exclude are patterns, as in a .dockerignore, for paths from what Source stands for.
	// Without Include all counts.
	Include, Exclude []string

	// Unknown says why more may be taken than is, which then is all of the context; "" where it is known.
	Unknown string

	// Trigger says that it stands behind ONBUILD in the stage that is shipped: builds on the image run it,
	// and this one does not.
	Trigger bool
}

// Takes returns what a build takes of the directories that are handed to it, of the stages that its
// target reaches, in the order of the file. src is the content of the Dockerfile; it is not looked at
// of one that is a text inside another file. ok is false for a file that cannot be read as a Dockerfile.
//
// BuildKit copies what a pattern fits, follows symbolic links on the way to what is copied, and never
// leaves the context; those links are for the caller to follow.
func (f *File) Takes(src []byte, build BuildConfig) (takes []Take, ok bool) {
	defer func() {
		if recover() != nil {
			takes, ok = nil, false // as in scanContent
		}
	}()
	own := &File{Path: f.Path}
	var in *inline
	content := trace.NewFile(f.Path, src)
	if f.IsInline() {
		content = trace.NewFile(f.Path, []byte(f.Inline.S))
		in = newInline(content, f.Inline, f.Builds)
	}
	p := own.parse(content, content.Src)
	if p == nil {
		return nil, false
	}
	build = p.settle(build)
	views := build.views()
	if len(views) == 0 {
		views = []view{defaultPlatform, assumedPlatform}
	}
	for _, on := range views {
		for _, take := range p.takes(build, on) {
			if in != nil {
				take.Pos = in.pos(f.Path, take.Pos)
			}
			if !slices.ContainsFunc(takes, take.isSame) {
				takes = append(takes, take)
			}
		}
	}
	return takes, true
}

func (t Take) isSame(other Take) bool { return fmt.Sprintf("%+v", t) == fmt.Sprintf("%+v", other) }

// A taker finds out what a build takes on one platform.
type taker struct {
	*reader
	runtime map[int]bool    // the stages that are shipped
	stage   int             // that is read; -1 before the first
	values  []*values       // of the stages
	ran     map[int][]*Take // of the stages that are run, in the order of the file
	later   map[int][]*Take // behind ONBUILD, by stage
}

// takes reads the file as one build does on one platform.
func (p *parsed) takes(build BuildConfig, on view) []Take {
	r, _ := p.read(build, on)
	if len(r.Stages) == 0 {
		return nil
	}
	t := &taker{reader: r, runtime: map[int]bool{}, stage: -1, ran: map[int][]*Take{}, later: map[int][]*Take{}}
	shipped := r.shipped(build.Target)
	for i := shipped; i >= 0; i = r.Stages[i].BaseStage {
		t.runtime[i] = true
	}
	for _, node := range p.ast.Children {
		t.instruction(node)
	}
	var all []*Take
	isBase := map[int]bool{shipped: true}
	for _, stage := range r.Stages {
		if stage.Reachable && stage.BaseStage >= 0 {
			isBase[stage.BaseStage] = true
		}
	}
	for i, stage := range r.Stages {
		switch {
		case !stage.Reachable:
		case r.replaced[i]:
			// What is copied out of it stands with the instructions that copy.
			if c, ok := r.build.context(stage.Name); ok && isBase[i] && c.isDirectory() {
				all = append(all, t.take(source.Pos{Path: r.Path, Line: stage.Line, Col: 1}, "FROM … AS "+stage.Name, i, stage.Name))
			}
		default:
			all = append(all, t.ran[i]...)
			if stage.BaseStage >= 0 && !r.replaced[stage.BaseStage] {
				for _, trigger := range t.later[stage.BaseStage] {
					ran := *trigger
					ran.Exposure = t.exposure(i)
					all = append(all, &ran)
				}
			}
		}
	}
	if !r.replaced[shipped] {
		for _, trigger := range t.later[shipped] {
			left := *trigger
			left.Trigger = true
			all = append(all, &left)
		}
	}
	takes := make([]Take, len(all))
	for i, take := range all {
		takes[i] = *take
	}
	return takes
}

func (t *taker) exposure(stage int) Exposure {
	if t.runtime[stage] {
		return Runtime
	}
	return Build
}

// isDirectory reports whether a named context is, or may be, a directory.
func (c Context) isDirectory() bool {
	return c.Link == "" && !strings.HasPrefix(c.Value.S, imageContext)
}

// take makes what an instruction of a stage takes: all of a context, until more is known.
func (t *taker) take(pos source.Pos, instruction string, stage int, context string) *Take {
	return &Take{Pos: pos, Instruction: abbreviate(strings.Join(strings.Fields(instruction), " "), 200), Exposure: t.exposure(stage), Context: context, Source: "."}
}

// instruction reads one instruction.
func (t *taker) instruction(node *parser.Node) {
	keyword := strings.ToLower(node.Value)
	if keyword == "from" {
		if t.stage++; t.stage < len(t.Stages) {
			t.values = append(t.values, t.begin(node))
		}
		return
	}
	if t.stage < 0 || t.stage >= len(t.Stages) {
		return
	}
	v := t.values[t.stage]
	switch keyword {
	case "arg":
		for n := node.Next; n != nil; n = n.Next {
			v.arg(n.Value)
		}
	case "env":
		v.env(node)
	case "copy", "add", "run":
		t.ran[t.stage] = append(t.ran[t.stage], t.of(node, node)...)
	case "onbuild":
		if node.Next != nil && len(node.Next.Children) > 0 {
			t.later[t.stage] = append(t.later[t.stage], t.of(node, node.Next.Children[0])...)
		}
	}
}

// begin begins the stage of a FROM.
func (t *taker) begin(from *parser.Node) *values {
	v := newValues(t.reader)
	stage := t.Stages[t.stage]
	switch {
	case stage.BaseStage >= 0 && stage.BaseStage < len(t.values):
		v.inherit(t.values[stage.BaseStage])
	case stage.Base.IsZero() && from.Next != nil && from.Next.Value == scratch && !t.replaced[t.stage]:
		v.isClosed = true
	}
	if from.Next == nil || t.replaced[t.stage] || stage.BaseStage >= 0 {
		return v
	}
	// FROM the name of a context that is a directory takes all of it.
	if e, err := t.scope.expand(trace.Plain(from.Next.Value)); err == nil && e.S != "" && e.S != scratch {
		if c, ok := t.build.context(e.S); ok && c.isDirectory() {
			t.ran[t.stage] = append(t.ran[t.stage], t.take(t.start(from), from.Original, t.stage, c.Name))
		}
	}
	return v
}

// of returns what an instruction takes; outer has its lines.
func (t *taker) of(outer, node *parser.Node) []*Take {
	switch strings.ToLower(node.Value) {
	case "copy", "add":
		return t.copied(outer, node)
	case "run":
		return t.mounted(outer, node)
	}
	return nil
}

// named returns the context of which something is taken under a name: the build context for "".
// ok is false for what is an image or another stage.
func (t *taker) named(name string) (context string, ok bool) {
	if name == "" {
		return "", true
	}
	if i, isStage := t.byName[strings.ToLower(name)]; isStage {
		if !t.replaced[i] {
			return "", false
		}
		name = t.Stages[i].Name
	}
	c, ok := t.build.context(name)
	return c.Name, ok && c.isDirectory()
}

// copied returns what COPY and ADD take.
func (t *taker) copied(outer, node *parser.Node) []*Take {
	var words []string
	for n := node.Next; n != nil; n = n.Next {
		words = append(words, n.Value)
	}
	if len(words) < 2 {
		return nil
	}
	from, parents := "", false
	var exclude []string
	for _, flag := range node.Flags {
		name, value, isGiven := strings.Cut(flag, "=")
		switch name {
		case "--from":
			from = value
		case "--exclude":
			exclude = append(exclude, value)
		case "--parents":
			is, err := strconv.ParseBool(value)
			parents = !isGiven || is || err != nil
		}
	}
	if _, err := strconv.Atoi(from); err == nil {
		return nil // the number of a stage
	}
	context, ok := t.named(from)
	if !ok {
		return nil
	}
	var takes []*Take
	for _, word := range words[:len(words)-1] {
		if parser.MustParseHeredoc(word) != nil {
			continue
		}
		path, why := t.values[t.stage].expand(word)
		if why == "" && isRemote(path) {
			continue
		}
		take := t.take(t.start(outer), outer.Original, t.stage, context)
		if take.Exclude = exclude; why != "" {
			take.Unknown, take.Exclude = why, nil
		} else {
			take.narrow(path, parents)
		}
		takes = append(takes, take)
	}
	return takes
}

// mounted returns what the mounts of RUN take.
func (t *taker) mounted(outer, node *parser.Node) []*Take {
	var takes []*Take
	for _, flag := range node.Flags {
		text, ok := strings.CutPrefix(flag, "--mount=")
		if !ok {
			continue
		}
		from, path, unknown := "", ".", ""
		isBind := true
		for _, field := range fields(text) {
			key, value, _ := strings.Cut(field, "=")
			switch key = strings.ToLower(key); key {
			case "from":
				from = value // in which BuildKit expands nothing
			case "type", "source", "src":
				value, why := t.values[t.stage].expand(value)
				switch {
				case key != "type":
					path, unknown = value, why
				case why == "":
					isBind = strings.EqualFold(value, "bind") || strings.EqualFold(value, "cache")
				}
			}
		}
		if from == "" && slices.ContainsFunc(fields(text), func(field string) bool { return strings.EqualFold(field, "type=cache") }) {
			continue
		}
		context, ok := t.named(from)
		if !ok || !isBind {
			continue
		}
		take := t.take(t.start(outer), outer.Original, t.stage, context)
		if take.Unknown = unknown; unknown == "" {
			take.Source = clean(path)
		}
		takes = append(takes, take)
	}
	return takes
}
