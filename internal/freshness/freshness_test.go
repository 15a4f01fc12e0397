package freshness_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/registry"
)

type layers = map[string][]string

const amd, arm = "linux/amd64", "linux/arm64"

// A published image stands on its base if the layers of the base are its lowest ones, on each platform that both
// have. Without layers, nothing is known.
func TestLayers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name            string
		published, base layers
		want            freshness.State
		reason          string
	}{
		{"its layers above those of the base", layers{amd: {"a", "b", "c"}}, layers{amd: {"a", "b"}}, freshness.Fresh, "its lowest layers are those of the base"},
		{"nothing above those of the base", layers{amd: {"a", "b"}}, layers{amd: {"a", "b"}}, freshness.Fresh, "its lowest layers are those of the base"},
		{"a single layer", layers{amd: {"a"}}, layers{amd: {"a"}}, freshness.Fresh, "its lowest layers are those of the base"},
		{"another single layer", layers{amd: {"a"}}, layers{amd: {"b"}}, freshness.Stale, "squashed"},
		{"the base has another top layer", layers{amd: {"a", "b", "c"}}, layers{amd: {"a", "d"}}, freshness.Stale, "it stands on another version"},
		{"the base has another lowest layer", layers{amd: {"a", "b", "c"}}, layers{amd: {"d", "x"}}, freshness.Stale, "its layers are not those of the base"},
		{"the base has got a layer more", layers{amd: {"a", "b"}}, layers{amd: {"a", "b", "c"}}, freshness.Stale, "it stands on another version"},
		{"the layers of the base in between", layers{amd: {"x", "a", "b"}}, layers{amd: {"a", "b"}}, freshness.Stale, "it may have been rebased"},
		{"squashed to one layer", layers{amd: {"s"}}, layers{amd: {"a", "b"}}, freshness.Stale, "it may have been squashed"},
		{"both platforms", layers{amd: {"a", "c"}, arm: {"b", "d"}}, layers{amd: {"a"}, arm: {"b"}}, freshness.Fresh, "those of the base, on linux/amd64, linux/arm64"},
		{"one platform of two", layers{amd: {"a", "c"}, arm: {"b", "d"}}, layers{amd: {"a"}, arm: {"x"}}, freshness.Stale, "on linux/arm64 its layers are not"},
		{"a platform that the base has alone", layers{amd: {"a", "c"}}, layers{amd: {"a"}, arm: {"x"}}, freshness.Fresh, "those of the base"},
		{"a platform that the base has no more", layers{amd: {"a", "c"}, arm: {"b"}}, layers{amd: {"a"}}, freshness.Fresh, "those of the base"},
		{"no platform in common", layers{arm: {"a", "c"}}, layers{amd: {"a"}}, freshness.Unknown, "no platform in common with the base: it is for linux/arm64, the base for linux/amd64"},
		{"nothing of the published image", nil, layers{amd: {"a"}}, freshness.Unknown, "it is for none that is said"},
		{"nothing of the base", layers{amd: {"a"}}, nil, freshness.Unknown, "the base for none that is said"},
		{"a base without layers", layers{amd: {"a"}}, layers{amd: nil}, freshness.Unknown, "the base, which has no layers"},
		{"an image without layers", layers{amd: nil}, layers{amd: {"a"}}, freshness.Unknown, "it has no layers"},
		{"nothing at all", nil, nil, freshness.Unknown, "no platform in common"},
		{"a platform without layers beside one with", layers{amd: {"a"}, arm: {"b"}}, layers{amd: {"a"}, arm: nil}, freshness.Unknown, "on linux/arm64 it cannot be compared"},
		{"the default variant is named by one of them", layers{"linux/arm64": {"a", "c"}}, layers{"linux/arm64/v8": {"b"}}, freshness.Stale, "not those of the base"},
		{"the default variant is named by the other", layers{"linux/arm/v7": {"a", "c"}}, layers{"linux/arm": {"a"}}, freshness.Fresh, "those of the base"},
		{"another variant is another platform", layers{"linux/arm/v6": {"a", "c"}}, layers{"linux/arm": {"b"}}, freshness.Unknown, "no platform in common"},
		{"a variant beside its default", layers{"linux/amd64/v1": {"x"}, amd: {"a", "c"}}, layers{amd: {"a"}}, freshness.Unknown, "its index has several images of the platform"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := freshness.Judge(freshness.Image{Image: registry.Image{Layers: tc.published}}, freshness.Base{Image: registry.Image{Layers: tc.base}}, true)
			if got.State != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("it is %s: %s\nwant %s: %s", got.State, got.Reason, tc.want, tc.reason)
			}
		})
	}
}

// Provenance names what an image was built from by digests: of the index, or of the image for a platform.
func TestProvenance(t *testing.T) {
	t.Parallel()
	const repository = "reg.example/team/base"
	base := freshness.Base{Repository: repository, Tag: "1.0.1", Image: registry.Image{Digest: "index", Manifests: map[string]string{amd: "of amd", arm: "of arm"}}}
	material := func(tag, digest string) registry.Material {
		return registry.Material{Image: repository, Tag: tag, Digest: digest}
	}
	other := registry.Material{Image: "reg.example/team/other", Tag: "1.0.1", Digest: "other"}
	for _, tc := range []struct {
		name      string
		materials []registry.Material
		want      freshness.State
		reason    string
	}{
		{"the index", []registry.Material{other, material("1.0.1", "index")}, freshness.Fresh, "names the digest of the base"},
		{"the image for its platform", []registry.Material{material("1.0.1", "of amd")}, freshness.Fresh, "names the digest of the base"},
		{"the image for the platform that it was built on", []registry.Material{material("1.0.1", "of arm")}, freshness.Fresh, "names the digest of the base"},
		{"by the name of a mirror", []registry.Material{{Image: "mirror.example/base", Digest: "index"}}, freshness.Fresh, "names the digest of the base"},
		{"another version", []registry.Material{material("1.0.0", "old")}, freshness.Stale, "names base:1.0.0 at old, not the base"},
		{"the same tag before it moved", []registry.Material{material("1.0.1", "old")}, freshness.Stale, "names base:1.0.1 at old"},
		{"the base, and an older one beside it", []registry.Material{material("1.0.1", "index"), material("1.0.0", "old")}, freshness.Stale, "names the base, and besides an older one, base:1.0.0"},
		{"the base, and another line of it", []registry.Material{material("2.0.0", "line"), material("1.0.1", "index")}, freshness.Fresh, "names the digest of the base"},
		{"the tag without a digest", []registry.Material{material("1.0.1", "")}, freshness.Unknown, "does not name the base"},
		{"other images alone", []registry.Material{other}, freshness.Unknown, "does not name the base"},
		{"no image", []registry.Material{}, freshness.Unknown, "does not name the base"},
		{"no provenance", nil, freshness.Unknown, "no provenance says"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			image := freshness.Image{Image: registry.Image{Platforms: []string{amd}}}
			if tc.materials != nil {
				image.Provenance = map[string][]registry.Material{amd: tc.materials}
			}
			if got := freshness.Judge(image, base, false); got.State != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("it is %s: %s\nwant %s: %s", got.State, got.Reason, tc.want, tc.reason)
			}
		})
	}
}

// A label alone makes nothing fresh, whatever it says.
func TestLabelDecidesNothing(t *testing.T) {
	t.Parallel()
	base := freshness.Base{Image: registry.Image{Digest: "index", Layers: layers{amd: {"a"}}}}
	for label, says := range map[string]string{"index": "names the base, which alone would tell nothing", "old": "names another image, which may be inherited"} {
		for _, published := range [][]string{nil, {"a", "b"}, {"x"}} {
			with := freshness.Image{Image: registry.Image{Layers: layers{amd: published}, Base: label}}
			without := with
			without.Base = ""
			got, plain := freshness.Judge(with, base, true), freshness.Judge(without, base, true)
			if got.State != plain.State || !strings.Contains(got.Reason, says) {
				t.Errorf("with the label %s, %v is %s: %s; without it %s", label, published, got.State, got.Reason, plain.State)
			}
		}
	}
	if !slices.Equal([]string{freshness.Unknown.String(), freshness.Fresh.String(), freshness.Stale.String()}, []string{"unknown", "fresh", "stale"}) {
		t.Error("the states are called otherwise")
	}
}

// An index that says no platform of several images tells of the first of them only.
func TestSeveralImagesWithoutAPlatform(t *testing.T) {
	t.Parallel()
	base := freshness.Base{Image: registry.Image{Layers: layers{amd: {"a"}}}}
	for _, tc := range []struct {
		published []string
		want      freshness.State
	}{{[]string{"a", "b"}, freshness.Unknown}, {[]string{"x"}, freshness.Stale}} {
		image := freshness.Image{Image: registry.Image{Layers: layers{amd: tc.published}, Several: []string{""}}}
		if got := freshness.Judge(image, base, true); got.State != tc.want {
			t.Errorf("%v is %s: %s", tc.published, got.State, got.Reason)
		}
	}
}
