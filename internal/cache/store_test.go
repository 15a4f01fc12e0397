package cache

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func key(i int) Key      { return KeyOf("test", fmt.Sprint(i)) }
func value(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%d ", i), i%50) }

// holds fails the test unless the store gives the right value or none; it returns
// how many it has.
func holds(t *testing.T, s *Store, n int) int {
	t.Helper()
	found := 0
	for i := range n {
		if got, ok := s.Get(key(i)); ok {
			found++
			if !bytes.Equal(got, value(i)) {
				t.Fatalf("%d has the value %q", i, got)
			}
		}
	}
	return found
}

func fill(t *testing.T, path string, from, to int) {
	t.Helper()
	s := Open(path)
	for i := from; i < to; i++ {
		s.Put(key(i), value(i))
	}
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "store")
	if n := holds(t, Open(path), 10); n != 0 {
		t.Errorf("a store that does not exist holds %d values", n)
	}
	fresh := Open(path)
	if !fresh.IsEmpty() {
		t.Error("a store that does not exist is not empty")
	}
	if fresh.Put(key(1), value(1)); fresh.IsEmpty() {
		t.Error("what was put does not count")
	}
	fill(t, path, 0, 100)
	fill(t, path, 50, 200)
	if n := holds(t, Open(path), 200); n != 200 {
		t.Errorf("it holds %d of 200 values", n)
	}
	if Open(path).IsEmpty() {
		t.Error("a file with values is empty")
	}
	before, _ := os.ReadFile(path)
	fill(t, path, 0, 200)
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("a run without anything new writes")
	}
	if KeyOf("a", "bc") == KeyOf("ab", "c") {
		t.Error("keys depend on their joined parts alone")
	}
	var none *Store
	none.Put(key(1), nil)
	if _, ok := none.Get(key(1)); ok || none.Save() != nil || !none.IsEmpty() {
		t.Error("no store holds something")
	}
}

// However a store is damaged, it gives a right value or none, and the next run mends
// it.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	fill(t, path, 0, 300)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		bad := bytes.Clone(good)
		switch at := random.IntN(len(bad)); random.IntN(4) {
		case 0:
			bad = bad[:at]
		case 1:
			bad[at] ^= byte(1 + random.IntN(255))
		case 2:
			bad = append(bad, bad[at:]...)
		case 3:
			clear(bad[at:min(len(bad), at+100)])
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s := Open(path)
		holds(t, s, 300)
		s.Put(key(300), value(300))
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		again := Open(path)
		if got, ok := again.Get(key(300)); !again.whole || !ok || !bytes.Equal(got, value(300)) {
			t.Fatal("it was not mended")
		}
	}
}

// A store stays within its bound, with what the last run used.
func TestBound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	const always, never = 10_001, 10_002
	fill(t, path, always, never+1)
	for run := range 20 {
		s := Open(path)
		s.max = 20_000
		if got, ok := s.Get(key(always)); !ok || !bytes.Equal(got, value(always)) {
			t.Fatalf("run %d does not find what each run uses", run)
		}
		for i := run * 100; i < run*100+100; i++ {
			s.Put(key(i), value(i))
		}
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		s = Open(path)
		if s.size > 20_000 {
			t.Fatalf("it has %d bytes", s.size)
		}
		for i := run * 100; i < run*100+100; i++ {
			if got, ok := s.Get(key(i)); !ok || !bytes.Equal(got, value(i)) {
				t.Fatalf("after run %d the value %d is %q", run, i, got)
			}
		}
	}
	if _, ok := Open(path).Get(key(never)); ok {
		t.Error("it holds what no run has used")
	}
}

// Many runs that each write a little lose nothing, and do not make the file slow to
// look in.
func TestManyRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	const runs = 2*maxSegments + 2
	for i := range runs {
		fill(t, path, i, i+1)
		if n := len(Open(path).segments); n > maxSegments {
			t.Fatalf("after run %d it has %d segments", i, n)
		}
	}
	if n := holds(t, Open(path), runs); n != runs {
		t.Errorf("it holds %d of %d values", n, runs)
	}
}

// What is too large is not held, and harms nothing.
func TestTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := Open(path)
	s.Put(key(1), make([]byte, maxValue+1))
	s.Put(key(2), value(2))
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if n := holds(t, Open(path), 3); n != 1 {
		t.Errorf("it holds %d values", n)
	}
}

// A file that is cut, emptied or removed while a store is open changes nothing for who
// has opened it, and the next run mends it.
func TestCutWhileOpen(t *testing.T) {
	for _, size := range []int64{0, 5, 100, 3000, -1} {
		path := filepath.Join(t.TempDir(), "store")
		fill(t, path, 0, 100)
		fill(t, path, 100, 300)
		s := Open(path)
		var err error
		if size < 0 {
			err = os.Remove(path)
		} else {
			err = os.Truncate(path, size)
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := holds(t, s, 300); n != 300 {
			t.Errorf("cut to %d bytes: it holds %d of 300 values", size, n)
		}
		s.Put(key(300), value(300))
		_ = s.Save() // of a file that is gone this is an error, and does no harm
		holds(t, Open(path), 301)
		fill(t, path, 0, 301)
		if n := holds(t, Open(path), 301); n != 301 {
			t.Errorf("cut to %d bytes: then it holds %d of 301 values", size, n)
		}
	}
}

func TestRunsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	fill(t, path, 0, 10)
	var group sync.WaitGroup
	for run := range 20 {
		group.Go(func() {
			s := Open(path)
			for i := run * 10; i < run*10+20; i++ {
				s.Put(key(i), value(i))
			}
			if err := s.Save(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := holds(t, Open(path), 220); n != 210 {
		t.Errorf("it holds %d of 210 values", n)
	}
}

// What is no file is no store, and nobody waits for it.
func TestNoFile(t *testing.T) {
	if _, ok := Open(os.DevNull).Get(key(1)); ok {
		t.Error("a device holds something")
	}
	dir := t.TempDir()
	if _, ok := Open(dir).Get(key(1)); ok {
		t.Error("a directory holds something")
	}
}
