// Package publish carries changes to where people meet them: local branches, branches of a remote,
// pull requests, or the files of the working tree.
//
// Every publisher may be run again: it finds what an earlier run made, brings it
// up to date if its content differs, and leaves alone what a person touched. No
// state is kept anywhere but in the branches and pull requests themselves: a
// commit of propagate carries in its message what it holds, so that one look at
// the tip of a branch tells whose it is.
//
// # Limitations
//
// A change is made anew from the commit that was read; branches are never merged
// or rebased. It is made anew when one of its own files has changed there, not at
// every commit.
package publish
