package registrytest

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// An Image says what to push. The zero value is an image of one layer for linux/amd64.
type Image struct {
	// Platforms are those of an index, each with an image. One of them alone, or none, is an
	// image without an index, unless it is Attested.
	Platforms []string

	On        string            // the image whose layers come first: "team/base:1.0.0", of the same server
	Layers    int               // how many layers come on top; 0 is one, and -1 none
	Content   string            // what is in them, beside repository, tag and platform: another one moves the tag
	PatchedOn []string          // platforms whose layers are other ones than without it
	Created   time.Time         // the zero value is that of reproducible images, 1970
	Labels    map[string]string // of the configuration

	Docker   bool // the media types of Docker instead of those of OCI
	Attested bool // an attestation is beside each platform, as buildx writes it

	Provenance  string              // the version of SLSA's provenance that the attestations have: "v0.2" or "v1"; "" is none
	Materials   []Material          // what the provenance names, for each platform
	MaterialsOn map[string]Material // more of one platform alone
	Annotations map[string]string   // of the index or, without one, of the image
}

// A Material is what an image was built from, as BuildKit writes it.
type Material struct{ URI, Digest string }

// Push pushes an image under repository:tag, and moves the tag where there is one. It returns
// the digest: of the index where there is one. What is pushed twice has the same digest.
func (s *Server) Push(t testing.TB, repository, tag string, image Image) string {
	t.Helper()
	digest, err := s.Write(t.Context(), repository, tag, image)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// Tag gives what is under from, a tag or a digest of a repository, further tags.
func (s *Server) Tag(t testing.TB, repository, from string, tags ...string) {
	t.Helper()
	separator := ":"
	if _, err := v1.NewHash(from); err == nil {
		separator = "@"
	}
	ref, err := s.parse(repository + separator + from)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.puller.Get(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags {
		if s.images != "" {
			err = s.link(repository, tag, found.Digest)
		} else {
			err = s.pusher.Put(t.Context(), ref.Context().Tag(tag), found)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// link writes the two files that are a tag for a registry that keeps its images in files. Asked
// to do it itself, it has the disk confirm each of them, which takes long for a thousand tags.
func (s *Server) link(repository, tag string, digest v1.Hash) error {
	dir := filepath.Join(s.images, "docker/registry/v2/repositories", filepath.FromSlash(repository), "_manifests/tags", tag)
	for _, of := range []string{filepath.Join(dir, "index", digest.Algorithm, digest.Hex), filepath.Join(dir, "current")} {
		if err := os.MkdirAll(of, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(of, "link"), []byte(digest.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Delete deletes what a digest of a repository names, and so its tags.
func (s *Server) Delete(t testing.TB, repository, digest string) {
	t.Helper()
	ref, err := s.parse(repository + "@" + digest)
	if err == nil {
		err = s.pusher.Delete(t.Context(), ref)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Write is [Server.Push] for programs that are no tests.
func (s *Server) Write(ctx context.Context, repository, tag string, image Image) (string, error) {
	ref, err := s.parse(repository + ":" + tag)
	if err != nil {
		return "", err
	}
	platforms := image.Platforms
	if len(platforms) == 0 {
		platforms = []string{"linux/amd64"}
	}
	indexType, manifestType, configType, layerType := types.OCIImageIndex, types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer
	if image.Docker {
		indexType, manifestType, configType, layerType = types.DockerManifestList, types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer
	}
	index := mutate.IndexMediaType(empty.Index, indexType)
	var single v1.Image
	for _, text := range platforms {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			return "", err
		}
		base := empty.Image
		if image.On != "" {
			if base, err = s.read(ctx, image.On, *platform); err != nil {
				return "", err
			}
		}
		single = mutate.ConfigMediaType(mutate.MediaType(base, manifestType), configType)
		for i := range max(image.Layers, 1) {
			if image.Layers < 0 {
				break
			}
			layer, err := layerOf(fmt.Sprintf("layer %d of %s:%s for %s: %s", i, repository, tag, text, image.contentOn(text)), layerType)
			if err != nil {
				return "", err
			}
			if single, err = mutate.Append(single, mutate.Addendum{Layer: layer, MediaType: layerType, History: v1.History{CreatedBy: "RUN something"}}); err != nil {
				return "", err
			}
		}
		config, err := single.ConfigFile()
		if err != nil {
			return "", err
		}
		config = config.DeepCopy()
		config.OS, config.Architecture, config.Variant, config.OSVersion = platform.OS, platform.Architecture, platform.Variant, platform.OSVersion
		config.Created = v1.Time{Time: image.Created.UTC()}
		if image.Created.IsZero() {
			config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
		}
		config.Config.Labels = image.Labels
		if single, err = mutate.ConfigFile(single, config); err != nil {
			return "", err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: single, Descriptor: v1.Descriptor{Platform: platform}})
		if image.Attested {
			statement, err := image.statement(text, single)
			if err != nil {
				return "", err
			}
			if index, err = attest(index, single, statement, image.predicate()); err != nil {
				return "", err
			}
		}
	}
	var pushed pushable = index
	if len(platforms) == 1 && !image.Attested {
		pushed = single
	}
	if len(image.Annotations) > 0 {
		pushed = mutate.Annotations(pushed, image.Annotations).(pushable)
	}
	if err := s.pusher.Push(ctx, ref, pushed); err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, err)
	}
	digest, err := pushed.Digest()
	return digest.String(), err
}

// contentOn is what is in the layers for a platform.
func (i Image) contentOn(platform string) string {
	if slices.Contains(i.PatchedOn, platform) {
		return i.Content + " patched"
	}
	return i.Content
}

// read returns the image that the server has for a platform.
func (s *Server) read(ctx context.Context, reference string, platform v1.Platform) (v1.Image, error) {
	ref, err := s.parse(reference)
	if err != nil {
		return nil, err
	}
	found, err := s.puller.Get(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("reading %s to build on it: %w", reference, err)
	}
	if !found.MediaType.IsIndex() {
		return found.Image()
	}
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.Equals(platform) {
			return index.Image(m.Digest)
		}
	}
	return nil, fmt.Errorf("%s is not there for %s, to build on it", reference, platform)
}

// layerOf makes a layer, a compressed archive, with one file.
func layerOf(content string, mediaType types.MediaType) (v1.Layer, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "content", Size: int64(len(content)), Mode: 0o644}); err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(content)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }, tarball.WithMediaType(mediaType))
}
