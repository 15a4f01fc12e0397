package scanner

import (
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A File is a Dockerfile and what it depends on.
type File struct {
	Path        string // slash-separated, relative to the root of the scan
	Src         []byte // as read; never changed
	Target      string // the stage that is shipped, as it was asked for; "" is the last
	Stages      []Stage
	Refs        []*Ref // by stage, line and column; the syntax directive comes first
	Diagnostics []Diagnostic

	// Unreadable says that the file could not be read as a Dockerfile at all;
	// Diagnostics has the reason.
	Unreadable bool
}

// A Stage is a build stage, begun by FROM.
type Stage struct {
	Index     int
	Name      string // lower case, as BuildKit compares it; "" if it has none
	Line      int    // 1-based line of the FROM
	Base      imageref.Ref
	BaseStage int  // index of the stage it stands on, -1 if none
	Reachable bool // whether a build of the target builds it
}

// Kind is the instruction that holds a reference.
type Kind uint8

// The kinds of reference.
const (
	From      Kind = iota + 1 // FROM image
	CopyFrom                  // COPY --from=image
	MountFrom                 // RUN --mount=from=image
	Onbuild                   // either of these two behind ONBUILD
	Syntax                    // # syntax=image
)

// String returns the name that the JSON output has.
func (k Kind) String() string {
	return [...]string{"", "from", "copy-from", "mount-from", "onbuild", "syntax"}[k]
}

// Exposure is how the image of the target depends on a reference. A larger
// value is a stronger dependence.
type Exposure uint8

// The exposures.
const (
	Unreachable Exposure = iota // the target does not need the stage
	Build                       // needed for the build, not shipped
	Runtime                     // its layers are in the shipped image
)

// String returns "unreachable", "build" or "runtime".
func (e Exposure) String() string { return [...]string{"unreachable", "build", "runtime"}[e] }

// A Ref is a reference to an image. References to stages and to scratch are no
// images and make none.
type Ref struct {
	Kind     Kind
	Stage    int // index of the stage it stands in, -1 for Syntax
	Exposure Exposure
	Pos      source.Pos
	Written  string       // as it stands in the file: "${REGISTRY}/base:1.2"
	Image    imageref.Ref // zero when it cannot be resolved; a diagnostic says why
	Guess    string       // for one that lacks only its version: the repository; else ""
	at       []int        // byte offset in the file of each byte of Image.Written, -1 where there is none
}

// Severity tells a problem that loses a reference from one that does not.
type Severity uint8

// The severities.
const (
	Warning Severity = iota + 1
	Error
)

// String returns "warning" or "error".
func (s Severity) String() string { return [...]string{"", "warning", "error"}[s] }

// A Diagnostic is a problem in a Dockerfile.
type Diagnostic struct {
	Severity Severity
	Pos      source.Pos
	Message  string
	Hint     string // what to do about it; may be empty
}

// Repository returns the repository that r names, as far as that is known: for a
// reference that lacks only its version it is known, for others that do not
// resolve it is "".
func (r *Ref) Repository() string {
	if r.Image.IsZero() {
		return r.Guess
	}
	return r.Image.Repository
}
