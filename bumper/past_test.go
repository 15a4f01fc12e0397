package bumper_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
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

// So it does where a build file hands in the version of the base: the line that says it said another one then.
func TestVersionFromBeforeInABuildFile(t *testing.T) {
	t.Parallel()
	const base = "ARG TAG\nFROM acme/os:$TAG\n"
	for _, tc := range []struct {
		name string
		past files
		want string
	}{
		{"the version is the one of before", files{"base/Dockerfile": base, "os": "1.0.0", "tag": "2.0.0"}, "base up-to-date  []; s skip no-next-version []"},
		{"the version has moved since", files{"base/Dockerfile": base, "os": "1.0.0", "tag": "1.9.9"}, "base up-to-date  []; s up-to-date  []"},
		{"the line said something else", files{"base/Dockerfile": base, "os": "os 1.0.0", "tag": "2.0.0"}, "base up-to-date  []; s up-to-date  []"},
		{"the line said the same in another place", files{"base/Dockerfile": base, "os": "1.0.0\n1.0.1", "tag": "2.0.0"}, "base up-to-date  []; s up-to-date  []"},
	} {
		r := recorded{
			files:  files{"base/Dockerfile": base, "s/Dockerfile": "FROM acme/base:2.0.0\n", "tag": "2.0.0", "os": "1.0.1"},
			places: []said{{"tag", "2.0.0", bumper.Certain}}, args: map[string]string{"base/Dockerfile": "os"},
		}
		if got := verdicts(r.plan(t, bumper.Options{Past: tc.past.history}, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})); got != tc.want {
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
