package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// WriteJSON writes a document, indented, with a newline at its end.
func WriteJSON(w io.Writer, document any) error {
	var e jsonEncoder
	if err := e.add(document, ""); err != nil {
		return err
	}
	_, err := w.Write(append(e.out, '\n'))
	return err
}

// A jsonEncoder encodes values as json.Encoder does with an indent of two blanks. That one
// takes most of its time to find out whether what it has just written is JSON.
type jsonEncoder struct {
	out     []byte
	compact bytes.Buffer
}

// add appends a value. Its lines but for the first begin with indent.
func (e *jsonEncoder) add(value any, indent string) error {
	e.compact.Reset()
	if err := WriteCompactJSON(&e.compact, value); err != nil {
		return err
	}
	to, line := e.out, []byte("\n"+indent)
	for text := bytes.TrimSuffix(e.compact.Bytes(), []byte("\n")); len(text) > 0; {
		n := 1
		switch c := text[0]; c {
		case '"':
			n = stringLength(text)
			to = append(to, text[:n]...)
		case '{', '[':
			if closing := c + 2; text[1] == closing {
				n = 2
				to = append(to, c, closing)
				break
			}
			line = append(line, "  "...)
			to = append(append(to, c), line...)
		case '}', ']':
			line = line[:len(line)-2]
			to = append(append(to, line...), c)
		case ',':
			to = append(append(to, c), line...)
		case ':':
			to = append(to, ": "...)
		default:
			to = append(to, c)
		}
		text = text[n:]
	}
	e.out = to
	return nil
}

// stringLength returns the length of the JSON string that text begins with.
func stringLength(text []byte) int {
	for n := 1; ; n++ {
		n += bytes.IndexByte(text[n:], '"')
		escapes := n - len(bytes.TrimRight(text[:n], `\`))
		if escapes%2 == 0 {
			return n + 1
		}
	}
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
	From    string `json:"from,omitempty"` // the version that references move from, where a person said it
}

func bases(bumps []bumper.Bump) []Base {
	all := make([]Base, len(bumps))
	for i, bump := range bumps {
		all[i] = Base{Image: bump.Image, Version: bump.Version(), From: bump.From}
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

// row joins cells for a table. A path may hold any byte; those that would steer a
// terminal or break the line are shown as "?".
func row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = Clean(cell)
	}
	return strings.TrimRight(strings.Join(cells, "\t"), "\t")
}

// Clean is [source.Clean].
func Clean(s string) string { return source.Clean(s) }
