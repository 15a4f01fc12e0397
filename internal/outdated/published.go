package outdated

import (
	"slices"

	"github.com/matihlabs/propagate/internal/registry"
)

// A Freshness says whether what is published stands on what the tag of its base names now.
type Freshness uint8

// The states.
const (
	Untold Freshness = iota // nothing tells: no image is published, or one of the two does not say its layers
	Fresh                   // on every platform that both have
	Stale                   // not on all of them
)

// String returns "unknown", "fresh" or "stale".
func (s Freshness) String() string { return [...]string{"unknown", "fresh", "stale"}[s] }

// Stands reports whether a published image stands on its base: whether the layers of the base are
// the lowest of its own, on every platform that both have. A platform on which either has no layers
// tells nothing; with no other one in common, it is [Untold].
//
// It is for a base whose layers are shipped (scanner.Runtime). What is only used for a build
// leaves no layers.
func Stands(published, base registry.Image) (state Freshness) {
	of := byPlatform(base)
	for platform, layers := range byPlatform(published) {
		below := of[platform]
		switch {
		case len(below) == 0 || len(layers) == 0:
		case len(layers) < len(below) || !slices.Equal(layers[:len(below)], below):
			return Stale
		default:
			state = Fresh
		}
	}
	return state
}

// byPlatform returns the layers of an image by platforms whose default variant is left out: linux/arm64
// and linux/arm64/v8 are one.
func byPlatform(image registry.Image) map[string][]string {
	all := make(map[string][]string, len(image.Layers))
	for platform, layers := range image.Layers {
		if plain, ok := defaultVariants[platform]; ok {
			if _, named := image.Layers[plain]; named {
				continue
			}
			platform = plain
		}
		all[platform] = layers
	}
	return all
}

// defaultVariants are the platforms that name the variant which one without a variant stands for.
var defaultVariants = map[string]string{"linux/arm64/v8": "linux/arm64", "linux/arm/v7": "linux/arm", "linux/amd64/v1": "linux/amd64"}
