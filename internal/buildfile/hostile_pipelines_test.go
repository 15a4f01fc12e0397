//go:build !race

package buildfile_test

import (
	"fmt"
	"strings"
	"testing"
)

// Pipelines of many steps, or that nest or repeat without end, are given up on in time.
func TestHostilePipelines(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, strings.ReplaceAll(format, "<i>", "%[1]d"), i)
		}
		return b.String()
	}
	nested := func(n int, open, end string) string { return strings.Repeat(open, n) + end }
	laughs := "x: &l0 {run: docker build app}\n"
	for i := range 40 {
		laughs += fmt.Sprintf("x%d: &l%d {run: docker build app, a: *l%d, b: *l%d, <<: [*l%d, *l%d]}\n", i, i+1, i, i, i, i)
	}
	for name, test := range map[string]struct{ path, src string }{
		"many steps":                  {".circleci/config.yml", "steps:\n" + repeat(30_000, "- run: docker build app -t a:<i>\n")},
		"many idle steps":             {".gitlab-ci.yml", "x:\n  script:\n" + repeat(100_000, "  - echo\n") + "  - docker build app\n"},
		"many jobs":                   {".gitlab-ci.yml", repeat(20_000, "j<i>: {script: [docker build app]}\n")},
		"many variables":              {".gitlab-ci.yml", "variables:\n" + repeat(20_000, "  V<i>: a$V<i>\n") + "x: {script: ['docker build -t a:$V1 app']}\n"},
		"variables in steps":          {".gitlab-ci.yml", repeat(10_000, "j<i>: {variables: {V: '<i>'}, script: ['docker build -t a:$V app']}\n")},
		"jobs that extend each other": {".gitlab-ci.yml", repeat(200, ".j<i>: {extends: [.j<next>, .j<next>, .j<i>], variables: {V<i>: $V<next>}}\n") + repeat(200, "j<i>: {extends: .j<i>, script: [docker build app, !reference [.j<i>, script]]}\n")},
		"a matrix of matrices":        {".gitlab-ci.yml", "variables:\n" + repeat(2_000, "  V<i>: $V<next>$V<next>\n") + "x:\n  parallel:\n    matrix:\n" + strings.Repeat("    - {A: ["+repeat(100, "<i>,")+"], B: ["+repeat(100, "<i>,")+"], C: ["+repeat(100, "<i>,")+"]}\n", 20) + "  script: [docker build -t a:$A-$B-$C-$V1 app]\n"},
		"parameters of commands":      {".circleci/config.yml", "commands:\n" + repeat(300, "  c<i>: {parameters: {p: {default: x}}, steps: [{c<next>: {p: << parameters.p >>}}, {run: docker build -t a:<< parameters.p >> app}]}\n") + "jobs: {x: {parameters: {p: {default: 1}}, steps: [{c1: {matrix: {parameters: {p: [" + repeat(300, "<i>,") + "]}}}}]}}\n"},
		"templates of themselves":     {"azure-pipelines.yml", "parameters: {p: x}\nvariables: {v: x}\nsteps:\n" + repeat(2_000, "- {template: ./ci/../azure-pipelines.yml, parameters: {p: '${{ parameters.p }}$(v)'}}\n- script: docker build -t a:$(v) app\n")},
		"macros":                      {"azure-pipelines.yml", "variables: {v: x}\nsteps:\n- script: docker build -t a:" + strings.Repeat("$(v)", 100_000) + " app\n"},
		"nested lists":                {".circleci/config.yml", "run: docker build app\nx: " + nested(200_000, "[", "") + "\n"},
		"nested blocks":               {".circleci/config.yml", "x:\n" + nested(1, "", strings.Repeat("- ", 5_000)) + "run: docker build app\n"},
		"nested commands":             {".gitlab-ci.yml", "x: {script: " + nested(5_000, "[", "docker build app") + strings.Repeat("]", 5_000) + "}\n"},
		"aliases of aliases":          {".circleci/config.yml", laughs},
		"an alias of itself":          {".circleci/config.yml", "x: &x {run: docker build app, y: *x, <<: *x}\n"},
		"aliases of a list":           {".gitlab-ci.yml", "x: &x\n" + repeat(2_000, "- docker build app -t a:<i>\n") + repeat(10_000, "j<i>: {script: *x}\n")},
		"marks":                       {".circleci/config.yml", "run: docker build -t a:" + strings.Repeat("<<", 200_000) + " app\n"},
		"steps of Cloud Build": {"cloudbuild.yaml", "steps:\n" + repeat(10_000, "- {name: gcr.io/cloud-builders/docker, args: [build, -t, 'a:$_V<i>', app]}\n") +
			"substitutions:\n" + repeat(10_000, "  _V<i>: '<i>$_V<i>$_V1'\n")},
		"substitutions that double":    {"cloudbuild.json", `{"steps": [{"name": "docker", "args": ["build", "-t", "a:$_V0", "app"]}], "substitutions": {` + repeat(60, `"_V<i>": "${_V<i>}${_V<i>}",`) + `"_W": ""}}`},
		"arguments of a step":          {"cloudbuild.yaml", "steps: [{name: docker, args: [build, " + repeat(50_000, "--build-arg, A<i>=1, ") + " app]}]\n"},
		"many recipes":                 {"justfile", repeat(20_000, "r<i>: r<i>\n  docker build -t a:<i> app\n")},
		"variables of a justfile":      {"justfile", repeat(20_000, "v<i> := v<i> + \"x\"\n") + "r:\n  docker build -t a:{{v1}} app\n"},
		"marks of a justfile":          {"justfile", "r:\n  docker build -t a:" + strings.Repeat("{{", 200_000) + " app\n"},
		"lines that go on":             {"justfile", "r:\n  docker build \\\n" + strings.Repeat("   --pull \\\n", 50_000) + "   app\n"},
		"many tasks":                   {"Taskfile.yml", "tasks:\n" + repeat(15_000, "  t<i>: {cmds: [{task: t<i>}, 'docker build -t a:{{.A<i>}} app']}\n")},
		"tasks that call each other":   {"Taskfile.yml", "tasks:\n" + repeat(300, "  t<i>: {vars: {A: '{{.A | default \"x\"}}{{.A}}'}, cmds: [{for: ["+repeat(300, "<i>,")+"], task: t<next>, vars: {A: '{{.A}}{{.ITEM}}'}}, 'docker build -t a:{{.A}} app']}\n")},
		"recipes that call each other": {"justfile", repeat(300, "r<i> a: "+strings.Repeat("(r<next> a) ", 300)+"\n  just r<next> {{a}}{{a}}\n  docker build -t a:{{a}} app\n")},
		"many scripts":                 {"package.json", `{"scripts": {` + repeat(15_000, `"s<i>": "npm run s<i> && docker build app",`) + `"x": ""}}`},
		"JSON without end":             {"package.json", `{"scripts": ` + strings.Repeat(`{"a":`, 100_000) + "docker build app"},
		"a dev container":              {".devcontainer/devcontainer.json", `{"build": ` + strings.Repeat(`{"dockerfile":`, 10_000) + "1" + strings.Repeat("}", 10_000) + "}"},
		"comments":                     {".devcontainer/devcontainer.json", strings.Repeat("/*", 100_000) + strings.Repeat("//\n", 100_000) + `{"dockerFile": "Dockerfile"}`},
		"compose files":                {".devcontainer/devcontainer.json", `{"dockerComposeFile": [` + strings.Repeat(`"compose.yaml", `, 20_000) + `"x"]}`},
		"names of commands":            {"Jenkinsfile", strings.Repeat("docker buildx ", 60_000) + "\n" + strings.Repeat("sh 'docker build '\n", 10_000)},
		"artifacts":                    {"skaffold.yaml", "build:\n  artifacts:\n" + repeat(15_000, "  - {image: a<i>, context: app, requires: [{image: a<i>}]}\n")},
	} {
		t.Run(name, func(t *testing.T) { readOne(t, test.path, []byte(test.src)) })
	}
}
