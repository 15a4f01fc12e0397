package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// What a pattern fits, wherever in the configuration it stands.
func TestPatterns(t *testing.T) {
	const all = "svc/a/Dockerfile svc/a/b/Dockerfile svc/ab/Dockerfile x/svc/a/Dockerfile Dockerfile"
	for _, tc := range []struct{ patterns, fits string }{
		// Ways to write one directory.
		{"svc/a svc/a/ svc/a// ./svc/a /svc/a /./svc//a/ svc/./a svc/a/** svc/a/**/ ./svc/a/** /svc/a/** svc/a/**/** svc/[a] svc/{a,c} s*c/a svc/?", "svc/a/Dockerfile svc/a/b/Dockerfile"},
		// A file, and what would lie below it.
		{"svc/a/Dockerfile ./svc/a/Dockerfile /svc/a/Dockerfile svc/a/Dockerfile/ svc/a/Dockerfile/**", "svc/a/Dockerfile"},
		{"svc/a/* svc/a/*/**", "svc/a/Dockerfile svc/a/b/Dockerfile"},
		{"svc svc/ svc/* svc/** svc/*/", "svc/a/Dockerfile svc/a/b/Dockerfile svc/ab/Dockerfile"},
		{"svc/*/Dockerfile", "svc/a/Dockerfile svc/ab/Dockerfile"},
		{"svc/a* svc/a*/**", "svc/a/Dockerfile svc/a/b/Dockerfile svc/ab/Dockerfile"},
		{"**/a **/a/** ./**/a/", "svc/a/Dockerfile svc/a/b/Dockerfile x/svc/a/Dockerfile"},
		{"Dockerfile ./Dockerfile /Dockerfile Dockerfile* Docker*file* [D]*ockerfile*/**", "Dockerfile"},
		{"svc/?/Dockerfile*", "svc/a/Dockerfile"},
		{"{svc/a/b,Docker*}", "svc/a/b/Dockerfile Dockerfile"},
		{". / ./ ** **/** * ./*", all},
		{"a svc/A SVC svc/a/Docker nowhere/** **/none", ""},
	} {
		for text := range strings.FieldsSeq(tc.patterns) {
			p, err := config.NewPattern(text, source.Pos{})
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			var fits []string
			for path := range strings.FieldsSeq(all) {
				if p.Match(path) {
					fits = append(fits, path)
				}
			}
			if got := strings.Join(fits, " "); got != tc.fits {
				t.Errorf("%s fits %q, want %q", text, got, tc.fits)
			}
		}
	}
}

// All keys that take patterns take them alike.
func TestPatternsOfAllKeys(t *testing.T) {
	for _, text := range []string{"svc/a", "svc/a/", "./svc/a/**", "/svc/a/**", "svc/a/**", "{svc,x}/[a]"} {
		c, err := config.Parse(".propagate.yaml", []byte(strings.ReplaceAll(`
dockerfiles: {include: ["PATTERN"], exclude: ["PATTERN"]}
ignore: ["PATTERN"]
images: {"PATTERN": "reg.example/{dir}"}
targets: {"PATTERN": run}
arguments: [{files: "PATTERN", for: ["PATTERN"]}]
references: [{files: ["PATTERN"], image: reg.example/x, pattern: '(?P<version>.)'}]
`, "PATTERN", text)))
		if err != nil {
			t.Fatal(err)
		}
		for path, fits := range map[string]bool{"svc/a/x/Dockerfile": true, "svc/a": true, "svc/ab/Dockerfile": false} {
			for what, ok := range map[string]bool{
				"include": c.Includes(path), "exclude": c.Excludes(path), "ignore": ignores(c, path), "images": len(c.Claims([]string{path})) == 1, "targets": c.Target(path) == "run",
				"files of arguments": c.HoldsArguments(path), "for": gets(c, path, "svc/a/args.env"), "files of references": len(c.Patterns(path)) == 1,
			} {
				if ok != fits {
					t.Errorf("%s: %s fits %s: %v", what, text, path, ok)
				}
			}
		}
	}
	c, err := config.Parse(".propagate.yaml", []byte("versions: {x: {file: ./build/VERSION}}\nimages: {a: {image: x/y, context: /svc/a/}}\n"))
	if err != nil || c.Versions[0].File != "build/VERSION" || c.Images[0].Context != "svc/a" {
		t.Errorf("got %+v, %v", c, err)
	}
}

// Of several patterns the longest counts.
func TestTheLongestPattern(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte("targets:\n  svc/**: one\n  ./svc/a: two\n  svc/a/b/Dockerfile: three\n  /svc/?: four\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"svc/x/Dockerfile": "four", "svc/xy/Dockerfile": "one", "svc/a/Dockerfile": "two", "svc/a/b/Dockerfile": "three", "x": ""} {
		if got := c.Target(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// What captures of a file of arguments stand for, they stand for in the path of a Dockerfile.
func TestCapturesOfArguments(t *testing.T) {
	for _, tc := range []struct{ from, to, file, gets string }{
		{"{dir}/build-args/{name}.conf", "{dir}/Dockerfile.{name}", "a/b/build-args/cpu.conf", "a/b/Dockerfile.cpu"},
		{"{dir}/build-args/{name}.conf", "{dir}/Dockerfile.{name}", "a/build-args/gpu.conf", "a/Dockerfile.gpu"},
		{"{dir}/build-args/{name}.conf", "{dir}/Dockerfile.{name}", "build-args/cpu.conf", "Dockerfile.cpu"},
		{"{dir}/build-args/{name}.conf", "{dir}/Dockerfile.{name}", "a/b/other/cpu.conf", ""},
		{"{dir}/build-args/{name}.conf", "{dir}/Dockerfile.{name}", "a/build-args/x/build-args/cpu.conf", "a/build-args/x/Dockerfile.cpu"},
		{"conf/{dir}/{name}.env", "{dir}/{name}/Dockerfile", "conf/x/y/z.env", "x/y/z/Dockerfile"},
		{"conf/{name}.env", "**/{name}/Dockerfile", "conf/z.env", "x/y/z/Dockerfile z/Dockerfile"},
		{"conf/{name}-{line}.env", "{name}/{line}/Dockerfile*", "conf/z-17.env", "z/17/Dockerfile z/17/Dockerfile.gpu"},
		{"conf/{name}.env", "{name}/{name}.Dockerfile", "conf/z.env", "z/z.Dockerfile"},
		{"{dir}/build.env", "{dir}", "a/b/build.env", "a/b/Dockerfile.cpu a/b/Dockerfile.gpu a/b/c/Dockerfile.cpu"},
		{"{dir}/{name}.env", "{dir}/**/{name}", "z.env", "x/y/z/Dockerfile z/17/Dockerfile z/17/Dockerfile.gpu z/18/Dockerfile z/Dockerfile z/y.Dockerfile z/z.Dockerfile"},
		{"{name}.{kind}", "{kind}/Dockerfile.{name}", "cpu.args", "args/Dockerfile.cpu"},
	} {
		c, err := config.Parse(".propagate.yaml", fmt.Appendf(nil, "arguments: {%q: %q}\n", tc.from, tc.to))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, dockerfile := range []string{
			"Dockerfile", "Dockerfile.cpu", "a/Dockerfile", "a/Dockerfile.cpu", "a/Dockerfile.gpu", "a/b/Dockerfile.cpu", "a/b/Dockerfile.gpu", "a/b/c/Dockerfile.cpu",
			"a/build-args/x/Dockerfile.cpu", "args/Dockerfile.cpu", "x/y/z/Dockerfile", "z/17/Dockerfile", "z/17/Dockerfile.gpu", "z/18/Dockerfile", "z/Dockerfile", "z/z.Dockerfile", "z/y.Dockerfile",
		} {
			if gets(c, dockerfile, tc.file) {
				got = append(got, dockerfile)
			}
		}
		slices.Sort(got)
		if got := strings.Join(got, " "); got != tc.gets {
			t.Errorf("%s for %s: %s is for %q, want %q", tc.from, tc.to, tc.file, got, tc.gets)
		}
	}
}
