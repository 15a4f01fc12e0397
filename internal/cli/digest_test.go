package cli_test

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// newRegistry starts a container registry and returns its host.
func newRegistry(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// publish pushes an image of its own to a registry and returns its digest.
func publish(t *testing.T, reference string) string {
	t.Helper()
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, image, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

func TestPinMovesTagAndDigest(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/base"
	old, patched := publish(t, image+":1.0.0"), publish(t, image+":1.0.1")
	dir := gittest.Init(t, map[string]string{
		"services/pinned/Dockerfile": "# " + old + "\nFROM " + image + ":1.0.0@" + old + " AS base\nCOPY --from=" + image + ":1.0.0@" + old + " /a /a\n",
		"services/digest/Dockerfile": "FROM " + image + "@" + old + "\n",
		"services/arg/Dockerfile":    "ARG V=1.0.0@" + old + "\nFROM " + image + ":${V}\n",
		"services/tag/Dockerfile":    "FROM " + image + ":1.0.0\n",
	})
	args := []string{"--base", "team/base@1.0.1", "--publish", "files"}
	in(dir).run(t, append(args, "-o", "json")...).want(t, 0)
	for path, want := range map[string]string{
		"services/pinned/Dockerfile": "# " + old + "\nFROM " + image + ":1.0.1@" + patched + " AS base\nCOPY --from=" + image + ":1.0.1@" + patched + " /a /a\n",
		"services/digest/Dockerfile": "FROM " + image + "@" + old + "\n", // of whatever version
		"services/arg/Dockerfile":    "ARG V=1.0.1@" + patched + "\nFROM " + image + ":${V}\n",
		"services/tag/Dockerfile":    "FROM " + image + ":1.0.1\n",
	} {
		if got := read(t, dir, path); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
	}
	gittest.Commit(t, dir, "done", nil)
	in(dir).run(t, args...).want(t, 0).says(t, "1 is left; 3 have it already", "a digest alone says no version")

	// The tag is published anew: only the digests move.
	again := publish(t, image+":1.0.1")
	in(dir).run(t, args...).want(t, 0)
	if got, want := read(t, dir, "services/arg/Dockerfile"), "ARG V=1.0.1@"+again+"\nFROM "+image+":${V}\n"; got != want {
		t.Errorf("then it is %s, want %s", got, want)
	}
	if got, want := read(t, dir, "services/tag/Dockerfile"), "FROM "+image+":1.0.1\n"; got != want {
		t.Errorf("then it is %s, want %s", got, want)
	}
}

// A digest that is given is not looked up.
func TestPinToAGivenDigest(t *testing.T) {
	t.Parallel()
	image := closedPort(t) + "/team/base"
	old, patched := "sha256:"+strings.Repeat("1", 64), "sha256:"+strings.Repeat("2", 64)
	dir := gittest.Init(t, map[string]string{"services/pinned/Dockerfile": "FROM " + image + ":1.0.0@" + old + "\n"})
	in(dir).run(t, "--base", "team/base@1.0.1@"+patched, "--publish", "files").want(t, 0)
	if got, want := read(t, dir, "services/pinned/Dockerfile"), "FROM "+image+":1.0.1@"+patched+"\n"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// A digest that cannot be had is an error of that file, of which not even the
// other edits are made; the other files go on.
func TestDigestThatCannotBeHad(t *testing.T) {
	t.Parallel()
	pin := "@sha256:" + strings.Repeat("1", 64)
	for _, test := range []struct {
		name  string
		image func(t *testing.T) string
		want  string
	}{
		{"the registry is not there", func(t *testing.T) string { return closedPort(t) + "/team/base" }, "connection refused"},
		{"the registry has no such tag", func(t *testing.T) string {
			image := newRegistry(t) + "/team/base"
			publish(t, image+":1.0.0")
			return image
		}, "there is no such tag"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			image := test.image(t)
			files := map[string]string{
				"services/pinned/Dockerfile": "# pinned\nFROM " + image + ":1.0.0" + pin + "\nCOPY --from=" + image + ":1.0.0 /a /a\n",
				"services/tag/Dockerfile":    "FROM " + image + ":1.0.0\n",
			}
			dir := gittest.Init(t, files)
			r := in(dir).run(t, "--base", "team/base@1.0.1", "--unchecked", "--publish", "files", "-o", "json").want(t, 3)
			r.says(t, "propagate: services/pinned/Dockerfile:2:6: ", "looking up the digest of "+image+":1.0.1: ", test.want, "hint: ")
			plan := document[planDocument](t, r)
			if len(plan.Changes) != 1 || len(plan.Changes[0].Files) != 1 || len(plan.Skipped) != 2 || plan.Skipped[0].Reason != "unresolved" {
				t.Errorf("the plan is %+v", plan)
			}
			if got := read(t, dir, "services/pinned/Dockerfile"); got != files["services/pinned/Dockerfile"] {
				t.Errorf("the pinned one is %s", got)
			}
			if got, want := read(t, dir, "services/tag/Dockerfile"), "FROM "+image+":1.0.1\n"; got != want {
				t.Errorf("the other one is %s, want %s", got, want)
			}
		})
	}
}
