package buildfile

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

// A tree is the repository as the readers see it; several may use it at once.
type tree struct {
	fsys        fs.FS
	dockerfiles map[string]bool
	names       []string            // of the repository on its forge
	building    func(p string) bool // nil where they were not looked through

	mu     sync.Mutex
	files  map[string]func() *trace.File
	looked map[string]bool

	partial    bool             // a file that may be a script could not be read
	unreadable map[string]error // that would have been read
	called     map[string]bool  // files that others use: workflows, actions, and what compose lays over another
}

// newTree returns a tree of the files of fsys. dockerfiles are the paths of those that may be built, and
// names what the repository is called on its forge.
func newTree(fsys fs.FS, dockerfiles []string, names ...string) *tree {
	t := &tree{fsys: fsys, names: names, dockerfiles: map[string]bool{}, files: map[string]func() *trace.File{}, looked: map[string]bool{}, unreadable: map[string]error{}, called: map[string]bool{}}
	for _, p := range dockerfiles {
		t.dockerfiles[p] = true
	}
	return t
}

// readDir lists a directory.
func (t *tree) readDir(p string) ([]fs.DirEntry, error) {
	t.mu.Lock()
	t.looked[p] = true
	t.mu.Unlock()
	return fs.ReadDir(t.fsys, p)
}

// read returns a file, the same one each time; nil if there is none, it is too large or
// it cannot be read.
func (t *tree) read(p string) *trace.File {
	t.mu.Lock()
	file, ok := t.files[p]
	if !ok {
		file = sync.OnceValue(func() *trace.File {
			src, err := source.ReadUpTo(t.fsys, p, MaxFileSize)
			return t.file(p, src, err)
		})
		t.files[p], t.looked[p] = file, true
	}
	t.mu.Unlock()
	return file()
}

// file returns a file with what was read of it, nil if that is an error.
func (t *tree) file(p string, src []byte, err error) *trace.File {
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

// dockerfile finds the Dockerfile that a build names, and the directory of its
// context. dirs are the directories, from the root, that a relative context may
// start from, the likeliest first: for most files their own and then the root, since
// nothing says where a command is run. file is relative to the context, or where
// fileFromDir is set to the same directory as that; "" is the Dockerfile of the
// context. ok is false where there is no such Dockerfile.
func (t *tree) dockerfile(dirs []string, context, file string, fileFromDir bool) (dockerfile, contextDir string, ok bool) {
	for _, dir := range dirs {
		contextDir = within(dir, context)
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
			if p := within(from, name); t.dockerfiles[p] {
				return p, contextDir, true
			}
			if file != "" {
				break
			}
		}
	}
	return "", "", false
}

// within joins a directory of the repository and a path below it; "" for what is
// no path or leads out of the repository.
func within(dir, p string) string {
	if strings.Contains(p, "://") || strings.HasPrefix(p, "git@") || path.IsAbs(p) || strings.Contains(p, unknown) {
		return ""
	}
	joined := path.Join(dir, p)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return ""
	}
	return joined
}

// markCalled notes that another file uses a workflow or an action, or lays a compose file over
// its own. What such a file builds is its callers' to say.
func (t *tree) markCalled(callee string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.called[callee] = true
}

// firstOf returns the first of the files of a directory that is there, "" if none is.
func (t *tree) firstOf(dir string, names []string) string {
	for _, name := range names {
		if p := path.Join(dir, name); t.read(p) != nil {
			return p
		}
	}
	return ""
}

// unknown stands in texts for a value that is not known.
const unknown = scanner.Unknown

// MaxFileSize is the size in bytes up to which a build file is read.
const MaxFileSize = 1 << 20

// idle reports whether a script is known to build nothing.
func (t *tree) idle(p string) bool { return t.building != nil && !t.building(p) }

// comparePos orders places by file, line and column.
func comparePos(a, b source.Pos) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// whole returns a value that is known whole, and else the unknown one.
func whole(value trace.Text) trace.Text {
	if hidden(value) {
		return trace.Plain(unknown)
	}
	return value
}

// An Unreadable is a file that is there, and whose content cannot be had.
type Unreadable struct {
	Path string
	Err  error
}

// put takes in what was read of a file.
func (t *tree) put(p string, src []byte, err error) *trace.File {
	f := t.file(p, src, err)
	t.mu.Lock()
	t.files[p], t.looked[p] = func() *trace.File { return f }, true
	t.mu.Unlock()
	return f
}

// calledFiles returns the files that others use, sorted.
func (t *tree) calledFiles() []string { return slices.Sorted(maps.Keys(t.called)) }

// lookedAt returns the paths that were read, listed or found missing, sorted.
func (t *tree) lookedAt() []string { return slices.Sorted(maps.Keys(t.looked)) }

// unreadableFiles returns the files that would have been read, by path.
func (t *tree) unreadableFiles() []Unreadable {
	var all []Unreadable
	for _, p := range slices.Sorted(maps.Keys(t.unreadable)) {
		all = append(all, Unreadable{p, t.unreadable[p]})
	}
	return all
}

// ownNames returns what the repository is called on its forge, as far as that is known.
func (t *tree) ownNames() []string { return t.names }

// leaveOut notes that a file was not read of which nobody knows whether it matters.
func (t *tree) leaveOut() {
	t.mu.Lock()
	t.partial = true
	t.mu.Unlock()
}
