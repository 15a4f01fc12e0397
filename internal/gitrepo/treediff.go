package gitrepo

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// A TreeChange is a path at which two commits differ: a file, a symbolic link or a submodule.
type TreeChange struct {
	Path     string
	Was, Now fs.FileMode // 0 where there is nothing at the path
	Content  bool        // what is there differs, and not its mode alone
}

// Changes returns where the trees of two commits differ, given by their full ids, by path.
// What was moved is gone at one path and there at another. Directories that are the same
// are not looked into.
func (r *Repo) Changes(ctx context.Context, from, to string) ([]TreeChange, error) {
	was, err := r.Resolve(from)
	if err != nil {
		return nil, err
	}
	now, err := r.Resolve(to)
	if err != nil {
		return nil, err
	}
	d := differ{ctx: ctx, reader: r.NewReader()}
	defer func() { _ = d.reader.Close() }()
	if err := d.trees("", treeID(was.Tree), treeID(now.Tree)); err != nil {
		return nil, err
	}
	slices.SortFunc(d.found, func(a, b TreeChange) int { return strings.Compare(a.Path, b.Path) })
	return d.found, nil
}

// treeID returns the id of a tree, as Resolve gives it.
func treeID(text string) ID {
	id, _ := object.ParseID(text)
	return id
}

// A differ compares trees.
type differ struct {
	ctx    context.Context //nolint:containedctx // a differ is of one call
	reader *Reader
	found  []TreeChange
}

// trees compares two directories; "" is one that is not there.
func (d *differ) trees(prefix string, was, now ID) error {
	if was == now {
		return nil
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	before, err := d.list(was)
	if err != nil {
		return err
	}
	after, err := d.list(now)
	if err != nil {
		return err
	}
	for len(before) > 0 || len(after) > 0 {
		var b, a TreeEntry // of one name; the zero one where there is none
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Name < after[0].Name:
			b, before = before[0], before[1:]
		case len(before) == 0 || after[0].Name < before[0].Name:
			a, after = after[0], after[1:]
		default:
			b, a, before, after = before[0], after[0], before[1:], after[1:]
		}
		if err := d.entries(prefix, b, a); err != nil {
			return err
		}
	}
	return nil
}

func (d *differ) list(id ID) ([]TreeEntry, error) {
	if id == "" {
		return nil, nil
	}
	return d.reader.Tree(id)
}

// entries compares what has one name in two directories.
func (d *differ) entries(prefix string, was, now TreeEntry) error {
	path := prefix + was.Name
	if was.Name == "" {
		path = prefix + now.Name
	}
	change := TreeChange{Path: path, Was: was.Mode, Now: now.Mode, Content: was.ID != now.ID || was.Mode.Type() != now.Mode.Type()}
	var below [2]ID
	if was.Mode.IsDir() {
		below[0], change.Was = was.ID, 0
	}
	if now.Mode.IsDir() {
		below[1], change.Now = now.ID, 0
	}
	if change.Was != change.Now || change.Was != 0 && change.Content {
		d.found = append(d.found, change)
	}
	return d.trees(path+"/", below[0], below[1])
}

// Kind says what became of the path: "added", "removed", "content", or "mode" where nothing
// but the mode differs.
func (c TreeChange) Kind() string {
	switch {
	case c.Was == 0:
		return "added"
	case c.Now == 0:
		return "removed"
	case c.Content:
		return "content"
	}
	return "mode"
}

// IsBelow reports whether the path is in a directory; "." is the root.
func (c TreeChange) IsBelow(dir string) bool {
	return dir == "." || strings.HasPrefix(c.Path, dir+"/")
}
