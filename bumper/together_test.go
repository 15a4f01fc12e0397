package bumper_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A handed Dockerfile is built once for each line of a build file, which is the value of V.
type handed map[string]string

// plan plans a bump. Two lines that say the same cannot be read.
func (h handed) plan(t *testing.T, opts bumper.Options, bump bumper.Bump, dockerfile string) *bumper.Plan {
	t.Helper()
	repo := files{"Dockerfile": dockerfile}
	var builds []*scanner.File
	for path, lines := range h {
		repo[path] = lines
		f := trace.NewFile(path, []byte(lines))
		var how []scanner.BuildConfig
		for at := 0; at < len(lines); {
			end := at + strings.IndexByte(lines[at:], '\n')
			how = append(how, scanner.BuildConfig{Where: f.Text(at, end).Pos(), Args: []scanner.Arg{{Name: "V", Value: f.Text(at, end)}}})
			at = end + 1
		}
		builds = append(builds, scanner.ScanBuilds("Dockerfile", []byte(dockerfile), how)...)
	}
	opts.Verify = func(_ context.Context, replacements []trace.Replacement) error {
		for path, lines := range h {
			own := slices.DeleteFunc(slices.Clone(replacements), func(r trace.Replacement) bool { return r.File.Path != path })
			after, err := trace.NewFile(path, []byte(lines)).After(own)
			if err != nil {
				return err
			}
			all := strings.Split(strings.TrimSpace(string(after)), "\n")
			slices.Sort(all)
			if len(slices.Compact(slices.Clone(all))) < len(all) {
				return fmt.Errorf("%s: two lines say the same", path)
			}
		}
		return nil
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(builds, nil, nil), repo, []bumper.Bump{bump}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edits prints what a plan writes, and what it leaves for an error.
func edits(p *bumper.Plan) string {
	var all []string
	for _, item := range p.Items {
		for _, e := range item.Edits {
			all = append(all, fmt.Sprintf("%s:%d %s", e.Path, e.Line, e.New))
		}
		if item.Err != nil {
			all = append(all, item.Err.Error())
		}
	}
	return strings.Join(all, "; ")
}

// Values of one file that may move one by one and become the same are all left: which of them is
// still wanted is for a person to say.
func TestValuesThatBecomeOne(t *testing.T) {
	const one = "ARG V\nFROM acme/base:$V\n"
	left := func(other string) string {
		return "Dockerfile: it cannot move along with Dockerfile (V=" + other + "): bake: two lines say the same"
	}
	for lines, want := range map[string]string{
		"1.0.0\n1.1.0\n":        "bake:1 1.0.3",
		"1.0.0\n1.0.3\n":        "bake: two lines say the same",
		"1.0.0\n1.0.2\n":        left("1.0.2") + "; " + left("1.0.0"),
		"1.0.0\n1.0.1\n1.0.2\n": left("1.0.1") + "; " + left("1.0.0") + "; " + left("1.0.0"),
		"1.1.0\n1.0.0\n1.0.2\n": left("1.0.2") + "; " + left("1.0.0"),
	} {
		if got := edits(handed{"bake": lines}.plan(t, bumper.Options{}, base("1.0.3"), one)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", lines, got, want)
		}
	}
	if got, want := edits(handed{"bake": "1.0.0\n1.0.2\n", "other": "1.0.1\n"}.plan(t, bumper.Options{}, base("1.0.3"), one)), "other:1 1.0.3"; !strings.Contains(got, want) || strings.Count(got, "cannot move") != 2 {
		t.Errorf("beside another file: %s, want %s and two that are left", got, want)
	}
}

// A default that every build overrides moves along with what moves, also where the value that
// is over it has moved before. It is never all that moves.
func TestDefaultsMoveAlong(t *testing.T) {
	const lone = "ARG V=1.0.0\nFROM acme/base:$V\n"
	const beside = "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/base:1.0.0\nCOPY --from=a / /\n"
	for _, tc := range []struct{ value, dockerfile, want string }{
		{"1.0.0\n", lone, "Dockerfile:1 1.0.1; bake:1 1.0.1"},
		{"1.0.1\n", lone, ""},
		{"1.0.1\n", beside, "Dockerfile:1 1.0.1; Dockerfile:3 1.0.1"},
		{"0.9.0\n", beside, "Dockerfile:3 1.0.1"},
	} {
		if got := edits(handed{"bake": tc.value}.plan(t, bumper.Options{}, base("1.0.1"), tc.dockerfile)); got != tc.want {
			t.Errorf("%q over %q: %s, want %s", tc.value, tc.dockerfile, got, tc.want)
		}
	}
}

// What a build is handed moves with another build, and its default in that change: the build itself
// waits, and for a tag that moves there is nothing to edit later.
func TestDefaultsOfWhatIsMovedAlong(t *testing.T) {
	const want = "b/Dockerfile:1 1.0.1; s/Dockerfile:1 1.0.1; values:1 1.0.1; "
	value := trace.NewFile("values", []byte("1.0.0"))
	const moving = "ARG V=1.0.0\nFROM acme/base:$V\nCOPY --from=acme/b:1.0 / /\n"
	for _, tc := range []struct{ name, s, want string }{
		{"a tag that moves", moving, want},
		{"one that says a version too", moving + "# its version\n", "b/Dockerfile:1 1.0.1; values:1 1.0.1; "},
		{"one that is left for later", "ARG V=1.0.0\nFROM acme/base:$V\nCOPY --from=acme/b:1.0.0 / /\n", want},
		{"nothing to wait for", "ARG V=1.0.0\nFROM acme/base:$V\n", want},
		{"a default of more", "ARG V=1.0.0\nFROM acme/b:$V AS a\nFROM acme/base:$V\n", ""},
	} {
		repo := files{"b/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V\n", "s/Dockerfile": tc.s, "t/Dockerfile": "FROM acme/b:1.0.0\nCOPY --from=acme/s:1.0.0 / /\n", "values": "1.0.0"}
		how := []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "V", Value: value.Text(0, 5)}}}}
		all := slices.Concat(scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), how), scanner.ScanBuilds("s/Dockerfile", []byte(tc.s), how), scanner.ScanBuilds("t/Dockerfile", []byte(repo["t/Dockerfile"]), nil))
		releases := func(image *graph.Node) ([]bumper.Release, error) {
			if image.Key != "docker.io/acme/s" || !strings.Contains(tc.s, "its version") {
				return nil, nil
			}
			return []bumper.Release{{Tag: trace.NewFile("s/Dockerfile", []byte(tc.s)).Text(6, 11), How: "an ARG", Trust: bumper.Stated}}, nil
		}
		g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/s", Rule: graph.Configured, Path: "s/Dockerfile"}}, nil)
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, change := range p.Changes(bumper.ChangeOptions{}) {
			for _, file := range change.Files {
				for _, e := range file.Edits {
					got += fmt.Sprintf("%s:%d %s; ", e.Path, e.Line, e.New)
				}
			}
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// A reference that two targets read moves to the version in which its base has the patch
// already, in waves and at once.
func TestTargetsBehindABaseThatHasThePatch(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "s/Dockerfile": "FROM acme/b:1.0.0 AS one\nRUN true\nFROM one AS two\nRUN true\n"}
	builds := scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), []scanner.BuildConfig{{Target: "one"}, {Target: "two"}})
	builds = append(builds, scanner.ScanFile("b/Dockerfile", []byte(repo["b/Dockerfile"]), ""))
	for _, atomic := range []bool{false, true} {
		opts := bumper.Options{Atomic: atomic, Assumed: []bumper.Bump{{Image: "docker.io/acme/b", Tag: "1.0.1"}}}
		p, err := bumper.NewPlan(t.Context(), graph.New(builds, nil, nil), repo, []bumper.Bump{base("1.0.1")}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := edits(p), "s/Dockerfile:1 1.0.1; s/Dockerfile:1 1.0.1"; got != want {
			t.Errorf("atomic %t: %s, want %s", atomic, got, want)
		}
	}
}

// What takes a reference from two places moves in one change: a build that edits one of them for
// itself waits for what the other waits for.
func TestPlacesThatWaitTogether(t *testing.T) {
	repo := files{
		"b/Dockerfile": "FROM acme/base:1.0.0\n",
		"m/Dockerfile": "ARG V\nFROM acme/base:$V\n",
		"s/Dockerfile": "ARG V\nFROM acme/base:$V\nCOPY --from=acme/b:1.0.0 / /\n",
		"values":       "1.0.0\n1.0.0\n1.0.0\n",
	}
	values := trace.NewFile("values", []byte(repo["values"]))
	shared := scanner.BuildConfig{Args: []scanner.Arg{{Name: "V", Value: values.Text(0, 5)}}}
	apart := scanner.BuildConfig{Where: source.Pos{Path: "values", Line: 2, Col: 1}, Args: []scanner.Arg{{Name: "V", Value: values.Text(6, 11)}}}
	third := scanner.BuildConfig{Where: source.Pos{Path: "values", Line: 3, Col: 1}, Args: []scanner.Arg{{Name: "V", Value: values.Text(12, 17)}}}
	one, two := []scanner.BuildConfig{shared}, []scanner.BuildConfig{shared, apart}
	for _, tc := range []struct {
		name string
		m, s []scanner.BuildConfig
		want string
	}{
		{"one place", one, one, "b bump  []; m bump  []; s bump  [b:1.0.1]"},
		{"two places", one, two, "b bump  []; m bump  [b:1.0.1]; s bump  [b:1.0.1]; s bump  [b:1.0.1]"},
		{"two places of both", []scanner.BuildConfig{shared, third}, two, "b bump  []; m bump  [b:1.0.1]; m bump  [b:1.0.1]; s bump  [b:1.0.1]; s bump  [b:1.0.1]"},
	} {
		all := slices.Concat(
			scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), nil),
			scanner.ScanBuilds("m/Dockerfile", []byte(repo["m/Dockerfile"]), tc.m),
			scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), tc.s),
		)
		p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

// A place is not edited where it also says the version of an image whose version is not clear.
func TestPlacesOfWhatIsNotClear(t *testing.T) {
	const dockerfile = "ARG V=1.0.0\nFROM acme/base:1.0.0 AS extra\nFROM acme/base:$V\n"
	repo := files{"Dockerfile": dockerfile, "VERSION": "1.0.0", "s/Dockerfile": "FROM acme/main:1.1.0\n", "t/Dockerfile": "FROM acme/extra:1.0.0\n"}
	version := trace.NewFile("VERSION", []byte("1.0.0"))
	all := slices.Concat(
		scanner.ScanBuilds("Dockerfile", []byte(dockerfile), []scanner.BuildConfig{{}, {Target: "extra", Args: []scanner.Arg{{Name: "V", Value: trace.Plain("2.0.0")}}}}),
		scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), nil),
		scanner.ScanBuilds("t/Dockerfile", []byte(repo["t/Dockerfile"]), nil),
	)
	g := graph.New(all, []graph.Claim{
		{Image: "docker.io/acme/main", Rule: graph.Configured, Path: "Dockerfile"},
		{Image: "docker.io/acme/extra", Rule: graph.Configured, Path: "Dockerfile", Target: "extra"},
	}, nil)
	releases := func(*graph.Node) ([]bumper.Release, error) {
		return []bumper.Release{{Tag: version.Text(0, 5), How: "VERSION file", Trust: bumper.Stated}}, nil
	}
	p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: releases})
	if err != nil {
		t.Fatal(err)
	}
	got := edits(p)
	for _, want := range []string{"docker.io/acme/main: its version is not clear", "Dockerfile (extra): its version is written in one place with that of Dockerfile, which is not clear"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis without %s", got, want)
		}
	}
}

// One variable is the version of the base and the tag of what is built on it: it stays where a part
// of that stays without the patch, and others are based on it, or where these are on a later one.
func TestTagThatIsThatOfTheBase(t *testing.T) {
	value := trace.NewFile("values", []byte("acme/b:1.0.0"))
	for _, tc := range []struct{ part, use, want string }{
		{"FROM acme/base:$W AS a\n", "1.0.0", "b skip unresolved []; s skip unresolved []"},
		{"FROM acme/base:1.0.1 AS a\n", "1.0.0", "b bump  []; s bump  [b:1.0.1]"},
		{"FROM acme/base:1.0.1 AS a\n", "1.0.1", "b skip shared-argument []; s skip shared-argument []"},
	} {
		repo := files{"b/Dockerfile": "ARG V\nARG W\n" + tc.part + "FROM acme/base:$V\nCOPY --from=a / /\n", "s/Dockerfile": "FROM acme/b:" + tc.use + "\n", "values": "acme/b:1.0.0"}
		all := scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "V", Value: value.Text(7, 12)}}}})
		all = append(all, scanner.ScanFile("s/Dockerfile", []byte(repo["s/Dockerfile"]), ""))
		g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"1.0.0"}}}, nil)
		tags := map[*graph.Node][]trace.Text{g.Lines("docker.io/acme/b")[0]: {value.Text(0, 12)}}
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Tags: tags})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != tc.want {
			t.Errorf("%q and %s:\ngot  %s\nwant %s", tc.part, tc.use, got, tc.want)
		}
	}
}

// A tag that no build names holds nothing back, in waves and at once: here it is the tag of a target that does
// not build the stage with the patched base.
func TestTagOfATargetThatStays(t *testing.T) {
	value := trace.NewFile("values", []byte("acme/b-extra:1.0.0"))
	repo := files{"t/Dockerfile": "FROM acme/base:1.0.0\n", "b/Dockerfile": "ARG V\nFROM acme/t:2026-11-09 AS extra\nFROM acme/base:$V\n", "values": string(value.Src)}
	args := []scanner.Arg{{Name: "V", Value: value.Text(13, 18)}}
	all := scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), []scanner.BuildConfig{{Args: args}, {Target: "extra", Args: args}})
	all = append(all, scanner.ScanFile("t/Dockerfile", []byte(repo["t/Dockerfile"]), ""))
	g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/b-extra", Rule: graph.BuildFile, Path: "b/Dockerfile", Target: "extra", Tags: []string{"1.0.0"}}}, nil)
	tags := map[*graph.Node][]trace.Text{g.Lines("docker.io/acme/b-extra")[0]: {value.Text(0, 18)}}
	for _, atomic := range []bool{false, true} {
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Tags: tags, Atomic: atomic})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := edits(p), "values:1 1.0.1; t/Dockerfile:1 1.0.1"; got != want {
			t.Errorf("atomic %t: %s, want %s", atomic, got, want)
		}
	}
}

// The argument of two targets is the tag of one of them, which has the base by it in a stage alone that it does not build:
// both targets move, and the tag with them.
func TestTagOfATargetThatDoesNotBuildItsStage(t *testing.T) {
	value := trace.NewFile("values", []byte("acme/b-extra:1.0.0"))
	repo := files{"b/Dockerfile": "ARG V\nFROM acme/base:1.0.0 AS extra\nFROM acme/base:$V\n", "s/Dockerfile": "ARG T\nFROM acme/b-extra:$T\n", "values": string(value.Src)}
	args := []scanner.Arg{{Name: "V", Value: value.Text(13, 18)}}
	all := scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), []scanner.BuildConfig{{Args: args}, {Target: "extra", Args: args}})
	all = append(all, scanner.ScanFile("s/Dockerfile", []byte(repo["s/Dockerfile"]), ""))
	g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/b-extra", Rule: graph.BuildFile, Path: "b/Dockerfile", Target: "extra", Tags: []string{"1.0.0"}}}, nil)
	tag := value.Text(13, 18)
	p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{
		Tags: map[*graph.Node][]trace.Text{g.Lines("docker.io/acme/b-extra")[0]: {value.Text(0, 18)}},
		Releases: func(*graph.Node) ([]bumper.Release, error) {
			return []bumper.Release{{Tag: tag, How: "a tag", Trust: bumper.Certain, Inside: []trace.Text{tag}}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(p)+"; "+edits(p), "b bump  []; b bump  []; s skip unresolved []; b/Dockerfile:2 1.0.1; values:1 1.0.1; b/Dockerfile:2 1.0.1; values:1 1.0.1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Of two builds of a Dockerfile one waits for the version that the other is on. That one does not wait for it: what both
// take is written in one place.
func TestPlaceOfBuildsOfWhichOneWaits(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.1\n", "s/Dockerfile": "ARG V\nFROM acme/base:1.0.0 AS a\nFROM acme/b:$V\nCOPY --from=a / /\n", "values": "2.0.1\n2.0.0\n2.0.1\n"}
	values := trace.NewFile("values", []byte(repo["values"]))
	var builds []scanner.BuildConfig
	for i := range 2 {
		builds = append(builds, scanner.BuildConfig{Args: []scanner.Arg{{Name: "V", Value: values.Text(6*i, 6*i+5)}}})
	}
	all := slices.Concat(scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), nil), scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), builds))
	g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"2.0.1"}}}, nil)
	p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Releases: func(*graph.Node) ([]bumper.Release, error) {
		return []bumper.Release{{Tag: values.Text(12, 17), How: "a tag", Trust: bumper.Certain}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(p), "b up-to-date  []; s bump  []; s bump  [b:2.0.1]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A place is not edited where that moves all references, but for stages that are not built, of a build which gets its
// next tag later: the tag would never be made, and what waits for it would wait for ever.
func TestPlacesOfWhatIsReleasedLater(t *testing.T) {
	value := trace.NewFile("values", []byte("1.0.0\nacme/s:3.0.0"))
	args := []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "V", Value: value.Text(0, 5)}}}}
	repo := files{"b/Dockerfile": "ARG V\nFROM acme/base:$V\n", "s/Dockerfile": "ARG V\nFROM acme/base:1.0.0 AS a\nFROM acme/base:$V\nCOPY --from=acme/b:1.0 / /\n", "t/Dockerfile": "FROM acme/s:3.0.0\nCOPY --from=acme/b:1.0.0 / /\n", "values": string(value.Src)}
	var all []*scanner.File
	for _, path := range []string{"b/Dockerfile", "s/Dockerfile"} {
		all = append(all, scanner.ScanBuilds(path, []byte(repo[path]), args)...)
	}
	all = append(all, scanner.ScanFile("t/Dockerfile", []byte(repo["t/Dockerfile"]), ""))
	g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/s", Rule: graph.BuildFile, Path: "s/Dockerfile", Tags: []string{"3.0.0"}}}, nil)
	tag := value.Text(6, len(value.Src))
	opts := bumper.Options{
		Tags: map[*graph.Node][]trace.Text{g.Lines("docker.io/acme/s")[0]: {tag}},
		Releases: func(image *graph.Node) ([]bumper.Release, error) {
			if image.Key != "docker.io/acme/s" {
				return nil, nil
			}
			return []bumper.Release{{Tag: tag.Slice(len("acme/s:"), len(tag.S)), How: "tag", Trust: bumper.Certain}}, nil
		},
	}
	for atomic, want := range map[bool]string{
		false: "which moves later: --atomic moves both",
		true:  "values:1 1.0.1; s/Dockerfile:2 1.0.1; values:1 1.0.1; values:2 3.0.1; t/Dockerfile:1 3.0.1; t/Dockerfile:2 1.0.1",
	} {
		opts.Atomic = atomic
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := edits(p); !strings.Contains(got, want) {
			t.Errorf("atomic %t: %s, want %s", atomic, got, want)
		}
	}
}

// Two targets take one reference from places of their own. One whose place is also that of another image stays alone: only
// builds of one target bind each other.
func TestTargetsThatMoveApart(t *testing.T) {
	repo := files{"b/Dockerfile": "ARG V\nFROM acme/base:$V AS one\nFROM one AS two\n", "o/Dockerfile": "ARG V\nFROM acme/other:$V\n", "values": "1.0.0\n1.0.0\n"}
	values := trace.NewFile("values", []byte(repo["values"]))
	own, shared := []scanner.Arg{{Name: "V", Value: values.Text(0, 5)}}, []scanner.Arg{{Name: "V", Value: values.Text(6, 11)}}
	for target, want := range map[string]string{
		"one": "b skip shared-argument []; b skip shared-argument []",
		"two": "b bump  []; b skip shared-argument []",
	} {
		all := scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), []scanner.BuildConfig{{Target: "one", Args: own}, {Target: target, Args: shared}})
		all = append(all, scanner.ScanBuilds("o/Dockerfile", []byte(repo["o/Dockerfile"]), []scanner.BuildConfig{{Args: shared}})...)
		p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdicts(p); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}
