package buildfile

import (
	"bytes"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// MaxProgramSize is the size in bytes up to which a file without an ending is read, which may
// be a shell script.
const MaxProgramSize = 64 << 10

// namesOfPrograms are in the names of scripts that build images, whatever their mode.
var namesOfPrograms = []string{"build", "docker", "image", "publish", "release", "bake"}

// MayBeProgram reports whether a file without an ending may be a shell script, as its first
// line tells: it may be run, or is called like one that builds images.
func MayBeProgram(name string, runs bool) bool {
	if strings.IndexByte(name, '.') >= 0 || scanner.IsDockerfile(name) {
		return false
	}
	if runs {
		return true
	}
	return hasAny(name, namesOfPrograms)
}

// isShellProgram reports whether the first line of a file says that a shell runs it.
func isShellProgram(src []byte) bool {
	if !bytes.HasPrefix(src, []byte("#!")) {
		return false
	}
	line, _, _ := bytes.Cut(src[2:min(len(src), maxFirstLine)], []byte("\n"))
	words := strings.Fields(string(line))
	for i, word := range words {
		if name := path.Base(word); name != "env" || i > 0 {
			if strings.HasPrefix(word, "-") || strings.Contains(word, "=") {
				continue
			}
			return contains(shellNames, name)
		}
	}
	return false
}

const maxFirstLine = 200

// shellNames are the shells whose scripts are followed.
const shellNames = "bash sh dash ash ksh zsh"

// kindOf is KindOf for a file that is read: one without an ending is a script by its first line.
func (t *tree) kindOf(p string, f *trace.File) Kind {
	if kind := KindOf(p); kind != 0 || f == nil {
		return kind
	}
	if MayBeProgram(path.Base(p), true) && len(f.Src) <= MaxProgramSize && isShellProgram(f.Src) {
		return Shell
	}
	return 0
}

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
		if len(src) == 0 || !isWordByte(src[0]) && src[0] != '/' {
			return true
		}
	}
}

// maxSearched bounds how much is searched for the names of scripts without an ending.
const maxSearched = 1 << 28
