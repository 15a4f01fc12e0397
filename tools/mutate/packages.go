package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	TestGoFiles, XTestGoFiles     []string
	Deps                          []string
	Imports                       []string
	TestImports, XTestImports     []string
	Module                        *struct{ Path, Dir string }
	Standard                      bool
}

// A world is the packages of the module that the tester is run in.
type world struct {
	module, dir string
	all         map[string]*pkg // by import path, with the libraries
}

// load reads the packages of the module in dir.
func load(ctx context.Context, dir string) (*world, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-export", "-json=ImportPath,Name,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles,Deps,Imports,TestImports,XTestImports,Module,Standard", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	w := &world{all: map[string]*pkg{}}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &pkg{}
		err := decoder.Decode(p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		w.all[p.ImportPath] = p
	}
	cmd = exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}}\t{{.Dir}}")
	cmd.Dir = dir
	if out, err = cmd.Output(); err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	w.module, w.dir, _ = strings.Cut(strings.TrimSpace(string(out)), "\t")
	return w, nil
}

// tested reports whether a package has tests.
func (p *pkg) tested() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

// find returns a package of the module by its directory.
func (w *world) find(name string) (*pkg, error) {
	p := w.all[w.module+"/"+strings.TrimPrefix(name, "./")]
	if p == nil {
		return nil, fmt.Errorf("%s: the module has no such package", name)
	}
	return p, nil
}

// short is the directory of a package of the module.
func (w *world) short(p *pkg) string { return strings.TrimPrefix(p.ImportPath, w.module+"/") }

// dependents returns the packages of the module whose tests run code of p, those that
// depend on the least first. p is not among them.
func (w *world) dependents(p *pkg) []*pkg {
	var found []*pkg
	for _, other := range w.all {
		if other == p || other.Module == nil || other.Module.Path != w.module || !other.tested() {
			continue
		}
		runs := slices.Contains(other.Deps, p.ImportPath)
		for _, imported := range slices.Concat(other.TestImports, other.XTestImports) {
			in := w.all[imported]
			runs = runs || in == p || in != nil && slices.Contains(in.Deps, p.ImportPath)
		}
		if runs {
			found = append(found, other)
		}
	}
	slices.SortFunc(found, func(a, b *pkg) int {
		return cmp.Or(cmp.Compare(len(a.Deps), len(b.Deps)), cmp.Compare(a.ImportPath, b.ImportPath))
	})
	return found
}

// A checker tells which mutants of a package compile.
type checker struct {
	fset     *token.FileSet
	path     string
	files    map[string]*ast.File
	importer types.Importer
}

// mutants returns the mutants of a package by place, and the sources of its files.
func (w *world) mutants(p *pkg, sources map[string][]byte) ([]*mutant, *checker, error) {
	fset := token.NewFileSet()
	c := &checker{fset: fset, path: p.ImportPath, files: map[string]*ast.File{}}
	c.importer = importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if in := w.all[path]; in != nil && in.Export != "" {
			return os.Open(in.Export)
		}
		return nil, fmt.Errorf("%s: go list names no export data of it", path)
	})
	var found []*mutant
	for _, name := range p.GoFiles {
		src, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, nil, err
		}
		path := w.short(p) + "/" + name
		sources[path] = src
		file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		c.files[path] = file
		for _, m := range mutantsOf(fset, file, src) {
			m.pkg, m.file = p, path
			found = append(found, m)
		}
	}
	return found, c, nil
}

// compiles reports whether the package compiles with the content of one file replaced.
func (c *checker) compiles(name string, content []byte) bool {
	mutated, err := parser.ParseFile(c.fset, name, content, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	files := []*ast.File{mutated}
	for path, file := range c.files {
		if path != name {
			files = append(files, file)
		}
	}
	_, err = (&types.Config{Importer: c.importer, Error: nil}).Check(c.path, c.fset, files, nil)
	return err == nil
}
