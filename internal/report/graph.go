package report

import (
	"github.com/matihlabs/propagate/graph"
)

// Graph is the document of propagate graph.
type Graph struct {
	Schema      string       `json:"schema"`
	Revision    string       `json:"revision"`
	Images      []GraphImage `json:"images"`
	Dockerfiles []GraphFile  `json:"dockerfiles"`
	Uses        []GraphUse   `json:"uses"`  // from image to Dockerfile
	Makes       []GraphMakes `json:"makes"` // from Dockerfile to image
}

// GraphImage is an image.
type GraphImage struct {
	Image string `json:"image"`
}

// GraphFile is a Dockerfile.
type GraphFile struct {
	Path string `json:"path"`
	Name string `json:"name"`
}

// GraphUse says that a Dockerfile depends on an image.
type GraphUse struct {
	Image    string   `json:"image"`
	Path     string   `json:"path"`
	Exposure string   `json:"exposure"`
	Versions []string `json:"versions"`
	Lines    []int    `json:"lines"`
}

// GraphMakes says that a Dockerfile makes an image, and how that is known.
type GraphMakes struct {
	Path  string  `json:"path"`
	Image string  `json:"image"`
	Rule  string  `json:"rule"`
	Where *string `json:"where"`
}

// NewGraph makes the document of a view of a graph.
func NewGraph(revision string, view graph.View) *Graph {
	doc := &Graph{Schema: "propagate/graph/v1", Revision: revision, Images: []GraphImage{}, Dockerfiles: []GraphFile{}, Uses: []GraphUse{}, Makes: []GraphMakes{}}
	for _, node := range view.Nodes {
		if node.Kind == graph.Dockerfile {
			doc.Dockerfiles = append(doc.Dockerfiles, GraphFile{Path: node.Key, Name: graph.Name(node.Key)})
			continue
		}
		doc.Images = append(doc.Images, GraphImage{Image: node.Key})
		for _, claim := range node.Claims {
			doc.Makes = append(doc.Makes, GraphMakes{Path: claim.Path, Image: node.Key, Rule: claim.Rule.String(), Where: optional(claim.Where)})
		}
	}
	for _, edge := range view.Edges {
		if edge.T.Kind == graph.Image {
			continue
		}
		use := GraphUse{Image: edge.F.Key, Path: edge.T.Key, Exposure: edge.Exposure().String(), Versions: edge.Versions()}
		for _, ref := range edge.Refs {
			use.Lines = append(use.Lines, ref.Pos.Line)
		}
		doc.Uses = append(doc.Uses, use)
	}
	return doc
}
