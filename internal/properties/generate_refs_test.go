package properties

import (
	"fmt"
	"strings"
)

// tagOf chooses the tag by which an image is referred to.
func (g *generator) tagOf(i *image) string {
	switch {
	case g.chance(8, "a reference that lags"):
		return i.tag.before
	case g.chance(5, "a reference that is ahead"):
		return i.tag.next
	case i.tag.moving != "" && g.chance(10, "a reference to a moving tag"):
		return i.tag.moving
	case g.chance(2, "a reference without a tag"):
		return ""
	case i.tag.major != "" && i.module == nil && g.chance(4, "a reference on another line"):
		return i.tag.major
	}
	return i.tag.at
}

func (g *generator) repoOf(i *image) string {
	if len(i.more) > 0 && g.IntN(3) == 0 {
		return i.more[0]
	}
	return strings.TrimPrefix(i.repo, "docker.io/library/")
}

// literal writes a reference out.
func (g *generator) literal(i *image) string {
	repo, tag := g.repoOf(i), g.tagOf(i)
	canonical := repo
	if !strings.Contains(repo, "/") {
		canonical = "docker.io/library/" + repo
	}
	if tag == "" {
		return repo
	}
	switch {
	case g.chance(4, "tag@digest"):
		return repo + ":" + tag + "@" + digestOf(canonical+":"+tag)
	case g.chance(2, "tag@digest of an unknown version"):
		return repo + ":" + tag + "@" + digestOf(fmt.Sprint(g.Int()))
	case g.chance(1, "a digest alone"):
		return repo + "@" + digestOf(canonical+":"+tag)
	}
	return repo + ":" + tag
}

// arg is a name that the Dockerfile does not have yet.
func (m *module) arg(name string) string {
	for n := 0; ; n++ {
		candidate := name
		if n > 0 {
			candidate = fmt.Sprintf("%s%d", name, n)
		}
		if !strings.Contains(strings.Join(m.global, ""), "ARG "+candidate+"\n") && !strings.Contains(strings.Join(m.global, ""), "ARG "+candidate+"=") {
			return candidate
		}
	}
}

// reference writes a reference of a module in one of the ways that people have.
func (g *generator) reference(m *module, i *image) string {
	repo := g.repoOf(i)
	switch way := g.IntN(100); {
	case way < 35:
		return g.literal(i)
	case way < 50:
		g.has["ARG with a default"] = true
		tag := g.tagOf(i)
		for _, line := range m.global {
			if name, ok := strings.CutSuffix(strings.TrimPrefix(line, "ARG "), "="+tag+"\n"); ok && g.chance(60, "one default for several FROM") {
				return repo + ":${" + name + "}"
			}
		}
		name := m.arg("TAG")
		m.global = append(m.global, fmt.Sprintf("ARG %s=%s\n", name, tag))
		return repo + ":${" + name + "}"
	case way < 55:
		g.has["ARG with the whole reference"] = true
		name := m.arg("BASE")
		m.global = append(m.global, fmt.Sprintf("ARG %s=%s\n", name, g.literal(i)))
		return "${" + name + "}"
	case way < 60 && strings.Contains(repo, "/"):
		g.has["ARG for the registry"] = true
		host, rest, _ := strings.Cut(repo, "/")
		name := m.arg("REGISTRY")
		m.global = append(m.global, fmt.Sprintf("ARG %s=%s\n", name, host))
		return "${" + name + "}/" + rest + ":" + g.tagOf(i)
	case way < 92 && m.system != "":
		name, tag := m.arg("VERSION_OF_BASE"), g.tagOf(i)
		switch {
		case g.chance(30, "a default that every build overrides"):
			m.global = append(m.global, fmt.Sprintf("ARG %s=%s\n", name, tag))
		case g.chance(10, "an old default that every build overrides"):
			m.global = append(m.global, fmt.Sprintf("ARG %s=%s\n", name, i.tag.before))
		default:
			m.global = append(m.global, fmt.Sprintf("ARG %s\n", name))
		}
		m.args = append(m.args, [2]string{name, g.value(m.system, tag)})
		return repo + ":${" + name + "}"
	case i.module != nil && i.entry != "" && i.system == m.system && (m.system == "bake" || m.system == "compose"):
		g.has["a named context"] = true
		name := "ctx" + i.entry
		m.contexts = append(m.contexts, [2]string{name, i.entry})
		return name
	}
	return g.literal(i)
}

// refer adds a stage on an image; the last one is shipped.
func (g *generator) refer(m *module, i *image) {
	stage := fmt.Sprintf("s%d", len(m.head))
	from := g.reference(m, i)
	if len(m.body) == 0 {
		m.body = append(m.body, fmt.Sprintf("FROM %s\nRUN true\n", from))
		return
	}
	m.head = append(m.head, fmt.Sprintf("FROM %s AS %s\nRUN true\n", from, stage))
	if g.chance(70, "a stage that is copied from") {
		m.body = append(m.body, fmt.Sprintf("COPY --from=%s /x /x\n", stage))
	}
}

// copyFrom adds a COPY or a mount from an image.
func (g *generator) copyFrom(m *module, i *image) {
	if g.IntN(2) == 0 {
		g.has["COPY --from"] = true
		m.body = append(m.body, fmt.Sprintf("COPY --from=%s /x /x\n", g.literal(i)))
		return
	}
	g.has["RUN --mount"] = true
	m.body = append(m.body, fmt.Sprintf("RUN --mount=type=bind,from=%s,target=/x true\n", g.literal(i)))
}

// value writes a value in a build file: as it is, or as a variable that holds it.
func (g *generator) value(system, value string) string {
	if value == "" || system == "" || system == "workflow" || !g.chance(45, "a variable of a build file") {
		return value
	}
	key := system + "\x00" + value
	name, known := g.vars[key]
	if known && g.chance(70, "one variable for several places") {
		return g.use(system, name)
	}
	g.named++
	name = fmt.Sprintf("V%d", g.named)
	g.vars[key] = name
	switch system {
	case "bake":
		g.decls["bake"] = append(g.decls["bake"], fmt.Sprintf("variable %q { default = %q }\n", name, value))
	case "compose":
		g.env = append(g.env, fmt.Sprintf("%s=%s\n", name, value))
	case "make":
		g.decls["make"] = append(g.decls["make"], fmt.Sprintf("%s := %s\n", name, value))
	case "script":
		g.decls["script"] = append(g.decls["script"], fmt.Sprintf("%s=%s\n", name, value))
	}
	return g.use(system, name)
}

func (g *generator) use(system, name string) string {
	if system == "make" {
		return "$(" + name + ")"
	}
	return "${" + name + "}"
}

// version says the version of a derived base somewhere.
func (g *generator) version(m *module, i *image) {
	switch {
	case g.chance(20, "a label"):
		m.body = append(m.body, fmt.Sprintf("LABEL org.opencontainers.image.version=%q\n", i.tag.at))
	case g.chance(12, "a VERSION file"):
		g.write(m.dir+"/VERSION", "%s\n", i.tag.at)
	case g.chance(8, "versions: of the configuration"):
		g.said = append(g.said, fmt.Sprintf("  %s: %q\n", i.repo, i.tag.at))
	case g.chance(8, "ARG VERSION"):
		m.body = append(m.body, fmt.Sprintf("ARG VERSION=%s\n", i.tag.at))
	}
	if m.system == "" && g.chance(15, "images: of the configuration") {
		g.owned = append(g.owned, fmt.Sprintf("  %s: %s\n", m.path, i.repo))
	}
}
