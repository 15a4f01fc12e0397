package buildfile

import (
	"bytes"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// naming returns the files in which the name of a script without an ending stands; all files
// where that takes too long to find out.
func (f *scriptIndex) naming(name string) []string {
	var by []string
	for p, g := range f.words {
		f.searched += len(g.src)
		if f.searched > maxSearched || runsProgram(g.src, "/"+name) {
			by = append(by, p)
		}
	}
	return by
}

// runsProgram reports whether a path ends in a name.
func runsProgram(src []byte, name string) bool {
	for {
		i := bytes.Index(src, []byte(name))
		if i < 0 {
			return false
		}
		src = src[i+len(name):]
		if len(src) == 0 || !reading.IsWordByte(src[0]) && src[0] != '/' {
			return true
		}
	}
}

// maxSearched bounds how much is searched for the names of scripts without an ending.
const maxSearched = 1 << 28
