package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// inWorkflow reports whether the runner of GitHub Actions reads the output: names in a
// repository must not be commands to it.
func (a *App) inWorkflow() bool { return a.Getenv("GITHUB_ACTIONS") == "true" }

// inJSON reports whether the result is printed as JSON of one kind or another, or as something whose
// texts are those of JSON.
func (a *App) inJSON() bool {
	return slices.Contains([]string{"json", "github-matrix", "bake", "gitlab", "azure"}, a.output)
}

// defuse makes a line of output harmless for the runner of GitHub Actions.
func (a *App) defuse(line string) string {
	if a.inJSON() {
		return source.DefuseJSON(line)
	}
	return source.Defuse(line)
}

// lineEnds are what the runner takes for the end of a line.
const lineEnds = "\r\n"

func isLineEnd(r rune) bool { return strings.ContainsRune(lineEnds, r) }

// An output is the writer that all of standard output, or standard error, goes through. It
// keeps the first error, for printers that return none.
type output struct {
	w      io.Writer
	defuse func(line string) string // nil outside of a workflow
	line   []byte                   // the beginning of a line; it is written with the rest of it
	err    error
}

// Write implements io.Writer.
func (o *output) Write(data []byte) (int, error) {
	if o.defuse == nil {
		n, err := o.w.Write(data)
		o.keep(err)
		return n, err
	}
	o.line = append(o.line, data...)
	end := bytes.LastIndexAny(o.line, lineEnds) + 1
	if err := o.writeLines(o.line[:end]); err != nil {
		return 0, err
	}
	o.line = append(o.line[:0], o.line[end:]...)
	return len(data), nil
}

func (o *output) writeLines(text []byte) error {
	var all []byte
	for len(text) > 0 {
		end := bytes.IndexAny(text, lineEnds) + 1
		if end == 0 {
			end = len(text)
		}
		all = append(all, o.defuse(string(text[:end]))...)
		text = text[end:]
	}
	_, err := o.w.Write(all)
	o.keep(err)
	return err
}

func (o *output) keep(err error) {
	if o.err == nil {
		o.err = err
	}
}

// A commandOutput writes to an output past what makes its lines harmless.
type commandOutput struct{ *output }

// Write implements io.Writer, for whole lines.
func (o *commandOutput) Write(data []byte) (int, error) {
	if len(o.line) > 0 { // which somebody else has not ended
		_ = o.writeLines(append(o.line, '\n')) // it is kept
		o.line = nil
	}
	n, err := o.w.Write(data)
	o.keep(err)
	return n, err
}

// finish writes what is left, and returns the first error of all writing.
func (o *output) finish() error {
	if len(o.line) > 0 {
		_ = o.writeLines(o.line) // it is kept
		o.line = nil
	}
	return o.err
}
