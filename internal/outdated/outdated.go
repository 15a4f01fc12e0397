// Package outdated finds out which images that a repository uses have newer versions, and which
// of these its policies take. [Find] asks a [Registry] and decides; it writes nothing.
//
// # Limitations
//
// The age of a version is asked for where a policy wants one, and otherwise only if
// [Options.Ages] says so. Where a policy wants an age, the newest versions are asked one by one;
// of the older ones it is assumed that the newer is the younger.
package outdated

import (
	"context"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
)

// A Registry says what there is of an image. [registry.Client] is one.
type Registry interface {
	Tags(ctx context.Context, repository string) ([]string, error)
	Digest(ctx context.Context, reference string) (string, error)
	Image(ctx context.Context, reference string) (registry.Image, error)
}

// Options say how [Find] asks and decides.
type Options struct {
	Now      time.Time
	Parallel int  // the most images that are asked about at a time; 0 is the default
	Ages     bool // the ages of the versions in use, and of the newest ones, are asked for where something is newer
	All      bool // Finding.Candidates is filled

	// Found is called when an image has been asked about, by several goroutines; nil is not.
	Found func()

	// Published says of the builds that are on a moving tag without a digest whether what they
	// have published is based on what the tag names now, which has the digest. nil knows of none.
	Published func(ctx context.Context, use Use, digest string) (Published, error)
}

// A Use is a version of an image that references of the repository are on, under one policy.
type Use struct {
	Image      string // the repository, canonical
	Tag        string // "latest" where neither tag nor digest is written; "" where a digest alone is
	Digest     string // that is pinned; "" for none
	Policy     config.Policy
	Places     []Place // by path, line and column
	Made       bool    // a build of the repository makes the image
	Unresolved bool    // the tag is not known
	Ignored    string  // why the Dockerfiles are never edited; "" where they are

	// OnLine reports whether a tag is on the line of the references, where the image has several;
	// nil is for one that has a single line.
	OnLine func(tag string) bool
}

// Version returns what is written of tag and digest; "latest" where neither is.
func (u Use) Version() string {
	if u.Tag == "" && u.Digest == "" {
		return "latest"
	}
	return imageref.Ref{Repository: u.Image, Tag: u.Tag, Digest: u.Digest}.Version()
}

// References counts the places, each once whatever builds read it.
func (u Use) References() int {
	n := 0
	for i, p := range u.Places {
		if i == 0 || p.Path != u.Places[i-1].Path || p.Line != u.Places[i-1].Line || p.Col != u.Places[i-1].Col {
			n++
		}
	}
	return n
}

// A Place is where a reference is written that is built, and the build that reads it.
type Place struct {
	Path      string // of the file
	Line, Col int
	Written   string // the reference, as it is written

	Dockerfile string // of the build; another than Path for one inside another file
	Target     string // of the build; "" for the default one
	Shipped    bool   // its layers are in the image that the build makes
}

// An Image is what was found about an image.
type Image struct {
	Image    string
	Made     bool
	Err      error // why the registry does not list its tags; nil where it does, or was not asked
	Optional bool  // Err, and that of each finding, is a note
	Findings []Finding
}

// A Finding is what was found about a use.
type Finding struct {
	Use
	Newest [3]*Version // the newest patch, minor and major step of the same scheme; nil where there is none
	Take   *Version    // what the policy takes; nil for nothing
	Held   []Held      // why newer ones are not taken, the newest first; one for each reason and step
	Moved  *Moved      // what the tag names now, where that differs from the pin, or from what the published image was made of
	Time   time.Time   // of the version in use; zero where it is not known
	Why    string      // why it could not be judged though its registry answers; "" where it could
	Err    error       // why it could not be judged since its registry does not answer; nil where it does

	// Unsure says why it is not known whether builds have to be rebuilt for a tag that moves; ""
	// where it is known, and for any other tag.
	Unsure string

	// Candidates are all newer versions of the same scheme, the newest first, each with why it is
	// not taken. The reason is "" for the one that is, and for those that are older than that.
	Candidates []Held
}

// A Version is a tag that a registry has.
type Version struct {
	Tag  string
	Step imageref.Step
	Time time.Time // zero where it is not known, or was not asked for
}

// A Held is a newer version that is not taken.
type Held struct {
	Version
	Reason Reason
	Detail string // for a person
}

// A Reason is why a newer version is not taken.
type Reason string

// The reasons.
const (
	Level        Reason = "level"     // the step is larger than the policy takes
	TooYoung     Reason = "too-young" // it is younger than min-age, or its age is not known
	Ignored      Reason = "ignored"   // skip-versions, or the Dockerfile is never edited
	OtherVariant Reason = "variant"   // its tag is of another scheme
)

// A Moved is a tag that names another image than before.
type Moved struct {
	Digest   string        // that it names now
	Was      string        // the pin; "" where there is none
	Action   config.Moving // Pin where the digest is to be written, Rebuild where builds are to be rebuilt
	Repushed bool          // the tag is a full version, which was pushed again
	Behind   []Place       // for Rebuild: the builds whose published images are based on what the tag named before
	Bases    []Base        // for Rebuild: what those builds make that other builds are based on
}

// A Base is an image of the repository that was published on what a tag named before.
type Base struct {
	Image, Version string // as the repository says it; the version is "" where it is written nowhere
	Next           string // the version that comes after it; "" where that is not known, for a tag that moves, and where Version is to come
	Unpublished    bool   // Version is the one to come: it is written, and not published yet
	Dockerfile     string
	Target         string
}

// Published says of builds on a moving tag what their published images are based on.
type Published struct {
	Behind  []Place // those that are not based on what the tag names now
	Unknown []Place // those of which it is not known
	Why     string  // why not, of the first of these; "" for none
}

// A Result is what a finding comes to.
type Result string

// The results.
const (
	Outdated  Result = "outdated"   // there is something to take
	Newer     Result = "newer"      // there is something newer that the policy does not take
	UpToDate  Result = "up-to-date" // there is nothing newer
	NotKnown  Result = "unknown"    // it could not be judged
	LeftAlone Result = "ignored"    // its Dockerfiles are never edited
)

// Result returns what f comes to.
func (f *Finding) Result() Result {
	switch {
	case f.Ignored != "":
		return LeftAlone
	case f.Take != nil || f.Moved != nil:
		return Outdated
	case f.Why != "" || f.Err != nil:
		return NotKnown
	case len(f.Held) > 0:
		return Newer
	case f.Unsure != "":
		return NotKnown
	}
	return UpToDate
}

// Failed reports whether a reference in use could not be judged since a registry could not be
// asked, and that is no note.
func (i *Image) Failed() bool {
	if i.Optional {
		return false
	}
	for k := range i.Findings {
		f := &i.Findings[k]
		if f.Ignored == "" && f.Err != nil {
			return true
		}
	}
	return false
}
