package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
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
	abbreviated = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:.*-[0-9]+-g)?([0-9a-fA-F]{4,64})$`) })
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
		return Revision{Commit: commit.ID.String(), Branch: branch, Tree: commit.Tree.String()}, nil
	}
	for _, step := range stepSyntax().FindAllStringSubmatch(steps, -1) {
		before := commit.ID
		if commit, err = r.step(commit, step[1], step[2]); err != nil {
			return Revision{}, fmt.Errorf("%s: %w", rev, err)
		}
		if commit.ID != before {
			branch = ""
		}
	}
	return Revision{Commit: commit.ID.String(), Branch: branch, Tree: commit.Tree.String()}, nil
}

// lookup finds what a plain name stands for, in the order of gitrevisions(7).
func (r *Repo) lookup(name string) (id ID, branch string, err error) {
	if id, ok := object.ParseID(name); ok {
		_, err := r.objects.KindOf(id)
		if errors.Is(err, ErrMissingObject) {
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
			return "", "", r.unborn(last)
		}
		return "", "", r.unknown()
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
	if r.IsShallow() {
		hint += "; this is a shallow clone, and `git fetch origin <branch>` may be needed first"
	}
	return withHint(ErrUnknownRevision, "%s", hint)
}

// expand finds the one commit, or tag of one, whose id begins with digits.
func (r *Repo) expand(digits string) (ID, error) {
	ids, err := r.objects.WithPrefix(context.Background(), digits)
	if err != nil {
		return "", err
	}
	var commits []ID
	var other error
	for _, id := range ids {
		kind, err := r.objects.KindOf(id)
		if err != nil {
			return "", fmt.Errorf("reading object %s: %w", id, err)
		}
		if kind == object.Commit || kind == object.Tag {
			commits = append(commits, id)
		} else {
			other = notCommit(kind)
		}
	}
	switch {
	case len(commits) == 0 && other != nil:
		return "", other
	case len(commits) == 0:
		return "", r.unknown()
	case len(commits) == 1:
		return commits[0], nil
	}
	return "", withHint(fmt.Errorf("%w: %d commits begin so", ErrUnknownRevision, len(commits)),
		"give more digits, for example %s", commits[0])
}

// peel follows tags to a commit.
func (r *Repo) peel(id ID) (object.CommitData, error) {
	for range 10 {
		kind, err := r.objects.KindOf(id)
		if errors.Is(err, ErrMissingObject) {
			return object.CommitData{}, r.missing(fmt.Errorf("commit %s: %w", id, err))
		}
		if err != nil {
			return object.CommitData{}, fmt.Errorf("reading object %s: %w", id, err)
		}
		if kind != object.Tag && kind != object.Commit {
			return object.CommitData{}, notCommit(kind)
		}
		if kind == object.Commit {
			commit, err := r.objects.Commit(id)
			if err != nil {
				err = fmt.Errorf("object %s: %w", id, err)
			}
			return commit, err
		}
		tag := id
		if id, err = r.objects.TagTarget(tag); err != nil {
			return object.CommitData{}, fmt.Errorf("tag %s: %w", tag, err)
		}
	}
	return object.CommitData{}, fmt.Errorf("tag %s: names a tag of a tag of a tag", id)
}

// notCommit says what an object is.
func notCommit(kind object.Kind) error {
	return withHint(fmt.Errorf("it is a %s, %w", kind, ErrNotCommit), "a branch, a tag, a commit id, or one of them with ~n or ^n can be used here")
}

// step follows one ~n or ^n.
func (r *Repo) step(commit object.CommitData, kind, count string) (object.CommitData, error) {
	if strings.HasPrefix(count, "{") {
		return commit, nil
	}
	n := 1
	if count != "" {
		var err error
		if n, err = strconv.Atoi(count); err != nil {
			return object.CommitData{}, fmt.Errorf("%s%s: %w", kind, count, ErrUnknownRevision)
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
			return object.CommitData{}, err
		}
	}
	return commit, nil
}

// parent returns the n-th parent of a commit, counted from 1.
func (r *Repo) parent(commit object.CommitData, n int) (object.CommitData, error) {
	shallow, err := r.shallow()
	if err != nil {
		return object.CommitData{}, err
	}
	if shallow[commit.ID] && len(commit.Parents) > 0 {
		return object.CommitData{}, withHint(fmt.Errorf("commit %s: %w", commit.ID, ErrShallow), "%s", deepen)
	}
	if len(commit.Parents) == 0 {
		return object.CommitData{}, withHint(fmt.Errorf("%w: the history ends at commit %.12s, which has no parent", ErrUnknownRevision, commit.ID), "go back less far: `git log --oneline` shows how far that is")
	}
	if n > len(commit.Parents) {
		return object.CommitData{}, fmt.Errorf("commit %s has %d parents: %w", commit.ID, len(commit.Parents), ErrUnknownRevision)
	}
	id := commit.Parents[n-1]
	next, err := r.objects.Commit(id)
	if err != nil {
		return object.CommitData{}, r.missing(fmt.Errorf("commit %s: %w", id, err))
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
	c, err := r.objects.Commit(hash)
	if errors.Is(err, ErrMissingObject) {
		return Commit{}, false, nil
	}
	if err != nil {
		return Commit{}, false, fmt.Errorf("reading commit %s: %w", id, err)
	}
	return describe(c), true, nil
}
