package snapshot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// What a build file looks at, and what is there and cannot be read, is named: it is not
// as if there were no such file, and nothing of that is remembered.
func TestDamagedFileThatABuildFileLooksAt(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"compose.yaml":   "services:\n  a:\n    extends: {file: parts/a.part, service: a}\n    image: team/a:1.0.0\n",
		"parts/a.part":   "services:\n  a:\n    build: {context: ../svc}\n",
		"svc/Dockerfile": "FROM team/base:1.0.0\n",
	})
	id := gittest.Git(t, dir, "rev-parse", "HEAD:parts/a.part")
	object := filepath.Join(dir, ".git/objects", id[:2], strings.TrimSpace(id[2:]))
	sound, err := os.ReadFile(object)
	if err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(t.TempDir(), "store")
	read := func() *snapshot.Snapshot {
		t.Helper()
		repo, err := gitrepo.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = repo.Close() }()
		head, err := repo.Resolve("HEAD")
		if err != nil {
			t.Fatal(err)
		}
		from, err := snapshot.Commit(repo, head.Commit)
		if err != nil {
			t.Fatal(err)
		}
		known := cache.Open(store)
		s, _, err := snapshot.Read(t.Context(), from, snapshot.Options{Config: configure(t, ""), Cache: known, Program: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if err := known.Save(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := os.Chmod(object, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(object, sound[:len(sound)-4], 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s := read(); len(s.Unreadable) != 1 || s.Unreadable[0].Pos.Path != "parts/a.part" {
			t.Errorf("damaged: unreadable %v, builds %v", s.Unreadable, s.Builds.Builds)
		}
	}
	if err := os.WriteFile(object, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if s := read(); len(s.Unreadable) != 0 || len(s.Builds.Builds) != 1 {
		t.Errorf("mended: unreadable %v, builds %v", s.Unreadable, s.Builds.Builds)
	}
}
