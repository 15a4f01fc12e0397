package monorepo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A lack is a build that is for platforms that the new version of its base has not.
type lack struct {
	path      string
	now       string // the reference that it has now
	platforms []string
}

// checkPlatforms makes sure that the new version of a base is there for the platforms of the
// builds that it is for. What the version that they are on lacks as well is no reason: such a
// build needs it for another platform. The error is an [*InputError] that names the first builds.
func (r *Repository) checkPlatforms(ctx context.Context, q *inquiry, bump bumper.Bump, level imageref.Step) error {
	answers := asked(bump)
	if len(answers) == 0 {
		return nil
	}
	a := q.answers[answers[len(answers)-1]]
	if a == nil || a.err != nil || len(a.image.Platforms) == 0 {
		return nil
	}
	lacks := r.lacks(bump, level, a.image.Platforms)
	var now []string
	for _, l := range lacks {
		now = append(now, l.now)
	}
	q.ask(ctx, now)
	var paths, platforms []string
	for _, l := range lacks {
		before := q.answers[l.now]
		for _, p := range l.platforms {
			if before.err == nil && !has(before.image.Platforms, p) {
				continue
			}
			if !slices.Contains(platforms, p) {
				platforms = append(platforms, p)
			}
			if !slices.Contains(paths, l.path) {
				paths = append(paths, l.path)
			}
		}
	}
	if len(platforms) == 0 {
		return nil
	}
	slices.Sort(platforms)
	return invalid(fmt.Errorf("--base: %s is not there for %s, for which it is needed by %s", bump, strings.Join(platforms, ", "), firstOf(paths)),
		fmt.Sprintf("it is there for %s; --unchecked goes on all the same", strings.Join(a.image.Platforms, ", ")))
}

// lacks returns the builds that a bump is for and whose platforms are not among those that
// there are, by path.
func (r *Repository) lacks(bump bumper.Bump, level imageref.Step, platforms []string) []lack {
	var all []lack
	lines := r.Graph().LinesOf(bump.Image, bump.Tag)
	isLeft := r.left()
	for _, node := range r.Graph().Builds() {
		if !node.File.IsDockerfile() || isLeft(node.File) {
			continue
		}
		var wanted []string
		for _, p := range platformsOf(node.File) {
			if !has(platforms, p) {
				wanted = append(wanted, p)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		for _, ref := range node.File.Refs {
			if ref.Repository() == bump.Image && concerned(bump, ref, level) && overlap(lines, r.Graph().ImagesOf(ref)) && !r.saysPlatform(ref) {
				all = append(all, lack{node.File.Path, ref.Image.String(), wanted})
			}
		}
	}
	return all
}

// left tells the Dockerfiles that are never edited: the configuration says so, or they are kept
// in a vendored tree.
func (r *Repository) left() func(file *scanner.File) bool {
	now, vendored := r.options.Now(), r.vendored()
	return func(file *scanner.File) bool {
		_, ignored := r.Config.Exempts(file.Path, now)
		_, origin := r.Config.Exempts(file.Origin.Path, now)
		_, kept := vendored(file.Path)
		return ignored || origin || kept
	}
}

func overlap(a, b []*graph.Node) bool {
	return slices.ContainsFunc(a, func(n *graph.Node) bool { return slices.Contains(b, n) })
}

// concerned reports whether a reference goes to the version of a bump.
func concerned(bump bumper.Bump, ref *scanner.Ref, level imageref.Step) bool {
	image := ref.Image
	switch {
	case image.IsZero() || ref.Exposure == scanner.Unreachable:
		return false
	case bump.From != "":
		return image.Tag == bump.From || image.Digest == bump.From
	case bump.Tag == "":
		return false // whether it goes there another answer decides
	}
	step := imageref.Relate(image.Tag, bump.Tag)
	return step == imageref.Same || step == imageref.Moving || step >= imageref.Patch && step <= max(level, imageref.Patch)
}

// saysPlatform reports whether the instruction of a reference says itself for which platform
// it needs the image: FROM --platform=$BUILDPLATFORM.
func (r *Repository) saysPlatform(ref *scanner.Ref) bool {
	src, err := r.files.Read(ref.Pos.Path)
	if err != nil {
		return false
	}
	lines := strings.SplitAfterN(string(src), "\n", ref.Pos.Line+1)
	if ref.Pos.Line > len(lines) {
		return false
	}
	line := lines[ref.Pos.Line-1]
	return strings.Contains(line[:min(len(line), ref.Pos.Col-1)], "--platform=")
}

// platformsOf returns the platforms that builds of a Dockerfile are for: linux/amd64 where
// nothing says another.
func platformsOf(file *scanner.File) []string {
	var all []string
	for _, build := range file.Builds {
		platforms := build.Platforms
		if len(platforms) == 0 {
			platforms = []string{"linux/amd64"}
		}
		for _, text := range platforms {
			if p, ok := scanner.NormalPlatform(text); ok && !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// has reports whether an image for one of the platforms runs on the wanted one: an older
// variant does as well. Where nothing is known of platforms it is taken to.
func has(platforms []string, wanted string) bool {
	if len(platforms) == 0 {
		return true
	}
	name, variant := variantOf(wanted)
	return slices.ContainsFunc(platforms, func(text string) bool {
		p, ok := scanner.NormalPlatform(text)
		other, older := variantOf(p)
		return ok && other == name && older <= variant
	})
}

// variantOf takes the variant off a platform.
func variantOf(platform string) (name, variant string) {
	parts := strings.SplitN(platform, "/", 3)
	if len(parts) < 3 {
		return platform, ""
	}
	return parts[0] + "/" + parts[1], parts[2]
}

// firstOf names the first three of paths and counts the rest.
func firstOf(paths []string) string {
	const shown = 3
	quoted := make([]string, min(shown, len(paths)))
	for i := range quoted {
		quoted[i] = source.Clean(paths[i])
	}
	text := strings.Join(quoted, ", ")
	if n := len(paths) - shown; n > 0 {
		text += fmt.Sprintf(" and %s more", source.Count(n, "build"))
	}
	return text
}
