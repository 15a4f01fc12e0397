package gitrepo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

const (
	headsPrefix   = "refs/heads/"
	remotesPrefix = "refs/remotes/"
)

// commitID reads the id that a caller hands in.
func commitID(s string) (ID, error) {
	id, ok := object.ParseID(s)
	if !ok {
		return id, fmt.Errorf("%q is no full commit id", s)
	}
	return id, nil
}

// refPath returns the file a loose reference is in. Work trees share all but
// their own HEAD and a few of the kind.
func (r *Repo) refPath(name string) string {
	dir := r.commonDir
	if !strings.HasPrefix(name, "refs/") || strings.HasPrefix(name, "refs/worktree/") ||
		strings.HasPrefix(name, "refs/bisect/") || strings.HasPrefix(name, "refs/rewritten/") {
		dir = r.gitDir
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// A ref is what a reference says: an object id, or the name of another
// reference.
type ref struct {
	id     ID
	target string
}

// readRef reads one reference; false if there is none of that name.
func (r *Repo) readRef(name string) (ref, bool, error) {
	if !plumbing.ReferenceName(name).IsSafe() {
		return ref{}, false, nil
	}
	if r.table {
		return r.readTable(name)
	}
	got, ok, err := readRefFile(r.refPath(name))
	if err != nil || ok {
		return got, ok, err
	}
	packed, err := r.packedRefs(name)
	if err != nil {
		return ref{}, false, err
	}
	id, ok := packed[name]
	return ref{id: id}, ok, nil
}

// readRefFile reads a loose reference; false if there is no such file.
func readRefFile(path string) (ref, bool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		// A directory of references, or one reference where the name wants a
		// directory: there is no reference of this name.
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || isDir(path) {
			return ref{}, false, nil
		}
		return ref{}, false, err
	}
	text := strings.TrimSpace(string(data))
	if target, ok := strings.CutPrefix(text, "ref:"); ok {
		return ref{target: strings.TrimSpace(target)}, true, nil
	}
	id, ok := object.ParseID(text)
	if !ok {
		return ref{}, false, withHint(fmt.Errorf("%s: holds no commit id", path),
			"a crash may have emptied it: `git fsck` says which references are broken")
	}
	return ref{id: id}, true, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// packedRefs returns the packed references that are called name or lie below
// it.
func (r *Repo) packedRefs(name string) (map[string]ID, error) {
	if r.table {
		all, err := r.inTable(name)
		refs := map[string]ID{}
		for name, got := range all {
			refs[name] = got.id
		}
		return refs, err
	}
	all, err := r.packed.read(filepath.Join(r.commonDir, "packed-refs"))
	if err != nil {
		return nil, err
	}
	refs := map[string]ID{}
	i, _ := slices.BinarySearchFunc(all, name, func(p packedRef, name string) int { return strings.Compare(p.name, name) })
	// Names such as name-x stand between name and name/x.
	for ; i < len(all) && strings.HasPrefix(all[i].name, name); i++ {
		if rest := all[i].name[len(name):]; rest == "" || rest[0] == '/' {
			refs[all[i].name] = all[i].id
		}
	}
	return refs, nil
}

// packedRefs is what the file of packed references says. It is read again when
// it has changed: a large repository has tens of thousands, and to set a branch
// takes several looks.
type packedRefs struct {
	mu   sync.Mutex
	file fs.FileInfo // when refs were read
	refs []packedRef // sorted by name
}

type packedRef struct {
	name string
	id   ID
}

func (p *packedRefs) read(path string) ([]packedRef, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	// git never writes to the file, it puts another in its place.
	if p.file != nil && os.SameFile(p.file, info) && p.file.ModTime().Equal(info.ModTime()) && p.file.Size() == info.Size() {
		return p.refs, nil
	}
	var refs []packedRef
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' || line[0] == '^' {
			continue
		}
		idText, name, ok := strings.Cut(line, " ")
		id, valid := object.ParseID(idText)
		if !ok || !valid {
			return nil, fmt.Errorf("%s:%d: is no reference", path, n)
		}
		refs = append(refs, packedRef{name, id})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(refs, func(a, b packedRef) int { return strings.Compare(a.name, b.name) })
	p.file, p.refs = info, refs
	return refs, nil
}

// follow reads a reference and those it points to. last is the name of the
// final one, whether or not that exists: HEAD names a branch before its first
// commit.
func (r *Repo) follow(name string) (id ID, last string, ok bool, err error) {
	for range 6 {
		got, ok, err := r.readRef(name)
		if err != nil || !ok || got.target == "" {
			return got.id, name, ok, err
		}
		name = got.target
	}
	return "", name, false, fmt.Errorf("reference %s: points to itself", name)
}

// below returns the names of the references below a directory such as refs/replace, with
// their ids, sorted.
func (r *Repo) below(dir string) ([]string, error) {
	found := map[string]ID{}
	data, err := os.ReadFile(filepath.Join(r.commonDir, "packed-refs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// A large repository has tens of thousands, and hardly ever one of these.
	if r.table || bytes.Contains(data, []byte(" "+dir+"/")) {
		if found, err = r.packedRefs(dir); err != nil {
			return nil, err
		}
	}
	root := r.refPath(dir)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		got, _, err := readRefFile(path)
		found[dir+"/"+filepath.ToSlash(rel)] = got.id
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, err
	}
	var list []string
	for name, id := range found {
		list = append(list, name+" "+id.String())
	}
	slices.Sort(list)
	return list, nil
}
