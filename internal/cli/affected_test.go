package cli_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// An affectedRow is what a test says of one dependent, in the names of the
// document.
type affectedRow struct {
	Path     string
	Role     string
	Exposure string
	Wave     int
	Current  string
	Action   string
	Reason   string
}

// row is a service that is bumped in wave 1, changed by change.
func row(path string, change ...func(*affectedRow)) affectedRow {
	r := affectedRow{Path: path, Role: "service", Exposure: "runtime", Wave: 1, Current: "1.0.0", Action: "bump"}
	for _, f := range change {
		f(&r)
	}
	return r
}

func skip(current, reason string) func(*affectedRow) {
	return func(r *affectedRow) { r.Current, r.Action, r.Reason = current, "skip", reason }
}

func build(r *affectedRow) { r.Exposure = "build" }

var sampleTables = []struct {
	name string
	args []string
	want []affectedRow
}{
	{"base-python-ml", []string{"--base", "base-python-ml@1.0.1"}, []affectedRow{
		row("bases/base-python-gpu/Dockerfile", func(r *affectedRow) { r.Role = "base" }),
		row("services/ai/anomaly-detector/Dockerfile"),
		row("services/ai/document-parser/Dockerfile"),
		row("services/ai/feature-store/Dockerfile"),
		row("services/ai/feature-store/Dockerfile.worker"),
		row("services/ai/forecasting/Dockerfile"),
		row("services/ai/inference-gateway/Dockerfile"),
		row("services/ai/recommendation/Dockerfile"),
		row("services/ai/sentiment/Dockerfile"),
		row("services/ai/vector-index/vector-index.Dockerfile"),
		row("services/quality-rules/Dockerfile", build),
		row("services/ai/embedding-trainer/Dockerfile", func(r *affectedRow) { r.Wave = 2 }),
		row("services/ai/model-finetune/Dockerfile", func(r *affectedRow) { r.Wave = 2 }),
		row("services/ai/legacy-scoring/Dockerfile", skip("0.9.4", "level")),
		row("services/event-catalog/Dockerfile", skip("1.0.0", "unreachable"), func(r *affectedRow) { r.Exposure = "unreachable" }),
		row("services/ai/prompt-router/Dockerfile", func(r *affectedRow) { r.Current, r.Action = "1.0.1", "up-to-date" }),
	}},
	{"base-java", []string{"--base", "base-java@1.0.1"}, []affectedRow{
		row("services/audit-log/Containerfile"),
		row("services/catalog-service/Dockerfile"),
		row("services/config-service/Dockerfile"),
		row("services/iam-service/Dockerfile"),
		row("services/pipeline-batch/Dockerfile"),
		row("services/quality-rules/Dockerfile"),
		row("services/query-engine/Dockerfile"),
		row("services/tenant-service/Dockerfile"),
	}},
	{"base-nginx", []string{"--base", "base-nginx@1.27-alpine"}, []affectedRow{
		row("frontends/admin-portal/Dockerfile", skip("1.25-alpine", "level")),
		row("frontends/console/Dockerfile", skip("1.25-alpine", "level")),
		row("frontends/data-explorer/Dockerfile", skip("1.25-alpine", "level")),
		row("frontends/landing/Dockerfile", skip("1.25-alpine", "level"), build),
		row("services/event-catalog/Dockerfile", skip("1.25-alpine", "level")),
	}},
	{"base-nginx, minor steps", []string{"--base", "matih/base-nginx:1.27-alpine", "--level", "minor"}, []affectedRow{
		row("frontends/admin-portal/Dockerfile", nginx),
		row("frontends/console/Dockerfile", nginx),
		row("frontends/data-explorer/Dockerfile", nginx),
		row("frontends/landing/Dockerfile", nginx, build),
		row("services/event-catalog/Dockerfile", nginx),
	}},
}

func nginx(r *affectedRow) { r.Current = "1.25-alpine" }

// lines writes rows one a line.
func lines(rows []affectedRow) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%+v\n", r)
	}
	return b.String()
}

func TestAffected(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, matih(t)))
	for _, test := range sampleTables {
		t.Run(test.name, func(t *testing.T) {
			r := p.run(t, append([]string{"affected", "-o", "json"}, test.args...)...).want(t, 0)
			got := document[struct{ Dockerfiles []affectedRow }](t, r).Dockerfiles
			if got, want := lines(got), lines(test.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// rebuilt returns the rows of a table that are to be rebuilt, by wave.
func rebuilt(table []affectedRow) []affectedRow {
	var rows []affectedRow
	for _, wave := range []int{1, 2} {
		for _, row := range table {
			if row.Wave == wave && (row.Action == "bump" || row.Action == "rebuild") {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func TestAffectedPaths(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, matih(t)))
	for _, test := range sampleTables {
		t.Run(test.name, func(t *testing.T) {
			r := p.run(t, append([]string{"affected", "-o", "paths"}, test.args...)...).want(t, 0)
			want := ""
			for _, row := range rebuilt(test.want) {
				want += row.Path + "\n"
			}
			if r.stdout != want {
				t.Errorf("got\n%swant\n%s", r.stdout, want)
			}
		})
	}
}

func TestAffectedMatrix(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, matih(t)))
	type job struct {
		Name, Path, Context, Image, Exposure string
		Wave                                 int
	}
	// What is not the name of its directory, or is known to make an image.
	names := map[string]string{
		"services/ai/feature-store/Dockerfile.worker":      "feature-store-worker",
		"services/ai/vector-index/vector-index.Dockerfile": "vector-index",
	}
	images := map[string]string{"bases/base-python-gpu/Dockerfile": "matihlabsacr.azurecr.io/matih/base-python-gpu"}
	for _, test := range sampleTables {
		t.Run(test.name, func(t *testing.T) {
			r := p.run(t, append([]string{"affected", "-o", "github-matrix"}, test.args...)...).want(t, 0)
			if strings.Count(r.stdout, "\n") != 1 || !strings.HasSuffix(r.stdout, "}\n") {
				t.Errorf("it is not on one line: %q", r.stdout)
			}
			want := []job{}
			for _, row := range rebuilt(test.want) {
				dir := path.Dir(row.Path)
				name := path.Base(dir)
				if other := names[row.Path]; other != "" {
					name = other
				}
				want = append(want, job{Name: name, Path: row.Path, Context: dir, Image: images[row.Path], Exposure: row.Exposure, Wave: row.Wave})
			}
			if got := document[struct{ Include []job }](t, r).Include; !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if len(want) == 0 && r.stdout != "{\"include\":[]}\n" {
				t.Errorf("nothing to rebuild is %q", r.stdout)
			}
		})
	}
}

type bakeFile struct {
	Group  map[string]struct{ Targets []string }
	Target map[string]struct {
		Context, Dockerfile string
		Tags                []string
		Contexts            map[string]string
	}
}

func TestAffectedBake(t *testing.T) {
	t.Parallel()
	p := in(gittest.Init(t, matih(t)))
	for _, test := range sampleTables {
		t.Run(test.name, func(t *testing.T) {
			r := p.run(t, append([]string{"affected", "-o", "bake"}, test.args...)...).want(t, 0)
			bake := document[bakeFile](t, r)
			want := map[string][]string{} // paths by group
			for _, row := range rebuilt(test.want) {
				wave := fmt.Sprintf("wave-%d", row.Wave)
				want[wave] = append(want[wave], row.Path)
				want["default"] = append(want["default"], row.Path)
			}
			for group := range bake.Group {
				var paths []string
				for _, name := range bake.Group[group].Targets {
					target := bake.Target[name]
					paths = append(paths, path.Join(target.Context, target.Dockerfile))
				}
				if !slices.Equal(paths, want[group]) {
					t.Errorf("group %s builds %v, want %v", group, paths, want[group])
				}
			}
			if len(bake.Group) != max(len(want), 1) || len(bake.Target) != len(want["default"]) {
				t.Errorf("groups %v, targets %v", slices.Sorted(maps.Keys(bake.Group)), slices.Sorted(maps.Keys(bake.Target)))
			}
		})
	}
}

// A service on a derived base is built on what the same bake file builds.
func TestBakeBuildsWavesOnEachOther(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, matih(t))).run(t, "affected", "--base", "base-python-ml@1.0.1", "-o", "bake").want(t, 0)
	bake := document[bakeFile](t, r)
	const gpu, gpuNow = "matihlabsacr.azurecr.io/matih/base-python-gpu:1.0.1", "matihlabsacr.azurecr.io/matih/base-python-gpu:1.0.0"
	if got := bake.Target["base-python-gpu"].Tags; !slices.Equal(got, []string{gpu}) {
		t.Errorf("base-python-gpu is tagged %v", got)
	}
	for _, name := range []string{"embedding-trainer", "model-finetune"} {
		if got := bake.Target[name].Contexts; !maps.Equal(got, map[string]string{gpu: "target:base-python-gpu", gpuNow: "target:base-python-gpu"}) {
			t.Errorf("%s has the contexts %v", name, got)
		}
	}
	if got := bake.Target["sentiment"].Contexts; got != nil {
		t.Errorf("sentiment has the contexts %v", got)
	}
}

// Two Dockerfiles may be called the same.
func TestBakeKeepsNamesApart(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "tools/a/Dockerfile", from("1.0.0"), "tools/a.b/Dockerfile", from("1.0.0"), "tools/a_b/Dockerfile", from("1.0.0")))
	bake := document[bakeFile](t, in(dir).run(t, "affected", "--base", "base@1.0.1", "-o", "bake").want(t, 0))
	contexts := map[string]bool{}
	for _, target := range bake.Target {
		contexts[target.Context] = true
	}
	if len(contexts) != 5 {
		t.Errorf("the targets are %v", bake.Target)
	}
}

func TestAffectedText(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "services/c/Dockerfile", from("0.9.0")))
	r := in(dir).run(t, "affected", "--base", "base@1.0.1").want(t, 0)
	want := `WAVE  ACTION        EXPOSURE  ROLE     CURRENT  DOCKERFILE
1     bump          runtime   service  1.0.0    services/a/Dockerfile
1     bump          runtime   service  1.0.0    services/b/Dockerfile
1     skip (level)  runtime   service  0.9.0    services/c/Dockerfile
2 Dockerfiles of 3 dependents to rebuild
`
	if r.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", r.stdout, want)
	}
}

// Without a version the question is who depends on the base at all.
func TestAffectedWithoutVersion(t *testing.T) {
	t.Parallel()
	r := in(gittest.Init(t, matih(t))).run(t, "affected", "--base", "base-python-ml", "-o", "json").want(t, 0)
	got := document[struct{ Dockerfiles []affectedRow }](t, r).Dockerfiles
	if len(got) != 16 {
		t.Errorf("%d dependents, want 16", len(got))
	}
	for _, row := range got {
		want := "rebuild"
		if row.Exposure == "unreachable" {
			want = "skip"
		}
		if row.Action != want {
			t.Errorf("%s: %s, want %s", row.Path, row.Action, want)
		}
	}
}
