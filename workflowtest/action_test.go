package workflowtest

import (
	"strings"
	"testing"
)

// withAction has a workflow that uses the action of this repository with some inputs, and writes down what comes
// of it.
func withAction(inputs ...string) string {
	return `name: action
on: [pull_request, push]
jobs:
  affected:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: propagate
        uses: matihlabs/propagate@v1
        with:
          output: json
` + strings.Join(inputs, "") + `
      - run: |
          printf '%s' "$MATRIX" >"$BUILDS/matrix"
          printf '%s' "$PATHS" >"$BUILDS/paths"
          printf '%s' "$COUNT" >"$BUILDS/count"
        env:
          MATRIX: ${{ steps.propagate.outputs.matrix }}
          PATHS: ${{ steps.propagate.outputs.paths }}
          COUNT: ${{ steps.propagate.outputs.count }}
`
}

// TestAction: the action says what a change, or a base, affects.
func TestAction(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	for _, tc := range []struct{ name, inputs, paths, count, names string }{
		{"the change of the event", "", "java/Dockerfile\napi/Dockerfile", "2", `"name":"java" "name":"api"`},
		{"one wave of it", "          wave: 2\n", "java/Dockerfile\napi/Dockerfile", "1", `"name":"api"`},
		{"a base", "          base: nginx@1.27.1\n          args: |\n            --level=minor\n            --verbose\n", "docs/Dockerfile", "1", `"name":"docs"`},
		{"nothing", "          since: HEAD\n", "", "0", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := r.commit(t, map[string]string{workflowPath: withAction(tc.inputs), "java/data": tc.name})
			r.git(t, "reset", "-q", "--soft", before)
			head = r.commit(t, nil)
			result := r.start(t, "push", map[string]any{"ref": "refs/heads/main", "before": before, "after": head}, "")
			if !result.passed || result.built["paths"] != tc.paths || result.built["count"] != tc.count {
				t.Errorf("passed is %v, paths are %q, the count is %q:\n%s", result.passed, result.built["paths"], result.built["count"], result.log)
			}
			for _, name := range strings.Fields(tc.names) {
				if !strings.Contains(result.built["matrix"], name) {
					t.Errorf("the matrix has no %s: %s", name, result.built["matrix"])
				}
			}
			if tc.names == "" && result.built["matrix"] != "" {
				t.Errorf("the matrix is %q", result.built["matrix"])
			}
			if !strings.Contains(result.log, "Summary - ~~~~~~text") {
				t.Errorf("there is no summary:\n%s", result.log)
			}
		})
	}
}

// TestHostileInputs: no input is a command.
func TestHostileInputs(t *testing.T) {
	t.Parallel()
	r, before := newRepository(t)
	for _, input := range []string{"base", "since", "args", "output", "working-directory", "command", "wave", "token"} {
		t.Run(input, func(t *testing.T) {
			value := `          ` + input + `: "x$(touch $BUILDS/run)` + "`touch $BUILDS/run`" + `'; touch $BUILDS/run; '\"; touch $BUILDS/run; \""` + "\n"
			text := withAction(value)
			if input == "output" {
				text = strings.Replace(text, "          output: json\n", "", 1)
			}
			head := r.commit(t, map[string]string{workflowPath: text})
			result := r.start(t, "push", map[string]any{"ref": "refs/heads/main", "before": before, "after": head}, "")
			if _, run := result.built["run"]; run {
				t.Errorf("the input is run as a command:\n%s", result.log)
			}
			if result.passed != (input == "token") {
				t.Errorf("passed is %v:\n%s", result.passed, result.log)
			}
		})
	}
}
