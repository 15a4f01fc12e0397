package bumper_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A derived base in a vendored tree is left, and so are the builds outside that are based on it;
// these name its Dockerfile. A derived base that has the patch in a known version leaves none.
func TestVendoredBase(t *testing.T) {
	vendored := bumper.Options{Assumed: []bumper.Bump{{Image: "docker.io/acme/tools", Tag: "3.0.0"}}, Vendored: func(p string) (string, bool) { return "third_party", strings.HasPrefix(p, "third_party/") }}
	for on, want := range map[string]string{
		"1.0.0": "s/Dockerfile vendored third_party/tools/Dockerfile, which makes docker.io/acme/tools, is left|" +
			"third_party/tools/Dockerfile vendored it is kept in third_party, and no build file outside builds it",
		"1.0.1": "",
	} {
		repo := files{"third_party/tools/Dockerfile": "FROM acme/base:" + on + "\n", "s/Dockerfile": "FROM acme/tools:3.0.0\n"}
		p := repo.plan(t, vendored, base("1.0.1"))
		var skips []string
		for _, item := range p.Items {
			for _, s := range item.Skips {
				skips = append(skips, fmt.Sprint(item.File.Path, " ", s.Reason, " ", s.Detail))
			}
		}
		slices.Sort(skips)
		if got := strings.Join(skips, "|"); got != want {
			t.Errorf("on %s:\n%s, want\n%s", on, got, want)
		}
		if after := repo.after(p); after["third_party/tools/Dockerfile"] != repo["third_party/tools/Dockerfile"] || after["s/Dockerfile"] != repo["s/Dockerfile"] {
			t.Errorf("on %s: it becomes %q", on, after)
		}
	}
	if bumper.ReasonVendored.NeedsPerson() {
		t.Error("a vendored tree needs a person")
	}
}

// A build that shares a place with one that is ignored says what the configuration says of that.
func TestIgnoredNeighbour(t *testing.T) {
	for why, want := range map[string]string{
		"":                            "which the configuration ignores",
		"until 2026-12-31: a driver":  "which the configuration ignores until 2026-12-31: a driver",
		"by team-ml":                  "which the configuration ignores by team-ml",
		"it waits for a driver (ml)":  "which the configuration ignores: it waits for a driver (ml)",
		"until 2026-12-31 (@acme/ml)": "which the configuration ignores until 2026-12-31 (@acme/ml)",
	} {
		src := trace.NewFile("shared/Dockerfile", []byte("FROM acme/base:1.0.0\n"))
		all := slices.Concat(scanner.ScanContent("frozen/Dockerfile", src, nil), scanner.ScanContent("shared/Dockerfile", src, nil))
		ignored := func(p string) (string, bool) { return why, p == "frozen/Dockerfile" }
		p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), files{"shared/Dockerfile": "FROM acme/base:1.0.0\n"}, []bumper.Bump{base("1.0.1")}, bumper.Options{Ignored: ignored})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range p.Items {
			got, want := item.Skips[0].Detail, "what is written at shared/Dockerfile:1 is also that of frozen/Dockerfile, "+want
			if item.File.Path == "frozen/Dockerfile" {
				want = cmp.Or(why, "the configuration says so")
			}
			if got != want || item.Skips[0].Reason != bumper.ReasonIgnored {
				t.Errorf("%s: %s: %s, want %s", item.File.Path, item.Skips[0].Reason, got, want)
			}
		}
	}
}

// What stays as it is whatever its base is called asks for no next version of that.
func TestKeptConsumersAskForNoVersion(t *testing.T) {
	repo := files{"mid/Dockerfile": "FROM acme/base:1.0\n", "a/Dockerfile": "FROM acme/mid:2.0.0\n", "b/Dockerfile": "FROM acme/mid:2.0.0\n"}
	is := func(path string) func(string) (string, bool) {
		return func(p string) (string, bool) { return "tree", p == path }
	}
	for _, tc := range []struct {
		opts bumper.Options
		want string // the consumers that the note names
	}{
		{bumper.Options{}, "a/Dockerfile:1:6, b/Dockerfile:1:6"},
		{bumper.Options{Ignored: is("a/Dockerfile")}, "b/Dockerfile:1:6"},
		{bumper.Options{Vendored: is("a/Dockerfile")}, "b/Dockerfile:1:6"},
		{bumper.Options{Ignored: is("a/Dockerfile"), Vendored: is("b/Dockerfile")}, ""},
	} {
		var named string
		for _, n := range repo.plan(t, tc.opts, base("1.0.1")).Notes {
			_, named, _ = strings.Cut(n.Error(), "so these cannot move: ")
		}
		if named != tc.want {
			t.Errorf("the note names %q, want %q", named, tc.want)
		}
	}
}
