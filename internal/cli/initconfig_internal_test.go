package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// A file that somebody has written while a person was asked stays as it is.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".propagate.yaml")
	for name, tc := range map[string]struct {
		old, now string
		written  bool
	}{"new": {"", "labels: [a]\n", false}, "changed": {"labels: [a]\n", "labels: [b]\n", false}, "removed": {"labels: [a]\n", "", false}, "same": {"labels: [a]\n", "labels: [a]\n", true}, "empty": {"", "", true}} {
		if err := os.WriteFile(path, []byte(tc.now), 0o600); err != nil {
			t.Fatal(err)
		}
		f := configFile{name: "x", path: path, old: []byte(tc.old)}
		err := f.write([]byte("new"))
		text, readErr := os.ReadFile(path)
		want := map[bool]string{true: "new", false: tc.now}[tc.written]
		if (err == nil) != tc.written || readErr != nil || string(text) != want {
			t.Errorf("%s: the file is %q (%v, %v), want %q", name, text, err, readErr, want)
		}
	}
}
