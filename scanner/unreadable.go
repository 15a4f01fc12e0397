package scanner

import (
	"strings"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/trace"
)

// Unreadable returns a Dockerfile whose content could not be read. The hint says what to
// do about it; it may be empty.
func Unreadable(path string, err error, hint string) *File {
	f := &File{File: trace.NewFile(path, nil), Builds: []BuildConfig{{}}}
	f.unreadable(0, strings.TrimSpace(oserror.Text(err)), hint)
	return f
}
