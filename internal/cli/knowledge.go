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
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// graph makes the graph of the snapshot.
func (s *checkout) graph() *graph.Graph {
	return graph.Build(s.Files, slices.Concat(s.Config.Claims(s.Dockerfiles), s.claims()))
}

// file returns the Dockerfile at a path, nil if there is none.
func (s *checkout) file(path string) *scanner.File {
	if i, ok := slices.BinarySearch(s.Dockerfiles, path); ok {
		return s.Files[i]
	}
	return nil
}

// claims returns which image each build makes.
func (s *checkout) claims() []graph.Claim {
	linked := map[string]bool{} // names that only build files know, of images that others of their builds stand on
	for _, file := range s.Files {
		for _, ref := range file.Refs {
			if ref.Linked {
				linked[ref.Repository()] = true
			}
		}
	}
	var claims []graph.Claim
	for _, build := range s.Builds.Builds {
		rule := graph.BuildFile
		if build.Kind.Script() {
			rule = graph.Command
		}
		where := source.Pos{Path: build.Where.Path, Line: build.Where.Line}
		claim := graph.Claim{Path: build.Dockerfile, Rule: rule, Where: where.String(), Context: build.Context, Target: build.Target}
		if linked[build.Alias] {
			claim.Image = build.Alias
			claims = append(claims, claim)
		}
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				claim.Image, claim.Tag = ref.Repository, ref.Tag
				claims = append(claims, claim)
			}
		}
	}
	return claims
}

// inform sets what a plan has to know beyond the graph. failed returns what was wrong
// with the configuration of the versions that it has asked for.
func (s *checkout) inform(o *bumper.Options, g *graph.Graph) (failed func() error) {
	finder := &release.Finder{FS: s.files, Read: s.files.Read, File: s.file, Builds: s.Builds.Builds}
	for _, p := range s.Others {
		if buildfile.KindOf(p).Script() {
			finder.Scripts = append(finder.Scripts, p)
		}
	}
	var failure error
	finder.Configured = func(image string) []bumper.Release {
		places, err := s.Config.Releases(s.files, image)
		if err != nil && failure == nil {
			failure = usage(err, hintOf(err))
		}
		return places
	}
	tags := map[string][]trace.Text{}
	for _, build := range s.Builds.Builds {
		for _, text := range build.Images {
			if ref, err := imageref.Parse(text.S); err == nil {
				tags[ref.Repository] = append(tags[ref.Repository], text)
			}
		}
	}
	var verifier *buildfile.Verifier
	o.Past, o.Ignored, o.Tags = s.past, s.Config.Ignores, tags
	o.Verify = func(ctx context.Context, replacements []trace.Replacement) error {
		if verifier == nil {
			verifier = buildfile.NewVerifier(s.files, s.Builds, s.Dockerfiles)
		}
		return verifier.Verify(ctx, replacements)
	}
	o.Releases = func(image string) ([]bumper.Release, error) { return finder.Of(image, g.Makers(image)) }
	return func() error { return failure }
}

// past looks for the newest revision at which match holds for the content of a file.
func (s *checkout) past(ctx context.Context, path string, match func([]byte) bool) (func(string) ([]byte, error), bool) {
	if s.repo == nil {
		return nil, false
	}
	id, ok, err := s.repo.Past(ctx, s.revision.Commit, path, match)
	if err != nil || !ok {
		return nil, false // a history that ends too early tells nothing
	}
	files, err := s.repo.FS(id)
	if err != nil {
		return nil, false
	}
	return func(path string) ([]byte, error) { return fs.ReadFile(files, path) }, true
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
