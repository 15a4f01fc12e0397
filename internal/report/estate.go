package report

import (
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
)

// Estate is the document of propagate report: the base images of a repository, who lags behind, and what cannot
// be told.
type Estate struct {
	Schema   string `json:"schema"`
	Revision string `json:"revision"` // "" for a plain directory
	estate.Estate

	Registries *EstateRegistries `json:"registries"` // null where they were not asked
}

// EstateRegistries is what registries say of the estate.
type EstateRegistries struct {
	At        time.Time         `json:"at"`
	Asked     []string          `json:"asked"`
	Versions  []EstateVersion   `json:"versions"`  // by image and version
	Published []EstatePublished `json:"published"` // by path and target
	Unasked   []EstateUnasked   `json:"unasked"`   // what could not be asked, by registry
	Totals    EstateAsked       `json:"totals"`
}

// EstateAsked are the numbers of what registries say.
type EstateAsked struct {
	Versions  int `json:"versions"`   // versions in use
	Newer     int `json:"newer"`      // of these: the registry has a newer one
	UpToDate  int `json:"up_to_date"` // of these: it has none
	NotKnown  int `json:"not_known"`  // of these: it could not be asked, or nothing compares with it
	Tags      int `json:"tags"`       // versions in use with a tag that moves, or that is pinned by a digest
	Moved     int `json:"moved"`      // of these: the tag names another image than what is pinned, or than published images are based on
	Unmoved   int `json:"unmoved"`    // of these: it does not
	Untraced  int `json:"untraced"`   // of these: it cannot be told
	Published int `json:"published"`  // builds that ship another image
	Fresh     int `json:"fresh"`      // of these: what is published is based on what they name now
	Stale     int `json:"stale"`      // of these: it is not
	Absent    int `json:"absent"`     // of these: nothing is published
	Untold    int `json:"untold"`     // of these: it cannot be told
}

// EstateVersion is a version in use, as its registry sees it.
type EstateVersion struct {
	Image   string          `json:"image"`
	Version string          `json:"version"` // "" where it is not known
	Newest  OutdatedNewest  `json:"newest"`
	State   string          `json:"state"`  // "newer", "up-to-date" or "unknown"
	Time    *time.Time      `json:"time"`   // when it was pushed, or made
	Moved   *EstateMoved    `json:"moved"`  // what its tag names now, where that is another image
	Reason  *string         `json:"reason"` // why it is unknown
	Places  []OutdatedPlace `json:"places"`
}

// EstateMoved is what a tag names now.
type EstateMoved struct {
	Digest string  `json:"digest"`
	Was    *string `json:"was"`    // the pin; null where there is none
	Behind int     `json:"behind"` // builds whose published images are based on what it named before; 0 for a pin
}

// EstatePublished is what is published of a build.
type EstatePublished struct {
	Path   string        `json:"path"`
	Target string        `json:"target"`
	On     []string      `json:"on"` // what it ships, as its Dockerfile names it
	State  string        `json:"state"`
	Reason string        `json:"reason"`
	Images []EstateImage `json:"images"`
}

// EstateImage is a published image.
type EstateImage struct {
	Reference string     `json:"reference"`
	Digest    *string    `json:"digest"`
	Time      *time.Time `json:"time"`
	State     string     `json:"state"` // "fresh", "stale", "absent" or "unknown"
	Reason    string     `json:"reason"`
}

// EstateUnasked is what a registry does not say, for one reason.
type EstateUnasked struct {
	Registry string `json:"registry"`
	Images   int    `json:"images"`
	Reason   string `json:"reason"`
}

// NewEstate makes the document of an estate, without what registries say.
func NewEstate(revision string, e *estate.Estate) *Estate {
	return &Estate{Schema: "propagate/report/v1", Revision: revision, Estate: *e}
}

// AddRegistries adds what registries said at a time.
func (e *Estate) AddRegistries(found *monorepo.Outdated, published []monorepo.PublishedBuild, unasked []EstateUnasked, now time.Time) {
	r := &EstateRegistries{At: now.UTC().Truncate(time.Second), Asked: notNil(found.Asked), Versions: []EstateVersion{}, Published: []EstatePublished{}, Unasked: notNil(unasked)}
	for _, image := range NewOutdated(e.Revision, found, now, false).Images {
		for i := range image.Versions {
			r.addVersion(image, &image.Versions[i])
		}
	}
	for i := range published {
		r.addPublished(&published[i])
	}
	e.Registries = r
}

func (r *EstateRegistries) addVersion(image OutdatedImage, v *OutdatedVersion) {
	out := EstateVersion{Image: image.Image, Version: v.Version, Newest: v.Newest, State: "up-to-date", Time: v.Time, Places: v.Places}
	t := &r.Totals
	t.Versions++
	isTold := v.finding.Err == nil && v.finding.Why == "" && image.Error == nil && !v.finding.Unresolved
	switch hasNewer := v.Newest.Patch != nil || v.Newest.Minor != nil || v.Newest.Major != nil; {
	case hasNewer:
		out.State = "newer"
		t.Newer++
	case !isTold:
		out.State, out.Reason = "unknown", v.Reason
		if image.Error != nil {
			out.Reason = image.Error
		}
		t.NotKnown++
	default:
		if _, numbered := imageref.ParseTag(v.finding.Tag); !numbered {
			out.State, out.Reason = "unknown", optional("the tag says no version")
			t.NotKnown++
			break
		}
		t.UpToDate++
	}
	r.trace(&out, v)
	r.Versions = append(r.Versions, out)
}

// trace says whether a tag names another image than before, of one that moves and of one that is pinned.
func (r *EstateRegistries) trace(out *EstateVersion, v *OutdatedVersion) {
	f, t := v.finding, &r.Totals
	if f.Unresolved || f.Tag == "" || f.Digest == "" && !imageref.Follows(f.Tag) {
		return
	}
	t.Tags++
	m := v.Moved
	switch {
	case m != nil && (m.Was != nil || len(m.Behind) > 0):
		out.Moved = &EstateMoved{Digest: m.Digest, Was: m.Was, Behind: len(m.Behind)}
		t.Moved++
	case m != nil, f.Err != nil, f.Why != "", f.Unsure != "", f.Ignored != "", f.Policy.Moving == config.Leave:
		t.Untraced++ // nothing says what it named before, or it was not asked for
	default:
		t.Unmoved++
	}
}

func (r *EstateRegistries) addPublished(b *monorepo.PublishedBuild) {
	p := EstatePublished{
		Path: b.Build.Key, Target: b.Build.File.Target, On: []string{}, State: b.Stands.State.String(), Reason: source.Clean(b.Stands.Reason), Images: []EstateImage{},
	}
	for _, ref := range b.On {
		p.On = append(p.On, ref.String())
	}
	t := &r.Totals
	t.Published++
	switch {
	case b.IsAbsent():
		p.State = "absent"
		t.Absent++
	case b.Stands.State == freshness.Fresh:
		t.Fresh++
	case b.Stands.State == freshness.Stale:
		t.Stale++
	default:
		t.Untold++
	}
	for _, image := range b.Published {
		state := image.Stands.State.String()
		if image.Absent {
			state = "absent"
		}
		p.Images = append(p.Images, EstateImage{image.Reference, optional(image.Digest), timeOf(image.Time), state, source.Clean(image.Stands.Reason)})
	}
	r.Published = append(r.Published, p)
}
