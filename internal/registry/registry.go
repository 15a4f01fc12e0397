// Package registry asks container registries what a tag stands for: [Client.Look] and
// [Client.Tags] once and quickly, [Client.Digest] and [Client.Exists] with retries.
//
// Credentials come from the Docker configuration (DOCKER_CONFIG, or
// ~/.docker/config.json) and its credential helpers, as docker login leaves them.
//
// # Limitations
//
// The manifest of a tag is asked for, and the configuration of an image, never its
// layers. A registry on the loopback address or in a private network may speak plain HTTP.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/redact"
)

// timeout bounds one question, with its retries: registries that hang must not
// hang a run.
const timeout = 30 * time.Second

// Options say how registries are asked.
type Options struct {
	Transport http.RoundTripper                          // nil is the default
	Secrets   []string                                   // no error shows them, as it shows no password of docker login
	Hosts     map[string]Host                            // by the registry as references name it: docker.io, harbor.example:5000
	CacheDir  string                                     // where listings of tags and configurations of images are kept between runs; "" keeps nothing
	Getenv    func(string) string                        // DOCKER_CONFIG, DOCKER_AUTH_CONFIG, and what a job of GitHub Actions has; nil is the environment
	Now       func() time.Time                           // nil is the clock
	Sleep     func(context.Context, time.Duration) error // how a client waits; nil waits on the clock
	Parallel  int                                        // the most requests that are under way for one registry; 0 is the default
	Deadline  time.Duration                              // of all questions of the client together, from the first; 0 is the default
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
	Options
}

// New returns a client.
func New(o Options) *Client { return &Client{o} }

// IsOptional reports whether it is a note that the registry of a repository cannot be asked.
func (c *Client) IsOptional(repository string) bool {
	host, _, _ := strings.Cut(repository, "/")
	return c.Hosts[host].Optional
}

// Image returns what a registry has under a reference, which is repository:tag or
// repository@digest, with its age and its layers. The error is that of [Client.Digest].
func (c *Client) Image(ctx context.Context, reference string) (Image, error) {
	return c.Look(ctx, reference)
}

// The errors that callers tell apart with errors.Is, and that asking again does not help.
var (
	// ErrNoTag: the registry has no such tag.
	ErrNoTag = errors.New("there is no such tag")
	// ErrRefused: the registry wants other credentials.
	ErrRefused = errors.New("the registry refuses access")
)

// Exists reports whether a registry has reference, which is repository:tag. The
// error says which registry could not tell, and why.
func (c *Client) Exists(ctx context.Context, reference string) (bool, error) {
	_, err := c.Digest(ctx, reference)
	if errors.Is(err, ErrNoTag) {
		return false, nil
	}
	return err == nil, err
}

// Digest returns the digest that a registry gives for reference, which is
// repository:tag: that of the index where the image has several platforms. The
// error says which registry and why.
func (c *Client) Digest(ctx context.Context, reference string) (string, error) {
	tag, err := name.NewTag(reference)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	keys := &keychain{}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(keys)}
	if c.Transport != nil {
		options = append(options, remote.WithTransport(c.Transport))
	}
	descriptor, err := remote.Head(tag, options...)
	if err != nil {
		var answer *transport.Error
		switch {
		case isNoTag(err):
			err = ErrNoTag
		case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
			err = fmt.Errorf("%w (%d): docker login %s", ErrRefused, answer.StatusCode, tag.RegistryStr())
		}
		return "", fmt.Errorf("looking up the digest of %s: %w", reference, keys.redactor(c.Secrets).Error(oserror.Reword(err)))
	}
	return descriptor.Digest.String(), nil
}

// A keychain is that of docker login; it remembers what it gave, to keep it out of
// errors.
type keychain struct {
	mu   sync.Mutex
	used []authn.AuthConfig
}

// Resolve implements authn.Keychain.
func (k *keychain) Resolve(at authn.Resource) (authn.Authenticator, error) {
	auth, err := authn.DefaultKeychain.Resolve(at)
	if err != nil {
		return nil, err
	}
	config, err := auth.Authorization()
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used = append(k.used, *config)
	return auth, nil
}

// redactor masks what was given, and other secrets.
func (k *keychain) redactor(others []string) *redact.Redactor {
	k.mu.Lock()
	defer k.mu.Unlock()
	secrets := slices.Clone(others)
	for _, c := range k.used {
		secrets = append(secrets, c.Password, c.Auth, c.IdentityToken, c.RegistryToken)
		if c.Username != "" {
			secrets = append(secrets, c.Username+":"+c.Password)
		}
	}
	return redact.New(secrets...)
}
