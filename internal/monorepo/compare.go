package monorepo

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/changes"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A comparison finds the builds that differ between two revisions.
type comparison struct {
	*Repository             // as it is now
	then        *Repository // nil where failed says why it cannot be read
	failed      error
	changes     *changes.Changes
	about       string // a path that reasons name rather than another
}

// A way is one of the ways in which a Dockerfile is built.
type way struct {
	Build
	config    scanner.BuildConfig
	where     source.Pos // of what says so; zero where nothing does
	isUnknown bool       // its context is not known
	isGuess   bool       // its context is the directory of the Dockerfile since nothing says another
}

// plainly returns a text as it is.
func plainly(t trace.Text) string { return t.S }

// waysOfFile returns all ways in which a build is run: a command in a script that is left out elsewhere counts as well.
func (r *Repository) waysOfFile(node *graph.Node) []way {
	file := node.File
	all := r.buildsOf(file.Path)
	configured := ""
	for _, image := range node.Makes() {
		for _, claim := range image.Claims {
			if claim.Rule == graph.Configured && claim.Context != "" {
				configured = claim.Context
			}
		}
	}
	var ways []way
	for i, n := range file.Ways {
		w := way{config: file.Builds[i]}
		if n < len(all) && all[n] != nil {
			w.Build, w.where = r.build(all[n], plainly), all[n].Where
			w.isUnknown = w.Context == "" && configured == ""
		} else {
			w.Context, w.isGuess = node.BuildContext(), configured == ""
		}
		w.Target, w.Args, w.Platforms = file.Target, argsOf(w.config.Args, plainly), w.config.Platforms
		w.Context = cmp.Or(configured, w.Context)
		ways = append(ways, w)
	}
	if len(ways) == 0 {
		w := way{Build: Build{Target: file.Target, Context: cmp.Or(configured, node.BuildContext())}, config: scanner.BuildConfig{Target: file.Target}, isGuess: configured == ""}
		ways = append(ways, w)
	}
	return ways
}

// touched returns why a build is to be run again for what differs in the repository.
func (c *comparison) touched(node *graph.Node) *Touched {
	t := &Touched{bases: map[*graph.Node][]*scanner.Ref{}}
	file := node.File
	add := func(b Because, exposure scanner.Exposure) {
		t.Because, t.Exposure = append(t.Because, b), max(t.Exposure, exposure)
	}
	if c.failed != nil {
		add(Because{Why: WhyUnknown, Path: file.Path, Detail: "the commit that is compared with cannot be read"}, scanner.Runtime)
	}
	ways := c.waysOfFile(node)
	for _, p := range slices.Compact([]string{file.Path, file.Origin.Path}) {
		if change, ok := c.changes.At(p); ok && !file.IsInline() && !c.readsTheSame(file, ways) {
			add(Because{Why: WhyDockerfile, Path: p, Change: change.Kind()}, scanner.Runtime)
		}
	}
	if c.then != nil {
		if b, ok := c.builtOtherwise(node, ways, len(t.Because) > 0); ok {
			add(b, scanner.Runtime)
		}
	}
	seen := map[string]bool{}
	for _, w := range ways {
		for _, b := range c.taken(node, w) {
			if key := fmt.Sprintf("%s %s %s %s", b.Why, b.Path, b.Pos, b.Instruction); !seen[key] {
				seen[key] = true
				add(b.Because, b.exposure)
			}
		}
	}
	return t
}

// builtOtherwise compares how a build is run with how it was. isKnown says that its Dockerfile differs anyway.
func (c *comparison) builtOtherwise(node *graph.Node, ways []way, isKnown bool) (Because, bool) {
	file := node.File
	var before []way
	text := ""
	for _, other := range c.then.FilesOf(file.Path) {
		text = other.Inline.S
		if strings.EqualFold(other.Target, file.Target) {
			before = append(before, c.then.waysOfFile(c.then.Graph().Node(other))...)
		}
	}
	where := ways[0].where
	at := func(b Because) (Because, bool) {
		if b.Path = cmp.Or(where.Path, file.Origin.Path); where.Line > 0 {
			b.Pos = where
		}
		if change, ok := c.changes.At(b.Path); ok {
			b.Change = change.Kind()
		}
		return b, true
	}
	switch {
	case len(before) == 0:
		if isKnown {
			return Because{}, false
		}
		return at(Because{Why: WhyBuild, Detail: "it was not built so"})
	case file.IsInline() && text != file.Inline.S:
		b, ok := at(Because{Why: WhyDockerfile})
		b.Path = file.Origin.Path
		return b, ok
	}
	for _, w := range ways {
		fewest := []string{"all"}
		for i, old := range before {
			if differs := c.differences(file, w, old); i == 0 || len(differs) < len(fewest) {
				fewest = differs
			}
		}
		if len(fewest) > 0 {
			where = w.where
			return at(Because{Why: WhyBuild, Detail: "other " + strings.Join(fewest, ", ")})
		}
	}
	return Because{}, false
}

// namedContexts is what ways differ in by their named contexts.
const namedContexts = "named contexts"

// differences names what two ways in which a Dockerfile is built differ in.
func (w way) differences(other way) []string {
	var all []string
	differs := func(what string, same bool) {
		if !same {
			all = append(all, what)
		}
	}
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	images := func(b Build) (all []string) {
		for _, ref := range b.Images {
			all = append(all, ref.String())
		}
		return slices.Compact(sorted(all))
	}
	differs("build arguments", maps.Equal(w.Args, other.Args) && maps.Equal(w.Settings.Open, other.Settings.Open))
	differs("labels", maps.Equal(w.Settings.Labels, other.Settings.Labels))
	differs("secrets", slices.Equal(sorted(w.Settings.Secret), sorted(other.Settings.Secret)) && slices.Equal(sorted(w.Settings.SSH), sorted(other.Settings.SSH)))
	differs("build context", w.Context == other.Context && w.isUnknown == other.isUnknown)
	differs(namedContexts, maps.Equal(w.Contexts, other.Contexts) && maps.Equal(w.Links, other.Links))
	differs("platforms", slices.Equal(sorted(w.Platforms), sorted(other.Platforms)))
	differs("tags", slices.Equal(images(w.Build), images(other.Build)))
	return all
}

// A takenBecause is a reason with how the image depends on it.
type takenBecause struct {
	Because
	exposure scanner.Exposure
}

// taken returns the reasons for a build in what it takes of its contexts.
func (c *comparison) taken(node *graph.Node, w way) []takenBecause {
	contexts := map[string]changes.Context{"": c.context(node.File, w)}
	for name, value := range w.Contexts {
		if strings.Contains(value, "://") || strings.HasPrefix(value, "git@") || path.IsAbs(value) {
			contexts[name] = changes.Context{} // it is not in the repository
		} else {
			contexts[name] = changes.Context{Dir: value, Ignore: []string{path.Join(value, ".dockerignore")}}
		}
	}
	isOpen := w.isUnknown || w.isGuess || slices.ContainsFunc(w.config.Contexts, func(named scanner.Context) bool { _, ok := contexts[named.Name]; return !ok && named.Link == "" })
	if !isOpen && !slices.ContainsFunc(slices.Collect(maps.Values(contexts)), func(context changes.Context) bool { return context.Dir != "" && c.changes.Concern(context) }) {
		return nil
	}
	takes, ok := c.takesOf(node.File, w.config)
	if !ok {
		takes = []scanner.Take{{Source: ".", Exposure: scanner.Runtime, Unknown: "it cannot be read as a Dockerfile"}}
	}
	takes = slices.DeleteFunc(slices.Concat(takes, c.triggered(node)), func(t scanner.Take) bool { return t.Trigger })
	var reasons []takenBecause
	ignored := map[string]bool{}
	for _, take := range takes {
		context, isKnown := contexts[take.Context]
		detail := take.Unknown
		switch {
		case isKnown && context.Dir == "":
			continue
		case !isKnown || take.Context == "" && w.isUnknown:
			if context, detail = (changes.Context{Dir: "."}), "its build context is not known"; take.Context != "" {
				detail = "the context " + take.Context + " is not known"
			}
			take.Source, take.IsPattern, take.Include, take.Exclude = ".", false, nil, nil
		}
		if w.isGuess && take.Context == "" && !take.IsPattern {
			context = c.above(context, node.File, take.Source)
		}
		if change, ok := c.changes.Ignored(context); ok && !ignored[change.Path] {
			ignored[change.Path] = true
			reasons = append(reasons, takenBecause{Because{Why: WhyIgnore, Path: change.Path, Change: change.Kind(), Pos: take.Pos, Instruction: take.Instruction}, take.Exposure})
		}
		if taken := c.changes.Taken(take, context); len(taken) > 0 {
			first := c.first(taken)
			reasons = append(reasons, takenBecause{Because{
				Why: WhyContext, Path: first.Path, Change: first.Kind(), More: len(taken) - 1, Pos: take.Pos, Instruction: take.Instruction, Detail: detail,
			}, take.Exposure})
		}
	}
	return reasons
}

// above returns the context in which a path is there: the directory that was guessed, or else the nearest one above it.
// Who builds from the root of the repository, and says so nowhere in it, copies paths from there.
func (c *comparison) above(context changes.Context, file *scanner.File, name string) changes.Context {
	for dir := context.Dir; ; dir = path.Dir(dir) {
		_, err := fs.Lstat(c.files, path.Join(dir, name))
		if err != nil && c.then != nil { // it may be gone
			_, err = fs.Lstat(c.then.files, path.Join(dir, name))
		}
		if err == nil {
			return c.context(file, way{Build: Build{Context: dir}})
		}
		if dir == "." || dir == "/" {
			return context
		}
	}
}

// first returns the change that a reason names.
func (c *comparison) first(taken []gitrepo.TreeChange) gitrepo.TreeChange {
	i := slices.IndexFunc(taken, func(change gitrepo.TreeChange) bool { return change.Path == c.about })
	return taken[max(i, 0)]
}

// context returns the build context of a way.
func (c *comparison) context(file *scanner.File, w way) changes.Context {
	if w.isUnknown {
		return changes.Context{Dir: "."}
	}
	context := changes.Context{Dir: w.Context, Ignore: []string{path.Join(w.Context, ".dockerignore")}}
	if !file.IsInline() {
		context.Ignore = slices.Insert(context.Ignore, 0, file.Path+".dockerignore")
	}
	return context
}

// takesOf returns what a build takes of its contexts; ok is false where that cannot be read.
func (c *comparison) takesOf(file *scanner.File, config scanner.BuildConfig) ([]scanner.Take, bool) {
	var src []byte
	if !file.IsInline() {
		var err error
		if src, err = c.files.Read(file.Path); err != nil {
			return nil, false
		}
	}
	config.Target = file.Target
	return file.Takes(src, config)
}

// triggered returns what the images of the repository that a build is FROM take for it (ONBUILD).
func (c *comparison) triggered(node *graph.Node) []scanner.Take {
	var all []scanner.Take
	for _, ref := range node.File.Refs {
		if ref.Kind != scanner.From || ref.Exposure == scanner.Unreachable {
			continue
		}
		for _, maker := range c.Graph().MakersOf(ref) {
			if maker == node {
				continue
			}
			for _, w := range c.waysOfFile(maker) {
				takes, _ := c.takesOf(maker.File, w.config)
				for _, take := range takes {
					if take.Trigger && take.Context == "" {
						take.Trigger, take.Exposure = false, ref.Exposure
						all = append(all, take)
					}
				}
			}
		}
	}
	return all
}
