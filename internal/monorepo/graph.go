package monorepo

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Graph says who depends on whom, and who makes what. What of the configuration fits
// nothing in it is a note.
func (r *Repository) Graph() *graph.Graph {
	if r.graph == nil {
		claims := r.mirrorClaims(slices.Concat(r.Config.Claims(r.AllDockerfiles()), r.claims()))
		r.graph = graph.New(r.Files, claims, r.formerly)
		if r.trigger() {
			r.graph = graph.New(r.Files, claims, r.formerly)
		}
		r.options.notes(r.Config.UnusedImages(r.graph, r.Files))
		r.keepOffers()
	}
	return r.graph
}

// trigger makes references of what stands behind ONBUILD in the Dockerfiles whose images builds of the repository are
// FROM. It reports whether there is any.
func (r *Repository) trigger() (found bool) {
	for _, file := range r.Files {
		if len(file.Triggers) > 0 && slices.ContainsFunc(r.graph.Node(file).Makes(), isBasis) {
			file.Trigger()
			found = true
		}
	}
	return found
}

// isBasis reports whether the FROM of a build names an image.
func isBasis(image *graph.Node) bool {
	return slices.ContainsFunc(image.Uses(), func(use *graph.Edge) bool {
		return slices.ContainsFunc(use.Refs, func(ref *scanner.Ref) bool { return ref.Kind == scanner.From && ref.Exposure > scanner.Unreachable })
	})
}

// NoteMakers says what could not be told of who makes the images. It returns how many such
// things there are.
func (r *Repository) NoteMakers() int {
	return r.noteMakers(func(graph.Note) bool { return true })
}

func (r *Repository) noteMakers(concerns func(graph.Note) bool) int {
	var notes []*source.Error
	for _, n := range r.Graph().Notes() {
		if concerns(n) {
			notes = append(notes, n.Error)
		}
	}
	notes = r.Config.Reported(notes)
	r.options.notes(notes)
	return len(notes)
}

// eachBuild calls f for each entry of a build file with the build that it comes to.
func (r *Repository) eachBuild(f func(build *buildfile.Build, file *scanner.File)) {
	for i := range r.Files {
		file := r.Files[i]
		all := r.buildsOf(file.Path)
		for _, way := range file.Ways {
			if way < len(all) && all[way] != nil {
				f(all[way], file)
			}
		}
	}
}

// claims returns which image each build makes.
func (r *Repository) claims() []graph.Claim {
	var claims []graph.Claim
	r.eachBuild(func(build *buildfile.Build, file *scanner.File) {
		first := len(claims)
		claim := graph.Claim{
			Link: build.Name, Rule: graph.BuildFile, File: file, Context: build.Context,
			Where: source.Pos{Path: build.Where.Path, Line: build.Where.Line}.String(),
		}
		if build.Kind.Script() || buildfile.KindOf(build.Where.Path).Script() { // a workflow may run a script
			claim.Rule = graph.Command
		}
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				of := claim
				if of.Image = ref.Repository; ref.Tag != "" && !isStandIn(ref, text) {
					of.Tags = []string{ref.Tag}
				}
				claims = append(claims, of)
			}
		}
		for _, text := range build.Partly {
			name, tag := splitTag(text.S)
			if strings.Contains(name, scanner.Unknown) {
				claims = append(claims, unplaced(claim, name, tag))
				continue
			}
			if ref, err := imageref.Parse(name); err == nil && tag != "" {
				of := claim
				of.Image, of.Partly = ref.Repository, []string{tag}
				claims = append(claims, of)
			}
		}
		if build.Name != "" && !slices.ContainsFunc(claims[first:], func(c graph.Claim) bool { return c.Link != "" }) {
			claims = append(claims, claim)
		}
	})
	return claims
}

// unplaced returns the claim of a build on an image of which the registry is not known, and mostly its tag is.
func unplaced(claim graph.Claim, name, tag string) graph.Claim {
	claim.Image, claim.Link = name, ""
	if _, err := imageref.Parse("x:" + tag); err == nil {
		claim.Tags = []string{tag}
	} else if strings.Trim(tag, scanner.Unknown) != "" {
		claim.Partly = []string{tag}
	}
	return claim
}

// splitTag returns the name and the tag of a reference of whose tag not all is known.
func splitTag(text string) (name, tag string) {
	text, _, _ = strings.Cut(text, "@")
	colon := strings.LastIndexByte(text, ':')
	if colon < strings.LastIndexByte(text, '/') || colon < 0 {
		return text, ""
	}
	return text[:colon], text[colon+1:]
}

// isStandIn reports whether a tag is a word that a variable has where nobody sets it:
// ${VERSION:-dev}. What the image is published as is then not known.
func isStandIn(ref imageref.Ref, text trace.Text) bool {
	start, end, ok := ref.TagAt()
	if !ok || strings.ContainsAny(ref.Tag, "0123456789") {
		return false
	}
	colon, tag := text.Slice(start-1, start).First(), text.Slice(start, end).First()
	return tag.File != nil && (colon.File != tag.File || tag.Off != colon.Off+1)
}

// tags returns the tags that build files give to the images of their builds.
func (r *Repository) tags(g *graph.Graph) map[*graph.Node][]trace.Text {
	tags := map[*graph.Node][]trace.Text{}
	r.eachBuild(func(build *buildfile.Build, file *scanner.File) {
		for _, text := range build.Images {
			ref, err := imageref.Parse(text.S)
			if err != nil {
				continue
			}
			made := slices.DeleteFunc(g.Node(file).Makes(), func(n *graph.Node) bool { return n.Key != ref.Repository })
			if len(made) == 0 {
				made = g.LinesOf(ref.Repository, ref.Tag) // another build makes it
			}
			for _, image := range made {
				tags[image] = append(tags[image], text)
			}
		}
	})
	return tags
}
