package report

import (
	"encoding/json"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// WriteJSON writes a document, indented, with a newline at its end.
func WriteJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// WriteCompactJSON writes a document on one line, as GITHUB_OUTPUT takes it.
func WriteCompactJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

// A Base is a patched base in a document.
type Base struct {
	Image   string `json:"image"`
	Version string `json:"version"`
}

func bases(bumps []bumper.Bump) []Base {
	all := make([]Base, len(bumps))
	for i, bump := range bumps {
		all[i] = Base{Image: bump.Image, Version: bump.Version()}
	}
	return all
}

// notNil makes an empty list of none, so that programs need not tell them apart.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// columns writes rows of tab-separated cells, aligned.
func columns(w io.Writer, rows []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := io.WriteString(t, row+"\n"); err != nil {
			return err
		}
	}
	return t.Flush()
}

// row joins cells for columns. A path may hold any byte; those that would steer a
// terminal or break the line are shown as "?".
func row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = Clean(cell)
	}
	return strings.TrimRight(strings.Join(cells, "\t"), "\t")
}

// Clean is [source.Clean].
func Clean(s string) string { return source.Clean(s) }
