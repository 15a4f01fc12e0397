package monorepo

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

// What to do about a file that cannot be read follows from why, also where the reason is one of its directories.
func TestAdviceOnFiles(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "c.yaml", Err: syscall.EACCES}:        "check the permissions of the file and of its directories",
		&fs.PathError{Op: "stat", Path: "closed/c.yaml", Err: syscall.EACCES}: "check the permissions of the file and of its directories",
		&fs.PathError{Op: "stat", Path: "none", Err: syscall.ENOENT}:          "it is a path from the current directory",
		&fs.PathError{Op: "stat", Path: "c.yaml/x", Err: syscall.ENOTDIR}:     "name a regular file, or /dev/stdin",
		fmt.Errorf("%w: it has more", source.ErrTooLarge):                     "name the configuration of propagate: no such file is as large",
		source.ErrNotRegular: "name a regular file, or /dev/stdin",
	} {
		if got := adviceOn(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
