package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// switchName is the variable of a package that says which mutant is alive: the number
// in the environment, or none.
const switchName = "mutantThatIsAlive"

// environment is the variable that holds the number of the mutant that is alive.
const environment = "MUTANT"

// switchFile is the content of a file that each package with mutants gets.
func switchFile(name string) []byte {
	return fmt.Appendf(nil, "package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar %s, _ = strconv.Atoi(os.Getenv(%q))\n", name, switchName, environment)
}

// weave puts mutants into a file side by side, so that one test program holds them all: of the
// function of each there is a copy with the fault, which the function calls when that mutant
// is alive. It returns the mutants that are in no function.
func (c *checker) weave(name string, src []byte, mutants map[int]*mutant) (woven []byte, left []int) {
	file := c.files[name]
	type insertion struct {
		start, end int
		text       string
	}
	var all []insertion
	var copies strings.Builder
	woveIn := map[int]bool{}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		var cases strings.Builder
		for _, id := range slices.Sorted(maps.Keys(mutants)) {
			m := mutants[id]
			if m.start <= c.offset(f.Body.Lbrace) || m.end > c.offset(f.Body.Rbrace) {
				continue
			}
			woveIn[id] = true
			twin := fmt.Sprintf("%sMutant%d", f.Name.Name, id)
			copies.WriteString("\n" + string(src[c.offset(f.Pos()):c.offset(f.Name.Pos())]) + twin + string(src[c.offset(f.Name.End()):m.start]) + m.text + string(src[m.end:c.offset(f.End())]) + "\n")
			call := twin + c.call(f)
			if f.Recv != nil {
				call = nameOf(f.Recv.List[0], 0, "receiver") + "." + call
			}
			if f.Type.Results != nil {
				call = "return " + call
			} else {
				call += "; return"
			}
			fmt.Fprintf(&cases, " case %d: %s;", id, call)
		}
		if cases.Len() == 0 {
			continue
		}
		at := c.offset(f.Body.Lbrace) + 1
		all = append(all, insertion{at, at, " switch " + switchName + " {" + cases.String() + " };"})
		fields := slices.Clone(f.Type.Params.List)
		if f.Recv != nil {
			fields = append(fields, f.Recv.List...)
		}
		for _, field := range fields {
			prefix := "parameter" + strconv.Itoa(c.offset(field.Pos()))
			if f.Recv != nil && field == f.Recv.List[0] {
				prefix = "receiver"
			}
			if len(field.Names) == 0 {
				start := c.offset(field.Pos())
				all = append(all, insertion{start, start, prefix + " "})
			}
			for i, ident := range field.Names {
				if ident.Name == "_" {
					all = append(all, insertion{c.offset(ident.Pos()), c.offset(ident.End()), nameOf(field, i, prefix)})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b insertion) int { return b.start - a.start })
	text := string(src)
	for _, in := range all {
		text = text[:in.start] + in.text + text[in.end:]
	}
	for _, id := range slices.Sorted(maps.Keys(mutants)) {
		if !woveIn[id] {
			left = append(left, id)
		}
	}
	return []byte(text + copies.String()), left
}

// nameOf returns what a parameter is called, or is to be called where it has no name.
func nameOf(field *ast.Field, i int, prefix string) string {
	if i < len(field.Names) && field.Names[i].Name != "_" {
		return field.Names[i].Name
	}
	if len(field.Names) > 1 {
		return prefix + "at" + strconv.Itoa(i)
	}
	return prefix
}

// call returns the type parameters and parameters of a function, as a call passes them on.
func (c *checker) call(f *ast.FuncDecl) string {
	var types, values []string
	if f.Type.TypeParams != nil {
		for _, field := range f.Type.TypeParams.List {
			for _, ident := range field.Names {
				types = append(types, ident.Name)
			}
		}
	}
	for _, field := range f.Type.Params.List {
		for i := range max(1, len(field.Names)) {
			value := nameOf(field, i, "parameter"+strconv.Itoa(c.offset(field.Pos())))
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				value += "..."
			}
			values = append(values, value)
		}
	}
	call := "(" + strings.Join(values, ", ") + ")"
	if len(types) > 0 {
		call = "[" + strings.Join(types, ", ") + "]" + call
	}
	return call
}

func (c *checker) offset(p token.Pos) int { return c.fset.Position(p).Offset }
