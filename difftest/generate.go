package difftest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generate makes a Dockerfile that combines, by chance, what Dockerfiles can hold:
// every form of ARG expansion, names and indices of stages in every use, mounts,
// triggers, heredocs, both escape characters, continuation lines with comments,
// quotes, and three kinds of line end. Some come out as nothing that BuildKit
// accepts; most do not. With it comes a way to build it, for half of them the plain one.
func Generate(seed uint64) ([]byte, Build) {
	g := &generator{random: rand.New(rand.NewPCG(seed, 0)), escape: `\`}
	g.directives()
	for range g.n(5) {
		g.arg()
	}
	for i := range 1 + g.n(5) {
		g.stage(i)
	}
	text := g.out.String()
	switch g.n(8) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = "\ufeff" + text
	case 2:
		text = strings.TrimRight(text, "\n")
	}
	g.random = rand.New(rand.NewPCG(seed, 1))
	return []byte(text), g.build()
}

// build makes a way to build the file.
func (g *generator) build() Build {
	b := Build{}
	if g.chance(50) {
		return b
	}
	if len(g.names) > 0 && g.chance(50) {
		b.Target = g.pick(g.names...)
	}
	if g.chance(60) {
		b.Args = map[string]string{}
		for range 1 + g.n(3) {
			name := fmt.Sprintf("A%d", g.n(6))
			if g.chance(10) {
				name = g.pick("TARGETARCH", "BUILDPLATFORM", "TARGETSTAGE")
			}
			b.Args[name] = g.pick("1.0.0", "2.1-slim", "base", "registry.example/team", "x", "$A0", "'q'", "")
		}
	}
	if g.chance(40) {
		b.Contexts = map[string]string{}
		for range 1 + g.n(2) {
			name := g.pick("alpine:3.20", "base", "busybox:1.36", "team/tool", "localhost:5000/tool:2", "later", "registry.example/team/base:1.0.0")
			if len(g.names) > 0 && g.chance(50) {
				name = strings.ToLower(g.pick(g.names...))
			}
			b.Contexts[name] = g.pick("registry.example/context:1.0.0", "team/context", "scratch")
		}
	}
	if g.chance(40) {
		b.Platforms = []string{g.pick("linux/amd64", "linux/arm64", "linux/arm", "linux/arm/v6", "windows/amd64")}
		if g.chance(40) {
			b.Platforms = append(b.Platforms, g.pick("linux/aarch64/v8", "linux/riscv64", "darwin/x86_64"))
		}
	}
	return b
}

type generator struct {
	random *rand.Rand
	out    strings.Builder
	escape string
	args   []string // declared before the first FROM
	names  []string // of the stages so far
	stages int
}

func (g *generator) n(n int) int { return g.random.IntN(n) }

func (g *generator) pick(of ...string) string { return of[g.n(len(of))] }

func (g *generator) chance(percent int) bool { return g.n(100) < percent }

func (g *generator) line(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

func (g *generator) directives() {
	if g.chance(15) {
		g.line("# syntax=%s", g.pick("docker/dockerfile:1", "docker/dockerfile:1.7-labs", "registry.example/frontend"))
	}
	if g.chance(20) {
		g.escape = "`"
		g.line("# escape=`")
	}
	if g.chance(20) {
		g.line("# %s", g.pick("a comment", "FROM evil:1", "ARG V=9"))
	}
}

func (g *generator) arg() {
	name := fmt.Sprintf("A%d", g.n(6))
	switch g.n(6) {
	case 0:
		g.line("ARG %s", name)
	case 1:
		other := fmt.Sprintf("A%d", g.n(6))
		g.line("ARG %s=%s %s=%s", name, g.value(), other, g.value())
		g.args = append(g.args, other)
	case 2:
		g.line("arg\t%s=%s%s", name, g.pick(`"`, `'`, ``), g.pick("1.0.0", "base", "x")) // some quotes stay open
	default:
		g.line("ARG %s=%s", name, g.value())
	}
	g.args = append(g.args, name)
}

func (g *generator) value() string {
	switch g.n(8) {
	case 0:
		return g.variable()
	case 1:
		return g.pick("1.0", "v1") + "." + g.variable()
	case 2:
		return `"` + g.variable() + g.pick("", "-x") + `"`
	case 3:
		return "'" + g.pick("1.0.0", "$A0", "2-slim") + "'"
	default:
		return g.pick("1.0.0", "1.0", "v2.3.4", "3.11-slim-bookworm", "base", "registry.example/team", "x", `1\.2`, "")
	}
}

// variable is one use of an ARG, in one of the forms that the lexer knows.
func (g *generator) variable() string {
	name := fmt.Sprintf("A%d", g.n(6))
	if len(g.args) > 0 && g.chance(75) {
		name = g.args[g.n(len(g.args))]
	}
	word := g.pick("1.0.0", "x", "base", "$A1", "${A2:-7}", "'3.1'")
	pattern := g.pick("v", "1", "*.", "?", "x*", `\*`, "-*", "$A3", ".0")
	switch g.n(16) {
	case 0, 1, 2:
		return "$" + name
	case 3:
		return "${" + name + ":-" + word + "}"
	case 4:
		return "${" + name + "-" + word + "}"
	case 5:
		return "${" + name + ":+" + word + "}"
	case 6:
		return "${" + name + "+" + word + "}"
	case 7:
		return "${" + name + g.pick("?", ":?") + "missing}"
	case 8:
		return "${" + name + g.pick("#", "##", "%", "%%") + pattern + "}"
	case 9:
		return "${" + name + g.pick("/", "//") + pattern + "/" + g.pick("", "y", "$A4", ".") + "}"
	case 10:
		return "${" + g.pick("TARGETARCH", "BUILDPLATFORM", "TARGETSTAGE", "TARGETVARIANT") + g.pick("", ":-x") + "}"
	default:
		return "${" + name + "}"
	}
}

// image is what a FROM may name.
func (g *generator) image() string {
	if len(g.names) > 0 && g.chance(25) {
		return g.pick(g.names...)
	}
	switch g.n(12) {
	case 0:
		return "scratch"
	case 1:
		return g.variable()
	case 2:
		return "registry.example/team/base:" + g.variable()
	case 3:
		return g.variable() + "/base:1.0.0"
	case 4:
		return `"node:` + g.pick("20", "$A0") + `"`
	case 5:
		return "base@sha256:" + strings.Repeat("0f", 32)
	case 6:
		return g.pick("0", "1")
	case 7:
		return "localhost:5000/base:" + g.variable() + "-" + g.pick("slim", "$TARGETARCH")
	case 8:
		return g.pick("base-$TARGETARCH", "${TARGETOS}/base:$TARGETARCH${TARGETVARIANT}", "base:${TARGETPLATFORM##*/}")
	default:
		return g.pick("alpine:3.20", "registry.example/team/base:1.0.0", "team/base:v1", "base")
	}
}

func (g *generator) stage(index int) {
	from := g.pick("FROM", "FROM", "from", "From")
	flag := ""
	if g.chance(20) {
		flag = g.space() + "--platform=" + g.pick("$BUILDPLATFORM", "linux/amd64", `"linux/arm64"`, "${TARGETPLATFORM}")
	}
	name := ""
	if g.chance(60) {
		name = g.pick("a", "build", "Deps", "x-1", "base-amd64", "base-arm64", fmt.Sprintf("s%d", index))
	}
	text := from + flag + g.space() + g.image()
	if name != "" {
		text += g.space() + g.pick("AS", "as", "As") + g.space() + name
		g.names = append(g.names, name, strings.ToLower(name))
	}
	g.line("%s%s", text, g.pick("", "", " ", "\t"))
	g.stages++
	for range g.n(6) {
		g.instruction()
	}
}

// space separates two words; now and then by a continued line, with or without a
// comment behind it.
func (g *generator) space() string {
	switch g.n(12) {
	case 0:
		return " " + g.escape + "\n  "
	case 1:
		return " " + g.escape + " \t\n# FROM evil:2 " + g.escape + "\n "
	case 2:
		return g.pick("  ", "\t")
	case 3:
		return " " + g.escape + "\n\n  "
	}
	return " "
}

// source is what COPY --from and mounts may name.
func (g *generator) source() string {
	if len(g.names) > 0 && g.chance(40) {
		name := g.pick(g.names...)
		return g.pick(name, strings.ToUpper(name))
	}
	switch g.n(8) {
	case 0:
		return fmt.Sprint(g.n(g.stages + 1))
	case 1:
		return "scratch"
	case 2:
		return "registry.example/tool:1.0.0"
	case 3:
		return g.pick("later", "$A0")
	default:
		return g.pick("busybox:1.36", "team/tool", "localhost:5000/tool:2")
	}
}

func (g *generator) instruction() {
	if g.chance(25) {
		g.out.WriteString(g.pick("ONBUILD ", "onbuild\t"))
	}
	quote := g.pick("", "", "", `"`, "'")
	switch g.n(9) {
	case 0:
		g.line("RUN <<EOF\nFROM evil:3\nCOPY --from=evil:4 / /\nEOF")
	case 1:
		g.line("COPY <<one <<-two /x/\nFROM evil:5\none\n\tRUN --mount=from=evil:6\n\ttwo")
	case 2:
		g.line("ARG A%d=9.9.9", g.n(6))
	case 3:
		g.line("ENV BASE=registry.example/team/base:1.0.0")
	case 4:
		g.line("RUN%s--mount=type=bind,from=%s,target=/m%s--mount=type=cache,target=/c true", g.space(), g.source(), g.space())
	case 5:
		g.line("RUN --mount=%starget=/m,from=%s%s --mount=from=%s,target=/n true", quote, g.source(), quote, g.source())
	case 6:
		g.line("COPY%s--link%s--from=%s%s%s /a /b", g.space(), g.space(), quote, g.source(), quote)
	case 7:
		g.line("COPY --from=%s [\"/a\", \"/b\"]", g.source())
	default:
		g.line("copy --chown=1:1 --from=%s%s/a%s/b", g.source(), g.space(), g.space())
	}
}
