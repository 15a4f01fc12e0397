package estate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// addImage adds an image with the versions that references are on; one that no reference that counts is to is left out.
func (c *collector) addImage(image *graph.Node) {
	i := Image{Image: image.Key, Line: image.Line, Title: titleOf(image), Curated: c.isCurated(image), Frontend: true, Versions: []Version{}}
	at := map[string]int{}
	on := map[string]map[*graph.Node]bool{} // the builds of a version
	all, behind := map[*graph.Node]bool{}, map[*graph.Node]bool{}
	for _, edge := range image.Uses() {
		_, isBuild := c.services[edge.T]
		if !isBuild && edge.T.File.IsDockerfile() {
			continue // it is vendored
		}
		for _, ref := range edge.Refs {
			i.Frontend = i.Frontend && ref.Kind == scanner.Syntax
			version := versionOf(ref)
			k, known := at[version]
			if !known {
				k = len(i.Versions)
				at[version] = k
				i.Versions = append(i.Versions, c.version(image, ref, version))
				on[version] = map[*graph.Node]bool{}
			}
			v := &i.Versions[k]
			v.Moving = v.Moving || isMoving(ref)
			v.Places = append(v.Places, place(edge.T, ref))
			if !isBuild || ref.Exposure == scanner.Unreachable {
				continue
			}
			on[version][edge.T], all[edge.T] = true, true
			if v.State == Behind {
				behind[edge.T] = true
			}
			if counts(ref) {
				c.note(edge.T, v.State, v.step)
			}
		}
	}
	if len(i.Versions) == 0 {
		return
	}
	for k := range i.Versions {
		v := &i.Versions[k]
		v.Builds, v.Services = c.count(on[v.Version])
		slices.SortStableFunc(v.Places, func(a, b Place) int {
			return cmp.Or(a.at().Compare(b.at()), cmp.Compare(a.Dockerfile, b.Dockerfile), cmp.Compare(a.Target, b.Target))
		})
		v.Places = slices.Compact(v.Places)
	}
	slices.SortStableFunc(i.Versions, compareVersions)
	i.Builds, i.Services = c.count(all)
	i.Behind = len(behind)
	if maker := image.Maker(); maker != nil {
		i.MadeBy = &Maker{Path: maker.Key, Target: maker.File.Target}
		i.Derived = isBased(maker)
		if claim, ok := image.Claim(); ok {
			i.MadeBy.Rule = claim.Rule.String()
			if !claim.Rule.IsGuess() {
				i.MadeBy.Where = optional(claim.Where)
			}
		}
	}
	c.e.Images = append(c.e.Images, i)
	if !i.Frontend {
		c.e.Totals.Images++
	}
	if i.Curated {
		c.e.Totals.Curated++
	}
}

// count counts builds, and the services among them.
func (c *collector) count(builds map[*graph.Node]bool) (all, services int) {
	for build := range builds {
		if c.services[build] {
			services++
		}
	}
	return len(builds), services
}

// titleOf is what people call an image.
func titleOf(image *graph.Node) string {
	if image.Nameless {
		return image.Label
	}
	return imageref.Familiar(image.Key) + strings.TrimPrefix(image.Label, image.Key)
}

// versionOf is the version that a reference is on; "" where it is not known.
func versionOf(ref *scanner.Ref) string {
	if isUnresolved(ref) || ref.Image.IsZero() {
		return ""
	}
	return cmp.Or(ref.Image.Version(), "latest")
}

// version compares the version of a reference with the newest in use.
func (c *collector) version(image *graph.Node, ref *scanner.Ref, version string) Version {
	v := Version{Version: version, State: Newest, Places: []Place{}}
	tag, hasNumber := imageref.ParseTag(ref.Image.Tag)
	switch {
	case isUnresolved(ref):
		v.State, v.Reason = Unknown, optional("its version is not known")
	case ref.Link != "":
		// The image of another build of the same build file: there is no other version of it.
	case ref.Image.Tag == "" && ref.Image.Digest != "":
		v.State, v.Reason = Unknown, optional("a digest alone says no version")
	default:
		if newer := c.newest.Than(image, ref); newer != "" {
			distance, step := imageref.Distance(ref.Image.Tag, newer)
			v.State, v.Newest, v.Step, v.Distance, v.step = Behind, &newer, optional(step.String()), distance, step
		} else if !hasNumber || tag.Text == "" {
			v.State, v.Reason = Unknown, optional("the tag says no version")
		}
	}
	return v
}

// compareVersions puts what can be compared first, of each scheme the newest first.
func compareVersions(a, b Version) int {
	x, xOK := imageref.ParseTag(tagOf(a.Version))
	y, yOK := imageref.ParseTag(tagOf(b.Version))
	switch {
	case xOK && yOK && x.SameScheme(y):
		return cmp.Or(y.Compare(x), cmp.Compare(a.Version, b.Version))
	case xOK && yOK:
		return cmp.Or(compareSchemes(x, y), cmp.Compare(a.Version, b.Version))
	}
	return cmp.Or(cmp.Compare(rank(xOK), rank(yOK)), cmp.Compare(b.Version, a.Version))
}

// compareSchemes orders tags of two schemes by a text that all tags of one scheme share.
func compareSchemes(x, y imageref.Tag) int {
	return cmp.Compare(imageref.Family(x.Text, imageref.Major), imageref.Family(y.Text, imageref.Major))
}

// tagOf is the tag of a version, "" for a digest alone.
func tagOf(version string) string {
	tag, _, _ := strings.Cut(version, "@")
	if strings.HasPrefix(tag, "sha256:") {
		return ""
	}
	return tag
}

// place is where a reference of a build is written.
func place(build *graph.Node, ref *scanner.Ref) Place {
	return Place{
		Path: ref.Pos.Path, Line: ref.Pos.Line, Column: ref.Pos.Col, Dockerfile: build.File.Path, Target: build.File.Target,
		Kind: ref.Kind.String(), Exposure: ref.Exposure.String(),
	}
}
