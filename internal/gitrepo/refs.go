package gitrepo

import (
	"bufio"
	"encoding/hex"
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
)

const (
	headsPrefix   = "refs/heads/"
	remotesPrefix = "refs/remotes/"
)

// parseID reads a full object id.
func parseID(s string) (plumbing.Hash, bool) {
	var id plumbing.Hash
	if len(s) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// commitID reads the id that a caller hands in.
func commitID(s string) (plumbing.Hash, error) {
	id, ok := parseID(s)
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
	id     plumbing.Hash
	target string
}

// readRef reads one reference; false if there is none of that name.
func (r *Repo) readRef(name string) (ref, bool, error) {
	if !plumbing.ReferenceName(name).IsSafe() {
		return ref{}, false, nil
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
	id, ok := parseID(text)
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
func (r *Repo) packedRefs(name string) (map[string]plumbing.Hash, error) {
	all, err := r.packed.read(filepath.Join(r.commonDir, "packed-refs"))
	if err != nil {
		return nil, err
	}
	refs := map[string]plumbing.Hash{}
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
	id   plumbing.Hash
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
		id, valid := parseID(idText)
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
func (r *Repo) follow(name string) (id plumbing.Hash, last string, ok bool, err error) {
	for range 6 {
		got, ok, err := r.readRef(name)
		if err != nil || !ok || got.target == "" {
			return got.id, name, ok, err
		}
		name = got.target
	}
	return plumbing.ZeroHash, name, false, fmt.Errorf("reference %s: points to itself", name)
}
