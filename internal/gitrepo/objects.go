package gitrepo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// objects reads and writes the objects of a repository and reads those of the
// repositories it borrows from (its alternates). go-git could look into
// alternates itself, but indexes all their packs anew for every single object.
//
// A storage that keeps its pack files open reads several times faster than one
// that does not, and gives garbage to concurrent readers: the mutex is held
// until an object has been decoded.
type objects struct {
	mu       sync.Mutex
	cache    cache.Object
	stores   []*store // the repository's own first
	last     int      // the store the last object was found in
	unusable []string // alternates that do not exist
}

// A store is one directory of objects.
type store struct {
	*filesystem.Storage
	root  string    // the directory that holds "objects"
	stamp time.Time // when its list of packs last changed
}

// cacheSize holds the trees of a repository of a few hundred thousand files.
const cacheSize = 256 * cache.MiByte

func openObjects(commonDir string) (*objects, error) {
	o := &objects{cache: cache.NewObjectLRU(cacheSize)}
	if err := o.add(filepath.Join(commonDir, "objects"), 0); err != nil {
		return nil, err
	}
	return o, nil
}

// add opens an object directory and, as git does, up to five levels of
// directories that it borrows from.
func (o *objects) add(dir string, depth int) error {
	for _, s := range o.stores {
		if s.root == filepath.Dir(dir) {
			return nil
		}
	}
	o.stores = append(o.stores, o.open(filepath.Dir(dir)))
	path := filepath.Join(dir, "info", "alternates")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || depth == 5 {
		return nil
	}
	if err != nil {
		return openError(path, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		alternate := join(dir, line)
		// git goes on without an alternate that is gone, and so can we until
		// one of its objects is needed.
		if info, err := os.Stat(alternate); err != nil || !info.IsDir() || filepath.Base(alternate) != "objects" {
			o.unusable = append(o.unusable, alternate)
			continue
		}
		if err := o.add(alternate, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (o *objects) open(root string) *store {
	return &store{
		Storage: filesystem.NewStorageWithOptions(osfs.New(root), o.cache, filesystem.Options{KeepDescriptors: true}),
		root:    root,
		stamp:   packStamp(root),
	}
}

// packStamp changes when a pack is added or removed.
func packStamp(root string) time.Time {
	info, err := os.Stat(filepath.Join(root, "objects", "pack"))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (o *objects) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, s := range o.stores {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// find returns the object as it is stored. The caller holds the mutex, and
// keeps it while it uses the object.
func (o *objects) find(id plumbing.Hash) (plumbing.EncodedObject, error) {
	for {
		for i := range o.stores {
			n := (o.last + i) % len(o.stores)
			obj, err := o.stores[n].EncodedObject(plumbing.AnyObject, id)
			if err == nil {
				o.last = n
				return obj, nil
			}
			if !notThere(err) {
				return nil, err
			}
		}
		if !o.reopen() {
			return nil, ErrMissingObject
		}
	}
}

func notThere(err error) bool {
	return errors.Is(err, plumbing.ErrObjectNotFound) || errors.Is(err, dotgit.ErrPackfileNotFound) ||
		errors.Is(err, fs.ErrNotExist)
}

// reopen looks again at the stores whose packs have changed since they were
// opened, as they do when git collects its garbage meanwhile. It reports
// whether there was any.
func (o *objects) reopen() bool {
	changed := false
	for i, s := range o.stores {
		if !s.stamp.Equal(packStamp(s.root)) {
			// The old files serve nobody any more; an error to close them
			// changes nothing.
			_ = s.Close()
			o.stores[i] = o.open(s.root)
			changed = true
		}
	}
	return changed
}

// use calls fn with an object of the given type. The object must not be kept.
func (o *objects) use(id plumbing.Hash, want plumbing.ObjectType, fn func(plumbing.EncodedObject) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.find(id)
	if err != nil {
		return err
	}
	if obj.Type() != want {
		return fmt.Errorf("it is a %s, not a %s", obj.Type(), want)
	}
	if obj.Hash() != id {
		return fmt.Errorf("it is corrupt: its content has the id %s", obj.Hash())
	}
	return fn(obj)
}

// kind returns the type of an object, and false if it is not here.
func (o *objects) kind(id plumbing.Hash) (plumbing.ObjectType, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.find(id)
	if errors.Is(err, ErrMissingObject) {
		return plumbing.InvalidObject, false, nil
	}
	if err != nil {
		return plumbing.InvalidObject, false, err
	}
	return obj.Type(), true, nil
}

func (o *objects) tree(id plumbing.Hash) (*object.Tree, error) {
	tree := &object.Tree{}
	err := o.use(id, plumbing.TreeObject, tree.Decode)
	return tree, err
}

func (o *objects) commit(id plumbing.Hash) (*object.Commit, error) {
	commit := &object.Commit{}
	err := o.use(id, plumbing.CommitObject, commit.Decode)
	return commit, err
}

func (o *objects) tag(id plumbing.Hash) (*object.Tag, error) {
	tag := &object.Tag{}
	err := o.use(id, plumbing.TagObject, tag.Decode)
	return tag, err
}

// blob returns a copy of the content of a blob.
func (o *objects) blob(id plumbing.Hash) ([]byte, error) {
	var content []byte
	err := o.use(id, plumbing.BlobObject, func(obj plumbing.EncodedObject) error {
		r, err := obj.Reader()
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }()
		content, err = io.ReadAll(r)
		return err
	})
	return content, err
}

// size returns the size of a blob without reading it.
func (o *objects) size(id plumbing.Hash) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		for i := range o.stores {
			size, err := o.stores[(o.last+i)%len(o.stores)].EncodedObjectSize(id)
			if err == nil {
				return size, nil
			}
			if !notThere(err) {
				return 0, err
			}
		}
		if !o.reopen() {
			return 0, ErrMissingObject
		}
	}
}

// withPrefix returns the ids that begin with the given hexadecimal digits.
func (o *objects) withPrefix(digits string) ([]plumbing.Hash, error) {
	var prefix []byte
	if _, err := fmt.Sscanf(digits[:len(digits)&^1], "%x", &prefix); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []plumbing.Hash
	seen := map[plumbing.Hash]bool{}
	for _, s := range o.stores {
		ids, err := s.HashesWithPrefix(prefix)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			// The prefix is of whole bytes, the digits may be odd in number.
			if !seen[id] && strings.HasPrefix(id.String(), digits) {
				seen[id] = true
				found = append(found, id)
			}
		}
	}
	plumbing.HashesSort(found)
	return found, nil
}

// write adds the objects that the repository does not have yet, in the order
// given.
func (o *objects) write(objs []plumbing.EncodedObject) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, obj := range objs {
		_, err := o.find(obj.Hash())
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrMissingObject) {
			return fmt.Errorf("looking for %s %s: %w", obj.Type(), obj.Hash(), err)
		}
		if _, err := o.stores[0].SetEncodedObject(obj); err != nil {
			return fmt.Errorf("writing %s %s into %s: %w", obj.Type(), obj.Hash(), filepath.Join(o.stores[0].root, "objects"), err)
		}
	}
	return nil
}

// missing adds what a person can do when err is that an object is missing.
func (r *Repo) missing(err error) error {
	if !errors.Is(err, ErrMissingObject) {
		return err
	}
	switch remote := r.promisor(); {
	case remote != "":
		return withHint(fmt.Errorf("%w: it is a partial clone", err),
			"get the rest with `git fetch --refetch --no-filter %s`, or clone without --filter", remote)
	case len(r.objects.unusable) > 0:
		return withHint(fmt.Errorf("%w: it borrows from %s, which does not exist", err, strings.Join(r.objects.unusable, ", ")),
			"bring that directory back, or clone again without --shared and --reference")
	}
	return withHint(err, "`git fsck` says what is broken; a fresh clone has everything")
}
