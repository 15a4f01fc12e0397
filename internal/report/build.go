package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/internal/engine"
)

// Build is the document of propagate build: what became of each build.
type Build struct {
	Schema   string      `json:"schema"`
	Revision string      `json:"revision"` // "" for a plain directory
	Engine   string      `json:"engine"`   // what was run
	Push     bool        `json:"push"`
	Builds   []BuildRow  `json:"builds"` // by wave
	Totals   BuildTotals `json:"totals"`
}

// BuildRow is one build in it.
type BuildRow struct {
	Name   string       `json:"name"` // of the target in the bake file
	Path   string       `json:"path"`
	Target string       `json:"target"`
	Image  string       `json:"image"` // the repository that it makes, "" where that is not known
	Tags   []string     `json:"tags"`
	Wave   int          `json:"wave"`
	State  engine.State `json:"state"`
	Digest *string      `json:"digest"` // null where it is not known
	Reason string       `json:"reason"`
}

// BuildTotals counts the builds by what became of them.
type BuildTotals struct {
	Built    int `json:"built"`
	Pushed   int `json:"pushed"`
	Present  int `json:"present"`
	Failed   int `json:"failed"`
	NotBuilt int `json:"not_built"`
}

// Built makes the document of what an engine has done: the results are those of [Affected.Targets], in their order.
func (a *Affected) Built(revision, program string, push bool, results []engine.Result) *Build {
	doc := &Build{Schema: "propagate/build/v1", Revision: revision, Engine: program, Push: push, Builds: []BuildRow{}}
	at := 0
	for _, j := range a.jobs {
		for i, build := range j.builds {
			r := results[at]
			at++
			row := BuildRow{
				Name: j.names[i], Path: j.File.Path, Target: build.Target, Image: j.image(build), Tags: notNil(j.tags(i)), Wave: j.Wave,
				State: r.State, Reason: r.Reason,
			}
			if r.Digest != "" {
				row.Digest = &r.Digest
			}
			doc.Builds = append(doc.Builds, row)
			doc.Totals.count(r.State)
		}
	}
	return doc
}

func (t *BuildTotals) count(state engine.State) {
	switch state {
	case engine.Built:
		t.Built++
	case engine.Pushed:
		t.Pushed++
	case engine.Present:
		t.Present++
	case engine.Failed:
		t.Failed++
	case engine.NotBuilt:
		t.NotBuilt++
	}
}

// WriteText writes a line for each build, and how many there are of each kind.
func (b *Build) WriteText(w io.Writer) error {
	if len(b.Builds) == 0 {
		_, err := io.WriteString(w, "nothing to build\n")
		return err
	}
	rows := []string{row("STATE", "IMAGE", "DIGEST", "DOCKERFILE")}
	for _, r := range b.Builds {
		digest := "-"
		if r.Digest != nil {
			digest = *r.Digest
		}
		about := r.Path + target(r.Target)
		if r.Reason != "" {
			about += ": " + r.Reason
		}
		rows = append(rows, row(string(r.State), cmp.Or(strings.Join(r.Tags, " "), r.Image, "-"), digest, about))
	}
	p := newPage(w)
	p.table(rows, true)
	p.sum(b.Totals.String())
	return p.end()
}

// String says the totals in a line, without what there is none of.
func (t BuildTotals) String() string {
	var parts []string
	for _, of := range []struct {
		n    int
		what engine.State
	}{{t.Pushed, engine.Pushed}, {t.Built, engine.Built}, {t.Present, "present already"}, {t.Failed, engine.Failed}, {t.NotBuilt, "not built"}} {
		if of.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", of.n, of.what))
		}
	}
	return strings.Join(parts, ", ")
}
