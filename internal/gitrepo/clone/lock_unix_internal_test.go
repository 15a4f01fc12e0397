//go:build unix && !solaris && !aix

package clone

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A lock ends when it is released, also while a child that is being started still has a copy of
// its file.
func TestReleaseEndsTheCopies(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held, err := take(path, true)
	if err != nil {
		t.Fatal(err)
	}
	child, err := syscall.Dup(int(held.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(child) })
	held.release()
	alone, err := take(path, false)
	if err != nil {
		t.Fatalf("it is still held: %v", err)
	}
	alone.release()
}
