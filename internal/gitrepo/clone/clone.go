package clone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/source"
)

// Options say what is fetched, and to where.
type Options struct {
	Address remote.Address
	Ref     string       // HEAD, a branch, a tag, another reference, or the full id of a commit
	Home    string       // the directory of all repositories; "" makes one that goes away with Close
	Guard   remote.Guard // what git gets, and what it does not get
	Now     func() time.Time

	// Doing is told what is done next, Note what a person should know; neither is nil.
	Doing, Note func(format string, args ...any)

	Limits
}

// Limits bound what would wait for ever. Zero stands for the default.
type Limits struct {
	Lock  time.Duration // for another run that fetches the same repository
	Look  time.Duration // for what the server says of its references
	Fetch time.Duration // for a commit
}

// The defaults of Limits.
const (
	lockLimit  = 10 * time.Minute
	lookLimit  = 2 * time.Minute
	fetchLimit = time.Hour
)

// maxPacks is how many packs a repository may have until it is made anew. Each commit that is
// fetched brings one or two, and git looks into all of them.
const maxPacks = 64

// A Clone is a repository that was fetched. Close it when it is not read any more.
type Clone struct {
	Repo  *gitrepo.Repo
	Ref   string // what [gitrepo.Repo.Resolve] takes for the commit
	Fresh bool   // it was made in this run: nothing in it is older

	options   Options
	home, dir string
	temporary bool
	reading   *lock
}

// Open fetches a repository.
//
// The error is one that wraps remote.ErrNoReference for a Ref that is not there, one of those of
// package remote for a server that cannot be read, or that of ctx.
func Open(ctx context.Context, o Options) (*Clone, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &source.Error{
			Err:  fmt.Errorf("%s: there is no git program on PATH to fetch it with", o.Address),
			Hint: "install git, or clone the repository and name its directory with -C",
		}
	}
	c := &Clone{options: o}
	var err error
	if o.Home == "" {
		err = c.openTemporary(ctx)
	} else {
		err = c.openKept(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close releases what the clone holds, and removes one that is not kept.
func (c *Clone) Close() error {
	var errs []error
	if c.Repo != nil {
		errs = append(errs, c.Repo.Close())
		c.Repo = nil
	}
	c.reading.release()
	c.reading = nil
	if c.temporary {
		errs = append(errs, os.RemoveAll(c.home))
	}
	return errors.Join(errs...)
}

// openTemporary fetches into a directory that nobody else knows.
func (c *Clone) openTemporary(ctx context.Context) error {
	if err := c.makeTemporary(); err != nil {
		return err
	}
	return c.update(ctx)
}

func (c *Clone) makeTemporary() (err error) {
	if c.home, err = os.MkdirTemp("", "propagate-"); err != nil {
		return err
	}
	c.temporary, c.dir = true, filepath.Join(c.home, "git")
	return c.create("")
}

// openKept fetches into the repository that is kept for the URL.
func (c *Clone) openKept(ctx context.Context) error {
	o := &c.options
	c.home = filepath.Join(o.Home, o.Address.Slug())
	c.dir = filepath.Join(c.home, "git")
	if err := os.MkdirAll(c.home, 0o700); err != nil {
		return &source.Error{Err: fmt.Errorf("keeping %s: %s", o.Address, oserror.Text(err)), Hint: "check the permissions of that directory, or use --no-cache"}
	}
	fetching, err := await(ctx, filepath.Join(c.home, "fetch.lock"), false, orDefault(o.Lock, lockLimit), func() {
		o.Doing("waiting for another run that fetches %s", o.Address)
	})
	if err != nil {
		return err
	}
	defer fetching.release()
	removeUnfinished(c.home)
	packs, err := inspect(c.dir, o.Address.URL, o.Now())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = c.create("")
	case err != nil:
		err = c.anew(err)
	case packs > maxPacks:
		err = c.anew(nil)
	}
	if err == nil {
		err = c.holdAndUpdate(ctx)
	}
	if err == nil || c.Fresh || ctx.Err() != nil || !mayBeDamage(err) {
		return err
	}
	if err := c.anew(err); err != nil {
		return err
	}
	return c.holdAndUpdate(ctx)
}

// holdAndUpdate makes the repository one that somebody reads, and fetches into it.
func (c *Clone) holdAndUpdate(ctx context.Context) (err error) {
	if !c.temporary {
		if c.reading, err = await(ctx, c.lockOfReaders(), true, orDefault(c.options.Lock, lockLimit), func() {}); err != nil {
			return err
		}
	}
	return c.update(ctx)
}

func (c *Clone) lockOfReaders() string { return filepath.Join(c.home, "read.lock") }

// mayBeDamage reports whether an error may have its cause in the repository: it is none that a
// server gives.
func mayBeDamage(err error) bool {
	for _, known := range []error{
		gitrepo.ErrNoCommit, remote.ErrNoReference, remote.ErrAuthentication, remote.ErrAuthorization, remote.ErrNotFound, remote.ErrUnreachable, remote.ErrProtocol,
	} {
		if errors.Is(err, known) {
			return false
		}
	}
	return true
}

// anew replaces the repository by an empty one. damage is why; nil where there is no hurry. What
// another run reads stays: instead of it this run uses another one.
func (c *Clone) anew(damage error) error {
	if damage != nil {
		c.options.Note("what is kept of %s is damaged (%s): it is fetched anew", c.options.Address, oserror.Text(damage))
	}
	if c.Repo != nil {
		if err := c.Repo.Close(); err != nil {
			return err
		}
		c.Repo = nil
	}
	c.reading.release()
	c.reading = nil
	alone, err := take(c.lockOfReaders(), false)
	switch {
	case errors.Is(err, errLocked) && damage == nil:
		return nil // another time
	case errors.Is(err, errLocked):
		return c.makeTemporary()
	case err != nil:
		return err
	}
	defer alone.release()
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	return c.create("")
}

// create makes the repository, which is empty.
func (c *Clone) create(format string) error {
	if err := create(c.dir, c.options.Address.URL, format); err != nil {
		return &source.Error{
			Err:  fmt.Errorf("making a repository for %s: %s", c.options.Address, oserror.Text(err)),
			Hint: "check the permissions of that directory and the space left",
		}
	}
	c.Fresh = true
	return nil
}

func orDefault(limit, otherwise time.Duration) time.Duration {
	if limit == 0 {
		return otherwise
	}
	return limit
}
