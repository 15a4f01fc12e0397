package scanner

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/matihlabs/propagate/internal/source"
)

// templateMark is what template languages put where a value goes: Go, Jinja and
// Handlebars, ERB and EJS, m4 and autoconf, and the %%NAME%% of home-made ones.
var templateMark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{|\{%|<%|%%[A-Za-z_]+%%|@[A-Z_]+@|\bm4_`) })

// template recognises a template that is called like a Dockerfile: a line that
// BuildKit does not understand holds the mark of one. It says so once, instead of
// one error for each of its lines; what else the file refers to stays.
func (f *File) template(src []byte) {
	if len(f.Diagnostics) == 0 {
		return // as of nearly all files
	}
	lines := bytes.Split(src, []byte("\n"))
	at := slices.IndexFunc(f.Diagnostics, func(d Diagnostic) bool {
		return d.Severity == Error && 0 < d.Pos.Line && d.Pos.Line <= len(lines) && templateMark().Match(lines[d.Pos.Line-1])
	})
	if at < 0 {
		return
	}
	pos := f.Diagnostics[at].Pos
	f.Diagnostics = slices.DeleteFunc(f.Diagnostics, func(d Diagnostic) bool { return d.Severity == Error })
	f.diagnose(source.CodeTemplate, Error, pos, fmt.Sprintf("it is a template (%q): what it becomes is not known", templateMark().Find(lines[pos.Line-1])),
		"give it an ending such as .tmpl, or name it in dockerfiles.exclude of .propagate.yaml")
}

// maxDiagnostics bounds what is said of one file.
const maxDiagnostics = 20

// limit cuts the diagnostics of a file that is wrong from end to end;
// errors are kept before warnings.
func (f *File) limit() {
	if more := len(f.Diagnostics) - maxDiagnostics; more > 0 {
		slices.SortStableFunc(f.Diagnostics, func(a, b Diagnostic) int { return cmp.Compare(b.Severity, a.Severity) })
		last := f.Diagnostics[maxDiagnostics-1]
		f.Diagnostics = f.Diagnostics[:maxDiagnostics-1]
		f.diagnose(source.CodeMoreProblems, last.Severity, last.Pos, fmt.Sprintf("and %d more problems", more+1), "")
	}
}
