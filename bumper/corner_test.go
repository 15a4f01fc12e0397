package bumper_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// verdicts prints what becomes of each Dockerfile.
func verdicts(p *bumper.Plan) string {
	var lines []string
	for _, item := range p.Items {
		line := fmt.Sprintf("%s %s %s %v", strings.TrimSuffix(item.File.Path, "/Dockerfile"), item.Action, item.Reason, item.WaitsFor)
		lines = append(lines, strings.ReplaceAll(line, "docker.io/acme/", ""))
	}
	return strings.Join(lines, "; ")
}

func TestCornersOfDerivedBases(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("cd", 32)
	for _, tc := range []struct {
		name  string
		files files
		want  string
	}{
		{
			"consumers of a derived base that has the patch, nobody knows in which version, stay",
			files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "s/Dockerfile": "FROM acme/b:1.0.0\n", "t/Dockerfile": "FROM acme/b:2.3.0\n"},
			"b up-to-date  []; s skip no-next-version []; t skip no-next-version []",
		},
		{
			"a pre-release is not the newest version",
			files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b:1.0.0\n", "t/Dockerfile": "FROM acme/b:1.1.0-rc.1\n"},
			"b bump  []; s bump  [b:1.0.1]; t skip newer []",
		},
		{
			"a pin to a digest does not move by itself",
			files{"b/Dockerfile": "FROM acme/base:1.0\n", "s/Dockerfile": "FROM acme/b" + digest + "\n", "t/Dockerfile": "FROM acme/b:sha-0abcdef\n"},
			"b rebuild  []; s skip no-next-version []; t skip no-next-version []",
		},
		{
			"of a pin to a digest the tag is not known, and the next one is",
			files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b" + digest + "\n", "t/Dockerfile": "FROM acme/b:1.0.0\n"},
			"b bump  []; s skip unresolved []; t bump  [b:1.0.1]",
		},
		{
			"a stage that is not built waits for nobody",
			files{"a/Dockerfile": "FROM acme/b:1.0.0 AS dead\nFROM acme/base:1.0.0\n", "b/Dockerfile": "FROM acme/base:1.0.0\n", "c/Dockerfile": "FROM acme/b:1.0.0 AS dead\nFROM acme/base:1.0.0\n"},
			"a bump  []; b bump  []; c bump  []",
		},
		{
			"a moving tag is never up to date with a derived base of which nobody knows whether it is published",
			files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "s/Dockerfile": "FROM acme/b\n", "t/Dockerfile": "FROM acme/b:latest" + digest + "\n"},
			"b up-to-date  []; s rebuild  []; t skip no-next-version []",
		},
		{
			"a stage that is not built rebuilds nothing",
			files{"b/Dockerfile": "FROM acme/base:1.0.0 AS dead\nFROM acme/base:1.0.1\n", "s/Dockerfile": "FROM acme/b:1.0.0\n"},
			"b up-to-date  []; s skip no-next-version []",
		},
		{
			"which version of a base that has the patch a reference names is not known",
			files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "s/Dockerfile": "ARG T\nFROM acme/b:$T\n"},
			"b up-to-date  []; s skip unresolved []",
		},
		{
			"whether what a moving tag brings the patch to was built since is not known",
			files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "m/Dockerfile": "FROM acme/b\n", "s/Dockerfile": "FROM acme/m:1.0.0\n"},
			"b up-to-date  []; m rebuild  []; s skip no-next-version []",
		},
		{
			"a base of which a part stays without the patch is not released",
			files{"b/Dockerfile": "ARG V\nFROM acme/base:$V AS a\nFROM acme/base:1.0.0\nCOPY --from=a / /\n", "s/Dockerfile": "FROM acme/b:1.0.0\n"},
			"b bump  []; s skip unresolved []",
		},
		{
			"one of which a part is left for its level is released",
			files{"b/Dockerfile": "FROM acme/base:0.9.0 AS a\nFROM acme/base:1.0.0\nCOPY --from=a / /\n", "s/Dockerfile": "FROM acme/b:1.0.0\n"},
			"b bump  []; s bump  [b:1.0.1]",
		},
		{
			"a version before the one that is made on something newer may lack the patch",
			files{"b/Dockerfile": "FROM acme/base:1.0.2\n", "s/Dockerfile": "FROM acme/b:1.0.0\n", "t/Dockerfile": "FROM acme/b:1.0.1\n"},
			"b skip newer []; s skip unresolved []; t skip newer []",
		},
		{
			"what is based on such a version is not released",
			files{"b/Dockerfile": "FROM acme/base:1.0.2\n", "m/Dockerfile": "FROM acme/b:1.0.0 AS a\nFROM acme/base:1.0.0\nCOPY --from=a / /\n", "s/Dockerfile": "FROM acme/m:3.0.0\n", "t/Dockerfile": "FROM acme/b:1.0.1\n"},
			"b skip newer []; m bump  []; s skip unresolved []; t skip newer []",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := verdicts(tc.files.plan(t, bumper.Options{}, base("1.0.1"))); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// A build on a derived base without a next version is told why.
func TestWhyNothingMoves(t *testing.T) {
	for _, tc := range []struct{ base, uses, why string }{
		{"1.0.0", "sha-0abcdef", "which has no version that is known"},
		{"1.0.0", "2026-11-09", "and which version comes after 2026-11-09 is not known"},
		{"1.0", "1.0.0", "which is rebuilt under the tag that it has, since a moving tag brings the patch in"},
		{"1.0.1", "1.0.0", "and in which version it has the patch is not known"},
	} {
		p := files{"b/Dockerfile": "FROM acme/base:" + tc.base + "\n", "s/Dockerfile": "FROM acme/b:" + tc.uses + "\n"}.plan(t, bumper.Options{}, base("1.0.1"))
		want := "b/Dockerfile: it makes docker.io/acme/b, " + tc.why + ", so these cannot move: s/Dockerfile:1:6"
		if !slices.ContainsFunc(p.Notes, func(n *source.Error) bool { return n.Error() == want }) {
			t.Errorf("%s: the notes are %v, want %s", tc.base, p.Notes, want)
		}
	}
}

// A consumer of a derived base that has the patch is up to date on the version that it came
// with, and on every later one. Of one that moves nobody knows.
func TestVersionsThatHadThePatchBefore(t *testing.T) {
	before := files{"b/Dockerfile": "FROM acme/base:1.0.0\n"} // the repository before the patch
	now := files{"b/Dockerfile": "FROM acme/base:1.0.1\n"}
	for service, version := range map[string]string{"exact": "1.0.1", "later": "1.0.4", "minor": "1.2.0", "old": "1.0.0", "moving": "1.0"} {
		path := service + "/Dockerfile"
		before[path], now[path] = "FROM acme/b:1.0.0\n", "FROM acme/b:"+version+"\n"
	}
	past := func(_ context.Context, path string, match func([]byte) bool) (func(string) ([]byte, error), bool) {
		return before.Read, match([]byte(before[path]))
	}
	const want = "b up-to-date  []; exact up-to-date  []; later up-to-date  []; minor up-to-date  []; moving rebuild  [b:1.0.1]; old bump  [b:1.0.1]"
	if got := verdicts(now.plan(t, bumper.Options{Past: past}, base("1.0.1"))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The same plan comes out every time, also where two texts are one version.
// What is on another version than the one that --from names is not concerned, nor is what is based
// on it, whatever a stage that is not built names.
func TestFromInAStageThatIsNotBuilt(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.0 AS dead\nFROM acme/base:0.9.0\n", "s/Dockerfile": "FROM acme/b:1.0.0\n"}
	bump := base("1.0.1")
	bump.From = "1.0.0"
	if got, want := verdicts(repo.plan(t, bumper.Options{}, bump)), "b skip unreachable []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Two images that one build makes are at versions of their own: what would say of one that it is
// at the version in use, once it is moved for the other, is a contradiction. A tag that moves with
// another is the version of nothing, and one that a command gives is believed as it is used.
func TestVersionsOfTags(t *testing.T) {
	place := func(tag string, trust bumper.Trust, made bool) bumper.Release {
		return bumper.Release{Tag: trace.NewFile("make/"+tag, []byte(tag)).Text(0, len(tag)), How: "a tag", Trust: trust, Made: made}
	}
	for _, tc := range []struct {
		name   string
		uses   files
		places []bumper.Release
		want   string
	}{
		{
			"a tag that moves with a build", files{"s/Dockerfile": "FROM acme/b:1.4.0\n"},
			[]bumper.Release{place("1.4.0-20261101", bumper.Certain, false), place("1.4.0", bumper.Certain, false)}, "b bump  []; s rebuild  []",
		},
		{
			"a command whose tag is in use, and behind another use", files{"s/Dockerfile": "FROM acme/b:1.0.0\n", "t/Dockerfile": "FROM acme/b:1.0.1\n"},
			[]bumper.Release{place("1.0.0", bumper.Guess, true)}, "b skip unresolved []; s skip unresolved []; t skip unresolved []",
		},
		{
			"a command that is behind all uses", files{"s/Dockerfile": "FROM acme/b:1.0.1\n"},
			[]bumper.Release{place("1.0.0", bumper.Guess, true)}, "b bump  []; s bump  [b:1.0.2]",
		},
		{
			"another line in use", files{"s/Dockerfile": "FROM acme/b:17-1.0.2\n"},
			[]bumper.Release{place("21-1.0.2", bumper.Certain, false)}, "b bump  []; s skip no-next-version []",
		},
		{
			"two lines side by side, and what moves with both", files{"s/Dockerfile": "FROM acme/b:1.4.0\n", "t/Dockerfile": "FROM acme/b:1.5.0\n", "u/Dockerfile": "FROM acme/b\n"},
			[]bumper.Release{place("1.4.0", bumper.Certain, false), place("1.5.0", bumper.Certain, false)}, "b bump  []; s bump  [b:1.4.1]; t bump  [b:1.5.1]; u rebuild  [b:1.5.1]",
		},
		{
			"two lines, the newer first", files{"s/Dockerfile": "FROM acme/b:1.4.0\n", "t/Dockerfile": "FROM acme/b:1.5.0\n", "u/Dockerfile": "FROM acme/b\n"},
			[]bumper.Release{place("1.5.0", bumper.Certain, false), place("1.4.0", bumper.Certain, false)}, "b bump  []; s bump  [b:1.4.1]; t bump  [b:1.5.1]; u rebuild  [b:1.5.1]",
		},
		{
			"a use that is ahead of what is made", files{"s/Dockerfile": "FROM acme/b:1.2.0\n"},
			[]bumper.Release{place("1.0.0", bumper.Certain, false)}, "b skip unresolved []; s skip unresolved []",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.uses["b/Dockerfile"] = "FROM acme/base:1.0.0\n"
			for _, place := range tc.places {
				tc.uses["make/"+place.Tag.S] = place.Tag.S
			}
			opts := bumper.Options{Releases: func(*graph.Node) ([]bumper.Release, error) { return tc.places, nil }}
			p := tc.uses.plan(t, opts, base("1.0.1"))
			if got := verdicts(p); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			for _, item := range p.Items {
				var unclear *bumper.ContradictionError
				if errors.As(item.Err, &unclear) && !strings.Contains(source.Hint(item.Err), "versions: in the configuration") {
					t.Errorf("the hint of %v is %q", item.Err, source.Hint(item.Err))
				}
			}
		})
	}
}

// A pin of a derived base that is published is up to date on its digest.
func TestPinOfADerivedBase(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0\n", "s/Dockerfile": "FROM acme/b:1.0.1@" + newDigest + "\n", "t/Dockerfile": "FROM acme/b:1.0.1@" + oldDigest + "\n"}
	p := repo.plan(t, bumper.Options{Digests: digests{"docker.io/acme/b:1.0.1": newDigest}, Assumed: []bumper.Bump{{Image: "docker.io/acme/b", Tag: "1.0.1"}}}, base("1.0.1"))
	if got, want := verdicts(p), "b rebuild  []; s up-to-date  []; t bump  []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := repo.after(p)["t/Dockerfile"]; got != repo["s/Dockerfile"] {
		t.Errorf("the pin afterwards is %s", got)
	}
}

// A line that nobody is on is not released beside one of its flavour in use; a flavour that nobody
// is on is.
func TestReleasesOfLines(t *testing.T) {
	for tags, want := range map[string]string{
		"1.4.0 1.5.0 1.6.0":       "b:1.5.1",
		"1.5.0 1.5.0-slim":        "b:1.5.1 b:1.5.1-slim",
		"1.4.0 1.5.0 1.4.0-slim":  "b:1.4.1-slim b:1.5.1",
		"1.5.0 1.5.0-20261101":    "b",
		"2.0.0-slim 2.0.0-alpine": "b:2.0.1-alpine b:2.0.1-slim",
	} {
		repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b:1.5.0\n"}
		opts := bumper.Options{Releases: func(*graph.Node) (all []bumper.Release, _ error) {
			for _, tag := range strings.Fields(tags) {
				repo["make/"+tag] = tag
				all = append(all, bumper.Release{Tag: trace.NewFile("make/"+tag, []byte(tag)).Text(0, len(tag)), How: "a tag"})
			}
			return all, nil
		}}
		var got []string
		for _, d := range repo.plan(t, opts, base("1.0.1")).Derived {
			got = append(got, strings.TrimPrefix(d.String(), "docker.io/acme/"))
		}
		slices.Sort(got)
		if text := strings.Join(got, " "); text != want {
			t.Errorf("of %s are released %s, want %s", tags, text, want)
		}
	}
}

func TestPlanIsRepeatable(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b:2026.01.05\n", "t/Dockerfile": "FROM acme/b:2026.1.5\n"}
	first := verdicts(repo.plan(t, bumper.Options{}, base("1.0.1")))
	for range 50 {
		if again := verdicts(repo.plan(t, bumper.Options{}, base("1.0.1"))); again != first {
			t.Fatalf("%s\n%s", first, again)
		}
	}
}

func TestCornersOfBranches(t *testing.T) {
	repo := files{"services/lock/Dockerfile": "FROM acme/base:1.0.0\n", "Dockerfile": "FROM acme/base:1.0.0\n", "root/Dockerfile": "FROM acme/base:1.0.0\n", "wave-api/Dockerfile": "FROM acme/base:1.0.0\n"}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	for _, by := range []bumper.Grouping{bumper.ByService, bumper.ByDirectory} {
		seen := map[string]bool{}
		for _, c := range p.Changes(bumper.ChangeOptions{By: by}) {
			if out, err := exec.Command("git", "check-ref-format", "--branch", c.Branch).CombinedOutput(); err != nil || seen[c.Branch] {
				t.Errorf("branch %q, seen %v: %s", c.Branch, seen[c.Branch], out)
			}
			seen[c.Branch] = true
			if !strings.Contains(c.Title, " in ") {
				t.Errorf("title %q", c.Title)
			}
		}
	}
	both := files{"s/Dockerfile": "FROM acme/node:alpine-3.18.0\nCOPY --from=acme/node-alpine:3.18.0 / /\n"}
	one := both.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/node", Tag: "alpine-3.18.1"}).Changes(bumper.ChangeOptions{})
	other := both.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/node-alpine", Tag: "3.18.1"}).Changes(bumper.ChangeOptions{})
	if len(one) != 1 || len(other) != 1 || one[0].Branch == other[0].Branch {
		t.Errorf("two bumps on one branch: %+v, %+v", one, other)
	}
	long := files{strings.Repeat("d/", 400) + "Dockerfile": "FROM acme/base:1.0.0\n"}
	if c := long.plan(t, bumper.Options{}, base("1.0.1")).Changes(bumper.ChangeOptions{By: bumper.ByService}); len(c) != 1 || len(c[0].Title) > 250 || len(c[0].Branch) > 240 {
		t.Errorf("%+v", c)
	}
}

// A Dockerfile of hundreds of edits is planned in as many steps as it has edits,
// and described in bounds.
func TestManyEditsInOneFile(t *testing.T) {
	var src strings.Builder
	for i := range 900 {
		fmt.Fprintf(&src, "FROM acme/base:1.0.0 AS s%d\n", i)
	}
	src.WriteString("FROM scratch\n")
	for i := range 900 {
		fmt.Fprintf(&src, "COPY --from=s%d / /\n", i)
	}
	repo := files{}
	for i := range 6 {
		repo[fmt.Sprintf("s%d/Dockerfile", i)] = src.String()
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	changes := p.Changes(bumper.ChangeOptions{})
	if len(changes) != 1 || len(changes[0].Items) != 6 || len(changes[0].Items[0].Edits) != 900 {
		t.Fatalf("%d changes", len(changes))
	}
	if body := bodyOf(t, p, changes[0], "propagate"); len(body) > 60000 || !strings.Contains(body, "and 880 more") {
		t.Errorf("a body of %d bytes", len(body))
	}
}

// The stage that is shipped is the one that is asked for also when the edit is
// read back.
func TestTargetIsKept(t *testing.T) {
	repo := files{"s/Dockerfile": "FROM acme/base:1.0.0-${TARGETSTAGE} AS a\nFROM x AS b\n"}
	file := scanner.ScanFile("s/Dockerfile", []byte(repo["s/Dockerfile"]), "a")
	p, err := bumper.NewPlan(t.Context(), graph.New([]*scanner.File{file}, nil, nil), repo, []bumper.Bump{base("1.0.1-a")}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if changes := p.Changes(bumper.ChangeOptions{}); len(changes) != 1 || !strings.HasPrefix(string(changes[0].Files[0].Content), "FROM acme/base:1.0.1-${TARGETSTAGE} AS a\n") {
		t.Errorf("%+v", p.Items)
	}
}

// A symbolic link is edited at its target: with its other links in one change, once, and
// not at all where one of them is never to be edited.
func TestLinkedDockerfiles(t *testing.T) {
	repo := files{"shared/Dockerfile": "FROM acme/base:1.0.0\n"}
	content := trace.NewFile("shared/Dockerfile", []byte(repo["shared/Dockerfile"]))
	all := slices.Concat(scanner.ScanContent("a/Dockerfile", content, nil), scanner.ScanContent("b/Dockerfile", content, nil), scanner.ScanContent("shared/Dockerfile", content, nil))
	plan := func(ignored string) []bumper.Change {
		p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Ignored: func(path string) (string, bool) { return "", path == ignored }})
		if err != nil {
			t.Fatal(err)
		}
		return p.Changes(bumper.ChangeOptions{By: bumper.ByService})
	}
	changes := plan("")
	if len(changes) != 1 || len(changes[0].Items) != 3 || len(changes[0].Files) != 1 || string(changes[0].Files[0].Content) != "FROM acme/base:1.0.1\n" || len(changes[0].Files[0].Edits) != 1 {
		t.Errorf("the changes are %+v", changes)
	}
	if changes := plan("shared/Dockerfile"); len(changes) != 0 {
		t.Errorf("with a target that is ignored the changes are %+v", changes)
	}
	if changes := plan("a/Dockerfile"); len(changes) != 0 { // it would move with the others
		t.Errorf("with a link that is ignored the changes are %+v", changes)
	}
}

// What moves from one version of an image by a person's word takes nothing away from what
// the image gets as a derived base. The consumers' paths come before that of what they wait for.
func TestFromBesideAnotherBase(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "a/Dockerfile": "FROM acme/b:2.3.9\n", "old/Dockerfile": "FROM acme/b:0.9.9\n"}
	from := bumper.Bump{Image: "docker.io/acme/b", Tag: "2.3.9", From: "0.9.9"}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"), from)
	if got, want := verdicts(p), "a bump  [b:2.3.10]; b bump  []; old bump  []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if wave := p.Items[0].Wave; wave != 2 {
		t.Errorf("%s is in wave %d, behind what it waits for", p.Items[0].File.Path, wave)
	}
}

func TestNothingButAnUnreachableReferenceMoves(t *testing.T) {
	repo := files{"a/Dockerfile": "FROM acme/base:1.0.0 AS dead\nFROM acme/base:2.0.0\n"}
	p := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.1", From: "1.0.0"})
	if got, want := verdicts(p), "a skip unreachable []"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A place that several builds of a Dockerfile share is named once, and counted once.
func TestNoVersionErrorNamesPlaces(t *testing.T) {
	at := func(line int) source.Pos { return source.Pos{Path: "a/Dockerfile", Line: line, Col: 6} }
	for _, tc := range []struct {
		uses []source.Pos
		want string
	}{
		{[]source.Pos{at(1), at(1), at(1), at(1), at(2)}, "a/Dockerfile:1:6, a/Dockerfile:2:6"},
		{[]source.Pos{at(1), at(2), at(3)}, "a/Dockerfile:1:6, a/Dockerfile:2:6, a/Dockerfile:3:6"},
		{[]source.Pos{at(1), at(2), at(2), at(3), at(4), at(5)}, "a/Dockerfile:1:6, a/Dockerfile:2:6, a/Dockerfile:3:6, and 2 more"},
	} {
		err := &bumper.NoVersionError{Image: "acme/b", Path: "b/Dockerfile", Why: "nothing tells it", Uses: tc.uses}
		if want := "b/Dockerfile: it makes acme/b, nothing tells it, so these cannot move: " + tc.want; err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
