package registry_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/matihlabs/propagate/internal/registry"
)

// single returns an image for a platform, which may say nothing.
func single(t *testing.T, platform v1.Platform) v1.Image {
	t.Helper()
	image, err := random.Image(64, 1)
	if err == nil {
		image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant})
	}
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestLook(t *testing.T) {
	server := httptest.NewServer(fake.New(fake.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repository := strings.TrimPrefix(server.URL, "http://") + "/team/base"
	tag := func(text string) name.Tag {
		tag, err := name.NewTag(repository + ":" + text)
		if err != nil {
			t.Fatal(err)
		}
		return tag
	}
	var index v1.ImageIndex = empty.Index
	for _, p := range []v1.Platform{{OS: "linux", Architecture: "arm64", Variant: "v8"}, {OS: "linux", Architecture: "amd64"}, {OS: "windows", Architecture: "amd64", OSVersion: "1"}, {OS: "windows", Architecture: "amd64", OSVersion: "2"}, {OS: "unknown", Architecture: "unknown"}} {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: single(t, p), Descriptor: v1.Descriptor{Platform: &p}})
	}
	if err := errors.Join(remote.WriteIndex(tag("many"), index), remote.Write(tag("one"), single(t, v1.Platform{OS: "linux", Architecture: "s390x"})), remote.Write(tag("none"), single(t, v1.Platform{}))); err != nil {
		t.Fatal(err)
	}
	digest, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	c := registry.New(registry.Options{})
	for reference, want := range map[string][]string{
		":many": {"linux/amd64", "linux/arm64/v8", "windows/amd64"}, ":one": {"linux/s390x"}, ":none": nil, "@" + digest.String(): {"linux/amd64", "linux/arm64/v8", "windows/amd64"},
	} {
		image, err := c.Look(t.Context(), repository+reference)
		if err != nil || !slices.Equal(image.Platforms, want) {
			t.Errorf("%s is there for %q, want %q: %v", reference, image.Platforms, want, err)
		}
	}
	for _, reference := range []string{repository + ":other", repository + "@sha256:" + strings.Repeat("1", 64), strings.Replace(repository, "team", "nobody", 1) + ":one"} {
		if _, err := c.Look(t.Context(), reference); !errors.Is(err, registry.ErrNoTag) {
			t.Errorf("%s: %v", reference, err)
		}
	}
	if tags, err := c.Tags(t.Context(), repository); err != nil || !slices.Equal(tags, []string{"many", "none", "one"}) {
		t.Errorf("the tags are %q: %v", tags, err)
	}
	for _, reference := range []string{"Team/base:1", "reg.example/a b"} {
		if _, err := c.Look(t.Context(), reference); err == nil {
			t.Errorf("%s is no reference", reference)
		}
	}
}

// What is no registry, and answers 404 to everything, says nothing of tags.
func TestLookWhereThereIsNoRegistry(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	reference := strings.TrimPrefix(server.URL, "http://") + "/team/base:1.0.0"
	c := registry.New(registry.Options{})
	if _, err := c.Look(t.Context(), reference); err == nil || errors.Is(err, registry.ErrNoTag) || err.Error() != "it answers 404 Not Found" {
		t.Errorf("the error is %v", err)
	}
	if there, err := c.Exists(t.Context(), reference); err == nil || there {
		t.Errorf("it is there: %v, error %v", there, err)
	}
}
