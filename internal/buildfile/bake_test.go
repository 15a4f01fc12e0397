package buildfile_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
)

// FuzzBake reads any file in both forms: nothing may fall over, and every place
// holds what it is said to.
func FuzzBake(f *testing.F) {
	f.Add("variable \"V\" { default = \"1.0\" }\ntarget \"a\" {\n tags = [\"r/x:${V}\", format(\"r/%s:1\", \"y\")]\n args = merge({ A = V }, { B = \"a\\t1\" })\n}\n", "{}")
	f.Add("target \"a\" {\n name = \"a-${v}\"\n matrix = { v = [\"1.1\", \"2\"] }\n contexts = { b = \"target:a-2\", c = \"docker-image://x:${v}\" }\n}\n",
		`{"variable": {"V": {"default": "1"}}, "target": {"a": {"args": {"A": "x${V}", "B": "\t${upper(\"a\")}"}, "tags": ["x/y:${V}"]}}}`)
	f.Add("function \"f\" {\n params = [x]\n result = <<-E\n  ${~ x }\n E\n}\na = f(\"%{ if true }1%{ endif }\")\ntarget \"a\" {\n args = { A = a[*], B = a }\n inherits = [\"a\"]\n}\n", `[`)
	f.Fuzz(func(t *testing.T, hcl, json string) {
		fsys := fstest.MapFS{
			"d/docker-bake.hcl": {Data: []byte(hcl)}, "d/bake.json": {Data: []byte(json)},
			"Dockerfile": {Data: []byte("FROM scratch\n")}, "d/Dockerfile": {Data: []byte("FROM scratch\n")},
		}
		_ = describe(t, fsys)
		var result *buildfile.Result
		tracetest.Brief(t, func() {
			var err error
			if result, err = buildfile.Read(t.Context(), fsys, []string{"d/docker-bake.hcl", "d/bake.json"}, nil); err != nil {
				t.Fatal(err)
			}
		})
		for _, p := range result.Problems {
			if strings.Contains(p.Message, "gave up") {
				t.Error(p)
			}
		}
	})
}
