package scanner

import (
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// Unreadable returns a Dockerfile whose content could not be read.
func Unreadable(path string, err error) *File {
	f := &File{File: trace.NewFile(path, nil), Builds: []BuildConfig{{}}}
	f.unreadable(0, strings.TrimSpace(err.Error()), "")
	return f
}
