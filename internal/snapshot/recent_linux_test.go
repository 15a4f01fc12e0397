package snapshot_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// A file that was changed a moment ago may be changed again within the same tick of the clock,
// and nothing but its content tells: it is read anew. Of an older one the answer is kept.
func TestRecentFilesAreReadAnew(t *testing.T) {
	for age, want := range map[time.Duration]string{0: "2", time.Second: "2", 1999 * time.Millisecond: "2", -time.Second: "2", 2 * time.Second: "1", time.Hour: "1"} {
		file := &fstest.MapFile{Data: []byte("FROM base:1\n"), ModTime: now.Add(-age), Sys: &syscall.Stat_t{Ino: 1}}
		path := filepath.Join(t.TempDir(), "cache")
		read := func() string {
			store := cache.Open(path)
			s, _, err := snapshot.Read(t.Context(), snapshot.Directory(fstest.MapFS{"a/Dockerfile": file}, now), snapshot.Options{Config: configure(t, ""), Cache: store, Program: "test"})
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Save(); err != nil {
				t.Fatal(err)
			}
			return s.Files[0].Refs[0].Image.Tag
		}
		if got := read(); got != "1" {
			t.Errorf("%s old: the tag is %s", age, got)
		}
		file.Data = []byte("FROM base:2\n")
		if got := read(); got != want {
			t.Errorf("%s old, and changed within a tick: the tag is %s, want %s", age, got, want)
		}
	}
}
