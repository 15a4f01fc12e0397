package cli_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// What may stand in a repository: for each kind of file, what it may say. Each counts
// for what is found in the Dockerfiles, or looks as if it might.
var (
	someDockerfiles = []string{
		from("1.0.0"), from("1.0.1"), from("2.0.0") + "# more\n",
		"ARG V=1.0.0\nFROM " + base + ":${V}\nCOPY --from=registry.example/team/tool:3.1.0 /x /x\n",
		"FROM " + base + ":1.0.0 AS build\nFROM scratch AS ship\nCOPY --from=build /x /x\n",
		"FROM ${NOWHERE}\n", "FRM typo\n", "", "FROM {{ base }}\n",
	}
	someFiles = map[string][]string{
		"Dockerfile": someDockerfiles, "Dockerfile.dev": someDockerfiles, "api.Dockerfile": someDockerfiles,
		"Dockerfile.j2": {"FROM {{ x }}\n"}, "notes.txt": {"none\n", "image: " + base + ":1.0.0\n"},
		".env":                {"V=1.0.1\n", "V=1.0.2\n"},
		"compose.yaml":        {"services:\n  x:\n    image: registry.example/team/made\n    build:\n      context: .\n      args:\n        V: ${V:-1.0.0}\n", inlineCompose},
		"common.yaml":         {"services:\n  y:\n    build:\n      context: .\n      args: {V: 1.0.3}\n", "services:\n  y:\n    build: .\n", "include: [compose.yaml]\n"},
		"compose.prod.yaml":   {"services: {x: {build: {args: {V: 1.0.6}}}}\n"},
		"docker-compose.yml":  {"include: [{path: common.yaml, env_file: args.conf}]\n", "services:\n  y:\n    extends: {file: common.yaml, service: y}\n"},
		"docker-bake.hcl":     {"target \"x\" {\n  context = \".\"\n  args = { V = \"1.0.4\" }\n}\n", "target \"x\" {\n  target = \"build\"\n}\n", inlineBake},
		"Makefile":            {"include vars.mk\nimage:\n\tdocker build --build-arg V=$(V) -t registry.example/team/made .\n"},
		"vars.mk":             {"V = 1.0.5\n", "V = 1.0.6\n"},
		"build.sh":            {"docker build --build-arg V=1.0.7 -f Dockerfile.dev .\n", "echo none\n", inlineScript},
		"args.conf":           {"V=1.0.8\n", "V=1.0.9\n"},
		"release":             {"#!/bin/sh\ndocker build --build-arg V=1.0.7 .\n", "#!/usr/bin/env python\ndocker build --build-arg V=1.0.6 .\n"},
		"go":                  {"#!/bin/sh\n. ./versions\ndocker build --build-arg V=$V .\n", "V=1.0.4\n"}, // which counts where it may be run
		"versions":            {"V=1.0.2\n", "V=1.0.3\n"},
		"build.yml":           {"script: [docker build --build-arg V=1.0.1 .]\n", "run: docker build --build-arg V=1.0.2 .\n", "include: [../common.yaml]\n"},
		".gitlab-ci.yml":      {"variables: {V: 1.0.1}\nx: {script: [docker build --build-arg V=$V ., ./go, sh build.sh]}\n", "x: {script: [echo]}\n"},
		"Taskfile.yml":        {"vars: {V: 1.0.3}\ntasks: {x: {cmds: ['docker build --build-arg V={{.V}} .']}}\n"},
		"justfile":            {"v := \"1.0.1\"\nx:\n  docker build --build-arg V={{v}} .\n", "x:\n  ./build.sh\n"},
		"package.json":        {"{\"scripts\": {\"x\": \"docker build --build-arg V=1.0.4 .\"}}\n"},
		"cloudbuild.yaml":     {"steps: [{name: gcr.io/cloud-builders/docker, args: [build, --build-arg, 'V=${_V}', .]}]\nsubstitutions: {_V: 1.0.2}\n"},
		"devcontainer.json":   {"{\"build\": {\"dockerfile\": \"Dockerfile\", \"args\": {\"V\": \"1.0.3\"}}}\n", "{\"dockerComposeFile\": [\"compose.yaml\"]} // x\n", "{"},
		"skaffold.yaml":       {"build: {artifacts: [{image: registry.example/team/made, context: ., docker: {buildArgs: {V: 1.0.5}}}]}\n"},
		"Jenkinsfile":         {"sh 'docker build --build-arg V=1.0.1 .'\n", "sh 'true'\n"},
		"reused.yml":          {"on: {workflow_call: {inputs: {v: {default: 1.0.3}}}}\njobs: {x: {steps: [{run: 'docker build --build-arg V=${{ inputs.v }} .'}]}}\n"},
		"action.yml":          {"inputs: {v: {default: 1.0.4}}\nruns: {using: composite, steps: [{shell: sh, run: 'docker build --build-arg V=${{ inputs.v }} .'}]}\n"},
		"Makefile.d/note.txt": {"a directory that is called like a build file\n"},
	}
	someWorkflows = []string{
		"on: push\njobs: {x: {uses: ./.github/workflows/reused.yml, with: {v: 1.0.6}}}\n",
		"on: push\njobs: {x: {steps: [{uses: ./.github/actions/x, with: {v: 1.0.7}}]}}\n",
		"on: push\njobs: {x: {strategy: {matrix: {v: ['1.0.1', '1.0.2']}}, steps: [{run: 'docker build --build-arg V=${{ matrix.v }} .'}, {run: ./go}]}}\n",
	}
	someConfigs = []string{
		"", "ignore: [a]\n", "dockerfiles:\n  exclude: [a/b]\n", "dockerfiles:\n  include: ['**/notes.txt']\n",
		"targets:\n  '**/Dockerfile': build\n", "arguments:\n  - files: ['**/args.conf']\n    for: ['**']\n",
		"arguments:\n  '{dir}/{name}.conf': {for: '{dir}/Dockerfile.dev'}\n  '{dir}/{name}.mk': '{dir}/Dockerfile'\n",
		"references:\n  '**/Taskfile.yml': {path: $.vars.V, image: '" + base + "'}\n", "versions:\n  base: {file: cloudbuild.yaml, path: $.substitutions._V}\n",
		"references:\n  - files: ['**/notes.txt']\n    pattern: 'image: (?P<image>[^:\\s]+):(?P<version>\\S+)'\n",
	}
	someDirs = []string{"", "a/", "a/b/", "a/b/c/", "d/", "d/e/", ".github/workflows/", ".github/actions/x/", ".circleci/", ".devcontainer/", "zz-a/"}
)

// An edit is a repository that changes at random.
type edit struct {
	random *rand.Rand
	files  map[string]string
	runs   map[string]bool // the files that may be run
}

func newEdit(seed uint64) *edit {
	e := &edit{rand.New(rand.NewPCG(seed, 1)), map[string]string{"README.md": "# random\n"}, map[string]bool{}}
	// Enough directories for records that stand for a part of the repository.
	for i := range 45 {
		e.files[fmt.Sprintf("wide/%d/%d/Dockerfile", i%3, i)] = someDockerfiles[i%2]
	}
	e.files["wide/0/notes.txt"], e.files["wide/1/args.conf"] = someFiles["notes.txt"][1], someFiles["args.conf"][0]
	for _, dir := range someDirs {
		for _, name := range slices.Sorted(maps.Keys(someFiles)) {
			if e.random.IntN(2) == 0 {
				e.files[dir+name] = someFiles[name][0]
			}
			e.runs[dir+name] = name == "go" && e.random.IntN(2) == 0
		}
		e.files[dir+"Dockerfile"] = someDockerfiles[3] // with the version that is handed in
	}
	return e
}

func pick[T any](e *edit, from []T) T { return from[e.random.IntN(len(from))] }

// narrow returns the paths of the files that are not among the many.
func (e *edit) narrow() []string {
	names := slices.Sorted(maps.Keys(e.files))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "wide/") && e.random.IntN(10) > 0 })
}

// step makes one change.
func (e *edit) step() {
	names := slices.Sorted(maps.Keys(someFiles))
	switch dir := pick(e, someDirs); e.random.IntN(9) {
	case 0:
		e.files[".propagate.yaml"] = pick(e, someConfigs)
	case 1: // remove
		delete(e.files, pick(e, e.narrow()))
	case 2: // move
		was := pick(e, e.narrow())
		content := e.files[was]
		delete(e.files, was)
		e.files[dir+was[strings.LastIndexByte(was, '/')+1:]] = content
	case 3: // change one of many
		e.files[fmt.Sprintf("wide/%d/%d/Dockerfile", e.random.IntN(3), e.random.IntN(45))] = pick(e, someDockerfiles)
	case 4:
		e.files[".github/workflows/"+pick(e, []string{"ci.yml", "sub/ci.yml"})] = "jobs:\n  x:\n    steps:\n      - run: docker build --build-arg V=1.1." + fmt.Sprint(e.random.IntN(3)) + " .\n"
	case 5: // an executable, or none any more
		name := dir + pick(e, []string{"go", "go", "release", "versions"})
		e.runs[name] = !e.runs[name]
	case 6:
		e.files[".github/workflows/ci.yml"] = pick(e, someWorkflows)
	default:
		name := pick(e, names)
		e.files[dir+name] = pick(e, someFiles[name])
	}
}

// questions are what is asked of the states: all that was found of the first, and one
// of the others of each in turn.
var questions = [][]string{{"scan", "-o", "json"}, {"graph", "-o", "json"}, {"affected", "--base", base, "-o", "json"}, {"scan"}}

// same fails the test unless the answers are those without a cache.
func same(t *testing.T, what string, n int, dir string, programs ...program) {
	t.Helper()
	what = fmt.Sprintf("%s %d", what, n)
	for _, question := range [][]string{questions[0], questions[1+n%3]} {
		want := in(dir).run(t, append(question, "--no-cache")...)
		if want.status == 2 {
			t.Fatalf("%s: %v is no question: %s", what, question, want.stderr)
		}
		for i, p := range programs {
			if got := p.runUnchecked(t, question...); got != want { // which was checked
				t.Fatalf("%s: %v with cache %d:\n%+v\nwant:\n%+v", what, question, i, got, want)
			}
		}
	}
}

// A change of what a build file looks at is remembered like any other: what was read
// after it is not read again.
func TestCacheOfWhatIsLookedAt(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Dockerfile": someDockerfiles[3], ".env": "V=1.0.1\n", "compose.yaml": someFiles["compose.yaml"][0]}
	dir := gittest.Init(t, files)
	warm := program{dir: dir, cache: gittest.TempDir(t), build: "a"}
	warm.run(t, "scan").want(t, 0)
	gittest.Commit(t, dir, "another version", map[string]string{".env": "V=1.0.2\n"})
	want := warm.run(t, "scan").want(t, 0).stdout
	if !strings.Contains(want, "1.0.2") {
		t.Fatalf("the version of .env is not in it:\n%s", want)
	}
	blob := gittest.Git(t, dir, "rev-parse", "HEAD:compose.yaml")
	if err := os.Remove(filepath.Join(dir, ".git", "objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	if got := warm.run(t, "scan").want(t, 0).stdout; got != want {
		t.Errorf("without the compose file, which need not be read:\n%s\nwant:\n%s", got, want)
	}
}

// Over random edits, the answer is the same without a cache, with one that knows the
// states before, and with one that is new or of another program.
func TestCacheOfCommits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		e := newEdit(seed)
		dir, cache := gittest.Init(t, e.files), gittest.TempDir(t)
		warm := program{dir: dir, cache: cache, build: "a"}
		for n := range 12 {
			// Beside it a cache that knows nothing, or one that another program has filled.
			other := program{dir: dir, cache: gittest.TempDir(t), build: "a"}
			if n%2 == 1 {
				other = program{dir: dir, cache: cache, build: "b"}
			}
			same(t, fmt.Sprintf("seed %d, edit", seed), n, dir, warm, other)
			was := maps.Clone(e.files)
			for range 1 + e.random.IntN(3) {
				e.step()
			}
			rewrite(t, dir, was, e.files, e.runs)
			gittest.Git(t, dir, "add", "-A")
			gittest.Git(t, dir, "commit", "--quiet", "--allow-empty", "-m", fmt.Sprint("edit ", n))
		}
		// And back: what was known of old states is of use again.
		for n := range 3 {
			same(t, fmt.Sprintf("seed %d, at the end", seed), n, dir, warm)
		}
	}
}

// rewrite makes the files below dir those of now, if they were those of was. Those of runs
// may be run.
func rewrite(t *testing.T, dir string, was, now map[string]string, runs map[string]bool) {
	t.Helper()
	for name := range was {
		if _, ok := now[name]; !ok {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range now {
		if was[name] != content || content == "" {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
				continue
			}
			write(t, dir, name, content)
		}
	}
	for name, may := range runs {
		mode := os.FileMode(0o644)
		if may {
			mode = 0o755
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() || info.Mode() == mode {
			continue
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// So it is for a plain directory. Its files are as old as they claim.
func TestCacheOfDirectories(t *testing.T) {
	t.Parallel()
	e := newEdit(7)
	dir, cache := plain(t, e.files), gittest.TempDir(t)
	at := now.Add(-time.Hour)
	age := func(name string) {
		at = at.Add(time.Second)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for name := range e.files {
		age(name)
	}
	warm := program{dir: dir, cache: cache, build: "a"}
	for n := range 25 {
		same(t, "edit", n, dir, warm)
		was := maps.Clone(e.files)
		e.step()
		rewrite(t, dir, was, e.files, e.runs)
		for name, content := range e.files {
			if before, ok := was[name]; !ok || before != content {
				age(name)
			}
		}
	}
}

// A cache that is damaged, or that is written by several runs at once, changes nothing.
func TestCacheIsNoAuthority(t *testing.T) {
	t.Parallel()
	e := newEdit(11)
	dir, cache := gittest.Init(t, e.files), gittest.TempDir(t)
	warm := program{dir: dir, cache: cache, build: "a"}
	for n := range 3 {
		same(t, "at first", n, dir, warm)
	}
	stores, err := filepath.Glob(filepath.Join(cache, strings.Repeat("?", 32))) // beside it is what shells offer
	if err != nil || len(stores) != 1 {
		t.Fatalf("the cache has the files %v: %v", stores, err)
	}
	good, err := os.ReadFile(stores[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		bad := bytes.Clone(good)
		switch at := e.random.IntN(len(bad)); n % 4 {
		case 0:
			bad = bad[:at]
		case 1:
			clear(bad[at:min(len(bad), at+200)])
		case 2:
			for range 50 {
				bad[e.random.IntN(len(bad))] ^= 0x15
			}
		case 3:
			bad = append(bad[:at:at], good...)
		}
		// Another file, as every program that replaces it makes one: this one may still be mapped.
		if err := os.Remove(stores[0]); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(stores[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		same(t, "damage", n, dir, warm, warm)
	}
	var group sync.WaitGroup
	want := in(dir).run(t, questions[0]...)
	other := gittest.TempDir(t)
	for i := range 8 {
		group.Go(func() {
			p := program{dir: dir, cache: other, build: fmt.Sprint(i % 3)}
			for range 3 {
				if got := p.runUnchecked(t, questions[0]...); got != want {
					t.Errorf("at once with others: %+v\nwant %+v", got, want)
				}
			}
		})
	}
	group.Wait()
}
