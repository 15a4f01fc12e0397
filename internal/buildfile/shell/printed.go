package shell

import (
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// PrintedBy returns what a command prints that is started in one of some directories, without the
// ends of the last lines. ok is false where that is not known.
func PrintedBy(t *reading.Tree, fuel *reading.Fuel, starts []string, command trace.Text) (printed trace.Text, ok bool) {
	run := NewRun(t, Others{})
	run.Left = min(fuel.Left, reading.FuelPerFile/16)
	before := run.Left
	s := New(run, "", reading.Workplace{Starts: starts, Cwd: reading.StartDir}, nil)
	s.Out, s.Captured, s.Asks = &Stream{}, true, 1
	err := s.Read(command)
	fuel.Use(before - run.Left)
	if err != nil || s.Out.Lost || s.Want != nil {
		return trace.Text{}, false
	}
	return s.Out.Text.Slice(0, len(strings.TrimRight(s.Out.Text.S, "\n"))), true
}
