package webgraph

import (
	"embed"
	"encoding/json"
	"io"
	"math"
	"strings"

	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/webpage"
)

//go:embed page
var page embed.FS

// scripts are the parts of the program of the page, in the order in which they need each other.
var scripts = []string{"data.js", "reach.js", "state.js", "canvas.js", "gestures.js", "list.js", "details.js", "main.js"}

// layoutOf is the layout of the page, which draws no versions on edges, for a number of nodes: of many, columns are
// as long as it takes for the picture to be about as high as wide.
func layoutOf(nodes int) picture.Layout {
	return picture.Layout{Rows: max(40, int(math.Sqrt(6*float64(nodes)))), RowGap: 6, LayerGap: 140, Margin: 20, Badges: true, Letters: 1.15}
}

// Write writes a picture as a page. It gives the picture a layout. revision is the commit that was
// read, "" for a directory.
func Write(w io.Writer, p *picture.Picture, revision string) error {
	p.Layout(layoutOf(len(p.Nodes)))
	data, err := json.Marshal(newDocument(p, revision)) // with <, > and & as escapes, so that no text of it ends the element
	if err != nil {
		return err
	}
	style, script := webpage.Style+read("style.css"), program()
	_, err = strings.NewReplacer(
		"{{policy}}", webpage.Policy(script, style, "'none'"),
		"{{style}}", style,
		"{{data}}", source.DefuseJSON(string(data)), // so that a file made in a workflow is that made elsewhere
		"{{script}}", script,
	).WriteString(w, read("page.html"))
	return err
}

// program returns the parts of the program as one, whose names nothing else of the page sees.
func program() string {
	var b strings.Builder
	b.WriteString(webpage.Theme)
	for _, name := range scripts {
		b.WriteString(read(name))
	}
	return webpage.Program(b.String())
}

// read returns a file of the page.
func read(name string) string {
	data, err := page.ReadFile("page/" + name)
	if err != nil {
		panic("webgraph: " + err.Error()) // it was there when the program was built
	}
	return string(data)
}
