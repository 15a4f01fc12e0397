//go:build !race

package buildfile

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
)

// allocated returns how many objects and bytes the process has asked for so far. It stands for the work
// that is done, since a busy machine changes nothing of it.
func allocated() (objects, bytes uint64) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs, stats.TotalAlloc
}

// Small workflows whose expressions stand for much are given up on before they take much work.
func TestHostileWorkflows(t *testing.T) {
	const build = "      - uses: docker/build-push-action@v6\n        with: {context: app, build-args: \"V=${{ %s }}\"}\n"
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("<i>", fmt.Sprint(i), "<next>", fmt.Sprint(i+1)).Replace(format))
		}
		return b.String()
	}
	steps := func(expression string) string { return "    steps:\n" + fmt.Sprintf(build, expression) }
	// The yardstick is what parsing takes of an ordinary workflow as large as GitHub takes them.
	const most = 20
	plain := []byte("jobs:\n  a:\n    steps:\n" + repeat(10_000, "      - uses: acme/a<i>@v1\n        with: {a: 1, b: <i>}\n"))
	work := func(do func() error) (objects, bytes uint64) {
		objectsBefore, bytesBefore := allocated()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		objects, bytes = allocated()
		return objects - objectsBefore, bytes - bytesBefore
	}
	parsedObjects, parsedBytes := work(func() error { return yaml.Unmarshal(plain, new(yaml.Node)) })
	for _, test := range []struct{ name, workflow string }{
		{"values that double", "env:\n" + repeat(60, "  E<next>: \"${{ format('{0}{0}', env.E<i>) }}\"\n") + "  E0: abcdefgh\njobs:\n  a:\n" + steps("env.E60")},
		{"JSON of JSON", "env:\n" + repeat(60, "  E<next>: \"${{ toJSON(format('{0}{0}', env.E<i>)) }}\"\n") + "  E0: a\njobs:\n  a:\n" + steps("env.E60")},
		{"brackets", "jobs:\n  a:\n" + steps(strings.Repeat("(", 50_000)+"1"+strings.Repeat(")", 50_000))},
		{"not not", "jobs:\n  a:\n" + steps(strings.Repeat("!", 100_000)+"1")},
		{"indexes", "jobs:\n  a:\n" + steps(strings.Repeat("env[", 20_000)+"1"+strings.Repeat("]", 20_000))},
		{"alternatives", "jobs:\n  a:\n" + steps(strings.Repeat("vars.A || ", 50_000)+"'x'")},
		{"nested JSON", "jobs:\n  a:\n" + steps("fromJSON('"+strings.Repeat("[", 50_000)+"')")},
		{"a long list", "jobs:\n  a:\n    strategy: {matrix: {v: \"${{ fromJSON('[1" + strings.Repeat(",1", 50_000) + "]') }}\"}}\n" + steps("join(fromJSON('[1"+strings.Repeat(",1", 20_000)+"]'), matrix.v)")},
		{"jobs that need each other", "jobs:\n" + repeat(2_000, "  j<i>:\n    needs: [j<next>, j0]\n    outputs: {v: \"${{ needs.j<next>.outputs.v }}${{ needs.j<next>.outputs.v }}\"}\n"+steps("needs.j<next>.outputs.v"))},
		{"matrices of outputs", "jobs:\n" + repeat(200, "  j<i>:\n    strategy: {matrix: {v: \"${{ fromJSON('[1,2,3,4,5,6,7,8]') }}\", w: [1,2,3,4,5,6,7,8], x: [1,2,3,4]}}\n    outputs: {v: \"${{ toJSON(matrix) }}\"}\n"+steps("toJSON(matrix)"))},
		{"comparisons", "jobs:\n  a:\n    strategy: {matrix: {v: [1, 2]}}\n    steps:\n      - run: docker build app\n      - run: |\n" + repeat(5_000, "          case $A in <i>|<next>) ;; esac; [ \"$A\" = <i> ]\n") + "        env: {A: \"${{ matrix.v }}\"}\n"},
		{"a case without an end", "jobs:\n  a:\n    strategy: {matrix: {v: [1, 2]}}\n    steps:\n      - run: docker build app\n      - run: |\n" + repeat(2_000, "          case ${{ matrix.v }} in <i>)\n")},
		{"a long value", "jobs:\n  a:\n    steps:\n      - id: x\n        run: |\n          echo 'v<<E' >> $GITHUB_OUTPUT\n" + repeat(20_000, "          echo <i> >> $GITHUB_OUTPUT\n") + fmt.Sprintf(build, "steps.x.outputs.v")},
		{"owners that may be this one", "jobs:\n  a:\n    steps:\n" + repeat(5_000, "      - uses: acme<i>/mono/.github/actions/a@v1\n")},
		{"actions that are not known", "jobs:\n  a:\n    strategy: {matrix: {v: [1,2,3,4,5,6,7,8], w: [1,2,3,4,5,6,7,8]}}\n    steps:\n" + repeat(500, "      - uses: acme/build-image<i>@v1\n        with: {context: app, build-args: \"V=${{ matrix.v }}\", image: a, image-tags: \"<i>\"}\n")},
		{"defaults that each call overrides", "jobs:\n  a:\n    strategy: {matrix: {v: [1,2,3,4,5,6,7,8], w: [1,2,3,4,5,6,7,8]}}\n    steps:\n" + repeat(500, "      - uses: ./.github/actions/b\n        with: {v: \"${{ matrix.v }}.<i>\"}\n")},
		{"actions in a circle", "jobs:\n  a:\n    steps:\n" + repeat(500, "      - uses: ./.github/workflows/../actions/a\n")},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := fstest.MapFS{
				".github/workflows/ci.yml":     {Data: []byte("on: push\n" + test.workflow)},
				".github/actions/a/action.yml": {Data: []byte("runs:\n  using: composite\n  steps:\n" + strings.Repeat("    - uses: ./.github/actions/a\n", 20))},
				".github/actions/b/action.yml": {Data: []byte("inputs: {v: {default: '1.0'}}\nruns:\n  using: composite\n  steps:\n" + strings.Repeat(fmt.Sprintf(build, "inputs.v"), 20))},
			}
			objects, bytes := work(func() error {
				_, err := Read(t.Context(), fsys, []string{".github/workflows/ci.yml"}, []string{"app/Dockerfile"})
				return err
			})
			if objects > most*parsedObjects || bytes > most*parsedBytes {
				t.Errorf("%d objects of %d bytes; parsing %d bytes of YAML takes %d of %d", objects, bytes, len(plain), parsedObjects, parsedBytes)
			}
		})
	}
}
