package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// A File is the new content of a file. The file exists already, as a regular
// file, and keeps its mode.
type File struct {
	Path    string // slash-separated, relative to the root of the repository
	Content []byte
}

// A Signature says who did something, and when. git keeps seconds and the
// offset from UTC.
type Signature = object.Signature

// A CommitSpec is a commit to be made.
type CommitSpec struct {
	Parent  string // the full id of the one parent
	Files   []File // in any order, each path once
	Message string // a newline is added if the last is missing
	// Trailers, unless it is nil, returns what is added to the message, given the commit
	// as it is without: with its tree, but without an id.
	Trailers          func(Commit) string
	Author, Committer Signature
	Signer            *Signer // nil leaves the commit unsigned
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
	Base    string          // the id of the tree of the parent
	Files   []PendingFile   // those that are other than in the parent, by path
	objects []object.Object // what an object refers to stands before it
}

// A PendingFile is a file of a pending commit.
type PendingFile struct {
	Path    string
	Mode    string // as git writes it: "100644", "100755"
	ID      string // of its content
	Content []byte
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
	c := object.CommitData{Author: author, Committer: committer, Message: message, Tree: tree, Parents: []ID{parent}}
	if spec.Trailers != nil {
		plain := describe(c)
		plain.ID = ""
		c.Message += spec.Trailers(plain)
	}
	obj := r.objects.Format.NewCommit(c)
	if spec.Signer != nil {
		if obj, err = spec.Signer.sign(ctx, r, c, obj, b.objects); err != nil {
			return nil, err
		}
	}
	c.ID = obj.ID
	return &Pending{Commit: describe(c), Base: b.base.String(), Files: b.files, objects: append(b.objects, obj)}, nil
}

// Store writes the objects of p that the repository does not have into its
// object store. The commit is the last one, so that whatever is there is
// complete; many objects come in a pack. As with git's own, a power failure may lose what was stored last
// unless core.fsync says otherwise.
func (r *Repo) Store(p *Pending) error {
	if err := r.objects.Write(p.objects, r.config.hardens); err != nil {
		return withHint(err, "check the permissions of that directory and the space left")
	}
	return nil
}

// describe translates a commit.
func describe(c object.CommitData) Commit {
	out := Commit{
		ID: c.ID.String(), Tree: c.Tree.String(), Message: c.Message,
		Author: c.Author, Committer: c.Committer,
	}
	for _, id := range c.Parents {
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
func signature(role string, s Signature) (Signature, error) {
	s.Name, s.Email = cleanName(s.Name), cleanName(s.Email)
	if s.Name == "" || s.Email == "" || s.When.IsZero() {
		return Signature{}, withHint(fmt.Errorf("the %s has no name, email or time", role),
			"set them with `git config user.name` and `git config user.email`")
	}
	return s, nil
}

// A builder collects new objects, each after those it refers to.
type builder struct {
	ctx     context.Context
	repo    *Repo
	objects []object.Object
	seen    map[ID]bool
	base    ID // the tree of the parent
	files   []PendingFile
}

// An edit is what changes at a path: the content of a file, or what is in a
// directory.
type edit struct {
	content []byte
	below   map[string]*edit // nil for a file
}

// build returns the tree of parent with other contents for files.
func (b *builder) build(parent ID, files []File) (ID, error) {
	commit, err := b.repo.objects.Commit(parent)
	if err != nil {
		return "", b.repo.missing(fmt.Errorf("reading commit %s: %w", parent, err))
	}
	root := &edit{below: map[string]*edit{}}
	for _, f := range files {
		if err := root.add(f); err != nil {
			return "", err
		}
	}
	b.seen, b.base = map[ID]bool{}, commit.Tree
	return b.tree(commit.Tree, "", root)
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
func (b *builder) tree(id ID, dir string, e *edit) (ID, error) {
	if err := b.ctx.Err(); err != nil {
		return id, err
	}
	raw, err := b.repo.rawTree(id)
	if err != nil {
		return id, fmt.Errorf("%s: %w", path.Join("/", dir), err)
	}
	raw, err = object.Canonical(raw, b.repo.objects.Format.Size)
	var entries map[string]object.RawEntry
	if err == nil {
		entries, err = b.entriesOf(raw, e.below)
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
		change, mode := e.below[name], entry.Mode()
		next := ID(entry.ID)
		switch {
		case change.below != nil && mode.IsDir():
			next, err = b.tree(next, at, change)
		case change.below != nil:
			err = fmt.Errorf("%s: is no directory in the parent commit", at)
		case mode.IsRegular():
			next = b.object(next, object.Blob, change.content)
			b.files = append(b.files, PendingFile{Path: at, Mode: entry.Digits(), ID: next.String(), Content: change.content})
		default:
			err = fmt.Errorf("%s: is no regular file in the parent commit", at)
		}
		if err != nil {
			return id, err
		}
		copy(entry.ID, next)
	}
	return b.object(id, object.Tree, raw), nil
}

// entriesOf returns the entries of a tree that have one of the names.
func (b *builder) entriesOf(raw []byte, names map[string]*edit) (map[string]object.RawEntry, error) {
	found := map[string]object.RawEntry{}
	for len(raw) > 0 {
		entry, rest, err := object.NextEntry(raw, b.repo.objects.Format.Size)
		if err != nil {
			return nil, err
		}
		if _, wanted := names[string(entry.Name)]; wanted {
			found[string(entry.Name)] = entry
		}
		raw = rest
	}
	return found, nil
}

// object records an object with this content unless it is what was there
// before, and returns its id.
func (b *builder) object(before ID, what object.Kind, content []byte) ID {
	obj := b.repo.objects.Format.NewObject(what, content)
	if obj.ID != before && !b.seen[obj.ID] {
		b.seen[obj.ID] = true
		b.objects = append(b.objects, obj)
	}
	return obj.ID
}

// rawTree returns the bytes of a tree, and fetches it if a partial clone has left it at
// its remote.
func (r *Repo) rawTree(id ID) ([]byte, error) {
	raw, err := r.objects.Read(id, object.Tree)
	if errors.Is(err, ErrMissingObject) && r.promisor() != "" {
		if err := r.fetchOne(id); err != nil {
			return nil, err
		}
		raw, err = r.objects.Read(id, object.Tree)
	}
	if err != nil {
		err = r.missing(fmt.Errorf("reading tree %s: %w", id, err))
	}
	return raw, err
}
