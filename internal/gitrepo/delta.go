package gitrepo

import (
	"container/list"
	"slices"
)

// deltaSize takes one of the two sizes off the beginning of a delta.
func deltaSize(delta []byte) (size int64, rest []byte, ok bool) {
	for i, shift := 0, 0; i < len(delta) && shift <= 56; i, shift = i+1, shift+7 {
		size |= int64(delta[i]&0x7f) << shift
		if delta[i]&0x80 == 0 {
			return size, delta[i+1:], true
		}
	}
	return 0, nil, false
}

// applyDelta makes an object out of its base, in *into. It reports false if the
// delta is not one of that base.
func applyDelta(from, delta []byte, into *[]byte) ([]byte, bool) {
	source, delta, ok := deltaSize(delta)
	if !ok || source != int64(len(from)) {
		return nil, false
	}
	size, delta, ok := deltaSize(delta)
	// What a delta can make is bounded by its length: a copy of seven bytes
	// makes 16 MiB at most, and no more than all of the base.
	if !ok || size > int64(len(delta))*int64(max(len(from), 127)) {
		return nil, false
	}
	out := slices.Grow((*into)[:0], int(min(size, maxAtOnce)))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op&0x80 == 0 {
			n := int(op)
			if n == 0 || n > len(delta) || n > int(size)-len(out) {
				return nil, false
			}
			out = append(out, delta[:n]...)
			delta = delta[n:]
			continue
		}
		var args [7]byte
		for i := range args {
			if op>>i&1 != 0 {
				if len(delta) == 0 {
					return nil, false
				}
				args[i] = delta[0]
				delta = delta[1:]
			}
		}
		at := int(args[0]) | int(args[1])<<8 | int(args[2])<<16 | int(args[3])<<24
		n := int(args[4]) | int(args[5])<<8 | int(args[6])<<16
		if n == 0 {
			n = 1 << 16
		}
		if at < 0 || at > len(from)-n || n > int(size)-len(out) {
			return nil, false
		}
		out = append(out, from[at:at+n]...)
	}
	*into = out
	return out, int64(len(out)) == size
}

// A base is an object that deltas start from. Nobody writes to its data.
type base struct {
	kind kind
	data []byte
}

type place struct {
	pack   *pack
	offset int64
}

// bases keeps the bases that were used last: the neighbours of an object in a
// pack mostly have the same.
type bases struct {
	byPlace map[place]*list.Element
	order   list.List // of *heldBase, the one used last in front
	size    int
}

type heldBase struct {
	at place
	base
}

// maxBases bounds the memory of one decoder's bases.
const maxBases = 16 << 20

func (b *bases) get(p *pack, offset int64) (base, bool) {
	e, ok := b.byPlace[place{p, offset}]
	if !ok {
		return base{}, false
	}
	b.order.MoveToFront(e)
	return e.Value.(*heldBase).base, true
}

func (b *bases) put(p *pack, offset int64, held base) {
	if len(held.data) > maxBases/4 {
		return
	}
	if b.byPlace == nil {
		b.byPlace = map[place]*list.Element{}
	}
	at := place{p, offset}
	if b.byPlace[at] != nil {
		return
	}
	b.byPlace[at] = b.order.PushFront(&heldBase{at, held})
	for b.size += len(held.data); b.size > maxBases; {
		oldest := b.order.Remove(b.order.Back()).(*heldBase)
		delete(b.byPlace, oldest.at)
		b.size -= len(oldest.data)
	}
}
