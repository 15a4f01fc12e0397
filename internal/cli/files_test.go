package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

func TestFilesAreEditedInPlace(t *testing.T) {
	t.Parallel()
	files := matih(t)
	args := []string{"--base", "base-python-ml@1.0.1", "--publish", "files"}
	for name, dir := range map[string]string{"repository": gittest.Init(t, files), "plain directory": plain(t, files)} {
		t.Run(name, func(t *testing.T) {
			for path, mode := range map[string]os.FileMode{
				"services/ai/sentiment/Dockerfile": 0o755, "services/ai/recommendation/Dockerfile": 0o600,
				"services/ai/forecasting/Dockerfile": 0o666, // more than a umask leaves a new file
			} {
				if err := os.Chmod(filepath.Join(dir, path), mode); err != nil {
					t.Fatal(err)
				}
			}
			before := everything(t, dir)
			in(dir).run(t, args...).want(t, 0).says(t, "updated: Update base-python-ml to 1.0.1")
			var want []string
			for path := range mlEdits {
				want = append(want, path)
			}
			slices.Sort(want)
			after := everything(t, dir)
			if got := differences(before, after); !slices.Equal(got, want) {
				t.Errorf("it changed %v, want %v", got, want)
			}
			for path, numbers := range mlEdits {
				if got, want := read(t, dir, path), edited(t, path, files[path], numbers); got != want {
					t.Errorf("%s is\n%q\nwant\n%q", path, got, want)
				}
				if got, want := strings.Fields(after[path])[0], strings.Fields(before[path])[0]; got != want {
					t.Errorf("%s has mode %s, had %s", path, got, want)
				}
			}
			in(dir).run(t, append(args, "-o", "json")...).want(t, 0)
			if got := differences(after, everything(t, dir)); len(got) > 0 {
				t.Errorf("the second run changed %v", got)
			}
		})
	}
}

// In a repository the commit stays what is read, so that a second run finds the
// edits made; in a plain directory nothing is left to be done.
func TestFilesTwice(t *testing.T) {
	t.Parallel()
	args := []string{"--base", "base@1.0.1", "--publish", "files"}
	dir := gittest.Init(t, small())
	in(dir).run(t, args...).want(t, 0).says(t, "updated: ")
	in(dir).run(t, args...).want(t, 0).says(t, "unchanged: ")
	dir = plain(t, small())
	in(dir).run(t, args...).want(t, 0).says(t, "updated: ")
	in(dir).run(t, args...).want(t, 0).says(t, "nothing to do: all that depends on it is up to date")
}

func TestFilesOfAPersonAreLeftAlone(t *testing.T) {
	t.Parallel()
	const mine = "# half an edit\n"
	for _, grouping := range []string{"all", "service"} {
		t.Run(grouping, func(t *testing.T) {
			dir := gittest.Init(t, small())
			write(t, dir, "services/a/Dockerfile", mine)
			args := []string{"--base", "base@1.0.1", "--publish", "files", "--group", grouping}
			for _, run := range []string{"first", "second"} {
				r := in(dir).run(t, args...).want(t, 3)
				r.says(t, "services/a/Dockerfile", "it differs from what is committed", "again")
				if got := read(t, dir, "services/a/Dockerfile"); got != mine {
					t.Errorf("the %s run edited a person's file: %q", run, got)
				}
				if got, want := read(t, dir, "services/b/Dockerfile"), "# on "+base+":1.0.0\n"+from("1.0.1"); got != want {
					t.Errorf("after the %s run the other file is %q", run, got)
				}
			}
			gittest.Git(t, dir, "checkout", "--", "services/a/Dockerfile")
			in(dir).run(t, args...).want(t, 0)
			if got := read(t, dir, "services/a/Dockerfile"); got != from("1.0.1") {
				t.Errorf("then the file is %q", got)
			}
		})
	}
}

// When all of it fails, nothing is done, which is another status.
func TestFilesNothingDone(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	write(t, dir, "services/a/Dockerfile", "# mine\n")
	if err := os.Remove(filepath.Join(dir, "services/b/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	before := everything(t, dir)
	r := in(dir).run(t, "--base", "base@1.0.1", "--publish", "files", "-o", "json").want(t, 1)
	if change := document[planDocument](t, r).Changes[0]; change.State != "failed" {
		t.Errorf("the change is %+v", change)
	}
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("it changed %v", got)
	}
}

// Nothing is written through a link, and nothing outside.
func TestFilesAreNotLinks(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	outside := filepath.Join(gittest.TempDir(t), "Dockerfile")
	if err := os.WriteFile(outside, []byte(from("1.0.0")), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "services/a/Dockerfile")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, path); err != nil {
		t.Fatal(err)
	}
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 3).says(t, "no regular file")
	if got := read(t, "", outside); got != from("1.0.0") {
		t.Errorf("the file outside is %q", got)
	}
}

// A checkout with core.autocrlf has other bytes than the commit, and keeps them.
func TestFilesWithConvertedLineEnds(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	gittest.Git(t, dir, "config", "core.autocrlf", "true")
	if err := os.Remove(filepath.Join(dir, "services/a/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, dir, "checkout", "--", "services/a/Dockerfile")
	if got := read(t, dir, "services/a/Dockerfile"); !strings.Contains(got, "\r\n") {
		t.Fatalf("git wrote %q", got)
	}
	args := []string{"--base", "base@1.0.1", "--publish", "files"}
	in(dir).run(t, args...).want(t, 0)
	if got, want := read(t, dir, "services/a/Dockerfile"), strings.ReplaceAll(from("1.0.1"), "\n", "\r\n"); got != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
	in(dir).run(t, args...).want(t, 0).says(t, "unchanged: ")
}

func TestFilesNeedAWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	bare := filepath.Join(gittest.TempDir(t), "bare.git")
	gittest.Git(t, dir, "clone", "--quiet", "--bare", dir, bare)
	before := everything(t, bare)
	in(bare).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 2).says(t, "the repository is bare", "hint: --publish branch or pr")
	if got := differences(before, everything(t, bare)); len(got) > 0 {
		t.Errorf("it changed %v", got)
	}
	gittest.Git(t, dir, "branch", "old")
	in(dir).run(t, "--base", "base@1.0.1", "--publish", "files", "--ref", "old").want(t, 2).says(t, "--publish files: the work tree holds HEAD, not old")
}

// From a directory below the root all paths are still those from the root.
func TestFilesFromBelow(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	in(filepath.Join(dir, "services/a")).run(t, "--base", "base@1.0.1", "--publish", "files").want(t, 0)
	for _, path := range []string{"services/a/Dockerfile", "services/b/Dockerfile"} {
		if got := read(t, dir, path); !strings.Contains(got, "FROM "+base+":1.0.1\n") {
			t.Errorf("%s is %q", path, got)
		}
	}
}

// A diff shows what moves: what does not is counted beside it.
func TestDryRunCountsWhatIsLeft(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"a/Dockerfile":   "FROM registry.example/team/os:1.0.0\n",
		"b/Dockerfile":   "FROM registry.example/team/os:1.0.0-slim\n",
		"mid/Dockerfile": "FROM registry.example/team/os:1.0.0\n",
		"c/Dockerfile":   "FROM registry.example/team/mid:1.0.0\n",
		"compose.yaml":   "services:\n  mid:\n    image: registry.example/team/mid:1.0.0\n    build: mid\n",
	})
	r := in(dir).run(t, "--base", "os@1.0.1", "--unchecked", "--dry-run").want(t, 0)
	r.says(t, "nothing was written\n", "not in the diff: 1 build left as it is, 1 build waiting for a derived base; propagate plan says which and why\n")
	if r := in(dir).run(t, "--base", "os@1.0.1", "--from", "1.0.0", "--unchecked", "--dry-run", "--atomic").want(t, 0); strings.Contains(r.stderr, "not in the diff") {
		t.Errorf("all is in the diff: %s", r.stderr)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	files := matih(t)
	dir := gittest.Init(t, files)
	before := everything(t, dir)
	for _, way := range []string{"auto", "branch", "files", "pr"} {
		r := in(dir).run(t, "--base", "base-python-ml@1.0.1", "--dry-run", "--publish", way).want(t, 0)
		r.says(t, "nothing was written")
		if got := differences(before, everything(t, dir)); len(got) > 0 {
			t.Errorf("--publish %s: it changed %v", way, got)
		}
		if way == "auto" {
			gittest.GitInput(t, dir, r.stdout, "apply", "--check", "--verbose", "-")
		}
	}
	// The diff is what the main job does.
	diff := in(dir).run(t, "--base", "base-python-ml@1.0.1", "--dry-run", "--quiet").want(t, 0).stdout
	gittest.GitInput(t, dir, diff, "apply", "-")
	for path, numbers := range mlEdits {
		if got, want := read(t, dir, path), edited(t, path, files[path], numbers); got != want {
			t.Errorf("%s is\n%q\nwant\n%q", path, got, want)
		}
	}
}
