// Package snapshot reads what a repository is at one revision, or a plain directory
// is now: which files matter, what the build files say, and what each Dockerfile
// refers to as it is built.
//
// [Read] does it all: it returns a [Snapshot], which is plain data without the content of
// any file, and the [Files] that have it. With a cache, what lies below a tree that was
// seen before is not looked up again, and neither is a Dockerfile read whose content is
// known: the cost follows what has changed. What comes out is the same, with and without.
//
// A symbolic link that is called like a Dockerfile is one, if it leads to a regular file
// of the same tree; its text is that of its target.
//
// # Limitations
//
// A plain directory is listed anew each time; a file in it counts as unchanged when
// its size, its time and its inode are.
package snapshot
