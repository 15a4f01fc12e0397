package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// FS returns the files of a commit, given by its full id, as a read-only file
// system that several goroutines may use. Its root is the root of the
// repository.
//
// Directory entries are sorted by name. A symbolic link has type
// [fs.ModeSymlink] and is never followed: its target is read by [fs.ReadLink],
// and reading it as a file is an error. A submodule has type
// [fs.ModeIrregular] and no content. Executable files have mode 0755, others
// 0644. The time of every file is that of the commit.
//
// A file or directory whose object is missing is an error that wraps
// ErrMissingObject and names the path, never an absence.
func (r *Repo) FS(commit string) (fs.FS, error) {
	id, err := commitID(commit)
	if err != nil {
		return nil, err
	}
	c, err := r.objects.commit(id)
	if err != nil {
		return nil, r.missing(fmt.Errorf("reading commit %s: %w", id, err))
	}
	return &treeFS{
		repo:   r,
		when:   c.Committer.When,
		ids:    map[string]plumbing.Hash{".": c.TreeHash},
		recent: map[string][]object.TreeEntry{},
	}, nil
}

// A treeFS is the tree of a commit. It finds directories by path: ids remembers
// where each one is, recent what is in those read last, which a walk asks for
// again at once.
type treeFS struct {
	repo *Repo
	when time.Time

	mu     sync.Mutex
	ids    map[string]plumbing.Hash
	recent map[string][]object.TreeEntry
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

var (
	errNotDir  = errors.New("not a directory")
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

// entries returns what is in a directory, sorted by name. The caller holds the
// mutex and does not change the result.
func (t *treeFS) entries(dir string) ([]object.TreeEntry, error) {
	if list, ok := t.recent[dir]; ok {
		return list, nil
	}
	id, ok := t.ids[dir]
	if !ok {
		entry, err := t.entry(dir)
		if err != nil {
			return nil, err
		}
		if entry.Mode != filemode.Dir {
			return nil, errNotDir
		}
		id = entry.Hash
	}
	tree, err := t.repo.objects.tree(id)
	if err != nil {
		return nil, t.repo.missing(fmt.Errorf("reading tree %s: %w", id, err))
	}
	list := tree.Entries
	// git sorts a directory as if its name ended in a slash.
	slices.SortFunc(list, func(a, b object.TreeEntry) int { return strings.Compare(a.Name, b.Name) })
	for i, e := range list {
		if e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/") || i > 0 && e.Name == list[i-1].Name {
			return nil, fmt.Errorf("reading tree %s: a name in it is unsafe or stands twice: %q", id, e.Name)
		}
		if e.Mode == filemode.Dir {
			t.ids[path.Join(dir, e.Name)] = e.Hash
		}
	}
	if t.held += len(list); t.held > maxHeld {
		clear(t.recent)
		t.held = len(list)
	}
	t.recent[dir] = list
	return list, nil
}

// entry returns the entry of a path. The caller holds the mutex.
func (t *treeFS) entry(name string) (object.TreeEntry, error) {
	if name == "." {
		return object.TreeEntry{Name: ".", Mode: filemode.Dir, Hash: t.ids["."]}, nil
	}
	list, err := t.entries(path.Dir(name))
	if err != nil {
		return object.TreeEntry{}, err
	}
	i, ok := slices.BinarySearchFunc(list, path.Base(name), func(e object.TreeEntry, name string) int {
		return strings.Compare(e.Name, name)
	})
	if !ok {
		return object.TreeEntry{}, fs.ErrNotExist
	}
	return list[i], nil
}

// find is entry for the methods of fs.FS.
func (t *treeFS) find(op, name string) (object.TreeEntry, error) {
	if !valid(name) {
		return object.TreeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	entry, err := t.entry(name)
	if err != nil {
		return entry, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return entry, nil
}

// Open implements fs.FS. The content of a file is read when it is first asked
// for.
func (t *treeFS) Open(name string) (fs.File, error) {
	entry, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	if entry.Mode == filemode.Dir {
		list, err := t.ReadDir(name)
		if err != nil {
			return nil, err
		}
		return &openDir{entry: t.dirEntry(name, entry), path: name, rest: list}, nil
	}
	return &openFile{fsys: t, entry: t.dirEntry(name, entry), path: name}, nil
}

// ReadDir implements fs.ReadDirFS.
func (t *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !valid(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	list, err := t.entries(name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		out[i] = t.dirEntry(path.Join(name, e.Name), e)
	}
	return out, nil
}

// ReadFile implements fs.ReadFileFS.
func (t *treeFS) ReadFile(name string) ([]byte, error) {
	entry, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	return t.content(name, entry)
}

// content reads what an entry holds.
func (t *treeFS) content(name string, entry object.TreeEntry) ([]byte, error) {
	fail := func(err error) error { return &fs.PathError{Op: "read", Path: name, Err: err} }
	switch entry.Mode {
	case filemode.Dir:
		return nil, fail(errIsDir)
	case filemode.Symlink:
		return nil, fail(errSymlink)
	case filemode.Submodule:
		return []byte{}, nil
	}
	data, err := t.repo.objects.blob(entry.Hash)
	if err != nil {
		return nil, fail(t.repo.missing(fmt.Errorf("reading blob %s: %w", entry.Hash, err)))
	}
	return data, nil
}

// Stat implements fs.StatFS. It does not follow symbolic links.
func (t *treeFS) Stat(name string) (fs.FileInfo, error) { return t.Lstat(name) }

// Lstat implements fs.ReadLinkFS.
func (t *treeFS) Lstat(name string) (fs.FileInfo, error) {
	entry, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return t.dirEntry(name, entry).Info()
}

// ReadLink implements fs.ReadLinkFS.
func (t *treeFS) ReadLink(name string) (string, error) {
	entry, err := t.find("readlink", name)
	if err != nil {
		return "", err
	}
	if entry.Mode != filemode.Symlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	target, err := t.repo.objects.blob(entry.Hash)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name,
			Err: t.repo.missing(fmt.Errorf("reading blob %s: %w", entry.Hash, err))}
	}
	return string(target), nil
}
