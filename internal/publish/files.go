package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// Files edits the files of a directory in place: root is the root of the work
// tree or of a plain directory, read what the changes were made from. A file that
// differs from what was read is left alone, whether a person works on it or an
// earlier run edited it already. Line ends that git converted at checkout
// (core.autocrlf) stay converted.
//
// Each file is replaced in one step, with its mode. The error is that of ctx.
func Files(ctx context.Context, root *os.Root, changes []Change) ([]Outcome, error) {
	outcomes := make([]Outcome, len(changes))
	for i, change := range changes {
		out := &outcomes[i]
		*out = Outcome{Change: change.Change, State: Unchanged}
		var failures []error
		inPlace := 0
		for _, file := range change.Files {
			if err := ctx.Err(); err != nil {
				return outcomes[:i+1], err
			}
			written, err := replaceFile(root, file.Path, file.Src, file.Content)
			if err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", file.Path, err))
				continue
			}
			inPlace++
			if written {
				out.State = Updated
			}
		}
		if len(failures) > 0 {
			out.fail(errors.Join(failures...))
			out.Partial = inPlace > 0
		}
	}
	return outcomes, nil
}

var errEdited = errors.New("it differs from what is committed: commit or stash your work on it first")

// replaceFile writes after to the file at name if it holds before; written is
// false if it holds after already.
func replaceFile(root *os.Root, name string, before, after []byte) (written bool, err error) {
	info, err := root.Lstat(name)
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errors.New("it is no regular file in the work tree")
	}
	found, err := root.ReadFile(name)
	if err != nil {
		return false, err
	}
	if !bytes.Equal(found, before) && !bytes.Equal(found, after) {
		before, after = crlf(before), crlf(after)
	}
	switch {
	case bytes.Equal(found, after):
		return false, nil
	case !bytes.Equal(found, before):
		return false, errEdited
	}
	temporary := path.Join(path.Dir(name), ".propagate-"+path.Base(name)+".tmp")
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("%s is left from an interrupted run, or another run is at work: remove it if no run is", temporary)
	}
	if err != nil {
		return false, err
	}
	_, err = file.Write(after)
	err = errors.Join(err, file.Chmod(info.Mode().Perm()), file.Close())
	if err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		return false, errors.Join(err, root.Remove(temporary))
	}
	return true, nil
}

// crlf gives every line the ending that git gives it with core.autocrlf.
func crlf(text []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}
