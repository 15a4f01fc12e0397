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

// A Client looks digests up. Its zero value is ready.
type Client struct {
	Transport http.RoundTripper // nil is the default
	Secrets   []string          // no error shows them, as it shows no password of docker login
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
