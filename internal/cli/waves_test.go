package cli_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// chain is a repository of three waves in a registry: a base on the patched one, a
// base on that, and services.
func chain(image string) map[string]string {
	return map[string]string{
		"bases/one/Dockerfile":   "FROM " + image + "/base:1.0.0\n",
		"bases/one/VERSION":      "2.0.0\n",
		"bases/two/Dockerfile":   "FROM " + image + "/one:2.0.0\n",
		"bases/two/VERSION":      "3.0.0\n",
		"services/a/Dockerfile":  "FROM " + image + "/two:3.0.0\n",
		"services/b/Dockerfile":  "FROM " + image + "/one:2.0.0\n",
		"services/ab/Dockerfile": "FROM " + image + "/two:3.0.0 AS two\nFROM " + image + "/one:2.0.0\nCOPY --from=two / /\n",
	}
}

// The same command goes on with each Dockerfile as soon as what it waits for is in
// the registry, and not before, however often it runs.
func TestWavesFollowTheRegistry(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team"
	publish(t, image+"/base:1.0.1")
	dir := gittest.Init(t, chain(image))
	args := []string{"--base", "team/base@1.0.1", "--publish", "files", "-o", "json"}
	step := func(wantEdits, wantPending string) {
		t.Helper()
		for _, again := range []bool{false, true} {
			plan := document[planDocument](t, in(dir).run(t, args...).want(t, 0))
			var edited, pending []string
			for _, change := range plan.Changes {
				for _, file := range change.Files {
					edited = append(edited, file.Path)
				}
			}
			for _, p := range plan.Pending {
				pending = append(pending, p.Path+"<"+strings.ReplaceAll(strings.Join(p.WaitsFor, "&"), image+"/", ""))
			}
			slices.Sort(edited)
			want := wantEdits
			if again {
				want = ""
			}
			if got := strings.Join(edited, " "); got != want {
				t.Errorf("edited %q, want %q (again: %v)", got, want, again)
			}
			if got := strings.Join(pending, " "); got != wantPending {
				t.Errorf("pending %q, want %q", got, wantPending)
			}
			if !again && len(edited) > 0 {
				gittest.Commit(t, dir, "merged", nil)
			}
		}
	}
	step("bases/one/Dockerfile bases/one/VERSION", "bases/two/Dockerfile<one:2.0.1 services/b/Dockerfile<one:2.0.1 services/a/Dockerfile<two:3.0.1 services/ab/Dockerfile<one:2.0.1&two:3.0.1")
	publish(t, image+"/one:2.0.1")
	// b does not wait for the long branch of the graph.
	step("bases/two/Dockerfile bases/two/VERSION services/b/Dockerfile", "services/a/Dockerfile<two:3.0.1 services/ab/Dockerfile<two:3.0.1")
	publish(t, image+"/two:3.0.1")
	step("services/a/Dockerfile services/ab/Dockerfile", "")
	in(dir).run(t, "--base", "team/base@1.0.1").want(t, 0).says(t, "nothing to do: all that depends on it is up to date")
	if got := read(t, dir, "services/ab/Dockerfile"); got != "FROM "+image+"/two:3.0.1 AS two\nFROM "+image+"/one:2.0.1\nCOPY --from=two / /\n" {
		t.Errorf("ab is %s", got)
	}
}

// A version of that name that was published earlier is not the one that is waited
// for.
func TestPublishedBeforeItWasMade(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team"
	publish(t, image+"/base:1.0.1")
	publish(t, image+"/one:2.0.1")
	plan := document[planDocument](t, in(gittest.Init(t, chain(image))).run(t, "plan", "--base", "team/base@1.0.1", "-o", "json").want(t, 0))
	if len(plan.Pending) != 4 {
		t.Errorf("pending: %+v", plan.Pending)
	}
}

// A registry that cannot be asked keeps its consumers waiting, and that is said.
func TestRegistryThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	image := closedPort(t) + "/team"
	files := chain(image)
	files["bases/one/Dockerfile"], files["bases/one/VERSION"] = "FROM "+image+"/base:1.0.1\n", "2.0.1\n"
	dir := gittest.Init(t, files)
	r := in(dir).run(t, "plan", "--base", "team/base@1.0.1").want(t, 0)
	r.says(t, "note: whether "+image+"/one:2.0.1 is published is not known, so nothing moves to it yet", "nothing to do before the derived bases are published")
	in(dir).run(t, "plan", "--base", "team/base@1.0.1", "--assume-published", "one@2.0.1").want(t, 0).says(t, "services/b/Dockerfile:1  2.0.0 -> 2.0.1")
}

// What is wrong with --assume-published and --atomic is said.
func TestWaveFlags(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, chain("registry.example/team"))
	for _, test := range []struct{ args, says, hint string }{
		{"--assume-published base@1.0.0", "--assume-published base@1.0.0: no Dockerfile here makes registry.example/team/base, so nothing waits for it", "propagate graph --explain base"},
		{"--assume-published one", "--assume-published one: it has no version", "IMAGE@VERSION, for example one@1.0.1"},
		{"--assume-published nothing@1", "--assume-published nothing@1: no Dockerfile depends on an image of this name", ""},
		{"--assume-published one@sha256:" + strings.Repeat("a", 64), "it has to name a tag", ""},
		{"--atomic --group service", "--atomic, --group service: they exclude each other", "--atomic makes one change of everything"},
	} {
		r := in(dir).run(t, append([]string{"plan", "--base", "base@1.0.1"}, strings.Fields(test.args)...)...).want(t, 2)
		r.says(t, test.says, test.hint)
	}
}

// Staged and atomic come to the same tree of the sample monorepo.
func TestSampleInWavesAndAtOnce(t *testing.T) {
	t.Parallel()
	files := matih(t)
	args := []string{"--base", "base-python-ml@1.0.1"}
	staged, whole := waves(t, files, nil, args), atomic(t, files, nil, args)
	if got := differences(staged, whole); len(got) > 0 {
		t.Errorf("they differ in %v", got)
	}
	want := append(slices.Sorted(maps.Keys(mlEdits)), "services/ai/embedding-trainer/Dockerfile", "services/ai/model-finetune/Dockerfile")
	slices.Sort(want)
	if got := differences(files, whole); !slices.Equal(got, want) {
		t.Errorf("changed are %v, want %v", got, want)
	}
	if !strings.Contains(whole["scripts/tools/build-base-images.sh"], "base-python-gpu  1.0.1        bases/base-python-gpu\n") {
		t.Errorf("the script is\n%s", whole["scripts/tools/build-base-images.sh"])
	}
}

// An unclear version holds up what is based on that base alone.
func TestUnclearVersionHoldsUpItsOwn(t *testing.T) {
	t.Parallel()
	files := chain("registry.example/team")
	files["bases/one/VERSION"] = "1.9.9\n"
	files["services/c/Dockerfile"] = "FROM registry.example/team/base:1.0.0\n"
	dir := gittest.Init(t, files)
	r := in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 3)
	r.says(t, "services/c/Dockerfile:1  1.0.0 -> 1.0.1", "its version is not clear: bases/one/VERSION:1:1 says 1.9.9 (VERSION file); bases/two/Dockerfile:1:6 uses 2.0.0", "hint: ")
	if strings.Contains(r.stdout, "bases/one/Dockerfile:1  1.0.0 ->") {
		t.Errorf("the unclear one is edited: %s", r.stdout)
	}
}

// Where nothing but its use says which version a derived base has, the history tells
// which one was in use when it got the patch: its consumers wait for the next, and
// once they have it nothing is left to be done.
func TestVersionThatIsWrittenNowhere(t *testing.T) {
	t.Parallel()
	const image = "registry.invalid/team"
	dir := gittest.Init(t, map[string]string{
		"bases/one/Dockerfile":  "FROM " + image + "/base:1.0.0\n",
		"services/a/Dockerfile": "FROM " + image + "/one:2.0.0\n",
		"services/b/Dockerfile": "FROM " + image + "/one:2.0.0\n",
	})
	args := []string{"--base", "team/base@1.0.1", "--publish", "files"}
	in(dir).run(t, args...).want(t, 0)
	gittest.Commit(t, dir, "wave 1", nil)
	gittest.Commit(t, dir, "something else", map[string]string{"bases/one/Dockerfile": read(t, dir, "bases/one/Dockerfile") + "RUN true\n"})
	waiting := "waiting for a derived base\n  services/a/Dockerfile  wave 2  " + image + "/one:2.0.1\n"
	in(dir).run(t, args...).want(t, 0).says(t, waiting)

	in(dir).run(t, append(args, "--assume-published", "one@2.0.1", "--group", "service")...).want(t, 0)
	gittest.Git(t, dir, "checkout", "services/b/Dockerfile")
	gittest.Commit(t, dir, "one of two", nil)
	r := in(dir).run(t, args...).want(t, 0)
	r.says(t, "services/b/Dockerfile  wave 2  "+image+"/one:2.0.1")
	if strings.Contains(r.stdout, "services/a/") {
		t.Errorf("a has it already: %s", r.stdout)
	}
	in(dir).run(t, append(args, "--assume-published", "one@2.0.1")...).want(t, 0)
	gittest.Commit(t, dir, "the other", nil)
	in(dir).run(t, args...).want(t, 0).says(t, "nothing to do: all that depends on it is up to date")

	shallow := gittest.TempDir(t) + "/clone"
	gittest.Git(t, dir, "clone", "-q", "--depth", "1", "file://"+dir, shallow)
	in(shallow).run(t, args...).want(t, 0).says(t, "note: bases/one/Dockerfile has the patch; which version of "+image+"/one has it is written nowhere", "services/a/Dockerfile:1  2.0.1  no-next-version")
}

// One variable that is the tag of a derived base and the argument of what is based on it
// moves with all waves at once, and holds both up otherwise, with the way out.
func TestOneVariableForTagAndArgument(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		".env":            "V=1.4.0\n",
		"compose.yaml":    "services:\n  mid: {image: \"registry.example/team/mid:${V}\", build: mid}\n  svc: {build: {context: svc, args: {MID: \"${V}\"}}}\n",
		"mid/Dockerfile":  from("1.0.0"),
		"svc/Dockerfile":  "ARG MID=1.4.0\nFROM registry.example/team/mid:${MID}\n",
		"last/Dockerfile": "FROM registry.example/team/mid:1.4.0\n",
	})
	in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 3).says(t, ".env:1: 1.4.0 cannot become 1.4.1: it also feeds registry.example/team/mid:${MID} at svc/Dockerfile:2:6", "--atomic moves what is rebuilt in several waves at once")
	in(dir).run(t, "--base", "base@1.0.1", "--atomic", "--publish", "files").want(t, 0)
	for path, want := range map[string]string{
		".env": "V=1.4.1\n", "mid/Dockerfile": from("1.0.1"), "svc/Dockerfile": "ARG MID=1.4.1\nFROM registry.example/team/mid:${MID}\n", "last/Dockerfile": "FROM registry.example/team/mid:1.4.1\n",
	} {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
	}
	gittest.Commit(t, dir, "done", nil)
	in(dir).run(t, "--base", "base@1.0.1", "--atomic", "--publish", "files").want(t, 0).says(t, "nothing to do")
}
