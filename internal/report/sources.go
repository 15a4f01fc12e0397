package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile"
)

// Sources are the files that were read for builds.
type Sources []ScanSource

// ScanSource is one of them.
type ScanSource struct {
	Path        string             `json:"path"`
	Kind        string             `json:"kind"`
	Builds      int                `json:"builds"`      // that it says
	Values      int                `json:"values"`      // places in it where builds have a value
	Diagnostics []SourceDiagnostic `json:"diagnostics"` // what in it is not understood
	Runs        []SourceRun        `json:"runs"`        // services that run an image which is not built in it
}

// SourceRun is a service of a compose file that runs an image, or a job of a pipeline that runs in one.
type SourceRun struct {
	Service string `json:"service"`
	Image   string `json:"image"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	who     string // in a sentence
}

// SourceDiagnostic is a problem of a build file.
type SourceDiagnostic struct {
	Code    string `json:"code"`
	Line    int    `json:"line"`   // 0 when only the file is known
	Column  int    `json:"column"` // 0 when only the line is known
	Message string `json:"message"`
}

// place returns the line and the column, as far as they are known, and the space behind them.
func (d SourceDiagnostic) place() string {
	switch {
	case d.Line == 0:
		return ""
	case d.Column == 0:
		return fmt.Sprintf("%d  ", d.Line)
	}
	return fmt.Sprintf("%d:%d  ", d.Line, d.Column)
}

// NewSources makes the list.
func NewSources(sources []buildfile.Source) Sources {
	all := make(Sources, 0, len(sources))
	for _, s := range sources {
		one := ScanSource{Path: s.Path, Kind: s.Kind, Builds: s.Builds, Values: s.Values, Diagnostics: make([]SourceDiagnostic, 0, len(s.Problems)), Runs: make([]SourceRun, 0, len(s.Runs))}
		for _, use := range s.Runs {
			one.Runs = append(one.Runs, SourceRun{use.Service, use.Image.S, use.Pos.Line, use.Pos.Col, use.Who()})
		}
		for _, p := range s.Problems {
			one.Diagnostics = append(one.Diagnostics, SourceDiagnostic{Code: string(p.Code), Line: p.Pos.Line, Column: p.Pos.Col, Message: p.Message})
		}
		all = append(all, one)
	}
	return all
}

// WriteText writes a line for each file, with what in it is not understood and what its services run below.
func (s Sources) WriteText(w io.Writer) error {
	var out strings.Builder
	builds, problems := 0, 0
	for _, f := range s {
		gave := "nothing"
		if f.Builds+f.Values > 0 {
			gave = Count(f.Builds, "build") + ", " + Count(f.Values, "value")
		}
		fmt.Fprintf(&out, "%s  %s: %s\n", Clean(f.Path), f.Kind, gave)
		for _, d := range f.Diagnostics {
			fmt.Fprintf(&out, "  %s%s [%s]\n", d.place(), Clean(d.Message), d.Code)
		}
		for _, r := range f.Runs {
			fmt.Fprintf(&out, "  %d:%d  %s runs %s\n", r.Line, r.Column, r.who, Clean(r.Image))
		}
		builds += f.Builds
		problems += len(f.Diagnostics)
	}
	fmt.Fprintf(&out, "%s, %s, %d not understood\n", Count(len(s), "file"), Count(builds, "build"), problems)
	_, err := io.WriteString(w, out.String())
	return err
}
