package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
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
	for dockerfile, configs := range given {
		ways := r.ways[dockerfile]
		isDefault := false
		for i := range ways {
			config := &ways[i].config
			config.Args = slices.Concat(configs[0].Args, config.Args) // of two with one name the later counts
			isDefault = isDefault || config.Target == ""
		}
		if isDefault {
			configs = configs[1:]
		}
		for _, config := range configs {
			ways = append(ways, way{config: config})
		}
		r.ways[dockerfile] = ways
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

// arguments returns what the files that the configuration names hand to each Dockerfile:
// all in one build, unless several of them give an argument of one name.
func (r *reader) arguments() (map[string][]scanner.BuildConfig, error) {
	given := map[string][]scanner.BuildConfig{}
	for _, p := range r.Others {
		if !r.Config.HoldsArguments(p) {
			continue
		}
		src, err := r.files.Read(p)
		if err != nil {
			return nil, fmt.Errorf("reading build arguments: %w", err)
		}
		config := scanner.BuildConfig{Where: source.Pos{Path: p, Line: 1, Col: 1}, Args: buildfile.Arguments(trace.NewFile(p, src))}
		for _, dockerfile := range r.AllDockerfiles() {
			if r.Config.Gets(dockerfile, p) {
				given[dockerfile] = join(given[dockerfile], config)
			}
		}
	}
	return given, nil
}

// join adds the arguments of a file to those of the files before it.
func join(configs []scanner.BuildConfig, more scanner.BuildConfig) []scanner.BuildConfig {
	joined := false
	for i := range configs {
		isGiven := func(a scanner.Arg) bool {
			return slices.ContainsFunc(more.Args, func(b scanner.Arg) bool { return a.Name == b.Name })
		}
		if !slices.ContainsFunc(configs[i].Args, isGiven) {
			configs[i].Args = slices.Concat(configs[i].Args, more.Args)
			joined = true
		}
	}
	if !joined {
		if len(configs) > 0 { // what else there is, it gets as well
			more.Args = slices.Concat(configs[0].Args, more.Args)
		}
		configs = append(configs, more)
	}
	return configs
}
