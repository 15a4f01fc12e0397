package snapshot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A way is how a Dockerfile is built: as a build file says, or as the configuration does.
type way struct {
	config scanner.BuildConfig
	build  *buildfile.Build // nil for what the configuration says
}

// FilesOf returns the Dockerfile at a path as each of its builds reads it; none if there is
// no Dockerfile.
func (s *Snapshot) FilesOf(path string) []*scanner.File {
	files := s.Files[:len(s.Files)-len(s.Texts)]
	first, _ := slices.BinarySearchFunc(files, path, func(f *scanner.File, path string) int { return cmp.Compare(f.Path, path) })
	last := first
	for last < len(files) && files[last].Path == path {
		last++
	}
	return files[first:last]
}

// BuildsOf returns what the Ways of the Files of a Dockerfile are indexes of: the builds
// that the build files have of it, in the order of Builds. An entry is nil that the
// configuration alone makes: arguments in files that it names for a Dockerfile of which no
// build file builds the last stage, which come last, or the target of a Dockerfile that no
// build file speaks of.
func (s *Snapshot) BuildsOf(path string) []*buildfile.Build {
	var builds []*buildfile.Build
	for _, w := range s.ways[path] {
		builds = append(builds, w.build)
	}
	if len(builds) == 0 && s.Config.Target(path) != "" {
		return []*buildfile.Build{nil}
	}
	return builds
}

// decode makes the Dockerfiles of what is known of them, each as it is built.
func (r *reader) decode(ctx context.Context) error {
	origins := map[string]*trace.Origin{} // of what builds pass, by path
	for _, ways := range r.ways {
		for _, w := range ways {
			w.config.Origins(origins)
		}
	}
	files := make([][]*scanner.File, len(r.scans))
	if err := inParallel(ctx, len(r.scans), func(i int) {
		files[i] = r.decoded(r.scans[i], origins)
	}); err != nil {
		return err
	}
	r.Files = make([]*scanner.File, 0, len(r.scans)+len(r.Texts))
	for _, of := range files {
		r.Files = append(r.Files, of...)
	}
	r.Files = append(r.Files, r.Texts...)
	return nil
}

// decoded returns what a scan found.
func (r *reader) decoded(s *scan, origins map[string]*trace.Origin) []*scanner.File {
	if s.files != nil {
		return s.files
	}
	files, err := scanner.Decode(s.record, s.path, s.origin(), s.builds, func(path string) *trace.Origin { return origins[path] })
	if err == nil {
		return files
	}
	// The record is of another program that calls itself the same.
	src, err := r.source.read(s.entry, maxDockerfile)
	r.fill(s, src, err)
	return s.files
}

// setBuilds sets how each Dockerfile is built: without a build file that builds it, with the
// target that the configuration gives it.
func (r *reader) setBuilds() error {
	if err := r.findWays(); err != nil {
		return err
	}
	for _, s := range r.scans {
		ways := r.ways[s.path]
		s.built = len(ways) > 0
		for _, w := range ways {
			s.builds = append(s.builds, w.config)
		}
		if target := r.Config.Target(s.path); target != "" && !s.built {
			s.builds = []scanner.BuildConfig{{Target: target, Fixed: true}}
		}
	}
	return nil
}

// findWays finds out how each Dockerfile is built: as the build files say, with the
// arguments in the files that the configuration names beneath their own. The target that
// the configuration gives overrules theirs.
func (r *reader) findWays() error {
	r.ways = map[string][]way{}
	for i := range r.Builds.Builds {
		build := &r.Builds.Builds[i]
		r.ways[build.Dockerfile] = append(r.ways[build.Dockerfile], way{build.BuildConfig, build})
	}
	given, err := r.arguments()
	if err != nil {
		return err
	}
	for dockerfile, g := range given {
		r.ways[dockerfile] = g.over(r.ways[dockerfile])
	}
	for _, p := range r.AllDockerfiles() {
		r.fixTargets(p, r.Config.Targets(p))
	}
	return nil
}

// fixTargets gives the builds of a Dockerfile the target that the configuration gives it. Of
// several, each is built, besides what the build files say.
func (r *reader) fixTargets(p string, targets []string) {
	ways := r.ways[p]
	if len(targets) > 1 {
		for _, target := range targets {
			if !slices.ContainsFunc(ways, func(w way) bool { return strings.EqualFold(w.config.Target, target) }) {
				ways = append(ways, way{config: scanner.BuildConfig{Target: target}})
			}
		}
		r.ways[p] = ways
	}
	for i := range ways {
		config := &ways[i].config
		switch {
		case len(targets) == 1 && targets[0] != "":
			config.Target, config.Fixed = targets[0], true
		case len(targets) > 1:
			config.Fixed = true
		}
	}
}
