package reading

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
	return HasAny(name, namesOfPrograms)
}

// IsShellProgram reports whether the first line of a file says that a shell runs it.
func IsShellProgram(src []byte) bool {
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
			return Contains(ShellNames, name)
		}
	}
	return false
}

const maxFirstLine = 200

// ShellNames are the shells whose scripts are followed.
const ShellNames = "bash sh dash ash ksh zsh"

// KindOfFile is KindOf for a file that is read: one without an ending is a script by its first line, and one of a name that
// says little is a pipeline by its content.
func (t *Tree) KindOfFile(p string, f *trace.File) Kind {
	if kind := KindOf(p); kind != 0 || f == nil {
		if kind == Pipeline && f != nil && !FormatOf(p).Fits(f.Src) {
			return 0
		}
		return kind
	}
	if MayBeProgram(path.Base(p), true) && len(f.Src) <= MaxProgramSize && IsShellProgram(f.Src) {
		return Shell
	}
	return 0
}
