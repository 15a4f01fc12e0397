// Package object reads and writes the objects of a git repository: commits, trees, blobs
// and tags.
//
// [Open] comes first, then [Store.Reader] gives a [Reader] for one goroutine. Where there
// is a git program it reads: one process for each goroutine, `git cat-file` kept open,
// which is asked for many objects at a time. So whatever git can read can be read here:
// SHA-256 ids, replacement objects, alternates, packs of any kind. Nothing that the
// configuration of the repository names is started, nothing is fetched, and the
// repository may be another user's. Where there is no git program go-git reads, and
// [Open] refuses the repositories that it would misread.
//
// What is read is checked against its id. Objects are written by this package itself:
// [Store.Write] makes files as git does, or a pack if they are many.
//
// # Limitations
//
// Objects that the repository replaces (refs/replace) are not checked against their ids,
// since nobody can know what they are.
package object
