package forgetest

import (
	"errors"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
)

// refusals are what GitHub does not let through.
func (s *suite) refusals(t *testing.T) {
	open, _ := s.change("refusals/open")
	p, err := s.client.OpenPull(t.Context(), open)
	if err != nil {
		t.Fatal(err)
	}
	unchanged, _ := s.change("refusals/unchanged")
	for _, test := range []struct {
		name string
		edit func(*forge.PullSpec)
		want error
	}{
		{"a second one for the branch", func(spec *forge.PullSpec) { *spec = open }, forge.ErrExists},
		{"a head that does not exist", func(spec *forge.PullSpec) { spec.Branch += "-none" }, forge.ErrInvalid},
		{"a base that does not exist", func(spec *forge.PullSpec) { spec.Base += "-none" }, forge.ErrInvalid},
		{"head and base the same", func(spec *forge.PullSpec) { spec.Base = spec.Branch }, forge.ErrInvalid},
		{"nothing to merge", func(spec *forge.PullSpec) { spec.Branch, spec.Base = s.base, spec.Branch }, forge.ErrInvalid},
		{"no title", func(spec *forge.PullSpec) { spec.Title = "" }, forge.ErrInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := unchanged
			test.edit(&spec)
			if p, err := s.client.OpenPull(t.Context(), spec); !errors.Is(err, test.want) {
				t.Errorf("OpenPull(%+v) = %+v, %v; want the error %q", spec, p, err, test.want)
			}
		})
	}
	s.expect(t, open.Branch, p)
	s.expect(t, unchanged.Branch)
	empty := ""
	if _, err := s.client.EditPull(t.Context(), p.Number, forge.PullEdit{Title: &empty}); !errors.Is(err, forge.ErrInvalid) {
		t.Errorf("EditPull without a title: %v; want ErrInvalid", err)
	}
}

func (s *suite) wrongToken(t *testing.T) {
	for name, token := range map[string]string{"unknown": "ghp_0000000000000000000000000000000000000", "none": ""} {
		a := s.Access
		a.Token = token
		client, err := s.Client(a)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.OpenPull(t.Context(), forge.PullSpec{Branch: s.base, Base: s.DefaultBranch, Title: "No"})
		// GitHub hides a private repository from those who show no token.
		if !errors.Is(err, forge.ErrUnauthorized) && (token != "" || !errors.Is(err, forge.ErrNotFound)) {
			t.Errorf("OpenPull with a token that is %s: %v; want ErrUnauthorized", name, err)
		}
	}
}

func (s *suite) headFollows(t *testing.T) {
	spec, _ := s.change("follows")
	want, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Commit(spec.Branch, "", "Second commit", map[string]string{"second": "2\n"})
	want.Head = c.ID
	s.expect(t, spec.Branch, want)
}
