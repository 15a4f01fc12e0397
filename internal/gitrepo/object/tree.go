package object

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A TreeEntry is an entry of a directory.
type TreeEntry struct {
	Name string
	ID   ID
	// Mode is 0644 or, for an executable file, 0755; fs.ModeDir|0755 for a
	// directory, fs.ModeSymlink|0777 for a symbolic link, and fs.ModeIrregular
	// for a submodule, whose ID is a commit of another repository.
	Mode fs.FileMode
}

// A RawEntry is an entry of a tree where it stands in the tree's bytes.
type RawEntry struct {
	Name []byte
	ID   []byte // may be written to
	mode uint32
	as   []byte // the digits of the mode
}

// Mode returns the mode as [TreeEntry] has it.
func (e RawEntry) Mode() fs.FileMode { return fileMode(e.mode) }

// Digits returns the mode as it is written.
func (e RawEntry) Digits() string { return string(e.as) }

// NextEntry takes the first entry off the bytes of a tree, whose ids have size bytes.
func NextEntry(raw []byte, size int) (e RawEntry, rest []byte, err error) {
	i := 0
	for ; i < len(raw) && raw[i] >= '0' && raw[i] <= '7' && i < 7; i++ {
		e.mode = e.mode<<3 | uint32(raw[i]-'0')
	}
	if i == 0 || i >= len(raw) || raw[i] != ' ' {
		return e, nil, fmt.Errorf("it is corrupt: an entry has no mode")
	}
	e.as, raw = raw[:i], raw[i+1:]
	n := bytes.IndexByte(raw, 0)
	if n < 0 || len(raw) < n+1+size {
		return e, nil, fmt.Errorf("it is corrupt: its last entry is cut off")
	}
	e.Name, e.ID = raw[:n], raw[n+1:n+1+size]
	return e, raw[n+1+size:], nil
}

// The bits of a mode that git looks at.
const (
	typeMask    = 0o170000
	typeDir     = 0o040000
	typeRegular = 0o100000
	typeLink    = 0o120000
	executable  = 0o100
)

// fileMode translates the mode of an entry, and takes for a submodule what git
// takes for one.
func fileMode(mode uint32) fs.FileMode {
	switch {
	case mode&typeMask == typeDir:
		return fs.ModeDir | 0o755
	case mode&typeMask == typeLink:
		return fs.ModeSymlink | 0o777
	case mode&typeMask == typeRegular && mode&executable != 0:
		return 0o755
	case mode&typeMask == typeRegular:
		return 0o644
	}
	return fs.ModeIrregular
}

// modeText is how git writes the modes.
var modeText = map[fs.FileMode]string{
	fs.ModeDir | 0o755: "40000", fs.ModeSymlink | 0o777: "120000", 0o755: "100755", 0o644: "100644", fs.ModeIrregular: "160000",
}

// Canonical returns a tree with the modes that git writes today, as git does when it
// writes a tree again.
func Canonical(raw []byte, size int) ([]byte, error) {
	var out []byte
	for rest := raw; len(rest) > 0; {
		e, next, err := NextEntry(rest, size)
		if err != nil {
			return nil, err
		}
		as := modeText[fileMode(e.mode)]
		if out == nil && string(e.as) != as {
			out = slices.Clone(raw[:len(raw)-len(rest)])
		}
		if out != nil {
			out = append(append(out, as...), rest[len(e.as):len(rest)-len(next)]...)
		}
		rest = next
	}
	if out == nil {
		return raw, nil
	}
	return out, nil
}

// parseTree appends the entries of a tree to list, sorted by name. A name that leads out
// of the directory, or stands twice, is an error.
func parseTree(list []TreeEntry, raw []byte, size int) ([]TreeEntry, error) {
	// All names and ids are parts of one string, which is one allocation.
	text := string(raw)
	sorted := true
	for rest := raw; len(rest) > 0; {
		e, next, err := NextEntry(rest, size)
		if err != nil {
			return nil, err
		}
		rest = next
		at := len(raw) - len(rest) - size
		entry := TreeEntry{Name: text[at-1-len(e.Name) : at-1], ID: ID(text[at : at+size]), Mode: fileMode(e.mode)}
		if n := entry.Name; n == "" || n == "." || n == ".." || strings.IndexByte(n, '/') >= 0 {
			return nil, unsafeName(n)
		}
		sorted = sorted && (len(list) == 0 || list[len(list)-1].Name < entry.Name)
		list = append(list, entry)
	}
	if sorted {
		return list, nil
	}
	// git sorts a directory as if its name ended in a slash.
	slices.SortFunc(list, func(a, b TreeEntry) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(list); i++ {
		if list[i].Name == list[i-1].Name {
			return nil, unsafeName(list[i].Name)
		}
	}
	return list, nil
}

func unsafeName(name string) error {
	return fmt.Errorf("a name in it is unsafe or stands twice: %q", name)
}
