package cli

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/release"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// read reads the configuration, the build files and then the Dockerfiles, as the
// build files build them.
func (a *App) read(ctx context.Context, s *snapshot) error {
	var err error
	if s.config, err = a.readConfig(s.files); err != nil {
		return err
	}
	s.listing, err = scanner.Find(ctx, s.files, scanner.Options{
		Include: s.config.Includes, Ignore: s.config.Excludes,
		Also: func(p string) bool {
			return buildfile.KindOf(p) != 0 || s.config.HoldsArguments(p) || len(s.config.Patterns(p)) > 0
		},
	})
	if err != nil {
		return err
	}
	var buildFiles []string
	for _, p := range s.listing.Others {
		if buildfile.KindOf(p) != 0 {
			buildFiles = append(buildFiles, p)
		}
	}
	if s.builds, err = buildfile.Read(ctx, s.files, buildFiles, s.listing.Dockerfiles); err != nil {
		return err
	}
	ways, err := s.ways()
	if err != nil {
		return err
	}
	if s.scanned, err = scanner.Scan(ctx, s.files, s.listing.Dockerfiles, ways); err != nil {
		return err
	}
	if err := s.readTexts(); err != nil {
		return err
	}
	a.verbosef("read %s at %s", report.Count(len(s.listing.Dockerfiles), "Dockerfile"), s.name())
	for _, problem := range s.builds.Problems {
		a.verbosef("%s: %s", report.Clean(problem.Pos.String()), report.Clean(problem.Message))
	}
	if n := len(s.listing.Templates); n > 0 {
		a.verbosef("passed over %s:", report.Count(n, "template"))
		for _, path := range s.listing.Templates {
			a.verbosef("  %s", report.Clean(path))
		}
	}
	return nil
}

// ways returns how each Dockerfile is built: as the build files say, and with the
// arguments in the files that the configuration names. The target that the
// configuration gives overrules theirs.
func (s *snapshot) ways() (func(p string) []scanner.BuildConfig, error) {
	byPath := map[string][]scanner.BuildConfig{}
	for _, build := range s.builds.Builds {
		byPath[build.Dockerfile] = append(byPath[build.Dockerfile], build.BuildConfig)
	}
	for _, p := range s.listing.Others {
		if !s.config.HoldsArguments(p) {
			continue
		}
		src, err := fs.ReadFile(s.files, p)
		if err != nil {
			return nil, fmt.Errorf("reading build arguments: %w", err)
		}
		args := buildfile.Arguments(trace.NewFile(p, src))
		for _, dockerfile := range s.listing.Dockerfiles {
			if s.config.Gets(dockerfile, p) {
				byPath[dockerfile] = append(byPath[dockerfile], scanner.BuildConfig{Where: source.Pos{Path: p, Line: 1, Col: 1}, Args: args})
			}
		}
	}
	return func(p string) []scanner.BuildConfig {
		ways := byPath[p]
		target := s.config.Target(p)
		if target == "" {
			return ways
		}
		if len(ways) == 0 {
			return []scanner.BuildConfig{{Target: target}}
		}
		ways = slices.Clone(ways)
		for i := range ways {
			ways[i].Target = target
		}
		return ways
	}, nil
}

// readTexts reads the files in which the configuration finds references.
func (s *snapshot) readTexts() error {
	for _, p := range s.listing.Others {
		patterns := s.config.Patterns(p)
		if len(patterns) == 0 || slices.Contains(s.listing.Dockerfiles, p) {
			continue
		}
		src, err := fs.ReadFile(s.files, p)
		if err != nil {
			return fmt.Errorf("looking for references: %w", err)
		}
		s.scanned = append(s.scanned, scanner.ScanText(p, src, patterns))
	}
	return nil
}

// graph makes the graph of the snapshot.
func (s *snapshot) graph() *graph.Graph {
	return graph.Build(s.scanned, slices.Concat(s.config.Claims(s.listing.Dockerfiles), s.claims()))
}

// claims returns which image each build makes.
func (s *snapshot) claims() []graph.Claim {
	linked := map[string]bool{} // names that only build files know, of images that others of their builds stand on
	for _, file := range s.scanned {
		for _, ref := range file.Refs {
			if ref.Linked {
				linked[ref.Repository()] = true
			}
		}
	}
	var claims []graph.Claim
	for _, build := range s.builds.Builds {
		rule := graph.BuildFile
		if build.Kind == buildfile.Shell || build.Kind == buildfile.Makefile {
			rule = graph.Command
		}
		var images []string
		if linked[build.Alias] {
			images = []string{build.Alias}
		}
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				images = append(images, ref.Repository)
			}
		}
		slices.Sort(images)
		for _, image := range slices.Compact(images) {
			where := source.Pos{Path: build.Where.Path, Line: build.Where.Line}
			claims = append(claims, graph.Claim{
				Image: image, Path: build.Dockerfile, Rule: rule, Where: where.String(), Context: build.Context, Target: build.Target,
			})
		}
	}
	return claims
}

// knowledge is what a plan has to know beyond the graph.
func (s *snapshot) knowledge(g *graph.Graph) (bumper.Options, func() error) {
	finder := &release.Finder{FS: s.files, Files: map[string]*scanner.File{}, Builds: s.builds.Builds}
	for _, file := range s.scanned {
		finder.Files[file.Path] = file
	}
	for _, p := range s.listing.Others {
		if kind := buildfile.KindOf(p); kind == buildfile.Shell || kind == buildfile.Makefile {
			finder.Scripts = append(finder.Scripts, p)
		}
	}
	var failure error
	finder.Configured = func(image string) []bumper.Release {
		places, err := s.config.Releases(s.files, image)
		if err != nil && failure == nil {
			failure = usage(err, hintOf(err))
		}
		return places
	}
	tags := map[string][]trace.Text{}
	for _, build := range s.builds.Builds {
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				tags[ref.Repository] = append(tags[ref.Repository], text)
			}
		}
	}
	return bumper.Options{
		Ignored: s.config.Ignores, Tags: tags,
		Verify: func(ctx context.Context, replacements []trace.Replacement) error {
			return buildfile.Verify(ctx, s.files, s.builds, s.listing.Dockerfiles, replacements)
		},
		Releases: func(image string) []bumper.Release { return finder.Of(image, g.Makers(image)) },
	}, func() error { return failure }
}

// assumed reads what --assume-published says.
func assumed(g *graph.Graph, typed []string) ([]bumper.Bump, error) {
	var all []bumper.Bump
	for _, s := range typed {
		name, bump, err := parseImage("--assume-published", s, true)
		if err != nil {
			return nil, err
		}
		if bump.Image, err = findImage(g, "--assume-published "+s, name); err != nil {
			return nil, err
		}
		if len(g.Makers(bump.Image)) == 0 {
			return nil, usage(fmt.Errorf("--assume-published %s: no Dockerfile here makes %s, so nothing waits for it", s, bump.Image), "propagate graph --explain "+imageref.Base(bump.Image))
		}
		if bump.Tag == "" || strings.Contains(bump.Version(), "@") {
			return nil, usage(fmt.Errorf("--assume-published %s: it has to name a tag", s), "IMAGE@TAG, for example base-java@1.0.1")
		}
		all = append(all, bump)
	}
	return all, nil
}
