package cli_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// sinceFiles is a repository with two bases, one on the other, and services: api takes a directory, web all of
// its context but for what is left out, job is on an older tag, and old needs nothing.
func sinceFiles() map[string]string {
	return map[string]string{
		"bases/os/Dockerfile":         "FROM alpine:3.20\nCOPY certs /certs\n",
		"bases/os/certs/root.pem":     "1",
		"bases/java/Dockerfile":       "FROM reg/os:1.0.0\nRUN true\n",
		"services/api/Dockerfile":     "FROM golang:1.27 AS build\nCOPY src /src\nFROM reg/java:2.0.0\nCOPY --from=build /x /x\n",
		"services/api/src/main.go":    "1",
		"services/api/README.md":      "1",
		"services/web/Dockerfile":     "FROM nginx:1.27\nCOPY . /srv\n",
		"services/web/.dockerignore":  "*.md\n",
		"services/web/index.html":     "1",
		"services/web/README.md":      "1",
		"services/job/Dockerfile":     "FROM reg/java:1.9.0\nARG DIR=src\nRUN --mount=source=$DIR,target=/src make\n",
		"services/job/src/job.sh":     "1",
		"services/job/other/notes":    "1",
		"services/old/Dockerfile":     "FROM alpine:3.20\nRUN true\n",
		"services/root/Dockerfile":    "FROM alpine:3.20\nCOPY lib/common /common\n",
		"lib/common/x":                "1",
		"docs/guide.md":               "1",
		"compose.yaml":                composeOf("1"),
		"services/tools/Dockerfile":   "FROM alpine:3.20 AS test\nCOPY tests /tests\nFROM alpine:3.20 AS run\nCOPY --from=shared /x /x\n",
		"services/tools/tests/t":      "1",
		"lib/shared/x":                "1",
		"lib/shared/ignored":          "1",
		"services/tools/unrelated.go": "1",
	}
}

// composeOf says how the estate is built, with the build argument V of api.
func composeOf(v string) string {
	return `services:
  os: {build: bases/os, image: "reg/os:1.0.0"}
  java: {build: bases/java, image: "reg/java:2.0.0"}
  api: {build: {context: services/api, args: {V: "` + v + `"}}, image: "reg/api:1"}
  web: {build: services/web, image: "reg/web:1"}
  job: {build: services/job, image: "reg/job:1"}
  old: {build: services/old, image: "reg/old:1"}
  tools:
    image: "reg/tools:1"
    build:
      context: services/tools
      target: run
      additional_contexts: {shared: ./lib/shared}
`
}

// rebuilt returns the builds that affected lists, as "wave path".
func (p program) rebuilt(t *testing.T, args ...string) []string {
	t.Helper()
	r := p.run(t, append([]string{"affected", "-o", "json"}, args...)...).want(t, 0)
	validate(t, "affected", r.stdout)
	var doc struct {
		Dockerfiles []struct {
			Path, Action string
			Wave         int
		}
		Totals map[string]int
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range doc.Dockerfiles {
		if d.Action == "rebuild" || d.Action == "bump" {
			all = append(all, fmt.Sprintf("%d %s", d.Wave, strings.TrimSuffix(strings.TrimPrefix(d.Path, "services/"), "/Dockerfile")))
		}
	}
	sum := 0
	for name, n := range doc.Totals {
		if name != "stand_on_it" {
			sum += n
		}
	}
	if sum != doc.Totals["stand_on_it"] {
		t.Errorf("the totals do not add up: %v", doc.Totals)
	}
	slices.Sort(all)
	return all
}

// TestSince has one change after the other, each in a commit of its own.
func TestSince(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files map[string]string
		gone  string
		want  []string
	}{
		{"a file that a build stage copies", map[string]string{"services/api/src/main.go": "2"}, "", []string{"1 api"}},
		{"a file that nothing takes", map[string]string{"services/api/README.md": "2", "docs/guide.md": "2"}, "", nil},
		{"a new file, and one that is left out", map[string]string{"services/web/new": "1", "services/web/README.md": "2"}, "", []string{"1 web"}},
		{"what is left out alone", map[string]string{"services/web/README.md": "2"}, "", nil},
		{"what the context leaves out", map[string]string{"services/web/.dockerignore": "*.txt\n"}, "", []string{"1 web"}},
		{"a file that is gone", nil, "services/api/src/main.go", []string{"1 api"}},
		{"a base and what names its tag, one after the other", map[string]string{"bases/os/certs/root.pem": "2"}, "", []string{"1 bases/os", "2 bases/java", "3 api"}},
		{"a base and what is based on it, with a change of its own", map[string]string{"bases/java/Dockerfile": "FROM reg/os:1.0.0\nRUN false\n", "services/api/src/main.go": "2"}, "", []string{"1 bases/java", "2 api"}},
		{"a base with another tag, which nothing names", map[string]string{"bases/java/Dockerfile": "FROM reg/os:1.0.0\nRUN false\n", "compose.yaml": strings.Replace(composeOf("1"), "java:2.0.0", "java:2.0.1", 1)}, "", []string{"1 bases/java"}},
		{"a mount with a variable", map[string]string{"services/job/src/job.sh": "2"}, "", []string{"1 job"}},
		{"beside the mount", map[string]string{"services/job/other/notes": "2"}, "", nil},
		{"a comment in a Dockerfile", map[string]string{"services/old/Dockerfile": "# why\nFROM alpine:3.20\nRUN true\n"}, "", nil},
		{"a stage of a Dockerfile that the target does not reach", map[string]string{"services/tools/Dockerfile": "FROM alpine:3.20 AS test\nCOPY tests /t\nFROM alpine:3.20 AS run\nCOPY --from=shared /x /x\n"}, "", nil},
		{"a stage of a Dockerfile that it reaches", map[string]string{"services/tools/Dockerfile": "FROM alpine:3.20 AS test\nCOPY tests /tests\nFROM alpine:3.20 AS run\nCOPY --from=shared /x /y\n"}, "", []string{"1 tools"}},
		{"a named context that nothing uses", map[string]string{"compose.yaml": strings.Replace(composeOf("1"), "{shared: ./lib/shared}", "{shared: ./lib/shared, more: ./docs}", 1)}, "", nil},
		{"a named context that is used", map[string]string{"compose.yaml": strings.Replace(composeOf("1"), "shared: ./lib/shared", "shared: ./lib", 1)}, "", []string{"1 tools"}},
		{"a build argument in a build file", map[string]string{"compose.yaml": composeOf("2")}, "", []string{"1 api"}},
		{"another target", map[string]string{"compose.yaml": strings.Replace(composeOf("1"), "target: run", "target: test", 1)}, "", []string{"1 tools"}},
		{"a label", map[string]string{"compose.yaml": strings.Replace(composeOf("1"), "target: run", "target: run\n      labels: {team: web}", 1)}, "", []string{"1 tools"}},
		{"a secret", map[string]string{"compose.yaml": strings.Replace(composeOf("1"), "target: run", "target: run\n      secrets: [token]", 1) + "secrets: {token: {file: ./token}}\n"}, "", []string{"1 tools"}},
		{"a named context", map[string]string{"lib/shared/x": "2"}, "", []string{"1 tools"}},
		{"beside what is copied of a named context", map[string]string{"lib/shared/ignored": "2"}, "", nil},
		{"what a stage copies that the target does not reach", map[string]string{"services/tools/tests/t": "2"}, "", nil},
		{"a new service", map[string]string{"services/new/Dockerfile": "FROM reg/os:1.0.0\n"}, "", []string{"1 new"}},
		{"a path from the root, where nothing says what the context is", map[string]string{"lib/common/x": "2"}, "", []string{"1 root"}},
		{"a service that is gone", nil, "services/old/Dockerfile", nil},
		{"a build file that only speaks of other things", map[string]string{"compose.yaml": "# estate\n" + composeOf("1") + "  db: {image: \"postgres:17\"}\n"}, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, sinceFiles())
			if test.gone != "" {
				gittest.Git(t, dir, "rm", "--quiet", test.gone)
			}
			gittest.Commit(t, dir, "change", test.files)
			p := in(dir)
			if got := p.rebuilt(t, "--since", "HEAD~1"); !slices.Equal(got, test.want) {
				t.Errorf("rebuilt %q, want %q", got, test.want)
			}
			if test.gone == "" { // both ways the same differs
				r := p.run(t, "affected", "--since", "HEAD~1", "-o", "paths").want(t, 0)
				if got := strings.Count(r.stdout, "\n"); got != len(test.want) {
					t.Errorf("%d paths, want %d:\n%s", got, len(test.want), r.stdout)
				}
			}
		})
	}
}

// TestSinceMergeBase compares with a branch that has gone on: what changed there is no change of this one.
func TestSinceMergeBase(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, sinceFiles())
	main := gittest.Git(t, dir, "rev-parse", "--abbrev-ref", "HEAD")
	gittest.Git(t, dir, "checkout", "--quiet", "-b", "topic")
	gittest.Commit(t, dir, "topic", map[string]string{"services/api/src/main.go": "2"})
	gittest.Git(t, dir, "checkout", "--quiet", main)
	gittest.Commit(t, dir, "main", map[string]string{"services/web/index.html": "2"})
	p := in(dir)
	for rev, want := range map[string][]string{main + "...": {"1 api"}, main: {"1 api", "1 web"}, main + "..": {"1 api", "1 web"}} {
		if got := p.rebuilt(t, "--ref", "topic", "--since", rev); !slices.Equal(got, want) {
			t.Errorf("--since %s: %q, want %q", rev, got, want)
		}
	}
	// A bare clone of the last commit alone does not know where they part.
	shallow := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, dir, "clone", "--quiet", "--depth=1", "--no-single-branch", "file://"+dir, shallow)
	p = in(shallow)
	r := p.run(t, "affected", "--ref", "origin/topic", "--since", "origin/"+main+"...", "-o", "json").want(t, 1)
	r.says(t, "the history of this shallow clone ends too early", "fetch-depth: 0")
	if r.stdout != "" {
		t.Errorf("it prints %q", r.stdout)
	}
	r = p.run(t, "affected", "--since", "HEAD~1").want(t, 1)
	r.says(t, "ends too early", "fetch-depth: 0")
	// Without a common commit, nothing is known either.
	gittest.Git(t, dir, "checkout", "--quiet", "--orphan", "apart")
	gittest.Commit(t, dir, "apart", sinceFiles())
	in(dir).run(t, "affected", "--since", main+"...").want(t, 1).says(t, "they have no commit in common", "hint:")
}

// TestSinceErrors names revisions that are none.
func TestSinceErrors(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, sinceFiles())
	gittest.Git(t, dir, "update-ref", "refs/remotes/origin/trunk", "HEAD")
	p := in(dir)
	for _, test := range []struct {
		args   []string
		status int
		says   []string
	}{
		{[]string{"--since", strings.Repeat("0", 40)}, 1, []string{"it is no commit, but what stands for none", "origin/main..."}},
		{[]string{"--since", strings.Repeat("0", 40) + "..."}, 1, []string{"it is no commit"}},
		{[]string{"--since", strings.Repeat("0", 39)}, 1, []string{"unknown revision"}},
		{[]string{"--since", "nope..."}, 1, []string{"--since nope...: unknown revision", "fetch-depth: 0"}},
		{[]string{"--since", "trunk"}, 1, []string{"there is origin/trunk"}},
		{[]string{"--since", "a...b"}, 2, []string{"it names two revisions", "--ref"}},
		{[]string{"--since", ""}, 2, []string{"it names no revision"}},
		{[]string{"--explain", "x", "--base", base + "@1.0.1"}, 2, []string{"--explain: it needs --since"}},
		{[]string{"--since", "HEAD", "--explain", "x", "-o", "json"}, 2, []string{"there is no -o json of it"}},
		{[]string{"--since", "HEAD", "--explain", "nothing"}, 2, []string{"it is no Dockerfile, and does not differ"}},
		{nil, 2, []string{"--base: none is given, nor is --since"}},
	} {
		r := p.run(t, append([]string{"affected"}, test.args...)...).want(t, test.status)
		r.says(t, test.says...)
		if r.stdout != "" {
			t.Errorf("%q prints %q", test.args, r.stdout)
		}
	}
	in(plain(t, sinceFiles())).run(t, "affected", "--since", "HEAD").want(t, 2).says(t, "is in no git repository")
}

// TestSinceWithBase asks for both: what a patched base concerns, and what a change does.
func TestSinceWithBase(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, sinceFiles())
	gittest.Commit(t, dir, "change", map[string]string{"services/web/index.html": "2", "bases/os/certs/root.pem": "2"})
	p := in(dir)
	want := []string{"1 bases/os", "1 web", "2 bases/java", "3 api"}
	if got := p.rebuilt(t, "--since", "HEAD~1", "--base", "reg/os@1.0.1"); !slices.Equal(got, want) {
		t.Errorf("rebuilt %q, want %q", got, want)
	}
	// Up to date with the base, and rebuilt for a file: the file counts.
	want = []string{"1 api"}
	gittest.Commit(t, dir, "source", map[string]string{"services/api/src/main.go": "2"})
	if got := p.rebuilt(t, "--since", "HEAD~1", "--base", "golang@1.27"); !slices.Equal(got, want) {
		t.Errorf("rebuilt %q, want %q", got, want)
	}
	// The bake file has the new base used before it is published.
	r := p.run(t, "affected", "--since", "HEAD~2", "-o", "bake").want(t, 0)
	r.says(t, `"reg/os:1.0.0": "target:os"`, `"reg/java:2.0.0": "target:java"`, `"wave-3"`)
	r = p.run(t, "affected", "--since", "HEAD~2", "-o", "github-matrix").want(t, 0)
	if got := strings.Count(r.stdout, `"path"`); got != 4 {
		t.Errorf("%d jobs, want 4: %s", got, r.stdout)
	}
	r = p.run(t, "affected", "--since", "HEAD", "-o", "github-matrix").want(t, 0)
	if r.stdout != `{"include":[]}`+"\n" {
		t.Errorf("nothing differs: %s", r.stdout)
	}
}

// TestSinceExplain asks why, of a Dockerfile and of files.
func TestSinceExplain(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, sinceFiles())
	gittest.Commit(t, dir, "change", map[string]string{"services/web/index.html": "2", "services/web/more": "1", "bases/os/certs/root.pem": "2", "docs/guide.md": "2"})
	p := in(dir)
	for _, test := range []struct{ path, want string }{
		{"services/web/Dockerfile", "services/web/Dockerfile is rebuilt in wave 1:\n  it takes services/web/index.html (content) and 1 more, services/web/Dockerfile:2: COPY . /srv\n"},
		{"services/web/more", "for services/web/more (added) there is to rebuild:\n  services/web/Dockerfile: it takes services/web/more (added) and 1 more, services/web/Dockerfile:2: COPY . /srv\n"},
		{"services/api/Dockerfile", "services/api/Dockerfile is rebuilt in wave 3:\n" +
			"  it is based on bases/java/Dockerfile, as docker.io/reg/java:2.0.0, services/api/Dockerfile:3\n" +
			"    it is based on bases/os/Dockerfile, as docker.io/reg/os:1.0.0, bases/java/Dockerfile:1\n" +
			"      it takes bases/os/certs/root.pem (content), bases/os/Dockerfile:2: COPY certs /certs\n"},
		{"./bases/os/certs/root.pem", "for bases/os/certs/root.pem (content) there is to rebuild:\n" +
			"  bases/os/Dockerfile: it takes bases/os/certs/root.pem (content), bases/os/Dockerfile:2: COPY certs /certs\n" +
			"  bases/java/Dockerfile: it is based on bases/os/Dockerfile, as docker.io/reg/os:1.0.0, bases/java/Dockerfile:1\n" +
			"  services/api/Dockerfile: it is based on bases/java/Dockerfile, as docker.io/reg/java:2.0.0, services/api/Dockerfile:3\n"},
		{"docs/guide.md", "docs/guide.md (content) is taken by no build\n"},
	} {
		r := p.run(t, "affected", "--since", "HEAD~1", "--explain", test.path).want(t, 0)
		if r.stdout != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.path, r.stdout, test.want)
		}
	}
	r := p.run(t, "affected", "--since", "HEAD~1", "--explain", "services/job/Dockerfile").want(t, 0)
	r.says(t, "services/job/Dockerfile is not rebuilt: of the 4 changed files since commit ")
}
