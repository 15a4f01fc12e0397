package properties

import (
	"fmt"
	"slices"
	"strings"
)

// base makes a module whose image others may be based on.
func (g *generator) base(n int) {
	name := fmt.Sprintf("%s%d", g.pick("base", "tools", "rt"), n)
	m := g.module("bases", name)
	i := &image{repo: "reg.example/shop/" + name, tag: schemes[g.IntN(len(schemes))], module: m, entry: name, system: m.system}
	g.has["derived: "+i.tag.name] = true
	m.makes = append(m.makes, i)
	if m.system != "" && g.chance(8, "an image in two registries") {
		i.more = append(i.more, "mirror.example/shop/"+name)
	}
	if m.system != "" && i.tag.moving != "" && g.chance(20, "a moving tag beside") {
		i.lines = append(i.lines, i.tag.moving)
	}
	g.refer(m, g.parent())
	switch {
	case g.chance(12, "two stages with FROM"):
		g.refer(m, g.parent())
	case g.chance(8, "copy or mount"):
		g.copyFrom(m, g.parent())
	}
	g.version(m, i)
	switch {
	case m.system == "bake" && !strings.Contains(i.tag.name, "hash") && g.chance(12, "matrix of versions"):
		g.matrix(m, i)
	case m.system != "" && i.tag.major != "" && g.chance(15, "several lines by tags"):
		g.line(m, i)
	case m.system != "" && g.chance(10, "several flavours"):
		g.flavour(m, i)
	case m.system != "" && g.chance(10, "several targets"):
		g.target(m, i)
	case m.system != "" && g.chance(6, "a tag that two builds make"):
		g.partner(m, i)
	default:
		g.entry(m, "", i, name, m.args)
		if m.system != "" && g.chance(10, "two places that bind") {
			g.entry(m, "", i, name+"-again", g.rewritten(m))
		}
	}
	g.dockerfile(m)
	g.images = append(g.images, i)
}

// service makes a module that others are not based on.
func (g *generator) service(n int) {
	m := g.module("svc", fmt.Sprintf("svc%d", n))
	g.refer(m, g.parent())
	for g.chance(20, "a service on several bases") && len(m.body) < 8 {
		if g.IntN(2) == 0 {
			g.refer(m, g.parent())
		} else {
			g.copyFrom(m, g.parent())
		}
	}
	if g.chance(6, "a stage that is not built") {
		m.head = append(m.head, fmt.Sprintf("FROM %s AS spare%d\nRUN true\n", g.literal(g.parent()), n))
	}
	if g.chance(5, "an ignored Dockerfile") {
		g.ignore = append(g.ignore, m.path)
	}
	var i *image
	if m.system != "" && g.IntN(3) > 0 {
		i = &image{repo: "reg.example/shop/" + m.name, tag: schemes[0], module: m, entry: m.name, system: m.system}
	}
	g.entry(m, "", i, m.name, m.args)
	if m.system != "" && g.chance(10, "two places that bind") {
		g.entry(m, "", nil, m.name+"-again", g.rewritten(m))
	}
	g.dockerfile(m)
}

func (g *generator) module(dir, name string) *module {
	m := &module{name: name, dir: dir + "/" + name, system: g.systems[g.IntN(len(g.systems))]}
	m.path = m.dir + "/Dockerfile"
	if m.system != "" {
		g.has["built by "+m.system] = true
	}
	return m
}

// line adds a second directory that makes another line of the image.
func (g *generator) line(m *module, i *image) {
	g.entry(m, "", i, m.name, m.args)
	other := &module{name: m.name + "-next", dir: m.dir + "-next", path: m.dir + "-next/Dockerfile", system: m.system}
	g.refer(other, g.parent())
	g.dockerfile(other)
	next := *i
	next.tag = scheme{name: i.tag.name, before: i.tag.major, at: i.tag.major, next: i.tag.major, level: i.tag.level}
	next.module, next.entry, next.lines = other, other.name, nil
	g.entry(other, "", &next, other.name, other.args)
	g.images = append(g.images, &next)
}

// flavour adds a second directory that makes another flavour of the image.
func (g *generator) flavour(m *module, i *image) {
	g.entry(m, "", i, m.name, m.args)
	other := &module{name: m.name + "-gpu", dir: m.dir + "-gpu", path: m.dir + "-gpu/Dockerfile", system: m.system}
	g.refer(other, g.parent())
	g.dockerfile(other)
	gpu := *i
	gpu.tag = scheme{name: i.tag.name, before: i.tag.before + "-gpu", at: i.tag.at + "-gpu", next: i.tag.next + "-gpu", level: i.tag.level}
	gpu.module, gpu.entry, gpu.lines = other, other.name, nil
	g.entry(other, "", &gpu, other.name, other.args)
	g.images = append(g.images, &gpu)
}

// partner adds a second directory that makes the same tag, as for another architecture.
func (g *generator) partner(m *module, i *image) {
	g.entry(m, "", i, m.name, m.args)
	other := &module{name: m.name + "-arm", dir: m.dir + "-arm", path: m.dir + "-arm/Dockerfile", system: m.system}
	g.refer(other, g.parent())
	g.dockerfile(other)
	g.entry(other, "", i, other.name, other.args)
}

// target adds a stage that is shipped as an image of its own.
func (g *generator) target(m *module, i *image) {
	m.head = append(m.head, fmt.Sprintf("FROM %s AS extra\nRUN true\n", g.literal(g.parent())))
	g.entry(m, "", i, m.name, m.args)
	extra := *i
	extra.repo, extra.stage, extra.entry, extra.lines, extra.more = i.repo+"-extra", "extra", m.name+"-extra", nil, nil
	g.entry(m, "extra", &extra, m.name+"-extra", m.args)
	g.images = append(g.images, &extra)
}

// neighbour returns another version of the scheme of a tag, of its line or of another one; "" for
// what is no version, such as a tag that moves.
func (g *generator) neighbour(tag string) string {
	for _, s := range schemes {
		for _, flavour := range []string{"", "-slim", "-gpu", "-slim-gpu"} {
			switch at, ok := strings.CutSuffix(tag, flavour); {
			case !ok || s.unordered:
			case at == s.major && s.major != "":
				return s.at + flavour
			case at != s.before && at != s.at && at != s.next:
			case s.major != "" && g.IntN(2) == 0:
				return s.major + flavour
			case at == s.at:
				return s.before + flavour
			default:
				return s.at + flavour
			}
		}
	}
	return ""
}

// matrix builds the Dockerfile for two values of its first argument.
func (g *generator) matrix(m *module, i *image) {
	values := []string{i.tag.at, i.tag.before}
	if i.tag.major != "" {
		values[1] = i.tag.major
	}
	args, name := "", ""
	if len(m.args) > 0 {
		name = m.args[0][0]
	}
	for _, a := range m.args {
		value := `"` + a[1] + `"`
		if other := g.neighbour(g.plain(a[1])); a[0] == name && other != "" && g.chance(70, "a matrix over the tag of the base") {
			value = "v"
			values = []string{g.plain(a[1]), other}
		}
		args += fmt.Sprintf("    %s = %s\n", a[0], value)
	}
	fmt.Fprintf(&g.bake, "target %q {\n  name = \"%s-${replace(v, \".\", \"-\")}\"\n  matrix = { v = [%q, %q] }\n  context = %q\n  args = {\n%s  }\n  tags = [\"%s:${v}\"]\n}\n",
		m.name, m.name, values[0], values[1], m.dir, args, i.repo)
	i.entry = ""
}

// plain returns a value of a bake file with its variables filled in.
func (g *generator) plain(value string) string {
	for key, name := range g.vars {
		if system, of, _ := strings.Cut(key, "\x00"); system == "bake" {
			value = strings.ReplaceAll(value, "${"+name+"}", of)
		}
	}
	return value
}

// rewritten returns the arguments of a module, some of them written out.
func (g *generator) rewritten(m *module) [][2]string {
	args := slices.Clone(m.args)
	for n := range args {
		for key, name := range g.vars {
			if system, of, _ := strings.Cut(key, "\x00"); system == m.system && args[n][1] == g.use(system, name) && g.IntN(2) == 0 {
				args[n][1] = of
			}
		}
	}
	return args
}

// dockerfile writes the Dockerfile of a module.
func (g *generator) dockerfile(m *module) {
	text := strings.Join(m.global, "") + strings.Join(m.head, "") + strings.Join(m.body, "")
	if g.chance(3, "line ends of Windows") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	g.write(m.path, "%s", text)
}
