package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// accepted are the manifests that are understood.
var accepted = http.Header{"Accept": {strings.Join([]string{
	string(types.OCIImageIndex), string(types.DockerManifestList), string(types.OCIManifestSchema1), string(types.DockerManifestSchema2),
}, ", ")}}

// A manifest is an index or the manifest of an image.
type manifest struct {
	digest   string
	modified time.Time       // as the registry says; zero where it does not
	children []v1.Descriptor // of an index, those that are images
	attested []v1.Descriptor // of an index, those that say how its images were built
	config   *v1.Descriptor  // of an image; nil where it has none
	layers   []v1.Descriptor // of an image, or of an attestation
	base     string          // the digest of its base, as an annotation says
	isIndex  bool
}

// A configuration is what is of interest in the configuration of an image.
type configuration struct {
	Created  time.Time `json:"created"`
	Platform string    `json:"platform"` // "" where it does not say
	Layers   []string  `json:"layers"`   // the digests of the uncompressed layers, the lowest first
	Base     string    `json:"base"`     // the digest of its base, as a label says
}

// A keptManifest is how the store keeps one.
type keptManifest struct {
	Modified time.Time `json:"modified"`
	Body     []byte    `json:"body"`
}

// parseManifest reads what a registry gives. What is not understood has a digest alone.
func parseManifest(digest string, modified time.Time, body []byte) *manifest {
	m := &manifest{digest: digest, modified: modified}
	var kind struct {
		Manifests json.RawMessage
		Config    json.RawMessage
	}
	if json.Unmarshal(body, &kind) != nil {
		return m
	}
	if kind.Manifests != nil {
		index, err := v1.ParseIndexManifest(bytes.NewReader(body))
		if err != nil {
			return m
		}
		m.isIndex, m.base = true, index.Annotations[baseDigest]
		for _, child := range index.Manifests {
			switch {
			case child.Annotations[attestationType] != "":
				m.attested = append(m.attested, child)
			case child.Platform == nil || platformOf(*child.Platform) != "":
				m.children = append(m.children, child)
			}
		}
		return m
	}
	if one, err := v1.ParseManifest(bytes.NewReader(body)); err == nil && kind.Config != nil {
		m.layers, m.base = one.Layers, one.Annotations[baseDigest]
		if one.Config.MediaType.IsConfig() {
			m.config = &one.Config
		}
	}
	return m
}

// platformOf returns a platform as users write it; "" for that of an attestation, or where it is
// not said.
func platformOf(p v1.Platform) string {
	if p.OS == "" || p.Architecture == "" || p.OS == "unknown" {
		return ""
	}
	text := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		text += "/" + p.Variant
	}
	return text
}

// byDigest returns the manifest that a digest names, from the store if it is there.
func (p place) byDigest(ctx context.Context, digest string) (*manifest, error) {
	key := "manifest " + p.String() + "@" + digest
	return p.client.manifests.ask(ctx, key, false, func() (*manifest, error) {
		var kept keptManifest
		if p.client.store.get(key, &kept) && matches(digest, kept.Body) {
			return parseManifest(digest, kept.Modified, kept.Body), nil
		}
		found, err := p.getManifest(ctx, digest, false)
		if err != nil {
			return nil, err
		}
		kept = keptManifest{modifiedOf(found), found.body}
		p.client.store.put(key, kept)
		return parseManifest(digest, kept.Modified, kept.Body), nil
	})
}

// getManifest asks for the manifest that a tag or a digest names. One of a digest is what the
// digest says.
func (p place) getManifest(ctx context.Context, identifier string, hasty bool) (*response, error) {
	r := request{method: http.MethodGet, url: p.path("manifests", identifier), header: accepted, limit: maxManifestSize, hasty: hasty}
	found, err := p.ask(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case found.status == http.StatusNotFound:
		return nil, absent(found)
	case found.status != http.StatusOK:
		return nil, newStatusError(found)
	case strings.Contains(identifier, ":") && !matches(identifier, found.body):
		return nil, fmt.Errorf("what it sends is not what the digest %s names", identifier)
	case found.header.Get("Docker-Content-Digest") != digestOf(found.body) && !isManifest(found.body):
		return nil, errors.New("what it sends is no manifest")
	}
	return found, nil
}

// isManifest reports whether a text is a manifest or an index, also one of an artifact or of Docker's first schema. A
// proxy may send a page in its place.
func isManifest(body []byte) bool {
	var m struct {
		SchemaVersion                       int
		Manifests, Config, Layers, FSLayers json.RawMessage
	}
	return json.Unmarshal(body, &m) == nil && (m.SchemaVersion > 0 || m.Manifests != nil || m.Config != nil || m.Layers != nil || m.FSLayers != nil)
}

// absent tells a repository that is not there from a tag.
func absent(found *response) error {
	if newStatusError(found).code == "NAME_UNKNOWN" {
		return ErrNoRepository
	}
	return ErrNoTag
}

// configurationOf returns the configuration of an image, from the store if it is there.
func (p place) configurationOf(ctx context.Context, m *manifest, hasty bool) (*configuration, error) {
	digest := m.config.Digest.String()
	key := "configuration with its base " + p.String() + "@" + digest
	return p.client.configurations.ask(ctx, key, hasty, func() (*configuration, error) {
		kept := &configuration{}
		if p.client.store.get(key, kept) {
			return kept, nil
		}
		r := request{method: http.MethodGet, url: p.path("blobs", digest), limit: maxConfigurationSize, hasty: hasty}
		found, err := p.ask(ctx, r)
		switch {
		case err != nil:
			return nil, err
		case found.status == http.StatusNotFound:
			return nil, errors.New("the configuration of the image is not there")
		case found.status != http.StatusOK:
			return nil, newStatusError(found)
		case !matches(digest, found.body):
			return nil, fmt.Errorf("what it sends is not what the digest %s names", digest)
		}
		config := parseConfiguration(found.body)
		p.client.store.put(key, config)
		return config, nil
	})
}

func parseConfiguration(body []byte) *configuration {
	file, err := v1.ParseConfigFile(bytes.NewReader(body))
	if err != nil {
		return &configuration{} // of something that is no image
	}
	c := &configuration{Created: file.Created.Time, Platform: platformOf(v1.Platform{OS: file.OS, Architecture: file.Architecture, Variant: file.Variant})}
	c.Base = file.Config.Labels[baseDigest]
	for _, layer := range file.RootFS.DiffIDs {
		c.Layers = append(c.Layers, layer.String())
	}
	return c
}

// matches reports whether a digest is that of a text.
func matches(digest string, body []byte) bool {
	hash, err := v1.NewHash(digest)
	if err != nil {
		return false
	}
	sum, _, err := v1.SHA256(bytes.NewReader(body))
	return err == nil && sum == hash
}

func digestOf(body []byte) string {
	sum, _, err := v1.SHA256(bytes.NewReader(body))
	if err != nil {
		return ""
	}
	return sum.String()
}

func modifiedOf(found *response) time.Time {
	at, err := http.ParseTime(found.header.Get("Last-Modified"))
	if err != nil {
		return time.Time{}
	}
	return at
}

// parse reads a reference, which is repository:tag or repository@digest.
func parse(reference string) (repository name.Repository, identifier string, err error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return name.Repository{}, "", err
	}
	return ref.Context(), ref.Identifier(), nil
}
