package estate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/estate"
	"github.com/matihlabs/propagate/scanner"
)

// of makes the estate of files given as path and content. A Dockerfile bases/NAME/Dockerfile builds reg.example/NAME.
func of(files map[string]string, o estate.Options, more ...graph.Claim) *estate.Estate {
	var all []*scanner.File
	claims := slices.Clone(more)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		file := scanner.ScanFile(path, []byte(files[path]), "")
		file.Ways = nil // no build file speaks of it
		all = append(all, file)
		if name, ok := strings.CutPrefix(path, "bases/"); ok {
			name, _, _ = strings.Cut(name, "/")
			claims = append(claims, graph.Claim{Image: "reg.example/" + name, Rule: graph.BuildFile, Where: "bake.hcl:3", File: file})
		}
	}
	return estate.New(graph.New(all, claims, nil), o)
}

// versions writes what is said of each version: image, version, state, lag and builds.
func versions(e *estate.Estate) string {
	var all []string
	for _, image := range e.Images {
		for _, v := range image.Versions {
			text := fmt.Sprintf("%s %s %s", image.Title, v.Version, v.State)
			if v.Newest != nil {
				text += fmt.Sprintf(" %d %s %s", v.Distance, *v.Step, *v.Newest)
			}
			if v.Moving {
				text += " moving"
			}
			all = append(all, fmt.Sprintf("%s (%d/%d)", text, v.Builds, v.Services))
		}
	}
	return strings.Join(all, "\n")
}

const digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

// How versions compare, and which builds are behind for it.
func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		files    map[string]string
		versions string
		totals   string // newest, behind (patch, minor, major), unknown, bare
	}{
		{
			"each step", map[string]string{"a/Dockerfile": "FROM reg.example/x:1.0.0\n", "b/Dockerfile": "FROM reg.example/x:1.0.3\n", "c/Dockerfile": "FROM reg.example/x:1.2.0\n", "d/Dockerfile": "FROM reg.example/x:3.0.0\n"},
			"reg.example/x 3.0.0 newest (1/1)\nreg.example/x 1.2.0 behind 2 major 3.0.0 (1/1)\nreg.example/x 1.0.3 behind 2 major 3.0.0 (1/1)\nreg.example/x 1.0.0 behind 2 major 3.0.0 (1/1)", "1, 3 (0, 0, 3), 0, 0",
		},
		{
			"other schemes do not compare", map[string]string{"a/Dockerfile": "FROM reg.example/x:1.0.0-alpine\n", "b/Dockerfile": "FROM reg.example/x:1.0.1\n"},
			"reg.example/x 1.0.1 newest (1/1)\nreg.example/x 1.0.0-alpine newest (1/1)", "2, 0 (0, 0, 0), 0, 0",
		},
		{
			"the worst of several references counts", map[string]string{"a/Dockerfile": "FROM reg.example/x:1.0.0 AS b\nFROM reg.example/y:1.0.0\nCOPY --from=b /a /a\n", "b/Dockerfile": "FROM reg.example/x:1.0.1\n", "c/Dockerfile": "FROM reg.example/y:1.1.0\n"},
			"reg.example/x 1.0.1 newest (1/1)\nreg.example/x 1.0.0 behind 1 patch 1.0.1 (1/1)\nreg.example/y 1.1.0 newest (1/1)\nreg.example/y 1.0.0 behind 1 minor 1.1.0 (1/1)", "2, 1 (0, 1, 0), 0, 0",
		},
		{
			"what is not known is not up to date", map[string]string{"a/Dockerfile": "FROM reg.example/x\n", "b/Dockerfile": "FROM reg.example/x@" + digest + "\n", "c/Dockerfile": "ARG V\nFROM reg.example/x:${V}\n", "d/Dockerfile": "ARG I\nFROM $I\n", "e/Dockerfile": "FROM scratch\n"},
			"reg.example/x " + digest + " unknown (1/1)\nreg.example/x latest unknown moving (1/1)\nreg.example/x  unknown (1/1)", "0, 0 (0, 0, 0), 4, 1",
		},
		{
			"one reference that is not known leaves the build so, unless another is behind", map[string]string{
				"a/Dockerfile": "FROM reg.example/x:1.0.1 AS b\nFROM reg.example/y\nCOPY --from=b /a /a\n", "b/Dockerfile": "FROM reg.example/x:1.0.0 AS b\nFROM reg.example/y\nCOPY --from=b /a /a\n",
			},
			"reg.example/x 1.0.1 newest (1/1)\nreg.example/x 1.0.0 behind 1 patch 1.0.1 (1/1)\nreg.example/y latest unknown moving (2/2)", "0, 1 (1, 0, 0), 1, 0",
		},
		{
			"a pin compares by its tag and does not move", map[string]string{"a/Dockerfile": "FROM reg.example/x:1.4@" + digest + "\n", "b/Dockerfile": "FROM reg.example/x:1.5\n"},
			"reg.example/x 1.5 newest moving (1/1)\nreg.example/x 1.4@" + digest + " behind 1 minor 1.5 (1/1)", "1, 1 (0, 1, 0), 0, 0",
		},
		{
			"no build is behind for a stage that is not built, or for its frontend", map[string]string{"a/Dockerfile": "# syntax=docker/dockerfile:1.4\nFROM reg.example/x:1.0.0 AS unused\nFROM reg.example/x:1.0.1\n", "b/Dockerfile": "# syntax=docker/dockerfile:1.7\nFROM reg.example/x:1.0.1\n"},
			"docker/dockerfile 1.7 newest (1/1)\ndocker/dockerfile 1.4 behind 3 minor 1.7 (1/1)\nreg.example/x 1.0.1 newest (2/2)\nreg.example/x 1.0.0 behind 1 patch 1.0.1 (0/0)", "2, 0 (0, 0, 0), 0, 0",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := of(test.files, estate.Options{})
			if got := versions(e); got != test.versions {
				t.Errorf("versions:\n%s\nwant:\n%s", got, test.versions)
			}
			n := e.Totals
			if got := fmt.Sprintf("%d, %d (%d, %d, %d), %d, %d", n.Newest, n.Behind, n.Patch, n.Minor, n.Major, n.Unknown, n.Bare); got != test.totals {
				t.Errorf("totals are %s, want %s", got, test.totals)
			}
			if n.Newest+n.Behind+n.Unknown+n.Bare != n.Builds {
				t.Errorf("%+v does not add up", n)
			}
		})
	}
}

// What a build makes counts among the versions of a line, whoever uses it.
func TestNewestIsAlsoWhatIsBuilt(t *testing.T) {
	t.Parallel()
	base := scanner.ScanFile("java/Dockerfile", []byte("FROM debian:12\n"), "")
	service := scanner.ScanFile("svc/Dockerfile", []byte("FROM reg.example/java:17.0.3\n"), "")
	e := estate.New(graph.New([]*scanner.File{base, service}, []graph.Claim{{Image: "reg.example/java", Rule: graph.BuildFile, Where: "bake.hcl:3", File: base, Tags: []string{"17.0.4"}}}, nil), estate.Options{})
	if got := versions(e); !strings.Contains(got, "17.0.3 behind 1 patch 17.0.4 (1/1)") {
		t.Errorf("it says\n%s", got)
	}
}

// Which images are curated, which services are on none of them, and what is not known.
func TestCurated(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"bases/java/Dockerfile":   "FROM debian:12\n",
		"bases/spring/Dockerfile": "FROM reg.example/java:1\n",
		"s/on/Dockerfile":         "FROM reg.example/spring:1\n",
		"s/off/Dockerfile":        "FROM alpine:3.20\n",
		"s/builds/Dockerfile":     "FROM reg.example/java:1 AS b\nFROM scratch\nCOPY --from=b /a /a\n",
		"s/unsure/Dockerfile":     "ARG BASE\nFROM ${BASE}\n",
		"s/version/Dockerfile":    "ARG V\nFROM reg.example/java:${V}\n", // whose version alone is not known
	}
	e := of(files, estate.Options{})
	var got []string
	for _, u := range e.Uncurated {
		got = append(got, fmt.Sprint(u.Path, u.Bases, u.BuildsOn))
	}
	want := []string{"s/builds/Dockerfile[] true", "s/off/Dockerfile[{alpine:3.20 s/off/Dockerfile 1}] false"}
	if !slices.Equal(got, want) || *e.Totals.Uncurated != 2 || *e.Totals.UnsureBases != 1 || e.Totals.Services != 5 || e.Totals.Curated != 2 || e.Totals.Derived != 2 {
		t.Errorf("%q, %+v", got, e.Totals)
	}
	if !e.Images[0].Curated || !e.Images[1].Curated || e.Images[2].Curated || e.Images[0].MadeBy.Path != "bases/java/Dockerfile" || *e.Images[0].MadeBy.Where != "bake.hcl:3" {
		t.Errorf("the images are %+v", e.Images)
	}
	if e.Totals.Deepest != 3 || len(e.Depths) != 3 || len(e.Depths[2].Chain) != 3 || e.Depths[2].Chain[0].Path != "s/on/Dockerfile" || e.Depths[2].Chain[2].Ref != "debian:12" {
		t.Errorf("the chains are %+v", e.Depths)
	}
	// Without a curated base nothing tells.
	e = of(map[string]string{"s/off/Dockerfile": "FROM alpine:3.20\n"}, estate.Options{})
	if e.Totals.Uncurated != nil || len(e.Uncurated) != 0 {
		t.Errorf("without a base: %+v", e.Uncurated)
	}
	// The configuration may name a base that is made elsewhere.
	e = of(map[string]string{"s/off/Dockerfile": "FROM alpine:3.20\n", "s/on/Dockerfile": "FROM reg.example/away:1\n"}, estate.Options{Curated: map[string]bool{"reg.example/away": true}})
	if e.Totals.Uncurated == nil || len(e.Uncurated) != 1 || e.Uncurated[0].Path != "s/off/Dockerfile" {
		t.Errorf("with a base from elsewhere: %+v", e.Uncurated)
	}
}

// The example of a chain goes the longest way, wherever that begins in the Dockerfile.
func TestChainIsTheLongest(t *testing.T) {
	t.Parallel()
	for name, dockerfile := range map[string]string{
		"long one first": "FROM reg.example/spring:1 AS b\nFROM reg.example/java:1\nCOPY --from=b /a /a\n",
		"long one last":  "FROM reg.example/java:1 AS b\nFROM reg.example/spring:1\nCOPY --from=b /a /a\n",
	} {
		e := of(map[string]string{"bases/java/Dockerfile": "FROM debian:12\n", "bases/spring/Dockerfile": "FROM reg.example/java:1\n", "s/Dockerfile": dockerfile}, estate.Options{})
		var paths []string
		for _, l := range e.Depths[len(e.Depths)-1].Chain {
			paths = append(paths, fmt.Sprintf("%s:%d", l.Path, l.Line))
		}
		line := map[string]int{"long one first": 1, "long one last": 2}[name]
		if want := []string{fmt.Sprintf("s/Dockerfile:%d", line), "bases/spring/Dockerfile:1", "bases/java/Dockerfile:1"}; !slices.Equal(paths, want) {
			t.Errorf("%s: %q, want %q", name, paths, want)
		}
	}
}

// Builds of one target that fare alike are one row, and count as what they are.
func TestUncuratedBuildsAreOneRow(t *testing.T) {
	t.Parallel()
	all := scanner.ScanBuilds("s/Dockerfile", []byte("ARG V\nFROM reg.example/tool:${V} AS tool\nFROM alpine:3.20\nCOPY --from=tool /a /a\n"), []scanner.BuildConfig{
		{Args: []scanner.Arg{{Name: "V", Value: text("1")}}}, {Args: []scanner.Arg{{Name: "V", Value: text("2")}}},
	})
	base := scanner.ScanFile("b/Dockerfile", []byte("FROM debian:12\n"), "")
	on := scanner.ScanFile("t/Dockerfile", []byte("FROM reg.example/b:1\n"), "")
	e := estate.New(graph.New(append(all, base, on), []graph.Claim{{Image: "reg.example/b", Rule: graph.BuildFile, File: base}}, nil), estate.Options{})
	if len(all) != 2 || len(e.Uncurated) != 1 || e.Uncurated[0].Builds != 2 || *e.Totals.Uncurated != 2 {
		t.Errorf("of %d builds: %+v", len(all), e.Uncurated)
	}
}

// A Dockerfile that builds a base in one way is no service without one in another.
func TestBasesBuiltInSeveralWays(t *testing.T) {
	t.Parallel()
	all := scanner.ScanBuilds("b/Dockerfile", []byte("ARG V=12\nFROM debian:${V}\n"), []scanner.BuildConfig{{}, {Args: []scanner.Arg{{Name: "V", Value: text("13")}}}})
	on := scanner.ScanFile("t/Dockerfile", []byte("FROM reg.example/b:1\n"), "")
	e := estate.New(graph.New(append(slices.Clone(all), on), []graph.Claim{{Image: "reg.example/b", Rule: graph.BuildFile, File: all[0], Tags: []string{"1"}}}, nil), estate.Options{})
	if len(all) != 2 || e.Totals.Builds != 3 || e.Totals.Services != 2 || len(e.Uncurated) != 0 {
		t.Errorf("of %d builds: %+v, %+v", len(all), e.Totals, e.Uncurated)
	}
}

// What does not resolve is said with its place and why, once for each place.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	e := of(map[string]string{"a/Dockerfile": "ARG TAG\nFROM reg.example/x:${TAG} AS b\nFROM ${IMAGE}\nCOPY --from=b /a /a\n"}, estate.Options{})
	if e.Totals.Unresolved != 2 || e.Totals.References != 2 || len(e.Unresolved) != 2 {
		t.Fatalf("%+v", e.Unresolved)
	}
	first, second := e.Unresolved[0], e.Unresolved[1]
	if first.Line != 2 || first.Column != 6 || *first.Image != "reg.example/x" || !strings.Contains(first.Reason, "TAG") || second.Line != 3 || second.Image != nil || second.Written != "${IMAGE}" {
		t.Errorf("%+v", e.Unresolved)
	}
}

// What says under which name an image is published.
func TestUnsaid(t *testing.T) {
	t.Parallel()
	e := of(map[string]string{
		"bases/java/Dockerfile":  "FROM debian:12\n",                 // a build file names it
		"images/base/Dockerfile": "FROM debian:12\n",                 // its path fits
		"s/a/Dockerfile":         "FROM reg.example/images/base:1\n", // nothing
		"s/b/Dockerfile":         "FROM reg.example/java:1\n",
	}, estate.Options{})
	var got []string
	for _, u := range e.Unsaid {
		got = append(got, fmt.Sprint(u.Path, " ", u.Known, u.Images))
	}
	want := []string{"images/base/Dockerfile name[reg.example/images/base]", "s/a/Dockerfile nothing[]", "s/b/Dockerfile nothing[]"}
	if !slices.Equal(got, want) || e.Totals.Unsaid != 3 {
		t.Errorf("%q", got)
	}
}

// Vendored Dockerfiles count nowhere: neither for themselves nor as the newest version.
func TestVendored(t *testing.T) {
	t.Parallel()
	e := of(map[string]string{"a/Dockerfile": "FROM reg.example/x:1.0.0\n", "vendor/x/Dockerfile": "FROM reg.example/x:9.0.0\n", "c/Dockerfile": "RUN true\n"},
		estate.Options{Vendored: func(p string) bool { return strings.HasPrefix(p, "vendor/") }})
	if got := versions(e); got != "reg.example/x 1.0.0 newest (1/1)" || e.Totals.Vendored != 1 || e.Totals.Dockerfiles != 2 || e.Totals.Unreadable != 1 || e.Totals.Builds != 1 {
		t.Errorf("%s, %+v", got, e.Totals)
	}
}

// The same files give the same estate, in whichever order they come.
func TestOrder(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 30 {
		files[fmt.Sprintf("s/%d/Dockerfile", i)] = fmt.Sprintf("FROM reg.example/x%d:1.%d.0 AS a\nFROM reg.example/y:%d-slim\nCOPY --from=a /a /a\n", i%4, i%3, i%5)
	}
	var first string
	for range 5 {
		data, err := json.Marshal(of(files, estate.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(data)
		}
		if string(data) != first {
			t.Fatal("it is another the second time")
		}
	}
}
