package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// maxPast bounds how many commits are looked at for an earlier content of a file.
const maxPast = 5000

// Past returns the newest commit, on the line of first parents from the commit with
// the full id from, at which match holds for the content of a file; match is asked
// about each content once. ok is false where there is none: no content matches, or
// the file is not there before. It returns ErrShallow, wrapped, when a shallow
// clone's history ends before that is known.
func (r *Repo) Past(ctx context.Context, from, path string, match func(content []byte) bool) (id string, ok bool, err error) {
	at, err := commitID(from)
	if err != nil {
		return "", false, err
	}
	shallow, err := r.shallow()
	if err != nil {
		return "", false, err
	}
	rd := r.NewReader()
	rd.offline = true // a fetch for each of thousands of commits would take for ever
	defer func() { _ = rd.Close() }()
	finder := pathFinder{reader: rd, names: strings.Split(path, "/")}
	var last ID
	for n := range maxPast {
		if err := ctx.Err(); err != nil {
			return "", false, err
		}
		commit, err := r.objects.Commit(at)
		if err != nil {
			return "", false, r.missing(fmt.Errorf("reading commit %s: %w", at, err))
		}
		blob, found, err := finder.find(commit.Tree)
		if errors.Is(err, ErrMissingObject) && r.promisor() != "" {
			return "", false, nil // and not known
		}
		if err != nil || !found {
			return "", false, err
		}
		if n == 0 || blob != last {
			content, err := rd.Blob(blob)
			if errors.Is(err, ErrMissingObject) && r.promisor() != "" {
				return "", false, nil // likewise
			}
			if err != nil {
				return "", false, err
			}
			if match(content) {
				return at.String(), true, nil
			}
		}
		last = blob
		if shallow[at] {
			return "", false, shallowError(at)
		}
		if len(commit.Parents) == 0 {
			return "", false, nil
		}
		at = commit.Parents[0]
	}
	return "", false, nil
}

// A pathFinder finds the same path in one tree after the other. Where a tree on the
// way is the one of before, so is what lies below.
type pathFinder struct {
	reader *Reader
	names  []string
	trees  []ID // on the way, of the last tree
	blob   ID
}

func (f *pathFinder) find(tree ID) (blob ID, ok bool, err error) {
	known := f.trees
	f.trees = nil
	for i, name := range f.names {
		if i < len(known) && known[i] == tree {
			f.trees = append(f.trees, known[i:]...)
			return f.blob, true, nil
		}
		f.trees = append(f.trees, tree)
		entries, err := f.reader.Tree(tree)
		if err != nil {
			return "", false, err
		}
		found := false
		for _, e := range entries {
			if e.Name == name && (e.Mode.IsDir() == (i < len(f.names)-1)) && (e.Mode.IsDir() || e.Mode.IsRegular()) {
				tree, found = e.ID, true
			}
		}
		if !found {
			f.trees = nil
			return "", false, nil
		}
	}
	f.blob = tree
	return tree, true, nil
}
