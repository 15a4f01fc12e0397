package gitrepo

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/mapped"
)

// writeIndex writes an index of ids whose offsets are what offset says.
func writeIndex(t *testing.T, ids []ID, offset func(i int) uint64) string {
	t.Helper()
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	out := []byte("\xfftOc\x00\x00\x00\x02")
	for first := range 256 {
		n, _ := slices.BinarySearchFunc(ids, first+1, func(id ID, next int) int { return int(id[0]) - next })
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, id := range ids {
		out = append(out, id[:]...)
	}
	out = append(out, make([]byte, 4*len(ids))...)
	var large []byte
	for i := range ids {
		if n := offset(i); n < 1<<31 {
			out = binary.BigEndian.AppendUint32(out, uint32(n))
		} else {
			out = binary.BigEndian.AppendUint32(out, 1<<31|uint32(len(large)/8))
			large = binary.BigEndian.AppendUint64(large, n)
		}
	}
	out = append(append(out, large...), make([]byte, 2*trailer)...)
	path := filepath.Join(gittest.TempDir(t), "pack.idx")
	if err := os.WriteFile(path, out, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPackIndex finds every id, and no other, in memory and in the file, where
// ids are spread evenly and where they are not.
func TestPackIndex(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	ids := make([]ID, 20_000)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][:], random.Uint64())
		if i%3 == 0 { // a crowd
			copy(ids[i][:], "\x42\x42\x42\x42\x42\x42")
		}
		binary.BigEndian.PutUint32(ids[i][16:], uint32(i))
	}
	offset := func(i int) uint64 {
		if i%5 == 0 {
			return 1<<32 + uint64(i)
		}
		return packHeader + uint64(i)
	}
	path := writeIndex(t, ids, offset)
	for _, most := range []int64{mapped.Max, 0} {
		x, err := openIndex(path, most)
		if err != nil {
			t.Fatal(err)
		}
		x.packed = 1 << 40
		var buf []byte
		for i, id := range ids {
			if got, ok, err := x.find(id, &buf); !ok || err != nil || uint64(got) != offset(i) {
				t.Fatalf("find(%s) = %d, %v, %v; want %d", id, got, ok, err, offset(i))
			}
			id[19] ^= 0x80
			id[10] ^= 1
			if _, ok, err := x.find(id, &buf); ok || err != nil {
				t.Fatalf("find(%s) = %v, %v; it is not there", id, ok, err)
			}
		}
		n := 0
		err = x.withPrefix([]byte("\x42\x42\x42"), func(id ID) {
			n++
			if !bytes.HasPrefix(id[:], []byte("\x42\x42\x42")) {
				t.Errorf("%s does not begin so", id)
			}
		})
		if want := (len(ids) + 2) / 3; err != nil || n != want {
			t.Errorf("%d begin so, %v; want %d", n, err, want)
		}
		if err := x.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestBasesAreBounded puts more in than is kept.
func TestBasesAreBounded(t *testing.T) {
	t.Parallel()
	var b bases
	p := &pack{}
	for i := range int64(100) {
		b.put(p, i, base{data: make([]byte, maxBases/10)})
		if b.size > maxBases || len(b.byPlace) > 10 {
			t.Fatalf("%d bytes in %d are kept", b.size, len(b.byPlace))
		}
		if _, ok := b.get(p, 0); !ok {
			t.Fatal("what is used all the time is not kept")
		}
	}
	b.put(p, 1000, base{data: make([]byte, maxBases)})
	if _, ok := b.get(p, 1000); ok {
		t.Error("one that takes all the place is kept")
	}
}

// FuzzDelta: no delta makes a panic, or a result of another length than it says.
func FuzzDelta(f *testing.F) {
	f.Add([]byte("0123456789"), []byte("\x0a\x05\x91\x02\x03\x02xy"))
	f.Add([]byte("0123456789"), []byte("\x0a\xff\xff\xff\xff\xff\x7f\x80"))
	f.Fuzz(func(t *testing.T, from, delta []byte) {
		var into []byte
		out, ok := applyDelta(from, delta, &into)
		_, rest, _ := deltaSize(delta)
		if size, _, _ := deltaSize(rest); ok && int64(len(out)) != size {
			t.Errorf("%d bytes, want %d", len(out), size)
		}
	})
}

// FuzzTree: no tree makes a panic, what is read is sorted and safe, and what is
// written again reads the same.
func FuzzTree(f *testing.F) {
	id := string(make([]byte, 20))
	f.Add([]byte("100644 a\x00" + id + "40000 b\x00" + id))
	f.Add([]byte("040000 a\x00" + id + "100664 b.c\x00" + id))
	f.Add([]byte("100644 ..\x00" + id))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parseTree(raw)
		if err != nil {
			return
		}
		for i, e := range list {
			if !valid(e.Name) || e.Name == "." || i > 0 && list[i-1].Name >= e.Name {
				t.Errorf("entry %d is %q", i, e.Name)
			}
		}
		again, err := canonical(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parseTree(again); err != nil || !slices.Equal(got, list) {
			t.Errorf("%v, %v; want %v", got, err, list)
		}
	})
}
