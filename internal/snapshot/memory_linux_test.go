package snapshot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// peakOf is the variable that makes this test program read a snapshot of a directory, or of
// the commit that is checked out there, and print what it took.
const peakOf = "PROPAGATE_TEST_PEAK_OF"

func TestMain(m *testing.M) {
	if dir := os.Getenv(peakOf); dir != "" {
		if err := readAndTell(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// readAndTell writes the peak memory in KiB, of this process and of the largest that it
// started, and what is said of the files.
func readAndTell(dir string, out io.Writer) error {
	source := snapshot.Directory(os.DirFS(dir), time.Now())
	if repo, err := gitrepo.Open(dir); err == nil {
		rev, err := repo.Resolve("HEAD")
		if err != nil {
			return err
		}
		if source, err = snapshot.Commit(repo, rev.Commit); err != nil {
			return err
		}
		defer func() { _ = repo.Close() }()
	}
	c, err := config.Parse(".propagate.yaml", nil)
	if err != nil {
		return err
	}
	s, _, err := snapshot.Read(context.Background(), source, snapshot.Options{Config: c})
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, peak, _ := bytes.Cut(status, []byte("VmHWM:"))
	var own int
	if _, err := fmt.Sscan(string(peak), &own); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, own)
	for _, f := range s.Files {
		for _, d := range f.Diagnostics {
			_, _ = fmt.Fprintln(out, f.Path, d.Message)
		}
	}
	return nil
}

// TestLargeFile: a file of 400 MB that is called like a Dockerfile is not read, in a commit
// or in a directory.
func TestLargeFile(t *testing.T) {
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM base:1\n"})
	large, err := os.Create(filepath.Join(dir, "Dockerfile.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Truncate(400 << 20); err != nil { // it takes no room
		t.Fatal(err)
	}
	if err := large.Close(); err != nil {
		t.Fatal(err)
	}
	peak := func() {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), peakOf+"="+dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var own int64
		if _, err := fmt.Sscan(string(out), &own); err != nil {
			t.Fatal(err)
		}
		// What it waited for counts as well, and so does this process, of which it is a copy
		// before it begins.
		all := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		if most := int64(64 << 10); own > most || all > most {
			t.Errorf("it took %d KiB, and %d KiB with git", own, all)
		}
		if !strings.Contains(string(out), "it is larger than") {
			t.Errorf("it says %s", out)
		}
		t.Logf("%d KiB, %d KiB with git", own, all)
	}
	gittest.Git(t, dir, "config", "core.bigFileThreshold", "1m")
	gittest.Commit(t, dir, "large", nil)
	peak()
	if err := os.Rename(filepath.Join(dir, ".git"), filepath.Join(dir, ".gone")); err != nil {
		t.Fatal(err)
	}
	peak()
}
