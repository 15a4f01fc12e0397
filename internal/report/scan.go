package report

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/screen"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Scan is the document of propagate scan.
type Scan struct {
	Schema      string     `json:"schema"`
	Revision    string     `json:"revision"` // "" for a plain directory
	Dockerfiles []ScanFile `json:"dockerfiles"`
	Files       []ScanFile `json:"files"` // no Dockerfiles: the configuration finds references in them
	Templates   []string   `json:"templates"`
	Sources     Sources    `json:"sources,omitempty"` // that were read for builds, where they are asked for
}

// ScanFile is a Dockerfile in it, as builds read it that come to the same stages and
// images.
type ScanFile struct {
	Path        string       `json:"path"`
	InlineIn    string       `json:"inline_in,omitempty"` // the file that holds it as a text; lines are those of this file
	Target      string       `json:"target"`              // "" is the last stage
	Platforms   []string     `json:"platforms"`           // that the builds name
	Builds      []string     `json:"builds"`              // path:line:column of each; none for a docker build without options
	Stages      []ScanStage  `json:"stages"`
	Images      []ScanImage  `json:"images"`
	Defaults    []ScanImage  `json:"defaults,omitempty"` // what only the ARG defaults of the Dockerfile or its build files give: no build uses them
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// ScanStage is a build stage. Base and BaseStage are both null for a stage on
// scratch, and for one whose base does not resolve.
type ScanStage struct {
	Index     int     `json:"index"`
	Name      string  `json:"name"`
	Line      int     `json:"line"`
	Base      *string `json:"base"`
	BaseStage *int    `json:"base_stage"`
	Reachable bool    `json:"reachable"`
}

// ScanImage is a reference to an image.
type ScanImage struct {
	Ref      *string       `json:"ref"` // null when it does not resolve
	Written  string        `json:"written"`
	Kind     string        `json:"kind"`
	Stage    *int          `json:"stage"` // null for the syntax directive
	Exposure string        `json:"exposure"`
	Line     int           `json:"line"`
	Column   int           `json:"column"`
	Version  []ScanVersion `json:"version"`         // where tag and digest are written, piece by piece
	Again    []ScanVersion `json:"again,omitempty"` // where other builds of the entry have them written
	Build    *string       `json:"build"`           // path:line:column of the build that hands in what makes it so; null for the file's own
	Link     *string       `json:"link"`            // the other build of the build file whose image takes its place
	Assumed  bool          `json:"assumed"`         // on a platform alone that nothing says it is built for
}

// ScanVersion is a place where a version, or a part of one, is written.
type ScanVersion struct {
	Path  string `json:"path"` // the file: the Dockerfile, or a build file that hands it in
	Text  string `json:"text"`
	Start int    `json:"start"` // offset in bytes
	End   int    `json:"end"`   // offset of the first byte behind it
}

// Diagnostic is a problem in a file.
type Diagnostic struct {
	Severity string  `json:"severity"`
	Code     string  `json:"code"`
	Line     int     `json:"line"`   // 0 when only the file is known
	Column   int     `json:"column"` // 0 when only the line is known
	Message  string  `json:"message"`
	Hint     *string `json:"hint"`
	Ignored  bool    `json:"ignored"` // by the configuration
}

const scanSchema = "propagate/scan/v1"

// NewScan makes the document of the files of a revision.
func NewScan(revision string, files []*scanner.File, templates []string) *Scan {
	doc := &Scan{Schema: scanSchema, Revision: revision, Dockerfiles: []ScanFile{}, Files: []ScanFile{}, Templates: notNil(templates)}
	for len(files) > 0 {
		n := ofOnePath(files)
		entries := scanFiles(files[:n])
		if files[0].IsDockerfile() {
			doc.Dockerfiles = append(doc.Dockerfiles, entries...)
		} else {
			doc.Files = append(doc.Files, entries...)
		}
		files = files[n:]
	}
	return doc
}

// ofOnePath returns how many files at the beginning of a list are of one path.
func ofOnePath(files []*scanner.File) int {
	n := 1
	for n < len(files) && files[n].Path == files[0].Path {
		n++
	}
	return n
}

// scanFiles makes the entries of a path: one for all that come to the same.
func scanFiles(files []*scanner.File) []ScanFile {
	if len(files) == 1 {
		return []ScanFile{scanFile(files[0])}
	}
	all := make([]ScanFile, 0, len(files))
	seen := map[string]bool{} // diagnostics of the path
	for _, file := range files {
		f := scanFile(file)
		f.Diagnostics = slices.DeleteFunc(f.Diagnostics, func(d Diagnostic) bool {
			key := fmt.Sprint(d.Line, d.Column, d.Code, d.Message)
			known := seen[key]
			seen[key] = true
			return known
		})
		if i := slices.IndexFunc(all, f.isLike); i >= 0 {
			all[i].Builds = lacking(all[i].Builds, f.Builds)
			all[i].Diagnostics = append(all[i].Diagnostics, f.Diagnostics...)
			all[i].Defaults = append(all[i].Defaults, f.Defaults...)
			all[i].also(f)
			for _, p := range f.Platforms {
				if !slices.Contains(all[i].Platforms, p) {
					all[i].Platforms = append(all[i].Platforms, p)
				}
			}
			continue
		}
		all = append(all, f)
	}
	return all
}

// isLike reports whether both have the same target, stages and images, wherever these are
// written.
func (f ScanFile) isLike(other ScanFile) bool {
	same := func(a, b ScanImage) bool {
		return equal(a.Ref, b.Ref) && equal(a.Link, b.Link) && a.Written == b.Written && a.Kind == b.Kind && a.Exposure == b.Exposure &&
			a.Line == b.Line && a.Column == b.Column && a.Assumed == b.Assumed
	}
	stages := func(a, b ScanStage) bool {
		return equal(a.Base, b.Base) && equal(a.BaseStage, b.BaseStage) && a.Reachable == b.Reachable
	}
	return f.Target == other.Target && slices.EqualFunc(f.Stages, other.Stages, stages) && slices.EqualFunc(f.Images, other.Images, same)
}

// also adds the places of another entry that is like this one.
func (f ScanFile) also(other ScanFile) {
	for i := range f.Images {
		image := &f.Images[i]
		for _, v := range other.Images[i].Version {
			if !slices.Contains(image.Version, v) && !slices.Contains(image.Again, v) {
				image.Again = append(image.Again, v)
			}
		}
	}
}

func equal[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func scanFile(file *scanner.File) ScanFile {
	f := ScanFile{
		Path: file.Path, InlineIn: inlineIn(file), Target: file.Target, Platforms: []string{}, Builds: []string{}, Stages: make([]ScanStage, 0, len(file.Stages)),
		Images: make([]ScanImage, 0, len(file.Refs)), Diagnostics: make([]Diagnostic, 0, len(file.Diagnostics)),
	}
	for _, b := range file.Builds {
		if b.Where.Path != "" {
			f.Builds = lacking(f.Builds, []string{b.Where.String()}) // a loop builds it several times at one place
		}
		for _, p := range b.Platforms {
			if !slices.Contains(f.Platforms, p) {
				f.Platforms = append(f.Platforms, p)
			}
		}
	}
	for _, stage := range file.Stages {
		s := ScanStage{Index: stage.Index, Name: stage.Name, Line: stage.Line, Base: optional(stage.Base.String()), Reachable: stage.Reachable}
		if stage.BaseStage >= 0 {
			s.BaseStage = &stage.BaseStage
		}
		f.Stages = append(f.Stages, s)
	}
	for _, ref := range file.Refs {
		f.Images = append(f.Images, scanImage(ref))
	}
	for _, ref := range file.Defaults {
		f.Defaults = append(f.Defaults, scanImage(ref))
	}
	for _, d := range file.Diagnostics {
		f.Diagnostics = append(f.Diagnostics, Diagnostic{
			Severity: d.Severity.String(), Code: string(d.Code), Line: d.Pos.Line, Column: d.Pos.Col, Message: d.Message, Hint: optional(d.Hint), Ignored: d.Ignored,
		})
	}
	return f
}

func scanImage(ref *scanner.Ref) ScanImage {
	version := ref.Version()
	image := ScanImage{
		Ref: optional(ref.Image.String()), Written: ref.Written, Kind: ref.Kind.String(), Exposure: ref.Exposure.String(),
		Line: ref.Pos.Line, Column: ref.Pos.Col, Version: make([]ScanVersion, 0, len(version)),
		Link: optional(ref.Link), Assumed: ref.Assumed,
	}
	if ref.Stage >= 0 {
		image.Stage = &ref.Stage
	}
	for _, p := range version {
		image.Version = append(image.Version, ScanVersion{Path: p.File.Path, Text: p.S, Start: p.Span.Start, End: p.Span.End})
	}
	if ref.Build.Path != "" {
		image.Build = optional(ref.Build.String())
	}
	return image
}

// atOnce is the number of files that one goroutine encodes before they are written.
const atOnce = 64

// WriteScanJSON writes the document of [NewScan] as [WriteJSON] would. That of a large
// repository has megabytes, and is the most that a scan does when nothing has changed:
// several parts of the list are made at once.
func WriteScanJSON(w io.Writer, revision string, files []*scanner.File, templates []string) error {
	isText := func(f *scanner.File) bool { return !f.IsDockerfile() }
	var head jsonEncoder
	if err := head.add(NewScan(revision, slices.DeleteFunc(slices.Clone(files), (*scanner.File).IsDockerfile), templates), ""); err != nil {
		return err
	}
	dockerfiles := slices.DeleteFunc(slices.Clone(files), isText)
	if len(dockerfiles) == 0 {
		_, err := w.Write(append(head.out, '\n'))
		return err
	}
	before, after, _ := bytes.Cut(append(head.out, '\n'), []byte("\n  \"dockerfiles\": []"))
	if _, err := w.Write(append(before[:len(before):len(before)], "\n  \"dockerfiles\": ["...)); err != nil {
		return err
	}
	parts := make([]jsonEncoder, runtime.GOMAXPROCS(0))
	for from := 0; from < len(dockerfiles); {
		var group errgroup.Group
		for i := range parts {
			part, begin, end := &parts[i], from, min(from+atOnce, len(dockerfiles))
			for 0 < end && end < len(dockerfiles) && dockerfiles[end].Path == dockerfiles[end-1].Path {
				end++ // those of one path stay together
			}
			from = end
			group.Go(func() error { return part.elements(dockerfiles[begin:end], begin == 0) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for i := range parts {
			if _, err := w.Write(parts[i].out); err != nil {
				return err
			}
		}
	}
	_, err := w.Write(append([]byte("\n  ]"), after...))
	return err
}

// elements replaces what was added by elements of the list of Dockerfiles.
func (e *jsonEncoder) elements(files []*scanner.File, first bool) error {
	e.out = e.out[:0]
	for len(files) > 0 {
		n := ofOnePath(files)
		for _, entry := range scanFiles(files[:n]) {
			if !first {
				e.out = append(e.out, ',')
			}
			first = false
			e.out = append(e.out, "\n    "...)
			if err := e.add(entry, "    "); err != nil {
				return err
			}
		}
		files = files[n:]
	}
	return nil
}

// WriteText writes a line for every reference, under its file.
func (s *Scan) WriteText(w io.Writer) error {
	b := newPage(w)
	images := 0
	for _, file := range slices.Concat(s.Dockerfiles, s.Files) {
		title := file.Path
		if file.Target != "" {
			title += "  (target " + file.Target + ")"
		}
		b.add(b.on.Paint(screen.Strong, row(title)) + "\n")
		var rows []string
		for _, image := range file.Images {
			images++
			ref := "(unresolved) " + image.Written
			switch {
			case image.Link != nil:
				ref = *image.Link
			case image.Ref != nil:
				ref = *image.Ref
			}
			if image.Assumed {
				ref += "  (assumed)"
			}
			if image.Build != nil {
				ref += "  (" + *image.Build + ")"
			}
			rows = append(rows, row(fmt.Sprintf("  %d:%d", image.Line, image.Column), image.Kind, image.Exposure, ref))
		}
		b.table(rows, false)
	}
	paths := map[string]bool{}
	for _, file := range s.Dockerfiles {
		paths[file.Path] = true
	}
	b.sum(fmt.Sprintf("%s, %s", Count(len(paths), "Dockerfile"), Count(images, "image reference")))
	return b.end()
}

// Count is [source.Count].
func Count(n int, noun string) string { return source.Count(n, noun) }

// lacking returns names with those of more that are not among them.
func lacking(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
