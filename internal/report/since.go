package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
)

// SinceRevision is what is compared with, in the document of propagate affected.
type SinceRevision struct {
	Revision string `json:"revision"` // as it was named
	Commit   string `json:"commit"`   // the merge base, if that was asked for
	Changed  int    `json:"changed"`  // files that differ
}

// Because is one reason for a build to be run again.
type Because struct {
	Why         string `json:"why"`                   // "dockerfile", "build", "ignore-file", "context", "base" or "unknown"
	Path        string `json:"path"`                  // the file that differs or says how it is built, or the Dockerfile of the base
	Change      string `json:"change,omitempty"`      // "added", "removed", "content" or "mode"
	More        int    `json:"more,omitempty"`        // how many other files that differ the instruction takes
	File        string `json:"file,omitempty"`        // where the instruction stands
	Line        int    `json:"line,omitempty"`        // likewise
	Instruction string `json:"instruction,omitempty"` // that takes the file
	Image       string `json:"image,omitempty"`       // the base, as it is named
	Detail      string `json:"detail,omitempty"`
}

// AddSince adds why each build is run again. The plan is one that s was added to.
func (a *Affected) AddSince(s *monorepo.Since) {
	a.Since = &SinceRevision{Revision: s.Revision, Commit: s.Commit, Changed: len(s.Changed)}
	if a.Bases == nil {
		a.Bases = []Base{}
	}
	builds := touched(s)
	for i := range a.Dockerfiles {
		f := &a.Dockerfiles[i]
		shared := 0 // rows of its Dockerfile
		for _, other := range a.Dockerfiles {
			if other.Path == f.Path {
				shared++
			}
		}
		for _, node := range builds {
			if node.Key != f.Path || shared > 1 && node.File.Target != f.Target {
				continue
			}
			for _, b := range s.Builds[node].Because {
				if reason := reasonOf(b); !slices.Contains(f.Because, reason) {
					f.Because = append(f.Because, reason)
				}
			}
		}
	}
}

// touched returns the builds that are run again, in a fixed order.
func touched(s *monorepo.Since) []*graph.Node {
	var builds []*graph.Node
	for node := range s.Builds {
		builds = append(builds, node)
	}
	slices.SortFunc(builds, func(a, b *graph.Node) int { return int(a.ID() - b.ID()) })
	return builds
}

func reasonOf(b monorepo.Because) Because {
	return Because{
		Why: string(b.Why), Path: b.Path, Change: b.Change, More: b.More, File: b.Pos.Path, Line: b.Pos.Line,
		Instruction: b.Instruction, Image: b.Image, Detail: b.Detail,
	}
}

// heading is that of the column for reasons.
func (s *SinceRevision) heading() string {
	if s == nil {
		return ""
	}
	return "BECAUSE"
}

// sum says in one line what it comes to.
func (s *SinceRevision) sum(rebuilt int) string {
	return fmt.Sprintf("%s to rebuild; %s since commit %.12s\n", Count(rebuilt, "Dockerfile"), differ(s.Changed), s.Commit)
}

func differ(n int) string {
	if n == 1 {
		return "1 file differs"
	}
	return fmt.Sprintf("%d files differ", n)
}

// because is the first reason, and how many more there are.
func because(all []Because) string {
	if len(all) == 0 {
		return ""
	}
	text := all[0].Path
	if all[0].Why == string(monorepo.WhyBase) {
		text = "based on " + text
	}
	more := all[0].More
	for _, b := range all[1:] {
		more += 1 + b.More
	}
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// says is a reason as a sentence of its own.
func says(b monorepo.Because) string {
	text := b.Path
	if b.Change != "" {
		text += " (" + b.Change + ")"
	}
	if b.More > 0 {
		text += fmt.Sprintf(" and %d more", b.More)
	}
	switch b.Why {
	case monorepo.WhyDockerfile:
		text = "its Dockerfile differs: " + text
	case monorepo.WhyBuild:
		text = "it is built otherwise: " + text
	case monorepo.WhyIgnore:
		text = "what its context leaves out differs: " + text
	case monorepo.WhyContext:
		text = "it takes " + text
	case monorepo.WhyBase:
		text = "it is based on " + text
		if b.Image != "" {
			text += ", as " + b.Image
		}
	case monorepo.WhyUnknown:
		text = "it cannot be told"
	}
	if b.Pos.Line > 0 {
		text += ", " + source.Pos{Path: b.Pos.Path, Line: b.Pos.Line}.String()
	}
	if b.Instruction != "" {
		text += ": " + b.Instruction
	}
	if b.Detail != "" {
		text += " (" + b.Detail + ")"
	}
	return Clean(text)
}

// SinceExplanation says why builds are run again, of one path: a Dockerfile, or a file that differs.
type SinceExplanation struct {
	since *monorepo.Since
	about string
	own   []*graph.Node // the builds of the path, if it is a Dockerfile
	waves map[*graph.Node]int
}

// ExplainSince explains a path of g. ok is false for one that is no Dockerfile and does not differ.
func (a *Affected) ExplainSince(s *monorepo.Since, g *graph.Graph, about string) (_ *SinceExplanation, ok bool) {
	e := &SinceExplanation{since: s, about: path.Clean(about), waves: map[*graph.Node]int{}}
	for _, node := range g.Builds() {
		if node.Key == e.about && node.File.IsDockerfile() {
			e.own = append(e.own, node)
		}
	}
	for _, j := range a.jobs {
		e.waves[j.Node] = j.Wave
	}
	_, differs := e.change()
	return e, differs || len(e.own) > 0
}

// change returns what became of the path.
func (e *SinceExplanation) change() (kind string, ok bool) {
	for _, c := range e.since.Changed {
		if c.Path == e.about {
			return c.Kind(), true
		}
	}
	return "", false
}

// WriteText writes the reasons of a Dockerfile, down to the files that differ, and who takes a file.
func (e *SinceExplanation) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, node := range e.own {
		if e.since.Builds[node] == nil {
			fmt.Fprintf(&b, "%s is not rebuilt: of the %s since commit %.12s it takes none\n", name(node), strings.Replace(Count(len(e.since.Changed), "file"), "file", "changed file", 1), e.since.Commit)
			continue
		}
		fmt.Fprintf(&b, "%s is rebuilt in wave %d:\n", name(node), e.waves[node])
		e.reasons(&b, node, "  ", map[*graph.Node]bool{})
	}
	if kind, ok := e.change(); ok {
		e.takers(&b, kind)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// reasons writes the reasons of a build, and below them those of what it is based on.
func (e *SinceExplanation) reasons(b *strings.Builder, node *graph.Node, indent string, seen map[*graph.Node]bool) {
	if seen[node] {
		return
	}
	seen[node] = true
	for _, reason := range e.since.Builds[node].Because {
		fmt.Fprintf(b, "%s%s\n", indent, says(reason))
		if reason.Base != nil {
			e.reasons(b, reason.Base, indent+"  ", seen)
		}
	}
}

// takers writes the builds that are run again for a file, and those that are based on them.
func (e *SinceExplanation) takers(b *strings.Builder, kind string) {
	builds := touched(e.since)
	isFor := map[*graph.Node]bool{}
	var lines []string
	for _, node := range builds {
		for _, reason := range e.since.Builds[node].Because {
			if reason.Path == e.about && reason.Base == nil {
				isFor[node] = true
				lines = append(lines, fmt.Sprintf("  %s: %s\n", name(node), says(reason)))
			}
		}
	}
	for known := -1; known < len(isFor); {
		known = len(isFor)
		for _, node := range builds {
			for _, reason := range e.since.Builds[node].Because {
				if reason.Base != nil && isFor[reason.Base] && !isFor[node] {
					isFor[node] = true
					lines = append(lines, fmt.Sprintf("  %s: %s\n", name(node), says(reason)))
				}
			}
		}
	}
	if len(lines) == 0 {
		fmt.Fprintf(b, "%s (%s) is taken by no build\n", Clean(e.about), kind)
		return
	}
	fmt.Fprintf(b, "for %s (%s) there is to rebuild:\n%s", Clean(e.about), kind, strings.Join(lines, ""))
}

// name is what a build is called.
func name(node *graph.Node) string { return Clean(node.Key + target(node.File.Target)) }
