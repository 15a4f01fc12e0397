package gitrepo

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	path := filepath.Join(r.commonDir, "packed-refs")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	refs := map[string]plumbing.Hash{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' || line[0] == '^' {
			continue
		}
		idText, refName, ok := strings.Cut(line, " ")
		id, valid := parseID(idText)
		if !ok || !valid {
			return nil, fmt.Errorf("%s:%d: is no reference", path, n)
		}
		if rest, ok := strings.CutPrefix(refName, name); ok && (rest == "" || rest[0] == '/') {
			refs[refName] = id
		}
	}
	return refs, lines.Err()
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
