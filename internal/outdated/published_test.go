package outdated_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/registry"
)

// A published image stands on its base if the layers of the base are its lowest ones. Without layers,
// nothing is known.
func TestStands(t *testing.T) {
	t.Parallel()
	type layers = map[string][]string
	const amd, arm = "linux/amd64", "linux/arm64"
	for _, tc := range []struct {
		name            string
		published, base layers
		want            outdated.Freshness
	}{
		{"its layers above those of the base", layers{amd: {"a", "b", "c"}}, layers{amd: {"a", "b"}}, outdated.Fresh},
		{"nothing above those of the base", layers{amd: {"a", "b"}}, layers{amd: {"a", "b"}}, outdated.Fresh},
		{"the base has another top layer", layers{amd: {"a", "b", "c"}}, layers{amd: {"a", "d"}}, outdated.Stale},
		{"the base has another lowest layer", layers{amd: {"a", "b", "c"}}, layers{amd: {"d", "b"}}, outdated.Stale},
		{"the base has got a layer more", layers{amd: {"a", "b"}}, layers{amd: {"a", "b", "c"}}, outdated.Stale},
		{"the layers of the base in between", layers{amd: {"x", "a", "b"}}, layers{amd: {"a", "b"}}, outdated.Stale},
		{"squashed to one layer", layers{amd: {"s"}}, layers{amd: {"a", "b"}}, outdated.Stale},
		{"both platforms", layers{amd: {"a", "c"}, arm: {"b", "d"}}, layers{amd: {"a"}, arm: {"b"}}, outdated.Fresh},
		{"one platform of two", layers{amd: {"a", "c"}, arm: {"b", "d"}}, layers{amd: {"a"}, arm: {"x"}}, outdated.Stale},
		{"a platform that the base has alone", layers{amd: {"a", "c"}}, layers{amd: {"a"}, arm: {"x"}}, outdated.Fresh},
		{"a platform that the base has no more", layers{amd: {"a", "c"}, arm: {"b"}}, layers{amd: {"a"}}, outdated.Fresh},
		{"no platform in common", layers{arm: {"a", "c"}}, layers{amd: {"a"}}, outdated.Untold},
		{"no layers of the published image", nil, layers{amd: {"a"}}, outdated.Untold},
		{"no layers of the base", layers{amd: {"a"}}, nil, outdated.Untold},
		{"a platform without layers", layers{amd: {"a"}}, layers{amd: nil}, outdated.Untold},
		{"a published platform without layers", layers{amd: nil}, layers{amd: {"a"}}, outdated.Untold},
		{"nothing at all", nil, nil, outdated.Untold},
		{"a platform without layers beside one with", layers{amd: {"a"}, arm: {"b"}}, layers{amd: {"a"}, arm: nil}, outdated.Fresh},
		{"the default variant is named by one of them", layers{"linux/arm64": {"a", "c"}}, layers{"linux/arm64/v8": {"b"}}, outdated.Stale},
		{"the default variant is named by the other", layers{"linux/arm/v7": {"a", "c"}}, layers{"linux/arm": {"a"}}, outdated.Fresh},
		{"another variant is another platform", layers{"linux/arm/v6": {"a", "c"}}, layers{"linux/arm": {"b"}}, outdated.Untold},
		{"a variant beside its default", layers{"linux/amd64/v1": {"x"}, amd: {"a", "c"}}, layers{amd: {"a"}}, outdated.Fresh},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := outdated.Stands(registry.Image{Layers: tc.published}, registry.Image{Layers: tc.base}); got != tc.want {
				t.Errorf("it is %s, want %s", got, tc.want)
			}
		})
	}
}
