package shell

import (
	"bytes"
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
		o.Unfiled = scanner.Readable(name.S)
		return
	}
	var b reading.Build
	start := 0
	for line := range bytes.Lines(f.Src) {
		text := f.Text(start, start+len(bytes.TrimRight(line, "\r\n")))
		if !strings.HasPrefix(text.S, "#") {
			b.AddArg(text)
		}
		start += len(line)
	}
	o.Build.Args = append(append(append([]scanner.Arg{}, o.Build.Args[:o.filed]...), b.Args...), o.Build.Args[o.filed:]...)
	o.filed += len(b.Args)
}
