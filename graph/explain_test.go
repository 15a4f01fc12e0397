package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// dockerfiles are Dockerfiles in directories, each based on debian:12.
func dockerfiles(dirs string) map[string]string {
	files := map[string]string{}
	for _, dir := range strings.Fields(dirs) {
		files[dir+"/Dockerfile"] = "FROM debian:12\n"
	}
	return files
}

// What is said of who makes an image or a tag: the makers, then those that do not, with why.
func TestExplain(t *testing.T) {
	for _, tc := range []struct {
		name, dirs string
		claims     []string
		refs       string // of x/Dockerfile
		image, tag string
		want       string
	}{
		{"nobody knows it", "a", nil, "d:1", "reg.example/z", "", ""},
		{"nobody makes it", "a", nil, "d:1", "reg.example/d", "", ""},
		{"one build", "a", []string{"buildfile a/Dockerfile reg.example/d:1.0.0"}, "d:1.0.0", "reg.example/d", "", "a build file"},
		{"one build, and a tag", "a", []string{"buildfile a/Dockerfile reg.example/d:1.0.0"}, "d:1.0.0", "reg.example/d", "1.0.0", "the build makes this tag: a build file"},
		{"one build, and another tag", "a", []string{"buildfile a/Dockerfile reg.example/d:1.0.0"}, "d:1.0.0", "reg.example/d", "2.0.0", "one build makes the image: a build file"},
		{
			"two lines", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:2.0.0"}, "d:1.0.0 d:2.0.0",
			"reg.example/d", "2.0.1", "the tag is on the line of the build: b build file; not a build file (it is another line)",
		},
		{
			"no line", "a b", []string{"buildfile a/Dockerfile reg.example/d:2.0.0", "buildfile b/Dockerfile reg.example/d:3.0.0"}, "d:3.0.0 d:2.0.0",
			"reg.example/d", "1.0.1", "no build is on the line of the tag: not a build file (it is another line); not b build file (it is another line)",
		},
		{
			"the next line above", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:3.0.0"}, "d:1.0.0 d:3.0.0",
			"reg.example/d", "2.0.1", "the next line above it is that of the build: b build file; not a build file (it is another line)",
		},
		{
			"tags that are not known", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d"}, "d:1.0.0 d:1.0.0-slim",
			"reg.example/d", "1.0.0-slim", "the tags of the build are not known: b build file; not a build file (it is another line)",
		},
		{
			"a stronger rule", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "configuration b/Dockerfile reg.example/d"}, "d:1.0.0",
			"reg.example/d", "", "b configuration; not a build file (a stronger rule says otherwise)",
		},
		{"several of the name", "one/d two/d", nil, "d:1", "reg.example/d", "", "not one/d name (others are called like it as well); not two/d name (others are called like it as well)"},
		{"an image of a public registry", "a/agent", nil, "", "docker.io/acme/agent", "", "not a/agent name (the name alone says nothing of an image of a public registry)"},
	} {
		refs := []string{"docker.io/acme/agent:1"}
		for _, ref := range strings.Fields(tc.refs) {
			refs = append(refs, "reg.example/"+ref)
		}
		g, _ := makersOf(dockerfiles(tc.dirs), tc.claims, refs...)
		e := g.Explain(tc.image, tc.tag)
		var all []string
		for _, m := range e.Makers {
			all = append(all, strings.TrimSuffix(m.Build.Key, "/Dockerfile")+" "+m.Claim.Rule.String()+m.Why)
		}
		for _, o := range e.Others {
			all = append(all, fmt.Sprintf("not %s %s (%s)", strings.TrimSuffix(o.Build.Key, "/Dockerfile"), o.Claim.Rule, o.Why))
		}
		got := strings.Join(all, "; ")
		if e.Rule != "" {
			got = e.Rule + ": " + got
		}
		if got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

// What is noted of images whose makers are not clear, word by word, with what to do.
func TestNotes(t *testing.T) {
	two := []string{"buildfile a/Dockerfile reg.example/d:2.0.0", "buildfile b/Dockerfile reg.example/d:3.0.0"}
	for _, tc := range []struct {
		name, dirs string
		claims     []string
		refs       string
		want       string
	}{
		{
			"no line", "a b", two, "d:1.0.0 d:1.0.0 d:1.0.1",
			"x/Dockerfile:1:6: no build makes reg.example/d:1.0.0; there are 2.0.0 of a/Dockerfile, 3.0.0 of b/Dockerfile -> say in the configuration which Dockerfile makes it: images: {PATH: {image: reg.example/d, tags: \"1.0.0\"}}\n" +
				"x/Dockerfile:3:6: no build makes reg.example/d:1.0.1; there are 2.0.0 of a/Dockerfile, 3.0.0 of b/Dockerfile -> say in the configuration which Dockerfile makes it: images: {PATH: {image: reg.example/d, tags: \"1.0.1\"}}",
		},
		{
			"of many lines", "a b c e", append([]string{"buildfile c/Dockerfile reg.example/d:4.0.0", "buildfile e/Dockerfile reg.example/d:5.0.0"}, two...), "d",
			"x/Dockerfile:1:6: no build makes reg.example/d:latest; there are 4 others, such as 2.0.0 of a/Dockerfile, 3.0.0 of b/Dockerfile, 4.0.0 of c/Dockerfile -> say in the configuration which Dockerfile makes it: images: {PATH: {image: reg.example/d, tags: \"latest\"}}",
		},
		{
			"of three lines", "a b c", append([]string{"buildfile c/Dockerfile reg.example/d:4.0.0"}, two...), "d",
			"x/Dockerfile:1:6: no build makes reg.example/d:latest; there are 2.0.0 of a/Dockerfile, 3.0.0 of b/Dockerfile, 4.0.0 of c/Dockerfile -> say in the configuration which Dockerfile makes it: images: {PATH: {image: reg.example/d, tags: \"latest\"}}",
		},
		{
			"the next line above", "a b", two, "d:2.1.0 d:2.5.0 d:3.0.0 d:2.0.0", "",
		},
		{
			"a line that is left out", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:3.0.0"}, "d:2.0.0",
			"x/Dockerfile:1:6: no build makes reg.example/d:2.0.0; the next line above it is 3.0.0 of b/Dockerfile, which counts as its build -> say in the configuration which Dockerfile makes it: images: {PATH: {image: reg.example/d, tags: \"2.0.0\"}}",
		},
		{
			"two makers", "a b", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:1.0.0"}, "d:1.0.0 d:1.0.0",
			"x/Dockerfile:1:6: reg.example/d:1.0.0 is made by 2 builds, and depends on all: a/Dockerfile (by build file claims:1), b/Dockerfile (by build file claims:1) -> say which in the configuration: images: {a/Dockerfile: reg.example/d}",
		},
		{
			"many makers", "a b c e f", []string{"buildfile a/Dockerfile reg.example/d:1.0.0", "buildfile b/Dockerfile reg.example/d:1.0.0", "buildfile c/Dockerfile reg.example/d:1.0.0", "buildfile e/Dockerfile reg.example/d:1.0.0", "buildfile f/Dockerfile reg.example/d:1.0.0"}, "d:1.0.0",
			"x/Dockerfile:1:6: reg.example/d:1.0.0 is made by 5 builds, and depends on all: a/Dockerfile (1 build), b/Dockerfile (1 build), c/Dockerfile (1 build), e/Dockerfile (1 build), and 1 more -> say which in the configuration: images: {a/Dockerfile: reg.example/d}",
		},
		{
			"several of the name", "one/d two/d three/d four/d", nil, "d:1 d:2",
			"x/Dockerfile:1:6: d is used by 2, and none of 4 candidates was taken: four/d/Dockerfile, one/d/Dockerfile, three/d/Dockerfile, and 1 more -> if one of them makes it, say so in the configuration: images: {four/d/Dockerfile: reg.example/d}",
		},
		{
			"three of the name", "one/d two/d three/d", nil, "d:1",
			"x/Dockerfile:1:6: d is used by 1, and none of 3 candidates was taken: one/d/Dockerfile, three/d/Dockerfile, two/d/Dockerfile -> if one of them makes it, say so in the configuration: images: {one/d/Dockerfile: reg.example/d}",
		},
		{
			"many of the name", "01/d 02/d 03/d 04/d 05/d 06/d 07/d 08/d 09/d 10/d 11/d 12/d", nil, "d:1",
			"x/Dockerfile:1:6: d is used by 1, and none of 12 candidates was taken: 01/d/Dockerfile, 02/d/Dockerfile, 03/d/Dockerfile, and 9 more -> if one of them makes it, say so in the configuration: images: {01/d/Dockerfile: reg.example/d}",
		},
	} {
		var refs []string
		for _, ref := range strings.Fields(tc.refs) {
			refs = append(refs, "reg.example/"+ref)
		}
		g, _ := makersOf(dockerfiles(tc.dirs), tc.claims, refs...)
		var all []string
		for _, n := range g.Notes() {
			if n.Image != "reg.example/d" {
				t.Errorf("%s: a note on %s", tc.name, n.Image)
			}
			if candidates := strings.Fields(tc.dirs); tc.claims == nil && len(n.Builds) != len(candidates) {
				t.Errorf("%s: %d builds may make it, want %d", tc.name, len(n.Builds), len(candidates))
			}
			all = append(all, fmt.Sprintf("%s: %s -> %s", n.Pos, n.Err, n.Hint))
		}
		if got := strings.Join(all, "\n"); got != tc.want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
}

// What tells the builds of one Dockerfile apart.
func TestLabels(t *testing.T) {
	const src = "ARG V=1\nARG W=1\nARG X=1\nFROM acme/a:1 AS one\nFROM acme/b:$V$W$X AS two\n"
	at := func(line int) source.Pos { return source.Pos{Path: "compose.yaml", Line: line, Col: 3} }
	args := func(pairs ...string) (all []scanner.Arg) {
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			all = append(all, scanner.Arg{Name: name, Value: trace.Plain(value)})
		}
		return all
	}
	for name, tc := range map[string]struct {
		builds []scanner.BuildConfig
		want   string
	}{
		"one":                      {[]scanner.BuildConfig{{Where: at(1), Args: args("V=2")}}, "d"},
		"two targets":              {[]scanner.BuildConfig{{Target: "one", Where: at(1)}, {Target: "two", Where: at(2)}}, "d (one); d (two)"},
		"an argument that differs": {[]scanner.BuildConfig{{Where: at(1), Args: args("V=2", "W=1")}, {Where: at(2), Args: args("V=3", "W=1")}}, "d (V=2); d (V=3)"},
		"two that differ":          {[]scanner.BuildConfig{{Where: at(1), Args: args("V=2", "W=2")}, {Where: at(2), Args: args("V=3", "W=3")}}, "d (V=2, W=2); d (V=3, W=3)"},
		"more that differ":         {[]scanner.BuildConfig{{Where: at(1), Args: args("V=2", "W=2", "X=2")}, {Where: at(2), Args: args("V=3", "W=3", "X=3")}}, "d (compose.yaml:1:3); d (compose.yaml:2:3)"},
		"one without":              {[]scanner.BuildConfig{{Where: at(1)}, {Where: at(2), Args: args("V=3")}}, "d; d (V=3)"},
		"what is not known":        {[]scanner.BuildConfig{{Where: at(1), Args: args("V=2" + scanner.Unknown)}, {Where: at(2), Args: args("V=3")}}, "d; d (V=3)"},
		"nothing at all":           {[]scanner.BuildConfig{{Args: args("V=2", "W=2", "X=2")}, {Args: args("V=3", "W=3", "X=3")}}, "d; d #2"},
	} {
		g := graph.New(scanner.ScanBuilds("d/Dockerfile", []byte(src), tc.builds), nil, nil)
		var all []string
		for _, node := range g.Builds() {
			all = append(all, strings.ReplaceAll(node.Label, "d/Dockerfile", "d"))
		}
		if got := strings.Join(all, "; "); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// A claim of a target that no build has is of the Dockerfile's only build; one of a file that
// is not there is of none.
func TestClaimsOfTargets(t *testing.T) {
	files := repository(map[string]string{"a/Dockerfile": "FROM x:1 AS one\n", "x/Dockerfile": "FROM reg.example/d:1\n"})
	for _, tc := range []struct{ path, target, want string }{
		{"a/Dockerfile", "", "a/Dockerfile"}, {"a/Dockerfile", "gone", "a/Dockerfile"}, {"b/Dockerfile", "", ""},
	} {
		g := graph.New(files, []graph.Claim{{Image: "reg.example/d", Rule: graph.BuildFile, Path: tc.path, Target: tc.target}}, nil)
		got := ""
		for _, maker := range g.MakersOf(files[1].Refs[0]) {
			got += maker.Key
		}
		if got != tc.want {
			t.Errorf("target %q of %s: %q makes it, want %q", tc.target, tc.path, got, tc.want)
		}
		for _, image := range g.Lines("reg.example/d") {
			c, ok := image.Claim()
			if ok != (tc.want != "") || c.Path != tc.want {
				t.Errorf("target %q of %s: the claim is %+v, %v", tc.target, tc.path, c, ok)
			}
			if uses := image.Uses(); len(uses) != 1 || uses[0].T.Key != "x/Dockerfile" {
				t.Errorf("the image is used by %v", uses)
			}
		}
	}
}

// What a Dockerfile is called in tables and branches.
func TestName(t *testing.T) {
	for path, want := range map[string]string{
		"Dockerfile": "root", "Dockerfile.slim": "slim", "a/Dockerfile": "a", "x/a/Dockerfile": "a", "a/Dockerfile.slim": "a-slim", "a/slim.Dockerfile": "a-slim", "slim/Dockerfile.slim": "slim", "Slim/slim.Dockerfile": "slim",
	} {
		if got := graph.Name(path); got != want {
			t.Errorf("%s is called %s, want %s", path, got, want)
		}
	}
}

// The versions that references are on.
func TestVersions(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	file := scanner.ScanFile("Dockerfile", []byte("ARG V\nFROM a:2\nFROM a:1\nFROM a\nFROM a@"+digest+"\nFROM a:1@"+digest+"\nFROM a:1\nFROM a:$V\n"), "")
	if got, want := strings.Join(graph.Versions(file.Refs), " "), "1 1@sha256:0a0a0a0a0a0a 2 latest sha256:0a0a0a0a0a0a unresolved"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Which repositories are one official image.
func TestIsOneOfficial(t *testing.T) {
	for repositories, want := range map[string]bool{
		"docker.io/library/alpine": true, "docker.io/library/alpine docker.io/arm64v8/alpine": true, "docker.io/library/alpine docker.io/arm64v8/debian": false,
		"docker.io/acme/alpine": false, "quay.io/library/alpine": false, "docker.io/library/alpine docker.io/acme/alpine": false, "docker.io/library/nothing": false, "library/alpine": false,
	} {
		if got := graph.IsOneOfficial(strings.Fields(repositories)); got != want {
			t.Errorf("%s: %v", repositories, got)
		}
	}
}

// The build that a tag was once made by is asked for once for each line that no build is on
// now, by as many numbers as tell the lines apart.
func TestFormerMakers(t *testing.T) {
	claims := []graph.Claim{
		{Image: "reg.example/d", Rule: graph.BuildFile, Path: "a/Dockerfile", Tags: []string{"3.11.4"}},
		{Image: "reg.example/d", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"3.13.0"}},
	}
	for answer, want := range map[string]string{
		"a":       "3.12.1=a 3.12.2=a 3.10.0=a 3.12.1-slim= d=",
		"none":    "3.12.1= 3.12.2= 3.10.0= 3.12.1-slim= d=",
		"unknown": "3.12.1=b 3.12.2=b 3.10.0= 3.12.1-slim= d=",
	} {
		files := repository(map[string]string{
			"a/Dockerfile": "FROM x:1\n", "b/Dockerfile": "FROM x:1\n",
			"x/Dockerfile": "FROM reg.example/d:3.12.1\nFROM reg.example/d:3.12.2\nFROM reg.example/d:3.10.0\nFROM reg.example/d:3.12.1-slim\nFROM reg.example/d\n",
		})
		var asked []string
		g := graph.New(files, claims, func(image string, line imageref.Line, numbers int, makers []*graph.Node) (*graph.Node, bool) {
			asked = append(asked, fmt.Sprintf("%s %s by %d of %d", image, strings.Join(line.Numbers, "."), numbers, len(makers)))
			switch answer {
			case "a":
				return makers[0], true
			case "none":
				return nil, true
			}
			return nil, false
		})
		var all []string
		for _, ref := range files[2].Refs {
			by := ""
			for _, maker := range g.MakersOf(ref) {
				by += strings.TrimSuffix(maker.Key, "/Dockerfile")
			}
			all = append(all, strings.TrimPrefix(ref.Written, "reg.example/d:")+"="+by)
		}
		if got := strings.ReplaceAll(strings.Join(all, " "), "reg.example/", ""); got != want {
			t.Errorf("where the answer is %s: %s, want %s", answer, got, want)
		}
		if got, want := strings.Join(asked, ", "), "reg.example/d 3.12.1 by 2 of 2, reg.example/d 3.10.0 by 2 of 2"; got != want {
			t.Errorf("asked was: %s, want %s", got, want)
		}
	}
}

// The number of one line and the flavour of another are not taken for each other.
func TestFormerMakersOfFlavours(t *testing.T) {
	files := repository(map[string]string{"a/Dockerfile": "FROM x:1\n", "b/Dockerfile": "FROM x:1\n", "x/Dockerfile": "FROM reg.example/d:12-py3\nFROM reg.example/d:2-py31\n"})
	claims := []graph.Claim{
		{Image: "reg.example/d", Rule: graph.BuildFile, Path: "a/Dockerfile", Tags: []string{"14-py3", "4-py31"}},
		{Image: "reg.example/d", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"18-py3", "8-py31"}},
	}
	var asked []string
	graph.New(files, claims, func(_ string, line imageref.Line, _ int, _ []*graph.Node) (*graph.Node, bool) {
		asked = append(asked, strings.Join(line.Numbers, ".")+" "+line.Flavour)
		return nil, false
	})
	if got, want := strings.Join(asked, ", "), "12 py3, 2 py31"; got != want {
		t.Errorf("asked was: %s, want %s", got, want)
	}
}
