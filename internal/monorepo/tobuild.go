package monorepo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/scanner"
)

// A Wanted is an image that is to be built, by all of its names, see [Repository.FindImage]. Tag says which line of it; "" is
// all lines.
type Wanted struct {
	Images []string
	Tag    string
}

// ToBuild returns the builds that make images, and those of the repository that they are based on, as a plan in which each
// is rebuilt, behind those that it is based on. Without an image these are all bases: what other builds are based
// on. A build whose tags no build file has gets the version that the repository says otherwise, see [bumper.Item].Releases. The
// error is an [*InputError] for an image that nothing here makes.
func (r *Repository) ToBuild(wanted []Wanted) (*bumper.Plan, error) {
	b := &toBuild{Repository: r, plan: &bumper.Plan{Graph: r.Graph()}, known: map[*graph.Node]*madeTags{}, written: r.drift().written}
	var queue []*graph.Node
	if len(wanted) == 0 {
		queue = b.bases()
	}
	for _, w := range wanted {
		makers, err := b.makers(w)
		if err != nil {
			return nil, err
		}
		queue = append(queue, makers...)
	}
	all := &Since{Builds: map[*graph.Node]*Touched{}}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		if all.Builds[node] != nil {
			continue
		}
		t := &Touched{Exposure: scanner.Runtime, bases: map[*graph.Node][]*scanner.Ref{}}
		all.Builds[node] = t
		for _, ref := range node.File.Refs {
			for _, maker := range b.needed(node, ref) {
				t.bases[maker] = append(t.bases[maker], ref)
				queue = append(queue, maker)
			}
		}
	}
	all.AddTo(b.plan)
	for _, item := range b.plan.Items {
		item.Releases = b.tags(item.Node).released
	}
	r.Unclear = r.noteMakers(func(n graph.Note) bool {
		return slices.ContainsFunc(n.Builds, func(build *graph.Node) bool { return all.Builds[build] != nil })
	})
	return b.plan, nil
}

// A toBuild is what is being found out of what is to be built.
type toBuild struct {
	*Repository
	plan    *bumper.Plan
	known   map[*graph.Node]*madeTags
	written func(image *graph.Node) []bumper.Written
}

// madeTags are the references that a build gives to its image.
type madeTags struct {
	all      []imageref.Ref
	released []bumper.Bump // those of them that no build file has
}

// isBuildable reports whether an engine can build a node: it is a Dockerfile, as far as BuildKit's parser says.
func isBuildable(node *graph.Node) bool { return node.File.IsDockerfile() && !node.File.Unreadable }

// bases returns the builds of images that others are based on, but for what is vendored.
func (b *toBuild) bases() []*graph.Node {
	vendored := b.vendored()
	var all []*graph.Node
	for _, node := range b.Graph().Builds() {
		_, isVendored := vendored(node.File.Path)
		if !isVendored && isBuildable(node) && node.Dependent().Base && slices.ContainsFunc(node.Makes(), isNamed) {
			all = append(all, node)
		}
	}
	return all
}

// makers returns the builds that make an image.
func (b *toBuild) makers(w Wanted) ([]*graph.Node, error) {
	var makers []*graph.Node
	for _, image := range w.Images {
		for _, line := range b.Graph().LinesOf(image, w.Tag) {
			if maker := line.Maker(); maker != nil && isBuildable(maker) {
				makers = append(makers, maker)
			}
		}
	}
	if len(makers) == 0 {
		name := strings.TrimSuffix(w.Images[0]+":"+w.Tag, ":")
		return nil, invalid(fmt.Errorf("%s: no build of this repository makes it", name), "propagate graph --explain "+imageref.Base(name)+" says what is known of it")
	}
	return makers, nil
}

// needed returns the builds that make what a reference of a build names, under a tag that they get now. What has another
// tag was published before, and what has none is built along by whoever needs it.
func (b *toBuild) needed(node *graph.Node, ref *scanner.Ref) []*graph.Node {
	if ref.Exposure == scanner.Unreachable || ref.Image.Digest != "" {
		return nil
	}
	return slices.DeleteFunc(b.Graph().MakersOf(ref), func(maker *graph.Node) bool {
		return maker == node || !isBuildable(maker) || !slices.ContainsFunc(b.tags(maker).all, func(made imageref.Ref) bool {
			return ref.Link != "" || made.Repository == ref.Image.Repository && made.Tag == cmp.Or(ref.Image.Tag, "latest")
		})
	})
}

// tags returns the references that a build gives to its image: those of its build files and, for an image without any, what
// the repository says of its version.
func (b *toBuild) tags(node *graph.Node) *madeTags {
	if known := b.known[node]; known != nil {
		return known
	}
	made := &madeTags{}
	b.known[node] = made
	for _, build := range b.BuildsOf(b.plan, &bumper.Item{Dependent: node.Dependent()}) {
		made.all = append(made.all, build.Tags...)
	}
	for _, image := range node.Makes() {
		if !isNamed(image) || slices.ContainsFunc(made.all, func(ref imageref.Ref) bool { return ref.Repository == image.Key }) {
			continue
		}
		var tags []string
		for _, claim := range image.Claims {
			if claim.Rule != graph.Similar {
				tags = append(tags, claim.Tags...)
			}
		}
		if len(tags) == 0 {
			for _, w := range b.written(image) {
				tags = append(tags, w.Tag)
			}
		}
		for _, reference := range withReferences(nil, image, tags) {
			if ref, err := imageref.Parse(reference); err == nil {
				made.all = append(made.all, ref)
				made.released = append(made.released, bumper.Bump{Image: ref.Repository, Tag: ref.Tag})
			}
		}
	}
	return made
}

// CheckBuildable says why an engine cannot build what was read: it builds what is on disk.
func (r *Repository) CheckBuildable() error {
	const hint = "clone it, and give the directory: git clone URL DIR && propagate build -C DIR"
	switch {
	case r.clone != nil:
		return invalid(errors.New("-C: the repository is named by a URL, and its files are on no disk that an engine could build from"), hint)
	case r.Dir == "":
		return invalid(errors.New("-C: the repository is a bare one, and its files are on no disk that an engine could build from"), hint)
	case r.git != nil && !r.isHead():
		return invalid(fmt.Errorf("--ref %s: an engine builds what is checked out, and that is another commit", r.options.Ref), "check it out first: git worktree add DIR "+r.options.Ref+" && propagate build -C DIR")
	}
	return nil
}

// AskAnew returns a client for registries that has asked nothing yet.
func (r *Repository) AskAnew() *registry.Client { return registry.New(r.options.Registry) }

// NoteChanges waits for what [Repository.LookForChanges] finds: it says that an engine builds the files as they are now, and
// reports whether there is anything.
func (r *Repository) NoteChanges() bool {
	changed := r.differing()
	if changed != "" {
		r.options.remark("the work tree has uncommitted changes (%s): what is built was read from %s, and is built as the files are now", changed, r.Name())
	}
	return changed != ""
}
