package publish

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/matihlabs/propagate/bumper"
)

// Files edits the files of a directory in place: root is the root of the work
// tree or of a plain directory, read what the changes were made from. A file that
// differs from what was read is left alone, whether a person works on it or an
// earlier run edited it already. Line ends that git converted at checkout
// (core.autocrlf) stay converted.
//
// All files are looked at before any is written, and of a Dockerfile that cannot be
// edited together with what says its image's version, nothing is. Each file is replaced
// in one step, with its mode; what says which version an image has goes before the
// Dockerfiles, so that a run that dies in between leaves the base to be moved again.
// The error is that of ctx.
func Files(ctx context.Context, root *os.Root, changes []Change) ([]Outcome, error) {
	var all []*bumper.Item
	for _, change := range changes {
		all = append(all, change.Items...)
	}
	merged := map[string][]byte{} // by path
	for _, file := range bumper.Merge(all) {
		merged[file.Path] = file.Content
	}
	results := map[string]error{} // by path
	for _, change := range changes {
		for _, file := range change.Files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := expect(root, file, merged[file.Path]); err != nil {
				results[file.Path] = err
			}
		}
	}
	var possible []*bumper.Item
	left := map[*bumper.Item]bool{}
	dockerfiles := map[string]bool{}
	for _, change := range changes {
		for _, item := range change.Items {
			if !slices.ContainsFunc(item.Edits, func(e bumper.Edit) bool { return results[e.Path] != nil }) {
				possible = append(possible, item)
				dockerfiles[item.File.Origin.Path] = true
			} else {
				left[item] = true
			}
		}
	}
	files := bumper.Merge(possible)
	slices.SortStableFunc(files, func(a, b bumper.ChangedFile) int {
		return cmp.Compare(rank(dockerfiles[a.Path]), rank(dockerfiles[b.Path]))
	})
	written := map[string]bool{}
	done := map[string]bool{}
	for _, file := range files {
		if ctx.Err() != nil {
			results[file.Path] = ErrInterrupted
			continue
		}
		var err error
		if written[file.Path], err = replaceFile(root, file.Path, file.Src, file.Content); err != nil {
			results[file.Path] = err
		} else {
			done[file.Path] = true
		}
	}
	outcomes := make([]Outcome, len(changes))
	for i, change := range changes {
		outcomes[i] = Outcome{Change: change.Change, State: Unchanged}
		settle(&outcomes[i], results, written, done, left)
	}
	return outcomes, ctx.Err()
}

// The causes of failures that pass.
var (
	// ErrInterrupted: the run was ended before the file was written, or the branch made.
	ErrInterrupted = errors.New("interrupted before it was written")
	// ErrLocked: another run is at work on the file, or has been interrupted.
	ErrLocked = errors.New("is left from an interrupted run, or another run is at work: remove it if no run is")
)

func rank(late bool) int {
	if late {
		return 1
	}
	return 0
}

// settle says what became of a change once its files are written.
func settle(out *Outcome, results map[string]error, written, done map[string]bool, left map[*bumper.Item]bool) {
	var failures []error
	inPlace := false
	out.Written = map[string]bool{}
	withheld := map[string]bool{} // files that are written for others, but not for all of this change
	for _, item := range out.Change.Items {
		for _, e := range item.Edits {
			withheld[e.Path] = withheld[e.Path] || left[item]
		}
	}
	for _, file := range out.Change.Files {
		if err := results[file.Path]; err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", file.Path, err))
		}
		if written[file.Path] {
			out.State = Updated
		}
		out.Written[file.Path] = done[file.Path] && !withheld[file.Path]
		inPlace = inPlace || done[file.Path]
	}
	if len(failures) > 0 {
		out.fail(errors.Join(failures...))
		out.Partial = inPlace
	}
}

// expect returns why a file cannot be edited: it holds neither what was read nor what
// all changes together make of it.
func expect(root *os.Root, file bumper.ChangedFile, merged []byte) error {
	found, _, err := regular(root, file.Path)
	if err != nil {
		return err
	}
	for _, content := range [][]byte{file.Src, merged} {
		if bytes.Equal(found, content) || bytes.Equal(found, crlf(content)) {
			return nil
		}
	}
	return errEdited
}

// regular reads a regular file.
func regular(root *os.Root, name string) (content []byte, mode fs.FileMode, err error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, 0, reword(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("it is no regular file in the work tree")
	}
	content, err = root.ReadFile(name)
	return content, info.Mode().Perm(), err
}

var errEdited = errors.New("it differs from what is committed: commit or stash your work on it first")

// replaceFile writes after to the file at name if it holds before; written is
// false if it holds after already.
func replaceFile(root *os.Root, name string, before, after []byte) (written bool, err error) {
	found, mode, err := regular(root, name)
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
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("%s %w", temporary, ErrLocked)
	}
	if err != nil {
		return false, fmt.Errorf("its directory cannot be written: %w", cause(err))
	}
	_, err = file.Write(after)
	err = errors.Join(err, file.Chmod(mode), file.Close())
	if err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary) // the next run says if it is left
		return false, fmt.Errorf("it cannot be replaced: %w", cause(err))
	}
	return true, nil
}

// reword says of a path that leads out of the root why that is.
func reword(err error) error {
	if reason := cause(err); reason.Error() == "path escapes from parent" { // os has no name for it
		return errors.New("a directory on its path is a symbolic link that leads out of the work tree")
	}
	return err
}

// cause returns an error of the operating system without the call and the file, which may
// be a temporary one.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// crlf gives every line the ending that git gives it with core.autocrlf.
func crlf(text []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}
