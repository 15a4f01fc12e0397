package bumper_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Why a reference that shares its argument is left, and with which flag it moves.
func TestWay(t *testing.T) {
	slim, other := bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.2-slim"}, bumper.Bump{Image: "docker.io/acme/other", Tag: "2.0.0"}
	for _, tc := range []struct {
		name, second string // what else the argument is in
		bumps        []bumper.Bump
		want         string
	}{
		{"of another image", "acme/other:$V", nil, "acme/other:$V --base docker.io/acme/other@1.0.1"},
		{"of another flavour", "acme/base:$V-slim", nil, "acme/base:$V-slim --base docker.io/acme/base@1.0.1-slim"},
		{"of another image, which is given and left", "acme/other:$V", []bumper.Bump{other}, "acme/other:$V"},
		{"of another flavour, which is to be another version", "acme/base:$V-slim", []bumper.Bump{slim}, "acme/base:$V-slim"},
		{"of a name", "acme/v$V:3.0.0", nil, "acme/v$V:3.0.0"},
	} {
		f := files{"s/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM " + tc.second + "\nCOPY --from=a / /\n"}
		p := f.plan(t, bumper.Options{}, append([]bumper.Bump{base("1.0.1")}, tc.bumps...)...)
		got := ""
		for _, item := range p.Items {
			for _, s := range item.Skips {
				if s.Reason == bumper.ReasonShared && s.Pos.Line == 2 {
					got += strings.TrimSuffix(strings.TrimPrefix(s.Detail, "what is written at line 1 also feeds ")+" "+s.Way, " ")
				}
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// The version of a base is the tag of what is made of it, and that of a build of the next wave, which moves with it at
// once, or of a build that stays.
func TestWayOfTag(t *testing.T) {
	for from, want := range map[string]string{"acme/b:1.0.0": bumper.WayAtomic, "acme/other:1.0.0": ""} {
		repo := files{"V": "1.0.0", "b/Dockerfile": "ARG V\nFROM acme/base:$V\n", "c/Dockerfile": "FROM " + from + "\n", "s/Dockerfile": "FROM acme/c:1.0.0\n"}
		version := trace.NewFile("V", []byte(repo["V"])).Text(0, len(repo["V"]))
		var all []*scanner.File
		for _, path := range []string{"b/Dockerfile", "c/Dockerfile", "s/Dockerfile"} {
			how := scanner.BuildConfig{}
			if path == "b/Dockerfile" {
				how.Args = []scanner.Arg{{Name: "V", Value: version}}
			}
			all = append(all, scanner.ScanBuilds(path, []byte(repo[path]), []scanner.BuildConfig{how})...)
		}
		claims := []graph.Claim{
			{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"1.0.0"}},
			{Image: "docker.io/acme/c", Rule: graph.BuildFile, Path: "c/Dockerfile", Tags: []string{"1.0.0"}},
		}
		opts := bumper.Options{Releases: func(*graph.Node) ([]bumper.Release, error) {
			return []bumper.Release{{Tag: version, How: "a tag", Trust: bumper.Certain}}, nil
		}}
		p, err := bumper.NewPlan(t.Context(), graph.New(all, claims, nil), repo, []bumper.Bump{base("1.0.1")}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if skips := p.Items[0].Skips; len(skips) != 1 || skips[0].Reason != bumper.ReasonShared || skips[0].Way != want {
			t.Errorf("beside one on %s: %v, want %q", from, skips, want)
		}
	}
}
