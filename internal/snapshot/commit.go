package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// Commit returns the files of a commit, given by its full id.
func Commit(repo *gitrepo.Repo, id string) (Source, error) {
	files, err := repo.FS(id)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(files, ".")
	if err != nil {
		return nil, err
	}
	root := info.Sys().(gitrepo.ID) //nolint:forcetypeassert // as Repo.FS promises
	return &commit{repo: repo, files: files, root: root, dirs: map[string][]gitrepo.TreeEntry{}}, nil
}

type commit struct {
	repo  *gitrepo.Repo
	files fs.FS
	root  gitrepo.ID
	dirs  map[string][]gitrepo.TreeEntry // that links were followed through, by path
}

// FS implements Source.
func (c *commit) FS() fs.FS { return c.files }

// idOf returns the object of an identity.
func idOf(identity string) gitrepo.ID { return gitrepo.ID([]byte(identity)) }

func (c *commit) prefetch(ctx context.Context, entries []entry) error {
	if !c.repo.Partial() || len(entries) == 0 {
		return nil // to look for each of them would take longer than to read it
	}
	ids := make([]gitrepo.ID, len(entries))
	for i, e := range entries {
		ids[i] = idOf(e.identity)
	}
	return c.repo.Prefetch(ctx, ids)
}

// read implements contents.
func (c *commit) read(e entry, most int64) ([]byte, error) {
	rd := c.repo.NewReader()
	defer func() { _ = rd.Close() }()
	data, err := readBlob(rd, e, most)
	if errors.Is(err, gitrepo.ErrMissingObject) && c.repo.Partial() {
		return source.ReadUpTo(c.files, e.origin(), most) // fetches it, or says why it cannot be had
	}
	return data, err
}

// readBlob reads an entry of at most most bytes.
func readBlob(rd *gitrepo.Reader, e entry, most int64) ([]byte, error) {
	data, err := rd.BlobUpTo(idOf(e.identity), most)
	if errors.Is(err, gitrepo.ErrTooLarge) {
		err = source.ErrTooLarge
	}
	if err != nil {
		err = &fs.PathError{Op: "read", Path: e.origin(), Err: err}
	}
	return data, err
}

// identify implements contents. A regular file whose name is of interest is among the
// entries, or is not there; what of a directory is asked for is of interest, too.
func (c *commit) identify(in *interest, entries []entry, p string) (identity string, lasting bool) {
	if i, ok := search(entries, p); ok {
		return entries[i].identity, true
	}
	below, _ := search(entries, p+"/")
	isDir := below < len(entries) && strings.HasPrefix(entries[below].path, p+"/")
	if _, ok := in.classify(anywhere, path.Base(p)); ok && !isDir {
		return nothing, true
	}
	return content(c.files, p), true
}

// lookUp implements links.
func (c *commit) lookUp(p string) (fs.FileMode, string, error) {
	list, err := c.dir(path.Dir(p))
	if err != nil {
		return 0, "", err
	}
	i, ok := slices.BinarySearchFunc(list, path.Base(p), func(e gitrepo.TreeEntry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return 0, "", fs.ErrNotExist
	}
	return list[i].Mode, string(list[i].ID[:]), nil
}

// dir lists a directory, given by a path without links.
func (c *commit) dir(p string) ([]gitrepo.TreeEntry, error) {
	if list, ok := c.dirs[p]; ok {
		return list, nil
	}
	id := c.root
	if p != "." {
		_, identity, err := c.lookUp(p)
		if err != nil {
			return nil, err
		}
		id = idOf(identity)
	}
	rd := c.repo.NewReader()
	defer func() { _ = rd.Close() }()
	list, err := rd.Tree(id)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", p, err)
	}
	c.dirs[p] = list
	return list, nil
}

// readLink implements links.
func (c *commit) readLink(p, identity string) (string, error) {
	text, err := c.read(entry{path: p, identity: identity}, maxLinkText)
	return string(text), err
}

// A walk goes through the trees of a commit.
type walk struct {
	*commit
	*interest
	store *cache.Store
	found found
	cores chan struct{} // holds one for each goroutine at work

	mu      sync.Mutex
	entries [][]entry
}

func (c *commit) list(ctx context.Context, in *interest, store *cache.Store, found found) ([]entry, error) {
	w := &walk{commit: c, interest: in, store: store, found: found, cores: make(chan struct{}, runtime.GOMAXPROCS(0))}
	w.cores <- struct{}{}
	rd := c.repo.NewReader()
	defer func() { _ = rd.Close() }()
	_, err := w.tree(ctx, rd, c.root, "", anywhere)
	return slices.Concat(w.entries...), err
}

// each calls f for all numbers below n, in other goroutines as long as a core is free.
// Each goroutine has a reader of its own.
func (w *walk) each(n int, rd *gitrepo.Reader, f func(i int, rd *gitrepo.Reader)) {
	var others sync.WaitGroup
	started := false
	for i := range n {
		select {
		case w.cores <- struct{}{}:
			started = true
			others.Go(func() {
				own := w.repo.NewReader()
				f(i, own)
				_ = own.Close() // it was only read
				<-w.cores
			})
		default:
			f(i, rd)
		}
	}
	if started {
		<-w.cores // for another goroutine, while this one waits
		others.Wait()
		w.cores <- struct{}{}
	}
}

// A part is what was found in a tree, for the record of the one it lies in.
type part struct {
	items  []item
	trees  int  // that were read for it, without those that have records
	record bool // it has one of its own
}

// minRecord is the number of trees from which on what was read of them gets a record of
// its own. To read fewer again costs less than to look up a record for each of them.
const minRecord = 32

// tree goes through a tree. dir is its path with a slash behind it, "" for the root.
func (w *walk) tree(ctx context.Context, rd *gitrepo.Reader, id gitrepo.ID, dir string, s state) (part, error) {
	if err := ctx.Err(); err != nil {
		return part{}, err
	}
	key := cache.KeyOf("tree", w.id, string(id[:]), string(rune(s)))
	if data, ok := w.store.Get(key); ok {
		if items, ok := decode(data); ok {
			_, err := w.items(ctx, rd, items, dir)
			return part{items: items, record: true}, err
		}
	}
	list, err := rd.Tree(id)
	if err != nil {
		return part{}, fmt.Errorf("reading %s: %w", path.Join(".", dir), err)
	}
	var items []item
	for _, e := range list {
		i := item{name: e.Name, id: e.ID, dir: e.Mode.IsDir()}
		ok := false
		if i.dir {
			i.state, ok = w.enter(s, e.Name)
		} else {
			i.class, ok = w.classifyEntry(s, e)
		}
		if ok {
			items = append(items, i)
		}
	}
	below, err := w.items(ctx, rd, items, dir)
	if err != nil {
		return part{}, err
	}
	p := part{trees: 1}
	for _, i := range items {
		if !i.dir {
			p.items = append(p.items, i)
			continue
		}
		p.add(i, below[0])
		below = below[1:]
	}
	if p.trees >= minRecord || dir == "" {
		w.store.Put(key, encode(p.items))
		p.record = true
	}
	return p, nil
}

// classifyEntry is classify for an entry of a tree: a regular file, or a symbolic link
// that is called like a Dockerfile.
func (w *walk) classifyEntry(s state, e gitrepo.TreeEntry) (class, bool) {
	class, ok := w.classify(s, e.Name)
	if e.Mode.Type() == fs.ModeSymlink {
		return class.link()
	}
	return class, ok && e.Mode.IsRegular()
}

// add adds a directory of a tree with what was found in it.
func (p *part) add(i item, below part) {
	switch {
	case !below.record:
		p.trees += below.trees
		for _, inner := range below.items {
			inner.name = i.name + "/" + inner.name
			p.items = append(p.items, inner)
		}
	case len(below.items) > 0:
		p.items = append(p.items, i)
	}
}

// items goes through what is in a directory: found is called with the files, and what is
// in the directories is returned in their order.
func (w *walk) items(ctx context.Context, rd *gitrepo.Reader, items []item, dir string) ([]part, error) {
	entries := make([]entry, 0, len(items))
	var dirs []item
	for _, i := range items {
		if i.dir {
			dirs = append(dirs, i)
		} else {
			entries = append(entries, entry{path: dir + i.name, identity: string(i.id[:]), class: i.class})
		}
	}
	const atOnce = 100
	w.each((len(entries)+atOnce-1)/atOnce, rd, func(n int, rd *gitrepo.Reader) {
		read := func(e entry) ([]byte, error) { return readBlob(rd, e, maxDockerfile) }
		for n := n * atOnce; n < min((n+1)*atOnce, len(entries)); n++ {
			w.found(&entries[n], read)
		}
	})
	if len(entries) > 0 {
		w.mu.Lock()
		w.entries = append(w.entries, entries)
		w.mu.Unlock()
	}
	below, errs := make([]part, len(dirs)), make([]error, len(dirs))
	w.each(len(dirs), rd, func(n int, rd *gitrepo.Reader) {
		below[n], errs[n] = w.tree(ctx, rd, dirs[n].id, dir+dirs[n].name+"/", dirs[n].state)
	})
	return below, firstError(errs)
}

// firstError returns the first error of a list.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
