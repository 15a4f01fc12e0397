package reading

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// Programs name directories of the repository without its path. In texts these
// characters stand for them.
const (
	RootDir  = "\x01" // the root of the repository
	StartDir = "\x02" // the directory in which the program is started
)

// Mounted begins a start that is above the repository; the path from it to the root is behind.
const Mounted = "\x03"

// Elsewhere ends what a start says of itself: behind each is the path from the root of a directory
// into which another repository is put, and the files that are there now are none of what is run.
const Elsewhere = "\x04"

// isElsewhere reports whether a path from the root is in one of the directories of a start that hold
// another repository.
func isElsewhere(start, p string) bool {
	_, dirs, found := strings.Cut(start, Elsewhere)
	if !found {
		return false
	}
	for dir := range strings.SplitSeq(dirs, Elsewhere) {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// Without returns a place whose directory dir, as it is seen from there, holds another repository.
func (w Workplace) Without(dir string) Workplace {
	starts := make([]string, 0, len(w.Starts))
	for _, start := range w.Starts {
		if p, ok := Locate(ChangeDir(w.Cwd, dir), start); ok && p != "." {
			start += Elsewhere + p
		}
		starts = append(starts, start)
	}
	w.Starts = starts
	return w
}

// CutAnchor splits a path that begins at one of these directories.
func CutAnchor(p string) (anchor, rest string, ok bool) {
	for _, anchor := range []string{RootDir, StartDir} {
		if rest, found := strings.CutPrefix(p, anchor); found && (rest == "" || rest[0] == '/') {
			return anchor, strings.TrimLeft(rest, "/"), true
		}
	}
	return "", p, false
}

// ChangeDir returns the directory that p leads to from cwd. It is unknown where either is.
// It may lead out of the repository: see settle.
func ChangeDir(cwd, p string) string {
	anchor, rest, ok := CutAnchor(p)
	if !ok {
		if path.IsAbs(p) || strings.HasPrefix(p, "~") || strings.Contains(p, "://") {
			return Unknown
		}
		var from string
		if anchor, from, ok = CutAnchor(cwd); !ok {
			return Unknown
		}
		rest = path.Join(from, p)
	}
	rest = path.Clean(rest)
	if strings.Contains(rest, Unknown) {
		return Unknown
	}
	return anchor + "/" + rest
}

// A Workplace is where a command runs.
type Workplace struct {
	Starts []string // the directories in which its program may be started, the likeliest first
	Cwd    string   // as enter returns it

	// IsApart says that another repository was put into a directory that is not known: what is built
	// in one may be of that.
	IsApart bool
}

// Find is [Tree.Dockerfile] for a command: file is relative to the directory of the
// command and, where anyDir is set, also to the context. A context that is not
// known has no directory, and needs a file.
//
// Behind a cd to a directory that is not known, only a build that names a
// directory is looked for: nearly all of these go back to the root.
func (w Workplace) Find(t *Tree, context, file string, anyDir bool) (dockerfile, contextDir string, ok bool) {
	known := !strings.Contains(context, Unknown)
	if strings.Contains(file, Unknown) || !known && file == "" {
		return "", "", false
	}
	cwd := w.Cwd
	if cwd == Unknown {
		named := file
		if file == "" {
			named = context
		}
		_, _, fixed := CutAnchor(named)
		if named = path.Clean(named); !fixed && (w.IsApart || named == "." || strings.HasPrefix(named, "..") || file != "" && !strings.Contains(named, "/")) {
			return "", "", false
		}
		cwd = StartDir
	}
	for _, start := range w.Starts {
		context, file, others := context, file, start
		if _, ok := Locate(ChangeDir(cwd, "."), start); !ok && strings.HasPrefix(start, Mounted) {
			if known {
				if context, ok = Locate(ChangeDir(cwd, context), start); !ok {
					continue
				}
			}
			if file != "" {
				if file, ok = Locate(ChangeDir(cwd, file), start); !ok {
					continue
				}
			}
			start = "."
		}
		dir, ok := Locate(ChangeDir(cwd, "."), start)
		if !ok {
			continue
		}
		from, ok := relative(dir, start, context)
		if !known {
			from, ok = ".", true
		}
		name, okName := relative(dir, start, file)
		if !ok || !okName {
			continue
		}
		for _, fromDir := range []bool{true, false} {
			if !fromDir && (!anyDir || file == "" || !known) {
				break
			}
			if dockerfile, contextDir, ok := t.Dockerfile([]string{dir}, from, name, fromDir); ok && !isElsewhere(others, dockerfile) {
				if !known {
					contextDir = ""
				}
				return dockerfile, contextDir, true
			}
		}
	}
	return "", "", false
}

// Locate returns the path from the root of a directory that enter returned, in a
// program that is started in start; ok is false where it is outside of the repository.
func Locate(dir, start string) (_ string, ok bool) {
	anchor, rest, ok := CutAnchor(dir)
	if !ok {
		return "", false
	}
	own, _, _ := strings.Cut(start, Elsewhere)
	if root, ok := strings.CutPrefix(own, Mounted); ok {
		if dir = path.Clean(rest); dir == root {
			return ".", true
		}
		below, ok := strings.CutPrefix(dir, root+"/")
		return below, (ok || anchor == RootDir) && !isElsewhere(start, below)
	}
	if anchor == RootDir {
		own = "."
	}
	dir = path.Join(own, rest)
	return dir, dir != ".." && !strings.HasPrefix(dir, "../") && !isElsewhere(start, dir)
}

// relative returns p so that it can be read from dir.
func relative(dir, start, p string) (string, bool) {
	if _, _, ok := CutAnchor(p); !ok {
		return p, true
	}
	to, ok := Locate(ChangeDir(StartDir, p), start)
	if !ok {
		return "", false
	}
	if dir = path.Clean(dir); dir != "." {
		to = strings.Repeat("../", 1+strings.Count(dir, "/")) + to
	}
	return to, true
}

// Hidden reports whether a text holds what cannot be written into a value.
func Hidden(t trace.Text) bool {
	return strings.Contains(t.S, Unknown) || strings.ContainsAny(t.S, RootDir+StartDir)
}

// IsVoid reports whether a value is none to hand in: nothing of it is known, or it is
// a directory, which has no name outside of the program.
func IsVoid(t trace.Text) bool {
	return t.S != "" && strings.Trim(t.S, Unknown) == "" || IsDirectory(t)
}

// IsDirectory reports whether a value is or holds a directory of the repository.
func IsDirectory(t trace.Text) bool { return strings.ContainsAny(t.S, RootDir+StartDir) }

// ContextValue returns what a named context is. One of which nothing is known keeps
// its name, since no image of that name is taken, and has no value; of an image the
// part that is known may be enough.
func ContextValue(t trace.Text) trace.Text {
	const registry = "docker-image://"
	if rest, ok := strings.CutPrefix(t.S, registry); ok && rest != "" && !IsVoid(trace.Plain(rest)) || !Hidden(t) {
		return t
	}
	return trace.Text{}
}

// FieldsOf splits a text at white space.
func FieldsOf(t trace.Text) []trace.Text {
	var all []trace.Text
	for i := 0; i < len(t.S); {
		if IsSpace(t.S[i]) {
			i++
			continue
		}
		j := i
		for j < len(t.S) && !IsSpace(t.S[j]) {
			j++
		}
		all = append(all, t.Slice(i, j))
		i = j
	}
	return all
}

// JoinWith returns the texts with sep between them.
func JoinWith(sep string, texts []trace.Text) trace.Text {
	all := make([]trace.Text, 0, 2*len(texts))
	for i, t := range texts {
		if i > 0 {
			all = append(all, trace.Plain(sep))
		}
		all = append(all, t)
	}
	return trace.Join(all...)
}

// A Fuel bounds what is done for one file, whatever it says.
type Fuel struct{ Left int }

// The bounds of what is done for one file, and made of it.
const (
	FuelPerFile = 4 << 20
	MaxBuilds   = 512         // of one file; a matrix alone has up to 256
	MaxText     = 8 << 10     // bytes of one value
	MaxScript   = 8 * MaxText // bytes of a text that is put together of values
	MaxDepth    = 12          // of calls, includes and nested expansions
)

// CostOfStep is what a step takes, beside the bytes that it makes.
const CostOfStep = 32

// Step takes what a step does that makes n bytes, and reports whether that much was
// left.
func (f *Fuel) Step(n int) bool { return f.Use(CostOfStep + n) }

// Use takes n, and reports whether that much was left.
func (f *Fuel) Use(n int) bool {
	f.Left -= n
	return f.Left > 0
}
