package snapshot_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// Files that are too large, or missing, cost no more processes: git is started once for each goroutine
// that reads, and asked once what is wrong with an object.
func TestProcesses(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	large := strings.Repeat("x", 1<<20)
	dir := gittest.Init(t, map[string]string{"Dockerfile": "FROM a:1\n", "bin/build": large, "bin/release": large + "x", "bin/docker": "#!/bin/sh\necho missing\n"})
	blob := gittest.Git(t, dir, "rev-parse", "HEAD:bin/docker")
	if err := os.Remove(filepath.Join(dir, ".git", "objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	tmp := gittest.TempDir(t)
	mark := filepath.Join(tmp, "started")
	if err := os.WriteFile(filepath.Join(tmp, "git"), []byte("#!/bin/sh\necho \"$*\" >> '"+mark+"'\nexec '"+git+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tmp+string(os.PathListSeparator)+os.Getenv("PATH"))
	s, _, err := snapshot.Read(t.Context(), head(t, dir), snapshot.Options{Config: configure(t, "")})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 1 || len(s.Unreadable) != 1 {
		t.Errorf("%+v, %v", s.Files, s.Unreadable)
	}
	said, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]int{"cat-file --batch-command": 1, "cat-file -t " + blob: 1} {
		if got := strings.Count(string(said), command); got != want {
			t.Errorf("git %s was started %d times; want %d", command, got, want)
		}
	}
}
