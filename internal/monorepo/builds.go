package monorepo

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// buildsOf returns the entries of build files for the Dockerfile at a path, by the numbers
// in scanner.File.Ways; nil for one that the configuration gives.
func (r *Repository) buildsOf(p string) []*buildfile.Build {
	if r.built == nil {
		r.built = map[string][]*buildfile.Build{}
	}
	builds, known := r.built[p]
	if !known {
		builds = r.Snapshot.BuildsOf(p)
		r.built[p] = builds
	}
	return builds
}

// known returns how the build files and the configuration say that a Dockerfile is built, as
// far as it comes to one build, with values as after says that they are to be. The kinds of build file
// come in the order in which they are believed.
func (r *Repository) known(file *scanner.File, after func(trace.Text) string) []Build {
	type entry struct {
		build  *buildfile.Build // nil for the configuration
		config scanner.BuildConfig
	}
	var entries []entry
	all := r.buildsOf(file.Path)
	for i, way := range file.Ways {
		entries = append(entries, entry{all[way], file.Builds[i]})
	}
	isListed := func(e entry) bool { return e.build != nil && !e.build.Kind.Script() }
	if slices.ContainsFunc(entries, isListed) {
		// What scripts do besides is for tests, or the same again.
		entries = slices.DeleteFunc(entries, func(e entry) bool { return !isListed(e) })
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.build == nil || b.build == nil {
			return 0
		}
		return cmp.Compare(a.build.Kind, b.build.Kind)
	})
	var builds []Build
	for _, e := range entries {
		b := Build{}
		if e.build != nil {
			b = r.build(e.build, after)
		}
		b.Target, b.Args, b.Platforms = file.Target, argsOf(e.config.Args, after), e.config.Platforms
		builds = append(builds, b)
	}
	if len(builds) == 0 && file.Target != "" {
		builds = append(builds, Build{Target: file.Target})
	}
	return builds
}

func (r *Repository) build(b *buildfile.Build, after func(trace.Text) string) Build {
	out := Build{Context: b.Context, Settings: b.Settings, Contexts: map[string]string{}, Links: map[string]string{}}
	for _, c := range b.Contexts {
		delete(out.Contexts, c.Name) // of two with one name the later counts
		delete(out.Links, c.Name)
		if c.Link != "" {
			out.Links[c.Name] = c.Link
		} else if value, ok := r.namedContext(b, after(c.Value)); ok {
			out.Contexts[c.Name] = value
		}
	}
	for _, text := range b.Images {
		if ref, err := imageref.Parse(text.S); err == nil {
			out.Images = append(out.Images, ref)
		}
		if ref, err := imageref.Parse(after(text)); err == nil && ref.Tag != "" && !slices.Contains(out.Tags, ref) {
			out.Tags = append(out.Tags, ref)
		}
	}
	if b.Name != "" {
		out.Names = append(out.Names, b.Name)
	}
	return out
}

// argsOf returns the arguments that are known whole.
func argsOf(args []scanner.Arg, after func(trace.Text) string) map[string]string {
	known := map[string]string{}
	for _, a := range args {
		delete(known, a.Name)
		if !strings.Contains(a.Value.S, scanner.Unknown) {
			known[a.Name] = after(a.Value)
		}
	}
	return known
}

// namedContext returns the value of a named context with directories from the root;
// ok is false where it is not known whole.
func (r *Repository) namedContext(b *buildfile.Build, value string) (_ string, ok bool) {
	value = strings.TrimPrefix(value, "cwd://")
	for _, unknown := range []string{"target:", "service:", "~"} { // a build that is not there, and a home directory
		if strings.HasPrefix(value, unknown) {
			return "", false
		}
	}
	switch {
	case value == "" || strings.Contains(value, scanner.Unknown):
		return "", false
	case strings.Contains(value, "://") || strings.HasPrefix(value, "git@") || strings.HasPrefix(value, "github.com/") || path.IsAbs(value):
		return value, true
	}
	dirs := b.Kind.Dirs(b.Where.Path)
	for _, dir := range dirs {
		p := path.Join(dir, value)
		if info, err := fs.Stat(r.files, p); err == nil && info.IsDir() {
			return p, true
		}
	}
	return path.Join(dirs[0], value), true
}
