package monorepo

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/release"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// inform sets what a plan has to know beyond the graph. failed returns what was wrong
// with the configuration of the versions that it has asked for.
func (r *Repository) inform(o *bumper.Options, g *graph.Graph) (failed func() error) {
	finder := &release.Finder{FS: r.files, Read: r.files.Read, Builds: r.buildsOf, Args: r.Builds.Builds}
	for _, p := range r.Others {
		if kind := buildfile.KindOf(p); kind == buildfile.Shell || kind == buildfile.Makefile {
			finder.Scripts = append(finder.Scripts, p)
		}
	}
	finder.IsMade = func(ref *scanner.Ref) bool { return len(g.MakersOf(ref)) > 0 }
	finder.IsSame = func(one, other string) bool { return isMirrorOf(one, other) && r.areMirrors([]string{one, other}) }
	var failure error
	finder.Configured = func(image string) []bumper.Release {
		places, err := r.Config.Releases(r.files, image)
		if err != nil && failure == nil {
			failure = invalid(err, "")
		}
		return places
	}
	finder.Scheme = r.Config.Scheme
	o.Along = r.Builds.Along()
	var verifier *buildfile.Verifier
	now := r.options.Now()
	o.Today = day(now)
	o.Shallow = r.git != nil && r.git.IsShallow()
	o.InlineAt = r.inlineAt
	o.Past, o.Vendored, o.Tags = r.past, r.vendored(), r.tags(g)
	o.Ignored = func(path string) (string, bool) {
		e, ok := r.Config.Exempts(path, now)
		return e.String(), ok
	}
	o.Verify = func(ctx context.Context, replacements []trace.Replacement) error {
		if verifier == nil {
			verifier = buildfile.NewVerifier(r.files, r.Builds, r.Dockerfiles, r.names()...)
		}
		return verifier.Verify(ctx, replacements)
	}
	finder.OnLine = func(line *graph.Node, tag string) bool {
		return len(g.Lines(line.Key)) < 2 || slices.Contains(g.LinesOf(line.Key, tag), line)
	}
	o.Releases = finder.Of
	return func() error { return failure }
}

// contents are the files as a plan reads them.
type contents struct{ *snapshot.Files }

// Prefetch implements bumper.Contents. What says the versions of images comes along.
func (c contents) Prefetch(ctx context.Context, paths []string) error {
	return c.Files.Prefetch(ctx, append(release.VersionFiles(paths), paths...))
}

// past looks for the newest revision at which match holds for the content of a file.
func (r *Repository) past(ctx context.Context, path string, match func([]byte) bool) (func(string) ([]byte, error), bool) {
	if r.git == nil {
		return nil, false
	}
	id, ok, err := r.git.Past(ctx, r.Revision.Commit, path, match)
	if err != nil || !ok {
		return nil, false // a history that ends too early tells nothing
	}
	files, err := r.git.FS(id)
	if err != nil {
		return nil, false
	}
	return func(path string) ([]byte, error) { return fs.ReadFile(files, path) }, true
}

// inlineAt reads a Dockerfile inside a build file as it is in another content of that file.
func (r *Repository) inlineAt(ctx context.Context, file *scanner.File, content []byte) *scanner.File {
	then, err := buildfile.ReadAs(ctx, r.files, file.Origin.Path, content, r.Dockerfiles, r.names()...)
	if err != nil {
		return nil
	}
	for _, build := range then.Builds {
		if build.Dockerfile == file.Path && build.Inline.S != "" && strings.EqualFold(build.Target, file.Target) {
			return scanner.ScanInline(file.Path, build.Inline, []scanner.BuildConfig{build.BuildConfig})[0]
		}
	}
	return nil
}
