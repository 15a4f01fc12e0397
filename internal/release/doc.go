// Package release finds where a repository says which version an image has that it
// makes: the tag in the build file, a label or an ARG in the Dockerfile, a file
// called VERSION beside it, a line in a script.
//
// [Finder.Of] returns the places, for [bumper.NewPlan] to weigh and to edit.
//
// # Limitations
//
// A version that only a pipeline knows, or that comes from the names of git tags, is
// written nowhere and not found. Lines of scripts are found by their looks, so they
// count only where no better place says otherwise.
package release
