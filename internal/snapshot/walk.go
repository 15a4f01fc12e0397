package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// A walk goes through the trees of a commit, one level of directories after the other:
// all trees of a level are known before the first of them is read, so that they are
// asked for many at a time.
type walk struct {
	*commit
	*interest
	store *cache.Store
}

// A tree is a directory of a walk.
type tree struct {
	dir    string // its path with a slash behind it, "" for the root
	name   string
	id     gitrepo.ID
	state  state
	parent *tree   // nil if that has a record, or there is none
	files  []entry // that matter, with their paths
	items  []item  // what a record of it says, known when all below it are read
	trees  int     // that were read for it, without those that have records
	kept   bool    // it has a record
}

// recordFrom is the number of trees from which on what was read of them gets a record. To
// read fewer again, since something beside them has changed, costs less than to look
// up a record for each of them whenever nothing has.
const recordFrom = 32

func (c *commit) list(ctx context.Context, in *interest, store *cache.Store) ([]entry, []*source.Error, error) {
	w := &walk{commit: c, interest: in, store: store}
	var all []*tree
	for level := []*tree{{id: c.root, state: anywhere}}; len(level) > 0; {
		all = append(all, level...)
		next, err := w.level(ctx, level)
		if err != nil {
			return nil, nil, err
		}
		level = next
	}
	var n int
	for _, t := range all {
		n += len(t.files)
	}
	entries := make([]entry, 0, n)
	for _, t := range all {
		entries = append(entries, t.files...)
	}
	if store == nil {
		return entries, nil, nil
	}
	for _, t := range slices.Backward(all) {
		w.record(t)
	}
	return entries, nil, nil
}

// level takes directories of one level and returns those in them.
func (w *walk) level(ctx context.Context, trees []*tree) ([]*tree, error) {
	known := make([][]*tree, len(trees))
	err := inParallel(ctx, len(trees), func(i int) { known[i] = w.remember(trees[i]) })
	below := slices.Concat(known...)
	var unknown []*tree
	for _, t := range trees {
		if !t.kept {
			unknown = append(unknown, t)
		}
	}
	if err != nil || len(unknown) == 0 {
		return below, err
	}
	// Few are not worth a second goroutine, with a process of its own that reads for it.
	const few, many = 64, 256
	size := min(many, max(few, (len(unknown)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0)))
	parts := slices.Collect(slices.Chunk(unknown, size))
	read := make([][]*tree, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, part := range parts {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			read[i], err = w.read(part)
			return err
		})
	}
	err = group.Wait()
	return append(below, slices.Concat(read...)...), err
}

// read reads directories and returns those in them.
func (w *walk) read(trees []*tree) (below []*tree, err error) {
	ids := make([]gitrepo.ID, len(trees))
	for i, t := range trees {
		ids[i] = t.id
	}
	rd := w.repo.NewReader()
	defer func() { err = errors.Join(err, rd.Close()) }()
	rd.Trees(ids, func(i int, list []gitrepo.TreeEntry, treeErr error) {
		if treeErr != nil && err == nil {
			err = fmt.Errorf("reading %s: %w", path.Join(".", trees[i].dir), treeErr)
		}
		below = w.take(trees[i], list, below)
	})
	return below, err
}

// take takes what matters of a directory, and appends the directories in it to below.
func (w *walk) take(t *tree, list []gitrepo.TreeEntry, below []*tree) []*tree {
	t.trees = 1
	for _, e := range list {
		if e.Mode.IsDir() {
			if next, ok := w.enter(t.state, e.Name); ok {
				below = append(below, &tree{dir: t.dir + e.Name + "/", name: e.Name, id: e.ID, state: next, parent: t})
			}
		} else if class, ok := w.classifyEntry(t.state, e); ok {
			t.files = append(t.files, entry{path: t.dir + e.Name, identity: string(e.ID), class: class})
			t.items = append(t.items, item{name: e.Name, id: e.ID, class: class})
		}
	}
	return below
}

// classifyEntry is classify for an entry of a tree: a regular file, or a symbolic link.
func (w *walk) classifyEntry(s state, e gitrepo.TreeEntry) (class, bool) {
	class, ok := w.classify(s, e.Name)
	if e.Mode.Type() == fs.ModeSymlink {
		return class.link(), ok
	}
	if e.Mode&0o111 != 0 {
		class = class.run(e.Name)
		ok = ok || class != 0
	}
	return class, ok && e.Mode.IsRegular()
}

// remember looks for a record of a directory, and returns the directories that have records
// of their own.
func (w *walk) remember(t *tree) (below []*tree) {
	if w.store.IsEmpty() {
		return nil
	}
	data, ok := w.store.Get(w.key(t))
	if !ok {
		return nil
	}
	items, ok := decode(data)
	if !ok {
		return nil
	}
	for _, i := range items {
		if i.dir {
			below = append(below, &tree{dir: t.dir + i.name + "/", name: i.name, id: i.id, state: i.state})
		} else {
			t.files = append(t.files, entry{path: t.dir + i.name, identity: string(i.id), class: i.class})
		}
	}
	t.kept, t.items = true, items
	return below
}

// key is where the record of a directory is kept.
func (w *walk) key(t *tree) cache.Key {
	return cache.KeyOf("tree", w.id, string(t.id), string(rune(t.state)))
}

// record makes the record of a directory, or adds what there is in it to the directory it
// lies in. All directories in it have been recorded before.
func (w *walk) record(t *tree) {
	if !t.kept && (t.trees >= recordFrom || t.dir == "") {
		w.store.Put(w.key(t), encode(t.items))
		t.kept = true
	}
	p := t.parent
	switch {
	case p == nil:
	case !t.kept:
		p.trees += t.trees
		for _, i := range t.items {
			i.name = t.name + "/" + i.name
			p.items = append(p.items, i)
		}
	case len(t.items) > 0:
		p.items = append(p.items, item{name: t.name, id: t.id, state: t.state, dir: true})
	}
	t.items = nil
}
