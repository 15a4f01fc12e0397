package bumper_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// A tag that names another image than before concerns the references to that very tag: those
// by the tag are rebuilt, pins of it get the digest, and no others.
func TestMovedTags(t *testing.T) {
	t.Parallel()
	known := digests{"docker.io/acme/base:trixie-slim": newDigest, "docker.io/acme/base:latest": newDigest}
	of := func(tag, digest string) bumper.Bump {
		return bumper.Bump{Image: "docker.io/acme/base", Tag: tag, Digest: digest}
	}
	for _, tc := range []struct {
		name, ref string
		bump      bumper.Bump
		opts      bumper.Options
		want      string // as verdicts has it; "" for a build that is not concerned
		after     string // the reference afterwards; "" for one that stays
	}{
		{name: "by the tag", ref: ":trixie-slim", bump: of("trixie-slim", newDigest), want: "rebuild"},
		{name: "by the tag, without a digest", ref: ":trixie-slim", bump: of("trixie-slim", ""), want: "rebuild"},
		{name: "a pin", ref: ":trixie-slim@" + oldDigest, bump: of("trixie-slim", newDigest), want: "bump", after: ":trixie-slim@" + newDigest},
		{name: "a pin that has it", ref: ":trixie-slim@" + newDigest, bump: of("trixie-slim", newDigest), want: "up-to-date"},
		{name: "a pin of what the registry gives", ref: ":trixie-slim@" + oldDigest, bump: of("trixie-slim", ""), opts: bumper.Options{Digests: known}, want: "bump", after: ":trixie-slim@" + newDigest},
		{name: "a pin that the registry gives", ref: ":trixie-slim@" + newDigest, bump: of("trixie-slim", ""), opts: bumper.Options{Digests: known}, want: "up-to-date"},
		{name: "a pin, and no registry", ref: ":trixie-slim@" + oldDigest, bump: of("trixie-slim", ""), want: "skip unresolved"},
		{name: "a pin that the registry does not know", ref: ":trixie-slim@" + oldDigest, bump: of("trixie-slim", ""), opts: bumper.Options{Digests: digests{}}, want: "skip unresolved"},
		{name: "a digest alone", ref: "@" + oldDigest, bump: of("trixie-slim", newDigest), want: "skip unresolved"},
		{name: "a digest alone that is it", ref: "@" + newDigest, bump: of("trixie-slim", newDigest), want: "up-to-date"},
		{name: "another flavour", ref: ":trixie", bump: of("trixie-slim", newDigest)},
		{name: "another release", ref: ":bookworm-slim", bump: of("trixie-slim", newDigest), opts: bumper.Options{Level: 6}},
		{name: "a build of it", ref: ":trixie-20260801-slim@" + oldDigest, bump: of("trixie-slim", newDigest)},
		{name: "latest by its name", ref: ":latest", bump: of("latest", newDigest), want: "rebuild"},
		{name: "latest without a name", ref: "", bump: of("latest", newDigest), want: "rebuild"},
		{name: "a pin of latest", ref: ":latest@" + oldDigest, bump: of("latest", newDigest), want: "bump", after: ":latest@" + newDigest},
		{name: "a version, which is not latest", ref: ":1.0.0", bump: of("latest", newDigest)},
		{name: "a version that moves, by its tag", ref: ":1.0", bump: of("1.0", newDigest), want: "rebuild"},
		{name: "a version that moves, pinned", ref: ":1.0@" + oldDigest, bump: of("1.0", newDigest), want: "bump", after: ":1.0@" + newDigest},
		{name: "a version that does not move", ref: ":1.0.1", bump: of("1.0.1", newDigest), want: "up-to-date"},
		{name: "a version that moves, without a digest", ref: ":1.0", bump: of("1.0", ""), want: "up-to-date"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			src := "FROM acme/base" + tc.ref + "\n"
			repo := files{"s/Dockerfile": src}
			p := repo.plan(t, tc.opts, tc.bump)
			got := ""
			for _, item := range p.Items {
				got += strings.TrimSpace(item.Action.String() + " " + string(item.Reason))
				if item.Err != nil {
					t.Errorf("one reference holds up the whole file: %v", item.Err)
				}
			}
			if got != tc.want {
				t.Errorf("verdict %q, want %q", got, tc.want)
			}
			want := src
			if tc.after != "" {
				want = "FROM acme/base" + tc.after + "\n"
			}
			edited := repo.after(p)
			if edited["s/Dockerfile"] != want {
				t.Errorf("afterwards it is %swant %s", edited["s/Dockerfile"], want)
			}
			if again := edited.plan(t, tc.opts, tc.bump); len(again.Changes(bumper.ChangeOptions{})) > 0 {
				t.Errorf("run again it changes something")
			}
		})
	}
}

// Of several bumps of one image a reference gets that of its own tag.
func TestMovedTagBesideAVersion(t *testing.T) {
	t.Parallel()
	repo := files{
		"a/Dockerfile": "FROM acme/base:trixie-slim@" + oldDigest + "\n", "b/Dockerfile": "FROM acme/base:1.0.0\n",
		"c/Dockerfile": "FROM acme/base\n", "d/Dockerfile": "FROM acme/base:stable\n", "e/Dockerfile": "FROM acme/base:latest@" + oldDigest + "\n",
	}
	for version, b := range map[string]string{"1.0.1": "bump", "v1.0.1": "skip variant"} { // before the tags in order, and behind them
		p := repo.plan(t, bumper.Options{}, base(version), bumper.Bump{Image: "docker.io/acme/base", Tag: "trixie-slim", Digest: newDigest}, bumper.Bump{Image: "docker.io/acme/base", Tag: "latest", Digest: newDigest})
		var got []string
		for _, item := range p.Items {
			got = append(got, strings.TrimSpace(item.Action.String()+" "+string(item.Reason)))
		}
		if want := []string{"bump", b, "rebuild", "skip variant", "bump"}; !slices.Equal(got, want) {
			t.Errorf("beside %s they are %q, want %q", version, got, want)
		}
	}
}

// A tag that no reference is on is said so: it may be mistyped.
func TestMovedTagThatNobodyIsOn(t *testing.T) {
	t.Parallel()
	p := files{"s/Dockerfile": "FROM acme/base:trixie-slim\n"}.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/base", Tag: "trixy-slim"})
	if len(p.Items) > 0 || len(p.Notes) != 1 || !strings.Contains(p.Notes[0].Error(), "no reference to docker.io/acme/base is on trixy-slim, so nothing is rebuilt for it") {
		t.Errorf("items %v, notes %v", p.Items, p.Notes)
	}
	p = files{"s/Dockerfile": "FROM acme/base@" + oldDigest + "\n"}.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/base", Tag: "latest"})
	if len(p.Items) != 1 || len(p.Notes) != 1 {
		t.Errorf("a digest alone: items %v, notes %v", p.Items, p.Notes)
	}
}

// What is on a tag that moves gets the patch with the build that gives the tag, and not where that gives others
// of the same scheme alone.
func TestMovingTagThatNobodyGives(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		given graph.Claim
		from  string // what acme/base is based on
		on    string // the tag of acme/base that the service is on
		want  string
	}{
		{graph.Claim{Tags: []string{"1.4.2", "1.4", "latest"}}, "1.0", "1.4", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2", "1.4", "latest"}}, "1.0", "1", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2", "1.4", "latest"}}, "1.0", "latest", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2", "1.4", "latest"}}, "1.0", "1.3", "skip variant"},
		{graph.Claim{Tags: []string{"1.4"}}, "1.0.0", "1.3", "skip variant"},
		{graph.Claim{Tags: []string{"1.4"}}, "1.0.1", "1.3", "skip variant"},
		{graph.Claim{Tags: []string{"1.4"}}, "1.0.0", "stable", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2", "1.4"}}, "1.0.0", "1.4-alpine", "skip variant"},
		{graph.Claim{Tags: []string{"1.4.2-alpine"}}, "1.0.0", "1.4", "skip variant"},
		{graph.Claim{Tags: []string{"1.4.2-alpine"}}, "1.0.0", "1.4-alpine", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2-alpine3.20"}}, "1.0.0", "1.4-alpine", "rebuild"},
		{graph.Claim{Tags: []string{"1.4.2"}}, "1.0.0", "alpine", "rebuild"},
		{graph.Claim{Tags: []string{"v1.4"}}, "1.0.0", "1.3", "rebuild"},
		{graph.Claim{Tags: []string{"1.4"}, Partly: []string{scanner.Unknown + ".3"}}, "1.0.0", "1.3", "rebuild"},
		{graph.Claim{Patterns: []string{"1.*"}}, "1.0.0", "1.3", "rebuild"},
		{graph.Claim{}, "1.0.0", "1.3", "rebuild"},
	} {
		repo := files{"base/Dockerfile": "FROM acme/os:" + tc.from + "\n", "s/Dockerfile": "FROM acme/base:" + tc.on + "\n"}
		claim := tc.given
		claim.Image, claim.Rule, claim.Path = "docker.io/acme/base", graph.BuildFile, "base/Dockerfile"
		var builds []*scanner.File
		for _, path := range []string{"base/Dockerfile", "s/Dockerfile"} {
			builds = append(builds, scanner.ScanBuilds(path, []byte(repo[path]), nil)...)
		}
		p, err := bumper.NewPlan(t.Context(), graph.New(builds, []graph.Claim{claim}, nil), repo, []bumper.Bump{{Image: "docker.io/acme/os", Tag: "1.0.1"}}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range p.Items {
			if got := strings.TrimSpace(item.Action.String() + " " + string(item.Reason)); item.File.Path == "s/Dockerfile" && got != tc.want {
				t.Errorf("%+v on acme/os:%s: what is on %s is %q, want %q", tc.given, tc.from, tc.on, got, tc.want)
			}
		}
	}
}
