package registrytest

import (
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A pushable is an image or an index.
type pushable interface {
	remote.Taggable
	partial.WithRawManifest
	Digest() (v1.Hash, error)
}

// predicate is the type of what the attestations say; "" is none.
func (i Image) predicate() string {
	if i.Provenance == "" {
		return ""
	}
	return "https://slsa.dev/provenance/" + i.Provenance
}

// statement returns the in-toto statement about the image for a platform.
func (i Image) statement(platform string, image v1.Image) ([]byte, error) {
	digest, err := image.Digest()
	if err != nil {
		return nil, err
	}
	type dependency struct {
		URI    string            `json:"uri"`
		Digest map[string]string `json:"digest"`
	}
	materials := i.Materials
	if more, ok := i.MaterialsOn[platform]; ok {
		materials = append(materials[:len(materials):len(materials)], more)
	}
	listed := []dependency{}
	for _, m := range materials {
		hash, err := v1.NewHash(m.Digest)
		if err != nil {
			return nil, err
		}
		listed = append(listed, dependency{m.URI, map[string]string{hash.Algorithm: hash.Hex}})
	}
	predicate := map[string]any{}
	switch i.Provenance {
	case "v0.2":
		predicate["materials"] = listed
	case "v1":
		predicate["buildDefinition"] = map[string]any{"resolvedDependencies": listed}
	}
	return json.Marshal(map[string]any{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": i.predicate(), "predicate": predicate,
		"subject": []any{map[string]any{"digest": map[string]string{"sha256": digest.Hex}}},
	})
}

// attest adds the attestation of an image to an index.
func attest(index v1.ImageIndex, image v1.Image, statement []byte, predicate string) (v1.ImageIndex, error) {
	digest, err := image.Digest()
	if err != nil {
		return nil, err
	}
	const inToto types.MediaType = "application/vnd.in-toto+json"
	said := mutate.Addendum{Layer: static.NewLayer(statement, inToto), MediaType: inToto}
	if predicate != "" {
		said.Annotations = map[string]string{"in-toto.io/predicate-type": predicate}
	}
	attestation, err := mutate.Append(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), said)
	if err != nil {
		return nil, err
	}
	if attestation, err = mutate.ConfigFile(attestation, &v1.ConfigFile{OS: "unknown", Architecture: "unknown", RootFS: v1.RootFS{Type: "layers"}}); err != nil {
		return nil, err
	}
	return mutate.AppendManifests(index, mutate.IndexAddendum{Add: attestation, Descriptor: v1.Descriptor{
		Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
		Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest.String()},
	}}), nil
}
