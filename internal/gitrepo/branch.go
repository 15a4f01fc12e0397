package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/matihlabs/propagate/internal/gitrepo/remote"
)

// Branch returns the full id of the commit that a local branch, named without
// "refs/heads/", points to. It reports false when there is no such branch.
func (r *Repo) Branch(name string) (id string, ok bool, err error) {
	if err := remote.CheckBranchName(name); err != nil {
		return "", false, err
	}
	hash, _, ok, err := r.follow(headsPrefix + name)
	if err != nil || !ok {
		return "", false, err
	}
	return hash.String(), true, nil
}

// SetBranch makes a local branch, or moves it, to the commit with the full id
// to. The branch must be at old, or not exist if old is "": if it does not, or
// another branch takes its place, the error is a *RefConflictError. A branch
// that any work tree has checked out is left alone, with a *CheckedOutError. Where
// git would keep a reflog of the branch, entry is added to it.
//
// The file is locked and replaced as git does it, so that a git process at work
// in the same repository neither sees nor loses anything.
func (r *Repo) SetBranch(name, to, old string, entry LogEntry) error {
	if err := remote.CheckBranchName(name); err != nil {
		return err
	}
	id, err := commitID(to)
	if err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	if _, err := r.objects.Commit(id); err != nil {
		return r.missing(fmt.Errorf("branch %s: commit %s: %w", name, id, err))
	}
	var was ID // none unless there is a branch
	if old != "" {
		if was, err = commitID(old); err != nil {
			return fmt.Errorf("branch %s: %w", name, err)
		}
	}
	line, err := entry.line(was, id)
	if err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	if err := r.CheckNotCheckedOut(name); err != nil {
		return err
	}
	if err := r.checkNoConflict(name, old); err != nil {
		return err
	}
	if r.table {
		return r.setInTable(name, to, old, entry)
	}
	path := r.refPath(headsPrefix + name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	lock := path + ".lock"
	file, err := os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return &RefConflictError{Branch: name, Expected: old, Lock: lock}
	}
	if err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	err = r.checkAt(name, old)
	if err == nil {
		_, err = fmt.Fprintln(file, id)
	}
	if err == nil && r.config.hardens("reference") {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = r.appendLog(name, line)
	}
	if err == nil {
		err = replace(lock, path)
	}
	if err != nil {
		// Nothing better can be done about a lock that stays.
		_ = os.Remove(lock)
		if conflict := (*RefConflictError)(nil); errors.As(err, &conflict) {
			return conflict
		}
		return fmt.Errorf("branch %s: %w", name, err)
	}
	return nil
}

// replace renames the lock file to the file of the branch, where git may have
// left empty directories of branches that are gone.
func replace(lock, path string) error {
	if isDir(path) {
		if err := removeEmpty(path); err != nil {
			return err
		}
	}
	return os.Rename(lock, path)
}

// removeEmpty removes a directory in which there is nothing but directories.
func removeEmpty(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := removeEmpty(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(dir)
}

// checkAt compares where the branch is with where it should be.
func (r *Repo) checkAt(name, old string) error {
	got, ok, err := r.readRef(headsPrefix + name)
	if err != nil {
		return err
	}
	if ok && got.target != "" {
		return withHint(fmt.Errorf("is only another name for %s", got.target), "`git symbolic-ref` shows and removes such names")
	}
	actual := ""
	if ok {
		actual = got.id.String()
	}
	if actual != strings.ToLower(old) {
		return &RefConflictError{Branch: name, Expected: old, Actual: actual}
	}
	return nil
}

// checkNoConflict finds the branch that makes this name impossible: one that
// is called as a directory of it, or for which it is a directory.
func (r *Repo) checkNoConflict(name, old string) error {
	for i, c := range name {
		if c != '/' {
			continue
		}
		if _, ok, err := r.readRef(headsPrefix + name[:i]); err != nil {
			return fmt.Errorf("branch %s: %w", name[:i], err)
		} else if ok {
			return &RefConflictError{Branch: name, Expected: old, Blocking: name[:i]}
		}
	}
	packed, err := r.packedRefs(headsPrefix + name)
	if err != nil {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	var below []string
	for full := range packed {
		if full != headsPrefix+name {
			below = append(below, strings.TrimPrefix(full, headsPrefix))
		}
	}
	root := r.refPath(headsPrefix + name)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != root && !d.IsDir() && !strings.HasSuffix(path, ".lock") {
			rel, relErr := filepath.Rel(root, path)
			below = append(below, name+"/"+filepath.ToSlash(rel))
			err = relErr
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("branch %s: %w", name, err)
	}
	if len(below) > 0 {
		return &RefConflictError{Branch: name, Expected: old, Blocking: slices.Min(below)}
	}
	return nil
}

// CheckNotCheckedOut returns a *CheckedOutError if a work tree has a branch checked
// out: it looks at the HEAD of every work tree, and at the branch that a rebase in it
// will come back to.
func (r *Repo) CheckNotCheckedOut(name string) error {
	if r.table {
		return r.checkNotCheckedOutInTable(name)
	}
	var heads []head
	if !r.config.isTrue("core", "", "bare") {
		main := mainWorkTree(r.commonDir, r.config)
		if main == "" {
			main = r.commonDir
		}
		heads = append(heads, head{r.commonDir, main})
	}
	root := filepath.Join(r.commonDir, "worktrees")
	linked, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listing the work trees: %w", err)
	}
	for _, e := range linked {
		h := head{filepath.Join(root, e.Name()), filepath.Join(root, e.Name())}
		// The file names the .git file of the work tree.
		if data, err := os.ReadFile(filepath.Join(h.dir, "gitdir")); err == nil {
			h.workTree = filepath.Dir(join(h.dir, strings.TrimSpace(string(data))))
		}
		heads = append(heads, h)
	}
	for _, h := range heads {
		for _, file := range []string{"HEAD", "rebase-merge/head-name", "rebase-apply/head-name"} {
			data, err := os.ReadFile(filepath.Join(h.dir, filepath.FromSlash(file)))
			if err == nil && strings.TrimSpace(strings.TrimPrefix(string(data), "ref:")) == headsPrefix+name {
				return &CheckedOutError{Branch: name, WorkTree: h.workTree}
			}
		}
	}
	return nil
}

// A head is where a work tree keeps its HEAD.
type head struct{ dir, workTree string }
