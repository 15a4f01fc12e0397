package publish

import (
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// A Result is what became of a run.
type Result struct {
	Outcomes []Outcome // one for each change, in their order
	Closed   []Closed  // what was closed beside them
	Kept     []Kept    // what is for a withdrawn version, and stays open

	// Rivals are open pull requests of other bots that edit the same places.
	Rivals []Rival

	// Postponed are the branches of the changes that [Options.MaxNew] or [Options.MaxOpen] left
	// for another run. Their outcomes are Planned.
	Postponed []string

	// Stopped says that the run ended before it was through; nil if it was not stopped. What
	// was left then is Planned; where its branch is pushed already it is Partial too.
	Stopped *Stop
}

// Closed is a pull request that was closed, since its change is not wanted any more.
type Closed struct {
	Branch string
	Pull   forge.Pull
	Why    string // for a person, without the name of the branch
	Err    error  // why it could not be closed, or its branch not be deleted; nil if it is done
}

// A Stop says why a run ended before it was through.
type Stop struct {
	Err        error     // that of the forge
	At         time.Time // when to run again; zero if that is for a person to say
	Done, Left int       // changes
}
