package cli_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

type configCheck struct {
	Path          string
	Valid         bool
	Errors, Notes []struct {
		Path, Message, Hint, Code string
		Line, Col                 int
	}
}

// A configuration is judged: one line for one that is right, with notes of what fits nothing, all
// errors for one that is wrong. Nothing else of the repository is spoken of.
func TestConfigCheck(t *testing.T) {
	t.Parallel()
	others := with(small(), "odd/Dockerfile", "FROM ${X}\n", "build.sh", "docker build -f nowhere/Dockerfile .\n")
	const used = "policies:\n- {images: base, level: minor, schedule: 0 6 * * *}\n"
	const unused = "policies:\n- {images: [base, nginx], level: minor}\nregistries: {quay.io: {optional: true}}\nignore: [nowhere]\n"
	const wrong = "policies:\n- {images: base, level: mayor}\nregistrys: {quay.io: {optional: true}}\n"
	for _, test := range []struct {
		name, text string
		status     int
		stdout     string // of its line, behind the revision
		stderr     string
		lines      string // of the document: notes and errors
	}{
		{"none", "", 0, "there is no .propagate.yaml, and none is needed\n", "", ""},
		{"right", used, 0, ".propagate.yaml is right\n", "", ""},
		{"unused", unused, 0, ".propagate.yaml is right; 3 notes above\n",
			"note: .propagate.yaml:4:10: ignore: nowhere fits no Dockerfile [unused-setting]\nnote: .propagate.yaml:2:19: policies: images: nginx fits no image here [unused-setting]\nnote: .propagate.yaml:3:14: registries: no image here is in quay.io [unused-setting]\n",
			"2:19 unused-setting 3:14 unused-setting 4:10 unused-setting "},
		{"wrong", wrong, 2, "",
			"propagate: .propagate.yaml:2:25: policies: level: \"mayor\" is none of patch, minor and major\nhint: did you mean major?\npropagate: .propagate.yaml:3:1: unknown key registrys\nhint: did you mean registries? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema\n",
			"2:25 did you mean major? 3:1 did you mean registries? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := others
			if test.text != "" {
				files = with(maps.Clone(others), ".propagate.yaml", test.text)
			}
			dir := plain(t, files)
			if r := in(dir).run(t, "config", "check").want(t, test.status); r.stdout != test.stdout || r.stderr != test.stderr {
				t.Errorf("it prints %q and says\n%s", r.stdout, r.stderr)
			}
			r := in(dir).run(t, "config", "check", "-o", "json").want(t, test.status)
			doc := document[configCheck](t, r)
			var b strings.Builder
			for _, p := range append(doc.Errors, doc.Notes...) {
				b.WriteString(fmt.Sprintf("%d:%d", p.Line, p.Col) + " " + p.Hint + p.Code + " ")
			}
			if b.String() != test.lines || doc.Valid != (test.status == 0) || (doc.Path == "") != (test.text == "") {
				t.Errorf("the document says %q: %+v", b.String(), doc)
			}
		})
	}
	dir := gittest.Init(t, with(small(), ".propagate.yaml", used))
	write(t, dir, ".propagate.yaml", wrong)
	if r := in(dir).run(t, "config", "check").want(t, 0); !strings.HasPrefix(r.stdout, ".propagate.yaml of commit ") || !strings.HasPrefix(r.stderr, "note: .propagate.yaml is another in the work tree: ") {
		t.Errorf("with another one in the work tree it prints %q and says %q", r.stdout, r.stderr)
	}
	in(dir).run(t, "config", "check", "--config", dir+"/.propagate.yaml").want(t, 2)
}

// What is shown is a configuration that is right, and is shown as the same.
func TestConfigShow(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), ".propagate.yaml", "policies:\n- {images: base, level: minor}\nlabels: [x]\n"))
	for _, format := range []string{"text", "json"} {
		first := in(dir).run(t, "config", "show", "-o", format).want(t, 0).stdout
		for _, want := range []string{"minor", "propagate/", "rebuild"} {
			if !strings.Contains(first, want) {
				t.Errorf("%s lacks %s:\n%s", format, want, first)
			}
		}
		other := gittest.Init(t, with(small(), ".propagate.yaml", first))
		in(other).run(t, "config", "check").want(t, 0)
		if second := in(other).run(t, "config", "show", "-o", format).want(t, 0).stdout; second != first {
			t.Errorf("%s: it is shown as\n%s\nand that as\n%s", format, first, second)
		}
	}
	write(t, dir, "wrong.yaml", "labels: x\n")
	if r := in(dir).run(t, "config", "show", "--config", dir+"/wrong.yaml").want(t, 2); r.stdout != "" {
		t.Errorf("of a wrong one it shows\n%s", r.stdout)
	}
}
