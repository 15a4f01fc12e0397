// Package gitrepo reads commits of a git repository, makes commits without a
// work tree, and pushes them. Below it object reads and writes objects, and remote speaks to
// servers; no other package knows go-git. The git program, where there is one, is run to
// read objects (see package object) and a reftable, to fetch what a partial clone has left
// at its remote (see package remote), and to ask who makes the commits, which only git knows
// by all of its configuration.
//
// [Open] comes first; it accepts any directory inside a repository. Then
// [Repo.Resolve] turns a revision into a commit, [Repo.FS] shows that commit as
// an [io/fs.FS], and [Repo.NewCommit] builds a commit with other contents for
// some of its files, made by those whom [Repo.Identities] names. The result is a
// [Pending]: [Repo.Store] writes it into the repository and [Repo.SetBranch] points
// a branch at it, with an entry in its reflog, or [Repo.Push] sends it to a [remote.Repository]
// with nothing written to disk. The work tree, the index and the checked-out branch
// are never touched.
//
// Bare repositories, linked work trees, submodules, shallow clones, alternates
// and sparse checkouts are supported, and so are partial clones: what is missing
// is fetched one by one where an FS meets it, and all at once by
// [Repo.Prefetch]. A [Repo] may be used by several goroutines. To read many
// objects each of them takes a [Reader].
//
// Errors that callers tell apart are variables or types of this package; source.Hint
// gives what a person can do about one.
//
// # Limitations
//
// A repository with SHA-256 object ids cannot be pushed from. Without a git program it
// is refused, as are those with a reftable, with replacement objects (refs/replace), and
// with alternates in quotes. A [Reader] fetches the trees that a partial clone has left at
// its remote, but no blobs: those are many. Grafts in the history of commits and the
// environment variables that move a repository (GIT_DIR and its
// kin) are ignored. Of git's configuration what is included on a condition
// (includeIf) counts for who makes the commits, and for nothing else. Commits are
// not signed. Only http and https remotes can be pushed to.
package gitrepo
