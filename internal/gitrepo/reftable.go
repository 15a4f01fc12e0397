package gitrepo

import (
	"context"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// readTable is readRef where the references are in a reftable.
func (r *Repo) readTable(name string) (ref, bool, error) {
	if !strings.HasPrefix(name, "refs/") {
		// HEAD, which may name a branch that does not exist yet, and its like.
		if target, err := r.git.Output(context.Background(), "", "symbolic-ref", "--quiet", name); err == nil {
			return ref{target: strings.TrimSpace(target)}, true, nil
		}
		out, err := r.git.Output(context.Background(), "", "rev-parse", "--verify", "--quiet", "--end-of-options", name)
		id, ok := object.ParseID(strings.TrimSpace(out))
		if err != nil {
			_, err = r.inTable(name) // which says what is wrong, if it is
		}
		return ref{id: id}, ok && err == nil, err
	}
	all, err := r.inTable(name)
	if err != nil {
		return ref{}, false, err
	}
	got, ok := all[name]
	return got, ok, nil
}

// inTable returns the references that are called name or lie below it.
func (r *Repo) inTable(name string) (map[string]ref, error) {
	out, err := r.git.Output(context.Background(), "", "for-each-ref", "--format=%(refname) %(objectname) %(symref)", "--", name)
	if err != nil {
		return nil, withHint(fmt.Errorf("reading the references: %w", err), "git 2.45 and newer can read a reftable")
	}
	refs := map[string]ref{}
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		digits, target, _ := strings.Cut(rest, " ")
		id, ok := object.ParseID(digits)
		if !ok {
			return nil, fmt.Errorf("git for-each-ref: %q cannot be understood", line)
		}
		if refs[name] = (ref{id: id}); target != "" {
			refs[name] = ref{target: target}
		}
	}
	return refs, nil
}

// setInTable is the end of SetBranch where the references are in a reftable.
func (r *Repo) setInTable(name, to, old string, entry LogEntry) error {
	if err := r.checkAt(name, old); err != nil {
		return err
	}
	from := old
	if old == "" {
		from = strings.Repeat("0", len(to))
	}
	who, err := signature("committer", entry.Who)
	if err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	_, err = r.git.Output(context.Background(), "", "-c", "user.name="+who.Name, "-c", "user.email="+who.Email,
		"update-ref", "-m", strings.Join(strings.Fields(entry.Message), " "), "--no-deref", headsPrefix+name, to, from)
	if err != nil {
		if conflict := r.checkAt(name, old); conflict != nil {
			return conflict
		}
		return fmt.Errorf("branch %s: %w", name, err)
	}
	return nil
}

// checkNotCheckedOutInTable is checkNotCheckedOut where the references are in a reftable.
func (r *Repo) checkNotCheckedOutInTable(name string) error {
	out, err := r.git.Output(context.Background(), "", "worktree", "list", "--porcelain")
	if err != nil {
		return fmt.Errorf("listing the work trees: %w", err)
	}
	workTree := ""
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case key == "worktree":
			workTree = value
		case key == "branch" && value == headsPrefix+name:
			return &CheckedOutError{Branch: name, WorkTree: workTree}
		}
	}
	return nil
}
