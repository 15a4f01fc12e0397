package monorepo

import (
	"slices"
	"testing"

	"github.com/matihlabs/propagate/internal/config"
)

// A policy that says nothing leaves the list of the whole configuration; one with an empty list has none.
func TestListsOfPolicies(t *testing.T) {
	for _, test := range []struct {
		name  string
		lists [][]string
		want  []string
	}{
		{"no policy", nil, []string{"otherwise"}},
		{"nothing said", [][]string{nil, nil}, []string{"otherwise"}},
		{"none", [][]string{nil, {}}, []string{}},
		{"each once, in their order", [][]string{{"b", "a"}, nil, {"c", "b"}}, []string{"b", "a", "c"}},
		{"none and some", [][]string{{}, {"a"}}, []string{"a"}},
	} {
		var policies []config.Policy
		for _, list := range test.lists {
			policies = append(policies, config.Policy{Labels: list})
		}
		got := ofPolicies(policies, func(p config.Policy) []string { return p.Labels }, []string{"otherwise"})
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
