package registry

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// An Image is what a registry has under a tag or a digest.
type Image struct {
	Digest    string   // of the index where there are several platforms
	Platforms []string // "linux/arm64/v8", sorted; none where the registry does not say

	// Time is when it was pushed, where the registry says so, or else when it was made; zero where
	// neither is known, or cannot be true: before 2013, or in the future.
	Time time.Time

	// Layers are the digests of the uncompressed layers, the lowest first, for the platform whose
	// configuration was read: linux/amd64, or the first one where there is none. Its name is ""
	// where the image says none. [Client.Layers] has those of other platforms.
	Layers map[string][]string

	// Manifests are the digests of the images for each platform: that of the image itself where there
	// is no index.
	Manifests map[string]string

	// Several are the platforms of which the index has more images than the one that is read, sorted: Windows in
	// two versions is one platform. One "" is for several images of which it says no platform.
	Several []string

	// Base is the digest of the image below, as an annotation or a label of the one platform says. It
	// may be that of another image, since labels are inherited.
	Base string
}

// earliest is before any image: there was no Docker. Reproducible images say 1970 or 1980.
var earliest = time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)

// preferred is the platform that stands for the others.
const preferred = "linux/amd64"

// Look asks a registry once what it has under reference, which is repository:tag or
// repository@digest, and for which platforms: those of an index, or that of a single image.
// The error is an [ErrNoTag], or says in a few words why the registry could not be asked. ctx
// bounds the time.
func (c *Client) Look(ctx context.Context, reference string) (Image, error) {
	repository, identifier, err := parse(reference)
	if err != nil {
		return Image{}, err
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	p := c.at(repository)
	m, err := c.looks.ask(ctx, p.registry+"/"+p.repository+" "+identifier, true, func() (*manifest, error) {
		found, err := p.getManifest(ctx, identifier, true)
		if err != nil {
			return nil, err
		}
		m := parseManifest(digestOf(found.body), time.Time{}, found.body)
		if _, err := v1.NewHash(identifier); err != nil && m.digest == found.header.Get("Docker-Content-Digest") {
			c.digests.know(repository.Tag(identifier).Name(), m.digest)
		}
		return m, nil
	})
	if err != nil {
		return Image{}, c.shortFault(p, err)
	}
	image := Image{Digest: m.digest, Platforms: m.platforms()}
	if m.config != nil {
		// That the tag is there is known, whether or not its platform is.
		if config, err := p.configurationOf(ctx, m, true); err == nil && config.Platform != "" {
			image.Platforms = []string{config.Platform}
		}
	}
	return image, nil
}

// platforms returns those of an index, sorted.
func (m *manifest) platforms() []string {
	var all []string
	for _, child := range m.children {
		if child.Platform != nil {
			all = append(all, platformOf(*child.Platform))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// manifests returns the digests of the images of an index by platform; of two for one, the first.
func (m *manifest) manifests() map[string]string {
	all := map[string]string{}
	for _, child := range m.children {
		if child.Platform == nil {
			continue
		}
		if platform := platformOf(*child.Platform); all[platform] == "" {
			all[platform] = child.Digest.String()
		}
	}
	return all
}

// several returns the platforms of which an index has several images, sorted.
func (m *manifest) several() []string {
	var all []string
	images, untold := map[string]bool{}, 0
	for _, child := range m.children {
		if child.Platform == nil {
			untold++
			continue
		}
		platform := platformOf(*child.Platform)
		if images[platform] && !slices.Contains(all, platform) {
			all = append(all, platform)
		}
		images[platform] = true
	}
	if untold > 1 && len(images) == 0 {
		all = append(all, "")
	}
	slices.Sort(all)
	return all
}

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
	ctx, cancel := c.within(ctx)
	defer cancel()
	p := c.at(tag.Context())
	digest, err := c.digest(ctx, p, tag)
	return digest, c.fault("looking up the digest of "+reference, p, err)
}

func (c *Client) digest(ctx context.Context, p place, tag name.Tag) (string, error) {
	return c.digests.ask(ctx, tag.Name(), false, func() (string, error) {
		r := request{method: http.MethodHead, url: p.path("manifests", tag.TagStr()), header: accepted, limit: maxManifestSize}
		found, err := p.ask(ctx, r)
		switch {
		case err != nil:
			return "", err
		case found.status == http.StatusNotFound:
			return "", ErrNoTag
		case found.status == http.StatusOK:
			if digest, err := v1.NewHash(found.header.Get("Docker-Content-Digest")); err == nil {
				return digest.String(), nil
			}
		case found.status != http.StatusMethodNotAllowed:
			return "", newStatusError(found)
		}
		// This registry does not say the digest without the manifest.
		if found, err = p.getManifest(ctx, tag.TagStr(), false); err != nil {
			return "", err
		}
		return digestOf(found.body), nil
	})
}

// Image returns what a registry has under reference, which is repository:tag or
// repository@digest, with its age. It asks for the digest of a tag, and for what the digest
// names unless that was kept: the manifest, and the manifest and the configuration of one
// platform. The error says which registry and why.
func (c *Client) Image(ctx context.Context, reference string) (Image, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	p, m, err := c.manifestOf(ctx, reference)
	if err != nil {
		return Image{}, err
	}
	image := Image{Digest: m.digest, Platforms: m.platforms(), Layers: map[string][]string{}, Manifests: m.manifests(), Several: m.several(), Base: m.base}
	platform, config, err := p.read(ctx, m, preferred)
	if err != nil {
		return Image{}, c.fault("reading "+reference, p, err)
	}
	if config != nil {
		image.Base = cmp.Or(image.Base, config.Base)
	}
	if config == nil {
		image.Time = c.plausible(m.modified)
		return image, nil
	}
	if !m.isIndex && platform != "" {
		image.Platforms = []string{platform}
	}
	if !m.isIndex {
		image.Manifests[platform] = m.digest
	}
	if len(config.Layers) > 0 {
		image.Layers[platform] = config.Layers
	}
	if image.Time = c.plausible(m.modified); image.Time.IsZero() {
		image.Time = c.plausible(config.Created)
	}
	return image, nil
}

// Layers returns the digests of the uncompressed layers of what a registry has under reference,
// the lowest first, for each of some platforms that it has. The error is as that of
// [Client.Image].
func (c *Client) Layers(ctx context.Context, reference string, platforms []string) (map[string][]string, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	p, m, err := c.manifestOf(ctx, reference)
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, wanted := range platforms {
		if m.isIndex && !slices.Contains(m.platforms(), wanted) {
			continue
		}
		platform, config, err := p.read(ctx, m, wanted)
		if err != nil {
			return nil, c.fault("reading "+reference, p, err)
		}
		if config != nil && platform == wanted && len(config.Layers) > 0 {
			all[platform] = config.Layers
		}
	}
	return maps.Clone(all), nil
}

// manifestOf returns the manifest that a reference names, and where it is asked for.
func (c *Client) manifestOf(ctx context.Context, reference string) (place, *manifest, error) {
	repository, identifier, err := parse(reference)
	if err != nil {
		return place{}, nil, err
	}
	p := c.at(repository)
	if _, err := v1.NewHash(identifier); err != nil {
		if identifier, err = c.digest(ctx, p, repository.Tag(identifier)); err != nil {
			return p, nil, c.fault("looking up the digest of "+reference, p, err)
		}
	}
	m, err := p.byDigest(ctx, identifier)
	return p, m, c.fault("reading "+reference, p, err)
}

// read returns the configuration of a platform, or of the first one if there is no such platform,
// and which platform it is of. It is nil for what is no image.
func (p place) read(ctx context.Context, m *manifest, wanted string) (platform string, config *configuration, err error) {
	if m.isIndex {
		if len(m.children) == 0 {
			return "", nil, nil
		}
		child := m.children[0]
		for _, other := range m.children {
			if other.Platform != nil && platformOf(*other.Platform) == wanted {
				child = other
				break
			}
		}
		if child.Platform != nil {
			platform = platformOf(*child.Platform)
		}
		if m, err = p.byDigest(ctx, child.Digest.String()); err != nil {
			return "", nil, err
		}
	}
	if m.config == nil {
		return "", nil, nil
	}
	config, err = p.configurationOf(ctx, m, false)
	if err == nil && platform == "" {
		platform = config.Platform
	}
	return platform, config, err
}

// plausible returns a time, or zero if it cannot be true.
func (c *Client) plausible(at time.Time) time.Time {
	if at.Before(earliest) || at.After(c.options.Now()) {
		return time.Time{}
	}
	return at
}
