package gitrepo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/oserror"
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
	r.fetching.Lock()
	defer r.fetching.Unlock()
	absent, err := r.objects.Absent(ids)
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
	if err := r.fetch(ctx, absent); err != nil {
		return fail(err)
	}
	if absent, err = r.objects.Absent(absent); err == nil && len(absent) > 0 {
		what = "object " + absent[0].String()
		err = fail(fmt.Errorf("%w: remote %s did not send it", ErrMissingObject, r.promisor()))
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

// fetch runs git to get objects from the promisor. The options are those that
// git itself uses then: no reference is asked for or written, nothing that is
// here is told to the remote, and nothing goes on in the background.
func (r *Repo) fetch(ctx context.Context, ids []ID) error {
	git, err := exec.LookPath("git")
	if err != nil {
		return fmt.Errorf("%w, and there is no git program on PATH to fetch it with", ErrMissingObject)
	}
	cmd := exec.CommandContext(ctx, git, "-C", r.start, //nolint:gosec // git itself, on what the clone says of its own remote
		"-c", "fetch.negotiationAlgorithm=noop", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
		"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no",
		"--filter=blob:none", "--stdin", "--end-of-options", r.promisor())
	withheld := r.guard.withheld(r.fetchURL(r.promisor()))
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(moving, name) || slices.Contains(withheld, name)
	})
	cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var stdin bytes.Buffer
	for _, id := range ids {
		fmt.Fprintln(&stdin, id)
	}
	said := &object.LimitedBuffer{}
	cmd.Stdin, cmd.Stderr = &stdin, said
	cmd.WaitDelay = 10 * time.Second // for what git has started and does not end with it
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w, and fetching it was stopped: %w", ErrMissingObject, ctx.Err())
	case err != nil:
		why := r.scrub(said.String())
		if exit := (*exec.ExitError)(nil); why == "" || !errors.As(err, &exit) {
			why = strings.TrimSuffix(oserror.Text(err)+": "+why, ": ")
		}
		return fmt.Errorf("%w, and git cannot fetch it from %s: %s", ErrMissingObject, r.promisor(), why)
	}
	return nil
}

// moving are the variables that would make git work on another repository.
var moving = []string{
	"GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX",
}

// scrub makes what git says fit for an error, without the secrets of the
// configuration and those that git was kept from.
func (r *Repo) scrub(text string) string {
	var urls []string
	for _, name := range r.config.subsections("remote") {
		urls = append(urls, r.config.values("remote", name, "url")...)
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
	return scrub(redact.New(secrets...), text)
}
