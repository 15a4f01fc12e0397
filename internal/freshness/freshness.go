// Package freshness says whether a published image stands on a base: whether it was made with what a
// reference to the base names now. [Of] asks a registry, [Judge] decides about what is known.
//
// Layers decide where the base is shipped: those of the base have to be the lowest of the published image, on each
// platform that both have. BuildKit's provenance decides where the base is only used to build, and where an
// image has no layers to compare. The label or the annotation with the digest of the base confirms, and never
// decides, since labels are inherited. What none of these tells is [Unknown].
//
// # Limitations
//
// An image that was squashed, flattened or rebased has other layers than its base, and is [Stale]
// although it may have all that is patched. One that stands on a version of the base with further layers above these is
// told from the base only where [Of] knows of that version. Of an index with several images of one platform, such as Windows
// in two versions, the first is compared, and [Unknown] where the others could matter. Provenance is read as it is: no signature of it is checked.
package freshness

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry"
)

// A State says whether what is published stands on a base.
type State uint8

// The states.
const (
	Unknown State = iota // nothing tells
	Fresh                // on every platform that counts
	Stale                // not on all of them
)

// String returns "unknown", "fresh" or "stale".
func (s State) String() string { return [...]string{"unknown", "fresh", "stale"}[s] }

// A Verdict is a state with its reason, for a person: "its lowest layers are those of the base".
type Verdict struct {
	State  State
	Reason string
}

// An Image is a published image as a registry has it, with its layers for all platforms, and with what its
// provenance says that it was built from, by platform.
type Image struct {
	registry.Image
	Provenance map[string][]registry.Material
}

// A Base is what a reference to a base names now.
type Base struct {
	Repository string // canonical
	Tag        string // "" where it is named by its digest alone
	registry.Image
}

// Judge says whether a published image stands on a base. shipped says that the layers of the base are to be in
// the image (scanner.Runtime); a base that is only used to build leaves none.
func Judge(published Image, base Base, shipped bool) Verdict {
	names := slices.Sorted(maps.Keys(platformsOf(published.Image)))
	if shipped {
		of := platformsOf(base.Image)
		common := slices.DeleteFunc(slices.Clone(names), func(p string) bool { return !of[p] })
		if len(common) == 0 {
			return Verdict{Unknown, fmt.Sprintf("it has no platform in common with the base: it is for %s, the base for %s", listed(names), listed(slices.Sorted(maps.Keys(of))))}
		}
		names = common
	}
	if len(names) == 0 {
		return Verdict{Unknown, "the registry does not say for which platform it is"}
	}
	var all []Verdict
	for _, platform := range names {
		v := settled(judgeOne(published, base, platform, shipped), published, base, platform)
		if len(names) > 1 && platform != "" {
			v.Reason = "on " + platform + " " + v.Reason
		}
		all = append(all, v)
	}
	v := together(all)
	if v.State == Fresh && len(names) > 1 {
		v.Reason = strings.TrimPrefix(v.Reason, "on "+names[0]+" ") + ", on " + listed(names)
	}
	v.Reason += confirmed(published, base)
	return v
}

// together returns the verdict of several platforms: one that is stale makes all of them so, and one of
// which nothing is known leaves all unknown.
func together(all []Verdict) Verdict {
	for _, state := range []State{Stale, Unknown} {
		if i := slices.IndexFunc(all, func(v Verdict) bool { return v.State == state }); i >= 0 {
			return all[i]
		}
	}
	return all[0]
}

// judgeOne judges one platform.
func judgeOne(published Image, base Base, platform string, shipped bool) Verdict {
	built := byProvenance(on(published.Provenance, platform), base)
	if !shipped {
		return built
	}
	stands := byLayers(on(published.Layers, platform), on(base.Layers, platform))
	switch {
	case stands.State == Unknown && built.State != Unknown:
		return built
	case stands.State == Stale && built.State == Fresh:
		stands.Reason += "; its provenance names the base, but the layers are what is shipped"
	case stands.State == Fresh && built.State == Stale:
		stands.Reason += "; its provenance names another image, but the layers are what is shipped"
	}
	return stands
}

// settled takes back a verdict on a platform that was of one image of several: the others may stand on
// something else, or be what the published image stands on.
func settled(v Verdict, published Image, base Base, platform string) Verdict {
	switch {
	case v.State == Fresh && hasSeveral(published.Image, platform):
		return Verdict{Unknown, "its index has several images of the platform, and only the first was compared: " + v.Reason}
	case v.State == Stale && hasSeveral(base.Image, platform):
		return Verdict{Unknown, "the index of the base has several images of the platform, and only the first was compared: " + v.Reason}
	}
	return v
}

// hasSeveral reports whether an index has more images of a platform than the one that is known, also where one of
// them names the variant that is the default: a runtime takes the first of both.
func hasSeveral(image registry.Image, platform string) bool {
	names := slices.AppendSeq(slices.Clone(image.Platforms), maps.Keys(image.Layers))
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(p string) bool { return plain(p) != platform })
	return len(names) > 1 || slices.ContainsFunc(image.Several, func(p string) bool { return p == "" || plain(p) == platform })
}

// byLayers compares the uncompressed layers of one platform.
func byLayers(published, base []string) Verdict {
	switch {
	case len(base) == 0:
		return Verdict{Unknown, "it cannot be compared with the base, which has no layers"}
	case len(published) == 0:
		return Verdict{Unknown, "it has no layers to compare with those of the base"}
	case len(published) >= len(base) && slices.Equal(published[:len(base)], base):
		return Verdict{Fresh, "its lowest layers are those of the base"}
	case slices.Contains(published, base[len(base)-1]):
		return Verdict{Stale, "the layers of the base are in it, but not as its lowest: it may have been rebased"}
	case published[0] == base[0]:
		return Verdict{Stale, "its layers are not those of the base: it stands on another version"}
	}
	return Verdict{Stale, "its layers are not those of the base: it stands on another version, or it may have been squashed"}
}

// HasAbove reports whether an image has all layers of another one as its lowest, and more above them, as far as the
// layers that are known of both tell.
func HasAbove(image, lower registry.Image) bool {
	for platform := range platformsOf(lower) {
		layers := on(lower.Layers, platform)
		if above := on(image.Layers, platform); len(layers) > 0 && len(above) > len(layers) && byLayers(above, layers).State == Fresh {
			return true
		}
	}
	return false
}

// byProvenance looks for the base among the images that an image was built from. nil is for an image without a
// provenance.
func byProvenance(materials []registry.Material, base Base) Verdict {
	if materials == nil {
		return Verdict{Unknown, "no provenance says which images it was built from"}
	}
	found := false
	var other *registry.Material // of the base's repository
	for i, m := range materials {
		switch {
		case m.Digest == "":
		case m.Digest == base.Digest || slices.Contains(slices.Collect(maps.Values(base.Manifests)), m.Digest):
			found = true
		case m.Image == base.Repository && (other == nil || isBehind(m, base)):
			other = &materials[i]
		}
	}
	switch {
	case found && other != nil && isBehind(*other, base):
		return Verdict{Stale, fmt.Sprintf("its provenance names the base, and besides an older one, %s", nameOf(*other))}
	case found:
		return Verdict{Fresh, "its provenance names the digest of the base"}
	case other != nil:
		return Verdict{Stale, fmt.Sprintf("its provenance names %s, not the base", nameOf(*other))}
	}
	return Verdict{Unknown, "its provenance does not name the base"}
}

// isBehind reports whether a material is an older version on the line of the base.
func isBehind(m registry.Material, base Base) bool {
	step := imageref.Relate(m.Tag, base.Tag)
	return step == imageref.Patch || step == imageref.Same
}

func nameOf(m registry.Material) string {
	return imageref.Base(m.Image) + ":" + cmp.Or(m.Tag, "?") + " at " + fmt.Sprintf("%.19s", m.Digest)
}

// confirmed says what the label adds to a verdict.
func confirmed(published Image, base Base) string {
	switch {
	case published.Base == "":
		return ""
	case published.Base == base.Digest || slices.Contains(slices.Collect(maps.Values(base.Manifests)), published.Base):
		return "; its label org.opencontainers.image.base.digest names the base, which alone would tell nothing"
	}
	return "; its label org.opencontainers.image.base.digest names another image, which may be inherited"
}

// platformsOf returns the platforms of an image, without their default variants.
func platformsOf(image registry.Image) map[string]bool {
	all := map[string]bool{}
	for _, p := range image.Platforms {
		all[plain(p)] = true
	}
	for p := range image.Layers {
		all[plain(p)] = true
	}
	return all
}

// on returns what there is for a platform, by whichever of its names.
func on[T any](all map[string]T, platform string) T {
	if value, ok := all[platform]; ok {
		return value
	}
	for name, value := range all {
		if plain(name) == platform {
			return value
		}
	}
	var none T
	return none
}

// defaultVariants are the platforms that name the variant which one without a variant stands for.
var defaultVariants = map[string]string{"linux/arm64/v8": "linux/arm64", "linux/arm/v7": "linux/arm", "linux/amd64/v1": "linux/amd64"}

// plain returns a platform without its variant, where that is the default: linux/arm64 and linux/arm64/v8 are one.
func plain(platform string) string { return cmp.Or(defaultVariants[platform], platform) }

func listed(names []string) string {
	if len(names) == 0 || slices.Equal(names, []string{""}) {
		return "none that is said"
	}
	return strings.Join(names, ", ")
}
