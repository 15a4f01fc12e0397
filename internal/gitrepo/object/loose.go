package object

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// A looseWriter writes objects into files of their own, as git does: under
// another name first, so that nobody sees half of one. It serves one goroutine.
type looseWriter struct {
	dir    string // of objects
	buf    bytes.Buffer
	zlib   *zlib.Writer
	prefix string // of the other names
	n      int
}

func newLooseWriter(dir string) *looseWriter {
	w := &looseWriter{dir: dir, prefix: fmt.Sprintf("tmp_obj_%d_%x_", os.Getpid(), rand.Uint32())} //nolint:gosec // only a name
	// git's own level for objects that are packed sooner or later.
	w.zlib, _ = zlib.NewWriterLevel(&w.buf, zlib.BestSpeed)
	return w
}

// WriteLoose makes the file of an object below a directory of objects.
func WriteLoose(dir string, obj Object) error { return newLooseWriter(dir).write(obj, false) }

// write makes the file of an object, and waits for the disk if sync is set.
func (w *looseWriter) write(obj Object, sync bool) error {
	w.buf.Reset()
	w.zlib.Reset(&w.buf)
	_, err := fmt.Fprintf(w.zlib, "%s %d\x00", obj.Kind, len(obj.Data))
	if err == nil {
		_, err = w.zlib.Write(obj.Data)
	}
	if err = errors.Join(err, w.zlib.Close()); err != nil {
		return err
	}
	name := obj.ID.String()
	file, err := w.create(filepath.Join(w.dir, name[:2]))
	if err != nil {
		return err
	}
	_, err = file.Write(w.buf.Bytes())
	if err == nil && sync {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(w.dir, name[:2], name[2:]))
	}
	if err != nil {
		// git removes what stays of it, in time.
		_ = os.Remove(file.Name())
	}
	return err
}

// create makes a new file, and the directory for it if there is none.
func (w *looseWriter) create(dir string) (*os.File, error) {
	for {
		w.n++
		path := filepath.Join(dir, fmt.Sprint(w.prefix, w.n))
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
		case !errors.Is(err, fs.ErrExist):
			return file, err
		}
	}
}
