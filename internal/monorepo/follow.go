package monorepo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// follow adds the builds that are based on those that are run again, and name a tag that these make now.
func (c *comparison) follow(builds map[*graph.Node]*Touched) error {
	g := c.Graph()
	var options bumper.Options
	failed := c.inform(&options, g)
	var queue []*graph.Node
	for _, node := range g.Builds() {
		if builds[node] != nil {
			queue = append(queue, node)
		}
	}
	for n := 0; n < len(queue); n++ {
		maker := queue[n]
		for _, image := range maker.Makes() {
			tags, isSure, err := c.tagsNow(image, options)
			if err != nil {
				return err
			}
			for _, use := range image.Uses() {
				if use.T == maker || !use.T.File.IsDockerfile() {
					continue
				}
				for _, ref := range use.Refs {
					if ref.Exposure == scanner.Unreachable || !namesNow(ref, tags, isSure) {
						continue
					}
					t := builds[use.T]
					if t == nil {
						t = &Touched{bases: map[*graph.Node][]*scanner.Ref{}}
						builds[use.T] = t
						queue = append(queue, use.T)
					}
					if t.bases[maker] == nil {
						because := Because{Why: WhyBase, Path: maker.Key, Pos: ref.Pos, Base: maker, Image: ref.Image.String()}
						if !isSure && ref.Link == "" {
							because.Detail = "which tag that makes now is not known"
						}
						t.Because = append(t.Because, because)
					}
					t.bases[maker] = append(t.bases[maker], ref)
					t.Exposure = max(t.Exposure, min(builds[maker].Exposure, ref.Exposure))
				}
			}
		}
	}
	return failed()
}

// tagsNow returns the tags that a build gives to an image as the files are now, with scanner.Unknown for
// what is not known of one. isSure is false where others may be given as well.
func (c *comparison) tagsNow(image *graph.Node, options bumper.Options) (tags []string, isSure bool, err error) {
	for _, claim := range image.Claims {
		tags = append(append(tags, claim.Tags...), claim.Partly...)
	}
	places, err := options.Releases(image)
	if err != nil {
		return nil, false, err
	}
	isSure = len(tags) > 0
	for _, place := range places {
		tags = append(tags, place.Tag.S)
		isSure = isSure || place.Trust <= bumper.Stated || place.Made
	}
	return tags, isSure, nil
}

// namesNow reports whether a reference names what a build makes now, as far as that is known.
func namesNow(ref *scanner.Ref, tags []string, isSure bool) bool {
	switch {
	case ref.Link != "":
		return true
	case ref.Image.Digest != "":
		return false // what was published stays what it is
	case ref.Image.IsZero() || !isSure:
		return true
	}
	tag := cmp.Or(ref.Image.Tag, "latest")
	return slices.ContainsFunc(tags, func(made string) bool { return fits(tag, made) })
}

// fits reports whether a tag may be what is known of one.
func fits(tag, known string) bool {
	parts := strings.Split(known, scanner.Unknown)
	if len(parts) == 1 {
		return tag == known
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(tag) < len(first)+len(last) || !strings.HasPrefix(tag, first) || !strings.HasSuffix(tag, last) {
		return false
	}
	rest := tag[len(first) : len(tag)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, behind, ok := strings.Cut(rest, part)
		if !ok {
			return false
		}
		rest = behind
	}
	return true
}
