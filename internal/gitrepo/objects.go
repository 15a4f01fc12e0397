package gitrepo

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// objects reads and writes the objects of a repository and reads those of the
// repositories it borrows from (its alternates).
type objects struct {
	dirs     []string // of objects, the repository's own first
	unusable []string // alternates that do not exist
	packs    atomic.Pointer[packList]
	idle     sync.Pool // of *decoder
	writers  sync.Pool // of *looseWriter

	mu   sync.Mutex // guards what follows, and changes of packs
	all  map[string]*pack
	down bool // closed
}

// A packList is the packs that there were at some time, those first that an
// object is most likely in.
type packList struct {
	packs  []*pack
	stamps []time.Time // of the directories that they lie in
}

func openObjects(commonDir string) (*objects, error) {
	o := &objects{all: map[string]*pack{}}
	if err := o.add(filepath.Join(commonDir, "objects"), 0); err != nil {
		return nil, err
	}
	o.reload(nil)
	return o, nil
}

// add takes an object directory and, as git does, up to five levels of
// directories that it borrows from.
func (o *objects) add(dir string, depth int) error {
	if slices.Contains(o.dirs, dir) {
		return nil
	}
	o.dirs = append(o.dirs, dir)
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
		if !isDir(alternate) {
			o.unusable = append(o.unusable, alternate)
			continue
		}
		if err := o.add(alternate, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// reload looks again at the directories whose packs may have changed since they
// were listed, as they do when git collects its garbage meanwhile. It reports
// whether there is another list than the one the caller has.
func (o *objects) reload(seen *packList) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.packs.Load()
	if now != seen {
		return true
	}
	stamps := o.stamps()
	if o.down || now != nil && slices.EqualFunc(now.stamps, stamps, time.Time.Equal) {
		return false
	}
	o.relist(stamps)
	return true
}

func (o *objects) stamps() []time.Time {
	stamps := make([]time.Time, len(o.dirs))
	for i, dir := range o.dirs {
		stamps[i] = packStamp(dir)
	}
	return stamps
}

// relist lists the packs anew; the stamps were read before.
func (o *objects) relist(stamps []time.Time) {
	next := &packList{stamps: stamps}
	for _, dir := range o.dirs {
		next.packs = append(next.packs, o.list(filepath.Join(dir, "pack"))...)
	}
	o.packs.Store(next)
}

// packStamp changes when a pack is added or removed.
func packStamp(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, "pack"))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// list returns the packs of a directory, the largest first: that is where most
// of the objects are. One that is known already is not opened again; one that
// is gone stays open until all is closed, since a decoder may be using it.
func (o *objects) list(dir string) []*pack {
	// Without the directory there are no packs.
	entries, _ := os.ReadDir(dir)
	sizes := map[*pack]int64{}
	var packs []*pack
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".idx")
		info, err := e.Info()
		if !ok || err != nil {
			continue
		}
		path := filepath.Join(dir, name)
		p := o.all[path]
		if p == nil {
			p = &pack{base: path}
			o.all[path] = p
		}
		sizes[p] = info.Size()
		packs = append(packs, p)
	}
	slices.SortStableFunc(packs, func(a, b *pack) int { return cmp.Compare(sizes[b], sizes[a]) })
	return packs
}

func (o *objects) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, p := range o.all {
		errs = append(errs, p.close())
	}
	clear(o.all)
	o.down = true
	return errors.Join(errs...)
}

// decoder returns one that nobody uses; it is to be given back.
func (o *objects) decoder() *decoder {
	if d, ok := o.idle.Get().(*decoder); ok {
		return d
	}
	return &decoder{objects: o}
}

func (o *objects) giveBack(d *decoder) { o.idle.Put(d) }

// kind returns the type of an object, and false if it is not here.
func (o *objects) kind(id ID) (kind, bool, error) {
	d := o.decoder()
	defer o.giveBack(d)
	what, _, err := d.object(id, false)
	if errors.Is(err, ErrMissingObject) {
		return what, false, nil
	}
	return what, err == nil, err
}

// decode calls fn with an object of the given type, as go-git wants it.
func (o *objects) decode(id ID, want kind, fn func(plumbing.EncodedObject) error) error {
	d := o.decoder()
	defer o.giveBack(d)
	data, err := d.typed(id, want, false)
	if err != nil {
		return err
	}
	obj := &plumbing.MemoryObject{}
	obj.SetType(want)
	if _, err := obj.Write(data); err != nil {
		return err
	}
	return fn(obj)
}

func (o *objects) commit(id plumbing.Hash) (*object.Commit, error) {
	commit := &object.Commit{}
	err := o.decode(ID(id), plumbing.CommitObject, commit.Decode)
	return commit, err
}

func (o *objects) tag(id plumbing.Hash) (*object.Tag, error) {
	tag := &object.Tag{}
	err := o.decode(ID(id), plumbing.TagObject, tag.Decode)
	return tag, err
}

// withPrefix returns the ids that begin with the given hexadecimal digits, of
// which there are two at least.
func (o *objects) withPrefix(digits string) ([]ID, error) {
	prefix, err := hex.DecodeString(digits[:len(digits)&^1])
	if err != nil {
		return nil, err
	}
	var found []ID
	// The prefix is of whole bytes, the digits may be odd in number.
	keep := func(id ID) {
		if strings.HasPrefix(id.String(), digits) {
			found = append(found, id)
		}
	}
	for _, p := range o.packs.Load().packs {
		if err := p.open(); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		if err := p.index.withPrefix(prefix, keep); err != nil {
			return nil, err
		}
	}
	for _, dir := range o.dirs {
		// Without the directory there are no such objects.
		entries, _ := os.ReadDir(filepath.Join(dir, digits[:2]))
		for _, e := range entries {
			if id, ok := parseID(digits[:2] + e.Name()); ok {
				keep(ID(id))
			}
		}
	}
	slices.SortFunc(found, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(found), nil
}

// parseKind reads the name of a type.
func parseKind(name string) (kind, error) {
	what, err := plumbing.ParseObjectType(name)
	if err == nil && !what.Valid() {
		err = plumbing.ErrInvalidType
	}
	return what, err
}

// write adds the objects that the repository does not have yet, in the order given.
// hardens says which components wait for the disk.
func (o *objects) write(objs []plumbing.EncodedObject, hardens func(component string) bool) error {
	d := o.decoder()
	defer o.giveBack(d)
	var absent []plumbing.EncodedObject
	var size int64
	seen := map[plumbing.Hash]bool{}
	for _, obj := range objs {
		if seen[obj.Hash()] {
			continue
		}
		seen[obj.Hash()] = true
		// One that has come in a pack meanwhile is written once more, which does
		// no harm.
		ok, err := d.hasNow(ID(obj.Hash()))
		if err != nil {
			return fmt.Errorf("looking for %s %s: %w", obj.Type(), obj.Hash(), err)
		}
		if !ok {
			absent, size = append(absent, obj), size+obj.Size()
		}
	}
	if len(absent) >= manyObjects && size < maxPack {
		if err := o.writePack(absent, hardens); err != nil {
			return fmt.Errorf("writing a pack of %d objects into %s: %w", len(absent), o.dirs[0], err)
		}
		return nil
	}
	w, ok := o.writers.Get().(*looseWriter)
	if !ok {
		w = newLooseWriter(o.dirs[0])
	}
	defer o.writers.Put(w)
	sync := hardens("loose-object")
	for _, obj := range absent {
		if err := w.write(ID(obj.Hash()), obj, sync); err != nil {
			return fmt.Errorf("writing %s %s into %s: %w", obj.Type(), obj.Hash(), o.dirs[0], err)
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
