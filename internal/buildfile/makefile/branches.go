package makefile

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// branches are those of ifeq and the like that a reading of a Makefile takes. Which of them make
// takes is not known, so a file that has some is read in each of these ways.
type branches uint8

const (
	allBranches   branches = iota // one after the other
	firstBranches                 // none behind else
	elseBranches                  // only what is behind else
)

// conditional follows the words of conditions, and reports whether a line is one or is in a branch
// that is not taken.
func (p *makeParser) conditional(t trace.Text, words []string) bool {
	if n := len(p.skipped); len(words) > 0 && t.S[0] != '\t' {
		switch words[0] {
		case "ifeq", "ifneq", "ifdef", "ifndef":
			p.branched = true
			p.skipped = append(p.skipped, p.taken == elseBranches)
			return true
		case "else":
			if n > 0 {
				p.skipped[n-1] = p.taken == firstBranches
			}
			return true
		case "endif":
			p.skipped = p.skipped[:max(n-1, 0)]
			return true
		}
	}
	return slices.Contains(p.skipped, true)
}

// others reads a file in the other branches. It returns the builds without an unknown part, except those that the known
// builds say already.
func (m *makefile) others(f *trace.File, o shell.Others, known []reading.Build) []reading.Build {
	if !m.branched {
		return nil
	}
	var others []reading.Build
	for _, taken := range []branches{firstBranches, elseBranches} {
		other := newMakefile(m.tree, m.dir)
		other.taken, other.Left = taken, m.Left
		other.parse(f)
		run := shell.NewRun(m.tree, o)
		run.Left = min(run.Left, other.Left)
		other.follow(run, func(trace.Text, error) {})
		for _, b := range run.Builds {
			isSaid := func(known reading.Build) bool { return says(known, b) }
			isOpen := slices.ContainsFunc(b.Texts(), func(t trace.Text) bool { return strings.Contains(t.S, reading.Unknown) })
			if !isOpen && !slices.ContainsFunc(known, isSaid) && !slices.ContainsFunc(others, isSaid) && len(known)+len(others) < reading.MaxBuilds {
				others = append(others, b)
			}
		}
	}
	return others
}

// says reports whether a build that is known has all texts of another one.
func says(known, b reading.Build) bool {
	if known.Where != b.Where || known.Dockerfile != b.Dockerfile || len(known.Args) != len(b.Args) {
		return false
	}
	texts := known.Texts()
	return !slices.ContainsFunc(b.Texts(), func(t trace.Text) bool {
		return !slices.ContainsFunc(texts, func(k trace.Text) bool { return k.S == t.S })
	})
}
