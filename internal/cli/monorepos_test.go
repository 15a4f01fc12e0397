package cli_test

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// commit is how messages call a commit.
var commit = regexp.MustCompile(`commit [0-9a-f]{12}`)

// unasked is the note about a registry that cannot be asked.
var unasked = regexp.MustCompile(`note: .* \[unknown-published\]\n`)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// Each directory of testdata/monorepos is a small repository, with the arguments of
// the main job and what comes of it: the scan, the graph, the plan and the diff, and the plan
// again once its first wave is edited and nothing is published. For all of them
// it holds that a second run changes nothing, and that the waves one after the other
// come to the same tree as all at once.
func TestMonorepos(t *testing.T) {
	t.Parallel()
	eachMonorepo(t, func(t *testing.T, m smallMonorepo) {
		args := append(slices.Clone(m.args), "--unchecked") // what there is in a registry is no part of the case
		repo := gittest.Init(t, m.files)
		if len(m.links) > 0 {
			symlink(t, repo, m.links)
			gittest.Git(t, repo, "add", "-A")
			gittest.Git(t, repo, "commit", "--quiet", "-m", "links")
		}
		for name, args := range map[string][]string{
			"scan.golden":  {"scan"},
			"graph.golden": {"graph"},
			"plan.golden":  append([]string{"plan", "--verbose"}, args...),
			"diff.golden":  append([]string{"--dry-run", "--atomic", "--quiet"}, ungrouped(args)...),
		} {
			golden(t, filepath.Join(m.dir, name), transcript(in(repo).run(t, args...), repo))
		}
		golden(t, filepath.Join(m.dir, "again.golden"), again(t, m.files, m.links, args))
		for name, args := range map[string][]string{ // what few cases have: what is folded without --verbose
			"short.golden":    append([]string{"plan"}, args...),
			"affected.golden": append([]string{"affected"}, m.args...),
		} {
			if _, err := os.Stat(filepath.Join(m.dir, name)); err == nil {
				golden(t, filepath.Join(m.dir, name), transcript(in(repo).run(t, args...), repo))
			}
		}
		if failed := in(repo).run(t, append([]string{"plan"}, args...)...).status != 0; failed != (m.name == "number-in-yaml" || strings.HasPrefix(m.name, "error-")) {
			t.Errorf("plan fails: %v", failed)
		} else if !failed {
			staged, whole := waves(t, m.files, m.links, args), atomic(t, m.files, m.links, args)
			for _, path := range differences(staged, whole) {
				t.Errorf("%s differs, wave after wave:\n%s\nat once:\n%s", path, staged[path], whole[path])
			}
		}
	})
}

// A smallMonorepo is a directory of testdata/monorepos.
type smallMonorepo struct {
	name, dir    string
	files, links map[string]string // of the repository
	args         []string          // of the main job
}

// eachMonorepo runs a test for each of them, all at once.
func eachMonorepo(t *testing.T, test func(t *testing.T, m smallMonorepo)) {
	t.Helper()
	const root = "../../testdata/monorepos"
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) < 20 {
		t.Fatalf("%d cases: %v", len(entries), err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			m := smallMonorepo{name: entry.Name(), dir: filepath.Join(root, entry.Name())}
			m.files, m.links = tree(t, filepath.Join(m.dir, "in")), links(t, filepath.Join(m.dir, "in"))
			line, err := os.ReadFile(filepath.Join(m.dir, "args"))
			if err != nil {
				t.Fatal(err)
			}
			m.args = strings.Fields(string(line))
			test(t, m)
		})
	}
}

// transcript prints a run as somebody would see it.
func transcript(r result, dir string) string {
	text := r.stdout
	if r.stderr != "" {
		text += "\n[standard error]\n" + r.stderr
	}
	if r.status != 0 {
		text += fmt.Sprintf("\n[exit status %d]\n", r.status)
	}
	text = commit.ReplaceAllString(text, "commit COMMIT")
	return strings.ReplaceAll(text, dir, "DIR")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got:\n%s\nwant:\n%s", filepath.Base(path), got, want)
	}
}

// links reads the targets of all symbolic links below dir.
func links(t *testing.T, dir string) map[string]string {
	t.Helper()
	links := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type() != fs.ModeSymlink {
			return err
		}
		links[path], err = os.Readlink(filepath.Join(dir, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return links
}

// symlink makes symbolic links below dir.
func symlink(t *testing.T, dir string, links map[string]string) {
	t.Helper()
	for path, target := range links {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
}

// linked writes files and links into a directory that is in no git repository.
func linked(t *testing.T, files, all map[string]string) string {
	t.Helper()
	dir := plain(t, files)
	symlink(t, dir, all)
	t.Cleanup(func() {
		if changed := differences(all, links(t, dir)); len(changed) > 0 {
			t.Errorf("the symbolic links %v are others", changed)
		}
	})
	return dir
}

// tree reads all regular files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// ungrouped returns the arguments without a grouping: one change has none.
func ungrouped(args []string) []string {
	if i := slices.Index(args, "--group"); i >= 0 {
		return slices.Delete(slices.Clone(args), i, i+2)
	}
	return args
}

// again returns what the plan says once what is ready is edited, and nothing is published.
func again(t *testing.T, files, links map[string]string, args []string) string {
	t.Helper()
	repo := linked(t, files, links)
	in(repo).run(t, append([]string{"--publish", "files"}, args...)...)
	r := in(repo).run(t, append([]string{"plan"}, args...)...)
	r.stderr = unasked.ReplaceAllString(r.stderr, "") // why registry.example does not answer is the machine's to say
	return transcript(r, repo)
}

// atomic returns the files once all waves are edited at once.
func atomic(t *testing.T, files, links map[string]string, args []string) map[string]string {
	t.Helper()
	repo := linked(t, files, links)
	in(repo).run(t, append([]string{"--atomic", "--publish", "files"}, ungrouped(args)...)...).want(t, 0)
	after := tree(t, repo)
	in(repo).run(t, append([]string{"--atomic", "--publish", "files"}, ungrouped(args)...)...).want(t, 0)
	if again := differences(after, tree(t, repo)); len(again) > 0 {
		t.Errorf("a second run at once changes %v", again)
	}
	return after
}

// waves returns the files once the same command has been run until nothing waits
// any more, what is waited for being published between the runs.
func waves(t *testing.T, files, links map[string]string, args []string) map[string]string {
	t.Helper()
	repo := linked(t, files, links)
	var published []string
	last := maps.Clone(files)
	for range 20 {
		run := append(append([]string{"--publish", "files", "-o", "json"}, args...), published...)
		plan := document[planDocument](t, in(repo).run(t, run...).want(t, 0))
		now := tree(t, repo)
		again := document[planDocument](t, in(repo).run(t, run...).want(t, 0))
		if changed := differences(now, tree(t, repo)); len(changed) > 0 || len(again.Changes) > 0 {
			t.Errorf("run again on its own result it changes %v: %+v", changed, again.Changes)
		}
		fresh := false
		for _, pending := range append(plan.Pending, again.Pending...) {
			for _, reference := range pending.WaitsFor {
				if flag := "--assume-published=" + reference; !strings.Contains(strings.Join(published, " "), flag) {
					published, fresh = append(published, flag), true
				}
			}
		}
		if !fresh && len(differences(last, now)) == 0 {
			return now
		}
		last = now
	}
	t.Error("the waves do not come to an end")
	return last
}
