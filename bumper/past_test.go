package bumper_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// The fate of a build on acme/base depends on the version that the history shows. acme/base has
// the patch: it is based on acme/os:1.0.1.
func TestVersionFromBefore(t *testing.T) {
	const from = "FROM acme/os:1.0.0\n"
	for _, tc := range []struct {
		name    string
		tag     string // as it is now
		service string // the version that it is on
		past    files  // nil for a history that tells nothing
		assumed string
		want    string
		shallow bool // the clone
	}{
		{"the version is the one of before", "# of base\n2.0.0\n", "2.0.0", files{"base/Dockerfile": from, "tag": "2.0.0\n"}, "", "s skip no-next-version; whether docker.io/acme/base has it as 2.0.0, which tag:2:1 says, is not known", false},
		{"and another one is said to be published", "2.0.0\n", "2.0.0", files{"base/Dockerfile": from, "tag": "2.0.0\n"}, "2.0.1", "s bump 2.0.1", false},
		{"and it is said to be published anew", "2.0.0\n", "2.0.0", files{"base/Dockerfile": from, "tag": "2.0.0\n"}, "2.0.0", "s up-to-date", false},
		{"the version has moved since", "2.0.1\n", "2.0.1", files{"base/Dockerfile": from, "tag": "2.0.0\n"}, "", "s up-to-date", false},
		{"the version moved first, and nobody is on it", "2.0.1\n", "2.0.0", files{"base/Dockerfile": from, "tag": "2.0.1\n"}, "2.0.1", "s bump 2.0.1", false},
		{"it was written nowhere before", "2.0.0\n", "2.0.0", files{"base/Dockerfile": from}, "", "s up-to-date", false},
		{"it stood on something else before", "2.0.0\n", "2.0.0", files{"base/Dockerfile": "FROM acme/other:1.0.0\n", "tag": "2.0.0\n"}, "", "s up-to-date", false},
		{"the history tells nothing", "2.0.0\n", "2.0.0", nil, "", "s up-to-date", false},
		{"the tag moves by itself", "2.0\n", "2.0", files{"base/Dockerfile": from, "tag": "2.0\n"}, "", "s rebuild", false},
		{"the history tells nothing in a shallow clone", "2.0.0\n", "2.0.0", nil, "", "s skip no-next-version; whether docker.io/acme/base has it as 2.0.0, which tag:1:1 says, is not known in a shallow clone", true},
		{"it is said to be published there", "2.0.0\n", "2.0.0", nil, "2.0.0", "s up-to-date", true},
		{"it tells enough there", "2.0.1\n", "2.0.1", files{"base/Dockerfile": from, "tag": "2.0.0\n"}, "", "s up-to-date", true},
		{"nobody is on it there yet", "2.0.1\n", "2.0.0", nil, "2.0.1", "s bump 2.0.1", true},
	} {
		version := tc.tag[strings.LastIndex(strings.TrimSpace(tc.tag), "\n")+1:]
		r := recorded{
			files:  files{"base/Dockerfile": "FROM acme/os:1.0.1\n", "s/Dockerfile": "FROM acme/base:" + tc.service + "\n", "tag": tc.tag},
			places: []said{{"tag", strings.TrimSpace(version), bumper.Certain}},
		}
		opts := bumper.Options{Shallow: tc.shallow, Past: tc.past.history}
		if tc.assumed != "" {
			opts.Assumed = []bumper.Bump{base(tc.assumed)}
		}
		p := r.plan(t, opts, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		var got []string
		for _, item := range p.Items {
			if item.File.Path == "s/Dockerfile" {
				line := fmt.Sprintf("s %s %s", item.Action, item.Reason)
				for _, edit := range item.Edits {
					line += edit.New
				}
				got = append(got, strings.TrimSpace(line))
			}
		}
		for _, note := range p.Notes {
			if _, why, ok := strings.Cut(note.Error(), "has the patch; "); ok {
				why, _, _ = strings.Cut(why, ", so ")
				got = append(got, why)
			}
		}
		if !slices.Equal(got, strings.Split(tc.want, "; ")) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// The history also tells which version of a base a build file handed in: its line had another version then. TAG is the
// version that it hands in now. "=" stands for a tag that is that version.
func TestVersionFromBeforeInABuildFile(t *testing.T) {
	t.Parallel()
	const base = "ARG TAG\nFROM acme/os:$TAG\n"
	const left, done = "base up-to-date  []; s skip no-next-version []", "base up-to-date  []; s up-to-date  []"
	for _, tc := range []struct {
		name       string
		dockerfile string // "" for base
		now, then  files
		want       string
		older      files // the newest revision with another Dockerfile; nil for then
	}{
		{"the version is the one of before", "", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0", "tag": "2.0.0"}, left, nil},
		{"the version has moved since", "", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0", "tag": "1.9.9"}, done, nil},
		{"the line said something else", "", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "os 1.0.0", "tag": "2.0.0"}, done, nil},
		{"the line said two words", "", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0 os", "tag": "2.0.0"}, done, nil},
		{"the line said the same in another place", "", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0\n1.0.1", "tag": "2.0.0"}, done, nil},
		{"the line is not UTF-8", "", files{"os": "TAG # f\xfcr\n", "tag": "2.0.0"}, files{"os": "1.0.0 # f\xfcr\n", "tag": "2.0.0"}, left, nil},
		{"the line says the version, too", "", files{"os": "build os:TAG -t 2.0.0\n", "tag": ""}, files{"os": "build os:1.0.0 -t 2.0.0\n"}, left, nil},
		{"the line says the version, which has moved", "", files{"os": "build os:TAG -t 2.0.0\n", "tag": ""}, files{"os": "build os:1.0.0 -t 1.9.9\n"}, done, nil},
		{"the version is that of the base", "", files{"os": "TAG", "tag": "="}, files{"os": "1.0.0"}, done, nil},
		{"the line had nothing in the place of the version", "", files{"os": "-TAG-", "tag": "2.0.0"}, files{"os": "-", "tag": "2.0.0"}, done, nil},
		{"the Dockerfile says the flavour", "ARG TAG\nFROM acme/os:$TAG-alpine3.20\n", files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0", "tag": "2.0.0"}, left, nil},
		{
			"one of two bases has moved", "ARG TAG\nFROM acme/os:1.0.1 AS a\nFROM acme/os:$TAG\nCOPY --from=a / /\n",
			files{"os": "TAG", "tag": "2.0.0"}, files{"base/Dockerfile": "ARG TAG\nFROM acme/os:1.0.1 AS a\nFROM acme/os:$TAG\nCOPY --from=a / /\n", "os": "1.0.0", "tag": "2.0.0"}, left, nil,
		},
		{
			"the Dockerfile says the first part, and said another one long ago", "ARG TAG\nFROM acme/os:ubi9-$TAG\n",
			files{"os": "TAG", "tag": "2.0.0"}, files{"os": "1.0.0", "tag": "2.0.0"}, left, files{"base/Dockerfile": "ARG TAG\nFROM acme/os:ubi8-$TAG\n", "os": "0.9.0", "tag": "1.0.0"},
		},
	} {
		dockerfile := cmp.Or(tc.dockerfile, base)
		r := recorded{
			files:  files{"base/Dockerfile": dockerfile, "s/Dockerfile": "FROM acme/base:2.0.0\n", "tag": tc.now["tag"], "os": strings.Replace(tc.now["os"], "TAG", "1.0.1", 1)},
			places: []said{{"tag", "2.0.0", bumper.Certain}}, args: map[string]string{"base/Dockerfile": "os"}, arg: "1.0.1",
		}
		switch tc.now["tag"] {
		case "":
			r.places[0].path = "os"
		case "=":
			r.places[0], r.files["s/Dockerfile"] = said{"os", "1.0.1", bumper.Certain}, "FROM acme/base:1.0.1\n"
		}
		past := files{"base/Dockerfile": dockerfile}
		maps.Copy(past, tc.then)
		history := func(ctx context.Context, path string, match func([]byte) bool) (func(string) ([]byte, error), bool) {
			if tc.older != nil && path == "base/Dockerfile" {
				return tc.older.history(ctx, path, match)
			}
			return past.history(ctx, path, match)
		}
		_, tag, _ := strings.Cut(dockerfile[strings.LastIndex(dockerfile, "FROM"):], ":")
		tag, _, _ = strings.Cut(tag, "\n")
		bump := bumper.Bump{Image: "docker.io/acme/os", Tag: strings.Replace(tag, "$TAG", "1.0.1", 1)}
		if got := verdicts(r.plan(t, bumper.Options{Past: history}, bump)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// A tag that is the version of a program inside, such as 17.0.3 of Java, does not become 17.0.4 with
// a patch of what is below the program, in a later run either: nobody makes that.
func TestVersionOfAProgramFromBefore(t *testing.T) {
	t.Parallel()
	r := recorded{
		files:  files{"base/Dockerfile": "FROM acme/os:1.0.1\n", "s/Dockerfile": "FROM acme/base:17.0.3\n", "tag": "17.0.3\n"},
		places: []said{{"tag", "17.0.3", bumper.Certain}},
		inside: "17.0.3",
	}
	past := files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "s/Dockerfile": "FROM acme/base:17.0.3\n", "tag": "17.0.3\n"}
	for _, opts := range []bumper.Options{{Past: past.history}, {Past: past.history, Atomic: true}} {
		p := r.plan(t, opts, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		for _, item := range p.Items {
			if item.File.Path == "s/Dockerfile" && (item.Reason != bumper.ReasonNoNext || item.Pending()) {
				t.Errorf("all at once %v: %s %s, waits for %v; want it left for %s", opts.Atomic, item.Action, item.Reason, item.WaitsFor, bumper.ReasonNoNext)
			}
		}
	}
}

// history is a Past with one revision, which tells nothing of what it does not have.
func (f files) history(_ context.Context, path string, match func([]byte) bool) (func(string) ([]byte, error), bool) {
	src, ok := f[path]
	read := func(path string) ([]byte, error) {
		if src, ok := f[path]; ok {
			return []byte(src), nil
		}
		return nil, fs.ErrNotExist
	}
	return read, ok && match([]byte(src))
}

// Of what follows an image by a tag that moves nothing has to be known, and no note says that it stays. What is on a version
// waits for that version alone.
func TestNothingIsMissingWhereTagsMove(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, services, assumed, want string }{
		{"all are on tags that move", "1.4 latest", "", "rebuild rebuild 0"},
		{"one is on the version that is said to be published", "1.4 1.4.2", "1.4.2", "rebuild up-to-date 0"},
		{"one is on a version of which nothing is known", "1.4 1.4.1", "", "rebuild skip 1"},
	} {
		repo := files{"base/Dockerfile": "FROM acme/os:1.0.1\n"}
		for i, tag := range strings.Fields(tc.services) {
			repo[fmt.Sprintf("s%d/Dockerfile", i)] = "FROM acme/base:" + tag + "\n"
		}
		opts := bumper.Options{}
		if tc.assumed != "" {
			opts.Assumed = []bumper.Bump{base(tc.assumed)}
		}
		p := repo.plan(t, opts, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		got := ""
		for _, item := range p.Items {
			if item.File.Path != "base/Dockerfile" {
				got += fmt.Sprint(item.Action, " ")
			}
		}
		if got += fmt.Sprint(unknownReleases(p)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// What is on a tag that moves and that its build does not give stays, and the note says with which flag it goes to what
// the build gives.
func TestMissingBesideATagThatIsNotGiven(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]int{"1.4": 1, "1.5": 0} {
		repo := files{"b/Dockerfile": "FROM acme/base:1.0.5\n", "s/Dockerfile": "FROM acme/b:" + tag + "\n"}
		all := slices.Concat(scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), nil), scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), nil))
		g := graph.New(all, []graph.Claim{{Image: "docker.io/acme/b", Rule: graph.BuildFile, Path: "b/Dockerfile", Tags: []string{"1.5"}}}, nil)
		p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{base("1.0.5")}, bumper.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := unknownReleases(p); got != want {
			t.Errorf("%s: %d notes, want %d: %s", tag, got, want, verdicts(p))
		}
	}
}

// unknownReleases returns how many notes say that it is not known which version of an image has the patch.
func unknownReleases(p *bumper.Plan) (n int) {
	for _, note := range p.Notes {
		if note.Code == source.CodeUnknownRelease {
			n++
		}
	}
	return n
}

// The version in which a derived base got the patch, which is written nowhere, is the one after those of its consumers at that
// time, also of those that a build file hands theirs in: s gets TAG of a file, t says it itself.
func TestVersionOfThenThatIsHandedIn(t *testing.T) {
	t.Parallel()
	const handed, own = "ARG TAG\nFROM acme/base:$TAG\n", "FROM acme/base:"
	for _, tc := range []struct {
		name, service, now, then, at, want string
	}{
		{"it is the same", handed, "TAG=2.0.0", "TAG=2.0.0", "2.0.0", "s bump waits; t bump waits"},
		{"it has moved since", handed, "TAG=2.0.1", "TAG=2.0.0", "2.0.1", "s up-to-date; t up-to-date"},
		{"it was newer than what is written", handed, "TAG=2.0.4", "TAG=2.0.4", "2.0.0", "s bump waits; t bump waits"},
		{"over a default that nobody builds", "ARG TAG=2.0.7\nFROM acme/base:$TAG\n", "TAG=2.0.1", "TAG=2.0.0", "2.0.1", "s up-to-date; t up-to-date"},
		{"the file was not there", handed, "TAG=2.0.0", "", "2.0.0", "s skip no-next-version; t skip no-next-version"},
		{"the line was another one", handed, "TAG=2.0.0", "TAG = 2.0.0", "2.0.0", "s skip no-next-version; t skip no-next-version"},
		{"two lines may be it, and one is as it is now", handed, "TAG=2.0.0", "TAG=1.9.0\nTAG=1.9.1\nTAG=2.0.0", "2.0.0", "s bump waits; t bump waits"},
		{"two lines may be it", handed, "TAG=2.0.0", "TAG=1.9.0\nTAG=1.9.1", "2.0.0", "s skip no-next-version; t skip no-next-version"},
	} {
		r := recorded{
			files: files{"base/Dockerfile": "FROM acme/os:1.0.1\n", "s/Dockerfile": tc.service, "t/Dockerfile": own + tc.at + "\n", "env": tc.now + "\n"},
			args:  map[string]string{"s/Dockerfile": "env"}, arg: strings.TrimPrefix(tc.now, "TAG="),
		}
		past := files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "s/Dockerfile": tc.service, "t/Dockerfile": own + "2.0.0\n"}
		if tc.then != "" {
			past["env"] = tc.then + "\n"
		}
		p := r.plan(t, bumper.Options{Past: past.history}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		var got []string
		for _, item := range p.Items {
			if item.File.Path == "base/Dockerfile" {
				continue
			}
			line := strings.TrimSpace(fmt.Sprintf("%c %s %s", item.File.Path[0], item.Action, item.Reason))
			if item.Pending() {
				line += " waits"
			}
			got = append(got, line)
		}
		if strings.Join(got, "; ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
