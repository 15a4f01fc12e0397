package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What is kept of a repository may be damaged in a way that shows when it is read: it is fetched
// anew, and the answer is the same.
func TestURLDamaged(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]int{"the trees": 0, "the content of files": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			p := h.byURL(t)
			want := p.run(t, "scan", "-o", "json").want(t, 0)
			packs, err := filepath.Glob(filepath.Join(p.cache, "repositories", "*", "git", "objects", "pack", "*.pack"))
			if err != nil || len(packs) != 3 { // of trees, the configuration, and other files
				t.Fatalf("the packs are %v, %v", packs, err)
			}
			damaged := 0
			for _, path := range packs {
				holds := gittest.Git(t, filepath.Dir(path), "verify-pack", "-v", strings.TrimSuffix(path, ".pack")+".idx")
				if isOfTrees := strings.Contains(holds, " tree "); isOfTrees == (kind == 0) {
					spoil(t, path)
					damaged++
				}
			}
			if damaged == 0 {
				t.Fatal("nothing is damaged")
			}
			forget(t, p.cache)
			got := p.run(t, "scan", "-o", "json").want(t, 0)
			if got.stdout != want.stdout || !strings.Contains(got.stderr, "note: what is kept of "+h.git.URL) {
				t.Errorf("stdout: %s\nstderr: %s", got.stdout, got.stderr)
			}
			if again := p.run(t, "scan", "-o", "json").want(t, 0); again.stdout != want.stdout || again.stderr != "" {
				t.Errorf("the next time\nstdout: %s\nstderr: %s", again.stdout, again.stderr)
			}
		})
	}
}

// spoil changes bytes in the middle of a file of git, so that its length and its end stay.
func spoil(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 14; i < len(data)-20; i++ {
		data[i] ^= 0x55
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// forget removes what was found out, and leaves the repositories.
func forget(t *testing.T, cache string) {
	t.Helper()
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "repositories" {
			remove(t, cache, e.Name())
		}
	}
}

// Runs at once on one repository, with one cache, each get the whole answer, also when the first
// of them fetches.
func TestURLAtOnce(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	want := h.program().run(t, "plan", "--base", "base@1.0.1", "-o", "json").want(t, 0)
	p := h.byURL(t)
	for range 2 {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if got := p.runUnchecked(t, "plan", "--base", "base@1.0.1", "-o", "json"); got.status != 0 || got.stdout != want.stdout || got.stderr != want.stderr {
					t.Errorf("exit status %d\nstdout: %s\nstderr: %s", got.status, got.stdout, got.stderr)
				}
			})
		}
		all.Wait()
		h.commit(t, map[string]string{"README.md": "# other\n"})
	}
}

// Progress says that something is fetched, and from where.
func TestURLIsSaid(t *testing.T) {
	t.Parallel()
	h := smallHub(t)
	h.byURL(t).run(t, "--verbose", "scan").want(t, 0).says(t, "read 2 Dockerfiles at commit "+h.tip(t, "main")[:12])
	// Where the server sends everything a note says so, and the answer is the same.
	want := h.program().run(t, "scan", "-o", "json").want(t, 0)
	write(t, h.git.Dir, "config", strings.Replace(read(t, h.git.Dir, "config"), "allowFilter = true", "allowFilter = false", 1))
	got := h.byURL(t).run(t, "scan", "-o", "json").want(t, 0)
	if got.stdout != want.stdout || !strings.HasPrefix(got.stderr, "note: "+h.git.URL+": the server cannot leave out the content of files: all of it was fetched\n") {
		t.Errorf("stdout: %s\nstderr: %s", got.stdout, got.stderr)
	}
}
