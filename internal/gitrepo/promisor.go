package gitrepo

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/redact"
)

// Partial reports whether the repository is a partial clone.
func (r *Repo) Partial() bool { return r.promisor() != "" }

// Prefetch gets those of the objects that a partial clone has left at its
// remote, all in one request, and keeps them as git does when it misses an
// object. With a tree come the trees below it, but no blobs. It does nothing
// when all of them are here.
//
// Only the git program knows how its user reaches that remote, so it is git
// that fetches. Where there is none, or it fails, or the clone is not a partial
// one, the error wraps ErrMissingObject.
func (r *Repo) Prefetch(ctx context.Context, ids []ID) error {
	if len(r.objects.Unsure(ids)) == 0 {
		return nil // while others are fetched
	}
	r.fetching.Lock()
	defer r.fetching.Unlock()
	absent, err := r.objects.Unsure(ids), error(nil)
	if !r.noBlobs {
		absent, err = r.objects.Absent(ids)
	}
	if err != nil || len(absent) == 0 {
		return err
	}
	what := "object " + absent[0].String()
	if n := len(absent); n > 1 {
		what = fmt.Sprintf("%d objects, one of them %s", n, absent[0])
	}
	fail := func(why error) error { return r.missing(fmt.Errorf("reading %s: %w", what, why)) }
	if r.promisor() == "" {
		return fail(ErrMissingObject)
	}
	if err := r.promised().Fetch(ctx, absent); err != nil {
		return fail(err)
	}
	if absent, err = r.objects.Arrived(absent); err == nil && len(absent) > 0 {
		what = "object " + absent[0].String()
		err = fail(fmt.Errorf("%w: %s did not send it", ErrMissingObject, redact.URL(cmp.Or(r.address, "remote "+r.promisor()))))
	}
	return err
}

// fetchOne gets an object that is met while reading. What has failed once is not
// tried for every other object again.
func (r *Repo) fetchOne(id ID) error {
	r.lazyMu.Lock()
	defer r.lazyMu.Unlock()
	if r.lazyErr == nil {
		// Reading has no context. An interrupt reaches git as well, which is of
		// the same process group.
		r.lazyErr = r.Prefetch(context.Background(), []ID{id})
	}
	return r.lazyErr
}

// SetGuard sets what the git program does not get when it fetches. It is called
// before anything is read.
func (r *Repo) SetGuard(g remote.Guard) { r.guard = g }

// SetNoBlobs says that no file's content is here yet but what [Repo.Prefetch] gets from now on: a
// partial clone that was just made need not be searched.
func (r *Repo) SetNoBlobs() { r.noBlobs = true }

// SetAddress says that the repository is named by a URL: nobody has it as a clone, in which
// something could be done about an error.
func (r *Repo) SetAddress(url string) { r.address = url }

// promised returns the remote that has what a partial clone lacks.
func (r *Repo) promised() remote.Promisor {
	name := r.promisor()
	return remote.Promisor{Name: name, Called: cmp.Or(r.address, name), URL: r.fetchURL(name), Clone: r.start, Guard: r.guard, Redactor: r.redactor()}
}

// redactor takes out of what git says the secrets of the configuration and those that git
// was kept from.
func (r *Repo) redactor() *redact.Redactor {
	var urls []string
	for _, name := range r.config.subsections("remote") {
		urls = append(urls, r.config.values("remote", name, "url")...)
		urls = append(urls, r.config.values("remote", name, "pushurl")...)
	}
	secrets := slices.Clone(r.guard.Secrets)
	for _, raw := range append(urls, r.config.subsections("url")...) {
		if u, err := url.Parse(raw); err == nil && u.User != nil {
			password, _ := u.User.Password()
			secrets = append(secrets, password)
			if name := u.User.Username(); len(name) >= 20 {
				secrets = append(secrets, name)
			}
		}
	}
	for _, name := range append([]string{""}, r.config.subsections("http")...) {
		for _, header := range r.config.values("http", name, "extraheader") {
			if fields := strings.Fields(header); len(fields) > 1 {
				value := fields[len(fields)-1]
				secrets = append(secrets, value)
				if pair, err := base64.StdEncoding.DecodeString(value); err == nil {
					_, password, _ := strings.Cut(string(pair), ":")
					secrets = append(secrets, password)
				}
			}
		}
	}
	return redact.New(secrets...)
}
