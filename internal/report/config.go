package report

import (
	"fmt"
	"io"

	"github.com/matihlabs/propagate/internal/source"
)

// ConfigCheck is the document of propagate config check.
type ConfigCheck struct {
	Schema   string          `json:"schema"`
	Revision string          `json:"revision"` // "" for a plain directory, and where something is wrong
	Path     string          `json:"path"`     // "" where there is no configuration
	Valid    bool            `json:"valid"`
	Errors   []ConfigProblem `json:"errors"`
	Notes    []ConfigProblem `json:"notes"` // of what fits nothing
}

// ConfigProblem is an error in a configuration, or a note.
type ConfigProblem struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // 0 where it is of the whole file
	Col     int    `json:"col"`  // likewise
	Message string `json:"message"`
	Hint    string `json:"hint"` // "" for none
	Code    string `json:"code"` // of a note
}

// NewConfigCheck makes the document.
func NewConfigCheck(revision, path string, errs, notes []*source.Error) *ConfigCheck {
	return &ConfigCheck{Schema: "propagate/config-check/v1", Revision: revision, Path: path, Valid: len(errs) == 0, Errors: configProblems(errs), Notes: configProblems(notes)}
}

func configProblems(errs []*source.Error) []ConfigProblem {
	all := []ConfigProblem{}
	for _, e := range errs {
		all = append(all, ConfigProblem{e.Pos.Path, e.Pos.Line, e.Pos.Col, e.Err.Error(), e.Hint, string(e.Code)})
	}
	return all
}

// WriteText writes one line for a configuration that is right.
func (c *ConfigCheck) WriteText(w io.Writer) error {
	where := ""
	if c.Revision != "" {
		where = fmt.Sprintf(" of commit %.12s", c.Revision)
	}
	var err error
	switch {
	case !c.Valid: // the errors are said where all errors are
	case c.Path == "":
		_, err = fmt.Fprintf(w, "there is no .propagate.yaml%s, and none is needed\n", where)
	case len(c.Notes) > 0:
		_, err = fmt.Fprintf(w, "%s%s is right; %s above\n", Clean(c.Path), where, Count(len(c.Notes), "note"))
	default:
		_, err = fmt.Fprintf(w, "%s%s is right\n", Clean(c.Path), where)
	}
	return err
}
