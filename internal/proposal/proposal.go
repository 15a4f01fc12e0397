package proposal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
)

// Schema is where editors find the JSON Schema of the configuration.
const Schema = "https://raw.githubusercontent.com/matihlabs/propagate/main/docs/schema/config.schema.json"

// A Proposal is the text of a whole configuration.
type Proposal struct {
	Text    []byte
	Known   int      // lines about what is known without a configuration
	Entries int      // commented entries that a person may make count
	Notes   []string // what is new and was folded into one line before
}

// New returns the configuration that is proposed for a repository without one. The same findings give the same bytes.
func New(f *monorepo.Findings) (Proposal, error) {
	w := &writer{used: map[string]bool{}}
	fmt.Fprintf(&w.text, "# yaml-language-server: $schema=%s\n#\n", Schema)
	w.prose("What the files of this repository do not say, for propagate. It needs none of this, and none of it counts yet:")
	w.prose(`take the "#" away in front of a key, or of an entry below one, to make it count. propagate config check says what is wrong.`)
	known := fmt.Sprintf("Known without this file: %s, %s, ", source.Count(f.Dockerfiles, "Dockerfile"), source.Count(f.Builds, "build"))
	if f.Resolved == f.References {
		known += source.Count(f.References, "reference") + ", all resolved."
	} else {
		known += fmt.Sprintf("%d of %s resolved.", f.Resolved, source.Count(f.References, "reference"))
	}
	w.text.WriteString("\n")
	w.prose(known)
	for _, s := range sections(f) {
		lines := w.section(s, file{})
		if len(lines) == 0 {
			continue
		}
		if s.key != "" {
			w.text.WriteString("\n")
		}
		w.lines(s.heading)
		if s.key != "" {
			w.text.WriteString(s.key + ":\n")
		}
		w.lines(lines)
	}
	w.settings(f)
	p := Proposal{Text: []byte(w.text.String()), Known: w.known, Entries: w.entries}
	return p, proved(nil, p.Text)
}

// Update returns a configuration with what is new since it was written. Its own lines stay as they are, in their
// order; Text is the same bytes where nothing is new. The error is that of a configuration that is wrong, or
// that nothing can be added to.
func Update(f *monorepo.Findings, text []byte) (Proposal, error) {
	old := newFile(text, f.AllPaths)
	w := &writer{used: map[string]bool{}}
	for _, claim := range old.claims {
		w.used[claim.Path] = true
	}
	inserted := map[int][]string{}
	var appended []string
	for _, s := range sections(f) {
		lines := w.section(s, old)
		if len(lines) == 0 {
			continue
		}
		at, ok := old.place(s)
		switch {
		case s.key == "" && !ok: // a person wrote this file, who knows what there is
			w.known -= len(lines)
		case ok && at >= 0:
			inserted[at] = append(inserted[at], lines...)
		case ok:
			appended = append(appended, "", "# Under "+s.key+":")
			appended = append(appended, lines...)
		default:
			appended = append(append(append(appended, ""), s.heading...), s.key+":")
			appended = append(appended, lines...)
		}
	}
	p := Proposal{Text: merged(text, inserted, appended), Known: w.known, Entries: w.entries, Notes: w.notes}
	return p, proved(text, p.Text)
}

// place returns the line before which new lines of a section stand, -1 for the end of the file; ok is false
// where the file has no such section.
func (f file) place(s section) (at int, ok bool) {
	if s.key != "" {
		return f.hasKey(s.key)
	}
	i := slices.Index(f.lines, s.heading[0])
	if i < 0 {
		return 0, false
	}
	at = i + 1
	for at < len(f.lines) && strings.HasPrefix(f.lines[at], "# - ") {
		at++
	}
	return at, true
}

// merged returns a text with lines before some of its own, and others at its end, with the line ends that it has.
func merged(text []byte, inserted map[int][]string, appended []string) []byte {
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	var b bytes.Buffer
	add := func(lines []string) {
		if n := b.Len(); n > 0 && b.Bytes()[n-1] != '\n' && len(lines) > 0 {
			b.WriteString(end)
		}
		for _, line := range lines {
			b.WriteString(line + end)
		}
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, line := range lines {
		add(inserted[i])
		b.Write(line)
	}
	add(inserted[len(lines)])
	add(appended)
	return b.Bytes()
}

// proved returns an error if a text is no configuration, or does not say the same as another one.
func proved(before, after []byte) error {
	was, err := config.Parse(config.Name, before)
	if err != nil {
		return err
	}
	is, err := config.Parse(config.Name, after)
	if err != nil {
		return &source.Error{Pos: source.Pos{Path: config.Name}, Err: errors.New("nothing can be added to it: its text has a form that comments do not fit into"), Hint: "copy what you need from what init proposes for a directory without it"}
	}
	one, err := json.Marshal(was.Show())
	if err != nil {
		return err
	}
	other, err := json.Marshal(is.Show())
	if err == nil && !bytes.Equal(one, other) {
		err = &source.Error{Pos: source.Pos{Path: config.Name}, Err: errors.New("nothing can be added to it without changing what it says")}
	}
	return err
}
