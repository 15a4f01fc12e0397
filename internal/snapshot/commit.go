package snapshot

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// Commit returns the files of a commit, given by its full id.
func Commit(repo *gitrepo.Repo, id string) (Source, error) {
	files, err := repo.FS(id)
	if err != nil {
		return nil, err
	}
	root, err := repo.RootTree(id)
	if err != nil {
		return nil, err
	}
	return commit{repo, files, root}, nil
}

type commit struct {
	repo  *gitrepo.Repo
	files fs.FS
	root  gitrepo.ID
}

// FS implements Source.
func (c commit) FS() fs.FS { return c.files }

func (c commit) prefetch(ctx context.Context, entries []entry) error {
	ids := make([]gitrepo.ID, len(entries))
	for i, e := range entries {
		ids[i] = gitrepo.ID([]byte(e.identity))
	}
	return c.repo.Prefetch(ctx, ids)
}

// A branch is what of a tree matters: the files, and the directories below which
// there are any.
type branch struct {
	files []leaf
	dirs  []limb
}

type leaf struct {
	name string
	id   gitrepo.ID
}

type limb struct {
	name string
	id   gitrepo.ID
}

func (b branch) empty() bool { return len(b.files) == 0 && len(b.dirs) == 0 }

// A walk goes through the trees of a commit.
type walk struct {
	commit
	*interest
	store *cache.Store
	found func(entry, func() ([]byte, error))

	active atomic.Int32 // goroutines that are not waiting for another
	group  *errgroup.Group

	mu      sync.Mutex
	entries []entry
}

func (c commit) list(ctx context.Context, in *interest, store *cache.Store, found func(entry, func() ([]byte, error))) ([]entry, error) {
	group, ctx := errgroup.WithContext(ctx)
	w := &walk{commit: c, interest: in, store: store, found: found, group: group}
	w.active.Store(1)
	h := &hand{walk: w}
	defer h.close()
	_, err := h.tree(ctx, c.root, "", anywhere)
	if waited := group.Wait(); err == nil || waited != nil && ctx.Err() != nil {
		err = waited
	}
	return w.entries, err
}

// A hand is one goroutine of a walk, with a reader of its own.
type hand struct {
	*walk
	reader *gitrepo.Reader // nil until something is read
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

// tree goes through a tree and reports whether anything below it matters. dir is its
// path with a slash behind it, "" for the root.
func (h *hand) tree(ctx context.Context, id gitrepo.ID, dir string, s state) (matters bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	key := cache.KeyOf("tree", h.id, string(id[:]), string(rune(s)))
	if b, ok := h.remembered(key); ok {
		return !b.empty(), h.follow(ctx, b, dir, s)
	}
	list, err := h.read().Tree(id)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", path.Join(".", dir), err)
	}
	var b branch
	var below []*subtree
	for _, e := range list {
		switch {
		case e.Mode.IsDir():
			if next, ok := s.enter(e.Name); ok {
				below = append(below, &subtree{limb: limb{e.Name, e.ID}, dir: dir + e.Name + "/", state: next})
			}
		case e.Mode.IsRegular() && h.matters(s, e.Name):
			b.files = append(b.files, leaf{e.Name, e.ID})
		}
	}
	h.leaves(b.files, dir)
	for _, t := range below {
		if !h.delegate(ctx, t) {
			t.result, t.err = h.tree(ctx, t.id, t.dir, t.state)
		}
	}
	for _, t := range below {
		h.wait(t)
		if t.err != nil {
			return false, t.err
		}
		if t.result {
			b.dirs = append(b.dirs, t.limb)
		}
	}
	h.store.Put(key, b.encode())
	return !b.empty(), nil
}

// follow goes through what is remembered of a tree.
func (h *hand) follow(ctx context.Context, b branch, dir string, s state) error {
	h.leaves(b.files, dir)
	for _, d := range b.dirs {
		next, _ := s.enter(d.name)
		if _, err := h.tree(ctx, d.id, dir+d.name+"/", next); err != nil {
			return err
		}
	}
	return nil
}

// leaves hands on the files of a directory.
func (h *hand) leaves(files []leaf, dir string) {
	if len(files) == 0 {
		return
	}
	found := make([]entry, len(files))
	for i, f := range files {
		e := entry{dir + f.name, string(f.id[:])}
		h.found(e, func() ([]byte, error) { return h.read().Blob(f.id) })
		found[i] = e
	}
	h.mu.Lock()
	h.entries = append(h.entries, found...)
	h.mu.Unlock()
}

// A subtree is a directory that is gone through by this goroutine or by another.
type subtree struct {
	limb
	dir    string
	state  state
	done   chan struct{} // nil for one that this goroutine goes through
	result bool
	err    error
}

// delegated is how deep a directory may lie that is handed to another goroutine: what
// lies deeper is not worth it.
const delegated = 4

// delegate hands a directory to another goroutine if there is one to spare.
func (h *hand) delegate(ctx context.Context, t *subtree) bool {
	if strings.Count(t.dir, "/") > delegated {
		return false
	}
	if n := h.active.Load(); int(n) >= runtime.GOMAXPROCS(0) || !h.active.CompareAndSwap(n, n+1) {
		return false
	}
	t.done = make(chan struct{})
	h.group.Go(func() error {
		other := &hand{walk: h.walk}
		defer other.close()
		t.result, t.err = other.tree(ctx, t.id, t.dir, t.state)
		h.active.Add(-1)
		close(t.done)
		return t.err
	})
	return true
}

// wait waits for a directory that was handed on. While this goroutine does, there is
// room for another.
func (h *hand) wait(t *subtree) {
	if t.done == nil {
		return
	}
	h.active.Add(-1)
	<-t.done
	h.active.Add(1)
}
