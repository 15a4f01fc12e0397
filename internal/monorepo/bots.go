package monorepo

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/bots"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Curated returns the bases that propagate is there for, by image: those that a build of
// the repository makes and others are based on, and those of the configuration.
func (r *Repository) Curated() []bots.Base {
	configured := map[string]bool{}
	for _, claim := range r.Config.Claims(r.AllDockerfiles()) {
		configured[claim.Image] = true
	}
	var bases []bots.Base
	users := map[string][]string{}
	for _, image := range r.Graph().Images() {
		made := slices.ContainsFunc(image.Claims, func(c graph.Claim) bool { return c.Image != "" }) || image.Maker() != nil
		if image.Nameless || image.Key == "" || !made && !configured[image.Key] {
			continue
		}
		for _, edge := range image.Uses() {
			users[image.Key] = append(users[image.Key], edge.T.File.Path)
		}
		if len(image.Uses()) > 0 || configured[image.Key] {
			if len(bases) == 0 || bases[len(bases)-1].Image != image.Key { // lines of one image are beside each other
				bases = append(bases, bots.Base{Image: image.Key})
			}
		}
	}
	for i := range bases {
		files := slices.Clone(users[bases[i].Image])
		slices.Sort(files)
		bases[i].Files = slices.Compact(files)
	}
	return bases
}

// A Difference is something that the configuration of another bot leaves alone, and that
// propagate does not.
type Difference struct {
	Where source.Pos
	Text  string
	Hint  string
}

// Differences reads the configuration of a bot, and returns where it leaves alone what
// propagate edits, by place. Files that are not there, or cannot be read, say nothing; the
// latter are a note.
func (r *Repository) Differences(bot string) []Difference {
	curated := r.Curated()
	isCurated := func(image string) bool {
		return slices.ContainsFunc(curated, func(b bots.Base) bool { return b.Image == image })
	}
	var all []Difference
	for _, exclusion := range r.exclusions(bot) {
		var files, images []string
		for _, file := range r.Files {
			if _, exempt := r.Config.Exempts(file.Path, r.options.Now()); exempt {
				continue
			}
			for _, ref := range file.Refs {
				image := ref.Repository()
				if image == "" || !exclusion.Leaves(file.Path, image) || exclusion.OfImages() && isCurated(image) {
					continue
				}
				files, images = append(files, file.Path), append(images, image)
			}
		}
		if d, ok := differ(exclusion, files, images); ok {
			all = append(all, d)
		}
	}
	return all
}

// exclusions are what the configuration of a bot leaves alone, in the first of its files
// that is there, as the bot has it.
func (r *Repository) exclusions(bot string) []bots.Exclusion {
	for _, name := range bots.Files()[bot] {
		data, err := r.files.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var found []bots.Exclusion
		if err == nil {
			found, err = bots.Read(bot, name, data)
		}
		if err != nil {
			r.options.note("%s", err)
		}
		return found
	}
	return nil
}

// differ says what an exclusion leaves alone of these files or images, which may be
// several times the same; ok is false for none.
func differ(e bots.Exclusion, files, images []string) (d Difference, ok bool) {
	what, kind := files, "Dockerfile"
	d.Hint = "to leave them alone here, too, name them under \"ignore:\" in the configuration"
	if e.OfImages() {
		what, kind = images, "image"
		d.Hint = "propagate moves an image only where it is told to with --base"
	}
	slices.Sort(what)
	what = slices.Compact(what)
	if len(what) == 0 {
		return d, false
	}
	d.Where = e.Pos
	d.Text = fmt.Sprintf("%s is told by %s: %s to leave alone what propagate edits: %s", e.Bot, e.Key, e.Text, what[0])
	if len(what) > 1 {
		d.Text = fmt.Sprintf("%s is told by %s: %s to leave alone what propagate edits: %s, %s among them", e.Bot, e.Key, e.Text, source.Count(len(what), kind), what[0])
	}
	return d, true
}

// noteBots says where another bot is told to leave alone a file that the changes edit.
func (r *Repository) noteBots(changes []publish.Change) {
	edited := map[string]bool{}
	for _, change := range changes {
		for _, file := range change.Files {
			edited[file.Path] = true
		}
	}
	for _, bot := range []string{bots.Renovate, bots.Dependabot} {
		for _, exclusion := range r.exclusions(bot) {
			if exclusion.OfImages() {
				continue
			}
			var files []string
			for _, file := range r.Files {
				if edited[file.Path] && slices.ContainsFunc(file.Refs, func(ref *scanner.Ref) bool { return exclusion.Leaves(file.Path, ref.Repository()) }) {
					files = append(files, file.Path)
				}
			}
			if d, ok := differ(exclusion, files, nil); ok {
				r.options.notes([]*source.Error{{Pos: d.Where, Err: errors.New(d.Text), Hint: d.Hint}})
			}
		}
	}
}
