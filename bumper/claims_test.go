package bumper_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Two builds make acme/b:1.0.0, as for two architectures: it gets a new tag, also for those that
// are on an older one, only if both get the patch.
func TestTagsThatTwoBuildsMake(t *testing.T) {
	for _, tc := range []struct {
		b, other, tag, use, want string
		past                     files
	}{
		{"1.0.0", "acme/base:1.0.0", "1.0.0", "1.0.0", "b bump  []; b-arm bump  []; s bump  [b:1.0.1]", nil},
		{"1.0.0", "acme/base:1.0.0", "1.0.0", "0.9.9", "b bump  []; b-arm bump  []; s skip level []", nil},
		{"1.0.0", "acme/base:1.0 AS a\nFROM acme/base:1.0.0\nCOPY --from=a / /", "1.0.0", "1.0.0", "b bump  []; b-arm bump  []; s bump  [b:1.0.1]", nil},
		{"1.0.0", "acme/base:1.0 AS a\nFROM acme/base:1.0.1\nCOPY --from=a / /", "1.0.0", "0.9.9", "b bump  []; b-arm rebuild  []; s skip no-next-version []", nil},
		{"1.0.1", "acme/base:1.0 AS a\nFROM acme/base:1.0.1\nCOPY --from=a / /", "1.0.1", "1.0.0", "b up-to-date  []; b-arm rebuild  []; s bump  [b:1.0.1]", nil},
		{"1.0.0", "acme/d:5.0.0", "1.0.0", "1.0.0", "b bump  [d:5.0.1]; b-arm bump  [d:5.0.1]; d bump  []; s bump  [b:1.0.1]", nil},
		{"1.0.1", "acme/base:1.0.1", "1.0.1", "1.0.0", "b up-to-date  []; b-arm up-to-date  []; s bump  [b:1.0.1]", files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "b-arm/Dockerfile": "FROM acme/base:1.0.1\n", "tags": "1.0.0\n1.0.0\n"}},
		{"1.0.1", "acme/base:1.0.1", "1.0.1", "1.0.0", "b up-to-date  []; b-arm up-to-date  []; s skip no-next-version []", files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "b-arm/Dockerfile": "FROM acme/base:1.0.1\n", "tags": "1.0.1\n1.0.1\n"}},
		{"1.0.0", "acme/base:1.0.2", "1.0.0", "1.0.0", "b bump  []; b-arm skip newer []; s skip no-next-version []", nil},
		{"1.0.0", "acme/base:1.0.1", "1.0.0", "1.0.0", "b bump  []; b-arm up-to-date  []; s bump  [b:1.0.1]", nil},
		{"1.0.0", "acme/other:1.0.0", "1.0.0", "1.0.0", "b bump  []; s skip no-next-version []", nil},
		{"1.0.0", "acme/other:1.0.0", "1.0.0", "0.9.9", "b bump  []; s skip no-next-version []", nil},
	} {
		text := trace.NewFile("tags", []byte(tc.tag+"\n"+tc.tag+"\n"))
		repo := files{
			"b/Dockerfile": "FROM acme/base:" + tc.b + "\n", "b-arm/Dockerfile": "FROM " + tc.other + "\n", "s/Dockerfile": "FROM acme/b:" + tc.use + "\n", "tags": tc.tag + "\n" + tc.tag + "\n",
		}
		var all []*scanner.File
		if strings.HasPrefix(tc.other, "acme/d:") {
			repo["d/Dockerfile"] = "FROM acme/base:1.0.0\n"
		}
		for _, path := range []string{"b/Dockerfile", "b-arm/Dockerfile", "d/Dockerfile", "s/Dockerfile"} {
			all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
		}
		g := graph.New(all, []graph.Claim{
			{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{tc.tag}},
			{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b-arm/Dockerfile", Tags: []string{tc.tag}},
		}, nil)
		releases := func(image *graph.Node) ([]bumper.Release, error) {
			at := 6 * slices.Index([]string{"b/Dockerfile", "b-arm/Dockerfile"}, image.Maker().File.Path)
			if at < 0 {
				return nil, nil
			}
			return []bumper.Release{{Tag: text.Text(at, at+5), How: "the tag in a line", Trust: bumper.Certain}}, nil
		}
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases, Past: tc.past.history})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != tc.want {
			t.Errorf("%s beside %s as %s, used as %s:\ngot  %s\nwant %s", tc.b, tc.other, tc.tag, tc.use, got, tc.want)
		}
	}
}

// A build does not wait for what another one of its tag waited for before that was left.
func TestNothingIsWaitedForWithWhatIsLeft(t *testing.T) {
	repo := files{
		"c/Dockerfile": "FROM acme/base:1.0.0\n", "c-arm/Dockerfile": "FROM acme/other:1.0.1\n",
		"b/Dockerfile": "FROM acme/base:1.0.0\n", "b-arm/Dockerfile": "FROM acme/c:1.0.0\n", "s/Dockerfile": "FROM acme/b:1.0.0\n",
	}
	var all []*scanner.File
	var claims []graph.Claim
	for _, path := range slices.Sorted(maps.Keys(repo)) {
		all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
		if path[0] != 's' {
			claims = append(claims, graph.Claim{Image: "docker.io/acme/" + path[:1], Rule: graph.BuildFile, Path: path, Tags: []string{"1.0.0"}})
		}
	}
	releases := func(image *graph.Node) ([]bumper.Release, error) {
		text := trace.NewFile("tags/"+image.Maker().File.Path, []byte("1.0.0")).Text(0, 5)
		repo[text.Pos().Path] = text.S
		return []bumper.Release{{Tag: text, How: "a tag", Trust: bumper.Certain}}, nil
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(all, claims, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(p), "b-arm skip no-next-version []; b bump  []; c bump  []; s skip no-next-version []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A tag that moves, and that two builds claim, brings the patch to nobody where one of them does not get it: which of them
// makes it is for a person to say.
func TestMovingTagThatTwoBuildsClaim(t *testing.T) {
	for other, want := range map[string]string{
		"FROM acme/base:1.0.0\n":  "a bump  []; b bump  []; s rebuild  []",
		"FROM acme/other:1.0.0\n": "a bump  []; s skip unresolved []",
	} {
		repo := files{"a/Dockerfile": "FROM acme/base:1.0.0\n", "b/Dockerfile": other, "s/Dockerfile": "FROM acme/image\n"}
		var all []*scanner.File
		for _, path := range slices.Sorted(maps.Keys(repo)) {
			all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
		}
		g := graph.New(all, []graph.Claim{
			{Image: "docker.io/acme/image", Rule: graph.BuildFile, Path: "a/Dockerfile", Tags: []string{"latest"}},
			{Image: "docker.io/acme/image", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"latest"}},
		}, nil)
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != want {
			t.Errorf("beside %q:\ngot  %s\nwant %s", other, got, want)
		}
	}
}
