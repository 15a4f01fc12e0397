//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What has failed ends with all that it has started, and leaves nothing behind. So does what has passed. What is still there holds
// the writing end of a pipe.
func TestCommandEndsWhatItStarts(t *testing.T) {
	t.Parallel()
	for script, passes := range map[string]bool{
		"exec 3>$ALIVE; sleep 600 & touch $TMPDIR/x; echo '--- FAIL: TestA (0.00s)'; wait": false,
		"exec 3>$ALIVE; sleep 600 >/dev/null 2>&1 & touch $TMPDIR/x; echo PASS":            true,
	} {
		alive := filepath.Join(t.TempDir(), "alive")
		if err := syscall.Mkfifo(alive, 0o600); err != nil {
			t.Fatal(err)
		}
		pipe, err := os.OpenFile(alive, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		r := &tester{temporary: t.TempDir()}
		ok, output := r.command(t.Context(), r.temporary, []string{"ALIVE=" + alive}, "sh", "-c", script)
		left, err := os.ReadDir(r.temporary)
		if ok != passes || len(output) == 0 || err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %q; it leaves %v, %v", script, ok, output, left, err)
		}
		if err := pipe.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(pipe); err != nil {
			t.Errorf("%s: what it has started goes on: %v", script, err)
		}
		_ = pipe.Close()
	}
}
