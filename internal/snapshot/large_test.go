package snapshot_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// Of a file that is called like a Dockerfile or a build file and is huge, no more than its
// size is looked at.
func TestHugeFiles(t *testing.T) {
	const size, most = 96 << 20, 24 << 20
	dir := gittest.Init(t, map[string]string{"Dockerfile": "FROM a:1\n", "Dockerfile.bin": "", "compose.yaml": "", "values.conf": ""})
	for _, name := range []string{"Dockerfile.bin", "compose.yaml", "values.conf"} {
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			t.Fatal(err)
		}
	}
	gittest.Git(t, dir, "-c", "core.compression=1", "commit", "--quiet", "-a", "-m", "huge")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	c := configure(t, "references:\n- {files: values.conf, image: a, pattern: ':(?P<version>.)'}\n")
	for name, source := range map[string]snapshot.Source{"directory": snapshot.Directory(root.FS(), now), "commit": head(t, dir)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, files, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: c})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Files) != 3 || !s.Files[1].Unreadable || len(s.Files[2].Diagnostics) != 1 || len(s.Unreadable) != 0 {
			t.Errorf("%s: %+v", name, s.Files)
		}
		if _, err := files.Read("Dockerfile.bin"); err == nil {
			t.Errorf("%s: it is read", name)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s: it takes %d MiB", name, got>>20)
		}
	}
}
