package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

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
func idOf(identity string) gitrepo.ID { return gitrepo.ID(identity) }

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
	data, err := rd.BlobUpTo(idOf(e.identity), most)
	err = blobError(e, err)
	if errors.Is(err, gitrepo.ErrMissingObject) && c.repo.Partial() {
		return source.ReadUpTo(c.files, e.origin(), most) // fetches it, or says why it cannot be had
	}
	return data, err
}

// readAll implements contents.
func (c *commit) readAll(entries []entry, most int64, got func(i int, data []byte, err error)) {
	ids := make([]gitrepo.ID, len(entries))
	for i, e := range entries {
		ids[i] = idOf(e.identity)
	}
	rd := c.repo.NewReader()
	defer func() { _ = rd.Close() }()
	rd.Blobs(ids, most, func(i int, data []byte, err error) { got(i, data, blobError(entries[i], err)) })
}

// blobError says which file could not be read.
func blobError(e entry, err error) error {
	if errors.Is(err, gitrepo.ErrTooLarge) {
		err = source.ErrTooLarge
	}
	if err != nil {
		err = &fs.PathError{Op: "read", Path: e.origin(), Err: err}
	}
	return err
}

// view implements contents.
func (c *commit) view() string { return c.repo.View() }

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
	return content(c.files, p)
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
	return list[i].Mode, string(list[i].ID), nil
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
