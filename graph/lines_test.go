package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// makersOf makes the graph of Dockerfiles and claims ("RULE PATH IMAGE[:TAG]"), and returns
// who makes what each reference of x/Dockerfile names, as "reference = builds".
func makersOf(files map[string]string, claims []string, refs ...string) (*graph.Graph, string) {
	files["x/Dockerfile"] = "FROM " + strings.Join(refs, "\nFROM ") + "\n"
	all := repository(files)
	var said []graph.Claim
	for _, text := range claims {
		var rule, path, image string
		if _, err := fmt.Sscan(text, &rule, &path, &image); err != nil {
			panic(err)
		}
		rules := map[string]graph.Rule{"configuration": graph.Configured, "buildfile": graph.BuildFile, "command": graph.Command}
		c := graph.Claim{Rule: rules[rule], Path: path, Where: "claims:1"}
		var tag string
		if c.Image, tag, _ = strings.Cut(image, ":"); tag != "" {
			c.Tags = []string{tag}
		}
		if strings.Contains(tag, "*") {
			c.Tags, c.Patterns = nil, c.Tags
		}
		said = append(said, c)
	}
	g := graph.New(all, said, nil)
	var lines []string
	for _, f := range all {
		if f.Path != "x/Dockerfile" {
			continue
		}
		for _, ref := range f.Refs {
			var by []string
			for _, maker := range g.MakersOf(ref) {
				by = append(by, strings.TrimSuffix(maker.Key, "/Dockerfile"))
			}
			lines = append(lines, ref.Written+" = "+strings.Join(by, " "))
		}
	}
	return g, strings.ReplaceAll(strings.Join(lines, "; "), "reg.example/", "")
}

func TestMakers(t *testing.T) {
	const r = "reg.example/"
	for _, tc := range []struct {
		name   string
		files  string // paths of Dockerfiles
		claims []string
		refs   string
		want   string
		notes  string // codes
	}{
		{
			name: "one build makes every tag", files: "a", claims: []string{"buildfile a/Dockerfile reg.example/java:17.0.3"},
			refs: "java:17.0.3 java:9.9 java java:stable", want: "java:17.0.3 = a; java:9.9 = a; java = a; java:stable = a",
		},
		{
			name: "two lines", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/java:17.0.3", "buildfile b/Dockerfile reg.example/java:21.0.5"},
			refs: "java:17.0.3 java:17.0.1 java:17 java:21.1 java:11.0.2 java", notes: "no-line no-line",
			want: "java:17.0.3 = a; java:17.0.1 = a; java:17 = a; java:21.1 = b; java:11.0.2 = ; java = ",
		},
		{
			name: "lines of two numbers", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/py:3.11.4-slim", "buildfile b/Dockerfile reg.example/py:3.12.1-slim"},
			refs: "py:3.11.9-slim py:3.12-slim py:3-slim py:3.12.1", notes: "no-line",
			want: "py:3.11.9-slim = a; py:3.12-slim = b; py:3-slim = a b; py:3.12.1 = ",
		},
		{
			name: "flavours", files: "a b c", claims: []string{"buildfile a/Dockerfile reg.example/base:1.0.0-alpine", "buildfile b/Dockerfile reg.example/base:1.0.0-debian", "buildfile c/Dockerfile reg.example/base:1.0.0"},
			refs: "base:1.0.1-alpine base:2.0.0-debian base:0.9.0 base:alpine base:latest", want: "base:1.0.1-alpine = a; base:2.0.0-debian = b; base:0.9.0 = c; base:alpine = a; base:latest = c",
		},
		{
			name: "the head of the tag", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/php:fpm-1.0.0", "buildfile b/Dockerfile reg.example/php:nginx-1.0.0"},
			refs: "php:fpm-1.0.1 php:nginx-1.0.0 php:fpm", want: "php:fpm-1.0.1 = a; php:nginx-1.0.0 = b; php:fpm = a",
		},
		{
			name: "a version behind a version", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/java:17-1.0.0", "buildfile b/Dockerfile reg.example/java:21-1.0.0"},
			refs: "java:17-1.0.1 java:21-2.0.0 java:17", want: "java:17-1.0.1 = a; java:21-2.0.0 = b; java:17 = a",
		},
		{
			name: "patches of two systems are no two lines of one", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/base:1.0.1-alpine3.19", "buildfile b/Dockerfile reg.example/base:1.0.0-alpine3.20"},
			refs: "base:1.0.0-alpine3.19 base:1.0.1-alpine3.20", want: "base:1.0.0-alpine3.19 = a; base:1.0.1-alpine3.20 = b",
		},
		{
			name: "lines by a number in the flavour, of which one has moved on", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/base:1.0.0-os3.1.1", "buildfile b/Dockerfile reg.example/base:1.0.0-os3.0.5"},
			refs: "base:1.0.0-os3.1.0 base:0.9.0-os3.0.4 base:1.0.0-os3 base:1.0.0-os4.0.0",
			want: "base:1.0.0-os3.1.0 = a; base:0.9.0-os3.0.4 = b; base:1.0.0-os3 = a b; base:1.0.0-os4.0.0 = a b",
		},
		{
			name: "the one whose tag is not known", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/java:17.0.3", "buildfile b/Dockerfile reg.example/java"},
			refs: "java:17.0.4 java:11.0.1", want: "java:17.0.4 = a; java:11.0.1 = a", // one known line takes all numbers
		},
		{
			name: "another flavour is of the one whose tag is not known", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/java:17.0.3", "buildfile b/Dockerfile reg.example/java"},
			refs: "java:17.0.4-slim", want: "java:17.0.4-slim = b",
		},
		{
			name: "one line has moved on", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/py:3.11.4", "buildfile b/Dockerfile reg.example/py:3.13.0"},
			refs: "py:3.12.2 py:3.10.1 py:3.14.0", want: "py:3.12.2 = b; py:3.10.1 = ; py:3.14.0 = ", notes: "no-line no-line no-line",
		},
		{
			name: "two claim one tag", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:1.0.0"},
			refs: "d:1.0.0 d:1.0.1", want: "d:1.0.0 = a b; d:1.0.1 = a b", notes: "two-makers",
		},
		{
			name: "one for each architecture", files: "a/amd64 a/arm64", claims: []string{"buildfile a/amd64/Dockerfile reg.example/d:1.0.0", "buildfile a/arm64/Dockerfile reg.example/d:1.0.0"},
			refs: "d:1.0.0", want: "d:1.0.0 = a/amd64 a/arm64",
		},
		{
			name: "the configuration settles it", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:1.0.0", "configuration b/Dockerfile reg.example/d:1.*"},
			refs: "d:1.0.0", want: "d:1.0.0 = b",
		},
		{
			name: "the configuration says one line of two", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/java:17-1.0.0", "buildfile b/Dockerfile reg.example/java:21-1.0.0", "configuration a/Dockerfile reg.example/java"},
			refs: "java:17-1.0.0 java:21-1.0.0", want: "java:17-1.0.0 = a; java:21-1.0.0 = b",
		},
		{
			name: "a command that builds it for a test", files: "d tests", claims: []string{"command tests/Dockerfile reg.example/d:test"},
			refs: "d:1.4.0", want: "d:1.4.0 = d",
		},
		{
			name: "lines by directories", files: "bases/java/17 bases/java/21 other/java",
			refs: "java:17.0.3 java:21.0.5-1 java:17 java:11", want: "java:17.0.3 = bases/java/17; java:21.0.5-1 = bases/java/21; java:17 = bases/java/17; java:11 = ", notes: "no-line",
		},
		{
			name: "parts of a tag by directories", files: "src/rt/8.0/alpine3.20/amd64 src/rt/8.0/alpine3.20/arm64v8 src/rt/8.0/alpine3.20-extra/amd64 src/rt/9.0/alpine3.20/amd64 templates/rt",
			refs: "dotnet/rt:8.0.11-alpine3.20-amd64 dotnet/rt:8.0-alpine3.20 dotnet/rt:9.0.0-preview.7-alpine3.20 dotnet/rt:8.0.11-alpine3.20-extra-amd64 dotnet/rt:8.0-alpine",
			want: "dotnet/rt:8.0.11-alpine3.20-amd64 = src/rt/8.0/alpine3.20/amd64; dotnet/rt:8.0-alpine3.20 = src/rt/8.0/alpine3.20/amd64 src/rt/8.0/alpine3.20/arm64v8; " +
				"dotnet/rt:9.0.0-preview.7-alpine3.20 = src/rt/9.0/alpine3.20/amd64; dotnet/rt:8.0.11-alpine3.20-extra-amd64 = src/rt/8.0/alpine3.20-extra/amd64; " +
				"dotnet/rt:8.0-alpine = src/rt/8.0/alpine3.20/amd64 src/rt/8.0/alpine3.20/arm64v8",
		},
		{
			name: "a flavour whose number the directory leaves out", files: "rt/8.0/alpine rt/8.0/jammy", refs: "rt:8.0.11-alpine3.20 rt:8.0.11-jammy",
			want: "rt:8.0.11-alpine3.20 = rt/8.0/alpine; rt:8.0.11-jammy = rt/8.0/jammy",
		},
		{
			name: "no directory called like it", files: "src/azurelinux/3.0/net10.0/cross/amd64 src/azurelinux/3.0/net10.0/cross/arm64",
			refs: "prereqs:azurelinux-3.0-net10.0-cross-amd64 prereqs:azurelinux-3.0-amd64",
			want: "prereqs:azurelinux-3.0-net10.0-cross-amd64 = src/azurelinux/3.0/net10.0/cross/amd64; prereqs:azurelinux-3.0-amd64 = src/azurelinux/3.0/net10.0/cross/amd64",
		},
		{
			name: "the longest run of components", files: "docker/chromium/base other/base", refs: "x/chromium/base:1.0", want: "x/chromium/base:1.0 = docker/chromium/base",
		},
		{
			name: "the newest of its tags", files: "a b", claims: []string{"buildfile a/Dockerfile reg.example/py:3.11.4", "buildfile a/Dockerfile reg.example/py:3.12.1", "buildfile b/Dockerfile reg.example/py:3.13.0"},
			refs: "py:3.12.9", want: "py:3.12.9 = a",
		},
		{
			name: "patterns", files: "a b", claims: []string{"configuration a/Dockerfile reg.example/java:17.*", "configuration b/Dockerfile reg.example/java:21.*"},
			refs: "java:17.0.3 java:17 java:21.1 java:11.0.1", want: "java:17.0.3 = a; java:17 = a; java:21.1 = b; java:11.0.1 = ", notes: "no-line",
		},
		{
			name: "one line by a directory", files: "bases/java/17", refs: "java:17.0.3 java:11", want: "java:17.0.3 = bases/java/17; java:11 = ", notes: "no-line",
		},
		{
			name: "beside a flavour", files: "bases/java bases/java/slim", refs: "java:17.0.3-slim java:17.0.3 java", want: "java:17.0.3-slim = bases/java/slim; java:17.0.3 = bases/java; java = bases/java",
		},
		{
			name: "beside lines", files: "bases/java bases/java/17", refs: "java:17.0.3 java:11.0.1 java", want: "java:17.0.3 = bases/java/17; java:11.0.1 = ; java = bases/java", notes: "no-line",
		},
		{
			name: "no directory called like it, and none for the processor", files: "src/azurelinux/3.0/net10.0/cross",
			refs: "prereqs:azurelinux-3.0-net10.0-cross-amd64", want: "prereqs:azurelinux-3.0-net10.0-cross-amd64 = src/azurelinux/3.0/net10.0/cross",
		},
		{
			name: "no directory called like it, and one for another processor", files: "src/azurelinux/3.0/net10.0/cross/arm64",
			refs: "prereqs:azurelinux-3.0-net10.0-cross-amd64", want: "prereqs:azurelinux-3.0-net10.0-cross-amd64 = ",
		},
		{
			name: "several are called like it", files: "one/b two/b", refs: "b:1", want: "b:1 = ", notes: "no-maker",
		},
		{
			name: "the directory nearest to the file counts", files: "b/b c/c d q/d", refs: "b c d", want: "b = b/b; c = c/c; d = ", notes: "no-maker",
		},
		{
			name: "two builds of one image are no neighbours", files: "infra/b infra/b/slim infra/b/fat projects/b", refs: "ns/b:1.0.0", want: "ns/b:1.0.0 = ", notes: "no-maker",
		},
		{
			name: "neighbours are made below one directory", files: "infra/b infra/c infra/d projects/b", refs: "ns/b ns/c ns/d", want: "ns/b = infra/b; ns/c = infra/c; ns/d = infra/d",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := map[string]string{}
			for _, dir := range strings.Fields(tc.files) {
				files[dir+"/Dockerfile"] = "FROM debian:12\n"
			}
			var refs []string
			for _, ref := range strings.Fields(tc.refs) {
				refs = append(refs, r+ref)
			}
			g, got := makersOf(files, tc.claims, refs...)
			if got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", strings.ReplaceAll(got, "; ", "\n"), strings.ReplaceAll(tc.want, "; ", "\n"))
			}
			var notes []string
			for _, n := range g.Notes() {
				notes = append(notes, string(n.Code))
			}
			if text := strings.Join(notes, " "); text != tc.notes {
				t.Errorf("notes %q, want %q: %v", text, tc.notes, g.Notes())
			}
		})
	}
}

// A name alone claims nothing of a registry that everybody uses, but for a namespace that is
// made here.
func TestStrangers(t *testing.T) {
	for _, tc := range []struct {
		name, agent string // what services/agent is FROM
		refs        string
		want        string
	}{
		{"a vendor's image", "debian:12", "grafana/agent:0.39.0", "grafana/agent:0.39.0 = "},
		{"based on another image of the namespace", "grafana/base:1", "grafana/agent:0.39.0", "grafana/agent:0.39.0 = services/agent"},
		{"an official image", "debian:12", "nginx:1.27", "nginx:1.27 = "},
		{"the mirror of an official image", "debian:12", "mirror.example/hub/library/nginx:1.27", "mirror.example/hub/library/nginx:1.27 = "},
		{"the library of a private registry", "debian:12", "corp.example/library/agent:1", "corp.example/library/agent:1 = services/agent"},
		{"a private registry", "debian:12", "corp.example/agent:1", "corp.example/agent:1 = services/agent"},
		{"the mirror of a vendor's image", "mcr.microsoft.com/windows/servercore:1", "mcr.microsoft.com/windows/agent:1", "mcr.microsoft.com/windows/agent:1 = "},
	} {
		files := map[string]string{"services/agent/Dockerfile": "FROM " + tc.agent + "\n", "services/nginx/Dockerfile": "FROM debian:12\n"}
		if _, got := makersOf(files, nil, strings.Fields(tc.refs)...); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	files := map[string]string{"services/agent/Dockerfile": "FROM debian:12\n", "services/loki/Dockerfile": "FROM debian:12\n"}
	if _, got := makersOf(files, []string{"buildfile services/loki/Dockerfile grafana/loki:1"}, "grafana/agent:1"); got != "grafana/agent:1 = services/agent" {
		// The namespace is written as compose has it, so this is the registry's own form.
		_, got = makersOf(files, []string{"buildfile services/loki/Dockerfile docker.io/grafana/loki:1"}, "grafana/agent:1")
		if got != "grafana/agent:1 = services/agent" {
			t.Error("a neighbour is made here: " + got)
		}
	}
	parted := map[string]string{"services/java/17/Dockerfile": "FROM debian:12\n", "services/node/20/Dockerfile": "FROM corp.example/node:20.1.0\n"}
	if _, got := makersOf(parted, nil, "acme/java:17.0.1", "corp.example/java:17.0.1", "corp.example/node:20.1.0"); got != "acme/java:17.0.1 = ; corp.example/java:17.0.1 = services/java/17; corp.example/node:20.1.0 = " {
		t.Error("a tag in the path: " + got)
	}
	used := map[string]string{"services/agent/Dockerfile": "FROM debian:12\n"}
	if _, got := makersOf(used, nil, "a.example/agent:1", "b.example/agent:1", "c.example/agent:1", "c.example/x/agent:1"); got != "a.example/agent:1 = services/agent; b.example/agent:1 = services/agent; c.example/agent:1 = services/agent; c.example/x/agent:1 = " {
		t.Error("the one that is used by far the most: " + got)
	}
	broken := map[string]string{"services/agent/Dockerfile": "FROM debian:12\nINCLUDE x\n"}
	if _, got := makersOf(broken, nil, "corp.example/agent:1"); got != "corp.example/agent:1 = " {
		t.Error("a file that BuildKit rejects makes something: " + got)
	}
}

// A line is moved by a version of it alone.
func TestLinesOf(t *testing.T) {
	g, _ := makersOf(map[string]string{"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n"},
		[]string{"buildfile a/Dockerfile reg.example/java:17.0.3", "buildfile b/Dockerfile reg.example/java:21.0.5"}, "reg.example/java:17.0.3", "reg.example/java:21.0.5", "reg.example/java:11.0.2")
	for tag, want := range map[string]string{"17.0.4": "reg.example/java:17.0.3", "21.1.0": "reg.example/java:21.0.5", "11.0.3": "reg.example/java", "": "reg.example/java reg.example/java:17.0.3 reg.example/java:21.0.5"} {
		var got []string
		for _, n := range g.LinesOf("reg.example/java", tag) {
			got = append(got, n.Label)
		}
		slices.Sort(got)
		if text := strings.Join(got, " "); text != want {
			t.Errorf("lines of %q: %s, want %s", tag, text, want)
		}
	}
}

// The builds that claim one tag are those that claim the very one which a reference names.
func TestClaimants(t *testing.T) {
	t.Parallel()
	claims := []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:1.0.0", "buildfile a/Dockerfile reg.example/e:1.0.0", "buildfile c/amd64/Dockerfile reg.example/f:1.0.0", "buildfile c/arm64/Dockerfile reg.example/f:1.0.0"}
	g, _ := makersOf(dockerfiles("a b c/amd64 c/arm64"), claims, "reg.example/d:1.0.0", "reg.example/d:1.0.1", "reg.example/e:1.0.0", "reg.example/f:1.0.0", "debian:12")
	want := map[string]string{"reg.example/d:1.0.0": "a/Dockerfile b/Dockerfile"}
	for _, build := range g.Builds() {
		for _, ref := range build.File.Refs {
			var keys []string
			for _, c := range g.Claimants(ref) {
				keys = append(keys, c.Key)
			}
			if got := strings.Join(keys, " "); got != want[ref.Written] {
				t.Errorf("%s is claimed by %q, want %q", ref.Written, got, want[ref.Written])
			}
			delete(want, ref.Written)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing refers to %v", want)
	}
}

// A tag is on the line of a reference that no build makes if it has as many numbers in common with it as
// tell the lines of the image apart.
func TestSameLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		claims, ref string
		want        map[string]bool
	}{
		{"3.11.4 3.12.1", "3.10.1", map[string]bool{"3.10.2": true, "3.9.4": false, "3.10": true, "": true}},
		{"17.0.3 21.0.5", "11.0.2", map[string]bool{"11.0.3": true, "11.2.0": true, "12.0.0": false}},
		{"17.0.3", "11.0.2", map[string]bool{"12.0.0": true}},
		{"17.0.3 21.0.5", "17.0.2", map[string]bool{"21.0.0": true}},
	} {
		var claims []string
		for n, tag := range strings.Fields(tc.claims) {
			claims = append(claims, fmt.Sprintf("buildfile %c/Dockerfile reg.example/py:%s", 'a'+n, tag))
		}
		g, _ := makersOf(dockerfiles("a b"), claims, "reg.example/py:"+tc.ref)
		for tag, want := range tc.want {
			if got := g.SameLine(g.References("reg.example/py")[0], tag); got != want {
				t.Errorf("beside %s: %s is on the line of %s: %v", tc.claims, tag, tc.ref, got)
			}
		}
	}
}

// What images of several lines are called.
func TestTitles(t *testing.T) {
	g, _ := makersOf(dockerfiles("a b c"), []string{"buildfile a/Dockerfile reg.example/java:17.0.3", "buildfile b/Dockerfile reg.example/java:21.0.5", "buildfile c/Dockerfile reg.example/java", "buildfile a/Dockerfile reg.example/py:3.11.0", "buildfile b/Dockerfile reg.example/py:3.12.0"},
		"reg.example/java:17.0.3", "reg.example/py:2.7.0", "reg.example/other:1")
	want := "docker.io/library/debian; reg.example/java (c/Dockerfile); reg.example/java:17.0.3; reg.example/java:21.0.5; reg.example/other; " +
		"reg.example/py (other lines); reg.example/py:3.11.0; reg.example/py:3.12.0; a/Dockerfile; b/Dockerfile; c/Dockerfile; x/Dockerfile"
	if got := strings.Join(g.View().Titles(), "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What a build file puts in the place of an image is made by the build that it names, whether the
// image has a repository or not.
func TestLinkedBuilds(t *testing.T) {
	for _, name := range []string{"reg.example/base:1.0", "base"} {
		a := scanner.ScanFile("a/Dockerfile", []byte("FROM debian:12\n"), "")
		build := scanner.BuildConfig{Contexts: []scanner.Context{{Name: name, Key: trace.Plain(name), Link: "bake.hcl#base"}}}
		x := scanner.ScanBuilds("x/Dockerfile", []byte("FROM "+name+"\n"), []scanner.BuildConfig{build})[0]
		g := graph.New([]*scanner.File{a, x}, []graph.Claim{{Link: "bake.hcl#base", Rule: graph.BuildFile, File: a}}, nil)
		if makers := g.MakersOf(x.Refs[0]); len(makers) != 1 || makers[0].Key != "a/Dockerfile" {
			t.Errorf("%s is made by %v", name, makers)
		}
	}
}

// A build whose tags are known makes the image that its path names, also under a tag that nobody is known to make. Another
// Dockerfile with less of the name in its path does not take its place.
func TestMakersBesideTheirNamesakes(t *testing.T) {
	for claim, want := range map[string]string{
		"command testing/hive/Dockerfile docker.io/testing/hive:latest": "testing/hive:unlabelled = testing/hive",
		"command testing/hive/Dockerfile docker.io/testing/other:1":     "testing/hive:unlabelled = archived/hive",
	} {
		files := map[string]string{"testing/hive/Dockerfile": "FROM debian:12\n", "archived/hive/Dockerfile": "FROM debian:12\n"}
		if _, got := makersOf(files, []string{claim}, "testing/hive:unlabelled"); got != want {
			t.Errorf("%s: got %q, want %q", claim, got, want)
		}
	}
}

// The Dockerfiles below a directory make the images of a public namespace if most of them are called like one. Half of them are not
// enough.
func TestMostOfADirectory(t *testing.T) {
	for _, tc := range []struct{ refs, want string }{
		{"acme/a:1 acme/b:1 acme/c:1", "acme/a:1 = images/a; acme/b:1 = images/b; acme/c:1 = images/c"},
		{"acme/a:1 acme/b:1", "acme/a:1 = ; acme/b:1 = "},
	} {
		files := map[string]string{}
		for _, name := range []string{"a", "b", "c", "d"} {
			files["images/"+name+"/Dockerfile"] = "FROM debian:12\n"
		}
		if _, got := makersOf(files, nil, strings.Fields(tc.refs)...); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.refs, got, tc.want)
		}
	}
}
