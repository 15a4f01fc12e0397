//go:build engine

package cli_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A patched base goes through a monorepo: all is built and published; the base is patched, and the branch that
// propagate makes is checked out; one run of bake builds and publishes what is affected, and nothing else.
func TestEngineMonorepo(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	before := map[string]enginetest.Image{}
	w.Bake(t, enginetest.Bake{Dir: w.dir, Args: []string{"--push"}})
	for target := range worksBuilds {
		before[target] = w.Image(t, w.tag(t, target))
	}

	// A line of a base is patched and published.
	write(t, w.dir, "bases/os/3.20/etc/release", "3.20, patched\n")
	write(t, w.dir, "docker-bake.hcl", strings.Replace(read(t, w.dir, "docker-bake.hcl"), `tags     = ["`+w.team()+`os:3.20.4"]`, `tags     = ["`+w.team()+`os:3.20.5"]`, 1))
	w.commit(t, "patch os")
	remote := filepath.Join(gittest.TempDir(t), "remote.git")
	gittest.Git(t, w.dir, "clone", "--quiet", "--bare", w.dir, remote)
	gittest.Git(t, w.dir, "remote", "add", "origin", "file://"+remote)
	gittest.Git(t, w.dir, "fetch", "--quiet", "origin")
	w.Bake(t, enginetest.Bake{Dir: w.dir, Args: []string{"--push"}, Targets: []string{"os-3_20"}})
	patched := w.Image(t, w.team()+"os:3.20.5")
	if slices.Equal(patched.Layers, before["os-3_20"].Layers) {
		t.Fatal("the patched base has the layers that it had")
	}

	// What is affected is known before the edit, and on the branch with it.
	affected := []string{"api", "billing", "edge", "java", "ml", "score", "serve", "tool", "train", "web"}
	if named, _ := w.named(t, "--base", "os@3.20.5"); !slices.Equal(named, affected) {
		t.Errorf("affected --base names %q, want %q", named, affected)
	}
	in(w.dir).run(t, "--base", "os@3.20.5", "--atomic", "--publish", "push").want(t, 0)
	gittest.Git(t, w.dir, "fetch", "--quiet", "origin")
	gittest.Git(t, w.dir, "checkout", "--quiet", "propagate/os-3.20")
	if named, _ := w.named(t, "--since", "origin/main..."); !slices.Equal(named, affected) {
		t.Errorf("affected --since names %q, want %q", named, affected)
	}

	// It is built and published in one run.
	built := w.Built(t)
	file := in(w.dir).run(t, "affected", "--since", "origin/main...", "-o", "bake").want(t, 0).stdout
	metadata := w.Bake(t, enginetest.Bake{Dir: w.dir, File: file, Args: []string{"--push"}}).Digests
	names := map[string]string{} // of the targets in the file, by the first tag
	var bake struct {
		Target map[string]struct{ Tags []string }
	}
	if err := json.Unmarshal([]byte(file), &bake); err != nil {
		t.Fatal(err)
	}
	for name, target := range bake.Target {
		if len(target.Tags) != 1 {
			t.Fatalf("target %s has the tags %q: it is built for nothing", name, target.Tags)
		}
		names[target.Tags[0]] = name
	}
	var tags []string
	for _, target := range affected {
		tags = append(tags, w.tag(t, target))
	}
	slices.Sort(tags)
	if all := slices.Sorted(maps.Keys(names)); !slices.Equal(all, tags) {
		t.Errorf("the bake file has the images %q, want %q", all, tags)
	}
	if len(metadata) != len(affected) {
		t.Errorf("bake says that it has built %q", slices.Sorted(maps.Keys(metadata)))
	}
	if now := added(built, w.Built(t)); !slices.Equal(now, tags) {
		t.Errorf("the engine has built %q, want %q", now, tags)
	}
	for target := range worksBuilds {
		now := w.Image(t, w.tag(t, target))
		switch {
		case target == "os-3_20":
			if now.Digest != patched.Digest {
				t.Error("the patched base has been built again")
			}
		case !slices.Contains(affected, target):
			if now.Digest != before[target].Digest {
				t.Errorf("%s is another image, and is not affected", target)
			}
		case now.Manifest == before[target].Manifest || now.Digest != metadata[names[w.tag(t, target)]]:
			t.Errorf("%s is %+v; it was %+v, and bake has made %s", target, now, before[target], metadata[names[w.tag(t, target)]])
		case target == "tool": // which ships the other line, and a file that the patched one builds
			if slices.Equal(now.Layers, before[target].Layers) || !begins(now.Layers, before["os-3_19"].Layers) {
				t.Errorf("%s has the layers %q, and had %q", target, now.Layers, before[target].Layers)
			}
		case !begins(now.Layers, patched.Layers):
			t.Errorf("%s has the layers %q, which do not begin with those of the patched base, %q", target, now.Layers, patched.Layers)
		}
	}
}

// begins reports whether a list begins with another one.
func begins(list, other []string) bool {
	return len(list) >= len(other) && slices.Equal(list[:len(other)], other)
}

// added returns what a sorted list has more than another one.
func added(was, is []string) []string {
	for _, one := range was {
		if i, ok := slices.BinarySearch(is, one); ok {
			is = slices.Delete(is, i, i+1)
		}
	}
	return is
}
