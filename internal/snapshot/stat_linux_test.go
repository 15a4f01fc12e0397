package snapshot

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Another content of the same size, with the time put back, is another content.
func TestStatSeesThroughTimes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "Dockerfile")
	when := time.Now().Add(-time.Hour)
	identity := func(content string) string {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return stat(info)
	}
	before := identity("FROM a:1.0.0\n")
	awaitTick(t, name)
	if after := identity("FROM a:1.0.1\n"); after == before {
		t.Errorf("both are %q", after)
	}
}

// awaitTick returns once the file system's clock has moved on since the file of this
// name was changed last: it writes other files until one of them is younger.
func awaitTick(t *testing.T, name string) {
	t.Helper()
	changed := func(name string) syscall.Timespec {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Ctim
	}
	probe := filepath.Join(t.TempDir(), "probe")
	for was := changed(name); ; {
		if err := os.WriteFile(probe, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if changed(probe) != was {
			return
		}
	}
}
