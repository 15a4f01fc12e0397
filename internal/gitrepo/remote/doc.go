// Package remote speaks to the servers that hold other copies of a repository. A
// [Repository] is pushed to over http or https, which is git's smart protocol spoken by
// go-git; a [Program] is pushed to by the git program of the user, over any transport; a
// [Promisor] has what a partial clone left out, and is fetched from by the git
// program, since only git knows how its user reaches it. An [Address] is a repository that
// somebody names by a URL, and [ParseAddress] refuses what is none.
//
// No error shows a password or a token, whatever a server answers. Errors that callers
// tell apart are variables or types of this package; source.Hint gives what a person can do
// about one.
//
// # Limitations
//
// Objects with SHA-256 ids are pushed by a Program alone.
package remote
