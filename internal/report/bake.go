package report

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/scanner"
)

// Bake is a bake file in its JSON form (Docker docs, "Bake file reference").
type Bake struct {
	Variable map[string]BakeVariable `json:"variable,omitempty"` // those that the repository's bake files leave to the environment
	Group    map[string]BakeGroup    `json:"group"`
	Target   map[string]BakeTarget   `json:"target,omitempty"` // bake takes no empty one
}

// BakeVariable is a variable that arguments are made of. Bake takes its value from the environment.
type BakeVariable struct {
	Default string `json:"default"`
}

// BakeGroup is a set of targets.
type BakeGroup struct {
	Targets []string `json:"targets"`
}

// BakeTarget is one image to build. Contexts makes bake build a derived base
// first and use it for the references to it.
type BakeTarget struct {
	Context    string            `json:"context"`
	Dockerfile string            `json:"dockerfile,omitempty"`
	Inline     string            `json:"dockerfile-inline,omitempty"`
	Target     string            `json:"target,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Contexts   map[string]string `json:"contexts,omitempty"`
	Platforms  []string          `json:"platforms,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Secret     []string          `json:"secret,omitempty"`
	SSH        []string          `json:"ssh,omitempty"`
}

// Bake returns what has to be rebuilt as a bake file with a group for each wave
// and "default" for all. There is a target for each way in which a Dockerfile is
// built.
func (a *Affected) Bake() Bake {
	b := a.baker()
	out := Bake{Group: map[string]BakeGroup{"default": {Targets: []string{}}}, Target: map[string]BakeTarget{}}
	for _, j := range a.jobs {
		for i, name := range j.names {
			out.Target[name] = b.target(j, i)
			for _, group := range []string{"default", fmt.Sprintf("wave-%d", j.Wave)} {
				out.Group[group] = BakeGroup{Targets: append(out.Group[group].Targets, name)}
			}
		}
	}
	for _, j := range b.linked {
		out.Target[j.names[0]] = b.target(j, 0)
	}
	for _, j := range slices.Concat(b.jobs, b.linked) {
		for _, build := range j.builds {
			for _, variable := range build.Settings.Open {
				if out.Variable == nil {
					out.Variable = map[string]BakeVariable{}
				}
				out.Variable[variable] = BakeVariable{}
			}
		}
	}
	return out
}

// A baker makes a bake file, and what the files for other engines have of it.
type baker struct {
	*Affected
	taken    map[string]bool // names of targets
	made     map[string]made // by the name of the target
	makers   map[*bumper.Item]job
	linked   []job                        // those that a target is linked to and that are not to be rebuilt, each with one build
	needs    map[string][]string          // target -> those that it is based on
	contexts map[string]map[string]string // target -> its named contexts
}

func (a *Affected) baker() *baker {
	b := &baker{Affected: a, taken: map[string]bool{}, made: map[string]made{}, makers: map[*bumper.Item]job{}, needs: map[string][]string{}, contexts: map[string]map[string]string{}}
	for _, j := range a.jobs {
		b.add(j)
	}
	b.link()
	return b
}

// A made is one build of a job.
type made struct {
	job
	i int
}

func (b *baker) add(j job) {
	b.makers[j.Item] = j
	for i, name := range j.names {
		b.taken[name], b.made[name] = true, made{j, i}
	}
}

// name gives every build its name: that of the Dockerfile to the default target, or else to
// the build that comes first in the build files; the others also have their stage or
// image in theirs. All first ones come before all others, so that these do not take their
// names.
func (a *Affected) name() {
	taken := map[string]bool{}
	all := map[string][]monorepo.Build{} // by path
	first := map[string]*job{}
	for n := range a.jobs {
		j := &a.jobs[n]
		j.names = make([]string, len(j.builds))
		all[j.File.Path] = append(all[j.File.Path], j.builds...)
		if f := first[j.File.Path]; f == nil || j.comesBefore(f) {
			first[j.File.Path] = j
		}
	}
	for n := range a.jobs {
		if j := &a.jobs[n]; first[j.File.Path] == j {
			j.names[0] = free(taken, bakeName(j.Name))
		}
	}
	for _, j := range a.jobs {
		for i, name := range j.names {
			if name != "" {
				continue
			}
			name = bakeName(j.Name)
			if suffix := suffix(all[j.File.Path], j.builds[i]); suffix != "" {
				name += "-" + bakeName(suffix)
			}
			j.names[i] = free(taken, name)
		}
	}
}

// comesBefore orders the builds of a Dockerfile: the default target, then as the build
// files have them.
func (j *job) comesBefore(other *job) bool {
	if isDefault := j.File.Target == ""; isDefault != (other.File.Target == "") {
		return isDefault
	}
	return len(j.File.Ways) > 0 && len(other.File.Ways) > 0 && j.File.Ways[0] < other.File.Ways[0]
}

// free takes a name that is not taken yet.
func free(taken map[string]bool, wanted string) string {
	name := wanted
	for n := 2; taken[name] || bakeGroup.MatchString(name); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	taken[name] = true
	return name
}

// suffix returns what tells a build of a Dockerfile from the others best.
func suffix(builds []monorepo.Build, build monorepo.Build) string {
	image := func(b monorepo.Build) string {
		for _, ref := range b.Images {
			return imageref.Base(ref.Repository)
		}
		return ""
	}
	stage := func(b monorepo.Build) string { return b.Target }
	for _, of := range []func(monorepo.Build) string{stage, image} {
		same := 0
		for _, other := range builds {
			if of(other) == of(build) {
				same++
			}
		}
		if same == 1 && of(build) != "" {
			return of(build)
		}
	}
	return cmp.Or(stage(build), image(build))
}

// link finds the named contexts of all targets. First come those that the builds
// themselves have, then what the Dockerfiles name: of that it is not known which of
// the builds needs it, so it gives way.
func (b *baker) link() {
	for _, j := range b.jobs {
		for i, name := range j.names {
			b.contexts[name] = b.own(j, name, j.builds[i])
		}
	}
	for _, j := range b.jobs {
		// Both as the Dockerfile has it now and as it will have it once it is edited.
		for _, reference := range slices.Sorted(maps.Keys(j.Contexts)) {
			ref, err := imageref.Parse(reference)
			if err != nil {
				continue
			}
			for _, name := range j.names {
				contexts, key := b.contexts[name], contextName(reference)
				if contexts[key] != "" {
					continue
				}
				if on := b.needed(name, j.Contexts[reference], ref); on != "" {
					contexts[key] = on
				}
			}
		}
	}
}

// own returns the named contexts that a build itself has.
func (b *baker) own(j job, self string, build monorepo.Build) map[string]string {
	contexts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(build.Links)) {
		if on := b.named(self, name, build.Links[name]); on != "" {
			contexts[contextName(name)] = on
		}
	}
	for _, name := range slices.Sorted(maps.Keys(build.Contexts)) {
		value := literal(build.Contexts[name])
		// The image of a derived base that is rebuilt along is the new one here as well.
		if text, ok := strings.CutPrefix(build.Contexts[name], "docker-image://"); ok {
			if ref, err := imageref.Parse(text); err == nil && j.Contexts[ref.String()] != nil {
				value = cmp.Or(b.needed(self, j.Contexts[ref.String()], ref), value)
			}
		}
		contexts[contextName(name)] = value
	}
	return contexts
}

// needed returns the context that is the target of self which makes an image, of the job
// of an item; "" where the file has none. No target can be based on itself.
func (b *baker) needed(self string, maker *bumper.Item, ref imageref.Ref) string {
	j, ok := b.makers[maker]
	if !ok {
		return ""
	}
	if i := monorepo.Maker(j.builds, ref); i >= 0 {
		return b.on(self, j.names[i])
	}
	return ""
}

// named is needed for a build that its build file calls by a name, and that self knows as a context. One
// that is not to be rebuilt is a target as well, which no group has: bake builds it for the context alone.
func (b *baker) named(self, context, link string) string {
	for _, j := range slices.Concat(b.jobs, b.linked) {
		if i := slices.IndexFunc(j.builds, func(build monorepo.Build) bool { return slices.Contains(build.Names, link) }); i >= 0 {
			return b.on(self, j.names[i])
		}
	}
	if b.source.Linked == nil {
		return ""
	}
	item, build, ok := b.source.Linked(link)
	if !ok || publishes(build, context) {
		return ""
	}
	name := link
	if _, own, ok := scanner.SplitInline(link); ok {
		name = own
	}
	j := job{Item: item, builds: []monorepo.Build{build}, names: []string{free(b.taken, bakeName(name))}, inline: b.plan.Inline(item)}
	b.linked = append(b.linked, j)
	b.add(j)
	b.contexts[j.names[0]] = b.own(j, j.names[0], build)
	return b.on(self, j.names[0])
}

// publishes reports whether the name of a context is a reference that a build gives to its image: where that is
// not to be rebuilt, the registry has it.
func publishes(build monorepo.Build, context string) bool {
	ref, err := imageref.Parse(context)
	return err == nil && ref.Digest == "" && slices.ContainsFunc(build.Images, func(image imageref.Ref) bool {
		return image.Tag != "" && image.Repository == ref.Repository && image.Tag == cmp.Or(ref.Tag, "latest")
	})
}

func (b *baker) on(self, target string) string {
	if b.reaches(target, self) {
		return ""
	}
	b.needs[self] = append(b.needs[self], target)
	return "target:" + target
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
func (b *baker) target(j job, i int) BakeTarget {
	build := j.builds[i]
	t := BakeTarget{
		Context: literal(build.Context), Dockerfile: literal(relative(build.Context, j.File.Path)), Target: literal(build.Target),
		Args: map[string]string{}, Contexts: b.contexts[j.names[i]], Platforms: build.Platforms,
	}
	if j.inline != "" {
		t.Dockerfile, t.Inline, t.Context = "", literal(j.inline), cmp.Or(t.Context, ".")
	}
	for name, value := range build.Args {
		t.Args[literal(name)] = literal(value)
	}
	for name, variable := range build.Settings.Open {
		t.Args[literal(name)] = "${" + variable + "}"
	}
	t.Secret, t.SSH = literals(build.Settings.Secret), literals(build.Settings.SSH)
	if !b.isLinked(j) {
		t.Tags, t.Labels = literals(j.tags(i)), b.labels(j, i)
	}
	return t
}

// isLinked reports whether a job is there for others alone.
func (b *baker) isLinked(j job) bool {
	return slices.ContainsFunc(b.linked, func(l job) bool { return l.names[0] == j.names[0] })
}

// contextName returns the name of a context as BuildKit looks for it: bake hands
// names over as they are, and BuildKit asks for the short form of a reference.
func contextName(name string) string { return literal(imageref.Familiar(name)) }

// literal returns a text so that bake reads it as it is: the strings of a bake file
// in JSON are templates.
func literal(s string) string { return templates.Replace(s) }

// unliteral returns the text that literal was given.
func unliteral(s string) string { return texts.Replace(s) }

var (
	templates = strings.NewReplacer("${", "$${", "%{", "%%{")
	texts     = strings.NewReplacer("$${", "${", "%%{", "%{")
)

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
