// Package scanner reads Dockerfiles as BuildKit reads them and says which
// images each one depends on, how, and where in the file the version of each
// reference is written.
//
// [ScanBuilds] reads a Dockerfile as it is built, with the targets, arguments and
// contexts that build files give it, [ScanFile] as it is by itself; [IsDockerfile] says
// which files are Dockerfiles. [Ref.Rewrite] turns a new version into the replacements that
// write it.
//
// The syntax is BuildKit's own: its parser finds the instructions, its shell
// lexer expands the variables. What BuildKit does not tell, the byte offsets, is
// found again from the source and checked against what BuildKit saw; a place that
// does not check is never offered for an edit.
//
// # Limitations
//
// Instructions that BuildKit rejects are reported and passed over, so that one
// bad line does not hide the other references of a file. ONBUILD triggers that
// come with an image from a registry are not known. The platform arguments
// (TARGETARCH and the like) have the values of a build on and for linux/amd64.
package scanner
