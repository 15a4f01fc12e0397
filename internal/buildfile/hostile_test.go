//go:build !race

package buildfile

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// Small files that stand for much are given up on in time, and it is said where.
func TestHostileFiles(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, test := range []struct{ name, compose, env, want string }{
		{"many services extend a large one", "services:\n  base:\n    build:\n      context: .\n      args:\n" +
			repeat(2_000, "        - A%d=1\n") + repeat(2_000, "  s%d: {extends: base}\n"), "", "are not read"},
		{"variables that double", "services:\n  app:\n    image: a:$V39\n    build: .\n",
			"V=1\n" + doubling(40), ""},
		{"many variables", "services:\n  app:\n    build:\n      context: .\n      args:\n" + repeat(2_000, "        - A%d=$V\n"),
			"V=" + strings.Repeat("1", 4000) + "\n" + repeat(1_000, "W%d=$V\n"), "are not read"},
		{"nested defaults", "services:\n  app:\n    image: a:" + strings.Repeat("${A:-", 600) + "1" + strings.Repeat("}", 600) + "\n    build: .\n", "", ""},
		{"includes without end", "include:\n" + repeat(10_000, "  - {path: [compose.yaml, gone%d.yaml], env_file: .env}\n") + "services: {a: {build: .}}\n", "V=1\n", "are not known"},
		{"includes of itself", "include: [more.yaml, more.yaml, compose.yaml]\nservices: {a: {build: .}}\n", repeat(50_000, "V%d=1\n"), "are not known"},
		{"a long Dockerfile in many services", "x: &x |\n" + strings.Repeat("  $$\n", 25_000) + "services:\n" + repeat(60, "  s%d: {build: {dockerfile_inline: *x}}\n"), "", "are not read"},
		{"contexts of each other", "services:\n" + repeat(1_000, "  s%[1]d: {build: {context: ., additional_contexts: {a: 'service:s%[1]d'}}}\n"), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			began := time.Now()
			fsys := fstest.MapFS{"compose.yaml": {Data: []byte(test.compose)}, ".env": {Data: []byte(test.env)}, "more.yaml": {Data: []byte("include: [" + strings.Repeat("more.yaml, ../x/compose.yaml, sub/a.yaml, ", 5_000) + "]\n")}}
			result, err := Read(t.Context(), fsys, []string{"compose.yaml"}, []string{"Dockerfile"})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > Hang { // it takes a second or two without the race detector
				t.Errorf("took %v", took)
			}
			var said strings.Builder
			for _, p := range result.Problems {
				said.WriteString(p.Message)
			}
			if !strings.Contains(said.String(), test.want) || test.want == "" && said.Len() > 0 {
				t.Errorf("the problems are %q", said.String())
			}
			if len(result.Builds) == 0 {
				t.Error("nothing is read")
			}
		})
	}
}

func doubling(n int) string {
	var b strings.Builder
	b.WriteString("V0=$V$V\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "V%d=$V%d$V%d\n", i, i-1, i-1)
	}
	return b.String()
}
