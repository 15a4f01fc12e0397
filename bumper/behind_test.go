package bumper_test

import (
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// What names another build as such is built along with it: it has the patch no sooner, waits for
// the same, and with it what would move one of its references along. One that stays without the patch in a part brings
// nothing to wait for.
func TestBuildsThatAreNamedAsSuch(t *testing.T) {
	const both = "FROM ctx\nCOPY --from=acme/base:1.0.0 / /\n"
	const whole = "FROM acme/b:3.0.0\n"
	part := whole + "COPY --from=acme/base@" + oldDigest + " / /\n"
	linked := scanner.BuildConfig{Contexts: []scanner.Context{{Name: "ctx", Link: "bake#m"}}}
	for _, tc := range []struct {
		name   string
		m      string
		builds []scanner.BuildConfig
		atomic bool
		want   string
	}{
		{"one build", whole, []scanner.BuildConfig{linked}, false, "b bump  []; m bump  [b:3.0.1]; t bump  [s:5.0.1]; s bump  [b:3.0.1]"},
		{"one build, at once", whole, []scanner.BuildConfig{linked}, true, "b bump  []; m bump  []; t bump  []; s bump  []"},
		{"beside one without the context", whole, []scanner.BuildConfig{linked, {}}, false, "b bump  []; m bump  [b:3.0.1]; t bump  [s:5.0.1]; s bump  [b:3.0.1]; s bump  [b:3.0.1]"},
		{"one that stays without the patch in a part", part, []scanner.BuildConfig{linked}, false, "b bump  []; m bump  [b:3.0.1]; t skip unresolved []; s bump  []"},
	} {
		repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "m/Dockerfile": tc.m, "s/Dockerfile": both, "t/Dockerfile": "FROM acme/s:5.0.0\n"}
		var all []*scanner.File
		for _, path := range []string{"b/Dockerfile", "m/Dockerfile", "t/Dockerfile"} {
			all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
		}
		all = append(all, scanner.ScanBuilds("s/Dockerfile", []byte(both), tc.builds)...)
		g := graph.New(all, []graph.Claim{{Link: "bake#m", Rule: graph.BuildFile, Path: "m/Dockerfile", Where: "bake:1"}}, nil)
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Atomic: tc.atomic})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

// The next version of a derived base is none that another build makes already.
func TestNextVersionsThatAreMade(t *testing.T) {
	repo := files{"a/Dockerfile": "FROM acme/base:1.0.0\n", "b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/image:3.0.0\n"}
	for made, want := range map[string]string{
		"3.0.1": "a bump  []; b bump  []; s skip no-next-version []",
		"3.1.0": "a bump  []; b bump  []; s bump  [image:3.0.1]",
	} {
		var all []*scanner.File
		for _, path := range []string{"a/Dockerfile", "b/Dockerfile", "s/Dockerfile"} {
			all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
		}
		claims := []graph.Claim{
			{Image: "docker.io/acme/image", Rule: graph.BuildFile, Path: "a/Dockerfile", Tags: []string{"3.0.0"}},
			{Image: "docker.io/acme/image", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{made}},
		}
		p, err := bumper.NewPlan(t.Context(), graph.New(all, claims, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != want {
			t.Errorf("beside %s:\ngot  %s\nwant %s", made, got, want)
		}
	}
}

// A build that names a base by a tag that moves waits along with that base if another reference is edited: its
// own next version would be made on the base as it was.
func TestWaitsBehindATagThatMoves(t *testing.T) {
	repo := files{
		"b/Dockerfile": "FROM acme/base:1.0.0\n",
		"m/Dockerfile": "FROM acme/base:1.0.0\nCOPY --from=acme/b:1.0.0 / /\n",
		"s/Dockerfile": "FROM acme/m:1\nCOPY --from=acme/base:1.0.0 / /\n",
		"t/Dockerfile": "FROM acme/s:1.0.0\n",
	}
	var all []*scanner.File
	for _, path := range []string{"b/Dockerfile", "m/Dockerfile", "s/Dockerfile", "t/Dockerfile"} {
		all = append(all, scanner.ScanFile(path, []byte(repo[path]), ""))
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "b bump  []; m bump  [b:1.0.1]; s bump  [b:1.0.1]; t bump  [s:1.0.1]"
	if got := verdicts(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
