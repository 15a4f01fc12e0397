package clone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// update fetches what the reference is at the remote now, unless it is here, and opens the
// repository.
func (c *Clone) update(ctx context.Context) error {
	if err := c.open(); err != nil {
		return err
	}
	if isFullID(c.options.Ref) {
		return c.updateTo(ctx, strings.ToLower(c.options.Ref))
	}
	what, id, err := c.look(ctx)
	if err != nil {
		return err
	}
	c.Ref = remote.LocalName(what)
	if what == "HEAD" { // which is detached there
		c.Ref = "refs/propagate/HEAD"
	}
	if here, err := c.Repo.Resolve(c.Ref); err == nil && here.Commit == id {
		return nil
	}
	if err := makeRoom(c.dir, c.Ref); err != nil {
		return err
	}
	return c.fetch(ctx, what, c.Ref)
}

// open opens the repository, with all that was fetched up to now.
func (c *Clone) open() (err error) {
	if c.Repo != nil {
		if err := c.Repo.Close(); err != nil {
			return err
		}
	}
	if c.Repo, err = gitrepo.Open(c.dir); err == nil {
		c.Repo.SetGuard(c.options.Guard)
		c.Repo.SetAddress(c.options.Address.URL)
	}
	return err
}

// updateTo fetches a commit by its id.
func (c *Clone) updateTo(ctx context.Context, id string) error {
	if c.Ref = id; len(id) == sha256Digits && c.Fresh {
		if err := c.replace(sha256Format); err != nil {
			return err
		}
	}
	if _, here, err := c.Repo.Commit(id); err == nil && here {
		return nil
	}
	return c.fetch(ctx, id, "")
}

// replace makes the repository, which is empty, one of another format.
func (c *Clone) replace(format string) error {
	err := errors.Join(c.Repo.Close(), os.RemoveAll(c.dir))
	if c.Repo = nil; err != nil {
		return err
	}
	if err := c.create(format); err != nil {
		return err
	}
	return c.open()
}

// look asks the remote for the reference that is wanted, and returns its full name there and the id
// of its commit.
func (c *Clone) look(ctx context.Context) (what, id string, err error) {
	o := &c.options
	var names []string
	if o.Ref != "HEAD" && o.Ref != "@" {
		if names = remote.LookNames(o.Ref); names == nil {
			return "", "", c.noReference("of a repository that is named by a URL one commit is fetched, without its history: name a branch, a tag, or the full id of a commit")
		}
	}
	o.Doing("asking %s for its branches", o.Address)
	var found remote.Found
	err = limited(ctx, orDefault(o.Look, lookLimit), o.Address, func(ctx context.Context) (err error) {
		found, err = c.Repo.Source("origin").Look(ctx, names)
		return err
	})
	if err != nil {
		return "", "", err
	}
	if found.Default != "" && found.IDs["HEAD"] != "" {
		found.IDs[found.Default] = found.IDs["HEAD"]
	}
	isDefault := names == nil
	if isDefault {
		names = []string{found.Default, "HEAD"}
	}
	there := slices.IndexFunc(names, func(name string) bool { return found.IDs[name] != "" })
	switch {
	case there >= 0:
		what = names[there]
	case isDefault:
		return "", "", &source.Error{Err: fmt.Errorf("%s: %w", o.Address, gitrepo.ErrNoCommit), Hint: "push something to it first, or name a branch with --ref"}
	default:
		return "", "", c.noReference(fmt.Sprintf("`git ls-remote %s` lists what there is; a commit is named by its full id", o.Address))
	}
	if id = found.IDs[what+"^{}"]; id == "" {
		id = found.IDs[what]
	}
	if c.Fresh && len(id) == sha256Digits {
		if err := c.replace(sha256Format); err != nil {
			return "", "", err
		}
	}
	if found.Default != "" {
		return what, id, setDefault(c.dir, remote.LocalName(found.Default))
	}
	return what, id, nil
}

func (c *Clone) noReference(hint string) error {
	return &source.Error{Err: fmt.Errorf("%s at %s: %w", c.options.Ref, c.options.Address, remote.ErrNoReference), Hint: hint}
}

// fetch fetches what is called so at the remote.
func (c *Clone) fetch(ctx context.Context, what, as string) error {
	o := &c.options
	o.Doing("fetching %s", o.Address)
	var whole bool
	err := limited(ctx, orDefault(o.Fetch, fetchLimit), o.Address, func(ctx context.Context) (err error) {
		whole, err = c.Repo.Source("origin").FetchOne(ctx, what, as)
		return err
	})
	if err != nil {
		return err
	}
	if whole {
		o.Note("%s: the server cannot leave out the content of files: all of it was fetched", o.Address)
	}
	if err := c.open(); err != nil {
		return err
	}
	if c.Fresh && !whole {
		c.Repo.SetNoBlobs()
	}
	return nil
}

// limited calls f, which ends within a time, or is an error that says so.
func limited(ctx context.Context, limit time.Duration, address remote.Address, f func(context.Context) error) error {
	within, stop := context.WithTimeout(ctx, limit)
	defer stop()
	err := f(within)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return &source.Error{
			Err:  fmt.Errorf("%s: %w: no answer within %s", address, remote.ErrUnreachable, limit),
			Hint: "check the URL, and the network and its proxy; then run it again",
		}
	}
	return err
}

const sha256Digits = 64

// isFullID reports whether ref is the full id of a commit.
func isFullID(ref string) bool {
	return (len(ref) == 40 || len(ref) == sha256Digits) && strings.Trim(ref, "0123456789abcdefABCDEF") == ""
}
