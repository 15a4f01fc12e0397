package properties

import (
	"fmt"
	"strings"
)

// entry adds the build of a module to its build file. i may be nil.
func (g *generator) entry(m *module, target string, i *image, name string, args [][2]string) {
	var tags []string
	if i != nil {
		tag := g.value(m.system, i.tag.at)
		if m.system == "script" && g.r.files[m.dir+"/VERSION"] != "" && g.chance(50, "$(cat VERSION)") {
			tag = "$(cat " + m.dir + "/VERSION)"
		}
		if m.system == "compose" && g.chance(10, "a default of compose") {
			tag = "${" + fmt.Sprintf("TAG%d", len(g.vars)) + ":-" + i.tag.at + "}"
		}
		for _, repo := range append([]string{i.repo}, i.more...) {
			tags = append(tags, repo+":"+tag)
		}
		for _, line := range i.lines {
			tags = append(tags, i.repo+":"+line)
		}
		if g.chance(4, "a build without a tag") {
			tags = []string{i.repo}
		}
	}
	switch m.system {
	case "bake":
		g.bakeTarget(m, target, name, tags, args)
	case "compose":
		g.composeService(m, target, name, tags, args)
	case "make", "script":
		g.command(m, target, tags, args)
	case "workflow":
		g.job(m, target, name, i, tags, args)
	}
}

func (g *generator) bakeTarget(m *module, target, name string, tags []string, args [][2]string) {
	b := &g.bake
	fmt.Fprintf(b, "target %q {\n  context = %q\n", name, m.dir)
	if target != "" {
		fmt.Fprintf(b, "  target = %q\n", target)
	}
	if len(args) > 0 {
		fmt.Fprint(b, "  args = {\n")
		for _, a := range args {
			fmt.Fprintf(b, "    %s = %q\n", a[0], a[1])
		}
		fmt.Fprint(b, "  }\n")
	}
	if len(m.contexts) > 0 {
		fmt.Fprint(b, "  contexts = {\n")
		for _, c := range m.contexts {
			fmt.Fprintf(b, "    %s = \"target:%s\"\n", c[0], c[1])
		}
		fmt.Fprint(b, "  }\n")
	}
	if len(tags) > 0 {
		fmt.Fprintf(b, "  tags = [\"%s\"]\n", strings.Join(tags, "\", \""))
	}
	fmt.Fprint(b, "}\n")
}

func (g *generator) composeService(m *module, target, name string, tags []string, args [][2]string) {
	b := &g.compose
	fmt.Fprintf(b, "  %s:\n", name)
	if len(tags) > 0 {
		fmt.Fprintf(b, "    image: %s\n", tags[0])
	}
	fmt.Fprintf(b, "    build:\n      context: %s\n", m.dir)
	if target != "" {
		fmt.Fprintf(b, "      target: %s\n", target)
	}
	if len(args) > 0 {
		fmt.Fprint(b, "      args:\n")
		for _, a := range args {
			fmt.Fprintf(b, "        %s: %q\n", a[0], a[1])
		}
	}
	if len(m.contexts) > 0 {
		fmt.Fprint(b, "      additional_contexts:\n")
		for _, c := range m.contexts {
			fmt.Fprintf(b, "        %s: service:%s\n", c[0], c[1])
		}
	}
	if len(tags) > 1 {
		fmt.Fprintf(b, "      tags: [\"%s\"]\n", strings.Join(tags[1:], "\", \""))
	}
}

// command builds in a Makefile or a script.
func (g *generator) command(m *module, target string, tags []string, args [][2]string) {
	words := []string{"docker build"}
	for _, tag := range tags {
		words = append(words, "-t "+tag)
	}
	if target != "" {
		words = append(words, "--target "+target)
	}
	for _, a := range args {
		words = append(words, "--build-arg "+a[0]+"="+a[1])
	}
	line := strings.Join(append(words, m.dir), " ") + "\n"
	if m.system == "make" {
		g.make = append(g.make, "\t"+line)
		return
	}
	g.script = append(g.script, line)
}

// job builds in a workflow, now and then in a matrix.
func (g *generator) job(m *module, target, name string, i *image, tags []string, args [][2]string) {
	b := &g.jobs
	fmt.Fprintf(b, "  %s:\n    runs-on: ubuntu-latest\n", name)
	values, include := "", ""
	if len(args) > 0 && args[0][1] != "" && g.chance(40, "a matrix of a workflow") {
		values = args[0][1]
		quoted := fmt.Sprintf("%q", values)
		if other := g.neighbour(values); i == nil && other != "" && g.chance(30, "a matrix of a workflow over two versions") {
			quoted += fmt.Sprintf(", %q", other)
		}
		args = append([][2]string{{args[0][0], "${{ matrix.v }}"}}, args[1:]...)
		fmt.Fprintf(b, "    strategy:\n      matrix:\n        v: [%s]\n", quoted)
		if g.chance(50, "a matrix with include") {
			include = values
			fmt.Fprintf(b, "        include:\n          - v: %q\n            latest: true\n", include)
		}
	}
	fmt.Fprintf(b, "    steps:\n      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with:\n          context: %s\n", m.dir)
	if target != "" {
		fmt.Fprintf(b, "          target: %s\n", target)
	}
	if len(tags) > 0 {
		fmt.Fprint(b, "          tags: |\n")
		for _, tag := range tags {
			fmt.Fprintf(b, "            %s\n", tag)
		}
	}
	if len(args) > 0 {
		fmt.Fprint(b, "          build-args: |\n")
		for _, a := range args {
			fmt.Fprintf(b, "            %s=%s\n", a[0], a[1])
		}
	}
}
