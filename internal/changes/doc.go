// Package changes says which of the files that differ between two revisions a build takes out of the
// directories that are handed to it, as BuildKit does: by the paths and patterns of its instructions
// ([scanner.File.Takes]), the files that say what a build context leaves out, and symbolic links.
//
// [New] gets the two revisions and the paths at which they differ; [Changes.Taken] is asked about one
// instruction after the other.
//
// # Limitations
//
// What a build fetches from elsewhere, and what an image from outside triggers (ONBUILD), is not in the
// repository. A .dockerignore that differs counts for each instruction that takes anything of its context.
package changes
