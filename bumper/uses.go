package bumper

import (
	"cmp"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A use is the newest tag of one scheme that is referred to.
type use struct {
	tag   imageref.Tag
	all   []imageref.Tag // of the scheme
	ref   *scanner.Ref
	count int // of the references in the scheme
}

// has reports whether a reference names the very tag.
func (u *use) has(tag imageref.Tag) bool {
	return slices.ContainsFunc(u.all, func(t imageref.Tag) bool { return t.Text == tag.Text })
}

// used returns the newest releases of image that are referred to, the scheme that
// most references use first.
func used(image *graph.Node) []use {
	byTag := map[string]*use{}
	for _, ref := range references(image) {
		if known := byTag[ref.Image.Tag]; known != nil {
			known.count++
			continue
		}
		if tag, ok := imageref.ParseTag(ref.Image.Tag); ok && tag.Pre == "" {
			byTag[ref.Image.Tag] = &use{tag, []imageref.Tag{tag}, ref, 1}
		}
	}
	var schemes []use
	for _, text := range slices.Sorted(maps.Keys(byTag)) {
		u := *byTag[text]
		i := slices.IndexFunc(schemes, func(s use) bool { return s.tag.SameFlavour(u.tag) })
		if i < 0 {
			schemes = append(schemes, u)
			continue
		}
		u.count += schemes[i].count
		u.all = append(u.all, schemes[i].all...)
		if u.tag.Compare(schemes[i].tag) <= 0 {
			u.tag, u.ref = schemes[i].tag, schemes[i].ref
		}
		schemes[i] = u
	}
	slices.SortStableFunc(schemes, func(a, b use) int { return cmp.Compare(b.count, a.count) })
	return schemes
}

// references returns the references to an image, by build.
func references(image *graph.Node) []*scanner.Ref {
	var refs []*scanner.Ref
	for _, use := range image.Uses() {
		refs = append(refs, use.Refs...)
	}
	return refs
}
