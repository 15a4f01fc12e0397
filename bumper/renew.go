package bumper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A base is renewed if the tag that it is based on names another image than before: nothing of its
// Dockerfile is edited, and it gets its next version where the repository keeps it. That happens once. A
// version that is written and not yet published is the one to come.

// movedBases returns the bumps of tags that name another image than before, under which the layers of an item
// have to be replaced and nothing of it has to be edited.
func movedBases(verdicts []verdict) (all []Bump) {
	if moves(verdicts) {
		return nil
	}
	for _, v := range verdicts {
		isMoved := v.action == ActionRebuild && v.target.maker == nil && v.bump.Digest != ""
		if isMoved && v.ref.Exposure == scanner.Runtime && !slices.Contains(all, v.bump) {
			all = append(all, v.bump)
		}
	}
	return all
}

// renews returns the moved bases for which an item is to get a new version; none where it gets none. Where
// nobody has asked for new versions, it notes where they would be written.
func (p *planner) renews(item *Item, verdicts []verdict) []Bump {
	moved := movedBases(verdicts)
	if len(moved) == 0 || lacking(verdicts) || !p.versioned {
		return nil
	}
	if p.Renew != nil {
		if p.Renew(item.Node.Whole()) {
			return moved
		}
		return nil
	}
	for _, image := range item.Makes {
		versions, err := p.versions(image)
		if err != nil || !image.IsConsumed() || !isCountable(versions) {
			continue
		}
		for _, v := range versions {
			for _, place := range v.places {
				item.uncounted = append(item.uncounted, filesOf(place.Tag)...)
			}
		}
	}
	return nil
}

// filesOf returns the files in which a text is written.
func filesOf(text trace.Text) (paths []string) {
	for _, piece := range text.Pieces() {
		if piece.File != nil {
			paths = append(paths, piece.File.Path)
		}
	}
	return paths
}

// isCountable reports whether a version is written somewhere and has a next one.
func isCountable(versions []version) bool {
	return slices.ContainsFunc(versions, func(v version) bool { return len(v.places) > 0 && (v.next() != "" || v.hasScheme()) })
}

// renew turns the next versions of what an item makes into edits. A version that is not published yet stays. The
// versions that are left in the map are those that count.
func (p *planner) renew(ctx context.Context, item *Item, verdicts []verdict, versions map[*graph.Node][]version) {
	for image, all := range versions {
		if !isCountable(all) {
			delete(versions, image)
			continue
		}
		for i := range all {
			v := &all[i]
			now := Bump{Image: image.Key, Tag: v.now.Text}
			v.stays = len(v.places) > 0 && v.next() != "" && (slices.Contains(p.Assumed, now) || !p.published(ctx, now))
			if p.asked[now.String()].err != nil {
				p.held[image] = fmt.Sprintf("of which it is not known whether %s is published", v.now.Text)
			}
		}
		if p.held[image] != "" {
			delete(versions, image)
		}
	}
	edits, err := withReleases(nil, versions)
	if err == nil {
		edits, err = p.withTwins(edits)
	}
	if err != nil || len(edits) == 0 {
		item.renewed, item.Err = nil, err
		return
	}
	src, err := p.content(item.File.Origin.Path)
	if err != nil {
		item.Err = err
		return
	}
	conflict := releaseEffect(item.File, src, edits, 0, verdicts)
	if conflict == nil {
		conflict = p.elsewhere(item, edits, verdicts, versions)
	}
	if conflict != nil {
		item.Err = fmt.Errorf("%s:%d: %s cannot become %s: it also feeds %s, which does not move with it", conflict.edit.Path, conflict.edit.Line, conflict.edit.Old, conflict.edit.New, conflict.other)
		return
	}
	p.make(ctx, item, edits)
}

// isRenewal reports whether a change does nothing but give bases their next versions.
func (c Change) isRenewal() bool {
	return len(c.Items) > 0 && !slices.ContainsFunc(c.Items, func(item *Item) bool { return len(item.renewed) == 0 })
}

// Renews reports whether a change gives a base its next version since a tag that it is based on names another
// image than before.
func (c Change) Renews() bool {
	return slices.ContainsFunc(c.Items, func(item *Item) bool { return len(item.renewed) > 0 })
}

// renewalTitle says which bases get which versions, and why: "Rebuild base-java as 1.0.1 on the new
// eclipse-temurin:21-jre-alpine".
func (p *Plan) renewalTitle(c Change, in string) string {
	var made, on []string
	for _, item := range c.Items {
		for _, release := range item.Releases {
			if name := p.shortName(release.Image) + " as " + release.Tag; !slices.Contains(made, name) {
				made = append(made, name)
			}
		}
		for _, bump := range item.renewed {
			if name := p.shortName(bump.Image) + ":" + bump.Tag; !slices.Contains(on, name) {
				on = append(on, name)
			}
		}
	}
	title := fmt.Sprintf("Rebuild %s on the new %s", strings.Join(made, " and "), strings.Join(on, " and "))
	if len(title) > 120 {
		title = fmt.Sprintf("Rebuild %s on new images of the same tags", source.Count(len(made), "base"))
	}
	return titled(title, in)
}

// A Written is a version of an image that the repository says it has.
type Written struct {
	Tag   string
	Next  string // the one that comes after it; "" for a tag that moves
	Place trace.Text
}

// WrittenVersions returns what a repository says of the version of an image that builds are based on: one for each
// scheme, as far as it is written at a place. Of the options, the releases and the day count.
func WrittenVersions(image *graph.Node, o Options) []Written {
	if !image.IsConsumed() {
		return nil
	}
	p := &planner{Plan: &Plan{}, Options: o, found: map[*graph.Node]found{}}
	versions, err := p.versions(image)
	if err != nil {
		return nil
	}
	var all []Written
	for _, v := range versions {
		if len(v.places) == 0 {
			continue
		}
		p.schedule(&v, nil)
		all = append(all, Written{Tag: v.now.Text, Next: v.next(), Place: v.places[0].Tag})
	}
	return all
}

// Reference returns the reference of an image in a version that is written.
func (w Written) Reference(image *graph.Node) string {
	return imageref.Ref{Repository: image.Key, Tag: w.Tag}.String()
}
