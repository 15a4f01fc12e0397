package cli

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// What the runner of GitHub Actions reads besides the output: annotations, which are lines
// of it, and a summary for the page of the job (GitHub docs, "Workflow commands for GitHub
// Actions").

// annotate makes a failure an annotation, of the file and the line that it is about, if it
// is about one.
func (a *App) annotate(pos source.Pos, text, hint string) {
	if !a.inWorkflow() || a.commands == nil {
		return
	}
	a.failures = append(a.failures, text)
	if hint != "" {
		text += "\nhint: " + hint
	}
	// Standard error that takes nothing leaves nowhere to say so.
	_, _ = a.commands.Write([]byte(annotation(pos, a.masked.Text(text)) + "\n"))
}

// annotation is the command for one.
func annotation(pos source.Pos, text string) string {
	properties := "title=propagate"
	if pos.Path != "" {
		properties = "file=" + commandProperty.Replace(source.Clean(pos.Path))
		if pos.Line > 0 {
			properties += ",line=" + strconv.Itoa(pos.Line)
		}
		if pos.Col > 0 {
			properties += ",col=" + strconv.Itoa(pos.Col)
		}
		properties += ",title=propagate"
	}
	// A line with "##[" is read as a command of the old form.
	return "::error " + strings.ReplaceAll(properties+"::"+commandData.Replace(text), "##[", "#?[")
}

// What the runner takes for the end of a line, or of a property.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// placeOf returns the place that an error is about, and its text without it.
func placeOf(err error, text string) (source.Pos, string) {
	var placed *source.Error
	if errors.As(err, &placed) && placed.Pos.Path != "" {
		if rest, ok := strings.CutPrefix(text, placed.Pos.String()+": "); ok {
			return placed.Pos, rest
		}
	}
	return source.Pos{}, text
}

// summarize writes the summary of a plan, or of what became of it.
func (a *App) summarize(doc *report.Plan) {
	if !a.inWorkflow() {
		return
	}
	var b strings.Builder
	_ = doc.WriteMarkdown(&b, a.Now()) // a strings.Builder takes everything
	a.appendSummary(b.String())
}

// summarizeFailure writes the summary of a run that ended without one.
func (a *App) summarizeFailure() {
	if a.inWorkflow() && !a.summarized && len(a.failures) > 0 {
		a.appendSummary(report.FailureMarkdown(a.failures))
	}
}

func (a *App) appendSummary(text string) {
	a.summarized = true
	name := a.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = file.WriteString(a.masked.Text(text))
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		a.notef("note: the summary of the job cannot be written: %v", err)
	}
}
