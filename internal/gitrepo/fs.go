package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// FS returns the files of a commit, given by its full id, as a read-only file
// system that several goroutines may use. Its root is the root of the
// repository.
//
// Directory entries are sorted by name. A symbolic link has type
// [fs.ModeSymlink] and is never followed: its target is read by [fs.ReadLink],
// and reading it as a file is an error. A submodule has type
// [fs.ModeIrregular] and no content. Executable files have mode 0755, others
// 0644. The time of every file is that of the commit, and its Sys is the [ID] of its
// object.
//
// What a partial clone has left at its remote is fetched when it is read. A file
// or directory whose object is missing is an error that wraps ErrMissingObject
// and names the path, never an absence.
func (r *Repo) FS(commit string) (fs.FS, error) {
	id, err := commitID(commit)
	if err != nil {
		return nil, err
	}
	c, err := r.objects.Commit(id)
	if err != nil {
		return nil, r.missing(fmt.Errorf("reading commit %s: %w", id, err))
	}
	return &treeFS{
		repo:   r,
		when:   c.Committer.When,
		root:   c.Tree,
		recent: map[string][]TreeEntry{},
	}, nil
}

// A treeFS is the tree of a commit. It finds directories by path: recent remembers
// what is in those read last, which whoever asks for what lies below needs again.
// Objects are read outside of the mutex, so that callers do not wait for one another;
// two may read the same one.
type treeFS struct {
	repo *Repo
	when time.Time

	root   ID
	mu     sync.Mutex
	recent map[string][]TreeEntry
	held   int // entries in recent
}

// maxHeld bounds the memory of recent to some ten megabytes.
const maxHeld = 100_000

var (
	_ fs.ReadDirFS  = (*treeFS)(nil)
	_ fs.ReadFileFS = (*treeFS)(nil)
	_ fs.StatFS     = (*treeFS)(nil)
	_ fs.ReadLinkFS = (*treeFS)(nil)
)

// errNotDir is what there is below a file or a submodule: nothing.
var errNotDir notDir

type notDir struct{}

func (notDir) Error() string { return "not a directory" }

// Is makes it one of the errors for what is not there.
func (notDir) Is(target error) bool { return target == fs.ErrNotExist }

var (
	errIsDir   = errors.New("is a directory")
	errSymlink = errors.New("is a symbolic link, and not followed")
)

// valid is fs.ValidPath without its wish for UTF-8: git has names that are not.
func valid(name string) bool {
	if name == "." {
		return true
	}
	for elem := range strings.SplitSeq(name, "/") {
		if elem == "" || elem == "." || elem == ".." {
			return false
		}
	}
	return true
}

// entries returns what is in a directory, sorted by name. The caller does not
// change the result.
func (t *treeFS) entries(dir string) ([]TreeEntry, error) {
	t.mu.Lock()
	list, isHeld := t.recent[dir]
	t.mu.Unlock()
	if isHeld {
		return list, nil
	}
	entry, err := t.entry(dir)
	if err != nil {
		return nil, err
	}
	if !entry.Mode.IsDir() {
		return nil, errNotDir
	}
	rd := t.repo.NewReader()
	defer func() { _ = rd.Close() }()
	if list, err = rd.Tree(entry.ID); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held += len(list); t.held > maxHeld {
		clear(t.recent)
		t.held = len(list)
	}
	t.recent[dir] = list
	return list, nil
}

// entry returns the entry of a path.
func (t *treeFS) entry(name string) (TreeEntry, error) {
	if name == "." {
		return TreeEntry{Name: ".", Mode: fs.ModeDir | 0o755, ID: t.root}, nil
	}
	list, err := t.entries(path.Dir(name))
	if err != nil {
		return TreeEntry{}, err
	}
	i, ok := slices.BinarySearchFunc(list, path.Base(name), func(e TreeEntry, name string) int {
		return strings.Compare(e.Name, name)
	})
	if !ok {
		return TreeEntry{}, fs.ErrNotExist
	}
	return list[i], nil
}

// find is entry for the methods of fs.FS.
func (t *treeFS) find(op, name string) (*dirEntry, error) {
	if !valid(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	entry, err := t.entry(name)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return &dirEntry{fsys: t, dir: path.Dir(name), entry: entry}, nil
}

// Open implements fs.FS. The content of a file is read when it is first asked
// for.
func (t *treeFS) Open(name string) (fs.File, error) {
	entry, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	if entry.IsDir() {
		list, err := t.ReadDir(name)
		if err != nil {
			return nil, err
		}
		return &openDir{entry: entry, rest: list}, nil
	}
	return &openFile{entry: entry}, nil
}

// ReadDir implements fs.ReadDirFS.
func (t *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !valid(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	list, err := t.entries(name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	all := make([]dirEntry, len(list))
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		all[i] = dirEntry{fsys: t, dir: name, entry: e}
		out[i] = &all[i]
	}
	return out, nil
}

// ReadFile implements fs.ReadFileFS.
func (t *treeFS) ReadFile(name string) ([]byte, error) {
	entry, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	return entry.content(math.MaxInt64)
}

// ReadFileUpTo reads a file of at most most bytes; a larger one is an error that wraps
// ErrTooLarge.
func (t *treeFS) ReadFileUpTo(name string, most int64) ([]byte, error) {
	entry, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	return entry.content(most)
}

// Stat implements fs.StatFS. It does not follow symbolic links.
func (t *treeFS) Stat(name string) (fs.FileInfo, error) { return t.Lstat(name) }

// Lstat implements fs.ReadLinkFS.
func (t *treeFS) Lstat(name string) (fs.FileInfo, error) {
	entry, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return entry.Info()
}

// ReadLink implements fs.ReadLinkFS.
func (t *treeFS) ReadLink(name string) (string, error) {
	entry, err := t.find("readlink", name)
	if err != nil {
		return "", err
	}
	if entry.Type() != fs.ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	target, err := entry.blob("readlink", math.MaxInt64)
	return string(target), err
}
