package report

import (
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/source"
)

// Outdated is the document of propagate outdated: what registries have that is newer than the
// versions in use, and what policies take of it.
type Outdated struct {
	Schema     string          `json:"schema"`
	Revision   string          `json:"revision"`   // "" for a plain directory
	Registries []string        `json:"registries"` // that were asked
	Images     []OutdatedImage `json:"images"`
	Unresolved []OutdatedPlace `json:"unresolved"` // references of which not even the image is known
	Totals     OutdatedTotals  `json:"totals"`

	explains, whole bool
	now             time.Time
}

// OutdatedImage is an image that built references name.
type OutdatedImage struct {
	Image    string            `json:"image"`
	Made     bool              `json:"made"`     // a build of the repository makes it
	Error    *string           `json:"error"`    // why its registry cannot be asked
	Optional bool              `json:"optional"` // an error of it is a note
	Versions []OutdatedVersion `json:"versions"`
}

// OutdatedVersion is a version in use under one policy.
type OutdatedVersion struct {
	Version    string              `json:"version"` // as written: a tag, a digest or tag@digest; "latest" where neither is written, "" where it is not known
	Tag        *string             `json:"tag"`
	Digest     *string             `json:"digest"`
	References int                 `json:"references"`
	Time       *time.Time          `json:"time"` // when it was pushed, or made
	State      string              `json:"state"`
	Newest     OutdatedNewest      `json:"newest"`
	Take       *OutdatedTag        `json:"take"` // what the policy takes
	Held       []OutdatedHeld      `json:"held"` // why newer ones are not taken
	Moved      *OutdatedMoved      `json:"moved"`
	Reason     *string             `json:"reason"` // why it was not judged, or is left
	Policy     OutdatedPolicy      `json:"policy"`
	Places     []OutdatedPlace     `json:"places"`
	Candidates []OutdatedCandidate `json:"candidates,omitempty"` // with --explain: all newer versions, the newest first

	finding *outdated.Finding
}

// OutdatedNewest are the newest versions of the same scheme, by the step that they are.
type OutdatedNewest struct {
	Patch *OutdatedTag `json:"patch"`
	Minor *OutdatedTag `json:"minor"`
	Major *OutdatedTag `json:"major"`
}

// OutdatedTag is a version that a registry has.
type OutdatedTag struct {
	Tag  string     `json:"tag"`
	Step string     `json:"step"`
	Time *time.Time `json:"time"`
}

// OutdatedHeld is a newer version that is not taken.
type OutdatedHeld struct {
	OutdatedTag
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// OutdatedCandidate is a newer version, taken or not.
type OutdatedCandidate struct {
	OutdatedTag
	Taken  bool    `json:"taken"`
	Reason *string `json:"reason"` // null for one that is older than what is taken
	Detail *string `json:"detail"`
}

// OutdatedMoved is what a tag names now.
type OutdatedMoved struct {
	Digest      string          `json:"digest"`
	Was         *string         `json:"was"`          // the pin
	Action      string          `json:"action"`       // "pin" or "rebuild"
	PushedAgain bool            `json:"pushed_again"` // the tag is a full version
	Behind      []OutdatedPlace `json:"behind"`       // the builds to be rebuilt
	Bases       []OutdatedBase  `json:"bases"`        // what these make that other builds are based on
}

// OutdatedBase is an image of the repository that was published on what a tag named before.
type OutdatedBase struct {
	Image       string  `json:"image"`
	Version     *string `json:"version"`     // as the repository says it; null where it is written nowhere
	Next        *string `json:"next"`        // what run --rebuild-bases plans; null where there is nothing to plan
	Unpublished bool    `json:"unpublished"` // the version is written and not published yet
	Dockerfile  string  `json:"dockerfile"`
	Target      string  `json:"target"` // "" for the default one
}

// OutdatedPolicy is what the configuration says of the references.
type OutdatedPolicy struct {
	Level  string                   `json:"level"`
	Skip   []string                 `json:"skip_versions"`
	MinAge int64                    `json:"min_age_seconds"`
	Moving string                   `json:"moving"`
	Group  *string                  `json:"group"`
	From   map[string]OutdatedEntry `json:"from"` // by key of the configuration; one with its default is not there
}

// OutdatedEntry is an entry of "policies".
type OutdatedEntry struct {
	Images *string `json:"images"`
	Paths  *string `json:"paths"`
	Where  string  `json:"where"` // path:line:column
}

// OutdatedPlace is where a reference is written, and the build that reads it.
type OutdatedPlace struct {
	Path       string `json:"path"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Written    string `json:"written"`
	Dockerfile string `json:"dockerfile"`
	Target     string `json:"target"` // "" for the default one
}

// OutdatedTotals count versions, but for the images.
type OutdatedTotals struct {
	Images   int `json:"images"`
	Versions int `json:"versions"`
	Outdated int `json:"outdated"`
	Newer    int `json:"newer"`
	UpToDate int `json:"up_to_date"`
	Unknown  int `json:"unknown"`
	Ignored  int `json:"ignored"`
}

// NewOutdated makes the document of what was found at a time. With explains its text says of each
// version what the policy is and what was weighed.
func NewOutdated(revision string, found *monorepo.Outdated, now time.Time, explains bool) *Outdated {
	doc := &Outdated{
		Schema: "propagate/outdated/v1", Revision: revision, Registries: notNil(found.Asked), Images: []OutdatedImage{},
		Unresolved: outdatedPlaces(found.Unresolved), now: now, explains: explains,
	}
	for i := range found.Images {
		image := &found.Images[i]
		entry := OutdatedImage{Image: image.Image, Made: image.Made, Optional: image.Optional, Versions: []OutdatedVersion{}}
		if image.Err != nil {
			entry.Error = optional(source.Clean(image.Err.Error()))
		}
		for k := range image.Findings {
			f := &image.Findings[k]
			entry.Versions = append(entry.Versions, outdatedVersion(f))
			doc.Totals.count(f.Result())
		}
		doc.Images = append(doc.Images, entry)
	}
	doc.Totals.Images = len(doc.Images)
	return doc
}

func (t *OutdatedTotals) count(state outdated.Result) {
	t.Versions++
	switch state {
	case outdated.Outdated:
		t.Outdated++
	case outdated.Newer:
		t.Newer++
	case outdated.UpToDate:
		t.UpToDate++
	case outdated.NotKnown:
		t.Unknown++
	case outdated.LeftAlone:
		t.Ignored++
	}
}

func outdatedVersion(f *outdated.Finding) OutdatedVersion {
	v := OutdatedVersion{
		Version: versionOf(f), Tag: optional(f.Tag), Digest: optional(f.Digest), References: f.References(), Time: timeOf(f.Time), State: string(f.Result()),
		Newest: OutdatedNewest{outdatedTag(f.Newest[0]), outdatedTag(f.Newest[1]), outdatedTag(f.Newest[2])},
		Take:   outdatedTag(f.Take), Held: []OutdatedHeld{}, Reason: optional(whyOf(f)), Policy: outdatedPolicy(f.Policy), Places: outdatedPlaces(f.Places), finding: f,
	}
	for _, h := range f.Held {
		v.Held = append(v.Held, OutdatedHeld{*outdatedTag(&h.Version), string(h.Reason), h.Detail})
	}
	for _, c := range f.Candidates {
		v.Candidates = append(v.Candidates, OutdatedCandidate{
			OutdatedTag: *outdatedTag(&c.Version), Taken: f.Take != nil && f.Take.Tag == c.Tag, Reason: optional(string(c.Reason)), Detail: optional(c.Detail),
		})
	}
	if m := f.Moved; m != nil {
		v.Moved = &OutdatedMoved{m.Digest, optional(m.Was), string(m.Action), m.Repushed, outdatedPlaces(m.Behind), []OutdatedBase{}}
		for _, b := range m.Bases {
			v.Moved.Bases = append(v.Moved.Bases, OutdatedBase{b.Image, optional(b.Version), optional(b.Next), b.Unpublished, b.Dockerfile, b.Target})
		}
	}
	return v
}

// versionOf is the version in use; "" where it is not known.
func versionOf(f *outdated.Finding) string {
	if f.Unresolved {
		return ""
	}
	return f.Version()
}

// whyOf says why a version was not judged, or is left; "" for any other.
func whyOf(f *outdated.Finding) string {
	switch {
	case f.Ignored != "":
		return f.Ignored
	case f.Err != nil:
		return source.Clean(f.Err.Error())
	case f.Why != "":
		return f.Why
	}
	return f.Unsure
}

func outdatedTag(v *outdated.Version) *OutdatedTag {
	if v == nil {
		return nil
	}
	return &OutdatedTag{Tag: v.Tag, Step: v.Step.String(), Time: timeOf(v.Time)}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func outdatedPolicy(p config.Policy) OutdatedPolicy {
	doc := OutdatedPolicy{
		Level: max(p.Level, imageref.Patch).String(), Skip: []string{}, MinAge: int64(p.MinAge / time.Second), Moving: string(p.Moving), Group: optional(p.Group), From: map[string]OutdatedEntry{},
	}
	for _, skip := range p.Skip {
		doc.Skip = append(doc.Skip, skip.Text)
	}
	for key, said := range p.At {
		doc.From[key] = OutdatedEntry{optional(said.Images), optional(said.Paths), said.At.String()}
	}
	return doc
}

func outdatedPlaces(all []outdated.Place) []OutdatedPlace {
	places := []OutdatedPlace{}
	for _, p := range all {
		places = append(places, OutdatedPlace{p.Path, p.Line, p.Col, p.Written, p.Dockerfile, p.Target})
	}
	return places
}

// Unfold has WriteText list what is up to date, and what it would fold.
func (o *Outdated) Unfold() { o.whole = true }
