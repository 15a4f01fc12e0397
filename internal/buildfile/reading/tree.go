package reading

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Tree is the repository as the readers see it; several may use it at once.
type Tree struct {
	Fsys        fs.FS
	Dockerfiles map[string]bool
	names       []string            // of the repository on its forge
	Building    func(p string) bool // nil where they were not looked through
	Naming      func(p string) bool // whether a script names a program that builds itself; nil as above

	mu     sync.Mutex
	files  map[string]func() *trace.File
	looked map[string]bool

	Partial    bool             // a file that may be a script could not be read
	unreadable map[string]error // that would have been read
	called     map[string]bool  // files that others use: workflows, actions, and what compose lays over another
}

// NewTree returns a tree of the files of fsys. dockerfiles are the paths of those that may be built, and
// names what the repository is called on its forge.
func NewTree(fsys fs.FS, dockerfiles []string, names ...string) *Tree {
	t := &Tree{Fsys: fsys, names: names, Dockerfiles: map[string]bool{}, files: map[string]func() *trace.File{}, looked: map[string]bool{}, unreadable: map[string]error{}, called: map[string]bool{}}
	for _, p := range dockerfiles {
		t.Dockerfiles[p] = true
	}
	return t
}

// ReadDir lists a directory.
func (t *Tree) ReadDir(p string) ([]fs.DirEntry, error) {
	t.mu.Lock()
	t.looked[p] = true
	t.mu.Unlock()
	return fs.ReadDir(t.Fsys, p)
}

// Read returns a file, the same one each time; nil if there is none, it is too large or
// it cannot be read.
func (t *Tree) Read(p string) *trace.File {
	t.mu.Lock()
	file, ok := t.files[p]
	if !ok {
		file = sync.OnceValue(func() *trace.File {
			src, err := source.ReadUpTo(t.Fsys, p, MaxFileSize)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, source.ErrTooLarge) {
				if target := linkTarget(t.Fsys, p); target != "" {
					return t.Read(target) // it is edited there
				}
			}
			return t.File(p, src, err)
		})
		t.files[p], t.looked[p] = file, true
	}
	t.mu.Unlock()
	return file()
}

// File returns a file with what was read of it, nil if that is an error.
func (t *Tree) File(p string, src []byte, err error) *trace.File {
	if errors.Is(err, source.ErrUnreadable) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.unreadable[p] = err
	}
	if err != nil {
		return nil
	}
	return trace.NewFile(p, src)
}

// Dockerfile finds the Dockerfile that a build names, and the directory of its
// context. dirs are the directories, from the root, that a relative context may
// start from, the likeliest first: for most files their own and then the root, since
// nothing says where a command is run. file is relative to the context, or where
// fileFromDir is set to the same directory as that; "" is the Dockerfile of the
// context. ok is false where there is no such Dockerfile.
func (t *Tree) Dockerfile(dirs []string, context, file string, fileFromDir bool) (dockerfile, contextDir string, ok bool) {
	for _, dir := range dirs {
		contextDir = Within(dir, context)
		from := contextDir
		if fileFromDir && file != "" {
			from = dir
		}
		if from == "" {
			continue // a URL, or a directory outside of the repository
		}
		for _, name := range []string{file, "Dockerfile", "Containerfile"} {
			if name == "" {
				continue
			}
			if p := Within(from, name); t.Dockerfiles[p] {
				return p, contextDir, true
			}
			if file != "" {
				break
			}
		}
	}
	return "", "", false
}

// Within joins a directory of the repository and a path below it; "" for what is
// no path or leads out of the repository.
func Within(dir, p string) string {
	if strings.Contains(p, "://") || strings.HasPrefix(p, "git@") || path.IsAbs(p) || strings.Contains(p, Unknown) {
		return ""
	}
	joined := path.Join(dir, p)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return ""
	}
	return joined
}

// MarkCalled notes that another file uses a workflow or an action, or lays a compose file over
// its own. What such a file builds is its callers' to say.
func (t *Tree) MarkCalled(callee string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.called[callee] = true
}

// FirstOf returns the first of the files of a directory that is there, "" if none is.
func (t *Tree) FirstOf(dir string, names []string) string {
	for _, name := range names {
		if p := path.Join(dir, name); t.Read(p) != nil {
			return p
		}
	}
	return ""
}

// Unknown stands in texts for a value that is not known.
const Unknown = scanner.Unknown

// MaxFileSize is the size in bytes up to which a build file is read.
const MaxFileSize = 1 << 20

// Idle reports whether a script is known to build nothing.
func (t *Tree) Idle(p string) bool { return t.Building != nil && !t.Building(p) }

// ComparePos orders places by file, line and column.
func ComparePos(a, b source.Pos) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// Whole returns a value that is known whole, and else the unknown one.
func Whole(value trace.Text) trace.Text {
	if Hidden(value) {
		return trace.Plain(Unknown)
	}
	return value
}

// An Unreadable is a file that is there, and whose content cannot be had.
type Unreadable struct {
	Path string
	Err  error
}

// Put takes in what was read of a file.
func (t *Tree) Put(p string, src []byte, err error) {
	file := func() *trace.File { return nil }
	if err != nil {
		t.File(p, nil, err)
	} else {
		file = sync.OnceValue(func() *trace.File { return trace.NewFile(p, src) }) // most are not followed
	}
	t.mu.Lock()
	t.files[p], t.looked[p] = file, true
	t.mu.Unlock()
}

// CalledFiles returns the files that others use, sorted.
func (t *Tree) CalledFiles() []string { return slices.Sorted(maps.Keys(t.called)) }

// LookedAt returns the paths that were read, listed or found missing, sorted.
func (t *Tree) LookedAt() []string { return slices.Sorted(maps.Keys(t.looked)) }

// UnreadableFiles returns the files that would have been read, by path.
func (t *Tree) UnreadableFiles() []Unreadable {
	var all []Unreadable
	for _, p := range slices.Sorted(maps.Keys(t.unreadable)) {
		all = append(all, Unreadable{p, t.unreadable[p]})
	}
	return all
}

// OwnNames returns what the repository is called on its forge, as far as that is known.
func (t *Tree) OwnNames() []string { return t.names }

// LeaveOut notes that a file was not read of which nobody knows whether it matters.
func (t *Tree) LeaveOut() {
	t.mu.Lock()
	t.Partial = true
	t.mu.Unlock()
}

// HasDockerfile reports whether there is a Dockerfile in or below a directory.
func (t *Tree) HasDockerfile(dir string) bool {
	if dir == "." {
		return len(t.Dockerfiles) > 0
	}
	for p := range t.Dockerfiles {
		if strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// Stat looks for a file or directory.
func (t *Tree) Stat(p string) (isDir, found bool) {
	if p == "." {
		return true, true
	}
	entries, err := t.ReadDir(path.Dir(p))
	if err != nil {
		return false, false
	}
	for _, e := range entries {
		if e.Name() == path.Base(p) {
			return e.IsDir(), true
		}
	}
	return false, false
}

// Names reports whether a script may name a program that builds, and not only run what does.
func (t *Tree) Names(p string) bool { return t.Naming == nil || t.Naming(p) }
