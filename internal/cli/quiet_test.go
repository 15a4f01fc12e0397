package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What follows from one cause is one line in a text, and never in JSON, which has what a person
// has to settle before what is left for good.
func TestFolded(t *testing.T) {
	t.Parallel()
	files := map[string]string{"z/Dockerfile": "ARG V\n" + from("${V}"), "bases/web/Dockerfile": from("1.0.0"), "bases/web/VERSION": "2.0.0\n", "bases/old/Dockerfile": from("0.9.0")}
	const names = "registry.example/team/"
	for i := range 12 {
		files[fmt.Sprintf("shops/%02d/Dockerfile", i)] = "FROM " + names + "web:2.0.0\n"
		files[fmt.Sprintf("legacy/%02d/Dockerfile", i)] = fmt.Sprintf("FROM "+names+"old:1.%d.0\n", i)
		files[fmt.Sprintf("third_party/%02d/Dockerfile", i)] = from("1.0.0")
	}
	dir := gittest.Init(t, files)
	for _, command := range []string{"plan", "affected"} {
		args := []string{command, "--base", base + "@1.0.1"}
		short := in(dir).run(t, args...).want(t, 0)
		for text, want := range map[string]int{
			"shops/": 3, "legacy/": 3, "third_party/": 0, "\n  9 more wait for web:2.0.1\n": 1, "\n  9 more wait for old, which is left: level\n": 1,
			"\n  12 Dockerfiles are left as vendored, in trees that nothing outside builds: third_party\n": 1, "hint: --verbose lists each of them\n": 1,
		} {
			if got := strings.Count(short.stdout, text); got != want {
				t.Errorf("%s has %q %d times, want %d:\n%s", command, text, got, want, short.stdout)
			}
		}
		whole := in(dir).run(t, append(args, "--verbose")...).want(t, 0)
		for text, want := range map[string]int{"shops/": 12, "legacy/": 12, "third_party/": 12, " more": 0, "hint: --verbose": 0} {
			if got := strings.Count(whole.stdout, text); got != want {
				t.Errorf("%s --verbose has %q %d times, want %d:\n%s", command, text, got, want, whole.stdout)
			}
		}
	}
	plan := document[planDocument](t, in(dir).run(t, "plan", "--base", base+"@1.0.1", "-o", "json").want(t, 0))
	if len(plan.Pending) != 12 || len(plan.Skipped) != 26 || plan.Skipped[0].Path != "z/Dockerfile" || plan.Skipped[1].Path != "bases/old/Dockerfile" {
		t.Errorf("the document has %d pending, and is left: %+v", len(plan.Pending), plan.Skipped)
	}
}

// What a vendored tree holds needs no person: a strict run is done.
func TestStrictLeavesVendoredTrees(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "third_party/x/Dockerfile", from("1.0.0")))
	for _, args := range [][]string{{"plan"}, {"--dry-run"}, {"--publish", "branch"}} {
		r := in(dir).run(t, append(args, "--strict", "--base", base+"@1.0.1")...).want(t, 0)
		if strings.Contains(r.stderr, "third_party") {
			t.Errorf("%s says: %s", args, r.stderr)
		}
	}
}

// An error is said where it was found: neither the row of what it leaves nor a strict run says it
// again, and nor does what follows from it.
func TestErrorIsSaidOnce(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"bases/derived/Dockerfile": from("1.0.0") + "LABEL org.opencontainers.image.version=2.0.0\n", "bases/derived/VERSION": "2.0.1\n",
		"s/Dockerfile": "FROM registry.example/team/derived:2.0.0\n",
	})
	r := in(dir).run(t, "plan", "--strict", "--base", base+"@1.0.1").want(t, 3)
	for text, want := range map[string]int{"its version is not clear": 1, "bases/derived/Dockerfile:1": 1, "s/Dockerfile:1": 1} {
		if got := strings.Count(r.stdout+r.stderr, text); got != want {
			t.Errorf("%q is said %d times, want %d:\n%s%s", text, got, want, r.stdout, r.stderr)
		}
	}
}
