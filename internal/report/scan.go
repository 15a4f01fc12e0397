package report

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

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
}

// ScanFile is a Dockerfile in it.
type ScanFile struct {
	Path        string       `json:"path"`
	Stages      []ScanStage  `json:"stages"`
	Images      []ScanImage  `json:"images"`
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
	Version  []ScanVersion `json:"version"` // where tag and digest are written, piece by piece
	Build    *string       `json:"build"`   // path:line:column of the build that hands in what makes it so; null for the file's own
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
	for _, file := range files {
		if file.IsDockerfile() {
			doc.Dockerfiles = append(doc.Dockerfiles, scanFile(file))
		} else {
			doc.Files = append(doc.Files, scanFile(file))
		}
	}
	return doc
}

func scanFile(file *scanner.File) ScanFile {
	f := ScanFile{
		Path: file.Path, Stages: make([]ScanStage, 0, len(file.Stages)),
		Images: make([]ScanImage, 0, len(file.Refs)), Diagnostics: make([]Diagnostic, 0, len(file.Diagnostics)),
	}
	for _, stage := range file.Stages {
		s := ScanStage{Index: stage.Index, Name: stage.Name, Line: stage.Line, Base: optional(stage.Base.String()), Reachable: stage.Reachable}
		if stage.BaseStage >= 0 {
			s.BaseStage = &stage.BaseStage
		}
		f.Stages = append(f.Stages, s)
	}
	for _, ref := range file.Refs {
		version := ref.Version()
		image := ScanImage{
			Ref: optional(ref.Image.String()), Written: ref.Written, Kind: ref.Kind.String(), Exposure: ref.Exposure.String(),
			Line: ref.Pos.Line, Column: ref.Pos.Col, Version: make([]ScanVersion, 0, len(version)),
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
		f.Images = append(f.Images, image)
	}
	for _, d := range file.Diagnostics {
		f.Diagnostics = append(f.Diagnostics, Diagnostic{
			Severity: d.Severity.String(), Code: string(d.Code), Line: d.Pos.Line, Column: d.Pos.Col, Message: d.Message, Hint: optional(d.Hint), Ignored: d.Ignored,
		})
	}
	return f
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
	for i, file := range files {
		if i > 0 || !first {
			e.out = append(e.out, ',')
		}
		e.out = append(e.out, "\n    "...)
		if err := e.add(scanFile(file), "    "); err != nil {
			return err
		}
	}
	return nil
}

// WriteText writes a line for every reference, under its file.
func (s *Scan) WriteText(w io.Writer) error {
	var rows []string
	images := 0
	for _, file := range slices.Concat(s.Dockerfiles, s.Files) {
		rows = append(rows, row(file.Path))
		for _, image := range file.Images {
			images++
			ref := "(unresolved) " + image.Written
			if image.Ref != nil {
				ref = *image.Ref
			}
			if image.Build != nil {
				ref += "  (" + *image.Build + ")"
			}
			rows = append(rows, row(fmt.Sprintf("  %d:%d", image.Line, image.Column), image.Kind, image.Exposure, ref))
		}
	}
	if err := columns(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s, %s\n", Count(len(s.Dockerfiles), "Dockerfile"), Count(images, "image reference"))
	return err
}

// Count is [source.Count].
func Count(n int, noun string) string { return source.Count(n, noun) }
