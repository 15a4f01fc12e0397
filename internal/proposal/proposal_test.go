package proposal_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/proposal"
	"github.com/matihlabs/propagate/internal/source"
)

// findings are those of bases that names alone say.
func findings(bases ...monorepo.Base) *monorepo.Findings {
	f := &monorepo.Findings{Bases: bases}
	for _, b := range bases {
		f.AllPaths = append(f.AllPaths, b.Path)
	}
	slices.Sort(f.AllPaths)
	return f
}

func guess(path, image string) monorepo.Base {
	return monorepo.Base{Path: path, Image: image, Rule: graph.Named, Targets: []string{""}, Dependents: 1}
}

// all is a proposal with each of its entries made to count.
func all(text []byte) []byte {
	return regexp.MustCompile(`(?m)^#([a-z-]+:|  )`).ReplaceAll(text, []byte("$1"))
}

// Whatever a Dockerfile, an image and a target are called, the text is YAML that says of the Dockerfile what was found, or
// says that it cannot.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for path, writable := range map[string]bool{
		"bases/java/Dockerfile": true, "a b/Dockerfile": true, "a: b/Dockerfile": true, "a #b/Dockerfile": true, "'q'/Dockerfile": true, `"q"/Dockerfile`: true,
		"- a/Dockerfile": true, "*/Dockerfile": true, "[a]/Dockerfile": true, "{dir}/Dockerfile": true, "{a,b}/x.Dockerfile": true, "a?/Dockerfile": true, `a\b/Dockerfile`: true,
		"!a/Dockerfile": true, "&a/Dockerfile": true, "%a/Dockerfile": true, "@a/Dockerfile": true, "`a`/Dockerfile": true, "null/Dockerfile": true, "1/2/Dockerfile": true,
		"compose.yaml#web": true, "~/Dockerfile": true, "|/Dockerfile": true, "äöü/Dockerfile": true, "<b>&/Dockerfile": true, "Dockerfile": true, "yes": true,
		"a\nb/Dockerfile": false, "a\x1b/Dockerfile": false, "a\xff/Dockerfile": false, "a\u2028b/Dockerfile": false, " a/Dockerfile": false, "a/Dockerfile ": false,
	} {
		for _, base := range []monorepo.Base{
			guess(path, "localhost:5000/team/java"),
			{Path: path, Image: "ghcr.io/team/java", Rule: graph.Named, Targets: []string{"run: time #1"}, Lines: []string{"1.0", "17", "1e3", "null"}},
			{Path: path, Image: "ghcr.io/team/java", Rule: graph.Similar, Like: "x\ny", Targets: []string{"{t}"}},
		} {
			f := findings(base)
			f.Unknown = []monorepo.Unresolved{{Pos: source.Pos{Path: path, Line: 1, Col: 6}, Dockerfile: path, Written: "${A\n}", Code: source.CodeUnresolvedArg, Why: "x: y #z"}}
			f.NoNext = []monorepo.NoNext{{Image: "localhost:5000/team/java", Why: path}}
			f.Teams = []string{"@a/b\n", "c: d"}
			f.Unclear = []monorepo.Unclear{{Problem: &source.Error{Pos: source.Pos{Path: path}, Err: errors.New("a\nb: c"), Code: source.CodeNoMaker}, Image: "ghcr.io/team/other", Candidates: []monorepo.Candidate{{Path: "other/" + path, Where: "a\nb:1"}}}}
			p, err := proposal.New(f)
			if err != nil {
				t.Fatalf("%q: %v", path, err)
			}
			c, err := config.Parse(config.Name, all(p.Text))
			if err != nil {
				t.Fatalf("%q: with all entries: %v\n%s", path, err, all(p.Text))
			}
			claims := slices.DeleteFunc(c.Claims([]string{path}), func(claim graph.Claim) bool { return claim.Image != base.Image })
			if (len(claims) == 1) != writable {
				t.Errorf("%q: its entry says %v: %s", path, claims, p.Text)
			}
			for _, other := range []string{"a/Dockerfile", "b/x.Dockerfile", "x/Dockerfile", "bases/java/Dockerfile"} {
				if other != path && len(c.Claims([]string{other})) > 0 {
					t.Errorf("the entry of %q is one of %q as well: %s", path, other, p.Text)
				}
			}
			if again, err := proposal.Update(f, p.Text); err != nil || string(again.Text) != string(p.Text) {
				t.Errorf("%q: a second run adds to it (%v): %s", path, err, again.Text)
			}
		}
	}
}

// What is alike is one line, and what is much is counted.
func TestFold(t *testing.T) {
	t.Parallel()
	var alike, unlike, sure []monorepo.Base
	for i := range 400 {
		name := fmt.Sprintf("base%03d", i)
		alike = append(alike, guess("bases/"+name+"/Dockerfile", "ghcr.io/team/"+name))
		unlike = append(unlike, guess(fmt.Sprintf("d%d/%s/Dockerfile", i, name), "ghcr.io/team/"+name))
		sure = append(sure, monorepo.Base{Path: "b/" + name, Image: "ghcr.io/team/" + name, Rule: graph.BuildFile, Where: fmt.Sprintf("docker-bake.hcl:%d", i)})
	}
	for name, tc := range map[string]struct {
		bases []monorepo.Base
		want  string
	}{
		"alike":  {alike, `#  "bases/*/Dockerfile": "ghcr.io/team/{dir}"  # 400 Dockerfiles, 400 dependent builds` + "\n"},
		"unlike": {unlike, "# - 390 that names alone say, such as base010, base011, base012: propagate graph lists them\n"},
		"sure":   {sure, "# - 400 that build files and commands build, such as base000, base001, base002: propagate graph lists them\n"},
	} {
		f := findings(tc.bases...)
		p, err := proposal.New(f)
		if err != nil || !strings.Contains(string(p.Text), tc.want) {
			t.Errorf("%s: it does not say %q (%v): %s", name, tc.want, err, p.Text)
		}
		if n := strings.Count(string(p.Text), "\n"); n > 30 {
			t.Errorf("%s: it has %d lines", name, n)
		}
		again, err := proposal.Update(f, p.Text)
		if err != nil || string(again.Text) != string(p.Text) || len(again.Notes) > 0 {
			t.Errorf("%s: a second run adds to it (%v), and notes %q: %s", name, err, again.Notes, again.Text)
		}
	}
	// A Dockerfile beside them that names say nothing of is not for the pattern.
	f := findings(alike[:5]...)
	f.AllPaths = append(f.AllPaths, "bases/z/Dockerfile")
	p, err := proposal.New(f)
	if err != nil || strings.Contains(string(p.Text), "bases/*") || !strings.Contains(string(p.Text), "#  bases/base004/Dockerfile: ghcr.io/team/base004") {
		t.Errorf("a pattern fits one Dockerfile too many (%v): %s", err, p.Text)
	}
	// What was folded by the file that says it stays so, also when there is more than one group of it.
	some := append(slices.Clone(sure[:15]), guess("x/Dockerfile", "ghcr.io/team/x"))
	before, err := proposal.New(findings(some...))
	if err != nil || !strings.Contains(string(before.Text), "# - 15 that docker-bake.hcl builds, such as base000, base001, base002: propagate graph lists them\n") {
		t.Fatalf("15 of one file are (%v): %s", err, before.Text)
	}
	after, err := proposal.Update(findings(append(some, sure[15:30]...)...), before.Text)
	if err != nil || string(after.Text) != string(before.Text) {
		t.Errorf("with 30 of that file it becomes (%v): %s", err, after.Text)
	}
	// More of what is folded is counted, since it cannot be told which is new.
	p, err = proposal.New(findings(unlike...))
	if err != nil {
		t.Fatal(err)
	}
	more, err := proposal.Update(findings(append(unlike, guess("more/Dockerfile", "ghcr.io/team/more"))...), p.Text)
	want := "1 more that names alone say than the 390 that one line stands for: propagate graph lists them"
	if err != nil || len(more.Notes) != 1 || more.Notes[0] != want {
		t.Errorf("it notes %q (%v), want %q", more.Notes, err, want)
	}
}

// What is new stands in its section. Each line of the file stays, and it says what it said before.
func TestUpdate(t *testing.T) {
	t.Parallel()
	const entry = "#  bases/java/Dockerfile: ghcr.io/team/java  # 1 dependent build\n"
	for name, tc := range map[string]struct{ old, want string }{
		"behind the key":      {"images:\n  a/Dockerfile: x/a\nlabels: [b]\n", "images:\n" + entry + "  a/Dockerfile: x/a\nlabels: [b]\n"},
		"behind comments":     {"images: # ours\n# one\n#  b/Dockerfile: x/b\n  a/Dockerfile: x/a\n", "images: # ours\n# one\n#  b/Dockerfile: x/b\n" + entry + "  a/Dockerfile: x/a\n"},
		"key in quotes":       {"\"images\":\n  a/Dockerfile: x/a\n", "\"images\":\n" + entry + "  a/Dockerfile: x/a\n"},
		"key without a value": {"labels: [b]\nimages:", "labels: [b]\nimages:\n" + entry},
		"on one line":         {"images: {a/Dockerfile: x/a}\n", "images: {a/Dockerfile: x/a}\n\n# Under images:\n" + entry},
		"another line end":    {"labels: [b]\r\nimages:\r\n", "labels: [b]\r\nimages:\r\n" + strings.ReplaceAll(entry, "\n", "\r\n")},
		"no key": {"templates:\n  body: |\n    text\n", "templates:\n  body: |\n    text\n\n# Which Dockerfile builds which image, where names alone say it or where it is not clear:\nimages:\n" +
			entry},
		"known":                {"images:\n  bases/java/Dockerfile: ghcr.io/team/java\n", ""},
		"known by a pattern":   {"images:\n  bases/*/Dockerfile: ghcr.io/team/{dir}\n", ""},
		"known by a comment":   {"# bases/java/Dockerfile is not ghcr.io/team/java\n", ""},
		"known in its pattern": {"#images:\n#  \"bases/*/Dockerfile\": ghcr.io/team/{dir}\n", ""},
		"another flavour":      {"# bases/java/Dockerfile.x is none of ghcr.io/team/java\n", "# bases/java/Dockerfile.x is none of ghcr.io/team/java\n\n# Which Dockerfile builds which image, where names alone say it or where it is not clear:\nimages:\n" + entry},
		"a longer path":        {"# bases/java/Dockerfile.x builds ghcr.io/team/java-x\nimages:\n", "# bases/java/Dockerfile.x builds ghcr.io/team/java-x\nimages:\n" + entry},
		"another image of the Dockerfile": {"images:\n  bases/java/Dockerfile: x/a\n", "images:\n# (a Dockerfile with several images has a list of them) " +
			"bases/java/Dockerfile: ghcr.io/team/java  # 1 dependent build\n  bases/java/Dockerfile: x/a\n"},
	} {
		p, err := proposal.Update(findings(guess("bases/java/Dockerfile", "ghcr.io/team/java")), []byte(tc.old))
		want := tc.want
		if want == "" {
			want = tc.old
		}
		if err != nil || string(p.Text) != want {
			t.Errorf("%s: it becomes %q (%v), want %q", name, p.Text, err, want)
		}
	}
}

// What nothing can be added to is left, with an error.
func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	f := findings(guess("bases/java/Dockerfile", "ghcr.io/team/java"))
	for name, old := range map[string]string{
		"wrong":             "image: {}\n",
		"JSON":              "{\n\"images\":\n\n{}}\n...\nx",
		"a text of several": "templates: {body: 'a\nimages:\n  b'}\n",
	} {
		if p, err := proposal.Update(f, []byte(old)); err == nil {
			t.Errorf("%s: it becomes %s", name, p.Text)
		}
	}
}

// What two builds claim stands where it is asked, and is not known.
func TestContested(t *testing.T) {
	t.Parallel()
	f := findings(monorepo.Base{Path: "a/Dockerfile", Image: "ghcr.io/team/x", Rule: graph.BuildFile, Where: "compose.yaml:2"}, monorepo.Base{Path: "c/Dockerfile", Image: "ghcr.io/team/y", Rule: graph.BuildFile, Where: "compose.yaml:4"})
	f.Unclear = []monorepo.Unclear{{
		Problem: &source.Error{Pos: source.Pos{Path: "s/Dockerfile", Line: 1, Col: 6}, Err: errors.New("ghcr.io/team/x:1 is made by 2 builds"), Code: source.CodeTwoMakers}, Image: "ghcr.io/team/x", Tag: "1",
		Candidates: []monorepo.Candidate{{Path: "a/Dockerfile", Where: "compose.yaml:2"}, {Path: "b/Dockerfile", Target: "run", Where: "compose.yaml:3"}},
	}}
	p, err := proposal.New(f)
	want := "# Bases that are built here, and what says so:\n# - ghcr.io/team/y: c/Dockerfile, by compose.yaml:4 (0 dependent builds)\n\n" +
		"# Which Dockerfile builds which image, where names alone say it or where it is not clear:\nimages:\n# - s/Dockerfile:1:6: ghcr.io/team/x:1 is made by 2 builds\n# Keep the one that builds it:\n" +
		"#  a/Dockerfile: ghcr.io/team/x  # compose.yaml:2\n#  b/Dockerfile: {image: ghcr.io/team/x, target: \"run\"}  # compose.yaml:3\n"
	if err != nil || !strings.Contains(string(p.Text), want) || p.Known != 1 || p.Entries != 2 {
		t.Errorf("it proposes %d and %d (%v): %s\nwant %s", p.Known, p.Entries, err, p.Text, want)
	}
}
