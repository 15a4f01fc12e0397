package bumper_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// In which version a derived base has the patch decides what becomes of those on it.
func TestVersionsThatHaveThePatch(t *testing.T) {
	always := bumper.Options{Published: func(context.Context, string) (bool, error) { return true, nil }}
	const both = "FROM acme/os:1.0.1\nCOPY --from=a / /\n"
	for _, tc := range []struct {
		name, base, tag string
		more            files
		opts            bumper.Options
		want            string
	}{
		{"a part is left for its level", "FROM acme/os:0.9.0 AS a\n" + both, "2.0.1", nil, bumper.Options{}, "base skip level []; s bump  [base:2.0.1]"},
		{"a part lacks it", "ARG V\nFROM acme/os:$V AS a\n" + both, "", nil, bumper.Options{}, "base skip unresolved []; s skip unresolved []"},
		{"the next one is published already, by whomever", "FROM acme/os:1.0.0\n", "2.0.0", nil, always, "base bump  []; s bump  [base:2.0.1]"},
		{"it has it already, and is published", "FROM acme/os:1.0.1\n", "2.0.1", nil, always, "base up-to-date  []; s bump  []"},
		{
			"it was built since, or not", "FROM acme/os:1.0.1\n", "1.4",
			files{"tools/Dockerfile": "FROM acme/base:1.4\n", "s/Dockerfile": "FROM acme/tools:3.0.0\n", "tools/VERSION": "3.0.1"},
			bumper.Options{Assumed: []bumper.Bump{base("1.4")}}, "base up-to-date  []; s skip no-next-version []; tools up-to-date  []",
		},
	} {
		repo := recorded{files: files{"base/Dockerfile": tc.base, "s/Dockerfile": "FROM acme/base:2.0.0\n", "tag": tc.tag}}
		if tc.tag != "" {
			repo.places = []said{{"tag", tc.tag, bumper.Certain}}
		}
		for path, content := range tc.more {
			repo.files[path] = content
		}
		if version := tc.more["tools/VERSION"]; version != "" {
			repo.others = []said{{"tools/VERSION", version, bumper.Stated}}
		}
		p := repo.plan(t, tc.opts, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		if got := verdicts(p); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
		if strings.Contains(tc.name, "lacks") && slices.ContainsFunc(p.Notes, func(n *source.Error) bool { return strings.Contains(n.Error(), "has the patch") }) {
			t.Errorf("%s: the notes are %v", tc.name, p.Notes)
		}
	}
}

// A version that is written and that nobody is on yet has the patch which a tag that moves brings in, unless it was
// written before what that tag names got the patch.
func TestVersionBeforeWhatBringsThePatch(t *testing.T) {
	for _, tc := range []struct {
		tools string
		past  files
		want  string
	}{
		{"1.0.0", nil, "base rebuild  []; s skip no-next-version []; tools bump  []"},
		{"1.0.1", nil, "base rebuild  []; s bump  [base:2.0.1]; tools up-to-date  []"},
		{"1.0.1", files{"tools/Dockerfile": "FROM acme/os:1.0.0\n", "tag": "2.0.1"}, "base rebuild  []; s skip no-next-version []; tools up-to-date  []"},
		{"1.0.1", files{"tools/Dockerfile": "FROM acme/os:1.0.0\n", "tag": "2.0.0"}, "base rebuild  []; s bump  [base:2.0.1]; tools up-to-date  []"},
	} {
		repo := recorded{
			files: files{
				"tools/Dockerfile": "FROM acme/os:" + tc.tools + "\n", "base/Dockerfile": "FROM acme/os:1.0.1 AS a\nFROM acme/tools:3\nCOPY --from=a / /\n",
				"s/Dockerfile": "FROM acme/base:2.0.0\n", "tag": "2.0.1",
			},
			places: []said{{"tag", "2.0.1", bumper.Certain}},
		}
		p := repo.plan(t, bumper.Options{Past: tc.past.history}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		if got := verdicts(p); got != tc.want {
			t.Errorf("tools on %s, once %v:\ngot  %s\nwant %s", tc.tools, tc.past, got, tc.want)
		}
	}
}

// A file that states a version ahead of what is in use by more than a patch is taken for a mistake, unless a command
// gives the image that very tag.
func TestVersionFarAheadOfItsUse(t *testing.T) {
	for script, want := range map[string]string{
		"2.1.0": "base up-to-date  []; s bump  [base:2.1.0]",
		"2.2.0": "base up-to-date  []; s skip no-next-version []",
		"":      "base up-to-date  []; s skip no-next-version []",
	} {
		repo := recorded{
			files:  files{"base/Dockerfile": "FROM acme/os:1.0.1\n", "s/Dockerfile": "FROM acme/base:2.0.0\n", "base/VERSION": "2.1.0", "build.sh": script},
			places: []said{{"base/VERSION", "2.1.0", bumper.Stated}},
		}
		if script != "" {
			repo.places = append(repo.places, said{"build.sh", script, bumper.Guess})
		}
		if got := verdicts(repo.plan(t, bumper.Options{Level: imageref.Minor}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})); got != want {
			t.Errorf("the command gives it %q:\ngot  %s\nwant %s", script, got, want)
		}
	}
}

// A tag of two numbers moves by itself, but for one that is the version of the base: nothing makes
// the one of before any more. A command may give it, and the base may have a part that moves by itself.
func TestShortTagThatIsThatOfTheBase(t *testing.T) {
	for _, place := range []string{"tag", "build.sh"} {
		for tag, want := range map[string]string{
			"1.4":       "base bump  []; s bump  [base:1.5]",
			"1.5":       "base up-to-date  []; s bump  [base:1.5]",
			"1.5 moves": "base rebuild  []; s bump  [base:1.5]",
		} {
			tag, _, moves := strings.Cut(tag, " ")
			base := "ARG TAG\nFROM acme/os:$TAG AS a\n"
			if moves {
				base += "FROM acme/os\nCOPY --from=a / /\n"
			}
			trust := map[string]bumper.Trust{"tag": bumper.Certain, "build.sh": bumper.Guess}[place]
			repo := recorded{
				files:  files{"base/Dockerfile": base, "s/Dockerfile": "FROM acme/base:1.4\n", place: tag},
				places: []said{{place, tag, trust}}, inside: tag, args: map[string]string{"base/Dockerfile": place},
			}
			p := repo.plan(t, bumper.Options{Level: imageref.Minor}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.5"})
			if got := verdicts(p); got != want {
				t.Errorf("%s in %s, moves %t:\ngot  %s\nwant %s", tag, place, moves, got, want)
			}
		}
	}
}

// What stands in a stage that is not built holds nothing up, and moves nothing along: it stays
// where its place is also the version of another image, or that of a reference to one.
func TestStageThatIsNotBuiltBesideOthers(t *testing.T) {
	const dead = "ARG TAG\nFROM acme/os:$TAG AS dead\nFROM acme/os:1.0.0\n"
	places := []said{{"tag", "1.0.0", bumper.Certain}}
	for _, tc := range []struct {
		repo recorded
		want string
	}{
		{recorded{
			files:  files{"b/Dockerfile": dead, "base/Dockerfile": "FROM acme/b:1.4\n", "s/Dockerfile": "FROM acme/base:1.0.0\n", "tag": "1.0.0"},
			places: places, args: map[string]string{"b/Dockerfile": "tag"},
		}, "b bump  []; base rebuild  []; s skip no-next-version []; b/Dockerfile:3 1.0.1"},
		{recorded{
			files: files{"base/Dockerfile": dead, "s/Dockerfile": "ARG TAG\nFROM acme/base:$TAG AS dead\nFROM x\n", "tag": "1.0.0"},
			args:  map[string]string{"base/Dockerfile": "tag", "s/Dockerfile": "tag"},
		}, "base bump  []; s skip unreachable []; base/Dockerfile:3 1.0.1"},
	} {
		for _, atomic := range []bool{false, true} {
			p := tc.repo.plan(t, bumper.Options{Atomic: atomic}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
			if got := verdicts(p) + "; " + edits(p); got != tc.want {
				t.Errorf("atomic %t:\ngot  %s\nwant %s", atomic, got, tc.want)
			}
		}
	}
}

// A command that gives two flavours of a version says of both in which one they have the patch, before
// and after the next one is written.
func TestFlavoursThatACommandGives(t *testing.T) {
	for base, want := range map[string]string{
		"1.0.0": "arm bump  [base:1.0.1-arm64]; base bump  []; s bump  [base:1.0.1]",
		"1.0.1": "arm bump  [base:1.0.1-arm64]; base up-to-date  []; s bump  [base:1.0.1]",
	} {
		repo := recorded{
			files: files{
				"base/Dockerfile": "FROM acme/os:" + base + "\n", "s/Dockerfile": "FROM acme/base:1.0.0\n", "arm/Dockerfile": "FROM acme/base:1.0.0-arm64\n",
				"build.sh": base + "\n" + base + "-arm64\n",
			},
			places: []said{{"build.sh", base, bumper.Guess}, {"build.sh", base + "-arm64", bumper.Guess}}, made: true,
		}
		p := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		if got := verdicts(p); got != want {
			t.Errorf("based on acme/os:%s:\ngot  %s\nwant %s", base, got, want)
		}
	}
}

// A flavour that is in use and that the build of the image does not give gets no next version: nobody makes
// it. For one of several architectures nothing is known of the tag that puts them together.
func TestFlavourThatNobodyGives(t *testing.T) {
	for _, tc := range []struct{ given, on, want string }{
		{"1.4.0-ubi9.8", "1.4.0-ubi9.8", "bump  [base:1.4.1-ubi9.8]"},
		{"1.4.0-ubi9.8", "1.4.0-ubi9.7", "skip level []"},
		{"17-1.0.1", "21-1.0.2", "skip no-next-version []"},
		{"17-1.0.1", "11-1.0.1", "skip level []"},
		{"v1.4.0", "1.4.0", "skip variant []"},
		{"1.4.0-alpine", "1.4.0", "skip variant []"},
		{"1.4.0-amd64", "1.4.0", "bump  [base:1.4.1]"},
		{"", "1.4.0-alpine", "bump  [base:1.4.1-alpine]"}, // of whose tags not all are known
	} {
		version := tc.given
		repo := recorded{made: true}
		if version == "" {
			version = "1.4.0"
		} else {
			repo.given = []string{version}
		}
		repo.files = files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "s/Dockerfile": "FROM acme/base:" + tc.on + "\n", "t/Dockerfile": "FROM acme/base:" + version + "\n", "build.sh": version}
		repo.places = []said{{"build.sh", version, bumper.Guess}}
		p := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		if got := verdicts(p); !strings.Contains(got, "s "+tc.want) {
			t.Errorf("%q given, %s in use: %s, want s %s", tc.given, tc.on, got, tc.want)
		}
	}
}
