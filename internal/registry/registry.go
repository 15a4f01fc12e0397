// Package registry asks container registries what there is: [Client.Tags] lists the tags of a
// repository, [Client.Digest] and [Client.Exists] say what a tag names, [Client.Image] and
// [Client.Layers] what an image is made of, [Client.Provenance] what BuildKit says that it was made of,
// and [Client.Look] asks once and quickly.
//
// What was asked once is not asked again. Requests that fail for a cause that passes are repeated
// after a pause, for which the registry may say how long it is. Credentials come from
// DOCKER_AUTH_CONFIG, from the Docker configuration and its credential helpers, as docker login
// leaves them, and for ghcr.io from the job of GitHub Actions. They go to their own registry, and
// to a token server of its domain.
//
// # Limitations
//
// The manifest of a tag is asked for, and the configuration of an image, never its layers. Which
// addresses are private is told by their text: a public name that leads to a private address is
// followed, unless that is a link-local one.
package registry

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	defaultParallel = 8
	defaultDeadline = 10 * time.Minute
)

// Options say how registries are asked.
type Options struct {
	Transport http.RoundTripper                          // nil is the default
	Secrets   []string                                   // no error shows them, as it shows no password of docker login
	Hosts     map[string]Host                            // by the registry as references name it: docker.io, harbor.example:5000
	CacheDir  string                                     // where listings of tags, manifests and configurations of images are kept between runs; "" keeps nothing
	Getenv    func(string) string                        // DOCKER_CONFIG, DOCKER_AUTH_CONFIG, and what a job of GitHub Actions has; nil is the environment
	Now       func() time.Time                           // nil is the clock
	Sleep     func(context.Context, time.Duration) error // how a client waits; nil waits on the clock
	Parallel  int                                        // the most requests that are under way for one registry; 0 is 8
	Deadline  time.Duration                              // of all questions of the client together, from the first; 0 is ten minutes
}

// A Host is what the configuration says of a registry.
type Host struct {
	Insecure bool   // it speaks plain HTTP
	Mirror   string // what is asked in place of it: a registry, and what stands in front of each repository there
	Optional bool   // that it cannot be asked is a note
}

// A Client asks registries. What was asked once is not asked again. Its methods may be called from
// several goroutines.
type Client struct {
	options           Options
	maxPages, maxTags int // of a listing
	keys              keys
	store             *store
	patient, hasty    http.RoundTripper // the second is for [Client.Look]
	begin             sync.Once
	budget            context.Context // ends when the time for all questions is over
	endBudget         context.CancelFunc
	endpointsMu       sync.Mutex
	endpoints         map[string]*endpoint // by the name of the registry that is asked
	tags              memo[[]string]
	digests           memo[string]
	manifests, looks  memo[*manifest]
	configurations    memo[*configuration]
	statements        memo[[]Material]
}

// New returns a client.
func New(o Options) *Client {
	o.Parallel, o.Deadline = cmp.Or(o.Parallel, defaultParallel), cmp.Or(o.Deadline, defaultDeadline)
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	c := &Client{options: o, maxPages: maxPages, maxTags: maxTags, endpoints: map[string]*endpoint{}, store: openStore(o.CacheDir)}
	c.keys.getenv = o.Getenv
	c.patient, c.hasty = o.Transport, o.Transport
	if o.Transport == nil {
		c.patient, c.hasty = newTransport(dialTimeout), newTransport(hastyDialTimeout)
	}
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// IsOptional reports whether it is a note that the registry of a repository cannot be asked.
func (c *Client) IsOptional(repository string) bool {
	host, _, _ := strings.Cut(repository, "/")
	return c.options.Hosts[host].Optional
}

// The errors that callers tell apart with errors.Is, and that asking again does not help.
var (
	// ErrNoTag: the registry has no such tag, or digest.
	ErrNoTag = errors.New("there is no such tag")
	// ErrNoRepository: the registry has no such repository. It is an ErrNoTag as well.
	ErrNoRepository error = noRepository{}
	// ErrRefused: the registry wants other credentials.
	ErrRefused = errors.New("the registry refuses access")
)

type noRepository struct{}

func (noRepository) Error() string        { return "there is no such repository" }
func (noRepository) Is(target error) bool { return target == ErrNoTag }

// errDeadline is for what was not asked since the time for all questions was over.
var errDeadline = errors.New("the time for asking registries is over")

// within returns ctx until the time for all questions of the client is over.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	c.begin.Do(func() {
		c.budget, c.endBudget = context.WithTimeout(context.Background(), c.options.Deadline) //nolint:gosec // it ends by itself, and there is nothing to free before
	})
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.budget, func() { cancel(errDeadline) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// timeLeft returns how long may still be waited.
func (c *Client) timeLeft(ctx context.Context) time.Duration {
	end, _ := c.budget.Deadline()
	if sooner, ok := ctx.Deadline(); ok && sooner.Before(end) {
		end = sooner
	}
	return time.Until(end)
}
