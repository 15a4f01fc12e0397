package monorepo

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// known returns how the build files and the configuration say that the Dockerfile at a
// path is built. The kinds of build file come in the order in which they are believed.
func (r *Repository) known(p string) []Build {
	if r.built == nil {
		r.built = map[string][]buildfile.Build{}
		for _, b := range r.Builds.Builds {
			r.built[b.Dockerfile] = append(r.built[b.Dockerfile], b)
		}
	}
	var all []Build
	ours := slices.Clone(r.built[p])
	slices.SortStableFunc(ours, func(a, b buildfile.Build) int { return int(a.Kind) - int(b.Kind) })
	for _, b := range ours {
		all = append(all, r.build(b))
	}
	all = r.configured(p, all, r.file(p))
	if len(ours) > 0 && !ours[0].Kind.Script() {
		// What scripts do besides is for tests, or the same again.
		listed := slices.IndexFunc(ours, func(b buildfile.Build) bool { return b.Kind.Script() })
		if listed > 0 {
			all = all[:listed]
		}
	}
	return all
}

// configured adds what the configuration says of the builds of a Dockerfile: its
// target, and the files that hold its arguments. These are read with the build
// files, and come behind them in the builds of the file.
func (r *Repository) configured(p string, builds []Build, file *scanner.File) []Build {
	var more []scanner.BuildConfig
	if file != nil && len(builds) < len(file.Builds) {
		more = file.Builds[len(builds):]
	}
	switch {
	case len(builds) == 0:
		for _, b := range more {
			if b.Where.Path != "" { // none is known
				builds = append(builds, Build{Target: b.Target, Args: argsOf(b.Args)})
			}
		}
	case len(more) == 1:
		for i := range builds {
			args := argsOf(more[0].Args)
			maps.Copy(args, builds[i].Args)
			builds[i].Args = args
		}
	}
	if target := r.Config.Target(p); target != "" {
		if len(builds) == 0 {
			builds = append(builds, Build{})
		}
		for i := range builds {
			builds[i].Target = target
		}
	}
	return builds
}

func (r *Repository) build(b buildfile.Build) Build {
	out := Build{Context: b.Context, Target: b.Target, Args: argsOf(b.Args), Contexts: map[string]string{}, Links: map[string]string{}}
	for _, c := range b.Contexts {
		delete(out.Contexts, c.Name) // of two with one name the later counts
		delete(out.Links, c.Name)
		if c.Link != "" {
			out.Links[c.Name] = c.Link
		} else if value, ok := r.namedContext(b, c.Value.S); ok {
			out.Contexts[c.Name] = value
		}
	}
	for _, text := range b.Images {
		if ref, err := imageref.Parse(text.S); err == nil {
			out.Images = append(out.Images, ref)
		}
	}
	if b.Name != "" {
		out.Images = append(out.Images, imageref.Ref{Repository: b.Name})
	}
	return out
}

// argsOf returns the arguments that are known whole.
func argsOf(args []scanner.Arg) map[string]string {
	known := map[string]string{}
	for _, a := range args {
		delete(known, a.Name)
		if !strings.Contains(a.Value.S, scanner.Unknown) {
			known[a.Name] = a.Value.S
		}
	}
	return known
}

// namedContext returns the value of a named context with directories from the root;
// ok is false where it is not known whole.
func (r *Repository) namedContext(b buildfile.Build, value string) (_ string, ok bool) {
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
	// Nothing says where most are run: in the directory of the file, or in the root.
	dirs := []string{path.Dir(b.Where.Path), "."}
	switch b.Kind {
	case buildfile.Compose:
		dirs = dirs[:1]
	case buildfile.Workflow:
		dirs = dirs[1:]
	}
	for _, dir := range dirs {
		p := path.Join(dir, value)
		if info, err := fs.Stat(r.files, p); err == nil && info.IsDir() {
			return p, true
		}
	}
	return path.Join(dirs[0], value), true
}
