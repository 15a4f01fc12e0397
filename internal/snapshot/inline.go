package snapshot

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/internal/trace"
)

// addInline adds the Dockerfiles that are written inside the files of builds. Nothing is kept of
// them between runs but their text, as a part of what the build files say.
func (r *reader) addInline() error {
	added := map[string]bool{}
	for i := range r.Builds.Builds {
		b := &r.Builds.Builds[i]
		if b.Inline.S == "" || added[b.Dockerfile] || r.excludesInline(b.Dockerfile, b.Inline) {
			continue
		}
		added[b.Dockerfile] = true
		r.scans = append(r.scans, &scan{entry: entry{path: b.Dockerfile}, inline: b.Inline})
	}
	slices.SortStableFunc(r.scans, func(a, b *scan) int { return cmp.Compare(a.path, b.path) })
	return nil
}

// excludesInline reports whether the configuration leaves out a Dockerfile inside another file, or
// that file.
func (r *reader) excludesInline(name string, text trace.Text) bool {
	return r.Config.Excludes(name) || r.Config.Excludes(text.Pos().Path)
}
