package properties

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
)

// A repo is a random monorepo and what is asked for.
type repo struct {
	seed     uint64
	files    map[string]string
	bumps    []bumper.Bump
	level    imageref.Step
	answers  bool     // the registry can be asked
	features []string // what it has, for the count
}

// A scheme is a kind of tag, with four of it in order.
type scheme struct {
	name             string
	before, at, next string
	moving           string // a tag that moves with at; "" for none
	level            imageref.Step
	major            string // of another line; "" for none
	unordered        bool
}

var schemes = []scheme{
	{name: "semver", before: "1.0.2", at: "1.0.3", next: "1.0.4", moving: "1.0", level: imageref.Patch, major: "2.0.0"},
	{name: "semver", before: "20.1.0", at: "20.1.1", next: "20.1.2", moving: "20", level: imageref.Patch, major: "22.0.1"},
	{name: "v", before: "v2.3.8", at: "v2.3.9", next: "v2.3.10", moving: "v2.3", level: imageref.Patch, major: "v3.0.0"},
	{name: "two numbers", before: "1.3", at: "1.4", next: "1.5", moving: "1", level: imageref.Minor},
	{name: "date", before: "2026-11-02", at: "2026-11-09", next: "2026-11-16", level: imageref.Patch},
	{name: "dotted date", before: "2026.11.08", at: "2026.11.09", next: "2026.11.10", level: imageref.Patch},
	{name: "revision", before: "3.4.6-debian-9-r23", at: "3.4.6-debian-9-r24", next: "3.4.6-debian-9-r25", level: imageref.Patch},
	{name: "number in front", before: "17-1.0.0", at: "17-1.0.1", next: "17-1.0.2", level: imageref.Patch, major: "21-1.0.2"},
	{name: "alpine", before: "1.0.2-alpine3.20", at: "1.0.3-alpine3.20", next: "1.0.4-alpine3.20", moving: "1.0-alpine3.20", level: imageref.Patch},
	{name: "slim", before: "1.0.2-slim", at: "1.0.3-slim", next: "1.0.4-slim", moving: "1.0-slim", level: imageref.Patch},
	{name: "build date", before: "1.4.0-20261025", at: "1.4.0-20261101", next: "1.4.0-20261108", moving: "1.4.0", level: imageref.Patch},
	{name: "distribution", before: "8.8-860", at: "8.8-1014", next: "8.8-1020", moving: "8.8", level: imageref.Patch},
	{name: "hash", before: "0a1b2c3d", at: "3f2a9c1d", next: "9d8e7f6a", unordered: true},
}

// An image is what a Dockerfile may be based on.
type image struct {
	repo    string
	more    []string // the same image in other registries
	tag     scheme
	module  *module  // that makes it; nil for one from outside
	entry   string   // what its build file calls its build; "" for none
	system  string   // of entry
	stage   string   // of the module that is shipped as it; "" for the last
	lines   []string // other tags that are made
	patched bool     // from outside, and of no base that is bumped
}

// A module is a directory with a Dockerfile.
type module struct {
	name, dir, path string
	system          string // of build files; "" for none
	global          []string
	head, body      []string
	args            [][2]string // what its build hands in: name and value, as the build file writes it
	contexts        [][2]string // name, entry of the same build file
	makes           []*image
}

type generator struct {
	*rand.Rand
	r       *repo
	has     map[string]bool
	images  []*image
	bake    strings.Builder
	compose strings.Builder
	env     []string
	make    []string
	script  []string
	jobs    strings.Builder
	vars    map[string]string // by system and value
	named   int               // variables that have a name
	decls   map[string][]string
	ignore  []string
	owned   []string // images: of the configuration
	said    []string // versions: of the configuration
	systems []string
}

// generate makes the monorepo of a seed.
func generate(seed uint64) *repo {
	g := &generator{
		Rand: rand.New(rand.NewPCG(seed, 13)), r: &repo{seed: seed, files: map[string]string{}, level: imageref.Patch},
		has: map[string]bool{}, vars: map[string]string{}, decls: map[string][]string{},
	}
	g.r.answers = g.chance(40, "a registry that answers")
	g.systems = g.some([]string{"bake", "compose", "make", "script", "workflow", "", ""})
	g.upstream()
	for n := g.IntN(4); n > 0; n-- {
		g.base(4 - n)
	}
	for n := 1 + g.IntN(4); n > 0; n-- {
		g.service(n)
	}
	g.finish()
	g.r.features = slices.Sorted(maps.Keys(g.has))
	return g.r
}

// chance is true in so many of a hundred cases, which are counted.
func (g *generator) chance(percent int, feature string) bool {
	if g.IntN(100) >= percent {
		return false
	}
	g.has[feature] = true
	return true
}

func (g *generator) some(all []string) []string {
	all = slices.Clone(all)
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+g.IntN(3)]
}

func (g *generator) pick(all ...string) string { return all[g.IntN(len(all))] }

// upstream chooses the images from outside, and what is bumped.
func (g *generator) upstream() {
	names := []string{"docker.io/library/node", "reg.example/vendor/os", "docker.io/library/python", "reg.example/vendor/jdk"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	n := 1
	if g.chance(20, "two bases") {
		n = 2
	}
	for _, name := range names[:n] {
		i := &image{repo: name, tag: schemes[g.IntN(len(schemes))]}
		g.images = append(g.images, i)
		bump := bumper.Bump{Image: name, Tag: i.tag.next}
		switch {
		case i.tag.unordered || g.chance(6, "--from"):
			bump.From = i.tag.at
			g.has["--from"] = true
		case i.tag.moving != "" && g.chance(3, "a moving tag that was rebuilt"):
			bump.Tag = i.tag.moving
		case g.chance(5, "a base with a digest"):
			bump.Digest = digestOf(name + ":" + i.tag.next)
		case i.tag.major != "" && g.chance(4, "--level major"):
			bump.Tag, g.r.level = i.tag.major, imageref.Major
		}
		g.r.level = max(g.r.level, i.tag.level)
		g.has["base: "+i.tag.name] = true
		g.r.bumps = append(g.r.bumps, bump)
		if i.tag.name == "semver" && g.chance(15, "a flavour of the base") {
			slim := *i
			slim.tag = scheme{name: "slim", before: i.tag.before + "-slim", at: i.tag.at + "-slim", next: i.tag.next + "-slim", level: imageref.Patch}
			g.images = append(g.images, &slim)
			if g.chance(50, "--base for two flavours") {
				g.r.bumps = append(g.r.bumps, bumper.Bump{Image: name, Tag: slim.tag.next})
			}
		}
	}
	if g.r.level == imageref.Patch && g.chance(5, "--level minor") {
		g.r.level = imageref.Minor
	}
	g.images = append(g.images, &image{repo: names[3], tag: schemes[g.IntN(3)], patched: true})
}

// parent chooses what a module is based on: mostly what is bumped, or what stands on it.
func (g *generator) parent() *image {
	if g.IntN(100) < 40 {
		return g.images[len(g.images)-1-g.IntN(min(2, len(g.images)))]
	}
	return g.images[g.IntN(len(g.images))]
}

// digestOf is the digest that the registry of the tests gives a reference.
func digestOf(reference string) string {
	sum := sha256.Sum256([]byte(reference))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (g *generator) write(path, format string, args ...any) {
	g.r.files[path] += fmt.Sprintf(format, args...)
}

// finish writes the build files and the configuration.
func (g *generator) finish() {
	if g.bake.Len() > 0 {
		g.write("docker-bake.hcl", "%s%s", strings.Join(g.decls["bake"], ""), g.bake.String())
	}
	if g.compose.Len() > 0 {
		g.write("compose.yaml", "services:\n%s", g.compose.String())
		if len(g.env) > 0 {
			g.write(".env", "%s", strings.Join(g.env, ""))
		}
	}
	if len(g.make) > 0 {
		g.write("Makefile", "%s\nall:\n%s", strings.Join(g.decls["make"], ""), strings.Join(g.make, ""))
	}
	if len(g.script) > 0 {
		g.write("build.sh", "#!/bin/sh\nset -e\n%s%s", strings.Join(g.decls["script"], ""), strings.Join(g.script, ""))
	}
	if g.jobs.Len() > 0 {
		g.write(".github/workflows/images.yml", "name: images\non: push\njobs:\n%s", g.jobs.String())
	}
	config := ""
	if len(g.ignore) > 0 {
		config += "ignore: [" + strings.Join(g.ignore, ", ") + "]\n"
	}
	if len(g.owned) > 0 {
		config += "images:\n" + strings.Join(g.owned, "")
	}
	if len(g.said) > 0 {
		config += "versions:\n" + strings.Join(g.said, "")
	}
	if config != "" {
		g.write(".propagate.yaml", "%s", config)
	}
}
