// Package cache keeps what was found out of content between runs: which files of a
// tree matter, what a Dockerfile refers to.
//
// A [Store] maps keys, which name content and the program that read it, to values.
// Whatever is under a key never changes, so there is nothing to invalidate: what has
// changed has another key. [Open] never fails, and a store that is damaged, or of
// another format, is empty and written anew.
//
// A store is one file that is only ever appended to, in one write for each run, or
// replaced as a whole; several runs may use it at once, and what one of them loses is
// found out again. It is read as a whole when it is opened, so nothing that happens to the
// file later changes what a run finds in it: of a repository with 5,000 Dockerfiles it has
// 3 MB, which take a millisecond. When it has grown too large it is replaced by one with
// what the last run used.
//
// # Limitations
//
// A store knows no values above a few megabytes, and nothing of who may read it
// beyond the permissions of the user's cache directory. Its content stays in memory as long
// as a value of it is used, since values are parts of it.
package cache
