package snapshot

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// AllDockerfiles returns the paths of the Dockerfiles, and what those are known by that are texts
// inside other files, sorted.
func (s *Snapshot) AllDockerfiles() []string {
	if len(s.Inline) == 0 {
		return s.Dockerfiles
	}
	all := slices.Concat(s.Dockerfiles, s.Inline)
	slices.Sort(all)
	return all
}

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
		r.Inline = append(r.Inline, b.Dockerfile)
		r.scans = append(r.scans, &scan{entry: entry{path: b.Dockerfile}, inline: b.Inline})
	}
	slices.Sort(r.Inline)
	slices.SortStableFunc(r.scans, func(a, b *scan) int { return cmp.Compare(a.path, b.path) })
	return nil
}

// excludesInline reports whether the configuration leaves out a Dockerfile inside another file, or
// that file.
func (r *reader) excludesInline(name string, text trace.Text) bool {
	return r.Config.Excludes(name) || r.Config.Excludes(text.Pos().Path)
}

// noteInline adds to files what the configuration may speak of: a Dockerfile inside another file by
// its name or by that of the file.
func (r *reader) noteInline(files *config.Files) {
	for i := range r.Builds.Builds {
		b := &r.Builds.Builds[i]
		if b.Inline.S == "" {
			continue
		}
		files.All = append(files.All, b.Dockerfile)
		if file, _, ok := scanner.SplitInline(b.Dockerfile); ok {
			files.Holders = append(files.Holders, file)
		}
	}
	files.Dockerfiles = r.AllDockerfiles()
}
