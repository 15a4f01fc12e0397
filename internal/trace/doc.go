// Package trace follows text from the bytes of the files where it is written, so
// that a version that was put together from variables, templates and build files
// can be edited where it stands.
//
// A [Text] is a string that knows of each of its bytes in which file, and where
// there, it is written. [Follow] takes texts through a program that knows nothing
// of this, such as the lexer of BuildKit or an evaluator of templates, and finds
// out where the bytes of its result came from. [Text.Replace] says what to write
// where for a part of a text to read otherwise.
//
// A [Text] points to the [Origin] of its bytes, a path with its lines and no content;
// a [File] has content as well.
//
// # Limitations
//
// What a program computes from characters (a pattern that is cut off, upper case)
// has no place of its own; such text is known by its content alone and cannot be
// replaced.
package trace
