package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/matihlabs/propagate/internal/imageref"
)

// What annotations and labels are called: of OCI, and of the attestations of BuildKit.
const (
	baseDigest        = "org.opencontainers.image.base.digest"
	attestationType   = "vnd.docker.reference.type"
	attestationOf     = "vnd.docker.reference.digest"
	predicateType     = "in-toto.io/predicate-type"
	provenanceType    = "https://slsa.dev/provenance/"
	maxProvenanceSize = 16 << 20
)

// A Material is an image that another one was built from, as the provenance of the latter says.
type Material struct {
	Image    string `json:"image"`    // its repository, canonical
	Tag      string `json:"tag"`      // "" where it was named by its digest alone
	Digest   string `json:"digest"`   // of the index, or of the image for one platform; "" where it is not said
	Platform string `json:"platform"` // "" where it is not said
}

// Provenance returns the images that an image was built from by the attestations beside it, for each
// platform that has one: in-toto statements with a predicate of SLSA, version 0.2 or 1. A platform whose
// statement names no image has an empty list. An attestation that cannot be understood is none. The error is as
// that of [Client.Image].
func (c *Client) Provenance(ctx context.Context, reference string) (map[string][]Material, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	p, m, err := c.manifestOf(ctx, reference)
	if err != nil {
		return nil, err
	}
	all := map[string][]Material{}
	for _, descriptor := range m.attested {
		platform, ok := m.platformWith(descriptor.Annotations[attestationOf])
		if !ok {
			continue
		}
		attestation, err := p.byDigest(ctx, descriptor.Digest.String())
		if err != nil {
			return nil, c.fault("reading the provenance of "+reference, p, err)
		}
		for _, statement := range attestation.layers {
			if !strings.HasPrefix(statement.Annotations[predicateType], provenanceType) {
				continue
			}
			materials, err := p.materials(ctx, statement)
			if err != nil {
				return nil, c.fault("reading the provenance of "+reference, p, err)
			}
			if materials != nil {
				all[platform] = append(all[platform], materials...)
				if all[platform] == nil {
					all[platform] = []Material{}
				}
			}
		}
	}
	return all, nil
}

// platformWith returns the platform whose image has a digest.
func (m *manifest) platformWith(digest string) (string, bool) {
	for platform, image := range m.manifests() {
		if image == digest && digest != "" {
			return platform, true
		}
	}
	return "", false
}

// materials returns the images that a statement names, from the store if it is there; nil for one that is not
// understood.
func (p place) materials(ctx context.Context, statement v1.Descriptor) ([]Material, error) {
	digest := statement.Digest.String()
	key := "provenance " + p.String() + "@" + digest
	return p.client.statements.ask(ctx, key, false, func() ([]Material, error) {
		var kept []Material
		if p.client.store.get(key, &kept) {
			return kept, nil
		}
		found, err := p.ask(ctx, request{method: http.MethodGet, url: p.path("blobs", digest), limit: maxProvenanceSize})
		switch {
		case err != nil:
			return nil, err
		case found.status != http.StatusOK:
			return nil, newStatusError(found)
		case !matches(digest, found.body):
			return nil, fmt.Errorf("what it sends is not what the digest %s names", digest)
		}
		materials := parseProvenance(found.body)
		p.client.store.put(key, materials)
		return materials, nil
	})
}

// A dependency is an entry of either version of a predicate.
type dependency struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest"`
}

// parseProvenance reads a statement; nil is for one that lists nothing, or cannot be read.
func parseProvenance(body []byte) []Material {
	var statement struct {
		Predicate struct {
			Materials       []dependency `json:"materials"` // of version 0.2
			BuildDefinition struct {
				ResolvedDependencies []dependency `json:"resolvedDependencies"` // of version 1
			} `json:"buildDefinition"`
		} `json:"predicate"`
	}
	if json.Unmarshal(body, &statement) != nil {
		return nil
	}
	listed := append(statement.Predicate.Materials, statement.Predicate.BuildDefinition.ResolvedDependencies...)
	if listed == nil {
		return nil
	}
	all := []Material{}
	for _, d := range listed {
		if m, ok := parsePackage(d.URI); ok {
			if sum := d.Digest["sha256"]; sum != "" {
				m.Digest = "sha256:" + sum
			}
			all = append(all, m)
		}
	}
	return all
}

// parsePackage reads the package URL of an image: pkg:docker/team/base@1.0.0?platform=linux%2Famd64.
func parsePackage(uri string) (Material, bool) {
	rest, ok := strings.CutPrefix(uri, "pkg:docker/")
	if !ok {
		return Material{}, false
	}
	rest, qualifiers, _ := strings.Cut(rest, "?")
	query, err := url.ParseQuery(qualifiers)
	if err != nil {
		return Material{}, false
	}
	name, version, _ := strings.Cut(rest, "@")
	name, err = url.PathUnescape(name)
	if err != nil {
		return Material{}, false
	}
	if version, err = url.PathUnescape(version); err != nil {
		return Material{}, false
	}
	ref, err := imageref.Parse(name)
	if err != nil {
		return Material{}, false
	}
	m := Material{Image: ref.Repository, Tag: version, Digest: query.Get("digest"), Platform: query.Get("platform")}
	if strings.HasPrefix(version, "sha256:") {
		m.Tag, m.Digest = "", version
	}
	return m, true
}
