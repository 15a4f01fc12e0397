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
	"sync/atomic"
	"unsafe"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
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
	return commit{repo, files, info.Sys().(gitrepo.ID)}, nil //nolint:forcetypeassert // as Repo.FS promises
}

type commit struct {
	repo  *gitrepo.Repo
	files fs.FS
	root  gitrepo.ID
}

// FS implements Source.
func (c commit) FS() fs.FS { return c.files }

func (c commit) prefetch(ctx context.Context, entries []entry) error {
	if !c.repo.Partial() {
		return nil // to look for each of them would take longer than to read it
	}
	ids := make([]gitrepo.ID, len(entries))
	for i, e := range entries {
		ids[i] = gitrepo.ID([]byte(e.identity))
	}
	return c.repo.Prefetch(ctx, ids)
}

// read implements contents.
func (c commit) read(e entry, most int64) ([]byte, error) {
	rd := c.repo.NewReader()
	defer func() { _ = rd.Close() }()
	data, err := rd.BlobUpTo(gitrepo.ID([]byte(e.identity)), most)
	if errors.Is(err, gitrepo.ErrMissingObject) {
		return buildfile.ReadUpTo(c.files, e.path, most) // fetches it, or says where it is missing
	}
	if err != nil {
		err = &fs.PathError{Op: "read", Path: e.path, Err: err}
	}
	return data, err
}

// look implements Source. A regular file whose name is of interest is among the
// entries, or is not there; what of a directory is asked for is of interest, too.
func (c commit) look(in *interest, entries []entry, p string) (identity string, lasting bool) {
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

// A walk goes through the trees of a commit.
type walk struct {
	commit
	*interest
	store *cache.Store
	found found

	active atomic.Int32 // goroutines that are not waiting for another
	group  *errgroup.Group

	mu      sync.Mutex
	entries [][]entry
}

func (c commit) list(ctx context.Context, in *interest, store *cache.Store, found found) ([]entry, error) {
	group, ctx := errgroup.WithContext(ctx)
	w := &walk{commit: c, interest: in, store: store, found: found, group: group}
	w.active.Store(1)
	group.Go(func() error {
		h := w.hand()
		defer h.close()
		_, err := h.tree(ctx, c.root, "", anywhere)
		return err
	})
	err := group.Wait()
	return slices.Concat(w.entries...), err
}

// A hand is one goroutine of a walk, with a reader of its own.
type hand struct {
	*walk
	reader *gitrepo.Reader             // nil until something is read
	blob   func(entry) ([]byte, error) // reads a file
}

func (w *walk) hand() *hand {
	h := &hand{walk: w}
	h.blob = func(e entry) ([]byte, error) { return h.read().Blob(gitrepo.ID([]byte(e.identity))) }
	return h
}

func (h *hand) read() *gitrepo.Reader {
	if h.reader == nil {
		h.reader = h.repo.NewReader()
	}
	return h.reader
}

func (h *hand) close() {
	if h.reader != nil {
		_ = h.reader.Close() // it was only read
	}
}

// A part is what was found in a tree, for the record of the one it lies in.
type part struct {
	items  []item
	trees  int  // that were read for it, without those that have records
	record bool // it has one of its own
}

// heavy is the number of trees from which on what was read of them gets a record. To
// read fewer again, since something beside them has changed, costs less than to look
// up a record for each of them whenever nothing has.
const heavy = 32

// tree goes through a tree. dir is its path with a slash behind it, "" for the root.
func (h *hand) tree(ctx context.Context, id gitrepo.ID, dir string, s state) (part, error) {
	if err := ctx.Err(); err != nil {
		return part{}, err
	}
	key := cache.KeyOf("tree", h.id, string(id[:]), string(rune(s)))
	if data, files, length, ok := h.remembered(key); ok {
		var items []item // only what tells an empty record from others is asked for
		if len(data) > 0 {
			items = []item{{}}
		}
		return part{items: items, record: true}, h.follow(ctx, data, files, length, dir)
	}
	list, err := h.read().Tree(id)
	if err != nil {
		return part{}, fmt.Errorf("reading %s: %w", path.Join(".", dir), err)
	}
	p := part{trees: 1}
	var below []*subtree
	for _, e := range list {
		if e.Mode.IsDir() {
			if next, ok := h.enter(s, e.Name); ok {
				below = append(below, &subtree{name: e.Name, id: e.ID, state: next})
			}
		} else if class, ok := h.classify(s, e.Name); ok && e.Mode.IsRegular() {
			p.items = append(p.items, item{name: e.Name, id: e.ID, class: class})
		}
	}
	h.leaves(p.items, dir)
	h.subtrees(ctx, below, dir)
	if err := firstError(below); err != nil {
		return part{}, err
	}
	for _, t := range below {
		p.add(t)
	}
	if p.trees >= heavy || dir == "" {
		h.store.Put(key, encode(p.items))
		p.record = true
	}
	return p, nil
}

// add adds what was found in a directory of the tree.
func (p *part) add(t *subtree) {
	switch {
	case !t.part.record:
		p.trees += t.part.trees
		for _, i := range t.part.items {
			i.name = t.name + "/" + i.name
			p.items = append(p.items, i)
		}
	case len(t.part.items) > 0:
		p.items = append(p.items, item{name: t.name, id: t.id, state: t.state, dir: true})
	}
}

// follow goes through a record.
func (h *hand) follow(ctx context.Context, data []byte, files, length int, dir string) error {
	// All paths are parts of one string, which is one allocation.
	paths := make([]byte, 0, files*len(dir)+length)
	entries := make([]entry, 0, files)
	var below []*subtree
	for len(data) > 0 {
		i, rest, _ := nextItem(data)
		id := data[len(data)-len(rest)-idSize : len(data)-len(rest)]
		if data = rest; i.dir {
			below = append(below, &subtree{name: i.name, id: i.id, state: i.state})
			continue
		}
		start := len(paths)
		paths = append(append(paths, dir...), i.name...)
		// Neither changes any more, so that parts of them may be strings.
		e := entry{path: unsafe.String(&paths[start], len(paths)-start), identity: unsafe.String(&id[0], idSize), class: i.class} //nolint:gosec // as said above
		entries = append(entries, e)
	}
	h.find(entries)
	h.keep(entries)
	h.subtrees(ctx, below, dir)
	return firstError(below)
}

// firstError returns the error of the first of the directories that has one.
func firstError(trees []*subtree) error {
	for _, t := range trees {
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// find hands on entries, of which there may be very many: half of them in another
// goroutine, if there is one to spare.
func (h *hand) find(entries []entry) {
	const many = 200
	var done chan struct{}
	if half := len(entries) / 2; half >= many {
		rest := entries[half:]
		if done = h.spare(func(other *hand) error { other.find(rest); return nil }); done != nil {
			entries = entries[:half]
		}
	}
	for i := range entries {
		h.found(&entries[i], h.blob)
	}
	if done != nil {
		h.wait(done)
	}
}

// leaves hands on the files of a directory.
func (h *hand) leaves(files []item, dir string) {
	if len(files) == 0 {
		return
	}
	entries := make([]entry, len(files))
	for i, f := range files {
		entries[i] = entry{path: dir + f.name, identity: string(f.id[:]), class: f.class}
		h.found(&entries[i], h.blob)
	}
	h.keep(entries)
}

func (h *hand) keep(entries []entry) {
	if len(entries) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, entries)
}

// A subtree is a directory that is gone through by this goroutine or by another.
type subtree struct {
	name  string
	id    gitrepo.ID
	state state
	part  part
	err   error
}

// subtrees goes through directories of one that lies at dir. Whenever there is a
// goroutine to spare it gets half of what is left, so that none waits for long.
func (h *hand) subtrees(ctx context.Context, trees []*subtree, dir string) {
	var handed []chan struct{}
	for len(trees) > 0 {
		t := trees[0]
		trees = trees[1:]
		half := len(trees) / 2
		if done := h.delegate(ctx, trees[half:], dir); done != nil {
			handed, trees = append(handed, done), trees[:half]
		}
		t.part, t.err = h.tree(ctx, t.id, dir+t.name+"/", t.state)
	}
	for _, done := range handed {
		h.wait(done)
	}
}

// delegated is how deep a directory may lie that is handed to another goroutine: what
// lies deeper is not worth it.
const delegated = 4

// delegate hands directories to another goroutine if there is one to spare. The result
// is closed when they are done; nil where there is none.
func (h *hand) delegate(ctx context.Context, trees []*subtree, dir string) chan struct{} {
	if len(trees) == 0 || strings.Count(dir, "/") >= delegated {
		return nil
	}
	return h.spare(func(other *hand) error {
		other.subtrees(ctx, trees, dir)
		return firstError(trees)
	})
}

// spare calls f in another goroutine if there is one to spare. The result is closed
// when it is done; nil where there is none.
func (h *hand) spare(f func(other *hand) error) chan struct{} {
	if n := h.active.Load(); int(n) >= runtime.GOMAXPROCS(0) || !h.active.CompareAndSwap(n, n+1) {
		return nil
	}
	done := make(chan struct{})
	h.group.Go(func() error {
		defer close(done)
		defer h.active.Add(-1)
		other := h.hand()
		defer other.close()
		return f(other)
	})
	return done
}

// wait waits for what was handed on. While this goroutine does, there is
// room for another.
func (h *hand) wait(done chan struct{}) {
	h.active.Add(-1)
	<-done
	h.active.Add(1)
}
