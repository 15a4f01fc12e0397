package snapshot

import (
	"os"
	"path/filepath"
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
	time.Sleep(20 * time.Millisecond) // more than a tick of the file system's clock
	if after := identity("FROM a:1.0.1\n"); after == before {
		t.Errorf("both are %q", after)
	}
}
