package publish

import "time"

// Options say how far a run may go, and what its pull requests are to have.
type Options struct {
	MaxNew  int           // at most that many new pull requests in this run; 0 sets no limit
	MaxOpen int           // at most that many open ones in all, those that are there counted; 0 sets no limit
	MaxWait time.Duration // how long the run waits for its budget or for the forge, in all

	// Recreate are branches that are made anew, whatever people did to them or to their
	// pull requests.
	Recreate []string

	// Whole says that the changes are all that there are of their bases, with the configured
	// grouping: what is open beside them has been superseded, or is no longer needed.
	Whole bool

	Draft bool // of new pull requests
}

// Progress is told how far a run is: done of all changes, or 0 of 0 where nothing is counted, and what is done next. It may
// be called for every request, and has to return at once.
type Progress func(done, all int, what string)

// Tell calls p, unless it is nil.
func (p Progress) Tell(done, all int, what string) {
	if p != nil {
		p(done, all, what)
	}
}
