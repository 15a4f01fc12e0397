package buildfile

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A yamlFile is a YAML file whose scalars know where they are written.
type yamlFile struct {
	*yamltext.File
	docs []*yaml.Node // the roots of its documents
}

// parseYAML reads all documents of a file. What was read before an error is
// returned with it.
func parseYAML(f *trace.File) (*yamlFile, error) {
	y, err := yamltext.Parse(f)
	return &yamlFile{y, y.Docs}, err
}

func (y *yamlFile) text(n *yaml.Node) trace.Text          { return y.Text(n) }
func (y *yamlFile) pos(n *yaml.Node) source.Pos           { return y.Pos(n) }
func (y *yamlFile) offset(n *yaml.Node) (at int, ok bool) { return y.Offset(n) }
func resolve(n *yaml.Node) *yaml.Node                     { return yamltext.Resolve(n) }
func get(n *yaml.Node, keys ...string) *yaml.Node         { return yamltext.Get(n, keys...) }
func items(n *yaml.Node) []*yaml.Node                     { return yamltext.Items(n) }

// A pair is an entry of a mapping.
type pair struct{ key, value *yaml.Node }

// pairs returns the entries of a mapping in the order of the file, those that are
// merged into it behind its own, each key once.
func pairs(n *yaml.Node) []pair {
	found := yamltext.Pairs(n)
	all := make([]pair, len(found))
	for i, p := range found {
		all[i] = pair{p.Key, p.Value}
	}
	return all
}

// yamlProblem is what a person is told of an error of [parseYAML].
func yamlProblem(f *trace.File, err error) Problem {
	pos := source.Pos{Path: f.Path}
	if errors.Is(err, yamltext.ErrTooLarge) {
		return Problem{source.CodeBuildFileLimit, pos, "not read: " + err.Error()}
	}
	line, message := yamltext.Problem(err)
	pos.Line = line
	return Problem{source.CodeBuildFileSyntax, pos, fmt.Sprintf("not read, for it is no YAML (%s)", message)}
}

const byteOrderMark = "\xef\xbb\xbf"

// lineLength returns the length of the first line of src with its line end.
func lineLength(src []byte) int {
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		return i + 1
	}
	return len(src)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
