// Package clone keeps repositories that somebody names by a URL. [Open] is all there is to
// call: it fetches one commit into a bare repository below a directory for all of them, with
// its trees, but without its history and without the content of files. That comes as from any
// partial clone, when it is asked for ([gitrepo.Repo.Prefetch]). The next time only what is
// new is fetched.
//
// Several runs may use a repository at once. One fetches at a time, which a lock on a file
// sees to; it ends with the process that holds it. What was fetched is never taken away from a
// run that reads: git collects nothing here, and a repository that has become a heap of packs
// is made anew when nobody reads it. One that is damaged is made anew as well.
//
// # Limitations
//
// The git program must be installed: go-git cannot leave out the content of files. Where the
// file system knows no locks, two runs that fetch at once may end with an error.
package clone
