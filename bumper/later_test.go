package bumper_test

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A tied repository has one shared value, V. It is the argument V of some builds and the tag of others.
type tied struct {
	files files             // the Dockerfiles
	args  string            // the Dockerfiles whose builds get the value as their argument V
	tags  map[string]string // by Dockerfile, of the image of its first letter (of another: x:1.0.0), with blanks between them; ~1.0.0 for a label, V for the shared value
	v     string            // the shared value
	to    string            // the patched version; "" is 1.0.5
	opts  bumper.Options
}

// plan plans a patch of acme/base, and says what becomes of each build and of each tag.
func (r tied) plan(t *testing.T) string {
	t.Helper()
	p := r.made(t)
	var got []string
	for i, line := range strings.Split(verdicts(p), "; ") {
		for _, e := range p.Items[i].Edits {
			if e.Path == "V" || strings.HasPrefix(e.Path, "tag of ") {
				line += " " + strings.TrimPrefix(e.Path, "tag of ") + ":" + e.New
			}
		}
		if err := p.Items[i].Err; err != nil {
			line += " (" + strings.ReplaceAll(err.Error(), "/Dockerfile", "") + ")"
		}
		got = append(got, line)
	}
	return strings.Join(got, "; ")
}

func (r tied) made(t *testing.T) *bumper.Plan {
	t.Helper()
	shared := trace.NewFile("V", []byte(r.v))
	repo := files{"V": r.v}
	var all []*scanner.File
	var claims []graph.Claim
	places := map[string][]trace.Text{}
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		path, how := name+"/Dockerfile", scanner.BuildConfig{}
		if slices.Contains(strings.Fields(r.args), name) {
			how.Args = []scanner.Arg{{Name: "V", Value: shared.Text(0, len(r.v))}}
		}
		repo[path] = r.files[name]
		all = append(all, scanner.ScanBuilds(path, []byte(repo[path]), []scanner.BuildConfig{how})...)
		if r.tags[name] == "" {
			continue
		}
		made := map[string]*graph.Claim{name[:1]: {Image: "docker.io/acme/" + name[:1], Rule: graph.BuildFile, Path: path}}
		file := trace.NewFile("tag of "+name, []byte(r.tags[name]))
		repo[file.Path] = r.tags[name]
		for at, word := range fields(r.tags[name]) {
			image, tag, ok := strings.Cut(word, ":")
			if !ok {
				image, tag = name[:1], word
			}
			tag, isLabel := strings.CutPrefix(tag, "~")
			end := at + len(word)
			text := file.Text(end-len(tag), end)
			if tag == "V" {
				text = shared.Text(0, len(r.v))
			}
			claim := cmp.Or(made[image], &graph.Claim{Image: "docker.io/acme/" + image, Rule: graph.BuildFile, Path: path})
			if !isLabel {
				claim.Tags = append(claim.Tags, text.S)
			}
			made[image], places[path+image] = claim, append(places[path+image], text)
		}
		for _, image := range slices.Sorted(maps.Keys(made)) {
			claims = append(claims, *made[image])
		}
	}
	opts := r.opts
	opts.Releases = func(image *graph.Node) ([]bumper.Release, error) {
		var releases []bumper.Release
		for _, place := range places[image.Maker().File.Path+strings.TrimPrefix(image.Key, "docker.io/acme/")] {
			releases = append(releases, bumper.Release{Tag: place, How: "a tag", Trust: bumper.Certain})
		}
		return releases, nil
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(all, claims, nil), repo, []bumper.Bump{base(cmp.Or(r.to, "1.0.5"))}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fields returns the words of a text by where they begin.
func fields(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		at := 0
		for _, word := range strings.Fields(s) {
			at += strings.Index(s[at:], word)
			if !yield(at, word) {
				return
			}
			at += len(word)
		}
	}
}

// Two builds make one tag and have one next tag, also where it holds the version of a base in one of them; where
// it can only move at once, neither moves without it.
func TestNextTagOfTwoBuilds(t *testing.T) {
	withBase := files{"b": "ARG V\nFROM acme/base:$V\n", "b-arm": "FROM acme/base:1.0.0\n", "s": "FROM acme/b:1.0.0\n"}
	onOther := files{"b": "FROM acme/base:1.0.0\n", "b-arm": "FROM acme/d:1.0.0\n", "d": "FROM acme/base:1.0.0\n", "s": "FROM acme/b:1.0.0\n"}
	more := func(f files, name, text string) files {
		f = maps.Clone(f)
		f[name] = text
		return f
	}
	for _, tc := range []struct {
		name string
		repo tied
		want string
	}{
		{
			"the version of its base",
			tied{files: withBase, args: "b", tags: map[string]string{"b": "V", "b-arm": "1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5; b-arm bump  [] b-arm:1.0.5; s bump  [b:1.0.5]",
		},
		{
			"the version of its base, which has no next one of its own",
			tied{files: files{"b": "ARG V\nFROM acme/base:$V\n", "b-arm": "FROM acme/base:1.0\n", "s": "FROM acme/b:1.0\n"}, args: "b", tags: map[string]string{"b": "V", "b-arm": "1.0"}, v: "1.0", to: "1.1", opts: bumper.Options{Level: imageref.Minor}},
			"b bump  [] V:1.1; b-arm bump  [] b-arm:1.1; s bump  [b:1.1]",
		},
		{
			"the version of its base, for one that waits",
			tied{files: more(more(withBase, "b-arm", "FROM acme/d:2.0.0\n"), "d", "FROM acme/base:1.0.0\n"), args: "b", tags: map[string]string{"b": "V", "b-arm": "1.0.0", "d": "2.0.0"}, v: "1.0.0"},
			"b bump  [d:2.0.1] V:1.0.5; b-arm bump  [d:2.0.1] b-arm:1.0.5; d bump  [] d:2.0.1; s bump  [b:1.0.5]",
		},
		{
			"the version of its base, beside one that is left",
			tied{files: more(more(withBase, "b-arm", "FROM acme/d:2.0.0\n"), "d", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "V", "b-arm": "1.0.0"}, v: "1.0.0"},
			"b skip shared-argument []; b-arm skip no-next-version []; d up-to-date  []; s skip shared-argument []",
		},
		{
			"one place says both tags, and the other does not get the patch",
			tied{files: more(more(onOther, "b-arm", "FROM acme/other:1.0.0\n"), "d", "FROM debian:12\n"), tags: map[string]string{"b": "V", "b-arm": "V"}, v: "1.0.0"},
			"b bump  []; s skip no-next-version []",
		},
		{
			"the tag of what the other is based on",
			tied{files: onOther, tags: map[string]string{"b": "V", "b-arm": "1.0.0", "d": "V"}, v: "1.0.0"},
			"b skip unresolved [] (b: b-arm makes docker.io/acme/b too, and moves later: --atomic moves both); b-arm skip unresolved []; " +
				"d skip unresolved [] (V:1: d: its version is written in one place with that of b, which moves later: --atomic moves both); s skip unresolved []",
		},
		{
			"the tag of what the other is based on, beside one that has the patch",
			tied{files: more(more(onOther, "b", "FROM acme/base:1.0.5\n"), "t", "ARG V\nFROM acme/b:$V\n"), args: "t", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0", "d": "V"}, v: "1.0.0"},
			"b up-to-date  []; b-arm skip unresolved []; d skip unresolved [] (V:1: 1.0.0 cannot become 1.0.1: it also feeds acme/b:$V at t:2:6, which does not move with it; --atomic moves what is rebuilt in several waves at once); " +
				"s skip no-next-version []; t skip no-next-version []",
		},
		{
			"the tag of what the other is based on, all waves at once",
			tied{files: onOther, tags: map[string]string{"b": "V", "b-arm": "1.0.0", "d": "V"}, v: "1.0.0", opts: bumper.Options{Atomic: true}},
			"b bump  [] V:1.0.1; b-arm bump  [] b-arm:1.0.1; d bump  [] V:1.0.1; s bump  []",
		},
		{
			"the other has the patch, as a tag of its own",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5 b:1.0.1 b-arm:1.0.1; b-arm up-to-date  []; s bump  [b:1.0.1]",
		},
		{
			"the other has the patch, and a service is behind",
			tied{files: more(more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), "s", "FROM acme/b:1.0.2\n"), args: "b", tags: map[string]string{"b": "1.0.3", "b-arm": "1.0.3"}, v: "1.0.0"},
			"b bump  [] V:1.0.5 b:1.0.4 b-arm:1.0.4; b-arm up-to-date  []; s bump  [b:1.0.4]",
		},
		{
			"the other has the patch, and this one waits",
			tied{files: more(onOther, "b", "FROM acme/base:1.0.5\n"), tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0", "d": "1.0.0"}, v: "1.0.0"},
			"b up-to-date  []; b-arm bump  [d:1.0.1] b:1.0.1 b-arm:1.0.1; d bump  [] d:1.0.1; s bump  [b:1.0.1]",
		},
		{
			"the other has the patch, and this one moves to the version of its base",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "V", "b-arm": "1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5 b-arm:1.0.5; b-arm up-to-date  []; s bump  [b:1.0.5]",
		},
		{
			"the other has the patch, and another tag too",
			tied{files: more(more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), "t", "FROM acme/b:2.0.0\n"), args: "b", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0 2.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5; b-arm up-to-date  []; s skip no-next-version []; t skip no-next-version []",
		},
		{
			"the other has the patch, and its tag is the argument of what is based on both",
			tied{files: files{"b": "FROM acme/base:1.0.0\n", "b-arm": "FROM acme/base:1.0.5\n", "s": "ARG V\nFROM acme/b:$V\n"}, args: "s", tags: map[string]string{"b": "1.0.0", "b-arm": "V"}, v: "1.0.0"},
			"b skip unresolved [] (V:1: 1.0.0 cannot become 1.0.1: it also feeds acme/b:$V at s:2:6, which does not move with it; --atomic moves what is rebuilt in several waves at once); b-arm up-to-date  []; s skip unresolved []",
		},
		{
			"the other has the patch, and its tag is the argument of what is based on both, all waves at once",
			tied{files: files{"b": "FROM acme/base:1.0.0\n", "b-arm": "FROM acme/base:1.0.5\n", "s": "ARG V\nFROM acme/b:$V\n"}, args: "s", tags: map[string]string{"b": "1.0.0", "b-arm": "V"}, v: "1.0.0", opts: bumper.Options{Atomic: true}},
			"b bump  [] V:1.0.1 b:1.0.1; b-arm up-to-date  []; s bump  [] V:1.0.1",
		},
		{
			"the other has the patch, and makes another image of this tag",
			tied{files: more(more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), "t", "FROM acme/x:1.0.0\n"), args: "b", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0 x:1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5 b:1.0.1 b-arm:1.0.1; b-arm up-to-date  []; s bump  [b:1.0.1]; t up-to-date  []",
		},
		{
			"both say their version by labels, and the other has the patch",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "~1.0.0", "b-arm": "~1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5 b:1.0.1 b-arm:1.0.1; b-arm up-to-date  []; s bump  [b:1.0.1]",
		},
		{
			"the other has the patch, and does not say its version",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "~1.0.0", "b-arm": " "}, v: "1.0.0"},
			"b bump  [] V:1.0.5; b-arm up-to-date  []; s skip no-next-version []",
		},
		{
			"the other has the patch, and nothing tells its version",
			tied{files: more(more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), "s", "FROM acme/b\n"), args: "b", tags: map[string]string{"b": "~1.0.0", "b-arm": " "}, v: "1.0.0"},
			"b bump  [] V:1.0.5; b-arm up-to-date  []; s rebuild  []",
		},
		{
			"the other has the patch, and this one does not say its version",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": " ", "b-arm": "~1.0.0"}, v: "1.0.0"},
			"b bump  [] V:1.0.5; b-arm up-to-date  []; s skip no-next-version []",
		},
		{
			"the other has the patch, and is vendored",
			tied{files: more(withBase, "b-arm", "FROM acme/base:1.0.5\n"), args: "b", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0"}, v: "1.0.0", opts: bumper.Options{Vendored: func(path string) (string, bool) { return "", strings.HasPrefix(path, "b-arm/") }}},
			"b bump  [] V:1.0.5; b-arm up-to-date  []; s skip no-next-version []",
		},
		{
			"the other has the patch, and its tag cannot move along",
			tied{files: more(more(onOther, "b-arm", "FROM acme/base:1.0.5\n"), "t", "ARG V\nFROM acme/other:$V\n"), args: "t", tags: map[string]string{"b": "1.0.0", "b-arm": "V"}, v: "1.0.0"},
			"b bump  []; b-arm up-to-date  []; d bump  []; s skip no-next-version []",
		},
		{
			"the other is left for another reason",
			tied{files: more(onOther, "d", "FROM acme/base:2.0.0\n"), tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0", "d": "1.0.0"}, v: "1.0.0"},
			"b bump  []; b-arm skip newer []; d skip newer []; s skip no-next-version []",
		},
	} {
		if got := tc.repo.plan(t); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

// A tag of two builds is not held where it is said to be published, though a tag that moves brings the patch to one of them.
func TestTagOfTwoBuildsThatIsPublished(t *testing.T) {
	for _, tc := range []struct {
		assumed []bumper.Bump
		want    string
	}{
		{nil, "b up-to-date  []; b-arm rebuild  []; s skip no-next-version []"},
		{[]bumper.Bump{{Image: "docker.io/acme/b", Tag: "1.0.1"}}, "b up-to-date  []; b-arm rebuild  []; s bump  []"},
	} {
		repo := tied{files: files{"b": "FROM acme/base:1.0.5\n", "b-arm": "FROM acme/base:1.0\n", "s": "FROM acme/b:1.0.0\n"}, tags: map[string]string{"b": "1.0.1", "b-arm": "1.0.1"}, opts: bumper.Options{Assumed: tc.assumed}}
		if got := repo.plan(t); got != tc.want {
			t.Errorf("%v:\ngot  %s\nwant %s", tc.assumed, got, tc.want)
		}
	}
}

// A tag that stays, since another build makes it as well and cannot get the next one along, is said with that build.
func TestTagThatCannotMoveAlong(t *testing.T) {
	repo := tied{
		files: files{"b": "FROM acme/base:1.0.0\n", "b-arm": "FROM acme/base:1.0.5\n", "s": "FROM acme/b:1.0.0\n", "t": "ARG V\nFROM acme/other:$V\n"},
		args:  "t", tags: map[string]string{"b": "1.0.0", "b-arm": "V"}, v: "1.0.0",
	}
	want := "b/Dockerfile: it makes docker.io/acme/b, which b-arm/Dockerfile makes too, by a tag that cannot move along, so these cannot move: s/Dockerfile:1:6"
	if p := repo.made(t); !slices.ContainsFunc(p.Notes, func(n *source.Error) bool { return n.Error() == want }) {
		t.Errorf("got  %v\nwant %s", p.Notes, want)
	}
}

// The tag of a base is the argument of a build two levels above. Wave after wave each would wait for the other, also
// where another build makes the image between them: they move at once.
func TestTagOfABaseFurtherUp(t *testing.T) {
	for arm, want := range map[string][]string{
		"": {
			"b skip unresolved []; d skip unresolved [] (V:1: 1.0.0 cannot become 1.0.1: it also feeds acme/b:$V at t:2:6, which does not move with it; --atomic moves what is rebuilt in several waves at once); t skip unresolved []",
			"b bump  [] b:1.0.1; d bump  [] V:1.0.1; t bump  [] V:1.0.1",
		},
		"FROM acme/base:1.0.0\n": {
			"b skip unresolved []; b-arm skip unresolved [] (b-arm: b makes docker.io/acme/b too, and moves later: --atomic moves both); " +
				"d skip unresolved [] (V:1: d: its version is written in one place with that of t, which moves later: --atomic moves both); t skip unresolved []",
			"b bump  [] b:1.0.1; b-arm bump  [] b-arm:1.0.1; d bump  [] V:1.0.1; t bump  [] V:1.0.1",
		},
	} {
		repo := tied{files: files{"b": "FROM acme/d:1.0.0\n", "d": "FROM acme/base:1.0.0\n", "t": "ARG V\nFROM acme/b:$V\n"}, args: "t", tags: map[string]string{"b": "1.0.0", "b-arm": "1.0.0", "d": "V"}, v: "1.0.0"}
		if arm != "" {
			repo.files["b-arm"] = arm
		}
		for i, atomic := range []bool{false, true} {
			repo.opts.Atomic = atomic
			if got := repo.plan(t); got != want[i] {
				t.Errorf("beside %q, at once %v:\ngot  %s\nwant %s", arm, atomic, got, want[i])
			}
		}
	}
}

// A build waits for no tag that it is on already, also where what it names by a tag that moves waits for that.
func TestNothingWaitsForWhatItIsOn(t *testing.T) {
	for s, want := range map[string]string{
		"FROM acme/m:3.0.0 AS a\nFROM acme/m:3 AS c\nFROM acme/b:2.0.0\nCOPY --from=a / /\nCOPY --from=c / /\n":    "m:3.0.1",
		"FROM acme/base:1.0.0 AS a\nFROM acme/m:3 AS c\nFROM acme/b:2.0.0\nCOPY --from=a / /\nCOPY --from=c / /\n": "m:3.0.1",
		"FROM acme/base:1.0.0 AS a\nFROM acme/m:3 AS c\nFROM acme/b:1.9.9\nCOPY --from=a / /\nCOPY --from=c / /\n": "b:2.0.0 m:3.0.1",
	} {
		repo := tied{
			files: files{"b": "FROM acme/base:1.0.5\n", "m": "FROM acme/b:1.9.9\n", "s": s},
			tags:  map[string]string{"b": "2.0.0", "m": "3.0.0"},
			opts:  bumper.Options{Level: imageref.Major, Published: func(context.Context, string) (bool, error) { return false, nil }},
		}
		if got, want := repo.plan(t), "b up-to-date  []; m bump  [b:2.0.0] m:3.0.1; s bump  ["+want+"]"; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", s, got, want)
		}
	}
}

// All waves at once move a reference that shares the place of a tag, unless a build that gets no patch gives that tag as well.
func TestAtomicIsOfferedWhereItMovesTheReference(t *testing.T) {
	for arm, want := range map[string]bool{"FROM acme/base:1.0.0\n": true, "FROM acme/other:1.0.0\n": false} {
		repo := tied{
			files: files{"b": "FROM acme/base:1.0.0\n", "b-arm": arm, "m": "ARG V\nFROM acme/b:$V\n"},
			args:  "m", tags: map[string]string{"b": "V", "b-arm": "V"}, v: "1.0.0",
		}
		for _, item := range repo.made(t).Items {
			if item.File.Path == "b/Dockerfile" && (item.Err == nil || strings.Contains(item.Err.Error(), "--atomic") != want) {
				t.Errorf("beside %q it says %v; want --atomic offered %t", arm, item.Err, want)
			}
		}
	}
}

// Two targets have one value as their tags, and one of them gets a part of the patch at once alone: its argument is that of
// a service two levels above as well. Both are said to move at once.
func TestTagOfTargetsOfWhichOneMovesInPart(t *testing.T) {
	const from = "FROM acme/base:$V AS a\nFROM acme/base:1.0.0 AS extra\nFROM acme/base:1.0.0\nCOPY --from=a / /\n"
	for _, tc := range []struct {
		dockerfile string
		atomic     bool
		want       string
	}{
		{"ARG V\n" + from, false, "moves in part alone: --atomic moves both"},
		{"ARG V\n" + from, true, "values:2 2.0.1"},
		{"ARG V\nARG W\nFROM acme/base:$W AS w\n" + from + "COPY --from=w / /\n", false, "stays without the patch in a part"},
	} {
		p := targetsOfOneTag(t, tc.dockerfile, tc.atomic)
		if got := edits(p); !strings.Contains(got, tc.want) {
			t.Errorf("%q, atomic %t:\ngot  %s\nwant %s", tc.dockerfile, tc.atomic, got, tc.want)
		}
	}
}

// targetsOfOneTag plans a patch of acme/base, on which the targets of a Dockerfile are based that get one value as their tags.
func targetsOfOneTag(t *testing.T, dockerfile string, atomic bool) *bumper.Plan {
	t.Helper()
	repo := files{"b/Dockerfile": dockerfile, "t/Dockerfile": "FROM acme/b-extra:2.0.0\n", "s/Dockerfile": "ARG V\nFROM acme/t:$V\n", "u/Dockerfile": "FROM acme/b:2.0.0\n", "values": "1.0.0\n2.0.0\n1.0.0\n"}
	values := trace.NewFile("values", []byte(repo["values"]))
	arg := []scanner.Arg{{Name: "V", Value: values.Text(0, 5)}}
	all := slices.Concat(
		scanner.ScanBuilds("b/Dockerfile", []byte(dockerfile), []scanner.BuildConfig{{Args: arg}, {Target: "extra"}}),
		scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), []scanner.BuildConfig{{Args: arg}}),
		scanner.ScanBuilds("t/Dockerfile", []byte(repo["t/Dockerfile"]), nil),
		scanner.ScanBuilds("u/Dockerfile", []byte(repo["u/Dockerfile"]), nil),
	)
	g := graph.New(all, []graph.Claim{
		{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"2.0.0"}},
		{Image: "docker.io/acme/b-extra", Rule: graph.BuildFile, Path: "b/Dockerfile", Target: "extra", Tags: []string{"2.0.0"}},
		{Image: "docker.io/acme/t", Rule: graph.BuildFile, Path: "t/Dockerfile", Tags: []string{"1.0.0"}},
	}, nil)
	p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{Atomic: atomic, Releases: func(image *graph.Node) ([]bumper.Release, error) {
		tag := values.Text(6, 11)
		if image.Key == "docker.io/acme/t" {
			tag = values.Text(12, 17)
		}
		return []bumper.Release{{Tag: tag, How: "a tag", Trust: bumper.Certain}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
