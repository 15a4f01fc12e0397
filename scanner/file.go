package scanner

import (
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A File is a Dockerfile as one build reads it, and what that build depends on.
type File struct {
	Path        string        // slash-separated, relative to the root of the scan
	Origin      *trace.Origin // what its text is written in: another path for a symbolic link, that of its target
	Inline      trace.Text    // all of it where it is a text inside another file, that of Origin; else empty
	Target      string        // the stage that is shipped, as the build names it; "" is the last
	Ways        []int         // which of the builds that were given come to this; none for the default build that nobody speaks of
	Builds      []BuildConfig // these; one without options where there are none
	Stages      []Stage
	Refs        []*Ref // by stage, line and column; the syntax directive comes first
	Diagnostics []Diagnostic

	// Defaults are references that only the ARG defaults of the file give, or those of its build
	// files, or the names that contexts take the place of: no build of the file reads them. They have a version,
	// and are listed with the first build of the file alone.
	Defaults []*Ref

	// Triggers are the references behind ONBUILD in the stage that is shipped. This build does not read them: those
	// whose FROM is its image do, wherever they are. See [File.Trigger].
	Triggers []*Ref

	Patterns []Pattern // of a file that is no Dockerfile: what found its references
	Matched  []bool    // for each of Patterns, whether it matches anything; nil where the file was not read

	part  []int // which of the references that patterns found are of this part; nil for the whole file
	whole int   // how many they are, for a part

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
	Reachable bool // whether the build needs it
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
	InText                    // found by a pattern in a file that is no Dockerfile
)

// String returns the name that the JSON output has.
func (k Kind) String() string {
	return [...]string{"", "from", "copy-from", "mount-from", "onbuild", "syntax", "text"}[k]
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
	Stage    int // index of the stage it stands in, -1 for Syntax and InText
	Exposure Exposure
	Pos      source.Pos
	Written  string       // as it stands in the file: "${REGISTRY}/base:1.2"
	Image    imageref.Ref // zero when it cannot be resolved, a diagnostic says why; and for a Link that takes the place of a stage or of a bare name
	Guess    string       // for one that lacks only its version: the repository; for one whose registry alone is not known: "…/base"; else ""
	GuessTag string       // for a Guess: the tag, with Unknown for what is not known; "" where nothing is known of it
	Text     trace.Text   // Image.Written, with the places of its bytes
	Build    source.Pos   // of the first of the builds that hand its value in; zero where the file's own text gives it

	// Link is the name of the build of the same build file whose image a named context
	// puts here; "" for any other. Image is then what is written here, which that build
	// takes the place of.
	Link string

	// Assumed says that the build depends on it on a platform alone that nothing says it is
	// built for.
	Assumed bool

	// Outside is the build that hands in a version which nobody knows here, such as that of a
	// variable of the pipeline; zero for any other. Image is then what the file's own defaults
	// give, which is not what that build uses.
	Outside source.Pos

	key      trace.Text    // for a Link in the place of an image: the name of the context, which is that of the image
	origin   *trace.Origin // of the file that it stands in
	isInline bool          // it stands in a text inside that file
	said     string        // while the file is read: the diagnostic of one that does not resolve
	inputs   []trace.Text  // what the builds hand in, where it is made of that
}

// Reads reports whether the bytes that a replacement changes may be part of what
// r is made of. Where the places of its own bytes are not all known, everything
// that the build hands in may be.
func (r *Ref) Reads(change trace.Replacement) bool {
	if r.Text.Touches(change) || r.key.Touches(change) {
		return true
	}
	return !r.Text.Known() && slices.ContainsFunc(r.inputs, func(t trace.Text) bool { return t.Touches(change) })
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
	Code     source.Code // one of source.InDockerfiles
	Severity Severity
	Pos      source.Pos
	Message  string
	Hint     string // what to do about it; may be empty
	Ignored  bool   // the configuration says that it is not to be reported; a scan leaves it false
}

// diagnose adds a diagnostic. There is no other way to make one.
func (f *File) diagnose(code source.Code, s Severity, pos source.Pos, message, hint string) {
	f.Diagnostics = append(f.Diagnostics, Diagnostic{Code: code, Severity: s, Pos: pos, Message: abbreviate(message, 500), Hint: hint})
}

// Repository returns the repository that r names, as far as that is known: for a
// reference that lacks only its version it is known, for others that do not
// resolve it is "". Of one whose registry is not known it has "…" in its place.
func (r *Ref) Repository() string {
	if r.Image.IsZero() {
		return r.Guess
	}
	return r.Image.Repository
}

// Sources returns the paths of the build files that r is, or may be, made of. One that holds the
// Dockerfile of r as a text is among them.
func (r *Ref) Sources() []string {
	texts := []trace.Text{r.Text, r.key}
	if !r.Text.Known() {
		texts = append(texts, r.inputs...)
	}
	var paths []string
	for _, text := range texts {
		for _, piece := range text.Pieces() {
			isOwn := !r.isInline && piece.File != nil && (piece.File == r.origin || piece.File.Path == r.Pos.Path)
			if piece.File != nil && !isOwn && !slices.Contains(paths, piece.File.Path) {
				paths = append(paths, piece.File.Path)
			}
		}
	}
	return paths
}
