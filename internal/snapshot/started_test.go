package snapshot_test

import (
	"fmt"
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
	started := record(t, git)
	s, _, err := snapshot.Read(t.Context(), head(t, dir), snapshot.Options{Config: configure(t, "")})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 1 || len(s.Unreadable) != 1 {
		t.Errorf("%+v, %v", s.Files, s.Unreadable)
	}
	for command, want := range map[string]int{"cat-file --batch-command": 1, "cat-file -t " + blob: 1} {
		if got := strings.Count(started(), command); got != want {
			t.Errorf("git %s was started %d times; want %d", command, got, want)
		}
	}
}

// record makes what runs the git program write down how. started returns that, a line for each.
func record(t *testing.T, git string) (started func() string) {
	t.Helper()
	tmp := gittest.TempDir(t)
	mark := filepath.Join(tmp, "started")
	if err := os.WriteFile(filepath.Join(tmp, "git"), []byte("#!/bin/sh\necho \"$*\" >> '"+mark+"'\nexec '"+git+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tmp+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() string {
		said, err := os.ReadFile(mark)
		if err != nil {
			t.Fatal(err)
		}
		return string(said)
	}
}

// However many files a partial clone has left at its remote, they come in one fetch, and git is started
// a few times: Dockerfiles, build files, and what the configuration names.
func TestProcessesOfAPartialClone(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	files := map[string]string{"compose.yaml": "services: {a: {build: services/1, image: r/a}}\n", "args.env": "A=1\n"}
	for i := range 1100 {
		files[fmt.Sprintf("services/%d/Dockerfile", i)] = fmt.Sprintf("ARG A\nFROM a:${A}\nRUN %d\n", i)
	}
	server := gittest.NewServer(t, "acme", "mono", "", "")
	gittest.Git(t, gittest.Init(t, files), "push", "--quiet", server.Dir, "main")
	dir := filepath.Join(gittest.TempDir(t), "partial")
	gittest.Git(t, filepath.Dir(dir), "clone", "--quiet", "--filter=blob:none", "--no-checkout", server.URL, dir)
	started, before := record(t, git), server.Fetches()
	s, _, err := snapshot.Read(t.Context(), head(t, dir), snapshot.Options{Config: configure(t, "arguments:\n- {files: args.env, for: '**'}\n")})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 1100 || s.Files[0].Unreadable || s.Builds == nil || len(s.Builds.Builds) != 1 {
		t.Errorf("%d Dockerfiles, and of builds %+v", len(s.Files), s.Builds)
	}
	if n := server.Fetches() - before; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	if said := started(); strings.Count(said, " fetch ") != 1 || strings.Count(said, "\n") > 12 {
		t.Errorf("git was started %d times:\n%s", strings.Count(said, "\n"), said)
	}
}
