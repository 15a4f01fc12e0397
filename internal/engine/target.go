package engine

import (
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
)

// A Target is one image to build. Of several, none comes before those that it needs.
type Target struct {
	Name       string
	Context    string // a directory, from the root of the repository
	Dockerfile string // its path from the root
	Inline     string // the Dockerfile itself, of one that is a text inside another file
	Stage      string // that is built; "" is the last
	Args       map[string]string
	Open       map[string]string // arguments whose value is that of a variable of the environment
	Contexts   map[string]string // the named ones; what another target makes as "docker-image://"
	Platforms  []string
	Tags       []string // the references that the image gets
	Labels     map[string]string
	Secret     []string // as --secret has them
	SSH        []string // as --ssh has them
	Needs      []string // the names of the targets that it is based on
	Along      []string // its named contexts that are made by builds without a tag: bake alone builds them along
}

// versions returns the tags of a target that say its version: none that moves, by itself or with others of them. They tell
// whether the registry has what the target makes.
func (t Target) versions() []string {
	return slices.DeleteFunc(slices.Clone(t.Tags), func(reference string) bool {
		ref, err := imageref.Parse(reference)
		if err != nil || imageref.Follows(ref.Tag) {
			return true
		}
		return slices.ContainsFunc(t.Tags, func(other string) bool {
			o, err := imageref.Parse(other)
			return err == nil && o.Repository == ref.Repository && imageref.Relate(ref.Tag, o.Tag) == imageref.Moving
		})
	})
}

// A State is what became of a target.
type State string

// The states.
const (
	Built    State = "built"     // without pushing it
	Pushed   State = "pushed"    // the registry has it under all of its tags
	Present  State = "present"   // the registry had that version before, so it was not built
	Failed   State = "failed"    // the reason is its own
	NotBuilt State = "not-built" // it was left out, or something else ended the engine before
)

// A Result says what became of a target.
type Result struct {
	Target string
	State  State
	Digest string // of what the registry has, or of what was built; "" where neither is known
	Reason string // why it is not as it was meant, or what could not be made sure of

	Passing bool // the reason may be gone the next time
}

// Done reports whether a target came to what was asked for.
func (r Result) Done() bool { return r.State == Built || r.State == Pushed || r.State == Present }
