package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unsafe"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// dirtyUnstaged is DirtyAmong for the index of a work tree in which nothing is
// staged, which it reads from front to back without keeping it. ok is false for any
// other index, and for one of a form that is not known here.
func (r *Repo) dirtyUnstaged(ctx context.Context, limit int, among []string) (paths []string, ok bool, err error) {
	file, err := os.Open(filepath.Join(r.gitDir, "index"))
	if err != nil {
		return nil, false, nil //nolint:nilerr // whoever reads all of it says why
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, false, nil //nolint:nilerr // likewise
	}
	d := r.newDirt(info.ModTime(), limit)
	var read []*index.Entry
	in := &indexReader{in: bufio.NewReaderSize(file, 1<<18), left: info.Size() - trailer}
	tree, err := in.read(func(name []byte, raw []byte) {
		// Both are sorted. There are many names: the string lasts no longer than the call.
		next := unsafe.String(&name[0], len(name)) //nolint:gosec // as said above
		for len(among) > 0 && among[0] < next {
			among = among[1:]
		}
		if len(among) > 0 && among[0] == next {
			read = append(read, in.entry(string(name), raw))
		}
	})
	if err != nil || !r.isHeadTree(tree) {
		return nil, false, nil //nolint:nilerr // likewise
	}
	for _, e := range read {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if d.full() {
			break
		}
		changed, err := d.changed(e)
		if err != nil {
			return nil, false, fmt.Errorf("comparing %s: %w", e.Name, err)
		}
		if changed {
			d.add(e.Name)
		}
	}
	return d.paths, true, nil
}

// isHeadTree reports whether HEAD has this tree.
func (r *Repo) isHeadTree(tree plumbing.Hash) bool {
	id, _, ok, err := r.follow("HEAD")
	if err != nil || !ok || tree.IsZero() {
		return false
	}
	commit, err := r.objects.commit(id)
	return err == nil && commit.TreeHash == tree
}

// errIndex says that an index is not one that an indexReader reads.
var errIndex = errors.New("an index of another form")

// An indexReader reads an index of the versions 2 and 3 (git, "index-format").
type indexReader struct {
	in   *bufio.Reader
	left int64 // before the checksum at the end
}

const (
	indexEntry = 62 // bytes of an entry before its name, or before more flags
	extended   = 1 << 14
	stages     = 3 << 12
)

// peek returns the next n bytes, which are valid until the next call.
func (x *indexReader) peek(n int) ([]byte, error) {
	if int64(n) > x.left {
		return nil, errIndex
	}
	return x.in.Peek(n)
}

func (x *indexReader) skip(n int) error {
	if int64(n) > x.left {
		return errIndex
	}
	x.left -= int64(n)
	_, err := x.in.Discard(n)
	return err
}

// read calls entry for each file, with its name and the bytes before that, and
// returns the tree that the index says it holds.
func (x *indexReader) read(entry func(name, raw []byte)) (tree plumbing.Hash, err error) {
	head, err := x.peek(12)
	if err != nil {
		return tree, err
	}
	version, count := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
	if !bytes.HasPrefix(head, []byte("DIRC")) || version != 2 && version != 3 {
		return tree, errIndex
	}
	if err := x.skip(12); err != nil {
		return tree, err
	}
	for range count {
		if err := x.file(entry); err != nil {
			return tree, err
		}
	}
	for x.left > 0 {
		head, err := x.peek(8)
		if err != nil {
			return tree, err
		}
		name, size := string(head[:4]), int64(binary.BigEndian.Uint32(head[4:]))
		if err := x.skip(8); err != nil {
			return tree, err
		}
		switch {
		case name == "TREE":
			if tree, err = x.root(int(min(size, 128))); err != nil {
				return tree, err
			}
		case name[0] < 'A' || name[0] > 'Z':
			return tree, errIndex // without it the rest cannot be understood
		}
		if size > x.left {
			return tree, errIndex
		}
		x.left -= size
		if _, err := io.CopyN(io.Discard, x.in, size); err != nil {
			return tree, err
		}
	}
	return tree, nil
}

// file reads one entry. One with a conflict is left to who knows what that means.
func (x *indexReader) file(entry func(name, raw []byte)) error {
	const most = 4096 // bytes of an entry with its name
	raw, err := x.peek(int(min(most, x.left)))
	if err != nil || len(raw) < indexEntry {
		return errIndex
	}
	flags := binary.BigEndian.Uint16(raw[indexEntry-2:])
	start := indexEntry
	if flags&extended != 0 {
		start += 2
	}
	n := -1
	if start < len(raw) {
		n = bytes.IndexByte(raw[start:], 0)
	}
	if n <= 0 || flags&stages != 0 {
		return errIndex
	}
	entry(raw[start:start+n], raw[:start])
	return x.skip((start + n + 8) &^ 7)
}

// root returns the tree of the root in the next n bytes of the extension of trees,
// the zero one where something is staged.
func (x *indexReader) root(n int) (tree plumbing.Hash, err error) {
	raw, err := x.peek(n)
	if err != nil {
		return tree, err
	}
	// The name of the root, which is empty, then how many entries it has.
	rest, ok := bytes.CutPrefix(raw, []byte{0})
	numbers, rest, ok2 := bytes.Cut(rest, []byte("\n"))
	entries, _, _ := bytes.Cut(numbers, []byte(" "))
	if count, err := strconv.Atoi(string(entries)); !ok || !ok2 || err != nil || count < 0 || len(rest) < len(tree) {
		return tree, nil //nolint:nilerr // it has been made invalid
	}
	copy(tree[:], rest)
	return tree, nil
}

// entry returns an entry as dirt.changed takes it.
func (x *indexReader) entry(name string, raw []byte) *index.Entry {
	number := func(at int) uint32 { return binary.BigEndian.Uint32(raw[at:]) }
	e := &index.Entry{Name: name, ModifiedAt: time.Unix(int64(number(8)), int64(number(12))), Mode: filemode.FileMode(number(24)), Size: number(36)}
	copy(e.Hash[:], raw[40:60])
	const skipWorktree = 1 << 14
	e.SkipWorktree = len(raw) > indexEntry && binary.BigEndian.Uint16(raw[indexEntry:])&skipWorktree != 0
	return e
}
