package report

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Bake is a bake file in its JSON form (Docker docs, "Bake file reference").
type Bake struct {
	Group  map[string]BakeGroup  `json:"group"`
	Target map[string]BakeTarget `json:"target,omitempty"` // bake takes no empty one
}

// BakeGroup is a set of targets.
type BakeGroup struct {
	Targets []string `json:"targets"`
}

// BakeTarget is one image to build. Contexts makes bake build a derived base
// first and use it for the references to it.
type BakeTarget struct {
	Context    string            `json:"context"`
	Dockerfile string            `json:"dockerfile"`
	Target     string            `json:"target,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Contexts   map[string]string `json:"contexts,omitempty"`
}

// Bake returns what has to be rebuilt as a bake file with a group for each wave
// and "default" for all. There is a target for each way in which a Dockerfile is
// built.
func (a *Affected) Bake() Bake {
	b := &baker{
		Affected: a, names: map[string][]string{}, taken: map[string]bool{},
		needs: map[string][]string{}, makers: map[string]string{}, contexts: map[string]map[string]string{},
	}
	b.name()
	b.link()
	out := Bake{Group: map[string]BakeGroup{"default": {Targets: []string{}}}, Target: map[string]BakeTarget{}}
	for _, f := range a.rebuilt() {
		for i, name := range b.names[f.Path] {
			out.Target[name] = b.target(f.Path, i)
			for _, group := range []string{"default", fmt.Sprintf("wave-%d", f.Wave)} {
				out.Group[group] = BakeGroup{Targets: append(out.Group[group].Targets, name)}
			}
		}
	}
	return out
}

// A baker makes a bake file.
type baker struct {
	*Affected
	names    map[string][]string // path -> the targets of its builds
	taken    map[string]bool
	needs    map[string][]string          // target -> those that it stands on
	makers   map[string]string            // image -> path
	contexts map[string]map[string]string // target -> its named contexts
}

// name gives every build its name: that of the Dockerfile to its first, the others
// also have their stage or image in theirs. All first ones come before all others,
// so that these do not take their names.
func (b *baker) name() {
	files := b.rebuilt()
	for _, f := range files {
		b.names[f.Path] = []string{b.free(bakeName(f.Name))}
		for _, image := range b.items[f.Path].Makes {
			b.makers[image] = f.Path
		}
	}
	for _, f := range files {
		for i := range b.builds[f.Path][1:] {
			name := bakeName(f.Name)
			if suffix := suffix(b.builds[f.Path], i+1); suffix != "" {
				name += "-" + bakeName(suffix)
			}
			b.names[f.Path] = append(b.names[f.Path], b.free(name))
		}
	}
}

// free takes a name that is not taken yet.
func (b *baker) free(wanted string) string {
	name := wanted
	for n := 2; b.taken[name] || bakeGroup.MatchString(name); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	b.taken[name] = true
	return name
}

// suffix returns what tells a build of a Dockerfile from the others best.
func suffix(builds []monorepo.Build, i int) string {
	image := func(b monorepo.Build) string {
		for _, ref := range b.Images {
			if !onlyLinked(ref.Repository) {
				return imageref.Base(ref.Repository)
			}
		}
		return ""
	}
	stage := func(b monorepo.Build) string { return b.Target }
	for _, of := range []func(monorepo.Build) string{stage, image} {
		same := 0
		for _, other := range builds {
			if of(other) == of(builds[i]) {
				same++
			}
		}
		if same == 1 && of(builds[i]) != "" {
			return of(builds[i])
		}
	}
	return cmp.Or(stage(builds[i]), image(builds[i]))
}

// link finds the named contexts of all targets. First come those that the builds
// themselves have, then what the Dockerfiles name: of that it is not known which of
// the builds needs it, so it gives way.
func (b *baker) link() {
	files := b.rebuilt()
	for _, f := range files {
		for i, name := range b.names[f.Path] {
			b.contexts[name] = b.own(f.Path, name, b.builds[f.Path][i])
		}
	}
	for _, f := range files {
		// Both as the Dockerfile has it now and as it will have it once it is edited.
		references := b.items[f.Path].Contexts
		for _, reference := range slices.Sorted(maps.Keys(references)) {
			ref, err := imageref.Parse(reference)
			if err != nil {
				continue
			}
			ref.Repository = references[reference]
			for _, name := range b.names[f.Path] {
				contexts, key := b.contexts[name], contextName(reference)
				if contexts[key] != "" {
					continue
				}
				if on := b.needed(name, ref); on != "" {
					contexts[key] = on
				}
			}
		}
	}
}

// own returns the named contexts that a build itself has.
func (b *baker) own(path, self string, build monorepo.Build) map[string]string {
	contexts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(build.Links)) {
		if on := b.needed(self, imageref.Ref{Repository: build.Links[name]}); on != "" {
			contexts[contextName(name)] = on
		}
	}
	for _, name := range slices.Sorted(maps.Keys(build.Contexts)) {
		value := literal(build.Contexts[name])
		// The image of a derived base that is rebuilt along is the new one here as well.
		if text, ok := strings.CutPrefix(build.Contexts[name], "docker-image://"); ok {
			if ref, err := imageref.Parse(text); err == nil && b.items[path].Contexts[ref.String()] != "" {
				value = cmp.Or(b.needed(self, ref), value)
			}
		}
		contexts[contextName(name)] = value
	}
	return contexts
}

// needed returns the context that is the target of self which makes an image,
// "" where the file has none. No target can stand on itself.
func (b *baker) needed(self string, ref imageref.Ref) string {
	path := b.makers[ref.Repository]
	if path == "" {
		return ""
	}
	if i := monorepo.Maker(b.builds[path], ref); i >= 0 && !b.reaches(b.names[path][i], self) {
		b.needs[self] = append(b.needs[self], b.names[path][i])
		return "target:" + b.names[path][i]
	}
	return ""
}

// reaches reports whether a target is another one, or stands on it.
func (b *baker) reaches(from, to string) bool {
	queue, seen := []string{from}, map[string]bool{}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			queue = append(queue, b.needs[next]...)
		}
	}
	return false
}

// target makes the target of a build.
func (b *baker) target(path string, i int) BakeTarget {
	build := b.builds[path][i]
	t := BakeTarget{
		Context: literal(build.Context), Dockerfile: literal(relative(build.Context, path)), Target: literal(build.Target),
		Args: map[string]string{}, Contexts: b.contexts[b.names[path][i]],
	}
	for name, value := range build.Args {
		t.Args[literal(name)] = literal(value)
	}
	for _, release := range b.items[path].Releases {
		if monorepo.Maker(b.builds[path], imageref.Ref{Repository: release.Image, Tag: release.Tag}) == i {
			t.Tags = append(t.Tags, release.String())
		}
	}
	return t
}

// contextName returns the name of a context as BuildKit looks for it: bake hands
// names over as they are, and BuildKit asks for the short form of a reference.
func contextName(name string) string { return literal(imageref.Familiar(name)) }

// literal returns a text so that bake reads it as it is: the strings of a bake file
// in JSON are templates.
func literal(s string) string { return templates.Replace(s) }

var templates = strings.NewReplacer("${", "$${", "%{", "%%{")

// relative returns the path of a Dockerfile from the directory of its context.
func relative(context, dockerfile string) string {
	if context == "." {
		return dockerfile
	}
	if below, ok := strings.CutPrefix(dockerfile, context+"/"); ok {
		return below
	}
	return strings.Repeat("../", 1+strings.Count(context, "/")) + dockerfile
}

// bakeGroup holds for the names that groups have.
var bakeGroup = regexp.MustCompile(`^(?:default|wave-[0-9]+)$`)

// bakeName keeps what the name of a target may hold.
func bakeName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
}
