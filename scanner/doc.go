// Package scanner reads Dockerfiles as BuildKit reads them and says which
// images each one depends on, how, and where in the file the version of each
// reference is written.
//
// [ScanBuilds] reads a Dockerfile once for each build that differs, with the target, the
// arguments, the contexts and the platforms that build files give it, [ScanFile] as it is
// by itself, [ScanInline] one that is a text inside another file; [IsDockerfile] says which files are Dockerfiles. [Ref.Rewrite] turns a new
// version into the replacements that write it.
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
// come with an image from a registry are not known. A build runs on linux/amd64; where
// nothing says what it is for, that is linux/amd64 as well, and linux/arm64 is assumed
// beside it for TARGETARCH and its like.
package scanner
