// Package publish carries changes to where people meet them: local branches, branches of a remote,
// pull requests, or the files of the working tree.
//
// Every publisher may be run again: it finds what an earlier run made, brings it up to
// date, and leaves alone what a person touched. It may also be ended at any request: what
// was not done by then is found and completed by the next run. No state is kept anywhere but
// in the branches and pull requests themselves. A commit carries in its message what it
// holds and a seal, which tells whether a person amended it. The description of a pull request has
// a mark, which says for which bases, group and base branch it is, what it was last brought to,
// and whether title and text are still as they were written.
//
// # Limitations
//
// A change is made anew from the commit that was read; branches are never merged or rebased.
// It is made anew when it would come to something else or would not merge, and where the base
// branch takes only what is up to date; not at every commit.
package publish
