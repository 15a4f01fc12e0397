package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// A Blob is a file of a commit.
type Blob struct {
	Path string // from the root
	ID   ID
}

// Differing returns the paths of the files, in their order, that have another content in
// the work tree or are not there, and no more than limit of them. CRLF counts as LF.
// Files that a sparse checkout leaves out do not differ, and nothing does in a bare
// repository. What filters that .gitattributes names make of a file is not known: it
// differs, although git would not say so.
func (r *Repo) Differing(ctx context.Context, files []Blob, limit int) ([]string, error) {
	if r.workTree == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(r.workTree)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	w := &work{root: root, format: r.objects.Format}
	defer w.leave(0)
	sparse := r.config.isTrue("core", "", "sparsecheckout")
	var paths []string
	for _, f := range files {
		if err := ctx.Err(); err != nil || len(paths) >= limit {
			return paths, err
		}
		same, err := w.holds(f)
		if isMissing(err) && sparse {
			continue
		}
		if err != nil || !same {
			paths = append(paths, f.Path)
		}
	}
	return paths, nil
}

// A work is a work tree that is gone through. The directories of the last file stay open,
// since the way from the root to a file takes longer than to read it.
type work struct {
	root   *os.Root
	format object.Format
	below  []directory // from the first below the root to that of the last file
	data   bytes.Buffer
}

type directory struct {
	name string
	root *os.Root
}

// enter returns the directory of a file, and its name there.
func (w *work) enter(path string) (*os.Root, string, error) {
	parts := strings.Split(path, "/")
	dirs, name := parts[:len(parts)-1], parts[len(parts)-1]
	kept := 0
	for kept < min(len(dirs), len(w.below)) && w.below[kept].name == dirs[kept] {
		kept++
	}
	w.leave(kept)
	at := w.root
	if kept > 0 {
		at = w.below[kept-1].root
	}
	for _, dir := range dirs[kept:] {
		// A link to another directory is none that git goes through.
		info, err := at.Lstat(dir)
		if err != nil {
			return nil, "", err
		}
		if !info.IsDir() {
			return nil, "", syscall.ENOTDIR
		}
		if at, err = at.OpenRoot(dir); err != nil {
			return nil, "", err
		}
		w.below = append(w.below, directory{dir, at})
	}
	return at, name, nil
}

// leave closes the directories behind the first n.
func (w *work) leave(n int) {
	for _, d := range w.below[n:] {
		_ = d.root.Close() // it was only read
	}
	w.below = w.below[:n]
}

// isMissing reports whether an error says that there is no file at a path.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// holds reports whether a file has the content of a blob. The content of a symbolic link
// is what it names.
func (w *work) holds(f Blob) (bool, error) {
	dir, name, err := w.enter(f.Path)
	if err != nil {
		return false, err
	}
	info, err := dir.Lstat(name)
	switch {
	case err != nil:
		return false, err
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := dir.Readlink(name)
		return w.blobID([]byte(filepath.ToSlash(target))) == f.ID, err
	case !info.Mode().IsRegular():
		return false, nil
	}
	file, err := dir.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	const large = 1 << 20 // which is not held in memory
	if info.Size() > large {
		h := w.format.NewBlobHash(info.Size())
		_, err := io.Copy(h, file)
		return ID(h.Sum(nil)) == f.ID, err
	}
	w.data.Reset()
	w.data.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := w.data.ReadFrom(io.LimitReader(file, large)); err != nil {
		return false, err
	}
	data := w.data.Bytes()
	return w.blobID(data) == f.ID || w.blobID(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))) == f.ID, nil
}

// blobID returns the id of a blob with a content.
func (w *work) blobID(content []byte) ID { return w.format.NewObject(object.Blob, content).ID }
