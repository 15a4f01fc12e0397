package gitrepo

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Dirty returns the paths of tracked files that are not as in HEAD: changed or
// removed in the work tree, or staged. They are relative to the root, sorted,
// and no more than limit, or all of them if limit is 0; untracked files are
// none of them.
//
// The result is nil for a bare repository, and for one whose index is in a form
// that cannot be read, such as a split or a sparse one. Files whose size and
// time are those in the index are taken to be unchanged; the content of others
// is compared as it is, and with CRLF as LF where core.autocrlf is set.
// Conversions that .gitattributes asks for are not known, so that a file they
// concern may be reported although git would not.
func (r *Repo) Dirty(ctx context.Context, limit int) ([]string, error) {
	return r.DirtyAmong(ctx, limit, nil)
}

// DirtyAmong is Dirty with a look at no files of the work tree but those among, which
// are sorted; what is staged of others is still found. Nil stands for all files. It
// takes what these files take, and a glance at the index.
func (r *Repo) DirtyAmong(ctx context.Context, limit int, among []string) ([]string, error) {
	if r.workTree == "" {
		return nil, nil
	}
	if among != nil {
		if paths, ok, err := r.dirtyUnstaged(ctx, limit, among); ok || err != nil {
			return paths, err
		}
	}
	idx, written, err := r.readIndex()
	if err != nil || idx == nil {
		return nil, err
	}
	head, err := r.headFiles(ctx, idx)
	if err != nil {
		return nil, err
	}
	d := r.newDirt(written, limit)
	entries := idx.Entries
	for len(entries) > 0 || len(head) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if d.full() {
			break
		}
		// Both lists are sorted by path; a path with a conflict stands up to
		// three times in the index.
		switch {
		case len(entries) == 0 || len(head) > 0 && head[0].Name < entries[0].Name:
			d.add(head[0].Name)
			head = head[1:]
		default:
			e := entries[0]
			entries = entries[1:]
			staged := head != nil
			if len(head) > 0 && head[0].Name == e.Name {
				staged = head[0].Hash != e.Hash || head[0].Mode != e.Mode
				head = head[1:]
			}
			// Stage 0 is that of an entry without a conflict; go-git's name
			// for it stands for 1.
			changed := staged || e.Stage != 0
			if _, ok := slices.BinarySearch(among, e.Name); !changed && (among == nil || ok) {
				if changed, err = d.changed(e); err != nil {
					return nil, fmt.Errorf("comparing %s: %w", e.Name, err)
				}
			}
			if changed {
				d.add(e.Name)
			}
		}
	}
	return d.paths, nil
}

// readIndex returns the index and when it was written; nil if there is none
// that can be read.
func (r *Repo) readIndex() (*index.Index, time.Time, error) {
	file, err := os.Open(filepath.Join(r.gitDir, "index"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	idx := &index.Index{}
	if err := index.NewDecoder(bufio.NewReader(file)).Decode(idx); err != nil {
		return nil, time.Time{}, nil
	}
	return idx, info.ModTime(), nil
}

// headFiles returns the files of HEAD sorted by path, with their path as name.
// It returns nil when the index says itself that it holds the tree of HEAD, so
// that nothing is staged.
func (r *Repo) headFiles(ctx context.Context, idx *index.Index) ([]object.TreeEntry, error) {
	files := []object.TreeEntry{}
	id, _, ok, err := r.follow("HEAD")
	if err != nil || !ok {
		return files, err
	}
	commit, err := r.objects.commit(id)
	if err != nil {
		return nil, r.missing(fmt.Errorf("reading commit %s: %w", id, err))
	}
	if idx.Cache != nil && len(idx.Cache.Entries) > 0 {
		if root := idx.Cache.Entries[0]; root.Path == "" && root.Entries >= 0 && root.Hash == commit.TreeHash {
			return nil, nil
		}
	}
	var walk func(id plumbing.Hash, dir string) error
	walk = func(id plumbing.Hash, dir string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := r.rawTree(ID(id))
		if err != nil {
			return fmt.Errorf("/%s: %w", dir, err)
		}
		for len(raw) > 0 {
			var e rawEntry
			if e, raw, err = nextEntry(raw); err != nil {
				return fmt.Errorf("/%s: reading tree %s: %w", dir, id, err)
			}
			name := path.Join(dir, string(e.name))
			if !fileMode(e.mode).IsDir() {
				files = append(files, object.TreeEntry{Name: name, Mode: filemode.FileMode(e.mode), Hash: plumbing.Hash(e.id)})
			} else if err := walk(plumbing.Hash(e.id), name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(commit.TreeHash, ""); err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b object.TreeEntry) int { return cmp.Compare(a.Name, b.Name) })
	return files, nil
}

// dirt collects the paths that differ.
type dirt struct {
	repo    *Repo
	written time.Time // when the index was
	crlf    bool      // git turns CRLF into LF
	modes   bool      // the file system knows executable files
	links   bool      // the file system knows symbolic links
	limit   int
	paths   []string
}

func (r *Repo) newDirt(written time.Time, limit int) *dirt {
	d := &dirt{repo: r, written: written, limit: limit}
	d.crlf = r.config.get("core", "autocrlf") != "" && r.config.get("core", "autocrlf") != "false"
	d.modes = r.config.get("core", "filemode") != "false"
	d.links = r.config.get("core", "symlinks") != "false"
	return d
}

func (d *dirt) full() bool { return d.limit > 0 && len(d.paths) >= d.limit }

func (d *dirt) add(path string) {
	if len(d.paths) == 0 || d.paths[len(d.paths)-1] != path {
		d.paths = append(d.paths, path)
	}
}

// changed compares a file of the work tree with its entry in the index.
func (d *dirt) changed(e *index.Entry) (bool, error) {
	if e.SkipWorktree || e.Mode == filemode.Submodule || !filepath.IsLocal(filepath.FromSlash(e.Name)) {
		return false, nil
	}
	file := filepath.Join(d.repo.workTree, filepath.FromSlash(e.Name))
	info, err := os.Lstat(file)
	if err != nil {
		// Gone, or hidden behind a file that took the place of its directory.
		return true, nil
	}
	isLink := info.Mode()&fs.ModeSymlink != 0
	switch {
	case isLink != (e.Mode == filemode.Symlink) && d.links, !isLink && !info.Mode().IsRegular():
		return true, nil
	case !isLink && d.modes && (info.Mode()&0o100 != 0) != (e.Mode == filemode.Executable):
		return true, nil
	}
	// An entry whose size is 0 is one that git wants to have compared.
	if e.Size != 0 && uint32(info.Size()) != e.Size { //nolint:gosec // the index holds the size modulo 2^32
		return true, nil
	}
	// A file as young as the index may have changed after it was read.
	if uint32(info.Size()) == e.Size && info.ModTime().Equal(e.ModifiedAt) && e.ModifiedAt.Before(d.written) { //nolint:gosec // as above
		return false, nil
	}
	if isLink {
		target, err := os.Readlink(file)
		return plumbing.ComputeHash(plumbing.BlobObject, []byte(filepath.ToSlash(target))) != e.Hash, err
	}
	id, err := hashFile(file, info.Size())
	if err != nil || id == e.Hash {
		return false, err
	}
	if d.crlf {
		data, err := os.ReadFile(file)
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		return plumbing.ComputeHash(plumbing.BlobObject, data) != e.Hash, err
	}
	return true, nil
}

// hashFile returns the id that a file would have as a blob.
func hashFile(path string, size int64) (plumbing.Hash, error) {
	file, err := os.Open(path)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	defer func() { _ = file.Close() }()
	h := plumbing.NewHasher(plumbing.BlobObject, size)
	if _, err := io.Copy(h, file); err != nil {
		return plumbing.ZeroHash, err
	}
	return h.Sum(), nil
}
