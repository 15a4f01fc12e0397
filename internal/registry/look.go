package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// An Image is what a registry has under a tag or a digest.
type Image struct {
	Digest    string   // of the index where there are several platforms
	Platforms []string // "linux/arm64/v8", sorted; none where the registry does not say

	// Time is when it was pushed, where the registry says so, or else when it was made; zero where
	// neither is known, or cannot be true: before 2013, or in the future.
	Time time.Time

	// Layers are the digests of the uncompressed layers for each platform, the lowest first. A
	// platform without any is not in it.
	Layers map[string][]string
}

// dialTimeout bounds a connection of [Client.Look] and [Client.Tags]: a registry that is there
// answers sooner, and one that is not must not cost the time of ctx.
const dialTimeout = 2 * time.Second

// dialer is the default transport with that bound.
var dialer = func() http.RoundTripper {
	known, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return remote.DefaultTransport
	}
	t := known.Clone()
	t.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	return t
}()

// Look asks a registry once what it has under reference, which is repository:tag or
// repository@digest, and for which platforms: those of an index, or that of a single image.
// The error is an [ErrNoTag], or says in a few words why the registry could not be asked. ctx
// bounds the time.
func (c *Client) Look(ctx context.Context, reference string) (Image, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return Image{}, err
	}
	keys := &keychain{}
	found, err := remote.Get(ref, c.once(ctx, keys)...)
	if err != nil {
		return Image{}, c.short(err, ref.Context().RegistryStr(), keys)
	}
	image := Image{Digest: found.Digest.String()}
	var all []v1.Platform
	if found.MediaType.IsIndex() {
		index, err := found.ImageIndex()
		if err != nil {
			return image, nil //nolint:nilerr // the tag is there; for which platforms is not known
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			return image, nil //nolint:nilerr // as above
		}
		for _, m := range manifest.Manifests {
			if m.Platform != nil {
				all = append(all, *m.Platform)
			}
		}
	} else if single, err := found.Image(); err == nil {
		if config, err := single.ConfigFile(); err == nil && config.Platform() != nil {
			all = append(all, *config.Platform())
		}
	}
	for _, p := range all {
		if p.OS == "" || p.Architecture == "" || p.OS == "unknown" {
			continue // an attestation, or an image that does not say
		}
		platform := p.OS + "/" + p.Architecture
		if p.Variant != "" {
			platform += "/" + p.Variant
		}
		image.Platforms = append(image.Platforms, platform)
	}
	slices.Sort(image.Platforms)
	image.Platforms = slices.Compact(image.Platforms)
	return image, nil
}

// Tags returns tags of a repository, those of the first page that its registry lists. The
// error is as that of [Client.Look].
func (c *Client) Tags(ctx context.Context, repository string) ([]string, error) {
	repo, err := name.NewRepository(repository)
	if err != nil {
		return nil, err
	}
	keys := &keychain{}
	puller, err := remote.NewPuller(c.once(ctx, keys)...)
	if err != nil {
		return nil, err
	}
	lister, err := puller.Lister(ctx, repo)
	if err != nil {
		return nil, c.short(err, repo.RegistryStr(), keys)
	}
	page, err := lister.Next(ctx)
	if err != nil {
		return nil, c.short(err, repo.RegistryStr(), keys)
	}
	return page.Tags, nil
}

// once are the options of a question that is not repeated.
func (c *Client) once(ctx context.Context, keys *keychain) []remote.Option {
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithAuthFromKeychain(keys), remote.WithTransport(dialer),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), remote.WithRetryStatusCodes(),
	}
	if c.Transport != nil {
		options = append(options, remote.WithTransport(c.Transport))
	}
	return options
}

// short puts an error into a few words, the same on every machine where that is possible.
func (c *Client) short(err error, registry string, keys *keychain) error {
	var answer *transport.Error
	var lookup *net.DNSError
	var number syscall.Errno
	var timeout net.Error
	switch {
	case isNoTag(err):
		return ErrNoTag
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%w (%d): docker login %s", ErrRefused, answer.StatusCode, registry)
	case errors.As(err, &answer):
		return fmt.Errorf("it answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	case errors.As(err, &lookup) && !lookup.IsTimeout:
		return errors.New("its name is not known here")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("it does not answer in time")
	case errors.As(err, &number):
		return errors.New(number.Error())
	}
	return keys.redactor(c.Secrets).Error(err)
}

// isNoTag reports whether a registry says that it has no such manifest: what answers 404 to
// anything else is no registry, or none that can be asked.
func isNoTag(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound && (answer.Request == nil || strings.Contains(answer.Request.URL.Path, "/manifests/"))
}
