package gitrepo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The components that each value of core.fsync holds are those of git's manual.
func TestHardens(t *testing.T) {
	for value, want := range map[string][2]bool{ // loose-object, reference
		"": {false, false}, "loose-object": {true, false}, "reference": {false, true}, "objects": {true, false},
		"committed": {true, true}, "added": {true, true}, "all": {true, true}, "all,-reference": {true, false},
		"committed,-loose-object": {false, true}, "pack": {false, false}, "none": {false, false},
	} {
		dir := gittest.Init(t, map[string]string{"f": "x"})
		gittest.Git(t, dir, "config", "core.fsync", value)
		repo, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{repo.config.hardens("loose-object"), repo.config.hardens("reference")}; got != want {
			t.Errorf("core.fsync=%s: %v, want %v", value, got, want)
		}
		if err := repo.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A plain index is read the fast way, and the files that nobody asked about are not
// looked at.
func TestDirtyUnstaged(t *testing.T) {
	dir := gittest.Init(t, map[string]string{"a": "x", "b": "x"})
	gittest.Git(t, dir, "status")
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	onlyA := []string{"a"}
	got, ok, err := repo.dirtyUnstaged(t.Context(), 0, onlyA)
	if err != nil || !ok || len(got) != 1 || got[0] != "a" {
		t.Errorf("dirtyUnstaged = %q, %v, %v", got, ok, err)
	}
	gittest.Git(t, dir, "add", "b")
	if _, ok, err := repo.dirtyUnstaged(t.Context(), 0, onlyA); ok || err != nil {
		t.Errorf("with something staged: %v, %v", ok, err)
	}
	if got, err := repo.DirtyAmong(t.Context(), 0, onlyA); err != nil || len(got) != 2 {
		t.Errorf("DirtyAmong = %q, %v; what is staged counts", got, err)
	}
}
