package scanner

import (
	"fmt"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Unreadable returns a Dockerfile whose content could not be read, with why.
func Unreadable(path, why, hint string) *File {
	f := withoutContent(path)
	f.Unreadable = true
	f.diagnose(source.CodeUnreadable, Error, source.Pos{Path: path}, why, hint)
	return f
}

// TooLarge returns what a scan of a file of more than [MaxFileSize] bytes says, without
// its content.
func TooLarge(path string) *File {
	f := withoutContent(path)
	f.tooLarge()
	return f
}

// TextTooLarge is [TooLarge] for [ScanText].
func TextTooLarge(path string, patterns []Pattern) *File {
	f := &File{Path: path, Origin: &trace.Origin{Path: path}, Patterns: patterns}
	f.diagnose(source.CodeTooLarge, Error, source.Pos{Path: path}, fmt.Sprintf("it is larger than %d bytes, and not read", MaxFileSize), "")
	return f
}

func withoutContent(path string) *File {
	return &File{Path: path, Origin: &trace.Origin{Path: path}, Builds: noBuild}
}
