package makefile

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// outside says of a Makefile that it includes what lies in a submodule: what that builds is not known.
func (m *makefile) outside(f *trace.File) []reading.Problem {
	var problems []reading.Problem
	for _, name := range m.absent {
		if pos := name.Pos(); pos.Path == f.Path {
			for _, start := range []string{m.dir, "."} {
				file, ok := reading.Locate(reading.ChangeDir(reading.StartDir, name.S), start)
				if in := m.submodule(path.Clean(file)); ok && in != "" {
					problems = append(problems, reading.Problem{Code: source.CodeNotRead, Pos: pos, Message: fmt.Sprintf("what %s builds is not read: it lies in the submodule %s", source.Clean(name.S), source.Clean(in))})
					break
				}
			}
		}
	}
	return problems
}

// submodule returns the path of the submodule that a file lies in; "" for none.
func (m *makefile) submodule(file string) string {
	f := m.tree.Read(".gitmodules")
	if f == nil || !m.Step(len(f.Src)) {
		return ""
	}
	for line := range bytes.Lines(f.Src) {
		key, value, _ := strings.Cut(string(line), "=")
		if value = strings.TrimSpace(value); strings.TrimSpace(key) == "path" && value != "" && strings.HasPrefix(file, value+"/") {
			return value
		}
	}
	return ""
}
