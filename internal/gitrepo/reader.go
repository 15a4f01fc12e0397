package gitrepo

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/redact"
)

// An ID is the id of an object.
type ID = object.ID

// A TreeEntry is an entry of a directory.
type TreeEntry = object.TreeEntry

// openObjects opens the objects.
func (r *Repo) openObjects(format object.Format) (err error) {
	if r.view, err = r.replaced(); err != nil {
		return err
	}
	r.objects, err = object.Open(object.Options{
		GitDir: r.gitDir, CommonDir: r.commonDir, Format: format, Git: r.git, Partial: r.leftOut(), Replaced: r.view != "",
	})
	if errors.Is(err, object.ErrNeedsGit) {
		return &OpenError{Path: r.commonDir, Why: err.Error(), Advice: installGit, Err: err}
	}
	if err != nil {
		return openError(r.commonDir, err)
	}
	// What is wrong with it is said before an object is missing.
	if _, _, err := object.Alternates(filepath.Join(r.commonDir, "objects")); err != nil && !errors.Is(err, object.ErrNeedsGit) {
		return openError(filepath.Join(r.commonDir, "objects", "info", "alternates"), err)
	}
	return nil
}

// leftOut says what a partial clone has left at its remote, "" if it is none.
func (r *Repo) leftOut() string {
	remote := r.promisor()
	if remote == "" {
		return ""
	}
	if filters := r.config.values("remote", remote, "partialclonefilter"); len(filters) > 0 {
		return filters[len(filters)-1]
	}
	return "unknown"
}

// View tells what a commit holds here from what the same commit holds elsewhere: it is ""
// unless the repository replaces objects by others (refs/replace).
func (r *Repo) View() string { return r.view }

func (r *Repo) replaced() (string, error) {
	refs, err := r.below("refs/replace")
	if err != nil || len(refs) == 0 {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join(refs, "\n")))
	return string(sum[:]), nil
}

// A Reader reads objects on behalf of one goroutine. Several Readers of a
// repository may be used at once; that is the fastest way to read many objects.
// Close it when done.
type Reader struct {
	repo    *Repo
	objects *object.Reader // nil when closed
	offline bool           // what is missing is not fetched
}

// NewReader returns a Reader of the repository's objects.
func (r *Repo) NewReader() *Reader { return &Reader{repo: r, objects: r.objects.Reader()} }

// Close ends the use of the Reader.
func (rd *Reader) Close() error {
	if rd.objects == nil {
		return fs.ErrClosed
	}
	rd.objects.Close()
	rd.objects = nil
	return nil
}

// Trees calls got with what is in each directory, sorted by name, which is overwritten after
// the call, or with an error: a tree with a name that leads elsewhere, or stands twice, is
// one, and one that is missing an error that wraps ErrMissingObject. In a clone without trees they are fetched first,
// as [Repo.Prefetch] does it. got is called in any order.
func (rd *Reader) Trees(ids []ID, got func(i int, list []TreeEntry, err error)) {
	var missing []int
	rd.trees(ids, func(i int, list []TreeEntry, err error) {
		if errors.Is(err, ErrMissingObject) && !rd.offline && rd.repo.promisor() != "" {
			missing = append(missing, i)
			return
		}
		got(i, list, err)
	})
	// With the first of them come those below it, and perhaps others.
	for _, i := range missing {
		if err := rd.repo.fetchOne(ids[i]); err != nil {
			got(i, nil, err)
			continue
		}
		rd.trees(ids[i:i+1], func(_ int, list []TreeEntry, err error) { got(i, list, err) })
	}
}

func (rd *Reader) trees(ids []ID, got func(i int, list []TreeEntry, err error)) {
	if rd.objects == nil {
		for i, id := range ids {
			got(i, nil, rd.explain("tree", id, fs.ErrClosed))
		}
		return
	}
	rd.objects.Trees(ids, func(i int, list []TreeEntry, err error) { got(i, list, rd.explain("tree", ids[i], err)) })
}

// Tree is [Reader.Trees] for one directory.
func (rd *Reader) Tree(id ID) (list []TreeEntry, err error) {
	rd.Trees([]ID{id}, func(_ int, l []TreeEntry, e error) { list, err = slices.Clone(l), e })
	return list, err
}

// Blobs calls got with the content of each file, which is the caller's own, or with an
// error. A file of more than most bytes is not read, and an error that wraps ErrTooLarge. A
// blob that is missing is an error that wraps ErrMissingObject; it is not fetched, since
// one after the other would take for ever. got is called in any order.
func (rd *Reader) Blobs(ids []ID, most int64, got func(i int, data []byte, err error)) {
	if rd.objects == nil {
		for i, id := range ids {
			got(i, nil, rd.explain("blob", id, fs.ErrClosed))
		}
		return
	}
	rd.objects.Blobs(ids, most, func(i int, data []byte, err error) { got(i, data, rd.explain("blob", ids[i], err)) })
}

// Blob is [Reader.Blobs] for one file of any size.
func (rd *Reader) Blob(id ID) ([]byte, error) { return rd.BlobUpTo(id, math.MaxInt64) }

// BlobUpTo is [Reader.Blobs] for one file.
func (rd *Reader) BlobUpTo(id ID, most int64) (data []byte, err error) {
	rd.Blobs([]ID{id}, most, func(_ int, d []byte, e error) { data, err = d, e })
	return data, err
}

// size returns the size of a blob.
func (rd *Reader) size(id ID) (size int64, err error) {
	rd.objects.Infos([]ID{id}, func(_ int, _ object.Kind, n int64, e error) { size, err = n, e })
	return size, rd.explain("blob", id, err)
}

// explain says what was read when err happened.
func (rd *Reader) explain(what object.Kind, id ID, err error) error {
	if err == nil {
		return nil
	}
	return rd.repo.missing(fmt.Errorf("reading %s %s: %w", what, id, err))
}

// missing adds what a person can do when err is that an object is missing.
func (r *Repo) missing(err error) error {
	if !errors.Is(err, ErrMissingObject) {
		return err
	}
	if r.address != "" {
		return withHint(err, "the content of files comes from %s when it is read: run it again", redact.URL(r.address))
	}
	if remote := r.promisor(); remote != "" {
		return withHint(fmt.Errorf("%w: it is a partial clone", err),
			"get the rest with `git fetch --refetch --no-filter %s`, or clone without --filter", redact.URL(remote))
	}
	// The lists could be read when the repository was opened.
	if _, gone, _ := object.Alternates(filepath.Join(r.commonDir, "objects")); len(gone) > 0 {
		return withHint(fmt.Errorf("%w: it borrows from %s, which does not exist", err, strings.Join(gone, ", ")),
			"bring that directory back, or clone again without --shared and --reference")
	}
	return withHint(err, "`git fsck` says what is broken; a fresh clone has everything")
}
