package object

import (
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// A Reader reads objects on behalf of one goroutine. Several Readers of a Store may be
// used at once. Close it when done.
type Reader struct {
	store *Store
	src   source // nil until something is read
	hash  hash.Hash
	buf   []byte      // of trees
	list  []TreeEntry // of the last tree
}

// Reader returns a Reader.
func (s *Store) Reader() *Reader { return &Reader{store: s, hash: s.Format.new()} }

// Close ends the use of the Reader.
func (r *Reader) Close() {
	if r.src != nil {
		r.store.giveBack(r.src)
		r.src = nil
	}
}

// Infos calls got with the kind and the size of each object, or with an error.
func (r *Reader) Infos(ids []ID, got func(i int, kind Kind, size int64, err error)) {
	broken := func(i int, err error) { got(i, "", 0, err) }
	r.store.here(ids, "", broken, func(ids []ID, at func(i int) int) {
		r.each(len(ids), func(from int, done func(i int)) error {
			return r.src.infos(ids[from:], func(i int, kind Kind, size int64, err error) {
				done(from + i)
				got(at(from+i), kind, size, err)
			})
		}, func(i int, err error) { broken(at(i), err) })
	})
}

// Trees calls got with the entries of each tree, sorted by name, which are overwritten after
// the call, or with an error. A tree with a name that leads elsewhere, or stands twice, is
// an error.
func (r *Reader) Trees(ids []ID, got func(i int, list []TreeEntry, err error)) {
	broken := func(i int, err error) { got(i, nil, err) }
	r.store.here(ids, Tree, broken, func(ids []ID, at func(i int) int) {
		r.contents(ids, Tree, true, func(i int, data []byte, err error) {
			if err != nil {
				got(at(i), nil, err)
				return
			}
			list, err := parseTree(r.list[:0], data, r.store.Format.Size)
			if err == nil {
				r.list = list
			}
			got(at(i), list, err)
		})
	})
}

// Blobs calls got with the content of each blob, which is the caller's own, or with an error.
// What has more than most bytes is not read, and an error that wraps ErrTooLarge.
func (r *Reader) Blobs(ids []ID, most int64, got func(i int, data []byte, err error)) {
	var wanted []ID
	var at []int
	r.Infos(ids, func(i int, kind Kind, size int64, err error) {
		switch {
		case err != nil:
			if errors.Is(err, ErrMissing) {
				err = r.store.missing(ids[i])
			}
			got(i, nil, err)
		case kind != Blob:
			got(i, nil, wrong(kind, Blob))
		case size > most:
			got(i, nil, ErrTooLarge)
		default:
			wanted, at = append(wanted, ids[i]), append(at, i)
		}
	})
	r.contents(wanted, Blob, false, func(i int, data []byte, err error) { got(at[i], data, err) })
}

// Read returns one object of the given kind, which is the caller's own.
func (r *Reader) Read(id ID, want Kind) (data []byte, err error) {
	broken := func(_ int, e error) { err = e }
	r.store.here([]ID{id}, want, broken, func(ids []ID, _ func(i int) int) {
		r.contents(ids, want, false, func(_ int, d []byte, e error) { data, err = d, e })
	})
	return data, err
}

func wrong(kind, want Kind) error { return fmt.Errorf("it is a %s, not a %s", kind, want) }

// contents calls got with the content of each object, which is overwritten after the call
// if it is passing.
func (r *Reader) contents(ids []ID, want Kind, passing bool, got func(i int, data []byte, err error)) {
	r.each(len(ids), func(from int, done func(i int)) error {
		return r.src.contents(ids[from:], func(i int, kind Kind, size int64, content io.Reader, err error) {
			i += from
			var data []byte
			switch {
			case errors.Is(err, ErrMissing):
				err = r.store.missing(ids[i])
			case err != nil:
			case kind != want:
				err = wrong(kind, want)
			default:
				if data, err = r.read(content, size, passing); err != nil && r.store.Git != nil {
					return // the process has ended, and that says why
				}
				if err == nil {
					err = r.check(ids[i], kind, data)
				}
			}
			done(i)
			got(i, data, err)
		})
	}, func(i int, err error) { got(i, nil, err) })
}

// maxAtOnce is the size up to which an object is given its memory before it is known that
// the size is true.
const maxAtOnce = 1 << 20

// read reads a content.
func (r *Reader) read(content io.Reader, size int64, passing bool) (data []byte, err error) {
	if size > maxAtOnce {
		data, err = io.ReadAll(content)
		if err == nil && int64(len(data)) != size {
			err = io.ErrUnexpectedEOF
		}
		return data, err
	}
	if passing {
		r.buf = slices.Grow(r.buf[:0], int(size))[:size]
		data = r.buf
	} else {
		data = make([]byte, size)
	}
	_, err = io.ReadFull(content, data)
	return data, err
}

// check compares a content with its id.
func (r *Reader) check(id ID, kind Kind, data []byte) error {
	if r.store.Replaced {
		return nil
	}
	if got := r.store.Format.sum(r.hash, kind, data); got != id {
		return fmt.Errorf("it is corrupt: its content has the id %s", got)
	}
	return nil
}

// each calls ask, which asks for objects from a number on and reports those that are done.
// Where the source ends in the middle, the object that it was at is broken, and another
// source goes on behind it.
func (r *Reader) each(n int, ask func(from int, done func(i int)) error, broken func(i int, err error)) {
	for next := 0; next < n; {
		if r.src == nil {
			var err error
			if r.src, err = r.store.source(); err != nil {
				for ; next < n; next++ {
					broken(next, err)
				}
				return
			}
		}
		err := ask(next, func(i int) { next = i + 1 })
		if err == nil {
			return
		}
		err = r.src.died(err)
		r.src = nil
		if next < n {
			if err = corrupt(err); isPromised(err) {
				err = ErrMissing
			}
			broken(next, err)
			next++
		}
	}
}
