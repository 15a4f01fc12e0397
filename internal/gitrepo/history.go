package gitrepo

import (
	"bufio"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// deepen is what to do about ErrShallow.
const deepen = "fetch more of the history: `git fetch --unshallow`, or fetch-depth: 0 in actions/checkout"

// shallow returns the commits whose parents a shallow clone left out.
func (r *Repo) shallow() (map[ID]bool, error) {
	path := filepath.Join(r.commonDir, "shallow")
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	cut := map[ID]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		id, ok := object.ParseID(strings.TrimSpace(lines.Text()))
		if !ok {
			return nil, fmt.Errorf("%s: %q is no commit id", path, lines.Text())
		}
		cut[id] = true
	}
	return cut, lines.Err()
}

// IsShallow reports whether the repository is a shallow clone: its history begins later than it did.
func (r *Repo) IsShallow() bool {
	cut, err := r.shallow()
	return err == nil && len(cut) > 0
}

// Whose ancestor a commit is known to be, itself included.
const (
	ofAncestor = 1 << iota // of the commit asked for
	ofTip                  // of the commit whose history is searched
	ofBoth     = ofAncestor | ofTip
)

// IsAncestor reports whether the commit with the full id ancestor is of itself
// or in its history. It returns ErrShallow, wrapped, when a shallow clone's
// history ends before that is known.
//
// Both histories are walked from their newest commits until what is left is in
// both, so that commits that are close to one another are compared quickly
// however long the history is.
func (r *Repo) IsAncestor(ctx context.Context, ancestor, of string) (bool, error) {
	from, err := commitID(ancestor)
	if err != nil {
		return false, err
	}
	tip, err := commitID(of)
	if err != nil {
		return false, err
	}
	if from == tip {
		return true, nil
	}
	shallow, err := r.shallow()
	if err != nil {
		return false, err
	}
	w := walk{repo: r, marks: map[ID]int{}}
	if err := w.mark(tip, ofTip); err != nil {
		return false, err
	}
	if err := w.mark(from, ofAncestor); errors.Is(err, ErrMissingObject) {
		if len(shallow) > 0 {
			return false, shallowError(tip)
		}
		// A complete history of tip does not hold what is not here.
		return false, nil
	} else if err != nil {
		return false, err
	}
	var cut []ID
	for w.open > 0 && w.marks[from] != ofBoth {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		c := w.next()
		if shallow[c.ID] {
			cut = append(cut, c.ID)
			continue
		}
		for _, parent := range c.Parents {
			if err := w.mark(parent, w.marks[c.ID]); err != nil {
				return false, err
			}
		}
	}
	if w.marks[from] == ofBoth {
		return true, nil
	}
	for _, id := range cut {
		// What lies beyond a commit of both histories is in both, too.
		if w.marks[id] == ofTip {
			return false, shallowError(id)
		}
	}
	return false, nil
}

func shallowError(at ID) error {
	return withHint(fmt.Errorf("history of commit %s: %w", at, ErrShallow), "%s", deepen)
}

// A walk goes through commits, the newest first. A commit is queued again when
// it is learnt that it is in the other history as well.
type walk struct {
	repo  *Repo
	marks map[ID]int
	queue byTime
	open  int // commits in the queue that are not known to be in both histories
}

type queued struct {
	commit object.CommitData
	marks  int // when it was queued
}

func (w *walk) mark(id ID, marks int) error {
	before := w.marks[id]
	if before|marks == before {
		return nil
	}
	commit, err := w.repo.objects.Commit(id)
	if err != nil {
		return w.repo.missing(fmt.Errorf("reading commit %s: %w", id, err))
	}
	w.marks[id] = before | marks
	heap.Push(&w.queue, queued{commit, before | marks})
	if (before|marks)&ofBoth != ofBoth {
		w.open++
	}
	return nil
}

func (w *walk) next() object.CommitData {
	q := heap.Pop(&w.queue).(queued)
	if q.marks&ofBoth != ofBoth {
		w.open--
	}
	return q.commit
}

// byTime is a heap.Interface with the newest commit first.
type byTime []queued

func (q byTime) Len() int { return len(q) }
func (q byTime) Less(i, j int) bool {
	return q[i].commit.Committer.When.After(q[j].commit.Committer.When)
}
func (q byTime) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *byTime) Push(x any)   { *q = append(*q, x.(queued)) }
func (q *byTime) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
