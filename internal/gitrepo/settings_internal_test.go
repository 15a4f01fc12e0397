package gitrepo

import (
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
