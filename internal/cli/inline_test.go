package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Dockerfiles that are written inside other files.
const (
	inlineCompose = "services:\n  made:\n    image: registry.example/team/made:1.2.0\n    build:\n      context: a\n      dockerfile_inline: |\n" +
		"        ARG V=1.0.0\n        FROM " + base + ":${V:-1.0.0}\n        COPY --from=" + base + ":1.0.0 $${HOME} /\n"
	inlineBake   = "target \"x\" {\n  dockerfile-inline = <<EOT\nFROM " + base + ":1.0.0\nEOT\n}\n"
	inlineScript = "V=1.0.0\ndocker build -t registry.example/team/x:1 - <<EOF\nFROM " + base + ":$V\nEOF\n"
)

// What has to be built again of a Dockerfile inside another file is named by that file, and given
// as the text that it will be: no file is called as it is.
func TestAffectedInline(t *testing.T) {
	t.Parallel()
	repo := gittest.Init(t, map[string]string{
		"deploy/compose.yaml": inlineCompose, "build.sh": inlineScript,
		"services/a/Dockerfile": "FROM registry.example/team/made:1.2.0\n",
	})
	p := in(repo)
	paths := p.run(t, "affected", "--base", base+"@1.0.1", "-o", "paths").want(t, 0).stdout
	if want := "build.sh\ndeploy/compose.yaml\nservices/a/Dockerfile\n"; paths != want {
		t.Errorf("paths:\n%s\nwant:\n%s", paths, want)
	}
	for _, format := range []string{"bake", "github-matrix"} {
		r := p.run(t, "affected", "--base", base+"@1.0.1", "-o", format).want(t, 0)
		for _, want := range []string{
			`ARG V=1.0.0\nFROM registry.example/team/base:1.0.1\nCOPY --from=registry.example/team/base:1.0.1 ` + map[string]string{"bake": "$${HOME}", "github-matrix": "${HOME}"}[format] + ` /\n`,
			`FROM registry.example/team/base:1.0.1\n"`, `deploy/a`,
		} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("%s has no %s:\n%s", format, want, r.stdout)
			}
		}
	}
	if bake := p.run(t, "affected", "--base", base+"@1.0.1", "-o", "bake").want(t, 0).stdout; strings.Contains(bake, "#") {
		t.Errorf("the bake file names what is no file:\n%s", bake)
	}
	for _, command := range [][]string{{"scan"}, {"graph"}, {"affected", "--base", base + "@1.0.1"}} {
		r := p.run(t, append(command, "-o", "json")...).want(t, 0)
		if !strings.Contains(r.stdout, `"path": "deploy/compose.yaml#made"`) || !strings.Contains(r.stdout, `"inline_in": "deploy/compose.yaml"`) {
			t.Errorf("%v does not say where the Dockerfile is:\n%s", command, r.stdout)
		}
	}
}

// The configuration speaks of a Dockerfile inside another file by its name, or by that of the file.
func TestInlineConfigured(t *testing.T) {
	t.Parallel()
	const left, gone = "left as they are\n  compose.yaml:8  1.0.0  ignored", "1 Dockerfile, 1 image reference"
	for config, want := range map[string]string{
		"ignore: [compose.yaml]\n":                                              left,
		"ignore: ['compose.yaml#made']\n":                                       left,
		"dockerfiles: {exclude: ['*.yaml#made']}\n":                             gone,
		"dockerfiles: {exclude: [compose.yaml]}\n":                              gone,
		"images: {'compose.yaml#made': registry.example/team/other}\n":          "→ registry.example/team/other, configuration .propagate.yaml:1",
		"diagnostics: {ignore: [{code: no-such-stage, files: compose.yaml}]}\n": "compose.yaml#made",
	} {
		compose := inlineCompose + "        COPY --from=7 / /\n"
		p := in(gittest.Init(t, map[string]string{
			"compose.yaml": compose, "x/Dockerfile": from("1.0.0"), "y/Dockerfile": "FROM registry.example/team/other:1.0.0\n", ".propagate.yaml": config,
		}))
		out, notes := "", ""
		for _, args := range [][]string{{"plan", "--base", base + "@1.0.1"}, {"scan"}, {"graph"}} {
			r := p.run(t, args...).want(t, 0)
			out, notes = out+r.stdout, notes+r.stderr
		}
		if want == gone {
			want = "2 Dockerfiles, 2 image references" // y/Dockerfile is there, too
		}
		if !strings.Contains(out, want) || strings.Contains(notes, "unused-setting") {
			t.Errorf("%s\n%s\n%s", config, out, notes)
		}
	}
}

// The history of the file that holds a Dockerfile tells when that got the patch, and which version its
// consumers were on, which may be texts as well.
func TestInlineHistory(t *testing.T) {
	t.Parallel()
	compose := func(own, consumer string) string {
		return "services:\n  derived:\n    image: registry.example/team/derived\n    build:\n      context: .\n      dockerfile_inline: |\n        FROM " + base + ":" + own +
			"\n  tool:\n    image: registry.example/team/tool\n    build:\n      context: .\n      dockerfile_inline: |\n        FROM registry.example/team/derived:" + consumer + "\n"
	}
	dir := gittest.Init(t, map[string]string{"compose.yaml": compose("1.0.0", "2.0.0"), "svc/Dockerfile": "FROM registry.example/team/derived:2.0.0\n"})
	for _, now := range []string{"2.0.0", "2.0.1"} {
		gittest.Commit(t, dir, "now", map[string]string{"compose.yaml": compose("1.0.1", now)})
		r := in(dir).run(t, "plan", "--base", base+"@1.0.1", "--assume-published", "registry.example/team/derived@2.0.1").want(t, 0)
		if !strings.Contains(r.stdout, "svc/Dockerfile:1  2.0.0 -> 2.0.1") {
			t.Errorf("on %s:\n%s%s", now, r.stdout, r.stderr)
		}
		r = in(dir).run(t, "plan", "--base", base+"@1.0.1").want(t, 0)
		if !strings.Contains(r.stdout, "svc/Dockerfile") || !strings.Contains(r.stdout, "registry.example/team/derived:2.0.1") {
			t.Errorf("on %s, what waits:\n%s%s", now, r.stdout, r.stderr)
		}
	}
}
