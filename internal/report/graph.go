package report

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/scanner"
)

// Graph is the document of propagate graph.
type Graph struct {
	Schema      string       `json:"schema"`
	Revision    string       `json:"revision"`
	Images      []GraphImage `json:"images"`
	Dockerfiles []GraphFile  `json:"dockerfiles"`
	Uses        []GraphUse   `json:"uses"`  // from image to build
	Makes       []GraphMakes `json:"makes"` // from build to image
	Runs        []GraphRun   `json:"runs"`  // images that services run without building them
}

// GraphRun says that a service of a compose file runs an image, and does not build it.
type GraphRun struct {
	Image   string `json:"image"`
	Ref     string `json:"ref"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Service string `json:"service"`
}

// GraphImage is an image.
type GraphImage struct {
	Image string `json:"image"`
}

// GraphFile is a Dockerfile.
type GraphFile struct {
	Path     string `json:"path"`
	InlineIn string `json:"inline_in,omitempty"` // the file that holds it as a text
	Name     string `json:"name"`
}

// GraphUse says that a build refers to an image.
type GraphUse struct {
	Image    string       `json:"image"` // "" for one without a reference, that another build of a build file makes
	Ref      *string      `json:"ref"`   // null where it is not known
	Path     string       `json:"path"`
	Target   string       `json:"target"`
	Exposure string       `json:"exposure"`
	Versions []string     `json:"versions"`
	Lines    []int        `json:"lines"`
	MadeBy   []GraphBuild `json:"made_by"`
	Assumed  bool         `json:"assumed"` // on a platform alone that nothing says it is built for, or made by builds of a similar name alone

	image string
}

// GraphBuild is a build of a Dockerfile.
type GraphBuild struct {
	Path   string `json:"path"`
	Target string `json:"target"`
}

// GraphMakes says that a build makes an image, and how that is known.
type GraphMakes struct {
	Image  string   `json:"image"`
	Tags   []string `json:"tags"`
	Path   string   `json:"path"`
	Target string   `json:"target"`
	Rule   string   `json:"rule"`
	Where  *string  `json:"where"`
	Like   *string  `json:"like"` // the image that the build makes, where it makes this one by a similar name
}

// NewGraph makes the document of a graph. Builds of a Dockerfile and target that come to
// the same are one.
func NewGraph(revision string, g *graph.Graph, runs []monorepo.Run) *Graph {
	doc := &Graph{Schema: "propagate/graph/v1", Revision: revision, Images: []GraphImage{}, Dockerfiles: []GraphFile{}, Uses: []GraphUse{}, Makes: []GraphMakes{}, Runs: []GraphRun{}}
	for _, run := range runs {
		doc.Runs = append(doc.Runs, GraphRun{run.Image.Key, run.Ref.String(), run.Pos.Path, run.Pos.Line, run.Service})
	}
	for _, node := range g.Images() {
		if node.Nameless {
			continue
		}
		if n := len(doc.Images); n == 0 || doc.Images[n-1].Image != node.Key {
			doc.Images = append(doc.Images, GraphImage{Image: node.Key})
		}
		if c, ok := node.Claim(); ok {
			where := c.Where
			if c.Rule.IsGuess() {
				where = ""
			}
			doc.Makes = append(doc.Makes, GraphMakes{Image: node.Key, Tags: notNil(c.Tags), Path: c.Path, Target: c.Target, Rule: c.Rule.String(), Where: optional(where), Like: optional(scanner.Readable(c.Like))})
		}
	}
	for _, node := range g.Builds() {
		if n := len(doc.Dockerfiles); n == 0 || doc.Dockerfiles[n-1].Path != node.Key {
			doc.Dockerfiles = append(doc.Dockerfiles, GraphFile{Path: node.Key, InlineIn: inlineIn(node.File), Name: graph.Name(node.Key)})
		}
		doc.Uses = append(doc.Uses, uses(g, node)...)
	}
	slices.SortStableFunc(doc.Makes, func(a, b GraphMakes) int {
		return cmp.Or(cmp.Compare(a.Image, b.Image), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Target, b.Target), cmp.Compare(a.at(), b.at()), slices.Compare(a.Tags, b.Tags))
	})
	slices.SortStableFunc(doc.Uses, func(a, b GraphUse) int {
		return cmp.Or(cmp.Compare(a.image, b.image), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Target, b.Target))
	})
	doc.Uses = slices.CompactFunc(doc.Uses, func(a, b GraphUse) bool {
		return a.image == b.image && a.Path == b.Path && a.Target == b.Target && a.Exposure == b.Exposure && a.Assumed == b.Assumed &&
			slices.Equal(a.Versions, b.Versions) && slices.Equal(a.Lines, b.Lines) && slices.Equal(a.MadeBy, b.MadeBy)
	})
	return doc
}

// at returns where it is said that the build makes the image; "" where nothing says it.
func (m GraphMakes) at() string {
	if m.Where == nil {
		return ""
	}
	return *m.Where
}

// uses returns what a build refers to, one for each reference.
func uses(g *graph.Graph, node *graph.Node) []GraphUse {
	var all []GraphUse
	exposures := map[int]scanner.Exposure{}
	for _, ref := range node.File.Refs {
		images := g.ImagesOf(ref)
		if len(images) == 0 {
			continue
		}
		use := GraphUse{
			Image: images[0].Key, Ref: optional(ref.Image.String()), Path: node.Key, Target: node.File.Target,
			Versions: notNil(graph.Versions([]*scanner.Ref{ref})), MadeBy: []GraphBuild{}, Assumed: ref.Assumed || slices.ContainsFunc(images, (*graph.Node).IsSimilar), image: images[0].Key,
		}
		if images[0].Nameless {
			use.Image = ""
		}
		if ref.Outside.Path != "" { // what it holds is a default, which the build does not use
			use.Ref = nil
		}
		for _, maker := range g.MakersOf(ref) {
			by := GraphBuild{maker.Key, maker.File.Target}
			if !slices.Contains(use.MadeBy, by) {
				use.MadeBy = append(use.MadeBy, by)
			}
		}
		i := slices.IndexFunc(all, func(u GraphUse) bool {
			return u.image == use.image && u.Assumed == use.Assumed && slices.Equal(u.Versions, use.Versions) && slices.Equal(u.MadeBy, use.MadeBy)
		})
		if i < 0 {
			i = len(all)
			all = append(all, use)
		}
		all[i].Lines = append(all[i].Lines, ref.Pos.Line)
		exposures[i] = max(exposures[i], ref.Exposure)
		all[i].Exposure = exposures[i].String()
	}
	return all
}
