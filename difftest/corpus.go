package difftest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// A Case is a build of a Dockerfile to be compared.
type Case struct {
	Name  string
	Src   []byte
	Build Build
}

// Files returns the Dockerfiles below dir, by name; any holds for files that are
// taken whatever their name.
func Files(dir string, any func(path string) bool) ([]Case, error) {
	var cases []Case
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !scanner.IsDockerfile(path) && (any == nil || !any(path)) {
			return err
		}
		src, err := os.ReadFile(path)
		cases = append(cases, Case{Name: path, Src: src})
		return err
	})
	return cases, err
}

// Literals returns the string literals of the Go tests below dir that look like a
// Dockerfile. Some are formats with verbs in them; BuildKit says which it accepts.
func Literals(dir string) ([]Case, error) {
	var cases []Case
	fset := token.NewFileSet()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && strings.Contains(strings.ToUpper(text), "FROM ") && strings.Contains(text, "\n") {
				cases = append(cases, Case{Name: fset.Position(literal.Pos()).String(), Src: []byte(text)})
			}
			return true
		})
		return nil
	})
	return cases, err
}
