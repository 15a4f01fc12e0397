package config_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/scanner"
)

// show writes a claim in one line: the Dockerfile, the image, its tags and patterns, and what else is known.
func show(c graph.Claim) string {
	text := fmt.Sprintf("%s: %s", c.Path, strings.TrimPrefix(c.Image, "docker.io/"))
	for _, part := range []struct{ name, text string }{
		{"tags", strings.Join(c.Tags, ",")}, {"patterns", strings.Join(c.Patterns, ",")}, {"target", c.Target}, {"context", c.Context}, {"line", c.Where[strings.LastIndexByte(c.Where, ':')+1:]},
	} {
		if part.text != "" {
			text += " " + part.name + "=" + part.text
		}
	}
	return text
}

func parse(t testing.TB, text string) *config.Config {
	t.Helper()
	c, err := config.Parse(".propagate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// claimCases are entries of images: and Dockerfiles, with the claims for these.
var claimCases = map[string]struct{ text, paths, want string }{
	"lines of one repository": {
		`images:
  bases/java/17/Dockerfile: {image: ghcr.io/team/java, tags: "17.*"}
  bases/java/21/Dockerfile: {image: ghcr.io/team/java, tags: ["21.*", latest]}
`, "bases/java/17/Dockerfile bases/java/21/Dockerfile", `bases/java/17/Dockerfile: ghcr.io/team/java patterns=17.* line=2
bases/java/21/Dockerfile: ghcr.io/team/java tags=latest patterns=21.* line=3`,
	},
	"lines by captures": {
		`images:
  "bases/{name}/{line}/Dockerfile": {image: "ghcr.io/team/{name}", tags: "{line}.*"}
`, "bases/Java/17/Dockerfile bases/node/20/Dockerfile bases/node/Dockerfile bases/node/20/slim/Dockerfile", `bases/Java/17/Dockerfile: ghcr.io/team/java patterns=17.* line=2
bases/node/20/Dockerfile: ghcr.io/team/node patterns=20.* line=2`,
	},
	"several targets": {
		`images:
  site/Dockerfile:
    - {image: ghcr.io/team/site-base, target: base}
    - image: ghcr.io/team/site
    - ghcr.io/team/mirror
`, "site/Dockerfile", `site/Dockerfile: ghcr.io/team/site-base target=base line=3
site/Dockerfile: ghcr.io/team/site line=4
site/Dockerfile: ghcr.io/team/mirror line=5`,
	},
	"captures everywhere": {
		`images:
  "apps/{app}/{Kind}.Dockerfile": {image: "reg.example/{dir}/{app}", tags: ["{Kind}-1.0", "*-{Kind}"], target: "{Kind}", context: "apps/{app}/{dir}"}
`, "apps/API/Gpu.Dockerfile", `apps/API/Gpu.Dockerfile: reg.example/api/api tags=Gpu-1.0 patterns=*-Gpu target=Gpu context=apps/API/API line=2`,
	},
	"a capture instead of the directory": {`images: {"{dir}/x/Dockerfile": "a/{dir}"}`, "Top/x/Dockerfile", `Top/x/Dockerfile: a/top line=1`},
	"the directory's name":               {`images: {"**/Dockerfile": "a/{dir}"}`, "x/Y/Dockerfile", `x/Y/Dockerfile: a/y line=1`},
	"what no image can be called":        {`images: {"{x}/Dockerfile": {image: "a/{x}", tags: "{x}"}}`, "c++/Dockerfile Dockerfile ok/Dockerfile -x/Dockerfile", `ok/Dockerfile: a/ok tags=ok line=1`},
	"what no tag can be":                 {`images: {"{x}/{y}/Dockerfile": {image: "a/{x}", tags: "{y}.*"}}`, "x/+1/Dockerfile x/*/Dockerfile x/1/Dockerfile", `x/1/Dockerfile: a/x patterns=1.* line=1`},
	"targets: says another":              {"images: {a: {image: x/a, target: one}, b: x/b, c: {image: x/c, target: one}}\ntargets: {a: two, b: two}\n", "a b c", "a: x/a target=two line=1\nb: x/b target=two line=1\nc: x/c target=one line=1"},
	"an alias":                           {"images:\n  a: &i {image: x/a, tags: &t ['1.*', '2.*']}\n  b: *i\n  c: [*i, {<<: *i, image: x/c}]\n", "a b c", "a: x/a patterns=1.*,2.* line=2\nb: x/a patterns=1.*,2.* line=3\nc: x/a patterns=1.*,2.* line=4\nc: x/c patterns=1.*,2.* line=4"},
	"numbers are tags":                   {"images: {a: {image: x/a, tags: [1.10, 8]}}", "a", "a: x/a tags=1.10,8 line=1"},
}

// What an entry of images: says of the Dockerfiles that it fits.
func TestClaims(t *testing.T) {
	for name, tc := range claimCases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, claim := range parse(t, tc.text).Claims(strings.Fields(tc.paths)) {
				if claim.Rule != graph.Configured {
					t.Errorf("the rule is %s", claim.Rule)
				}
				got = append(got, show(claim))
			}
			if text := strings.Join(got, "\n"); text != tc.want {
				t.Errorf("got\n%s\nwant\n%s", text, tc.want)
			}
		})
	}
}

// The examples of docs/configuration.md are cases of TestClaims.
func TestExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lines of one repository", "lines by captures", "several targets"} {
		if want := "```yaml\n# .propagate.yaml: " + name + "\n" + claimCases[name].text + "```\n"; !strings.Contains(string(page), want) {
			t.Errorf("docs/configuration.md lacks\n%s", want)
		}
	}
}

// What captures stand for. A pattern that fits is written with what its captures {a} and {b} are.
func TestCaptures(t *testing.T) {
	for _, tc := range []struct{ pattern, path, want string }{
		{"bases/{a}/Dockerfile", "bases/java/Dockerfile", "java"},
		{"bases/{a}/Dockerfile", "bases/x/java/Dockerfile", "none"},
		{"bases/{a}/Dockerfile", "bases/Dockerfile", "none"},
		{"bases/{a}/Dockerfile", "bases/Dockerfile/Dockerfile", "Dockerfile"},
		{"bases/{a}", "bases/java/17/Dockerfile", "java"},
		{"/bases/{a}/**", "bases/java/17/Dockerfile", "java"},
		{"{a}", "Dockerfile", "Dockerfile"},
		{"{a}.Dockerfile", "java.Dockerfile", "java"},
		{"{a}.Dockerfile", ".Dockerfile", "none"},
		{"Dockerfile.{a}", "Dockerfile.17", "17"},
		{"Dockerfile.{a}", "Dockerfile.17/x", "17"},
		{"{a}-{b}/Dockerfile", "base-java-17/Dockerfile", "base-java 17"},
		{"{a}-{b}", "base-", "none"},
		{"{a}/{a}.Dockerfile", "java/java.Dockerfile", "java"},
		{"{a}/{a}.Dockerfile", "java/node.Dockerfile", "none"},
		{"{a}/{a}.Dockerfile", "java/javax.Dockerfile", "none"},
		{"{a}{b}/{b}", "javav17/v17", "java v17"}, // not all but a letter
		{"{a}-{b}/{a}", "x-y-z/x", "x y-z"},
		{"**/{a}/{b}/Dockerfile", "x/y/java/17/Dockerfile", "java 17"},
		{"**/{a}/{b}/Dockerfile", "java/17/Dockerfile", "java 17"},
		{"x/**/{a}/Dockerfile", "x/java/Dockerfile", "java"},
		{"x/**/{a}/Dockerfile", "y/java/Dockerfile", "none"},
		{"**/*-*-*-*-{a}!/D", strings.Repeat("y-", 60) + "/a-b-c-d-e!/D", "e"}, // few of the many ways are tried
		{"{a}/*/{b}.{d,D}ockerfile", "java/x/17.dockerfile", "java 17"},
		{"{bases/x,apps}/{a}/?[0-9]*/Dockerfile", "bases/x/java/v1/Dockerfile", "java"},
		{"{bases/x,apps}/{a}/?[!0-9]*/Dockerfile", "apps/java/v1/Dockerfile", "none"},
		{`\{x\}/{a}/D`, "{x}/java/D", "java"},
		{`[{]x/{a}/D`, "{x/java/D", "java"},
		{"é{a}é/D", "éäé/D", "ä"},
		{strings.Repeat("{a}*", 20) + "x", strings.Repeat("y", 200), "none"},
		{strings.Repeat("*{a}*{b}", 20) + "/x", strings.Repeat("y", 200), "none"},
		{"**/" + strings.Repeat("{a,}*", 30) + "{b}x", strings.Repeat("y/", 100), "none"},
	} {
		tags := ""
		for _, name := range []string{"a", "b"} {
			if strings.Contains(tc.pattern, "{"+name+"}") {
				tags += " {" + name + "}"
			}
		}
		c := parse(t, fmt.Sprintf("images: {'%s': {image: x/y, target: '%s'}}\n", tc.pattern, strings.TrimSpace(tags)))
		got := "none"
		for _, claim := range c.Claims([]string{tc.path}) {
			got = claim.Target
		}
		if got != tc.want {
			t.Errorf("%s fits %s with %s, want %s", tc.pattern, tc.path, got, tc.want)
		}
	}
}

// Of several patterns that fit, one counts, whatever their order. The patterns of a case begin with it.
func TestSpecificity(t *testing.T) {
	for path, patterns := range map[string][]string{
		"bases/java/Dockerfile":    {"bases/java/Dockerfile", "bases/{java,node}/Dockerfile", "bases/jav?/Dockerfile", "bases/j{x}/Dockerfile", "bases/j*/Dockerfile", "bases/{name}/Dockerfile", "bases/*/Dockerfile", "bases/**/Dockerfile", "**/Dockerfile", "bases", "*", "**"},
		"b/a/D":                    {"b/a/D", "b/?/D", "b/{longer_than_all}/D", "b/*/D", "b/**/D", "**/a", "{x}", "**"},
		"bases/java/17/Dockerfile": {"bases/java/{line}/Dockerfile", "bases/{n}/{line}/Dockerfile", "bases/*/{line}/Dockerfile", "bases/*/*/Dockerfile", "bases/**/{line}/Dockerfile", "bases/java", "bases/*/17", "bases/*"},
		"a/b/c":                    {"a/**/{x}/c", "a/**/*/c", "{x}/**/c", "a/**", "**/c", "{x}/**", "*/**", "**"},
		"ab":                       {"ab", "ab*", "a{x}", "a*", "{x}", "*"},
	} {
		for from := range patterns {
			text := ""
			for i := len(patterns) - 1; i >= from; i-- {
				text += fmt.Sprintf("  '%s': x/y%d\n", patterns[i], i)
			}
			claims := parse(t, "images:\n"+text).Claims([]string{path})
			if want := fmt.Sprintf("docker.io/x/y%d", from); len(claims) != 1 || claims[0].Image != want {
				t.Errorf("of %v the one that counts for %s is %v", patterns[from:], path, claims)
			}
		}
	}
}

// All targets that the configuration says.
func TestTargets(t *testing.T) {
	c := parse(t, `images:
  a: [{image: x/a, target: base}, {image: x/b}, {image: x/c, target: base}]
  b: x/b
  c: [x/c, {image: y/c, tags: "1.*"}]
  d: [x/d, {image: x/e, target: dev}]
  e: {image: x/e, target: dev}
  "{stage}.f": {image: x/f, target: "{stage}"}
targets:
  e: run
  g: run
`)
	for path, want := range map[string][]string{"a": {"base", ""}, "b": nil, "c": nil, "d": {"", "dev"}, "e": {"run"}, "Dev.f": {"Dev"}, "g": {"run"}, "h": nil} {
		got := c.Targets(path)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		first := ""
		if len(want) > 0 {
			first = want[0]
		}
		if got := c.Target(path); got != first {
			t.Errorf("%s: the first is %q, want %q", path, got, first)
		}
	}
}

// What of an entry fits nothing, and what no image can be called, is noted.
func TestUnusedTags(t *testing.T) {
	c := parse(t, `images:
  "j/{line}": {image: reg.example/java, tags: ["{line}.*", "{line}-slim"]}
  n/16: {image: reg.example/node, tags: "16.*"}
  n/18: {image: reg.example/node, tags: [18.1.0, "18-*"]}
  n/20: {image: reg.example/node, tags: ["20.*"]}
  d: {image: reg.example/digest, tags: ["1.*"]}
  f: {image: reg.example/free, tags: ["1.*"]}
  m: {image: reg.example/moving, tags: ["1.*"]}
  l: {image: reg.example/newest, tags: latest}
  "c/{name}": {image: "reg.example/{name}", tags: "{name}"}
  s:
    - {image: reg.example/s, target: one}
    - {image: reg.example/t, target: two}
    - {image: reg.example/u, target: three}
  "q/{stage}": {image: reg.example/s, target: "{stage}"}
targets: {s: one}
diagnostics: {ignore: []}
`)
	texts := map[string]string{
		"x/Dockerfile": "FROM reg.example/java:8.0.1 AS one\nFROM reg.example/java:11\nFROM reg.example/java:17x\nFROM reg.example/java:21\nFROM reg.example/java:8.0.1\n" +
			"FROM reg.example/node:18\nFROM reg.example/node:20.0.1\nFROM reg.example/digest@sha256:" + strings.Repeat("a", 64) + "\nFROM reg.example/moving:1\nFROM reg.example/newest\n" +
			"FROM reg.example/s:1\nFROM reg.example/t:1\nFROM reg.example/u:1\n",
		"s/Dockerfile": "FROM scratch AS one\nFROM scratch AS two\n", "q/One/Dockerfile": "FROM scratch AS one\n", "q/two/Dockerfile": "FROM scratch\n",
	}
	for _, path := range []string{"j/17", "j/7", "n/16", "n/18", "n/20", "d", "f", "m", "l", "c/ok", "c/C++", "c/a+", "c/b+", "c/-x"} {
		texts[path+"/Dockerfile"] = "FROM scratch\n"
	}
	var files []*scanner.File
	var paths []string
	for path, text := range texts {
		files = append(files, scanner.ScanBuilds(path, []byte(text), nil)...)
		paths = append(paths, path)
	}
	want := `2:47: images: no reference to reg.example/java has a tag like {line}.* and {line}-slim: the tags in use are 11, 17x, 21 and 1 more
3:41: images: no reference to reg.example/node has a tag like 16.*: the tags in use are 18 and 20.0.1
4:41: images: no reference to reg.example/node has a tag like 18.1.0 and 18-*: the tags in use are 18 and 20.0.1
7:14: images: no Dockerfile depends on reg.example/free
10:23: images: no image for c/-x/Dockerfile, c/C++/Dockerfile, c/a+/Dockerfile and 1 more: "reg.example/-x" is no repository
10:23: images: no Dockerfile depends on reg.example/{name}
13:38: images: the target two does not count: targets: names another stage
14:38: images: the target three does not count: targets: names another stage
`
	notes := c.UnusedImages(graph.New(files, c.Claims(paths), nil), files)
	if got := lines(notes); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, n := range notes {
		if wrong := strings.Contains(n.Error(), "no image for"); wrong != (n.Code == "bad-reference") || wrong != (n.Hint != "") {
			t.Errorf("%v has the code %s and the hint %q", n, n.Code, n.Hint)
		}
	}
	// An entry with several images is one that fits no file.
	notes = c.UnusedFiles(config.Files{Dockerfiles: []string{"j/1", "n/16", "n/18", "n/20", "d", "f", "m", "l", "c/x", "q/x"}})
	if got, want := lines(notes), "11:3: images: s fits no Dockerfile\n16:11: targets: s fits no Dockerfile\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
