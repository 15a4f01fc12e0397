package bumper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A said is a place that says a version of the image that base/Dockerfile makes. In build.sh it is a command that
// gives the image this tag.
type said struct {
	path, version string
	trust         bumper.Trust
}

// A recorded is a repository that makes acme/base in base/Dockerfile and uses it.
type recorded struct {
	files
	places []said
	others []said            // of acme/tools, which tools/Dockerfile makes
	twin   bool              // base/Dockerfile makes acme/twin as well, in the version of the same places
	tags   string            // the file that holds a tag of acme/tools as a reference
	args   map[string]string // what a Dockerfile is handed: the file that holds the value of TAG
	arg    string            // the part of that file that is the value, "" for all of it
	inside string            // what of the versions of acme/base is that of a program inside
	given  []string          // all tags that a command gives acme/base; nil where nothing says so
	made   bool              // a command gives acme/base the versions of the places
}

// plan plans bumps as the program does it.
func (r recorded) plan(t *testing.T, opts bumper.Options, bumps ...bumper.Bump) *bumper.Plan {
	t.Helper()
	sources := map[string]*trace.File{}
	for path, src := range r.files {
		sources[path] = trace.NewFile(path, []byte(src))
	}
	var builds []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(r.files)) {
		if !strings.HasSuffix(path, "Dockerfile") {
			continue
		}
		var how []scanner.BuildConfig
		if from := sources[r.args[path]]; from != nil {
			value := from.Text(0, len(from.Src))
			if r.arg != "" {
				value = from.Find(r.arg, 0)
			}
			how = []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "TAG", Value: value}}}}
		}
		builds = append(builds, scanner.ScanBuilds(path, []byte(r.files[path]), how)...)
	}
	claims := []graph.Claim{{Image: "docker.io/acme/base", Rule: graph.Configured, Path: "base/Dockerfile"}}
	if r.given != nil {
		claims[0].Rule, claims[0].Tags = graph.Command, r.given
	}
	if r.files["tools/Dockerfile"] != "" {
		claims = append(claims, graph.Claim{Image: "docker.io/acme/tools", Rule: graph.Configured, Path: "tools/Dockerfile"})
	}
	twin := []said(nil)
	if r.twin {
		claims = append(claims, graph.Claim{Image: "docker.io/acme/twin", Rule: graph.Configured, Path: "base/Dockerfile"})
		twin = r.places
	}
	g := graph.New(builds, claims, nil)
	if r.tags != "" {
		opts.Tags = map[*graph.Node][]trace.Text{g.Lines("docker.io/acme/tools")[0]: {sources[r.tags].Text(0, len(r.files[r.tags]))}}
	}
	opts.Releases = func(image *graph.Node) ([]bumper.Release, error) {
		all := map[string][]said{"docker.io/acme/base": r.places, "docker.io/acme/tools": r.others, "docker.io/acme/twin": twin, "docker.io/acme/outside": r.places}[image.Key]
		var places []bumper.Release
		for _, s := range all {
			release := bumper.Release{Tag: sources[s.path].Find(s.version, 0), How: "a place", Trust: s.trust, Made: r.made || s.path == "build.sh"}
			if r.inside != "" {
				release.Inside = append(release.Inside, sources[s.path].Find(r.inside, 0))
			}
			places = append(places, release)
		}
		return places, nil
	}
	p, err := bumper.NewPlan(t.Context(), g, r.files, bumps, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRecord(t *testing.T) {
	const from, uses = "FROM debian:12\n", "FROM acme/base:"
	repo := func(version string, more ...string) files { // a service on a version, and files with their contents
		f := files{"base/Dockerfile": from, "s/Dockerfile": uses + version + "\n"}
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	certain := func(path, version string) said { return said{path, version, bumper.Certain} }
	ignores := func(path string) bumper.Options {
		return bumper.Options{Ignored: func(p string) (string, bool) { return "", p == path }}
	}
	alike := map[string]string{"tools/Dockerfile": "tag"}
	for _, tc := range []struct {
		name string
		repo recorded
		bump bumper.Bump
		also []bumper.Bump
		opts bumper.Options
		want string // the edits of records, and what the notes end with
	}{
		{name: "a tag in a build file", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, want: "tag:1 1.0.0 -> 1.0.1"},
		{name: "several places", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "base/VERSION", "1.0.0\n"), places: []said{certain("tag", "1.0.0"), {"base/VERSION", "1.0.0", bumper.Stated}}}, want: "base/VERSION:1 1.0.0 -> 1.0.1, tag:1 1.0.0 -> 1.0.1"},
		{name: "nothing lags", repo: recorded{files: repo("1.0.0", "tag", "1.0.1"), places: []said{certain("tag", "1.0.1")}}},
		{name: "never down", repo: recorded{files: repo("1.0.0", "tag", "1.0.2"), places: []said{certain("tag", "1.0.2")}}},
		{name: "another scheme", repo: recorded{files: repo("1.0.0", "tag", "1.0.0-alpine"), places: []said{certain("tag", "1.0.0-alpine")}}},
		{name: "a tag that moves", repo: recorded{files: repo("1.0.0", "tag", "1.0"), places: []said{certain("tag", "1.0")}}},
		{name: "a digest", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, bump: bumper.Bump{Image: "docker.io/acme/base", Digest: newDigest}},
		{name: "a bump without a version", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, bump: bumper.Bump{Image: "docker.io/acme/base"}},
		{name: "a tag without a version", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, bump: base("stable")},
		{name: "what is on the version that is left", repo: recorded{files: repo("1.0.1", "tag", "1.0.1"), places: []said{certain("tag", "1.0.1")}}, bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.0", From: "1.0.1"}, want: "tag:1 1.0.1 -> 1.0.0"},
		{name: "another version than the one that is left", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.1", From: "0.9.0"}},
		{name: "a larger step than the level", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, bump: base("2.0.0"), want: "tag:1 1.0.0 -> 2.0.0"},
		{name: "the references have moved before", repo: recorded{files: repo("1.0.1", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, want: "tag:1 1.0.0 -> 1.0.1"},
		{name: "two bumps behind", repo: recorded{files: repo("1.0.1", "base/VERSION", "1.0.0"), places: []said{{"base/VERSION", "1.0.0", bumper.Stated}}}, bump: base("1.0.2"), want: "base/VERSION:1 1.0.0 -> 1.0.2"},
		{name: "a file of another version", repo: recorded{files: repo("1.0.0", "base/VERSION", "0.3.0"), places: []said{{"base/VERSION", "0.3.0", bumper.Stated}}}, want: "it does not move to 1.0.1: s/Dockerfile:1:6 uses 1.0.0"},
		{name: "a guess that agrees", repo: recorded{files: repo("1.0.0", "rows.sh", "base 1.0.0\n"), places: []said{{"rows.sh", "1.0.0", bumper.Guess}}}, want: "rows.sh:1 1.0.0 -> 1.0.1"},
		{name: "a guess that disagrees", repo: recorded{files: repo("1.0.0", "rows.sh", "base 0.3.0\n"), places: []said{{"rows.sh", "0.3.0", bumper.Guess}}}},
		{name: "a guess behind a better place", repo: recorded{files: repo("1.0.0", "rows.sh", "base 1.0.0\n", "tag", "1.0.1"), places: []said{{"rows.sh", "1.0.0", bumper.Guess}, certain("tag", "1.0.1")}}},
		{name: "a guess when the references have moved", repo: recorded{files: repo("1.0.1", "rows.sh", "base 1.0.0\n"), places: []said{{"rows.sh", "1.0.0", bumper.Guess}}}, want: "rows.sh:1 1.0.0 -> 1.0.1"},
		{name: "a label that agrees", repo: recorded{files: repo("1.0.0", "base/Dockerfile", from+"LABEL v=1.0.0\n"), places: []said{{"base/Dockerfile", "1.0.0", bumper.Label}}}, want: "base/Dockerfile:2 1.0.0 -> 1.0.1"},
		{name: "a label of a program", repo: recorded{files: repo("1.0.0", "base/Dockerfile", from+"LABEL v=0.7.1\n"), places: []said{{"base/Dockerfile", "0.7.1", bumper.Label}}}},
		{name: "one of two release lines", repo: recorded{files: repo("1.1.2", "old", "1.0.4", "new", "1.1.2"), places: []said{certain("old", "1.0.4"), certain("new", "1.1.2")}}, bump: base("1.1.3"), want: "new:1 1.1.2 -> 1.1.3"},
		{name: "none of two release lines", repo: recorded{files: repo("1.1.2", "old", "1.0.4", "new", "1.1.2"), places: []said{certain("old", "1.0.4"), certain("new", "1.1.2")}}, bump: base("1.2.0")},
		{name: "an alias that stays true", repo: recorded{files: repo("1.0.0", "tags", "1.0.0", "alias", "1.0"), places: []said{certain("tags", "1.0.0"), certain("alias", "1.0")}}, want: "tags:1 1.0.0 -> 1.0.1"},
		{name: "an alias that would be untrue", repo: recorded{files: repo("1.0.0", "tags", "1.0.0", "alias", "1.0"), places: []said{certain("tags", "1.0.0"), certain("alias", "1.0")}}, bump: base("1.1.0"), want: "it does not move to 1.1.0: alias:1:1 gives it the tag 1.0 as well"},
		{name: "ignored", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, opts: ignores("base/Dockerfile"), want: "it does not move to 1.0.1: the configuration says that base/Dockerfile is ignored"},
		{name: "vendored", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, opts: bumper.Options{Vendored: func(p string) (string, bool) { return "base", p == "base/Dockerfile" }}, want: "it does not move to 1.0.1: the Dockerfile that makes it is vendored: it is kept in base, and no build file outside builds it"},
		{name: "of another image as well", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "tools/Dockerfile", from, "t/Dockerfile", "FROM acme/tools:1.0.0\n"), places: []said{certain("tag", "1.0.0")}, others: []said{certain("tag", "1.0.0")}}, want: "it does not move to 1.0.1: what is written there also feeds the version of docker.io/acme/tools"},
		{name: "of an image beside it that nobody uses", repo: recorded{files: repo("1.0.0", "tools/VERSION", "1.0.0", "tools/Dockerfile", from), places: []said{certain("tools/VERSION", "1.0.0")}, others: []said{certain("tools/VERSION", "1.0.0")}}, want: "it does not move to 1.0.1: what is written there also feeds the version of docker.io/acme/tools"},
		{name: "of a reference to another image", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "tools/Dockerfile", "ARG TAG\nFROM acme/other:$TAG\n"), places: []said{certain("tag", "1.0.0")}, args: alike}, want: "it does not move to 1.0.1: what is written there also feeds acme/other:$TAG at tools/Dockerfile:2:6"},
		{name: "of a reference that is ignored", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "tools/Dockerfile", "ARG TAG\nFROM acme/base:$TAG\n"), places: []said{certain("tag", "1.0.0")}, args: alike}, opts: ignores("tools/Dockerfile"), want: "it does not move to 1.0.1: what is written there also feeds acme/base:$TAG at tools/Dockerfile:2:6"},
		{name: "of a reference that moves", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "tools/Dockerfile", "ARG TAG\nFROM acme/base:$TAG\n"), places: []said{certain("tag", "1.0.0")}, args: alike}},
		{name: "of what another build is handed", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "tools/Dockerfile", "FROM debian:12\nARG TAG\n"), places: []said{certain("tag", "1.0.0")}, args: alike}, want: "it does not move to 1.0.1: what is written there also feeds the argument TAG of tools/Dockerfile"},
		{name: "beside what another build is handed", repo: recorded{files: repo("1.0.0", "tag", "1.0.0", "other", "1.0.0", "tools/Dockerfile", "FROM debian:12\nARG TAG\n"), places: []said{certain("tag", "1.0.0")}, args: map[string]string{"tools/Dockerfile": "other"}}, want: "tag:1 1.0.0 -> 1.0.1"},
		{name: "of its own base", repo: recorded{files: repo("1.0.0", "base/Dockerfile", "ARG V=1.0.0\nFROM debian:$V\n"), places: []said{{"base/Dockerfile", "1.0.0", bumper.Label}}}, want: "it does not move to 1.0.1: what is written there also feeds debian:$V"},
		{name: "of the tag of another image", repo: recorded{files: repo("1.0.0", "tag", "acme/tools:1.0.0", "tools/Dockerfile", from), places: []said{certain("tag", "1.0.0")}, tags: "tag"}, want: "it does not move to 1.0.1: what is written there also feeds the version of docker.io/acme/tools"},
		{name: "of another image that is bumped as well", repo: recorded{files: repo("1.0.0", "tools/tag", "1.0.0", "tools/Dockerfile", from), places: []said{certain("tools/tag", "1.0.0")}, others: []said{certain("tools/tag", "1.0.0")}}, also: []bumper.Bump{{Image: "docker.io/acme/tools", Tag: "1.0.1"}}, want: "tools/tag:1 1.0.0 -> 1.0.1"},
		{name: "of the same build under another name", repo: recorded{files: repo("1.0.0", "base/tag", "1.0.0"), places: []said{certain("base/tag", "1.0.0")}, twin: true}, want: "base/tag:1 1.0.0 -> 1.0.1"},
		{name: "of the same build under another name, with a prefix", repo: recorded{files: repo("1.0.0", "base/tag", "v1.0.0"), places: []said{certain("base/tag", "v1.0.0"), certain("base/tag", "1.0.0")}, twin: true}, also: []bumper.Bump{{Image: "docker.io/acme/twin", Tag: "v1.0.1"}}, want: "base/tag:1 1.0.0 -> 1.0.1"},
		{name: "of a reference that goes elsewhere", repo: recorded{files: files{"base/Dockerfile": from, "tag": "1.0.0", "tools/Dockerfile": "ARG TAG\nFROM acme/other:$TAG\n"}, places: []said{certain("tag", "1.0.0")}, args: alike}, also: []bumper.Bump{{Image: "docker.io/acme/other", Tag: "1.0.5"}}, want: "it does not move to 1.0.1: the same text is to become 1.0.5"},
		{name: "a guess beside another scheme", repo: recorded{files: repo("1.0.0", "tag", "1.0.0-alpine", "rows.sh", "base 1.0.0\n"), places: []said{certain("tag", "1.0.0-alpine"), {"rows.sh", "1.0.0", bumper.Guess}}}, want: "rows.sh:1 1.0.0 -> 1.0.1"},
		{name: "an image from outside", repo: recorded{files: files{"s/Dockerfile": "FROM acme/outside:1.0.0\n", "base/Dockerfile": from, "tag": "1.0.0"}, places: []said{certain("tag", "1.0.0")}}, bump: bumper.Bump{Image: "docker.io/acme/outside", Tag: "1.0.1"}},
		{name: "that would not read as it is meant", repo: recorded{files: repo("1.0.0", "tag", "1.0.0"), places: []said{certain("tag", "1.0.0")}}, opts: bumper.Options{Verify: func(context.Context, []trace.Replacement) error { return errors.New("it would read 1") }}, want: "it does not move to 1.0.1: it would read 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.bump.Image == "" {
				tc.bump = base("1.0.1")
			}
			tc.opts.Record = bumper.RecordMoved
			p := tc.repo.plan(t, tc.opts, append(tc.also, tc.bump)...)
			var got []string
			for _, record := range p.Records {
				for _, e := range record.Edits {
					got = append(got, fmt.Sprintf("%s:%d %s -> %s", e.Path, e.Line, e.Old, e.New))
				}
			}
			for _, note := range p.Notes {
				_, what, _ := strings.Cut(note.Error(), "(a place); ")
				got = append(got, what)
			}
			if strings.Join(got, ", ") != tc.want {
				t.Errorf("got %q, want %q", strings.Join(got, ", "), tc.want)
			}
			for path, src := range tc.repo.after(p) {
				tc.repo.files[path] = src
			}
			for i, s := range tc.repo.places { // where they are now
				if !strings.Contains(tc.repo.files[s.path], s.version) {
					tc.repo.places[i].version = tc.bump.Tag
				}
			}
			if again := tc.repo.plan(t, tc.opts, append(tc.also, tc.bump)...); len(again.Records) > 0 {
				t.Errorf("on its own result it would edit again: %+v", again.Records[0].Edits)
			}
		})
	}
}

// Without being asked for, a record is named where it would move, or not looked for at all.
func TestRecordings(t *testing.T) {
	repo := recorded{files: files{"base/Dockerfile": "FROM debian:12\n", "s/Dockerfile": "FROM acme/base:1.0.0\n", "tag": "1.0.0"}, places: []said{{"tag", "1.0.0", bumper.Certain}}}
	repo.twin = true // of a place that says it of two images, one note is enough
	for recording, want := range map[bumper.Recording]string{
		bumper.RecordUnseen: "",
		bumper.RecordNamed:  "tag:1:1: it says that docker.io/acme/base is at 1.0.0 (a place); --record moves it to 1.0.1 [base-record]",
		bumper.RecordMoved:  "",
	} {
		p := repo.plan(t, bumper.Options{Record: recording}, base("1.0.1"), bumper.Bump{Image: "docker.io/acme/twin", Tag: "1.0.1"})
		got := ""
		for _, note := range p.Notes {
			got += note.Error() + note.Code.Suffix()
		}
		if got != want || len(p.Records) > 0 != (recording == bumper.RecordMoved) {
			t.Errorf("%d: notes %q, records %v", recording, got, p.Records)
		}
	}
}

// A record goes with what else is edited in its group, and is a change of its own where
// nothing is; the text names its places and counts it as no Dockerfile.
func TestRecordChanges(t *testing.T) {
	repo := recorded{
		files:  files{"base/Dockerfile": "FROM debian:12\n", "s/Dockerfile": "FROM acme/base:1.0.0\n", "tag": "1.0.0"},
		places: []said{{"tag", "1.0.0", bumper.Certain}},
	}
	opts := bumper.Options{Record: bumper.RecordMoved, Level: imageref.Patch}
	for _, tc := range []struct {
		by      bumper.Grouping
		version string
		want    []string // branch, wave and files
		says    string
	}{
		{bumper.AllInOne, "1.0.1", []string{"propagate/base 1 s/Dockerfile tag"}, "This change edits the version in 1 Dockerfile (2 places) and nothing else."},
		{bumper.ByWave, "1.0.1", []string{"propagate/base--wave-1 1 s/Dockerfile tag"}, "| `base/Dockerfile` | `1.0.0` → `1.0.1` (`tag:1`) |"},
		{bumper.ByService, "1.0.1", []string{"propagate/base--service-base 1 tag", "propagate/base--service-s 1 s/Dockerfile"}, "This change edits what says the version of the base itself (1 place) and nothing else.\n\n* Wave 1 of 1\n* Part 1 of 2: `base/Dockerfile`\n"},
		{bumper.ByDirectory, "1.0.1", []string{"propagate/base--directory-base 1 tag", "propagate/base--directory-s 1 s/Dockerfile"}, "These places said an older version of the base itself:"},
		{bumper.AllInOne, "1.1.0", []string{"propagate/base 1 tag"}, "`docker.io/acme/base` goes from `1.0.0` to `1.1.0`: a minor step.\n"},
	} {
		p := repo.plan(t, opts, base(tc.version))
		var got []string
		for _, c := range p.Changes(bumper.ChangeOptions{By: tc.by}) {
			what := fmt.Sprintf("%s %d", c.Branch, c.Wave)
			for _, f := range c.Files {
				what += " " + f.Path
			}
			got = append(got, what)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.by, got, tc.want)
		}
		if body := bodyOf(t, p, p.Changes(bumper.ChangeOptions{By: tc.by})[0], "propagate"); !strings.Contains(body, tc.says) {
			t.Errorf("%s: the body does not say %q:\n%s", tc.by, tc.says, body)
		}
	}
}

// The record of a base that is a derived base of another one is of the wave of its Dockerfile.
func TestRecordOfALaterWave(t *testing.T) {
	repo := recorded{
		files: files{
			"first/Dockerfile": "FROM acme/root:1.0.0\n", "base/Dockerfile": "FROM acme/first:1.0.0\n",
			"s/Dockerfile": "FROM acme/base:1.0.0\n", "tag": "1.0.0",
		},
		places: []said{{"tag", "1.0.0", bumper.Certain}},
	}
	p := repo.plan(t, bumper.Options{Record: bumper.RecordMoved}, base("1.0.1"), bumper.Bump{Image: "docker.io/acme/root", Tag: "1.0.1"})
	if len(p.Records) != 1 || p.Records[0].Wave != 2 {
		t.Errorf("the records are %+v", p.Records)
	}
}
