package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The command that a pull request gives makes the same changes again, whatever the
// configuration says besides.
func TestRunAgain(t *testing.T) {
	t.Parallel()
	const image = "registry.example/team"
	patched := with(chain(image), "bases/one/Dockerfile", "FROM "+image+"/base:1.0.1\n", "bases/one/VERSION", "2.0.1\n",
		"services/d/Dockerfile", "FROM "+image+"/base:1.0.0\n", ".propagate.yaml", noLabels+"group: service\n")
	for _, args := range []string{"", "--group all", "--group directory", "--atomic", "--assume-published one@2.0.1", "--group wave --assume-published one@2.0.1 --emergency"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			h := newHub(t, patched)
			made := document[planDocument](t, h.program().run(t, append(strings.Fields(args), prArgs...)...).want(t, 0))
			for _, pull := range h.api.Pulls() {
				_, again, _ := strings.Cut(pull.Body, "```sh\npropagate ")
				again, _, _ = strings.Cut(again, "\n")
				h.quiet(t, func() {
					now := document[planDocument](t, h.program().run(t, append(strings.Fields(again), "--publish", "pr", "-o", "json")...).want(t, 0))
					if len(now.Changes) != len(made.Changes) {
						t.Errorf("%s: %d changes, want %d", again, len(now.Changes), len(made.Changes))
					}
					for _, change := range now.Changes {
						if change.State != "unchanged" {
							t.Errorf("%s: %s is %s", again, change.Branch, change.State)
						}
					}
				})
			}
			if len(made.Changes) == 0 {
				t.Error("there is no change")
			}
		})
	}
}

// What affected cannot know, it says as plan does.
func TestAffectedIsIncomplete(t *testing.T) {
	t.Parallel()
	image := closedPort(t) + "/team"
	pinned := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM " + image + "/base:1.0.0@sha256:" + strings.Repeat("a", 64) + "\n"})
	for _, command := range []string{"plan", "affected"} {
		in(pinned).run(t, command, "--base", "base@1.0.1").want(t, 3).says(t, "propagate: a/Dockerfile:1:6: ")
	}
	unwritten := gittest.Init(t, map[string]string{"bases/one/Dockerfile": "FROM " + image + "/base:1.0.1\n", "a/Dockerfile": "FROM " + image + "/one:2.0.0\n"})
	for _, command := range []string{"plan", "affected"} {
		in(unwritten).run(t, command, "--base", "base@1.0.1").want(t, 0).says(t, "note: bases/one/Dockerfile has the patch; which version of "+image+"/one has it is written nowhere")
	}
}

// One variable that is the version of several images: which of them is named does not
// change from run to run.
func TestSameAnswerEachTime(t *testing.T) {
	t.Parallel()
	compose := "services:\n"
	files := map[string]string{".env": "V=1.0.0\n"}
	for _, name := range []string{"x", "y", "z"} {
		compose += "  " + name + ":\n    image: registry.example/team/" + name + ":${V}\n    build: {context: " + name + ", args: {V: '${V}'}}\n"
		files[name+"/Dockerfile"] = "FROM registry.example/other\n"
		files["on-"+name+"/Dockerfile"] = "FROM registry.example/team/" + name + ":1.0.0\n"
	}
	compose += "  a:\n    build: {context: a, args: {V: '${V}'}}\n"
	files["a/Dockerfile"], files["compose.yaml"] = "ARG V\nFROM "+base+":${V}\n", compose
	dir := gittest.Init(t, files)
	first := in(dir).run(t, "plan", "--base", "base@1.0.1")
	first.says(t, "also feeds")
	for range 20 {
		if again := in(dir).run(t, "plan", "--base", "base@1.0.1"); again != first {
			t.Fatalf("once\n%+v\nthen\n%+v", first, again)
		}
	}
}

// What a registry did not say is noted, also where the plan is made once more for
// another reason.
func TestNotesOfTheLastRound(t *testing.T) {
	t.Parallel()
	image := closedPort(t) + "/team"
	files := with(chain(image), "bases/one/Dockerfile", "FROM "+image+"/base:1.0.1\n", "bases/one/VERSION", "2.0.1\n", ".env", "V=5.0.0\n",
		".propagate.yaml", "ignore: ['y/**']\n", "x/Dockerfile", "FROM "+image+"/base:1.0.0\n", "y/Dockerfile", "FROM "+image+"/base:1.0.0\n",
		"services/xy/Dockerfile", "FROM "+image+"/x:5.0.0 AS x\nFROM "+image+"/y:5.0.0\nCOPY --from=x / /\n",
		"compose.yaml", "services:\n  x: {build: x, image: '"+image+"/x:${V}'}\n  y: {build: y, image: '"+image+"/y:${V}'}\n")
	dir := gittest.Init(t, files)
	for _, args := range []string{"", "--atomic"} {
		r := in(dir).run(t, append([]string{"plan", "--base", "team/base@1.0.1"}, strings.Fields(args)...)...)
		if args == "" {
			r.says(t, "note: whether "+image+"/one:2.0.1 is published is not known")
		}
		r.says(t, "x/Dockerfile: its version is written in one place with that of y/Dockerfile, which does not move")
		if strings.Contains(r.stderr, "--atomic moves both") {
			t.Errorf("%s: that advice does not help: %s", args, r.stderr)
		}
	}
}

// What is assumed to be published, but nothing waits for, is likely a mistake.
func TestNeedlessAssumption(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, chain("registry.example/team"))
	const note = "note: nothing waits for registry.example/team/one:7.0.0, which is assumed to be published"
	in(dir).run(t, "plan", "--base", "base@1.0.1", "--assume-published", "one@7.0.0").want(t, 0).says(t, note)
	if r := in(dir).run(t, "plan", "--base", "base@1.0.1", "--assume-published", "one@2.0.1").want(t, 0); strings.Contains(r.stderr, "nothing waits") {
		t.Errorf("it says %s", r.stderr)
	}
	mirrored := gittest.Init(t, map[string]string{
		"one/Dockerfile": "FROM registry.example/team/base:1.0.1\n", "b/Dockerfile": "FROM registry.example/team/one:2.0.1\n",
		"a/Dockerfile": "ARG REG=localhost:5000\nFROM ${REG}/team/one:2.0.1\n", "compose.yaml": "services:\n  one: {build: one, image: registry.example/team/one:2.0.1}\n  a: {build: {context: a, args: {REG: registry.example}}}\n",
	})
	if r := in(mirrored).run(t, "plan", "--base", "base@1.0.1", "--assume-published", "registry.example/team/one@2.0.1").want(t, 0); strings.Contains(r.stderr, "nothing waits") {
		t.Errorf("of a mirror it says %s", r.stderr)
	}
}

// The history tells nothing of a base whose version is handed in by a file that said none before, nor
// where not all that stands on it today did then.
func TestHistoryThatTellsNothing(t *testing.T) {
	t.Parallel()
	const image = "registry.invalid/team"
	consumer := func(version string) string { return "FROM " + image + "/one:" + version + "\n" }
	compose := func(version string) string {
		return "services:\n  one: {image: " + image + "/one, build: {context: bases/one, args: {V: " + version + "}}}\n"
	}
	for name, history := range map[string][]map[string]string{
		"handed in": {
			{"bases/one/Dockerfile": "FROM " + image + "/base:0.9.0\n", "a/Dockerfile": consumer("1.9.0")},
			{"bases/one/Dockerfile": "ARG V=1.0.0\nFROM " + image + "/base:$V\n", "a/Dockerfile": consumer("2.0.0")},
			{"compose.yaml": compose("1.0.1")},
		},
		"another consumer since": {
			{"bases/one/Dockerfile": "FROM " + image + "/base:1.0.0\n", "a/Dockerfile": consumer("1.9.0")},
			{"bases/one/Dockerfile": "FROM " + image + "/base:1.0.1\n"},
			{"b/Dockerfile": consumer("2.0.0"), "a/Dockerfile": consumer("2.0.0")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := gittest.Init(t, history[0])
			for _, files := range history[1:] {
				gittest.Commit(t, dir, "next", files)
			}
			in(dir).run(t, "plan", "--base", "team/base@1.0.1").want(t, 0).says(t, "is written nowhere, so what stands on it stays as it is")
		})
	}
}

// An image that two files claim is no obstacle where it is the one that is patched:
// whoever makes it, it is there.
func TestContestedBase(t *testing.T) {
	t.Parallel()
	compose := "services:\n  x: {image: registry.example/team/base, build: x}\n  y: {image: registry.example/team/base, build: y}\n"
	dir := gittest.Init(t, map[string]string{"compose.yaml": compose, "x/Dockerfile": "FROM scratch\n", "y/Dockerfile": "FROM scratch\n", "a/Dockerfile": from("1.0.0")})
	in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 0).says(t, "a/Dockerfile:1  1.0.0 -> 1.0.1")
}

// Versions that the configuration gives are edited where they stand: in a file of the
// repository, and nowhere else.
func TestVersionsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	const image = "registry.example/team"
	files := map[string]string{
		"one/Dockerfile": "FROM " + base + ":1.0.0\n", "two/Dockerfile": "FROM " + base + ":1.0.0\n",
		"a/Dockerfile": "FROM " + image + "/two:2.0.0\n", "b/Dockerfile": "FROM " + image + "/one:2.0.0\n",
	}
	const config = "images: {one/Dockerfile: " + image + "/one, two/Dockerfile: " + image + "/two}\nversions: {one: 2.0.0, \"two\": \"2.0.0\"}\n"
	args := []string{"--base", "base@1.0.1", "--publish", "files"}
	own := gittest.Init(t, with(files, ".propagate.yaml", config))
	in(own).run(t, args...).want(t, 0)
	if got := read(t, own, ".propagate.yaml"); got != strings.ReplaceAll(config, "2.0.0", "2.0.1") {
		t.Errorf("the configuration is\n%s", got)
	}

	dir, elsewhere := gittest.Init(t, files), gittest.TempDir(t)
	write(t, elsewhere, "config.yaml", config)
	in(dir).run(t, append(args, "--config", elsewhere+"/config.yaml")...).want(t, 2).says(t, "cannot be edited here: this configuration is not the repository's own", "hint: say in which file of the repository it is")

	none := gittest.Init(t, with(files, "build.txt", "one is new\n", ".propagate.yaml", "images: {one/Dockerfile: "+image+"/one}\nversions:\n  one: {file: build.txt, pattern: 'one is (?P<version>\\w+)'}\n"))
	in(none).run(t, args...).want(t, 2).says(t, `build.txt:1:8: "new" is no version`)
}
