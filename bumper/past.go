package bumper

import (
	"context"
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// whenPatched returns the version, in the scheme of now, that an image got when the
// item that makes it got the patch: the one after the newest that was in use just
// before. It is "" where the history does not tell.
func (p *planner) whenPatched(ctx context.Context, item *Item, image string, now imageref.Tag) string {
	if p.Past == nil {
		return ""
	}
	bases := p.stands(item.File)
	read, ok := p.Past(ctx, item.File.Path, func(content []byte) bool {
		return !slices.Equal(p.stands(scanner.ScanBuilds(item.File.Path, content, item.File.Builds)), bases)
	})
	if !ok {
		return ""
	}
	var newest imageref.Tag
	for _, path := range p.consumers(image) {
		content, err := read(path)
		if err != nil {
			continue // it was not there yet
		}
		for _, ref := range scanner.ScanBuilds(path, content, nil).Refs {
			tag, ok := imageref.ParseTag(ref.Image.Tag)
			if ok && tag.Pre == "" && ref.Repository() == image && tag.SameScheme(now) && (newest.Text == "" || tag.Compare(newest) > 0) {
				newest = tag
			}
		}
	}
	next, _ := newest.Next()
	return next
}

// stands returns which of the images that the plan is about a Dockerfile is built on,
// sorted.
func (p *planner) stands(file *scanner.File) []string {
	var on []string
	for _, ref := range file.Refs {
		if ref.Exposure > scanner.Unreachable && p.targets[ref.Repository()] != nil {
			on = append(on, ref.Image.String())
		}
	}
	slices.Sort(on)
	return slices.Compact(on)
}

// consumers returns the paths of the Dockerfiles that name an image, sorted.
func (p *planner) consumers(image string) []string {
	var paths []string
	for _, ref := range p.Graph.References(image) {
		paths = append(paths, ref.Pos.Path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
