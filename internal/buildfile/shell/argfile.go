package shell

import (
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// argsOf adds the build arguments of a file, as buildah and podman read one: NAME=VALUE lines as they are, without quotes or
// variables, empty lines, and comments. Those of several files count in their order, and what a command line says itself goes over them.
func (s *Shell) argsOf(o *BuildOptions, name trace.Text) {
	f := s.file(name.S)
	if reading.Hidden(name) || f == nil || !s.Run.Step(len(f.Src)) {
		o.Unfiled = strings.ReplaceAll(name.S, reading.Unknown, "…")
		return
	}
	var b reading.Build
	for start := 0; start < len(f.Src); {
		end := len(f.Src)
		if i := strings.IndexByte(string(f.Src[start:]), '\n'); i >= 0 {
			end = start + i
		}
		line := f.Text(start, end)
		line = line.Slice(0, len(strings.TrimSuffix(line.S, "\r")))
		if !strings.HasPrefix(line.S, "#") {
			b.AddArg(line)
		}
		start = end + 1
	}
	o.Build.Args = append(append(append([]scanner.Arg{}, o.Build.Args[:o.filed]...), b.Args...), o.Build.Args[o.filed:]...)
	o.filed += len(b.Args)
}
