package monorepo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// What lies in a vendored tree is left, by the outermost of its trees, unless a build file outside
// builds it, or the configuration calls it the repository's own.
func TestVendored(t *testing.T) {
	t.Parallel()
	const from = "FROM reg.example/shop/java:1.0.0\n"
	for name, tc := range map[string]struct {
		files map[string]string
		want  string // "" where it is edited
	}{
		"third_party":                          {map[string]string{"a/third_party/x/Dockerfile": from}, "a/third_party"},
		"third_party itself":                   {map[string]string{"third_party/Dockerfile": from}, "third_party"},
		"a file of that name":                  {map[string]string{"third_party.Dockerfile": from}, ""},
		"a directory that begins like one":     {map[string]string{"third_party_tools/Dockerfile": from, "node_modules.d/Dockerfile": from}, ""},
		"node_modules":                         {map[string]string{"node_modules/@x/y/Dockerfile": from}, "node_modules"},
		"node_modules in node_modules":         {map[string]string{"web/node_modules/x/node_modules/y/Dockerfile": from}, "web/node_modules"},
		"vendor of Go":                         {map[string]string{"go/vendor/modules.txt": "#\n", "go/vendor/x/y/Dockerfile": from}, "go/vendor"},
		"vendor without a list":                {map[string]string{"go/vendor/x/y/Dockerfile": from}, ""},
		"vendor with a list further down":      {map[string]string{"go/vendor/x/modules.txt": "#\n", "go/vendor/x/y/Dockerfile": from}, ""},
		"vendor with a directory for the list": {map[string]string{"go/vendor/modules.txt/x": "#\n", "go/vendor/x/y/Dockerfile": from}, ""},
		"vendor in third_party":                {map[string]string{"third_party/x/vendor/modules.txt": "#\n", "third_party/x/vendor/y/Dockerfile": from}, "third_party"},
		"built from outside":                   {map[string]string{"third_party/x/Dockerfile": from, "compose.yaml": "services: {x: {build: third_party/x}}\n"}, ""},
		"built by a script outside":            {map[string]string{"third_party/x/Dockerfile": from, "build.sh": "docker build third_party/x\n"}, ""},
		"built inside":                         {map[string]string{"third_party/x/Dockerfile": from, "third_party/compose.yaml": "services: {x: {build: x}}\n"}, "third_party"},
		"built beside":                         {map[string]string{"third_party/x/Dockerfile": from, "third_party/y/Dockerfile": "FROM scratch\n", "compose.yaml": "services: {y: {build: third_party/y}}\n"}, "third_party"},
		"built in another tree":                {map[string]string{"third_party/x/Dockerfile": from, "node_modules/y/compose.yaml": "services: {x: {build: ../../third_party/x}}\n"}, ""},
		"our own":                              {map[string]string{"third_party/x/Dockerfile": from, ".propagate.yaml": "dockerfiles: {own: [third_party/x]}\n"}, ""},
		"another one our own":                  {map[string]string{"third_party/x/Dockerfile": from, "third_party/y/Dockerfile": "FROM scratch\n", ".propagate.yaml": "dockerfiles: {own: [third_party/y]}\n"}, "third_party"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, tc.files)
			for _, git := range []bool{true, false} {
				if !git {
					if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
						t.Fatal(err)
					}
				}
				plan, err := mustOpen(t, dir).Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
				if err != nil {
					t.Fatal(err)
				}
				var trees []string
				for _, item := range plan.Items {
					for _, s := range item.Skips {
						if s.Reason != bumper.ReasonVendored {
							t.Errorf("%s: %s: %s", item.File.Path, s.Reason, s.Detail)
						}
						trees = append(trees, s.Tree)
					}
				}
				slices.Sort(trees)
				if got := strings.Join(slices.Compact(trees), " "); got != tc.want || (len(plan.Changes) == 0) != (tc.want != "") {
					t.Errorf("the trees are %q and %d changes, want %q", got, len(plan.Changes), tc.want)
				}
			}
		})
	}
}

// The clock of the options decides whether an entry of the configuration still counts.
func TestIgnoredUntil(t *testing.T) { // the clock says 1 November 2026
	t.Parallel()
	for day, want := range map[string]string{"2026-10-31": "1 change, 1 note", "2026-11-01": "0 changes, 0 notes"} {
		dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM reg.example/shop/java:1.0.0\n", ".propagate.yaml": "ignore: [{path: a, until: " + day + "}]\n"})
		repo, said, err := open(t, dir)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
		if err != nil {
			t.Fatal(err)
		}
		notes := 0
		for _, m := range *said {
			if m.Kind == monorepo.Note {
				notes++
			}
		}
		plural := func(n int, noun string) string {
			if n == 1 {
				return "1 " + noun
			}
			return fmt.Sprintf("%d %ss", n, noun)
		}
		if got := plural(len(plan.Changes), "change") + ", " + plural(notes, "note"); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}
