package publish

import "github.com/matihlabs/propagate/internal/forge"

// A Rival is an open pull request of another bot that edits what a change edits.
type Rival struct {
	Pull   forge.Pull
	Branch string // of the change
}

// Rivals returns the open pull requests of other bots that edit what a change edits.
func Rivals(pulls []forge.Pull, changes []Change) []Rival { return nil }
