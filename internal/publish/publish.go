package publish

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// State is what became of a change.
type State string

// The states.
const (
	Planned   State = "planned"    // nothing was done, nothing was to be done yet
	Created   State = "created"    // branch or pull request are new
	Updated   State = "updated"    // they were there, with other content
	Unchanged State = "unchanged"  // they were there as they should be
	LeftAlone State = "left-alone" // a person worked on the branch or closed the pull request
	Failed    State = "failed"     // Outcome.Err says why
)

// A Change is a change with the texts that it is published with.
type Change struct {
	bumper.Change
	Body    string   // of the pull request
	Message string   // of the commit, above its trailers; zero is the title
	Labels  []string // of a new pull request

	Reviewers, Assignees []string // likewise
	Limit                Limit
	AutoMerge            AutoMerge
	Urgent               bool   // it is one of an emergency
	UrgentTitle          string // the title that it has, or would have, as one
}

// A Limit says how many pull requests may be open at a time of those with the same key. The zero
// Limit sets none.
type Limit struct {
	Key  string
	Most int
}

// An Outcome is what became of one change.
type Outcome struct {
	Change bumper.Change
	State  State
	Note   string // why it was left alone, or what else a person should know; may be empty
	Hint   string // what to do about that; may be empty
	Commit string // the id of the commit at the tip of the branch; "" if there is none
	Pull   *forge.Pull
	Link   string // the page where a person opens the pull request; "" where there is one, or no page is known
	Err    error  // of a change that failed
	// Partial says of a change that failed, or that a run did not come to, that a part of it
	// is in place: its branch without the pull request, or some of its files.
	Partial bool
	// Lacking says what the pull request of a change that is otherwise in place does not have
	// yet, its labels for example; the next run sees to it. It is nil where nothing is missing.
	Lacking error
	// Loose says that Commit is on no branch: somebody has the branch checked out.
	Loose bool
	// Written says which files of a change that is made in the working tree hold its
	// edits now, by path; nil for a change that is made elsewhere.
	Written map[string]bool
}

// Failures returns why the change failed, one error for each cause.
func (o *Outcome) Failures() []error {
	var joined interface{ Unwrap() []error }
	if o.Written != nil && errors.As(o.Err, &joined) {
		return joined.Unwrap()
	}
	if o.Err == nil {
		return nil
	}
	return []error{o.Err}
}

// remark adds to the note.
func (o *Outcome) remark(text string) {
	if o.Note != "" {
		text = o.Note + "; " + text
	}
	o.Note = text
}

func (o *Outcome) fail(err error) { o.State, o.Err = Failed, err }

// A Source is the commit that the changes are made from, and who makes them. Where
// author or committer have no time, it is that of Now.
type Source struct {
	Commit            string
	Author, Committer gitrepo.Signature
	Signer            *gitrepo.Signer // nil leaves the commits unsigned
	Now               func() time.Time
}

// signed returns a signature with a time.
func (s Source) signed(who gitrepo.Signature) gitrepo.Signature {
	if who.When.IsZero() {
		who.When = s.Now()
	}
	return who
}

// entry is what the reflog says of a branch that was made, or updated, from the
// commit.
func (s Source) entry(how string) gitrepo.LogEntry {
	return gitrepo.LogEntry{Who: s.signed(s.Committer), Message: fmt.Sprintf("propagate: %s from %.12s", how, s.Commit)}
}

// spec returns the commit that holds a change.
func (s Source) spec(c Change) gitrepo.CommitSpec {
	message := strings.TrimRight(cmp.Or(c.Message, c.Title), "\n") + "\n"
	if !endsInTrailers().MatchString(message) { // else ours belong to the same paragraph
		message += "\n"
	}
	return gitrepo.CommitSpec{
		Parent: s.Commit, Files: files(c), Message: message,
		Trailers: func(commit gitrepo.Commit) string { return trailers(c, commit) },
		Author:   s.signed(s.Author), Committer: s.signed(s.Committer), Signer: s.Signer,
	}
}

func files(c Change) []gitrepo.File {
	all := make([]gitrepo.File, len(c.Files))
	for i, file := range c.Files {
		all[i] = gitrepo.File{Path: file.Path, Content: file.Content}
	}
	return all
}

// endsInTrailers holds for a message whose last paragraph, behind others, is trailers alone.
var endsInTrailers = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\n\n(?:[A-Za-z0-9-]+: [^\n]*\n)+\z`)
})

// leaveForeign leaves a branch alone whose tip is a person's; where says which branch it
// is, for what to do about it.
func (o *Outcome) leaveForeign(tip, where string) {
	o.State, o.Note = LeftAlone, fmt.Sprintf("the branch holds commit %.12s, which is not propagate's", tip)
	o.Hint = "delete or rename " + where + ", then run the same command again"
}
