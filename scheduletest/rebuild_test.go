package scheduletest

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// The workflows that propagate writes for repositories of several shapes, those of docs/rebuild.md, and that of a release, are right to
// actionlint.
func TestRebuildWorkflows(t *testing.T) {
	t.Parallel()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	problems := func(text string) []*actionlint.Error {
		found, err := linter.Lint("workflow.yml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	paths, err := filepath.Glob("../internal/workflowfile/testdata/*.yml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("there are the workflows %q (%v), too few", paths, err)
	}
	texts := map[string]string{}
	for _, path := range paths {
		texts[path] = read(t, path)
		for old, new := range map[string]string{
			"timeout-minutes": "timeout-minute", "needs.plan.outputs.wave-1 ": "needs.plan.outputs.wave-0 ", "needs: [plan]": "needs: [plans]", "merge_group": "merge_groups",
		} {
			if len(problems(wrong(t, texts[path], old, new))) == 0 {
				t.Errorf("%s: %q in place of %q is not noticed", path, new, old)
			}
		}
	}
	for _, m := range fenced.FindAllStringSubmatch(read(t, "../docs/rebuild.md"), -1) {
		name, _, _ := strings.Cut(m[1], "\n")
		texts["docs/rebuild.md, "+name] = m[1]
	}
	if len(texts) == len(paths) {
		t.Error("docs/rebuild.md has no workflow")
	}
	texts["release.yml"] = read(t, "../.github/workflows/release.yml")
	for name, text := range texts {
		for _, problem := range problems(text) {
			t.Errorf("%s: %v", name, problem)
		}
	}
}
