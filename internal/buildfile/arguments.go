package buildfile

import (
	"maps"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Arguments reads a file of NAME=value lines, such as ".env", as build arguments,
// by name.
func Arguments(f *trace.File) []scanner.Arg {
	var args []scanner.Arg
	vars := envfile.Read(f)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if value := vars[name]; !reading.IsVoid(value) {
			args = append(args, scanner.Arg{Name: name, Value: value})
		}
	}
	return args
}
