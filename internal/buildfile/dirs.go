package buildfile

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// Programs name directories of the repository without its path. In texts these
// characters stand for them.
const (
	rootDir  = "\x01" // the root of the repository
	startDir = "\x02" // the directory in which the program is started
)

// mounted begins a start that is above the repository; the path from it to the root is behind.
const mounted = "\x03"

// anchored splits a path that begins at one of these directories.
func anchored(p string) (anchor, rest string, ok bool) {
	for _, anchor := range []string{rootDir, startDir} {
		if rest, found := strings.CutPrefix(p, anchor); found && (rest == "" || rest[0] == '/') {
			return anchor, strings.TrimLeft(rest, "/"), true
		}
	}
	return "", p, false
}

// enter returns the directory that p leads to from cwd. It is unknown where either is.
// It may lead out of the repository: see settle.
func enter(cwd, p string) string {
	anchor, rest, ok := anchored(p)
	if !ok {
		if path.IsAbs(p) || strings.HasPrefix(p, "~") || strings.Contains(p, "://") {
			return unknown
		}
		var from string
		if anchor, from, ok = anchored(cwd); !ok {
			return unknown
		}
		rest = path.Join(from, p)
	}
	rest = path.Clean(rest)
	if strings.Contains(rest, unknown) {
		return unknown
	}
	return anchor + "/" + rest
}

// A workplace is where a command runs.
type workplace struct {
	starts []string // the directories in which its program may be started, the likeliest first
	cwd    string   // as enter returns it
}

// find is tree.dockerfile for a command: file is relative to the directory of the
// command and, where anyDir is set, also to the context. A context that is not
// known has no directory, and needs a file.
//
// Behind a cd to a directory that is not known, only a build that names a
// directory is looked for: nearly all of these go back to the root.
func (w workplace) find(t *tree, context, file string, anyDir bool) (dockerfile, contextDir string, ok bool) {
	known := !strings.Contains(context, unknown)
	if strings.Contains(file, unknown) || !known && file == "" {
		return "", "", false
	}
	cwd := w.cwd
	if cwd == unknown {
		named := file
		if file == "" {
			named = context
		}
		_, _, fixed := anchored(named)
		if named = path.Clean(named); !fixed && (named == "." || strings.HasPrefix(named, "..") || file != "" && !strings.Contains(named, "/")) {
			return "", "", false
		}
		cwd = startDir
	}
	for _, start := range w.starts {
		context, file := context, file
		if _, ok := settle(enter(cwd, "."), start); !ok && strings.HasPrefix(start, mounted) {
			if known {
				if context, ok = settle(enter(cwd, context), start); !ok {
					continue
				}
			}
			if file != "" {
				if file, ok = settle(enter(cwd, file), start); !ok {
					continue
				}
			}
			start = "."
		}
		dir, ok := settle(enter(cwd, "."), start)
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
			if dockerfile, contextDir, ok := t.dockerfile([]string{dir}, from, name, fromDir); ok {
				if !known {
					contextDir = ""
				}
				return dockerfile, contextDir, true
			}
		}
	}
	return "", "", false
}

// settle returns the path from the root of a directory that enter returned, in a
// program that is started in start; ok is false where it is outside of the repository.
func settle(dir, start string) (_ string, ok bool) {
	anchor, rest, ok := anchored(dir)
	if !ok {
		return "", false
	}
	if root, ok := strings.CutPrefix(start, mounted); ok {
		if dir = path.Clean(rest); dir == root {
			return ".", true
		}
		below, ok := strings.CutPrefix(dir, root+"/")
		return below, ok || anchor == rootDir
	}
	if anchor == rootDir {
		start = "."
	}
	dir = path.Join(start, rest)
	return dir, dir != ".." && !strings.HasPrefix(dir, "../")
}

// relative returns p so that it can be read from dir.
func relative(dir, start, p string) (string, bool) {
	if _, _, ok := anchored(p); !ok {
		return p, true
	}
	to, ok := settle(enter(startDir, p), start)
	if !ok {
		return "", false
	}
	if dir = path.Clean(dir); dir != "." {
		to = strings.Repeat("../", 1+strings.Count(dir, "/")) + to
	}
	return to, true
}

// hidden reports whether a text holds what cannot be written into a value.
func hidden(t trace.Text) bool {
	return strings.Contains(t.S, unknown) || strings.ContainsAny(t.S, rootDir+startDir)
}

// isVoid reports whether a value is none to hand in: nothing of it is known, or it is
// a directory, which has no name outside of the program.
func isVoid(t trace.Text) bool {
	return t.S != "" && strings.Trim(t.S, unknown) == "" || isDirectory(t)
}

// isDirectory reports whether a value is or holds a directory of the repository.
func isDirectory(t trace.Text) bool { return strings.ContainsAny(t.S, rootDir+startDir) }

// contextValue returns what a named context is. One of which nothing is known keeps
// its name, since no image of that name is taken, and has no value; of an image the
// part that is known may be enough.
func contextValue(t trace.Text) trace.Text {
	const registry = "docker-image://"
	if rest, ok := strings.CutPrefix(t.S, registry); ok && rest != "" && !isVoid(trace.Plain(rest)) || !hidden(t) {
		return t
	}
	return trace.Text{}
}

// fieldsOf splits a text at white space.
func fieldsOf(t trace.Text) []trace.Text {
	var all []trace.Text
	for i := 0; i < len(t.S); {
		if isSpace(t.S[i]) {
			i++
			continue
		}
		j := i
		for j < len(t.S) && !isSpace(t.S[j]) {
			j++
		}
		all = append(all, t.Slice(i, j))
		i = j
	}
	return all
}

// joinWith returns the texts with sep between them.
func joinWith(sep string, texts []trace.Text) trace.Text {
	all := make([]trace.Text, 0, 2*len(texts))
	for i, t := range texts {
		if i > 0 {
			all = append(all, trace.Plain(sep))
		}
		all = append(all, t)
	}
	return trace.Join(all...)
}

// A fuel bounds what is done for one file, whatever it says.
type fuel struct{ left int }

// The bounds of what is done for one file, and made of it.
const (
	fuelPerFile = 4 << 20
	maxBuilds   = 512         // of one file; a matrix alone has up to 256
	maxText     = 8 << 10     // bytes of one value
	maxScript   = 8 * maxText // bytes of a text that is put together of values
	maxDepth    = 12          // of calls, includes and nested expansions
)

// costOfStep is what a step takes, beside the bytes that it makes.
const costOfStep = 32

// step takes what a step does that makes n bytes, and reports whether that much was
// left.
func (f *fuel) step(n int) bool { return f.use(costOfStep + n) }

// use takes n, and reports whether that much was left.
func (f *fuel) use(n int) bool {
	f.left -= n
	return f.left > 0
}
