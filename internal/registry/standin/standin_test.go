package standin_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/registry/standin"
)

// It is asked by the names that it stands in for, and an image has the layers of its base as it was when
// it was put there.
func TestServer(t *testing.T) {
	t.Parallel()
	server, err := standin.Start("docker.io", "registry.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	const alpine, base = "docker.io/library/alpine:3", "registry.example/team/base:1.0.0"
	put := func(reference, on string, made time.Time) {
		t.Helper()
		if err := server.Put(reference, on, made); err != nil {
			t.Fatal(err)
		}
	}
	put(alpine, "", day)
	put(base, alpine, day)
	client := registry.New(server.Options())
	image := func(reference string) registry.Image {
		t.Helper()
		image, err := client.Image(t.Context(), reference)
		if err != nil {
			t.Fatal(err)
		}
		return image
	}
	before, on := image(alpine), image(base)
	if !slices.Equal(before.Platforms, []string{"linux/amd64"}) || !before.Time.Equal(day) {
		t.Errorf("%s is %+v", alpine, before)
	}
	layers := on.Layers["linux/amd64"]
	if len(layers) != 2 || !slices.Equal(layers[:1], before.Layers["linux/amd64"]) {
		t.Errorf("%s has the layers %q, and its base %q", base, layers, before.Layers)
	}
	put(alpine, "", day.AddDate(0, 0, 1))
	put("docker.io/library/alpine:4", "", day)
	client = registry.New(server.Options()) // what was asked once is not asked again
	if after := image(alpine); after.Digest == before.Digest || slices.Equal(after.Layers["linux/amd64"], before.Layers["linux/amd64"]) {
		t.Errorf("%s has not moved", alpine)
	}
	if tags, err := client.Tags(t.Context(), "docker.io/library/alpine"); err != nil || !slices.Equal(tags, []string{"3", "4"}) {
		t.Errorf("the tags are %q: %v", tags, err)
	}
	if _, err := client.Digest(t.Context(), "registry.example/team/base:2.0.0"); !errors.Is(err, registry.ErrNoTag) {
		t.Errorf("what is not there: %v", err)
	}
	if err := server.Put("registry.example/team/other:1", "registry.example/team/base:2.0.0", day); err == nil || !strings.Contains(err.Error(), "team/base:2.0.0, which is not there") {
		t.Errorf("on what is not there: %v", err)
	}
	if err := server.Put("registry.example/Team/base:1", "", day); err == nil {
		t.Error("what is no reference is put there")
	}
	server.Close()
	if err := server.Put(base, "", day); err == nil {
		t.Error("it takes images when it is closed")
	}
}
