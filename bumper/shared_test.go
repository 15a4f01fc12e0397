package bumper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// What becomes of a derived base, acme/base, and of what shares bytes with its version or
// with that of its base, acme/os, which is patched.
func TestSharedBytes(t *testing.T) {
	const pin = "FROM acme/base:$TAG@sha256:"
	old := strings.TrimPrefix(oldDigest, "sha256:")
	repo := func(service string, more ...string) files {
		f := files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "s/Dockerfile": service, "tag": "2.0.0"}
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	tag := func(version string) []said { return []said{{"tag", version, bumper.Certain}} }
	handed := map[string]string{"s/Dockerfile": "tag"}
	ignored := bumper.Options{Ignored: func(p string) (string, bool) { return "", p == "s/Dockerfile" }}
	known := digests{"docker.io/acme/os:1.0.1": newDigest, "docker.io/acme/base:1.4": newDigest}
	for _, tc := range []struct {
		name string
		repo recorded
		opts bumper.Options
		want string
	}{
		{
			"one tag and argument, wave after wave",
			recorded{files: repo("ARG TAG\nFROM acme/base:$TAG\n"), places: tag("2.0.0"), args: handed}, bumper.Options{},
			"base skip unresolved (tag:1: 2.0.0 cannot become 2.0.1: it also feeds acme/base:$TAG at s/Dockerfile:2:6, which does not move with it; --atomic moves what is rebuilt in several waves at once); s skip unresolved",
		},
		{
			"one tag and argument, all waves at once",
			recorded{files: repo("ARG TAG\nFROM acme/base:$TAG\n"), places: tag("2.0.0"), args: handed}, bumper.Options{Atomic: true},
			"base bump base/Dockerfile:1.0.1 tag:2.0.1; s bump tag:2.0.1",
		},
		{
			"a pin does not move along with the tag of what is not made yet",
			recorded{files: repo("ARG TAG\n" + pin + old + "\n"), places: tag("2.0.0"), args: handed}, bumper.Options{Atomic: true, Digests: known},
			"base skip unresolved (tag:1: 2.0.0 cannot become 2.0.1: it also feeds " + pin[5:] + old + " at s/Dockerfile:2:6, which does not move with it); s skip unresolved",
		},
		{
			"the tag is read by a build that is ignored",
			recorded{files: repo("ARG TAG\nFROM acme/base:$TAG\n"), places: tag("2.0.0"), args: handed}, ignored,
			"base skip ignored; s skip ignored",
		},
		{
			"a pin does not get another tag with the digest that it has",
			recorded{
				files: files{"tag": "1.0.0", "a/Dockerfile": "ARG TAG\nFROM acme/os:$TAG\n", "s/Dockerfile": "ARG TAG\nFROM acme/os:$TAG@sha256:" + old + "\n", "base/Dockerfile": "FROM x\n"},
				args:  map[string]string{"a/Dockerfile": "tag", "s/Dockerfile": "tag"},
			}, bumper.Options{Digests: digests{}},
			"a skip shared-argument; s skip unresolved (s/Dockerfile:2:6: acme/os:$TAG@sha256:" + old + " is pinned to a digest: no such tag: docker.io/acme/os:1.0.1)",
		},
		{
			"the digest that keeps one keeps what shares its place",
			recorded{
				files: files{"tag": "1.0.0", "base/Dockerfile": "ARG TAG\nFROM acme/os:$TAG\n", "s/Dockerfile": "ARG TAG\nFROM acme/os:$TAG\nCOPY --from=acme/base:2.0.0@sha256:" + old + " / /\n"},
				args:  map[string]string{"base/Dockerfile": "tag", "s/Dockerfile": "tag"},
			}, bumper.Options{Atomic: true, Digests: digests{}},
			"base skip unresolved (tag:1: base/Dockerfile: its version is written in one place with that of s/Dockerfile, which does not move: s/Dockerfile:3:13: acme/base:2.0.0@sha256:" + old + " is pinned to a digest: no such tag: docker.io/acme/base:2.0.1); " +
				"s skip unresolved (tag:1: s/Dockerfile: its version is written in one place with that of base/Dockerfile, which does not move: s/Dockerfile:3:13: acme/base:2.0.0@sha256:" + old + " is pinned to a digest: no such tag: docker.io/acme/base:2.0.1)",
		},
		{
			"the tag of what lacks a part is the version of another's base",
			recorded{
				files:  repo("FROM acme/base:1.0.0\n", "tag", "1.0.0", "base/Dockerfile", "FROM acme/os:1.0.0\nCOPY --from=acme/os@sha256:"+old+" / /\n", "o/Dockerfile", "ARG TAG\nFROM acme/os:$TAG\n"),
				places: tag("1.0.0"), args: map[string]string{"o/Dockerfile": "tag"},
			}, bumper.Options{},
			"base bump base/Dockerfile:1.0.1; o skip unresolved (tag:1: o/Dockerfile: its version is written in one place with that of base/Dockerfile, which stays without the patch in a part); s skip unresolved",
		},
		{
			"what lacks a part gets no new version",
			recorded{files: repo("FROM acme/base:2.0.0\n", "base/Dockerfile", "ARG V=1.0.0\nFROM acme/os:$V AS a\nFROM acme/other:$V AS o\nFROM acme/os:1.0.0\nCOPY --from=a / /\nCOPY --from=o / /\n"), places: tag("2.0.0")}, bumper.Options{},
			"base bump base/Dockerfile:1.0.1; s skip shared-argument",
		},
		{
			"the version is that of another base of the build",
			recorded{files: repo("FROM acme/base:2.0.0\n", "base/Dockerfile", "ARG V=2.0.0\nFROM acme/other:$V AS o\nFROM acme/os:1.0.0\nCOPY --from=o / /\n"), places: []said{{"base/Dockerfile", "2.0.0", bumper.Label}}}, bumper.Options{},
			"base skip unresolved (base/Dockerfile:1: 2.0.0 cannot become 2.0.1: it also feeds acme/other:$V at base/Dockerfile:2:6, which does not move with it); s skip unresolved",
		},
		{
			"a pin of a tag that moves is not up to date with what has the patch",
			recorded{files: repo("FROM acme/base:1.4@sha256:"+old+"\n", "base/Dockerfile", "FROM acme/os:1.0.1\n", "tag", "1.4"), places: tag("1.4")}, bumper.Options{Digests: known},
			"base up-to-date; s skip no-next-version; in which version it has the patch is not known",
		},
		{
			"a pin of a tag that moves, when that is published",
			recorded{files: repo("FROM acme/base:1.4@sha256:"+old+"\n", "base/Dockerfile", "FROM acme/os:1.0.1\n", "tag", "1.4"), places: tag("1.4")}, bumper.Options{Digests: known, Assumed: []bumper.Bump{base("1.4")}},
			"base up-to-date; s bump s/Dockerfile:" + newDigest,
		},
		{
			"a digest that nobody can look up is a reason also of what waits for another base",
			recorded{files: repo("FROM acme/os:1.0.0@sha256:" + old + "\nCOPY --from=acme/base:2.0.0 / /\n"), places: tag("2.0.0")}, bumper.Options{Digests: digests{}},
			"base bump base/Dockerfile:1.0.1 tag:2.0.1; s skip unresolved (s/Dockerfile:1:6: acme/os:1.0.0@sha256:" + old + " is pinned to a digest: no such tag: docker.io/acme/os:1.0.1)",
		},
		{
			"the version is that of what stands on something else, which no wave moves",
			recorded{files: repo("FROM acme/base:2.0.0\n", "tools/Dockerfile", "FROM x\n", "u/Dockerfile", "FROM acme/tools:2.0.0\n"), places: tag("2.0.0"), others: tag("2.0.0"), tags: "tag"}, bumper.Options{},
			"base skip unresolved (tag:1: 2.0.0 cannot become 2.0.1: it also feeds the version of docker.io/acme/tools, which does not move with it); s skip unresolved",
		},
		{
			"one of two references is on a commit",
			recorded{files: repo("FROM acme/base:2.0.0\n", "u/Dockerfile", "FROM acme/base:sha-0a1b2c3\n"), places: tag("2.0.0")}, bumper.Options{},
			"base bump base/Dockerfile:1.0.1 tag:2.0.1; s bump s/Dockerfile:2.0.1; u skip no-next-version; which tag comes after theirs is not known",
		},
		{
			"one of two tags has no next one",
			recorded{files: repo("FROM acme/base:1.4.0-12\n", "u/Dockerfile", "FROM acme/base:2026-11-09\n", "tag", "1.4.0-12\n2026-11-09\n"), places: append(tag("1.4.0-12"), tag("2026-11-09")...)}, bumper.Options{},
			"base bump base/Dockerfile:1.0.1 tag:1.4.0-13; s bump s/Dockerfile:1.4.0-13; u skip no-next-version; which version comes after 2026-11-09 is not known",
		},
	} {
		p := tc.repo.plan(t, tc.opts, bumper.Bump{Image: "docker.io/acme/os", Tag: "1.0.1"})
		var got []string
		for _, item := range p.Items {
			line := strings.TrimSuffix(fmt.Sprintf("%s %s %s", strings.TrimSuffix(item.File.Path, "/Dockerfile"), item.Action, item.Reason), " ")
			if item.Err != nil {
				line += " (" + item.Err.Error() + ")"
			}
			for _, edit := range item.Edits {
				line += " " + edit.Path + ":" + edit.New
			}
			got = append(got, line)
		}
		for _, note := range p.Notes {
			if _, why, ok := strings.Cut(note.Error(), ", and "); ok {
				why, _, _ = strings.Cut(why, ", so ")
				got = append(got, why)
			}
		}
		if text := strings.Join(got, "; "); text != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, text, tc.want)
		}
	}
}
