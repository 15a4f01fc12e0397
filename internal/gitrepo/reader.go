package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/go-git/go-git/v5/plumbing"
)

// A Reader reads objects on behalf of one goroutine. Several Readers of a
// repository may be used at once; that is the fastest way to read many objects.
// Close it when done.
type Reader struct {
	repo    *Repo
	decoder *decoder // nil when closed
	offline bool     // what is missing is not fetched
}

// NewReader returns a Reader of the repository's objects.
func (r *Repo) NewReader() *Reader { return &Reader{repo: r, decoder: r.objects.decoder()} }

// Close ends the use of the Reader.
func (rd *Reader) Close() error {
	if rd.decoder == nil {
		return fs.ErrClosed
	}
	rd.repo.objects.giveBack(rd.decoder)
	rd.decoder = nil
	return nil
}

// Tree returns what is in a directory, sorted by name. A tree with a name that
// leads elsewhere, or stands twice, is an error, and one that is missing an
// error that wraps ErrMissingObject. In a clone without trees it is fetched
// first, as [Repo.Prefetch] does it.
func (rd *Reader) Tree(id ID) ([]TreeEntry, error) {
	raw, err := rd.read(id, plumbing.TreeObject, false)
	if err != nil {
		return nil, err
	}
	list, err := parseTree(raw)
	if err != nil {
		return nil, fmt.Errorf("reading tree %s: %w", id, err)
	}
	return list, nil
}

// Blob returns the content of a file, which is the caller's own. A blob that is
// missing is an error that wraps ErrMissingObject; it is not fetched, since one
// after the other would take for ever.
func (rd *Reader) Blob(id ID) ([]byte, error) { return rd.read(id, plumbing.BlobObject, true) }

// BlobUpTo is [Reader.Blob] for a file that is only wanted if it has at most the given
// number of bytes. A larger one is an error that wraps ErrTooLarge.
func (rd *Reader) BlobUpTo(id ID, most int64) ([]byte, error) {
	if rd.decoder != nil {
		rd.decoder.most = most
		defer func() { rd.decoder.most = 0 }()
	}
	return rd.Blob(id)
}

func (rd *Reader) read(id ID, want kind, own bool) ([]byte, error) {
	if rd.decoder == nil {
		return nil, fmt.Errorf("reading %s %s: %w", want, id, fs.ErrClosed)
	}
	data, err := rd.decoder.typed(id, want, own)
	if want == plumbing.TreeObject && errors.Is(err, ErrMissingObject) && !rd.offline && rd.repo.promisor() != "" {
		if err := rd.repo.fetchOne(id); err != nil {
			return nil, err
		}
		data, err = rd.decoder.typed(id, want, own)
	}
	if err != nil {
		return nil, rd.repo.missing(fmt.Errorf("reading %s %s: %w", want, id, err))
	}
	return data, nil
}

// size returns the size of a blob.
func (rd *Reader) size(id ID) (int64, error) {
	size, err := rd.decoder.size(id)
	if err != nil {
		err = rd.repo.missing(fmt.Errorf("reading blob %s: %w", id, err))
	}
	return size, err
}

// rawTree returns a copy of the bytes of a tree.
func (r *Repo) rawTree(id ID) ([]byte, error) {
	rd := r.NewReader()
	defer func() { _ = rd.Close() }()
	return rd.read(id, plumbing.TreeObject, true)
}
