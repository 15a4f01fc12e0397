package cli_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What says the version of the base itself is a note that fails nothing and that the
// configuration can turn off; with --record it is in the commit, its message and the JSON.
func TestRecord(t *testing.T) {
	t.Parallel()
	const note = "it says that registry.example/team/base is at 1.0.0 (the tag in a bake file); --record moves it to 1.0.1 [base-record]"
	files := tree(t, "../../testdata/monorepos/record-bake-tag/in")
	dir := gittest.Init(t, files)
	notes := func(args ...string) int {
		return strings.Count(in(dir).run(t, append(args, "--base", "base@1.0.1")...).want(t, 0).stderr, "note: docker-bake.hcl:6:42: "+note+"\n")
	}
	for want, all := range [][][]string{
		{{"affected"}, {"plan", "--record"}, {"plan", "--quiet"}},
		{{"plan", "--strict"}, {"--dry-run"}, {"plan", "-o", "json"}, {"--publish", "branch"}},
	} {
		for _, args := range all {
			if got := notes(args...); got != want {
				t.Errorf("%v: there are %d notes, want %d", args, got, want)
			}
		}
	}

	record := []string{"--base", "base@1.0.1", "--record", "--publish", "branch", "-o", "json"}
	change := document[planDocument](t, in(dir).run(t, record...).want(t, 0)).Changes[0]
	var edited []string
	for _, file := range change.Files {
		edited = append(edited, file.Path)
	}
	if want := []string{"bases/base/Dockerfile", "services/a/Dockerfile", "services/b/Dockerfile"}; !slices.Equal(change.Services, want) {
		t.Errorf("the Dockerfiles are %v, want %v", change.Services, want)
	}
	if want := []string{"docker-bake.hcl", "services/a/Dockerfile", "services/b/Dockerfile"}; !slices.Equal(edited, want) {
		t.Errorf("the files are %v, want %v", edited, want)
	}
	if got, want := blob(t, dir, change.Branch, "docker-bake.hcl"), strings.Replace(files["docker-bake.hcl"], "1.0.0", "1.0.1", 1); got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
	if message := gittest.Git(t, dir, "log", "-1", "--format=%B", change.Branch); !strings.Contains(message, "docker-bake.hcl:6: 1.0.0 -> 1.0.1\n") {
		t.Errorf("the message does not name the place:\n%s", message)
	}
	if again := document[planDocument](t, in(dir).run(t, record...).want(t, 0)).Changes[0]; again.State != "unchanged" {
		t.Errorf("run again, the change is %+v", again)
	}

	ignoring := gittest.Init(t, with(files, ".propagate.yaml", "diagnostics:\n  ignore: [base-record]\n"))
	if r := in(ignoring).run(t, "plan", "--base", "base@1.0.1").want(t, 0); strings.Contains(r.stderr, "note:") {
		t.Errorf("the configuration turns the notes off: %s", r.stderr)
	}
}

// Where only the record is left to be moved, it is the change.
func TestRecordAlone(t *testing.T) {
	t.Parallel()
	dir := plain(t, tree(t, "../../testdata/monorepos/record-bake-tag/in"))
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 0)
	in(dir).run(t, "--base", "base@1.0.1", "--record", "--dry-run").want(t, 0).says(t, `+  tags    = ["registry.example/team/base:1.0.1", `, "dry run: 1 change of what says the version of the base itself; nothing was written")
	r := in(dir).run(t, "--base", "base@1.0.1", "--record", "--publish", "files", "-o", "json").want(t, 0)
	if changes := document[planDocument](t, r).Changes; len(changes) != 1 || len(changes[0].Files) != 1 || changes[0].Files[0].Path != "docker-bake.hcl" || changes[0].State != "updated" {
		t.Errorf("the changes are %+v", changes)
	}
	if r := in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 0); strings.Contains(r.stderr, "note:") {
		t.Errorf("then there is nothing to say: %s", r.stderr)
	}
}
