package gitrepo

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A Revision is the commit that a revision names.
type Revision struct {
	Commit string // its full id, 40 hexadecimal digits
	// Branch is the branch that the revision names, without "refs/heads/" or
	// the name of the remote: "main" for "main", "origin/main", and HEAD on
	// main. It is "" for a detached HEAD, a tag, an id, and for an ancestor
	// such as "main~1".
	Branch string
	Tree   string // the full id of the commit's tree
}

var (
	// A name, and steps from it to an ancestor.
	revisionSyntax = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)^(.*?)((?:[~^][0-9]*|\^\{(?:commit)?\})*)$`) })
	stepSyntax     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([~^])(\{(?:commit)?\}|[0-9]*)`) })
	// A commit id, or what `git describe` prints.
	abbreviated = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:.*-[0-9]+-g)?([0-9a-fA-F]{4,40})$`) })
)

// Resolve finds the commit that rev names: HEAD or @, a branch, a tag, a
// remote-tracking branch, any other reference, or a commit id of at least four
// digits, each possibly followed by ~n or ^n for an ancestor. Where a name has
// several meanings, git's order of them decides.
//
// It returns ErrNoCommit, wrapped, for the HEAD of a repository without
// commits, ErrUnknownRevision if nothing has that name, ErrNotCommit if what has it
// leads to no commit, and ErrShallow for an ancestor that a shallow clone does not have.
func (r *Repo) Resolve(rev string) (Revision, error) {
	name, steps := rev, ""
	if strings.ContainsAny(rev, "~^") {
		parts := revisionSyntax().FindStringSubmatch(rev)
		name, steps = parts[1], parts[2]
	}
	if name == "" || name == "@" {
		name = "HEAD"
	}
	if rev == "" || strings.Contains(name, "..") || strings.ContainsAny(name, "~^:?*[\\ \n\t") || strings.Contains(name, "@{") {
		return Revision{}, withHint(fmt.Errorf("%q: %w", rev, ErrUnknownRevision),
			"a branch, a tag, a commit id, or one of them with ~n or ^n can be used here")
	}
	id, branch, err := r.lookup(name)
	if err != nil {
		return Revision{}, fmt.Errorf("%s: %w", rev, err)
	}
	commit, err := r.peel(id)
	if err != nil {
		return Revision{}, fmt.Errorf("%s: %w", rev, err)
	}
	if steps == "" {
		return Revision{Commit: commit.Hash.String(), Branch: branch, Tree: commit.TreeHash.String()}, nil
	}
	for _, step := range stepSyntax().FindAllStringSubmatch(steps, -1) {
		before := commit.Hash
		if commit, err = r.step(commit, step[1], step[2]); err != nil {
			return Revision{}, fmt.Errorf("%s: %w", rev, err)
		}
		if commit.Hash != before {
			branch = ""
		}
	}
	return Revision{Commit: commit.Hash.String(), Branch: branch, Tree: commit.TreeHash.String()}, nil
}

// lookup finds what a plain name stands for, in the order of gitrevisions(7).
func (r *Repo) lookup(name string) (id plumbing.Hash, branch string, err error) {
	if id, ok := parseID(name); ok {
		_, here, err := r.objects.kind(ID(id))
		if err == nil && !here {
			err = r.unknown()
		}
		return id, "", err
	}
	for _, pattern := range plumbing.RefRevParseRules {
		full := fmt.Sprintf(pattern, name)
		id, last, ok, err := r.follow(full)
		if err != nil {
			return id, "", err
		}
		if ok {
			return id, r.shortBranch(last), nil
		}
		if full == "HEAD" {
			return id, "", r.unborn(last)
		}
	}
	digits := abbreviated().FindStringSubmatch(name)
	if digits == nil {
		if _, last, ok, err := r.follow("HEAD"); err == nil && !ok && last == headsPrefix+name {
			return plumbing.ZeroHash, "", r.unborn(last)
		}
		return plumbing.ZeroHash, "", r.unknown()
	}
	id, err = r.expand(strings.ToLower(digits[1]))
	return id, "", err
}

// unborn explains a HEAD that leads to no commit.
func (r *Repo) unborn(branch string) error {
	name, isBranch := strings.CutPrefix(branch, headsPrefix)
	if !isBranch {
		return withHint(fmt.Errorf("HEAD: %w", ErrUnknownRevision), "check out a branch first")
	}
	return withHint(fmt.Errorf("branch %s: %w", name, ErrNoCommit),
		"commit something first, or name a revision that has a commit, such as origin/%s", name)
}

func (r *Repo) unknown() error {
	hint := "`git branch --all` and `git tag` list the names there are"
	if r.isShallow() {
		hint += "; this is a shallow clone, and `git fetch origin <branch>` may be needed first"
	}
	return withHint(ErrUnknownRevision, "%s", hint)
}

// expand finds the one commit, or tag of one, whose id begins with digits.
func (r *Repo) expand(digits string) (plumbing.Hash, error) {
	ids, err := r.objects.withPrefix(digits)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	var commits []plumbing.Hash
	var other error
	for _, id := range ids {
		kind, _, err := r.objects.kind(id)
		if err != nil {
			return plumbing.ZeroHash, fmt.Errorf("reading object %s: %w", id, err)
		}
		if kind == plumbing.CommitObject || kind == plumbing.TagObject {
			commits = append(commits, plumbing.Hash(id))
		} else {
			other = notCommit(kind)
		}
	}
	switch {
	case len(commits) == 0 && other != nil:
		return plumbing.ZeroHash, other
	case len(commits) == 0:
		return plumbing.ZeroHash, r.unknown()
	case len(commits) == 1:
		return commits[0], nil
	}
	return plumbing.ZeroHash, withHint(fmt.Errorf("%w: %d commits begin so", ErrUnknownRevision, len(commits)),
		"give more digits, for example %s", commits[0])
}

// peel follows tags to a commit.
func (r *Repo) peel(id plumbing.Hash) (*object.Commit, error) {
	for range 10 {
		kind, ok, err := r.objects.kind(ID(id))
		if err != nil {
			return nil, fmt.Errorf("reading object %s: %w", id, err)
		}
		if !ok {
			return nil, r.missing(fmt.Errorf("commit %s: %w", id, ErrMissingObject))
		}
		if kind != plumbing.TagObject && kind != plumbing.CommitObject {
			return nil, notCommit(kind)
		}
		if kind == plumbing.CommitObject {
			commit, err := r.objects.commit(id)
			if err != nil {
				return nil, fmt.Errorf("object %s: %w", id, err)
			}
			return commit, nil
		}
		tag, err := r.objects.tag(id)
		if err != nil {
			return nil, fmt.Errorf("tag %s: %w", id, err)
		}
		id = tag.Target
	}
	return nil, fmt.Errorf("tag %s: names a tag of a tag of a tag", id)
}

// notCommit says what an object is.
func notCommit(kind plumbing.ObjectType) error {
	return withHint(fmt.Errorf("it is a %s, %w", kind, ErrNotCommit), "a branch, a tag, a commit id, or one of them with ~n or ^n can be used here")
}

// step follows one ~n or ^n.
func (r *Repo) step(commit *object.Commit, kind, count string) (*object.Commit, error) {
	if strings.HasPrefix(count, "{") {
		return commit, nil
	}
	n := 1
	if count != "" {
		var err error
		if n, err = strconv.Atoi(count); err != nil {
			return nil, fmt.Errorf("%s%s: %w", kind, count, ErrUnknownRevision)
		}
	}
	if kind == "^" {
		if n == 0 {
			return commit, nil
		}
		return r.parent(commit, n)
	}
	for range n {
		var err error
		if commit, err = r.parent(commit, 1); err != nil {
			return nil, err
		}
	}
	return commit, nil
}

// parent returns the n-th parent of a commit, counted from 1.
func (r *Repo) parent(commit *object.Commit, n int) (*object.Commit, error) {
	shallow, err := r.shallow()
	if err != nil {
		return nil, err
	}
	if shallow[commit.Hash] && len(commit.ParentHashes) > 0 {
		return nil, withHint(fmt.Errorf("commit %s: %w", commit.Hash, ErrShallow), "%s", deepen)
	}
	if n > len(commit.ParentHashes) {
		return nil, fmt.Errorf("commit %s has %d parents: %w", commit.Hash, len(commit.ParentHashes), ErrUnknownRevision)
	}
	id := commit.ParentHashes[n-1]
	next, err := r.objects.commit(id)
	if err != nil {
		return nil, r.missing(fmt.Errorf("commit %s: %w", id, err))
	}
	return next, nil
}

// shortBranch returns the short name of a local or remote-tracking branch, ""
// for other references. The name of a remote may itself contain slashes.
func (r *Repo) shortBranch(name string) string {
	if short, ok := strings.CutPrefix(name, headsPrefix); ok {
		return short
	}
	rest, ok := strings.CutPrefix(name, remotesPrefix)
	if !ok {
		return ""
	}
	_, branch, _ := strings.Cut(rest, "/")
	for _, remote := range r.config.subsections("remote") {
		if short, ok := strings.CutPrefix(rest, remote+"/"); ok && len(short) < len(branch) {
			branch = short
		}
	}
	if branch == "HEAD" {
		return ""
	}
	return branch
}

// Commit reads a commit by its full id. It reports false when the repository
// does not have it.
func (r *Repo) Commit(id string) (Commit, bool, error) {
	hash, err := commitID(id)
	if err != nil {
		return Commit{}, false, err
	}
	c, err := r.objects.commit(hash)
	if errors.Is(err, ErrMissingObject) {
		return Commit{}, false, nil
	}
	if err != nil {
		return Commit{}, false, fmt.Errorf("reading commit %s: %w", id, err)
	}
	return describe(c), true, nil
}
