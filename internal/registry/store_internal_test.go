package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A store that has grown too large loses what was not used for longest.
func TestStoreIsBounded(t *testing.T) {
	s := openStore(t.TempDir())
	s.max = 10_000
	value := strings.Repeat("x", 900)
	for i := range 10 {
		s.put(fmt.Sprint(i), value)
		old := time.Now().Add(-time.Duration(100-i) * 25 * time.Hour)
		if err := os.Chtimes(s.path(fmt.Sprint(i)), old, old); err != nil {
			t.Fatal(err)
		}
	}
	var got string
	if !s.get("0", &got) || got != value {
		t.Fatal("the first value is lost")
	}
	s.put("10", value)
	s.put("11", value)
	for key, want := range map[string]bool{"0": true, "1": false, "2": false, "9": true, "11": true} {
		if s.get(key, &got) != want {
			t.Errorf("the value of %s is there: %v", key, !want)
		}
	}
	again := openStore(filepath.Dir(s.dir))
	again.max = 5_000
	again.put("12", value) // what an earlier run has left counts
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) > 4 {
		t.Errorf("%d files are left: %v", len(entries), err)
	}
	for i := range 12 {
		s.put("0", fmt.Sprint(value, i)) // what is replaced does not count twice for ever
	}
	if !s.get("0", &got) || got != value+"11" {
		t.Errorf("the value is %.5q", got)
	}
}

// What a store cannot keep is not kept, and a value is that of its key alone.
func TestStoreThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "registry"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var got string
	for _, s := range []*store{openStore(""), openStore(dir)} {
		s.put("a", "b")
		if s.get("a", &got) {
			t.Error("it is kept")
		}
	}
	s := openStore(t.TempDir())
	s.put("a", "of a")
	if err := os.Rename(s.path("a"), s.path("b")); err != nil {
		t.Fatal(err)
	}
	if s.get("b", &got) {
		t.Errorf("b is %q", got)
	}
}

// Runs at once leave whole values.
func TestStoresAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for run := range 8 {
		all.Go(func() {
			s := openStore(dir)
			for i := range 20 {
				var got string
				if s.get("a", &got) && strings.Trim(got, got[:1]) != "" {
					t.Errorf("it is %.20q", got)
				}
				s.put("a", strings.Repeat(fmt.Sprint(run), 1000+i))
			}
		})
	}
	all.Wait()
	var got string
	if entries, err := os.ReadDir(filepath.Join(dir, "registry")); err != nil || len(entries) != 1 || !openStore(dir).get("a", &got) {
		t.Errorf("%d files are left: %v", len(entries), err)
	}
}
