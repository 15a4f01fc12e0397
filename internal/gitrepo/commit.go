package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A File is the new content of a file. The file exists already, as a regular
// file, and keeps its mode.
type File struct {
	Path    string // slash-separated, relative to the root of the repository
	Content []byte
}

// A Signature says who did something, and when. git keeps seconds and the
// offset from UTC.
type Signature struct {
	Name, Email string
	When        time.Time
}

// A CommitSpec is a commit to be made.
type CommitSpec struct {
	Parent  string // the full id of the one parent
	Files   []File // in any order, each path once
	Message string // a newline is added if the last is missing
	// TreeTrailer, unless it is "", is the key of a trailer that is added to
	// the message: the id of the tree that the commit has.
	TreeTrailer       string
	Author, Committer Signature
}

// A Commit is a commit as git has it.
type Commit struct {
	ID        string // 40 hexadecimal digits, as are Tree and Parents
	Tree      string
	Parents   []string
	Message   string // with its last newline
	Author    Signature
	Committer Signature
}

// A Pending is a commit with the objects that are new with it. It is in memory
// until it is stored or pushed.
type Pending struct {
	Commit
	objects []plumbing.EncodedObject // what an object refers to stands before it
}

// NewCommit makes a commit on top of spec.Parent, with the same ids that git
// would give. Nothing is written. A path that does not exist in the parent, or
// is no regular file there, is an error, as is an author or committer without
// name, email or time.
func (r *Repo) NewCommit(ctx context.Context, spec CommitSpec) (*Pending, error) {
	author, err := signature("author", spec.Author)
	if err != nil {
		return nil, err
	}
	committer, err := signature("committer", spec.Committer)
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(spec.Message, 0) {
		return nil, errors.New("the commit message contains a NUL byte")
	}
	message := spec.Message
	if !strings.HasSuffix(message, "\n") {
		message += "\n"
	}
	parent, err := commitID(spec.Parent)
	if err != nil {
		return nil, fmt.Errorf("parent: %w", err)
	}
	b := builder{ctx: ctx, repo: r}
	tree, err := b.build(parent, spec.Files)
	if err != nil {
		return nil, err
	}
	if spec.TreeTrailer != "" {
		message += spec.TreeTrailer + ": " + tree.String() + "\n"
	}
	c := &object.Commit{
		Author: author, Committer: committer, Message: message,
		TreeHash: tree, ParentHashes: []plumbing.Hash{parent},
	}
	obj := &plumbing.MemoryObject{}
	if err := c.Encode(obj); err != nil {
		return nil, fmt.Errorf("making a commit on %s: %w", parent, err)
	}
	c.Hash = obj.Hash()
	return &Pending{Commit: describe(c), objects: append(b.objects, obj)}, nil
}

// Store writes the objects of p that the repository does not have into its
// object store. The commit is the last one, so that whatever is there is
// complete; many objects come in a pack. As with git's own, a power failure may lose what was stored last
// unless core.fsync says otherwise.
func (r *Repo) Store(p *Pending) error {
	if err := r.objects.write(p.objects, r.config.hardens); err != nil {
		return withHint(err, "check the permissions of that directory and the space left")
	}
	return nil
}

// describe translates a commit from go-git.
func describe(c *object.Commit) Commit {
	out := Commit{
		ID: c.Hash.String(), Tree: c.TreeHash.String(), Message: c.Message,
		Author: Signature(c.Author), Committer: Signature(c.Committer),
	}
	for _, id := range c.ParentHashes {
		out.Parents = append(out.Parents, id.String())
	}
	return out
}

// cleanName drops from a name or an email what git drops, since a commit has no way
// to quote it.
func cleanName(text string) string {
	text = strings.Map(func(c rune) rune {
		if c == '<' || c == '>' || c == '\n' || c == 0 {
			return -1
		}
		return c
	}, text)
	return strings.TrimFunc(text, func(c rune) bool { return c <= ' ' || strings.ContainsRune(",:;<>\"\\'", c) })
}

// signature returns s with clean names.
func signature(role string, s Signature) (object.Signature, error) {
	s.Name, s.Email = cleanName(s.Name), cleanName(s.Email)
	if s.Name == "" || s.Email == "" || s.When.IsZero() {
		return object.Signature{}, withHint(fmt.Errorf("the %s has no name, email or time", role),
			"set them with `git config user.name` and `git config user.email`")
	}
	return object.Signature(s), nil
}

// A builder collects new objects, each after those it refers to.
type builder struct {
	ctx     context.Context
	repo    *Repo
	objects []plumbing.EncodedObject
	seen    map[plumbing.Hash]bool
}

// An edit is what changes at a path: the content of a file, or what is in a
// directory.
type edit struct {
	content []byte
	below   map[string]*edit // nil for a file
}

// build returns the tree of parent with other contents for files.
func (b *builder) build(parent plumbing.Hash, files []File) (plumbing.Hash, error) {
	commit, err := b.repo.objects.commit(parent)
	if err != nil {
		return plumbing.ZeroHash, b.repo.missing(fmt.Errorf("reading commit %s: %w", parent, err))
	}
	root := &edit{below: map[string]*edit{}}
	for _, f := range files {
		if err := root.add(f); err != nil {
			return plumbing.ZeroHash, err
		}
	}
	b.seen = map[plumbing.Hash]bool{}
	return b.tree(commit.TreeHash, "", root)
}

func (e *edit) add(f File) error {
	if f.Path == "." || !valid(f.Path) {
		return fmt.Errorf("%q is no path of a file in a repository", f.Path)
	}
	elems := strings.Split(f.Path, "/")
	for i, name := range elems {
		next := e.below[name]
		last := i == len(elems)-1
		if next != nil && (last || next.below == nil) {
			return fmt.Errorf("%s: is to be changed twice", f.Path)
		}
		if next == nil {
			next = &edit{}
			if last {
				next.content = f.Content
			} else {
				next.below = map[string]*edit{}
			}
			e.below[name] = next
		}
		e = next
	}
	return nil
}

// tree rewrites one directory. Only the ids of what changes are written over;
// the other bytes of it, whatever they are, stay.
func (b *builder) tree(id plumbing.Hash, dir string, e *edit) (plumbing.Hash, error) {
	if err := b.ctx.Err(); err != nil {
		return id, err
	}
	raw, err := b.repo.rawTree(ID(id))
	if err != nil {
		return id, fmt.Errorf("%s: %w", path.Join("/", dir), err)
	}
	raw, err = canonical(raw)
	var entries map[string]rawEntry
	if err == nil {
		entries, err = entriesOf(raw, e.below)
	}
	if err != nil {
		return id, fmt.Errorf("%s: reading tree %s: %w", path.Join("/", dir), id, err)
	}
	for _, name := range slices.Sorted(maps.Keys(e.below)) {
		at := path.Join(dir, name)
		entry, ok := entries[name]
		if !ok {
			return id, fmt.Errorf("%s: does not exist in the parent commit", at)
		}
		change, mode := e.below[name], fileMode(entry.mode)
		next := plumbing.Hash(entry.id)
		switch {
		case change.below != nil && mode.IsDir():
			next, err = b.tree(next, at, change)
		case change.below != nil:
			err = fmt.Errorf("%s: is no directory in the parent commit", at)
		case mode.IsRegular():
			next, err = b.object(next, plumbing.BlobObject, change.content)
		default:
			err = fmt.Errorf("%s: is no regular file in the parent commit", at)
		}
		if err != nil {
			return id, err
		}
		copy(entry.id, next[:])
	}
	return b.object(id, plumbing.TreeObject, raw)
}

// entriesOf returns the entries of a tree that have one of the names.
func entriesOf(raw []byte, names map[string]*edit) (map[string]rawEntry, error) {
	found := map[string]rawEntry{}
	for len(raw) > 0 {
		entry, rest, err := nextEntry(raw)
		if err != nil {
			return nil, err
		}
		if _, wanted := names[string(entry.name)]; wanted {
			found[string(entry.name)] = entry
		}
		raw = rest
	}
	return found, nil
}

// object records an object with this content unless it is what was there
// before, and returns its id.
func (b *builder) object(before plumbing.Hash, what kind, content []byte) (plumbing.Hash, error) {
	obj := &plumbing.MemoryObject{}
	obj.SetType(what)
	if _, err := obj.Write(content); err != nil {
		return before, err
	}
	id := obj.Hash()
	if id != before && !b.seen[id] {
		b.seen[id] = true
		b.objects = append(b.objects, obj)
	}
	return id, nil
}
