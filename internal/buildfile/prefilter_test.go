package buildfile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
)

// A script that builds is found however little of the build it says itself.
func TestScriptsThatBuildThroughOthers(t *testing.T) {
	t.Parallel()
	const build = "docker build -t reg.io/team/app:1.0 app\n"
	for name, files := range map[string]map[string]string{
		"by itself":                        {"a.sh": build},
		"with a path":                      {"a.sh": "/usr/bin/" + build},
		"a variable that is not known":     {"a.sh": "\"$CONTAINER_TOOL\" build -t reg.io/team/app:1.0 app\n"},
		"in braces, after options":         {"a.sh": "set -e; ${ENGINE} --log-level debug \\\n  build -t reg.io/team/app:1.0 app\n"},
		"behind an assignment":             {"a.sh": "X='a b' $ENGINE build -t reg.io/team/app:1.0 app\n"},
		"behind sudo":                      {"a.sh": "sudo -E $ENGINE build -t reg.io/team/app:1.0 app\n"},
		"in a condition":                   {"a.sh": "if ! $ENGINE build -t reg.io/team/app:1.0 app; then exit 1; fi\n"},
		"handed to a function":             {"a.sh": "run() { \"$@\"; }\nrun $ENGINE build -t reg.io/team/app:1.0 app\n"},
		"handed to a function, as another": {"a.sh": "run() { \"$@\"; }\nDO=build\nrun $ENGINE $DO -t reg.io/team/app:1.0 app\n"},
		"the tool in a library": {
			"a.sh": ". lib/common.sh\n$TOOL build -t reg.io/team/app:1.0 app\n", "lib/common.sh": "TOOL=docker\n"},
		"the tool in a library without an extension": {
			"a.sh": "source ./common\n$TOOL build -t reg.io/team/app:1.0 app\n", "common": "TOOL=docker\n"},
		"a function of a library": {
			"a.sh": ". lib/common.sh\nimage app\n", "lib/common.sh": "image() { docker build -t reg.io/team/$1:1.0 $1; }\n"},
		"a library of a library": {
			"a.sh": ". lib/one.sh\n$TOOL build -t reg.io/team/app:1.0 app\n", "lib/one.sh": ". lib/two.sh\n", "lib/two.sh": "TOOL=podman\n"},
		"a script whose name is a value": {
			"a.sh": "for n in app; do bash ci/build-$n.sh 1.0; done\n", "ci/build-app.sh": "docker build -t reg.io/team/app:$1 app\n"},
		"a script in a directory that is a value": {
			"a.sh": "DIR=ci\n$DIR/image.sh app 1.0\n", "ci/image.sh": "docker build -t reg.io/team/$1:$2 $1\n"},
		"a directory that comes from the caller": {
			"a.sh": "tools/b.sh ci\n", "tools/b.sh": "cd $1\n./image.sh app 1.0\n", "ci/image.sh": "cd ..\ndocker build -t reg.io/team/$1:$2 $1\n"},
		"a script whose name is a value in braces": {
			"a.sh": "for n in app; do bash ci/build-${n}.sh 1.0; done\n", "ci/build-app.sh": "docker build -t reg.io/team/app:$1 app\n"},
		"a library whose directory is computed": {
			"a.sh": ". \"$(dirname \"$0\")/lib/common.sh\"\n$TOOL build -t reg.io/team/app:1.0 app\n", "lib/common.sh": "TOOL=docker\n"},
		"a library whose path is a default": {
			"a.sh": "LIB=\"${LIB:-lib/common.sh}\"\n. \"$LIB\"\n$TOOL build -t reg.io/team/app:1.0 app\n", "lib/common.sh": "TOOL=docker\n"},
		"a library of another name than its variable has at first": {
			"a.sh": "LIB=lib/common.sh\nfor LIB in ./tools; do . \"$LIB\"; done\n$TOOL build -t reg.io/team/app:1.0 app\n", "lib/common.sh": "x=1\n", "tools": "TOOL=docker\n"},
		"a library with a value in its name": {
			"a.sh": "KIND=ci\n. ./tools_$KIND\n$TOOL build -t reg.io/team/app:1.0 app\n", "tools_ci": "TOOL=docker\n"},
		"a script that is named in its directory": {
			"a.sh": "x/ci/image.sh app 1.0\n", "x/ci/image.sh": "docker build -t reg.io/team/$1:$2 $1\n", "y/image.sh": "docker push x\n"},
		"a default value":        {"a.sh": "CLI=${CONTAINER_CLI:-docker}\n$CLI build -t reg.io/team/app:1.0 app\n"},
		"a default of a default": {"a.sh": "${DOCKER:-${ENGINE:-podman}} build -t reg.io/team/app:1.0 app\n"},
		"the tool as an argument": {
			"a.sh": "./b.sh docker 1.0\n", "b.sh": "\"$1\" build -t reg.io/team/app:$2 app\n"},
		"the tool in the environment": {
			"a.sh": "export CLI=docker\n./b.sh\n", "b.sh": "$CLI build -t reg.io/team/app:1.0 app\n"},
		"variables that make inherits": {
			"a.sh": "export TAG=1.0\nmake -C images build\n", "images/Makefile": "build:\n\tdocker build -t reg.io/team/app:$(TAG) ../app\n"},
		"make at the end of a line": {
			"a.sh": "TAG=1.0 make\n", "Makefile": "build:\n\tdocker build -t reg.io/team/app:$(TAG) app\n"},
		"a Makefile that includes another": {
			"a.sh": "make -C images V=1.0 all\n", "images/Makefile": "include ../mk/common.mk\nall:\n\t$(BUILD) -t reg.io/team/app:$(V) ../app\n", "mk/common.mk": "BUILD = docker build\n"},
		"in a directory that a file says": {
			"a.sh": ". ./env.sh\n$DIR/image.sh 1.0\n", "env.sh": "DIR=ci\n", "ci/image.sh": "docker build -t reg.io/team/app:$1 app\n"},
		"a variable that is handed on": {"a.sh": "go() { \"$1\" build -t reg.io/team/app:1.0 app; }\ngo \"$CONTAINER_ENGINE\"\n"},
		"by way of set":                {"a.sh": "set -- $DOCKER\n\"$@\" build -t reg.io/team/app:1.0 app\n"},
		"a library where it is there": {
			"a.sh": "[ -f ./tools ] && . ./tools\n$CLI build -t reg.io/team/app:1.0 app\n", "tools": "CLI=podman\n"},
		"a Makefile": {
			"a.sh": "make -C images TAG=1.0\n", "images/Makefile": "app:\n\tdocker build -t reg.io/team/app:$(TAG) ../app\n"},
		"a Makefile that runs a script": {
			"a.sh": "make TAG=1.0\n", "Makefile": "app:\n\tci/image.sh app $(TAG)\n", "ci/image.sh": "docker build -t reg.io/team/$1:$2 $1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{"app/Dockerfile": {Data: []byte("FROM scratch\n")}}
			var paths []string
			for p, text := range files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
				if buildfile.KindOf(p) != 0 {
					paths = append(paths, p)
				}
			}
			slices.Sort(paths)
			found, err := buildfile.Read(context.Background(), fsys, paths, []string{"app/Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			var by []string
			for _, b := range found.Builds {
				for _, image := range b.Images {
					by = append(by, b.File+" "+image.S)
				}
			}
			if !slices.Contains(by, "a.sh reg.io/team/app:1.0") {
				t.Errorf("builds: %q; want one of a.sh", by)
			}
		})
	}
}

// Of many scripts, those that build nothing are not followed: one that would take long
// takes nothing.
func TestScriptsThatBuildNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text     string
		followed bool
	}{
		"one that builds":                     {"docker build app", true},
		"one that runs one that builds":       {"ci/images/publish.sh", true},
		"the same in a directory of any name": {"for d in ci/*; do $d/publish.sh; done", true},
		"one that reads any file":             {"source ./settings", true},
		"one that runs any script":            {"bash $NAME.sh", true},
		"a program that is called otherwise":  {"# not with docker\n$CC $ENGINE -o out build/x.o\nmake CC=gcc\ncp Dockerfile build.sh out", false},
		"a script of another directory":       {"$SRC/lib/publish.sh\nother/publish.sh", false},
		"a script that builds nothing":        {". \"$(dirname \"$0\")/common.sh\"\nX=${X:-common.sh}\n. \"$X\"", false},
		"scripts with a part of a name":       {"bash test-$NAME.sh\nbash ${NAME}-test.sh", false},
		"a virtual environment":               {"source $DIR/venv/bin/activate\n. .venv/bin/activate", false},
		"a variable of a loop":                {"for source in $SOURCES; do $CC $source; done", false},
		"scripts that are left out":           {"find . -type f '!' -name \\*.sh\nfind . -not -name '*.sh'", false},
		"scripts that are written":            {"echo exit > $OUT/$(basename $x .c).sh\nchmod +x $OUT/${x}.sh", false},
		"an engine that fuzzes":               {"FLAGS=\"-Wl,-x $LIB_FUZZING_ENGINE\"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{
				"app/Dockerfile":       {Data: []byte("FROM scratch\n")},
				"ci/config":            {Data: []byte("x")},
				"ci/images/publish.sh": {Data: []byte("docker build -t app app\n")},
				"common.sh":            {Data: []byte("x=1\n")},
			}
			paths := []string{"ci/images/publish.sh", "common.sh"}
			for i := range 50 {
				p := fmt.Sprintf("p%d/build.sh", i)
				// What is followed would read the file.
				fsys[p] = &fstest.MapFile{Data: []byte(test.text + "\nV=$(head -n 1 ci/config)\n" + strings.Repeat("cd x\n", 9))}
				paths = append(paths, p)
			}
			found, err := buildfile.Read(t.Context(), fsys, paths, []string{"app/Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			if followed := slices.Contains(found.Looked, "ci/config"); followed != test.followed {
				t.Errorf("followed: %v; want %v", followed, test.followed)
			}
		})
	}
}

// What a Makefile includes may run scripts, whatever it is called; a workflow that only names
// scripts and directories is not followed.
func TestWhatRunsOthers(t *testing.T) {
	t.Parallel()
	const workflow = ".github/workflows/ci.yml"
	step := func(run string) string {
		return "jobs:\n  a:\n    steps:\n    - uses: actions/checkout@v4\n    - run: |\n        " + run + "\n        V=$(head -n 1 ci/config)\n"
	}
	for name, test := range map[string]struct {
		files  map[string]string
		build  string
		looked bool
	}{
		"a Makefile that includes what runs a script": {map[string]string{
			"Makefile": "TAG = 1.0\ninclude rules.inc\n", "rules.inc": "app:\n\tci/image.sh app $(TAG)\n", "ci/image.sh": "docker build -t reg.io/$1:$2 $1\n"}, "Makefile reg.io/app:1.0", false},
		"a workflow that runs a script": {map[string]string{
			workflow: step("./ci/image.sh app 1.0"), "ci/image.sh": "docker build -t reg.io/$1:$2 $1\n"}, workflow + " reg.io/app:1.0", true},
		"a workflow that runs one that builds nothing": {map[string]string{workflow: step("./ci/lint.sh 1.0"), "ci/lint.sh": "shellcheck *.c\n"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{"app/Dockerfile": {Data: []byte("FROM scratch\n")}, "ci/config": {Data: []byte("x")}}
			var paths []string
			for p, text := range test.files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
				if buildfile.KindOf(p) != 0 {
					paths = append(paths, p)
				}
			}
			slices.Sort(paths)
			found, err := buildfile.Read(t.Context(), fsys, paths, []string{"app/Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			by := ""
			for _, b := range found.Builds {
				for _, image := range b.Images {
					if b.File != "ci/image.sh" {
						by = b.File + " " + image.S
					}
				}
			}
			if looked := slices.Contains(found.Looked, "ci/config"); by != test.build || looked != test.looked {
				t.Errorf("build: %q, followed: %v; want %q, %v", by, looked, test.build, test.looked)
			}
		})
	}
}

// A Dockerfile is no script, whatever program its image is called after.
func TestKindOf(t *testing.T) {
	for name, want := range map[string]buildfile.Kind{
		"Dockerfile.bash": 0, "bash/Dockerfile": 0, "build.bash": buildfile.Shell, "Dockerfile.sh": buildfile.Shell, "build-dockerfile.sh": buildfile.Shell,
		".gitlab-ci.yml": buildfile.Pipeline, "ci/build.gitlab-ci.yml": buildfile.Pipeline, ".circleci/config.yml": buildfile.Pipeline, "a/.tekton/push.yaml": buildfile.Pipeline,
		"cloudbuild-release.yaml": buildfile.Pipeline, "Jenkinsfile.release": buildfile.Pipeline, "azure-pipelines.yml": buildfile.Pipeline, "eng/pipelines/all.yml": buildfile.Pipeline, "java-build.yml": buildfile.Pipeline, "pipelines.d/all.yml": 0,
		"config.yml": 0, "values.yaml": 0, ".rubocop.yml": 0, "package.json": buildfile.Tasks, "tsconfig.json": 0, "web/project.json": buildfile.Tasks, "a/pom.xml": buildfile.Tasks, "a/build.gradle.kts": buildfile.Tasks, "a/settings.gradle": 0, "b.xml": 0, "justfile": buildfile.Tasks, "adjustfile": 0,
		"docker/models.py": 0, "a/Rakefile": buildfile.Tasks, "a/release.rb": buildfile.Tasks, "a/ci.just": buildfile.Tasks, "a/docker-push.cmd": buildfile.Tasks,
		".woodpecker/a.yaml": buildfile.Pipeline, ".gitlab/ci/a.yml": buildfile.Pipeline, "a/rules.mk": buildfile.Makefile, "a/compose.yaml": buildfile.Compose, "compose/a.yaml": 0,
		"Taskfile.yml": buildfile.Tasks, "tools/build_images.py": buildfile.Tasks, "app/models.py": 0, "Tiltfile": buildfile.Tasks,
	} {
		if got := buildfile.KindOf(name); got != want {
			t.Errorf("%s is a %v, not a %v", name, got, want)
		}
	}
}

// A script without an ending is told by its first line, whoever runs it; what is larger than a
// script, and what another program runs, is none.
func TestScriptsWithoutAnEnding(t *testing.T) {
	t.Parallel()
	const build = "docker build -t reg.io/team/app:$1 app\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"by itself":          {map[string]string{"bin/images": "#!/bin/sh\n" + build}, "bin/images reg.io/team/app"},
		"by env":             {map[string]string{"bin/images": "#!/usr/bin/env -S bash -e\n" + build}, "bin/images reg.io/team/app"},
		"run by another":     {map[string]string{"bin/images": "#!/bin/sh\n" + build, "a.sh": "./bin/images 1.0\n"}, "a.sh reg.io/team/app:1.0"},
		"run by a Makefile":  {map[string]string{"bin/images": "#!/bin/sh\n" + build, "Makefile": "all:\n\t./bin/images 1.0\n"}, "Makefile reg.io/team/app:1.0"},
		"of another program": {map[string]string{"bin/images": "#!/usr/bin/env python3\n" + build}, ""},
		"without a program":  {map[string]string{"bin/images": build}, ""},
		"large":              {map[string]string{"bin/images": "#!/bin/sh\n" + build + strings.Repeat("#", buildfile.MaxProgramSize)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{"app/Dockerfile": {Data: []byte("FROM scratch\n")}}
			var paths []string
			for p, text := range test.files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
				paths = append(paths, p)
			}
			slices.Sort(paths)
			found, err := buildfile.Read(t.Context(), fsys, paths, []string{"app/Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			var by []string
			for _, b := range found.Builds {
				for _, image := range b.Images {
					by = append(by, b.File+" "+image.S)
				}
			}
			if test.want == "" && len(by) > 0 || test.want != "" && !slices.Contains(by, test.want) {
				t.Errorf("builds: %q; want %q", by, test.want)
			}
		})
	}
}
