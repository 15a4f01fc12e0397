package cli_test

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/cli"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// However the edits are grouped, they are the same, and each file is in one change.
func TestGroupings(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, matih(t))
	for _, test := range []struct {
		grouping string
		want     map[string]int // files by branch, without what all have in common
	}{
		{"all", map[string]int{"": 12}},
		{"wave", map[string]int{"--wave-1": 12}},
		{"team", map[string]int{"--team-matih.ai": 9, "--team-matih.backend": 1, "--team-matih.platform": 2}},
		{"directory", map[string]int{
			"--directory-bases.base-python-gpu": 2, "--directory-services.ai.anomaly-detector": 1, "--directory-services.ai.document-parser": 1,
			"--directory-services.ai.feature-store": 2, "--directory-services.ai.forecasting": 1, "--directory-services.ai.inference-gateway": 1,
			"--directory-services.ai.recommendation": 1, "--directory-services.ai.sentiment": 1, "--directory-services.ai.vector-index": 1,
			"--directory-services.quality-rules": 1,
		}},
		{"service", map[string]int{
			"--service-bases.base-python-gpu": 2, "--service-services.ai.anomaly-detector": 1, "--service-services.ai.document-parser": 1,
			"--service-services.ai.feature-store": 1, "--service-services.ai.feature-store.dockerfile.worker": 1, "--service-services.ai.forecasting": 1,
			"--service-services.ai.inference-gateway": 1, "--service-services.ai.recommendation": 1, "--service-services.ai.sentiment": 1,
			"--service-services.ai.vector-index.vector-index.dockerfile": 1, "--service-services.quality-rules": 1,
		}},
	} {
		t.Run(test.grouping, func(t *testing.T) {
			r := in(dir).run(t, "plan", "--base", "base-python-ml@1.0.1", "--group", test.grouping, "-o", "json").want(t, 0)
			plan := document[planDocument](t, r)
			got := map[string]int{}
			edits := map[string][]int{}
			for _, change := range plan.Changes {
				got[change.Branch] = len(change.Files)
				for _, file := range change.Files {
					if edits[file.Path] != nil {
						t.Errorf("%s is in two changes", file.Path)
					}
					for _, edit := range file.Edits {
						edits[file.Path] = append(edits[file.Path], edit.Line)
					}
				}
			}
			if !maps.EqualFunc(edits, mlEdits, slices.Equal) {
				t.Errorf("the edits are %v", edits)
			}
			if len(got) != len(test.want) {
				t.Errorf("the changes are %v, want %v", got, test.want)
			}
			for branch, n := range got {
				group := hashed.ReplaceAllString(strings.TrimPrefix(branch, mlBranch), "")
				if want := test.want[group]; want != n {
					t.Errorf("%s holds %d files, want %d", branch, n, want)
				}
			}
		})
	}
}

// hashed is what a name ends in that no branch can have as it is.
var hashed = regexp.MustCompile(`-[0-9a-f]{8}$`)

func TestTwoBasesInOneChange(t *testing.T) {
	t.Parallel()
	files := matih(t)
	dir := gittest.Init(t, files)
	args := []string{"--base", "base-python-ml@1.0.1", "--base", "base-java@1.0.1", "--publish", "branch", "-o", "json"}
	change := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes[0]
	if change.Branch != "propagate/base-java+base-python-ml" || change.Title != "Update base-java to 1.0.1 and base-python-ml to 1.0.1" {
		t.Errorf("the change is %+v", change)
	}
	const path = "services/quality-rules/Dockerfile"
	if got, want := blob(t, dir, change.Branch, path), strings.ReplaceAll(files[path], ":1.0.0", ":1.0.1"); got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
	// The order of the bases is not part of it.
	args[1], args[3] = args[3], args[1]
	if again := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes[0]; again.State != "unchanged" {
		t.Errorf("in another order the change is %+v", again)
	}
}

// The story of a derived base: wave 2 waits, and goes when its base is published.
func TestSecondWave(t *testing.T) {
	t.Parallel()
	files := matih(t)
	dir := gittest.Init(t, files)
	second := []string{"services/ai/embedding-trainer/Dockerfile", "services/ai/model-finetune/Dockerfile"}
	plan := document[planDocument](t, in(dir).run(t, "--base", "base-python-ml@1.0.1", "--publish", "files", "-o", "json").want(t, 0))
	for i, path := range second {
		if plan.Pending[i].Path != path || !slices.Equal(plan.Pending[i].WaitsFor, []string{"matihlabsacr.azurecr.io/matih/base-python-gpu:1.0.1"}) {
			t.Errorf("pending: %+v", plan.Pending)
		}
	}
	gittest.Commit(t, dir, "wave 1", nil)
	in(dir).run(t, "--base", "base-python-ml@1.0.1").want(t, 0)

	plan = document[planDocument](t, in(dir).run(t, "--base", "base-python-gpu@1.0.1", "--publish", "files", "-o", "json").want(t, 0))
	if len(plan.Changes) != 1 || !slices.Equal(plan.Changes[0].Services, second) || len(plan.Pending) != 0 {
		t.Errorf("the plan is %+v", plan)
	}
	for _, path := range second {
		if got, want := read(t, dir, path), strings.ReplaceAll(files[path], "base-python-gpu:1.0.0", "base-python-gpu:1.0.1"); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
	}
	gittest.Commit(t, dir, "wave 2", nil)
	for _, args := range [][]string{{"--base", "base-python-ml@1.0.1"}, {"--base", "base-python-gpu@1.0.1"}} {
		if plan := document[planDocument](t, in(dir).run(t, append(args, "-o", "json")...).want(t, 0)); len(plan.Changes)+len(plan.Pending) != 0 {
			t.Errorf("after both waves %v plans %+v", args, plan)
		}
	}
}

// A tag that moves with its base needs no edit, and is not forgotten.
func TestMovingTags(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"services/line/Dockerfile":   from("1.0"),
		"services/latest/Dockerfile": "FROM " + base + "\n",
	})
	r := in(dir).run(t, "--base", "base@1.0.1").want(t, 0)
	r.says(t, "rebuilt without an edit, their tags move", "services/latest/Dockerfile  latest", "services/line/Dockerfile    1.0", "nothing to edit: a rebuild brings the patch in")
	if got := in(dir).run(t, "affected", "--base", "base@1.0.1", "-o", "paths").want(t, 0).stdout; got != "services/latest/Dockerfile\nservices/line/Dockerfile\n" {
		t.Errorf("affected: %q", got)
	}
}

// What the configuration says is done.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(),
		"services/never/Dockerfile", from("1.0.0"),
		"vendor/x/Dockerfile", from("1.0.0"),
		"build/image.docker", from("1.0.0"),
		"services/two/Dockerfile", "FROM "+base+":1.0.0 AS shipped\nFROM scratch\n",
		"tools/kit/Dockerfile", from("1.0.0"),
		"services/kit/Dockerfile", "FROM ghcr.example/team/toolkit:2.0.0\n",
		".propagate.yaml", `dockerfiles:
  include: ["build/*.docker"]
  exclude: [vendor]
ignore: ["services/never/**"]
images:
  tools/kit/Dockerfile: ghcr.example/team/toolkit
targets:
  services/two/Dockerfile: shipped
group: service
`))
	plan := document[planDocument](t, in(dir).run(t, "plan", "--base", "base@1.0.1", "-o", "json").want(t, 0))
	var services []string
	for _, change := range plan.Changes {
		services = append(services, change.Services...)
	}
	slices.Sort(services)
	if want := []string{"build/image.docker", "services/a/Dockerfile", "services/b/Dockerfile", "services/two/Dockerfile", "tools/kit/Dockerfile"}; len(plan.Changes) != len(want) || !slices.Equal(services, want) {
		t.Errorf("the changes are of %v, want %v", services, want)
	}
	if len(plan.Skipped) != 1 || plan.Skipped[0].Path != "services/never/Dockerfile" || plan.Skipped[0].Reason != "ignored" {
		t.Errorf("skipped: %+v", plan.Skipped)
	}
	if len(plan.Pending) != 1 || plan.Pending[0].Path != "services/kit/Dockerfile" || !slices.Equal(plan.Pending[0].WaitsFor, []string{"ghcr.example/team/toolkit:2.0.1"}) {
		t.Errorf("pending: %+v", plan.Pending)
	}
	in(dir).run(t, "graph", "--explain", "toolkit").want(t, 0).says(t, "ghcr.example/team/toolkit is made by tools/kit/Dockerfile: the configuration says so, .propagate.yaml:6\n")
	in(dir).run(t, "graph", "--explain", "base").want(t, 0).says(t, base+" is made by no Dockerfile here: it comes from its registry\n")
	in(gittest.Init(t, matih(t))).run(t, "graph", "--explain", "base-java").want(t, 0).
		says(t, "matihlabsacr.azurecr.io/matih/base-java is made by bases/base-java/Dockerfile: a command builds it, scripts/tools/build-base-images.sh:87\n")
	named := map[string]string{"bases/tool/Dockerfile": "FROM scratch\n", "app/Dockerfile": "FROM ghcr.example/team/tool:1.0.0\n"}
	in(gittest.Init(t, named)).run(t, "graph", "--explain", "tool").want(t, 0).
		says(t, "ghcr.example/team/tool is made by bases/tool/Dockerfile: it, or its directory, is called like the image\n")
}

// A run that is interrupted before it began does nothing.
func TestInterruptedBeforeItBegan(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	before := everything(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"scan"}, {"affected", "--base", "base"}, {"--base", "base@1.0.1", "--publish", "branch"}, {"--base", "base@1.0.1", "--publish", "files"}} {
		var stdout, stderr bytes.Buffer
		app := &cli.App{Stdout: &stdout, Stderr: &stderr, Transport: machine{}, Getenv: func(string) string { return "" }, Now: func() time.Time { return now }}
		status := app.Main(ctx, append([]string{"-C", dir}, args...))
		if status != 1 || stdout.String() != "" || stderr.String() != "propagate: interrupted: what was under way is not done\nhint: running it again goes on where it ended\n" {
			t.Errorf("propagate %v: %d, %q, %q", args, status, stdout.String(), stderr.String())
		}
	}
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("it changed %v", got)
	}
}
