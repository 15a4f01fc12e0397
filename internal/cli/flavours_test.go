package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// --flavours takes a version as the release of every flavour that is in use and that the
// registry has.
func TestFlavours(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/mirror/node"
	for _, tag := range []string{"20.1.0", "20.1.1", "20.1.1-slim", "20.1.1-alpine3.20", "20.1.1-bookworm"} {
		publish(t, image+":"+tag)
	}
	files := map[string]string{
		"web/Dockerfile":     "ARG V=20.1.0\nFROM " + image + ":${V} AS build\nFROM " + image + ":${V}-slim\nCOPY --from=build /x /x\n",
		"alpine/Dockerfile":  "FROM " + image + ":20.1.0-alpine3.20\n",
		"old/Dockerfile":     "FROM " + image + ":20.1.0-alpine3.18\n", // there is none any more
		"newer/Dockerfile":   "FROM " + image + ":20.3.0-slim\n",
		"line/Dockerfile":    "FROM " + image + ":18.2.0-slim\n",
		"moving/Dockerfile":  "FROM " + image + ":20-slim\n",
		"release/Dockerfile": "FROM " + image + ":bookworm\n",
		"latest/Dockerfile":  "FROM " + image + "\n",
		"left/Dockerfile":    "FROM " + image + ":20.3.0-bullseye AS a\nFROM " + image + ":18.2.0-buster\nCOPY --from=a / /\n",
		"none/Dockerfile":    "FROM " + image + ":sha-3f2a9c1d\n",
	}
	dir := gittest.Init(t, files)
	without := in(dir).run(t, "plan", "--base", "node@20.1.1").want(t, 0)
	without.says(t, "shared-argument")
	in(gittest.Init(t, map[string]string{"web/Dockerfile": files["web/Dockerfile"]})).run(t, "plan", "--base", "node@20.1.1").want(t, 0).says(t, "note: left on other flavours: 1 reference; --flavours takes those")
	r := in(dir).run(t, "--base", "node@20.1.1", "--flavours", "--publish", "files").want(t, 0)
	r.says(t, "note: the registry has no "+image+":20.1.1-alpine3.18, so what is on "+image+":20.1.0-alpine3.18 stays [no-flavour]",
		"moving/Dockerfile", "release/Dockerfile", "latest/Dockerfile", "20.3.0-slim is newer", "18.2.0-slim to 20.1.1-slim is a major step")
	if n := strings.Count(r.stderr, "[no-flavour]"); n != 1 {
		t.Errorf("%d flavours are missed, want the one that a reference could move to: %s", n, r.stderr)
	}
	for path, want := range map[string]string{
		"web/Dockerfile":    strings.Replace(files["web/Dockerfile"], "V=20.1.0", "V=20.1.1", 1),
		"alpine/Dockerfile": "FROM " + image + ":20.1.1-alpine3.20\n",
	} {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
		delete(files, path)
	}
	for path, want := range files {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is\n%s\nwant it as it was:\n%s", path, got, want)
		}
	}
	gittest.Commit(t, dir, "done", nil)
	in(dir).run(t, "--base", "node@20.1.1", "--flavours", "--dry-run").want(t, 0).says(t, "nothing to edit")
	in(dir).run(t, "affected", "--base", "node@20.1.1", "--flavours", "-o", "paths").want(t, 0).says(t, "moving/Dockerfile")
}

// A version that --base names for a flavour is not replaced by that of another one.
func TestFlavoursBesideABase(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/base"
	for _, tag := range []string{"1.0.1", "1.0.2-slim", "1.0.1-slim", "1.0.1-alpine"} {
		publish(t, image+":"+tag)
	}
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile": "FROM " + image + ":1.0.0\n", "b/Dockerfile": "FROM " + image + ":1.0.0-slim\n", "c/Dockerfile": "FROM " + image + ":1.0.0-alpine\n",
	})
	plan := in(dir).run(t, "plan", "--base", "base@1.0.1", "--base", "base@1.0.2-slim", "--flavours").want(t, 0)
	plan.says(t, "a/Dockerfile:1  1.0.0 -> 1.0.1\n", "b/Dockerfile:1  1.0.0-slim -> 1.0.2-slim\n", "c/Dockerfile:1  1.0.0-alpine -> 1.0.1-alpine\n")
	// What is to leave a version is said whole.
	in(dir).run(t, "plan", "--base", "base@1.0.1", "--from", "1.0.0", "--flavours").want(t, 0).says(t, "1 change: 1 build, 1 place")
	// One flavour says which release it is as well as any.
	in(dir).run(t, "plan", "--base", "base@1.0.1-slim", "--flavours").want(t, 0).says(t, "a/Dockerfile:1  1.0.0 -> 1.0.1\n", "c/Dockerfile:1  1.0.0-alpine -> 1.0.1-alpine\n")
}

// Without a registry the flavours that a --base names move alone, and the others are named.
func TestFlavoursWithoutARegistry(t *testing.T) {
	t.Parallel()
	for _, image := range []string{closedPort(t) + "/team/base", "registry.example/team/base"} {
		dir := gittest.Init(t, map[string]string{
			"a/Dockerfile": "FROM " + image + ":1.0.0\n", "b/Dockerfile": "FROM " + image + ":1.0.0-slim\n", "c/Dockerfile": "FROM " + image + ":1.0.0-alpine\n",
		})
		r := in(dir).run(t, "plan", "--base", "base@1.0.1", "--base", "base@1.0.1-slim", "--flavours").want(t, 0)
		r.says(t, "cannot be asked, ", "of other flavours these are not taken: "+image+"@1.0.1-alpine", "hint: with a --base of its own a flavour is taken without asking: --base "+image+"@1.0.1-alpine", "1 change: 2 builds, 2 places")
	}
}

// A digest without a tag moves what the registry says that it belongs to, and nothing else.
func TestDigestAloneAsBase(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/corp/base"
	old := publish(t, image+":3.1.0")
	patched := publish(t, image+":1.0.0")
	publish(t, image+":2.0.0-alpine")
	files := map[string]string{
		"a/Dockerfile": "FROM " + image + ":1.0.0@" + old + "\n", "b/Dockerfile": "FROM " + image + ":2.0.0-alpine@" + old + "\n",
		"c/Dockerfile": "FROM " + image + ":3.1.0\n", "d/Dockerfile": "FROM " + image + ":1.0.0\n", "e/Dockerfile": "FROM " + image + "@" + old + "\n",
	}
	dir := gittest.Init(t, files)
	in(dir).run(t, "--base", "corp/base@"+patched, "--publish", "files").want(t, 0).says(t, "1 change: 1 build, 1 place; 1 is rebuilt without an edit; 3 are left", "2.0.0-alpine is not "+patched+" now", "3.1.0 is not "+patched+" now")
	files["a/Dockerfile"] = "FROM " + image + ":1.0.0@" + patched + "\n"
	for path, want := range files {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// A tag that moves, and of which it is said that it was built anew, takes its pins along to
// what the registry gives now.
func TestMovedTagAsBase(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/mirror/debian"
	old := publish(t, image+":trixie-slim")
	moved := publish(t, image+":trixie-slim")
	files := map[string]string{
		"a/Dockerfile": "FROM " + image + ":trixie-slim@" + old + "\n", "b/Dockerfile": "FROM " + image + ":trixie-slim\n", "c/Dockerfile": "FROM " + image + ":trixie@" + old + "\n",
	}
	dir := gittest.Init(t, files)
	args := []string{"--base", "debian@trixie-slim", "--publish", "files"}
	in(dir).run(t, args...).want(t, 0).says(t, "1 change: 1 build, 1 place; 1 is rebuilt without an edit")
	files["a/Dockerfile"] = "FROM " + image + ":trixie-slim@" + moved + "\n"
	for path, want := range files {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	gittest.Commit(t, dir, "done", nil)
	in(dir).run(t, args...).want(t, 0).says(t, "nothing to edit")
	in(dir).run(t, "plan", "--unchecked", "--base", "debian@latest", "--base", "debian@13.1.1").want(t, 0) // one is no version of the other
	in(dir).run(t, "plan", "--base", "debian@trixy-slim").want(t, 2).says(t, "the registry has no "+image+":trixy-slim", "the nearest tags are trixie-slim")
}
