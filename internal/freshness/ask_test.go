package freshness_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/freshness"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// Images in a real registry are judged, each with its reason.
func TestImages(t *testing.T) {
	t.Parallel()
	s := registrytest.Start(t, registrytest.Memory, registrytest.None)
	const both = "team/both"
	two := []string{amd, arm}
	old := s.Push(t, "team/base", "1.0.0", registrytest.Image{Layers: 2})
	base := s.Push(t, "team/base", "1.0.1", registrytest.Image{Layers: 2, Content: "patched"})
	s.Push(t, both, "1.0.0", registrytest.Image{Platforms: two, Attested: true})
	index := s.Push(t, both, "1.0.1", registrytest.Image{Platforms: two, Attested: true, Content: "patched"})
	s.Push(t, "team/empty", "1.0.1", registrytest.Image{Layers: -1})
	single := s.Push(t, "team/single", "1.0.1", registrytest.Image{})
	uri := func(name string) string { return "pkg:docker/" + s.Host + "/team/" + name + "?platform=linux%2Famd64" }
	from := func(name, digest string) []registrytest.Material {
		return []registrytest.Material{{URI: "pkg:docker/golang@1.25", Digest: single}, {URI: uri(name), Digest: digest}}
	}
	label := func(digest string) map[string]string {
		return map[string]string{"org.opencontainers.image.base.digest": digest}
	}
	for i, tc := range []struct {
		name      string
		published registrytest.Image
		on        string // the base that it is compared with
		build     bool   // which is only used to build
		want      freshness.State
		reason    string
	}{
		{"built on the base", registrytest.Image{On: "team/base:1.0.1"}, "base:1.0.1", false, freshness.Fresh, "its lowest layers are those of the base"},
		{"built on the base by its digest", registrytest.Image{On: "team/base:1.0.1"}, "base@" + base, false, freshness.Fresh, "its lowest layers are those of the base"},
		{"built on the old base", registrytest.Image{On: "team/base:1.0.0"}, "base:1.0.1", false, freshness.Stale, "another version"},
		{"squashed", registrytest.Image{Content: "all in one"}, "base:1.0.1", false, freshness.Stale, "its layers are not those of the base: it stands on another version, or it may have been squashed"},
		{"flattened, with provenance", registrytest.Image{Content: "all in one", Attested: true, Provenance: "v1", Materials: from("base@1.0.1", base)}, "base:1.0.1", false, freshness.Stale, "squashed; its provenance names the base, but the layers are what is shipped"},
		{"rebased onto the base", registrytest.Image{On: "team/base:1.0.1", Attested: true, Provenance: "v0.2", Materials: from("base@1.0.0", old)}, "base:1.0.1", false, freshness.Fresh, "its provenance names another image, but the layers"},
		{"a single layer, that of the base", registrytest.Image{On: "team/single:1.0.1", Layers: -1}, "single:1.0.1", false, freshness.Fresh, "its lowest layers are those of the base"},
		{"a base without layers", registrytest.Image{On: "team/empty:1.0.1"}, "empty:1.0.1", false, freshness.Unknown, "which has no layers"},
		{"an image without layers", registrytest.Image{Layers: -1}, "base:1.0.1", false, freshness.Unknown, "it has no layers"},
		{"an image without layers, with provenance", registrytest.Image{Layers: -1, Attested: true, Provenance: "v1", Materials: from("base@1.0.1", base)}, "base:1.0.1", false, freshness.Fresh, "its provenance names the digest of the base"},
		{"no platform in common", registrytest.Image{Platforms: []string{"linux/s390x"}}, "base:1.0.1", false, freshness.Unknown, "no platform in common with the base: it is for linux/s390x"},
		{"both platforms", registrytest.Image{On: both + ":1.0.1", Platforms: two, Attested: true}, "both:1.0.1", false, freshness.Fresh, "on linux/amd64, linux/arm64"},
		{"one platform of the two", registrytest.Image{On: both + ":1.0.1", Platforms: []string{arm}}, "both:1.0.1", false, freshness.Fresh, "its lowest layers are those of the base"},
		{"only used to build, without provenance", registrytest.Image{}, "base:1.0.1", true, freshness.Unknown, "no provenance says"},
		{"only used to build, an attestation that says nothing", registrytest.Image{Attested: true}, "base:1.0.1", true, freshness.Unknown, "no provenance says"},
		{"only used to build, by provenance 0.2", registrytest.Image{Attested: true, Provenance: "v0.2", Materials: from("base@1.0.1", base)}, "base:1.0.1", true, freshness.Fresh, "names the digest of the base"},
		{"only used to build, by provenance 1", registrytest.Image{Attested: true, Provenance: "v1", Materials: from("base@1.0.1", base)}, "base:1.0.1", true, freshness.Fresh, "names the digest of the base"},
		{"only used to build, the old one", registrytest.Image{Attested: true, Provenance: "v1", Materials: from("base@1.0.0", old)}, "base:1.0.1", true, freshness.Stale, "its provenance names base:1.0.0 at sha256:"},
		{"only used to build, by the digest of the index", registrytest.Image{Attested: true, Provenance: "v1", Materials: from("both@1.0.1", index)}, "both:1.0.1", true, freshness.Fresh, "names the digest of the base"},
		{"only used to build, the old one for one platform", registrytest.Image{Platforms: two, Attested: true, Provenance: "v1", MaterialsOn: map[string]registrytest.Material{
			amd: {URI: uri("base@1.0.1"), Digest: base}, arm: {URI: uri("base@1.0.0"), Digest: old},
		}}, "base:1.0.1", true, freshness.Stale, "on linux/arm64 its provenance names base:1.0.0"},
		{"only used to build, by its label", registrytest.Image{Labels: label(base)}, "base:1.0.1", true, freshness.Unknown, "no provenance says which images it was built from; its label org.opencontainers.image.base.digest names the base"},
		{"with the label of another base", registrytest.Image{On: "team/base:1.0.1", Labels: label(old)}, "base:1.0.1", false, freshness.Fresh, "names another image, which may be inherited"},
		{"with an annotation", registrytest.Image{On: "team/base:1.0.1", Annotations: label(base)}, "base:1.0.1", false, freshness.Fresh, "names the base, which alone"},
		{"by an annotation of its index", registrytest.Image{Attested: true, Annotations: label(base)}, "base:1.0.1", true, freshness.Unknown, "names the base, which alone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			name := "team/published"
			tag := "1.0." + strings.Repeat("1", i+1)
			s.Push(t, name, tag, tc.published)
			client := registry.New(registry.Options{Getenv: func(string) string { return "" }, CacheDir: t.TempDir()})
			for _, run := range []string{"asked", "asked again"} {
				got, err := freshness.Of(t.Context(), client, s.Reference(name+":"+tag), s.Reference("team/"+tc.on), !tc.build)
				if err != nil || got.State != tc.want || !strings.Contains(got.Reason, tc.reason) {
					t.Errorf("%s: it is %s: %s (%v)\nwant %s: %s", run, got.State, got.Reason, err, tc.want, tc.reason)
				}
			}
		})
	}
	client := registry.New(registry.Options{Getenv: func(string) string { return "" }})
	if got, err := freshness.Of(t.Context(), client, s.Reference("team/none:1"), s.Reference("team/base:1.0.1"), true); err == nil || got.State != freshness.Unknown {
		t.Errorf("what is not there is %s (%v)", got.State, err)
	}
}

// An image of two platforms of which one was not built again is stale.
func TestOnePlatformOfTwoIsStale(t *testing.T) {
	t.Parallel()
	s := registrytest.Start(t, registrytest.Memory, registrytest.None)
	two := []string{amd, arm}
	s.Push(t, "team/base", "1.0.1", registrytest.Image{Platforms: two})
	s.Push(t, "team/service", "1", registrytest.Image{On: "team/base:1.0.1", Platforms: two})
	s.Push(t, "team/base", "1.0.1", registrytest.Image{Platforms: two, PatchedOn: []string{arm}})
	client := registry.New(registry.Options{Getenv: func(string) string { return "" }})
	got, err := freshness.Of(t.Context(), client, s.Reference("team/service:1"), s.Reference("team/base:1.0.1"), true)
	if err != nil || got.State != freshness.Stale || !strings.HasPrefix(got.Reason, "on linux/arm64 its layers are not those of the base") {
		t.Errorf("it is %s: %s (%v)", got.State, got.Reason, err)
	}
}

// Of several images of one platform only the first is compared: whether the others are based on the base is not known, nor
// whether something is based on the others.
func TestSeveralImagesOfAPlatform(t *testing.T) {
	t.Parallel()
	s := registrytest.Start(t, registrytest.Memory, registrytest.None)
	const first, second = "windows/amd64:10.0.17763", "windows/amd64:10.0.20348"
	windows := []string{first, second}
	s.Push(t, "team/base", "1", registrytest.Image{Platforms: []string{first, second, amd}})
	s.Push(t, "team/both", "1", registrytest.Image{On: "team/base:1", Platforms: windows})
	s.Push(t, "team/second", "1", registrytest.Image{On: "team/base:1", Platforms: []string{second}})
	s.Push(t, "team/first", "1", registrytest.Image{On: "team/base:1", Platforms: []string{first}})
	s.Push(t, "team/old", "1", registrytest.Image{Platforms: windows})
	s.Push(t, "team/linux", "1", registrytest.Image{Content: "all in one"})
	s.Push(t, "team/built", "1", registrytest.Image{Platforms: windows, Attested: true, Provenance: "v1", Materials: []registrytest.Material{
		{URI: "pkg:docker/" + s.Host + "/team/base@1", Digest: s.Push(t, "team/base", "1", registrytest.Image{Platforms: []string{first, second, amd}, PatchedOn: []string{second}})},
	}})
	client := registry.New(registry.Options{Getenv: func(string) string { return "" }})
	for _, tc := range []struct {
		name   string
		built  bool
		want   freshness.State
		reason string
	}{
		{"both", false, freshness.Unknown, "its index has several images of the platform, and only the first was compared"},
		{"first", false, freshness.Fresh, "its lowest layers are those of the base"},
		{"second", false, freshness.Unknown, "the index of the base has several images of the platform"},
		{"old", false, freshness.Unknown, "the index of the base has several images of the platform"},
		{"linux", false, freshness.Stale, "its layers are not those of the base"},
		{"built", true, freshness.Unknown, "its index has several images of the platform"},
	} {
		got, err := freshness.Of(t.Context(), client, s.Reference("team/"+tc.name+":1"), s.Reference("team/base:1"), !tc.built)
		if err != nil || got.State != tc.want || !strings.HasPrefix(got.Reason, tc.reason) {
			t.Errorf("%s is %s: %s (%v)\nwant %s: %s", tc.name, got.State, got.Reason, err, tc.want, tc.reason)
		}
	}
}

// The layers of one version may be the lowest of another one, and what stands on that one is not fresh: where it is asked
// for, where the provenance names it, and on any platform.
func TestVersionBelowAnother(t *testing.T) {
	t.Parallel()
	s := registrytest.Start(t, registrytest.Memory, registrytest.None)
	two := []string{amd, arm}
	base := s.Push(t, "team/base", "1.0.1", registrytest.Image{Platforms: two})
	old := s.Push(t, "team/base", "1.0.0", registrytest.Image{On: "team/base:1.0.1", Platforms: two, Content: "what the patch takes away"})
	s.Push(t, "team/base", "1.0.2", registrytest.Image{Platforms: two, Content: "another one"})
	from := func(digest string) []registrytest.Material {
		return []registrytest.Material{{URI: "pkg:docker/" + s.Host + "/team/base@1.0.0", Digest: digest}}
	}
	gone := "sha256:" + strings.Repeat("0", 64)
	other, another := s.Reference("team/base:1.0.0"), s.Reference("team/base:1.0.2")
	for i, tc := range []struct {
		name      string
		published registrytest.Image
		others    []string
		want      freshness.State
		reason    string
	}{
		{"nobody knows of the other", registrytest.Image{On: "team/base:1.0.0"}, nil, freshness.Fresh, "its lowest layers"},
		{"the other is asked for", registrytest.Image{On: "team/base:1.0.0"}, []string{another, other}, freshness.Stale, "it stands on " + other + ", of which the base is the lowest layers"},
		{"it stands on the base", registrytest.Image{On: "team/base:1.0.1"}, []string{another, other}, freshness.Fresh, "its lowest layers"},
		{"its provenance names the other", registrytest.Image{On: "team/base:1.0.0", Attested: true, Provenance: "v1", Materials: from(old)}, nil, freshness.Stale, "it stands on " + s.Reference("team/base@"+old)},
		{"its provenance names what is gone", registrytest.Image{On: "team/base:1.0.1", Attested: true, Provenance: "v1", Materials: from(gone)}, nil, freshness.Fresh, "its provenance names another image, but the layers"},
		{"its provenance names the base", registrytest.Image{On: "team/base:1.0.1", Attested: true, Provenance: "v1", Materials: from(base)}, []string{other}, freshness.Fresh, "its lowest layers"},
		{"on two platforms", registrytest.Image{On: "team/base:1.0.0", Platforms: two}, []string{other}, freshness.Stale, "it stands on " + other},
	} {
		s.Push(t, "team/service", strings.Repeat("1", i+1), tc.published)
		client := registry.New(registry.Options{Getenv: func(string) string { return "" }})
		got, err := freshness.Of(t.Context(), client, s.Reference("team/service:"+strings.Repeat("1", i+1)), s.Reference("team/base:1.0.1"), true, tc.others...)
		if err != nil || got.State != tc.want || !strings.Contains(got.Reason, tc.reason) {
			t.Errorf("%s: it is %s: %s (%v)\nwant %s: %s", tc.name, got.State, got.Reason, err, tc.want, tc.reason)
		}
	}
}
