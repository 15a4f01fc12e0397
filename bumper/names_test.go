package bumper_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// named returns the name of the one change that bumps come to, with no prefix. A made text is "PATH IMAGE:TAG".
func named(t *testing.T, uses, made []string, level imageref.Step, bumps ...bumper.Bump) string {
	t.Helper()
	repo := files{}
	for i, use := range uses {
		repo[fmt.Sprintf("s%d/Dockerfile", i)] = "FROM " + use + "\n"
	}
	var claims []graph.Claim
	for _, m := range made {
		path, image, _ := strings.Cut(m, " ")
		image, tag, _ := strings.Cut(image, ":")
		repo[path] = "FROM scratch\n"
		claims = append(claims, graph.Claim{Image: "docker.io/" + image, Rule: graph.BuildFile, Path: path, Tags: []string{tag}, Where: "bake:1"})
	}
	var builds []*scanner.File
	for path, src := range repo {
		builds = append(builds, scanner.ScanFile(path, []byte(src), ""))
	}
	slices.SortFunc(builds, func(a, b *scanner.File) int { return strings.Compare(a.Path, b.Path) })
	p, err := bumper.NewPlan(t.Context(), graph.New(builds, claims, nil), repo, bumps, bumper.Options{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	changes := p.Changes(bumper.ChangeOptions{})
	if len(changes) == 0 {
		return ""
	}
	return strings.TrimPrefix(changes[0].Branch, bumper.BranchPrefix)
}

func bump(image, version string) bumper.Bump {
	b := bumper.Bump{Image: "docker.io/" + image, Tag: version}
	if strings.HasPrefix(version, "sha256:") {
		b.Tag, b.Digest = "", version
	}
	return b
}

// A line is told from others of its image: by what the repository makes, or else by what it uses.
func TestLines(t *testing.T) {
	from := func(b bumper.Bump, version string) bumper.Bump { b.From = version; return b }
	for _, tc := range []struct {
		name       string
		uses, made []string
		level      imageref.Step
		bumps      []bumper.Bump
		want       string
	}{
		{"one line in use", []string{"acme/base:1.0.0"}, nil, 0, []bumper.Bump{bump("acme/base", "1.0.1")}, "base"},
		{"a newer version of it", []string{"acme/base:1.0.0"}, nil, 0, []bumper.Bump{bump("acme/base", "1.0.7")}, "base"},
		{"part of it has moved", []string{"acme/base:1.0.0", "acme/base:1.0.1"}, nil, 0, []bumper.Bump{bump("acme/base", "1.0.2")}, "base"},
		{"two minor versions", []string{"python:3.11.2", "python:3.12.4"}, nil, 0, []bumper.Bump{bump("library/python", "3.12.5")}, "python-3.12"},
		{"the other one", []string{"python:3.11.2", "python:3.12.4"}, nil, 0, []bumper.Bump{bump("library/python", "3.11.9")}, "python-3.11"},
		{"two that the level joins", []string{"python:3.11.2", "python:3.12.4"}, nil, imageref.Minor, []bumper.Bump{bump("library/python", "3.13.0")}, "python"},
		{"two that it does not join", []string{"python:2.7.1", "python:3.12.4"}, nil, imageref.Minor, []bumper.Bump{bump("library/python", "3.13.0")}, "python-3"},
		{"two flavours", []string{"node:20.1.0-alpine", "node:20.1.0-bookworm"}, nil, 0, []bumper.Bump{bump("library/node", "20.1.1-alpine")}, "node-20.1-alpine"},
		{"two flavours at once", []string{"node:20.1.0-alpine", "node:20.1.0-bookworm"}, nil, 0, []bumper.Bump{bump("library/node", "20.1.1-bookworm"), bump("library/node", "20.1.1-alpine")}, "node-20.1-alpine+node-20.1-bookworm"},
		{"the repository makes it", []string{"acme/base:1.0.0", "acme/base:0.9.4"}, []string{"base/Dockerfile acme/base:1.0.0"}, 0, []bumper.Bump{bump("acme/base", "1.0.1")}, "base"},
		{"it makes two lines", []string{"acme/java:17.0.3", "acme/java:21.0.5"}, []string{"java/17/Dockerfile acme/java:17.0.3", "java/21/Dockerfile acme/java:21.0.5"}, 0, []bumper.Bump{bump("acme/java", "17.0.4")}, "java-17"},
		{"and has moved on", []string{"acme/java:17.0.3", "acme/java:21.0.5"}, []string{"java/17/Dockerfile acme/java:17.0.9", "java/21/Dockerfile acme/java:21.0.5"}, 0, []bumper.Bump{bump("acme/java", "17.0.10")}, "java-17"},
		{"its lines are near each other", []string{"acme/py:3.11.3", "acme/py:3.12.5"}, []string{"11/Dockerfile acme/py:3.11.3", "12/Dockerfile acme/py:3.12.5"}, 0, []bumper.Bump{bump("acme/py", "3.12.6")}, "py-3.12"},
		{"its lines are flavours", []string{"acme/base:1.0.0-alpine", "acme/base:1.0.0"}, []string{"alpine/Dockerfile acme/base:1.0.0-alpine", "plain/Dockerfile acme/base:1.0.0"}, 0, []bumper.Bump{bump("acme/base", "1.0.1-alpine")}, "base-alpine"},
		{"the line without a flavour", []string{"acme/base:1.0.0-alpine", "acme/base:1.0.0"}, []string{"alpine/Dockerfile acme/base:1.0.0-alpine", "plain/Dockerfile acme/base:1.0.0"}, 0, []bumper.Bump{bump("acme/base", "1.0.1")}, "base"},
		{"a line that nobody makes", []string{"acme/java:11.0.3", "acme/java:21.0.5"}, []string{"java/17/Dockerfile acme/java:17.0.3", "java/21/Dockerfile acme/java:21.0.5"}, 0, []bumper.Bump{bump("acme/java", "11.0.4")}, "java-11"},
		{"exactly from one version", []string{"python:3.11.2"}, nil, 0, []bumper.Bump{from(bump("library/python", "3.12.5"), "3.11.2")}, "python-3.12-from-3.11.2"},
		{"from one version within a line", []string{"python:3.12.2"}, nil, 0, []bumper.Bump{from(bump("library/python", "3.12.5"), "3.12.2")}, "python-from-3.12.2"},
		{"another image is called like a line", []string{"acme/java:17.0.3", "acme/java:21.0.5", "acme/java-17:1.0.0"}, []string{"java/17/Dockerfile acme/java:17.0.3", "java/21/Dockerfile acme/java:21.0.5"}, 0, []bumper.Bump{bump("acme/java", "17.0.4")}, "java-17-8dcc6bbd"},
		{"that image", []string{"acme/java:17.0.3", "acme/java:21.0.5", "acme/java-17:1.0.0"}, nil, 0, []bumper.Bump{bump("acme/java-17", "1.0.1")}, "java-17"},
		{"two images", []string{"acme/b:1.0.0", "acme/a:1.0.0"}, nil, 0, []bumper.Bump{bump("acme/b", "1.0.1"), bump("acme/a", "1.0.1")}, "a+b"},
		{"two images with one name", []string{"acme/b:1.0.0", "other/b:1.0.0"}, nil, 0, []bumper.Bump{bump("acme/b", "1.0.1")}, "docker.io.acme.b-ba7eff38"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := named(t, tc.uses, tc.made, tc.level, tc.bumps...)
			slices.Reverse(tc.bumps)
			if again := named(t, tc.uses, tc.made, tc.level, tc.bumps...); got != tc.want || again != got {
				t.Errorf("got %s, and in another order %s; want %s", got, again, tc.want)
			}
		})
	}
}

// Two bumps of one repository that move different references are on different branches, and versions of one
// line on the same one.
func TestBranchesDiffer(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 7))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	image := func() string {
		return "acme/" + pick("a", "b", "a-b", "a-1", "a-1.0", "a--b", "a-from-1.0.0", "b-alpine", "a-all-lines")
	}
	version := func() string {
		return pick("1", "2") + "." + pick("0", "1") + "." + pick("0", "3") + pick("", "", "-alpine", "-b")
	}
	compared := 0
	for range 80 {
		var uses []string
		for range 6 {
			uses = append(uses, image()+":"+version())
		}
		type plan struct{ bump, moves string }
		seen := map[string]plan{}
		for _, use := range uses {
			name, tag, _ := strings.Cut(use, ":")
			line := imageref.Family(tag, imageref.Patch)
			numbers, flavour, _ := strings.Cut(line, "-")
			to := numbers + ".9"
			if flavour != "" {
				to += "-" + flavour
			}
			branch := named(t, uses, nil, 0, bump(name, to))
			now := plan{name + ":" + to, name + " " + line}
			if first, ok := seen[branch]; ok && first.moves != now.moves {
				t.Errorf("%v: %s and %s are both on %s", uses, first.bump, now.bump, branch)
			}
			if newer := named(t, uses, nil, 0, bump(name, strings.Replace(to, ".9", ".10", 1))); newer != branch {
				t.Errorf("%v: %s is on %s, and a newer version on %s", uses, to, branch, newer)
			}
			seen[branch] = now
			compared++
		}
	}
	if compared < 400 {
		t.Errorf("only %d branches were compared", compared)
	}
}

// A group that the configuration names is one change, whatever it holds; another base branch is another change.
func TestNamedGroupsAndBaseBranches(t *testing.T) {
	repo := files{"s/Dockerfile": "FROM acme/base:1.0.0\n", "t/Dockerfile": "FROM acme/tool:1.0.0\n", "u/Dockerfile": "FROM acme/monthly:1.0.0\n"}
	monthly := bumper.ChangeOptions{Name: "Monthly", Prefix: "bots/x/"}
	for _, bumps := range [][]bumper.Bump{{base("1.0.1")}, {base("1.0.2"), bump("acme/tool", "1.0.1")}} {
		changes := repo.plan(t, bumper.Options{}, bumps...).Changes(monthly)
		if len(changes) != 1 || changes[0].Branch != "bots/x/monthly-9b11f6b7-fc75cb2d" || changes[0].Name != "Monthly" || len(changes[0].Subjects) != len(bumps) {
			t.Errorf("got %+v", changes)
		}
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	c := p.Changes(bumper.ChangeOptions{By: bumper.ByService})[0]
	for onto, want := range map[string]string{
		"release-1": "propagate/base--service-s--onto-release-1", "release/1.0": "propagate/base--service-s--onto-release.1.0-4c6b0145", "a.lock": "propagate/base--service-s--onto-a.lock-9f31b29b",
		"a--b": "propagate/base--service-s--onto-a-b-8fa479a2",
	} {
		if got := c.Onto(onto).Branch; got != want {
			t.Errorf("onto %s it is on %s, want %s", onto, got, want)
		}
	}
	c.Branch = "propagate/" + strings.Repeat("x", 230)
	one, two := c.Onto("release-1").Branch, c.Onto("release-2").Branch
	if one == two || len(one) > 250 {
		t.Errorf("long names come to %s and %s", one, two)
	}
}

// A prefix that is taken is one that git takes, and a shell does nothing with.
func TestCheckBranchPrefix(t *testing.T) {
	for prefix, ok := range map[string]bool{
		"propagate/": true, "bots/propagate/": true, "Bots/x-1_2.y/": true, "": false, "/": false, "bots": false, "a//b/": false, "/a/": false, ".a/": false, "a/.b/": false, "-a/": false, "a..b/": false,
		"a.lock/": false, "a.lock/b/": false, "a./": false, "a b/": false, "a~/": false, "a^/": false, "a:/": false, "a?/": false, "a*/": false, "a[/": false, `a\/`: false, "a@{/": false, "@/": false,
		"$(id)/": false, "\u00e9/": false, "a\n/": false, "refs/heads/": false, "gh-readonly-queue/": false, strings.Repeat("x", 61) + "/": false,
	} {
		err := bumper.CheckBranchPrefix(prefix)
		if (err == nil) != ok {
			t.Errorf("%q: %v", prefix, err)
		}
		if ok {
			if out, err := exec.CommandContext(t.Context(), "git", "check-ref-format", "--branch", prefix+"base").CombinedOutput(); err != nil {
				t.Errorf("git refuses %q: %s", prefix, out)
			}
		}
	}
}
