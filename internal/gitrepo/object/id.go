package object

import (
	"crypto/sha1" //nolint:gosec // git's own
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
)

// An ID is the id of an object: 20 bytes, or 32 in a SHA-256 repository. "" is the id of
// nothing.
type ID string

// String returns the id as hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString([]byte(id)) }

// ParseID reads an id of 40 or 64 hexadecimal digits.
func ParseID(digits string) (ID, bool) {
	if len(digits) != 2*SHA1.Size && len(digits) != 2*SHA256.Size {
		return "", false
	}
	raw, err := hex.DecodeString(digits)
	return ID(raw), err == nil
}

// A Format says how the objects of a repository are named.
type Format struct {
	Name string // as git's configuration has it
	Size int    // of an id in bytes
	new  func() hash.Hash
}

// The formats that there are.
var (
	SHA1   = Format{"sha1", sha1.Size, sha1.New}
	SHA256 = Format{"sha256", sha256.Size, sha256.New}
)

// A Kind is the type of an object, as git calls it.
type Kind string

// The kinds that there are.
const (
	Commit Kind = "commit"
	Tree   Kind = "tree"
	Blob   Kind = "blob"
	Tag    Kind = "tag"
)

// An Object is an object in memory.
type Object struct {
	ID   ID
	Kind Kind
	Data []byte
}

// NewObject makes an object of its content.
func (f Format) NewObject(kind Kind, data []byte) Object {
	return Object{f.sum(f.new(), kind, data), kind, data}
}

// sum computes the id of an object.
func (f Format) sum(h hash.Hash, kind Kind, data []byte) ID {
	h.Reset()
	var head [32]byte
	text := strconv.AppendInt(append(append(head[:0], kind...), ' '), int64(len(data)), 10)
	h.Write(append(text, 0))
	h.Write(data)
	var sum [sha256.Size]byte
	return ID(h.Sum(sum[:0]))
}

// NewBlobHash returns what makes an id of the content of a blob that is not in memory.
func (f Format) NewBlobHash(size int64) hash.Hash {
	h := f.new()
	_, _ = fmt.Fprintf(h, "%s %d\x00", Blob, size)
	return h
}
