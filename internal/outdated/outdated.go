// Package outdated finds out which images that a repository uses have newer versions, and which
// of these its policies take.
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
	IsOptional(repository string) bool
}

// A Use is a version of an image that references of the repository are on, under one policy.
type Use struct {
	Image      string // the repository, canonical
	Tag        string // "" where a digest alone is written
	Digest     string // that is pinned; "" for none
	Policy     config.Policy
	Places     []Place // by path and line
	Made       bool    // a build of the repository makes the image
	Unresolved bool    // the tag is not known
}

// A Place is where a reference is written that is built.
type Place struct {
	Path   string
	Line   int
	Target string // of the build; "" for the default one
}

// An Image is what was found about an image.
type Image struct {
	Image    string
	Made     bool
	Err      error // why its registry cannot be asked; nil where it can
	Optional bool  // Err is a note
	Findings []Finding
}

// A Finding is what was found about a use.
type Finding struct {
	Use
	Newest [3]*Version // the newest patch, minor and major step of the same scheme; nil where there is none
	Take   *Version    // what the policy takes; nil for nothing
	Held   []Held      // why newer ones are not taken, the newest first
	Moved  *Moved      // what the tag names now, where that differs from the pin, or from what the published image was made of
	Time   time.Time   // of the version in use; zero where it is not known
	Why    string      // why it could not be judged; "" where it could
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
	Digest string        // that it names now
	Was    string        // the pin; "" where there is none
	Action config.Moving // what the policy says
}
