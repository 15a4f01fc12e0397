// Package mermaid draws a graph in the language of Mermaid, for the command line and for the
// text of pull requests.
//
// [Write] keeps within what GitHub draws. A graph that is too large for that is folded, and
// the drawing says so: services of one directory are one node, then builds of one base, and
// of more images than can be drawn those with the most dependents are shown.
package mermaid

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Limits bound a drawing.
type Limits struct {
	Edges      int
	Characters int // of the whole text, as JavaScript counts them: in units of UTF-16
}

// GitHub returns the limits of GitHub, which are those of Mermaid itself (maxEdges and maxTextSize).
func GitHub() Limits { return Limits{Edges: 500, Characters: 50000} }

// Write writes v as a Mermaid flowchart, which GitHub draws in Markdown.
func Write(w io.Writer, v graph.View) error { return WriteWithin(w, v, GitHub()) }

// WriteWithin writes v as a Mermaid flowchart that is folded as far as the limits ask for.
func WriteWithin(w io.Writer, v graph.View, limits Limits) error {
	_, err := io.WriteString(w, newModel(v).fit(limits))
	return err
}

// text writes a drawing in the language of Mermaid.
func (d *drawing) text() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, "  folded[\"%s\"]\n", escape(note))
	}
	for i, box := range d.boxes {
		box.number = i
		open, end := "[", "]"
		if box.image {
			open, end = "([", "])"
		}
		fmt.Fprintf(&b, "  n%d%s\"%s\"%s\n", box.number, open, escape(box.label()), end)
	}
	for _, a := range d.arrows {
		line := map[scanner.Exposure]string{scanner.Runtime: "-->", scanner.Build: "-.->", scanner.Unreachable: "-.-x"}[a.exposure]
		label := ""
		if versions := a.label(d.view); versions != "" {
			label = "|\"" + escape(versions) + "\"|"
		}
		fmt.Fprintf(&b, "  n%d %s%s n%d\n", a.from.number, line, label, a.to.number)
	}
	if more := d.more(); more != "" {
		fmt.Fprintf(&b, "  more[\"%s\"]\n", escape(more))
	}
	return b.String()
}

// characters counts as JavaScript does.
func characters(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// maxLabel is the length in characters up to which a label is drawn whole.
const maxLabel = 80

// cut takes out the middle of a text of more than limit characters: both ends of a path tell
// something.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	head := (limit - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(limit-1-head):])
}

// escape escapes what would end a quoted text or begin an entity of it, and what Mermaid looks
// for outside of its grammar: a directive, a formula and the word direction are found in texts as
// well, an entity behind "style" and a colon loses its end. The drawing may end up in a commit
// message, where "fixes #1" and "[skip ci]" mean something; so entities have names, "#35;" would
// refer to an issue of that number.
func escape(s string) string {
	s = source.Visible(s)
	s = strings.NewReplacer(
		`"`, "#quot;", "#", "#num;", "<", "#lt;", ">", "#gt;", "[", "#lsqb;", "*", "#ast;", "://", "#colon;//",
		"&", "#amp;", "`", "#grave;", `\`, "#bsol;", "%%", "#percnt;#percnt;", "$$", "#dollar;#dollar;",
	).Replace(s)
	s = direction().ReplaceAllString(s, "$1#nbsp;")
	if strings.Contains(s, "style") || strings.Contains(s, "classDef") {
		s = strings.ReplaceAll(s, ":", "#colon;")
	}
	return issueID().ReplaceAllString(s, "$1#hyphen;$2")
}

// issueID is another form of a reference to an issue.
var issueID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b(gh)-([0-9])`) })

// direction begins a statement of Mermaid, wherever it stands on a line.
var direction = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(direction)\s`) })
