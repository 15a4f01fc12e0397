package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Status is the document of propagate status: how far the rollout of bases has come.
type Status struct {
	Schema   string        `json:"schema"`
	Revision string        `json:"revision"` // "" for a plain directory
	Bases    []StatusBase  `json:"bases"`
	Forge    *string       `json:"forge"` // why nothing is known of pull requests; null where it is
	Builds   []StatusBuild `json:"builds"`
	Totals   StatusTotals  `json:"totals"`

	whole bool
}

// StatusBase is a base with its new version.
type StatusBase struct {
	Base
	Published *time.Time `json:"published"` // when the version was published, or made
	Reason    *string    `json:"reason"`    // why nothing can be compared with it
}

// StatusBuild is a build that depends on a base.
type StatusBuild struct {
	Base         string            `json:"base"` // as IMAGE@VERSION
	Path         string            `json:"path"`
	InlineIn     string            `json:"inline_in,omitempty"`
	Target       string            `json:"target"`
	Name         string            `json:"name"`
	Role         string            `json:"role"`
	Exposure     string            `json:"exposure"`
	Wave         int               `json:"wave"`
	Current      string            `json:"current"` // the version on the branch that was read
	Action       string            `json:"action"`
	Reason       string            `json:"reason"`
	WaitsFor     []string          `json:"waits_for"`
	Merged       *bool             `json:"merged"` // null where there is nothing to merge
	Pull         *StatusPull       `json:"pull"`
	Published    []StatusPublished `json:"published"`
	Patched      *bool             `json:"patched"` // whether what is published stands on the base; null where nothing tells
	Why          string            `json:"why"`
	ExposedSince *time.Time        `json:"exposed_since"` // when the version was published that is missing
	Stage        string            `json:"stage"`
}

// StatusPull is the pull request of a build.
type StatusPull struct {
	Pull
	State  string   `json:"state"`
	Checks *string  `json:"checks"` // of one that is open
	Failed []string `json:"failed"` // the checks that failed
}

// StatusPublished is an image that a build is published as.
type StatusPublished struct {
	Reference string     `json:"ref"`
	Digest    *string    `json:"digest"`
	Time      *time.Time `json:"time"`
	State     string     `json:"state"` // "fresh", "stale", "unknown", or "absent"
	Reason    string     `json:"reason"`
}

// StatusTotals count the builds, by how far they are. Builds are those that the rollout is to reach, and the
// others but Excluded come to it.
type StatusTotals struct {
	Builds        int `json:"builds"`
	Patched       int `json:"patched"`
	ChecksPending int `json:"checks_pending"`
	ChecksFailed  int `json:"checks_failed"`
	Unmerged      int `json:"unmerged"`
	Unpublished   int `json:"unpublished"`
	Unknown       int `json:"unknown"`
	Waiting       int `json:"waiting"`
	NoPull        int `json:"no_pull_request"`
	Closed        int `json:"closed"`
	Left          int `json:"left"`
	Excluded      int `json:"excluded"`
}

// NewStatus makes the document.
func NewStatus(revision string, s *monorepo.Status) *Status {
	doc := &Status{Schema: "propagate/status/v1", Revision: revision, Bases: []StatusBase{}, Forge: optional(s.NoForge), Builds: []StatusBuild{}}
	for _, base := range s.Bases {
		doc.Bases = append(doc.Bases, StatusBase{Base: Base{Image: base.Image, Version: base.Version()}, Published: timeOf(base.Published), Reason: optional(base.Why)})
	}
	for i := range s.Builds {
		b := &s.Builds[i]
		doc.Builds = append(doc.Builds, statusBuild(b, doc.Bases[b.Base]))
		*doc.Totals.of(b)++
	}
	doc.Totals.Builds = len(doc.Builds) - doc.Totals.Excluded
	return doc
}

func statusBuild(b *monorepo.StatusBuild, base StatusBase) StatusBuild {
	row := StatusBuild{
		Base: base.Image + "@" + base.Version, Path: b.File.Path, InlineIn: inlineIn(b.File), Target: b.File.Target, Name: b.Name, Role: b.Role(), Exposure: b.Exposure.String(), Wave: b.Wave,
		Current: b.Current, Action: b.Action.String(), Reason: string(b.Reason), WaitsFor: notNil(b.WaitsFor),
		Merged: b.Merged, Published: []StatusPublished{}, Why: b.Stands.Reason, ExposedSince: timeOf(b.Exposed), Stage: string(b.Stage),
	}
	if exposed, known := b.IsExposed(); known {
		patched := !exposed
		row.Patched = &patched
	}
	if p := b.Pull; p != nil {
		row.Pull = &StatusPull{Pull: Pull{Number: p.Number, URL: p.URL}, State: p.State.String(), Failed: notNil(p.Failed)}
		if p.State == forge.Open {
			row.Pull.Checks = optional(p.Checks)
		}
	}
	for _, p := range b.Published {
		state := p.Stands.State.String()
		if p.Absent {
			state = "absent"
		}
		row.Published = append(row.Published, StatusPublished{p.Reference, optional(p.Digest), timeOf(p.Time), state, p.Stands.Reason})
	}
	return row
}

// of returns the count that a build belongs to.
func (t *StatusTotals) of(b *monorepo.StatusBuild) *int {
	if !b.IsAsked() {
		return &t.Excluded
	}
	return map[monorepo.Stage]*int{
		monorepo.Patched: &t.Patched, monorepo.ChecksPending: &t.ChecksPending, monorepo.ChecksFailed: &t.ChecksFailed, monorepo.Unmerged: &t.Unmerged,
		monorepo.Unpublished: &t.Unpublished, monorepo.Untold: &t.Unknown, monorepo.Waits: &t.Waiting, monorepo.NotBegun: &t.NoPull,
		monorepo.ClosedByHand: &t.Closed, monorepo.Left: &t.Left,
	}[b.Stage]
}

// IsPatched reports whether all that the rollout is to reach is patched.
func (s *Status) IsPatched() bool { return s.Totals.Patched == s.Totals.Builds }

// Sum says in one line how far the rollout is: "37 of 41 patched, 3 waiting for checks, 1 closed by a person".
func (s *Status) Sum() string {
	t := s.Totals
	if t.Builds+t.Excluded == 0 {
		return "nothing depends on it"
	}
	text := fmt.Sprintf("%d of %d patched", t.Patched, t.Builds)
	noPull := "without a pull request"
	if s.Forge != nil {
		noPull = "not merged"
	}
	for _, part := range []struct {
		n    int
		says string
	}{
		{t.ChecksPending, "waiting for checks"}, {t.ChecksFailed, "with failed checks"}, {t.Unmerged, "to be merged"}, {t.Unpublished, "to be published"},
		{t.Unknown, "merged, and not known as published"}, {t.Waiting, "waiting for a derived base"}, {t.NoPull, noPull}, {t.Closed, "closed by a person"}, {t.Left, "left for a person"},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.says)
		}
	}
	if t.Excluded > 0 {
		text += fmt.Sprintf("; %d more never edited", t.Excluded)
	}
	return text
}

// Unfold has WriteText say the reasons of all rows.
func (s *Status) Unfold() { s.whole = true }

// stageText says for a person how far a build is.
func (b *StatusBuild) stageText() string {
	switch monorepo.Stage(b.Stage) {
	case monorepo.Patched:
		return "patched"
	case monorepo.ChecksPending:
		return "waiting for checks"
	case monorepo.ChecksFailed:
		return "checks failed: " + Names(b.Pull.Failed)
	case monorepo.Unmerged:
		return "to be merged"
	case monorepo.Unpublished:
		return "to be published"
	case monorepo.Untold:
		return "merged, and not known as published"
	case monorepo.Waits:
		return "waits for " + Names(shortReferences(b.WaitsFor))
	case monorepo.NotBegun:
		return "not merged"
	case monorepo.ClosedByHand:
		return "closed by a person"
	}
	return "left: " + b.Reason
}

// cells are the columns of a row behind its path, as text and Markdown have them.
func (b *StatusBuild) cells(noForge bool) (version, pull, checks, merged, published, exposed string) {
	version, pull, checks, merged, published = b.Current, "none", "", "no", "unknown"
	switch {
	case noForge:
		pull, checks = "unknown", "unknown"
	case b.Pull != nil:
		pull = fmt.Sprintf("#%d %s", b.Pull.Number, b.Pull.State)
		if b.Pull.Checks != nil {
			checks = *b.Pull.Checks
		}
	}
	switch {
	case b.Merged == nil:
		merged = "-"
	case *b.Merged:
		merged = "yes"
	}
	switch {
	case b.Patched != nil && *b.Patched:
		published, exposed = "patched", "no"
	case b.Patched != nil:
		published, exposed = "not patched", "yes"
		if b.ExposedSince != nil {
			exposed = "since " + b.ExposedSince.UTC().Format("2006-01-02 15:04")
		}
	case len(b.Published) > 0 && !slices.ContainsFunc(b.Published, func(p StatusPublished) bool { return p.State != "absent" }):
		published, exposed = "no", "no"
	default:
		exposed = "unknown"
	}
	return version, pull, dash(checks), merged, published, exposed
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// headings are those of the columns.
var headings = []string{"EXPOSURE", "ON", "PULL REQUEST", "CHECKS", "MERGED", "PUBLISHED", "EXPOSED", "STAGE", "BUILD"}

// baseText says of a base what is known of it.
func (b StatusBase) text() string {
	text := b.Image + "@" + b.Version
	switch {
	case b.Published != nil:
		text += ", published " + b.Published.UTC().Format("2006-01-02 15:04 UTC")
	case b.Reason != nil:
		text += ": " + *b.Reason
	}
	return text
}

// unknowns says once what is not known of any row.
func (s *Status) unknowns() []string {
	var all []string
	if s.Forge != nil {
		all = append(all, "pull requests are unknown: "+*s.Forge)
	}
	return all
}

// reasons are why builds are not patched, of those whose reason is none of all of them.
func (b *StatusBuild) reason() string {
	if b.Stage == string(monorepo.Patched) {
		return ""
	}
	for _, p := range b.Published {
		if p.State == freshness.Stale.String() || p.State == freshness.Unknown.String() || p.State == "absent" {
			return strings.TrimPrefix(p.Reference, "docker.io/") + ": " + p.Reason
		}
	}
	return b.Why
}
