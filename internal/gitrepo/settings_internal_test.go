package gitrepo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The components that each value of core.fsync holds are those of git's manual.
func TestHardens(t *testing.T) {
	for value, want := range map[string][4]bool{ // loose-object, reference, pack, pack-metadata
		"": {false, false, true, true}, "default": {false, false, true, true}, "none": {}, "loose-object": {true, false, true, true},
		"reference": {false, true, true, true}, "none,objects": {true, false, true, false}, "none,committed": {true, true, true, false},
		"none,added": {true, true, true, false}, "all": {true, true, true, true}, "all,-reference": {true, false, true, true},
		"committed,-loose-object": {false, true, true, true}, "none,pack": {false, false, true, false}, "-pack,-derived-metadata": {},
	} {
		dir := gittest.Init(t, map[string]string{"f": "x"})
		gittest.Git(t, dir, "config", "core.fsync", value)
		repo, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got [4]bool
		for i, component := range []string{"loose-object", "reference", "pack", "pack-metadata"} {
			got[i] = repo.config.hardens(component)
		}
		if got != want {
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
