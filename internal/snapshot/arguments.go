package snapshot

import (
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// given is what the files that the configuration names hand to a Dockerfile.
type given struct {
	common []scanner.BuildConfig         // all in one build, unless several files give an argument of one name
	apart  map[int][]scanner.BuildConfig // by entries of the configuration: one build for each file
	order  []int                         // of these entries
}

// arguments returns what the files that the configuration names hand to each Dockerfile.
func (r *reader) arguments() (map[string]*given, error) {
	all := map[string]*given{}
	for _, p := range r.Others {
		handings := r.Config.Hands(p)
		if len(handings) == 0 {
			continue
		}
		src, err := r.files.Read(p)
		if err != nil {
			return nil, fmt.Errorf("reading build arguments: %w", err)
		}
		build := scanner.BuildConfig{Where: source.Pos{Path: p, Line: 1, Col: 1}, Args: buildfile.Arguments(trace.NewFile(p, src))}
		for _, dockerfile := range r.Dockerfiles {
			i := slices.IndexFunc(handings, func(h config.Handing) bool { return h.To(dockerfile) })
			if i < 0 {
				continue
			}
			if all[dockerfile] == nil {
				all[dockerfile] = &given{}
			}
			all[dockerfile].add(handings[i].Entry, handings[i].Apart, build)
		}
	}
	return all, nil
}

func (g *given) add(entry int, apart bool, build scanner.BuildConfig) {
	if !apart {
		g.common = join(g.common, build)
		return
	}
	if g.apart == nil {
		g.apart = map[int][]scanner.BuildConfig{}
	}
	if g.apart[entry] == nil {
		g.order = append(g.order, entry)
	}
	g.apart[entry] = append(g.apart[entry], build)
}

// maxCrossed bounds the builds that files of several entries make together; what is more
// is built beside them.
const maxCrossed = 1000

// configs returns the builds: what is common is in each of them, and each has one of the
// files of every other entry.
func (g *given) configs() []scanner.BuildConfig {
	configs := g.common
	for _, entry := range g.order {
		more := g.apart[entry]
		if len(configs) == 0 || len(configs)*len(more) > maxCrossed {
			configs = slices.Concat(configs, more)
			continue
		}
		var crossed []scanner.BuildConfig
		for _, a := range configs {
			for _, b := range more {
				b.Args = slices.Concat(a.Args, b.Args) // of two with one name the later counts
				crossed = append(crossed, b)
			}
		}
		configs = crossed
	}
	return configs
}

// over returns the ways in which a Dockerfile is built, with what it is given beneath what
// the build files say. Where a file is for a build of its own, each build of the build
// files is made with each.
func (g *given) over(ways []way) []way {
	configs := g.configs()
	with := func(w way, c scanner.BuildConfig) way {
		w.config.Args = slices.Concat(c.Args, w.config.Args)
		return w
	}
	isDefault := slices.ContainsFunc(ways, func(w way) bool { return w.config.Target == "" })
	isApart := len(g.order) > 0 && len(ways)*len(configs) <= maxCrossed
	var all []way
	for _, w := range ways {
		all = append(all, with(w, configs[0]))
		for _, c := range configs[1:] {
			if isApart {
				all = append(all, with(w, c))
			}
		}
	}
	if isDefault {
		configs = configs[1:]
	}
	if !isDefault || !isApart {
		for _, c := range configs {
			all = append(all, way{config: c})
		}
	}
	return all
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
