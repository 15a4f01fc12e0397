package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Repositories that cannot be worked on: status 1, and what to do about it.
func TestRepositoriesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T) string
		want []string
	}{
		{"no Dockerfiles", func(t *testing.T) string { return gittest.Init(t, map[string]string{"README.md": "# none\n"}) },
			[]string{"propagate: commit ", ": there are no Dockerfiles\n", "hint: -C names the repository"}},
		{"plain directory without Dockerfiles", func(t *testing.T) string { return plain(t, nil) },
			[]string{": there are no Dockerfiles\n", "hint: -C names the repository"}},
		{"no commit", func(t *testing.T) string {
			dir := gittest.TempDir(t)
			gittest.Git(t, dir, "init", "--quiet", "--initial-branch=main")
			write(t, dir, "Dockerfile", from("1.0.0"))
			return dir
		}, []string{"propagate: HEAD: branch main: there is no commit yet\n", "hint: commit something first"}},
		{"unknown extension", func(t *testing.T) string {
			dir := gittest.Init(t, small())
			gittest.Git(t, dir, "config", "core.repositoryformatversion", "1")
			gittest.Git(t, dir, "config", "extensions.future", "true")
			return dir
		}, []string{"it needs the extension future", "hint: work in a fresh `git clone`"}},
		{"work tree that lost its repository", func(t *testing.T) string {
			return plain(t, map[string]string{".git": "gitdir: /nowhere/at/all\n", "Dockerfile": from("1.0.0")})
		}, []string{".git: points to /nowhere/at/all, which is no git repository", "hint: "}},
		{"lost tree", func(t *testing.T) string {
			dir := gittest.Init(t, small())
			lose(t, dir, "HEAD:services")
			return dir
		}, []string{"services", "the object is not in this repository"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := test.make(t)
			before := everything(t, dir)
			for _, args := range [][]string{
				{"--base", "base@1.0.1", "--publish", "files"}, {"--base", "base@1.0.1", "--publish", "branch"},
				{"--base", "base@1.0.1", "--dry-run", "-o", "json"}, {"plan", "--base", "base@1.0.1"}, {"affected", "--base", "base", "-o", "paths"},
			} {
				r := in(dir).run(t, args...).want(t, 1)
				if r.stdout != "" {
					t.Errorf("propagate %v prints %s", args, r.stdout)
				}
				r.says(t, test.want...)
			}
			if got := differences(before, everything(t, dir)); len(got) > 0 {
				t.Errorf("the runs changed %v", got)
			}
		})
	}
}

// lose removes a loose object.
func lose(t *testing.T, dir, revision string) {
	t.Helper()
	id := gittest.Git(t, dir, "rev-parse", revision)
	if err := os.Remove(filepath.Join(dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
}

// One Dockerfile that cannot be read does not stop the others: status 3.
func TestUnreadableDockerfilesAmongGoodOnes(t *testing.T) {
	t.Parallel()
	bad := "services/bad/Dockerfile"
	for _, test := range []struct {
		name, content string
		spoil         func(t *testing.T, dir string)
		want          string
	}{
		{"heredoc without an end", from("1.0.0") + "RUN <<EOF\necho\n", nil, "propagate: " + bad + ":"},
		{"NUL bytes", "FROM " + base + ":1.0.0\x00\nRUN \x00\n", nil, "propagate: " + bad},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00base\x00", nil, "propagate: " + bad},
		{"lost blob", from("1.0.0") + "# lost\n", func(t *testing.T, dir string) { lose(t, dir, "HEAD:"+bad) }, "propagate: " + bad + ": cannot be read: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, with(small(), bad, test.content))
			if test.spoil != nil {
				test.spoil(t, dir)
			}
			r := in(dir).run(t, "--base", "base@1.0.1", "--publish", "branch", "-o", "json").want(t, 3)
			r.says(t, test.want, "hint: what is named above is left out")
			if change := document[planDocument](t, r).Changes[0]; change.State != "created" || len(change.Files) != 2 {
				t.Errorf("the change is %+v", change)
			}
			for _, args := range [][]string{{"scan"}, {"graph"}, {"affected", "--base", "base@1.0.1"}, {"plan", "--base", "base@1.0.1"}} {
				if r := in(dir).run(t, append(args, "--quiet")...).want(t, 3); !strings.Contains(r.stderr, test.want) {
					t.Errorf("%v says %q", args, r.stderr)
				}
			}
		})
	}
}

// What is not to be decided without a person is a warning, and with --strict
// status 3.
func TestStrict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content, reason string
		strict                int
	}{
		{"argument without a value", "ARG V\nFROM " + base + ":${V}\n", "unresolved", 3},
		{"argument of two images", "ARG V=1.0.0\nFROM other.example/base:${V} AS o\nFROM " + base + ":${V}\nCOPY --from=o /a /a\n", "shared-argument", 3},
		{"newer", from("1.0.7"), "newer", 0},
		{"another line", from("0.9.0"), "level", 0},
		{"another variant", from("1.0.0-alpine"), "variant", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, with(small(), "services/odd/Dockerfile", test.content))
			args := []string{"--base", base + "@1.0.1", "--dry-run", "-o", "json"}
			for _, strict := range []bool{false, true} {
				want := 0
				if strict {
					args, want = append(args, "--strict"), test.strict
				}
				r := in(dir).run(t, args...).want(t, want)
				if said := strings.Contains(r.stderr, "propagate: services/odd/Dockerfile:"); said != (want == 3) {
					t.Errorf("with status %d it says: %s", want, r.stderr)
				}
				plan := document[planDocument](t, r)
				if len(plan.Skipped) != 1 || plan.Skipped[0].Reason != test.reason || plan.Skipped[0].Path != "services/odd/Dockerfile" {
					t.Errorf("skipped: %+v, want %s", plan.Skipped, test.reason)
				}
				if len(plan.Changes) != 1 || len(plan.Changes[0].Files) != 2 {
					t.Errorf("the changes are %+v", plan.Changes)
				}
			}
		})
	}
}

// Never down.
func TestVersionBelowTheCurrentOne(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	before := everything(t, dir)
	plan := document[planDocument](t, in(dir).run(t, "--base", "base@0.9.9", "--level", "major", "-o", "json").want(t, 0))
	if len(plan.Changes) != 0 || len(plan.Skipped) != 2 || plan.Skipped[0].Reason != "newer" || plan.Skipped[1].Reason != "newer" {
		t.Errorf("the plan is %+v", plan)
	}
	in(dir).run(t, "--base", "base@0.9.9").want(t, 0).says(t, "services/a/Dockerfile:1  1.0.0  newer", "nothing to do: what depends on it is left for the reasons above")
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("the runs changed %v", got)
	}
}

// The output names the flag that would include what is left.
func TestLevelIsNamed(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	in(dir).run(t, "--base", "base@2.0.0").want(t, 0).says(t, "1.0.0 to 2.0.0 is a major step", "hint: --level major includes all 2 larger steps\n")
	in(dir).run(t, "--base", "base@2.0.0", "--level", "major").want(t, 0).says(t, "created: Update base to 2.0.0")
	for _, test := range []struct {
		versions []string
		want     string
	}{
		{[]string{"1.0.0"}, "hint: --level minor includes it\n"},
		{[]string{"1.0.0", "1.1.0"}, "hint: --level minor includes all 2 larger steps\n"},
		{[]string{"0.9.0"}, "hint: --level major includes it\n"},
		{[]string{"0.9.0", "1.0.0", "1.1.0"}, "hint: --level minor includes 2 of 3 larger steps, --level major includes all\n"},
	} {
		files := map[string]string{}
		for _, version := range test.versions {
			files["services/"+version+"/Dockerfile"] = from(version)
		}
		if r := in(plain(t, files)).run(t, "plan", "--base", "base@1.2.0").want(t, 0); !strings.Contains(r.stdout, test.want) {
			t.Errorf("from %v it does not say %q: %s", test.versions, test.want, r.stdout)
		}
	}
}

// Who makes what may be contradictory, and stops nothing: all that may be is planned for, and it is said.
func TestContradictions(t *testing.T) {
	t.Parallel()
	derived := "FROM " + base + ":1.0.0\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"two Dockerfiles for one image", map[string]string{
			"bases/tools/Dockerfile": derived, "old/tools/Dockerfile": derived, "app/Dockerfile": "FROM registry.example/team/tools:1.0.0\n",
			".propagate.yaml": "images:\n  bases/tools/Dockerfile: registry.example/team/tools\n  old/tools/Dockerfile: registry.example/team/tools\n",
		}, []string{"app/Dockerfile:1:6: registry.example/team/tools:1.0.0 is made by 2 builds, and depends on all: bases/tools/Dockerfile (by configuration .propagate.yaml:2), old/tools/Dockerfile (by configuration .propagate.yaml:3) [two-makers]",
			"hint: say which in the configuration: images: {bases/tools/Dockerfile: registry.example/team/tools}"}},
		{"circle of names", map[string]string{
			"app/Dockerfile":   derived,
			"tools/Dockerfile": derived + "COPY --from=registry.example/team/kit:1.0.0 /a /a\n", "kit/Dockerfile": "FROM registry.example/team/tools:1.0.0\n",
		}, []string{"tools/Dockerfile: that it makes registry.example/team/tools is guessed by its path, and would close a circle: it counts for nothing [circle]",
			"hint: say which Dockerfile makes it in the configuration: images: {tools/Dockerfile: registry.example/team/tools}"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, test.files)
			for _, args := range [][]string{{"graph"}, {"affected", "--base", "base@1.0.1"}, {"plan", "--base", "base@1.0.1"}} {
				r := in(dir).run(t, args...).want(t, 0)
				if args[0] == "graph" || strings.HasPrefix(test.name, "two") { // a guess that counts for nothing concerns no base
					r.says(t, test.want...)
				}
			}
			if strings.HasPrefix(test.name, "two") {
				in(dir).run(t, "plan", "--base", "base@1.0.1", "--strict").want(t, 3)
			}
		})
	}
}

// Forms of repositories that are no obstacle, on local branches.
func TestRepositoriesThatWork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, origin string) string
	}{
		{"detached HEAD", func(t *testing.T, origin string) string {
			gittest.Git(t, origin, "checkout", "--quiet", "--detach")
			return origin
		}},
		{"bare", func(t *testing.T, origin string) string { return cloneOf(t, origin, "--bare") }},
		{"shallow", func(t *testing.T, origin string) string { return cloneOf(t, "file://"+origin, "--depth", "1") }},
		{"alternates", func(t *testing.T, origin string) string { return cloneOf(t, origin, "--shared") }},
		{"sparse checkout", func(t *testing.T, origin string) string {
			dir := cloneOf(t, origin, "--sparse")
			gittest.Git(t, dir, "sparse-checkout", "set", "services/b")
			return dir
		}},
		{"packed", func(t *testing.T, origin string) string {
			gittest.Git(t, origin, "gc", "--quiet")
			return origin
		}},
		{"linked work tree", func(t *testing.T, origin string) string {
			dir := filepath.Join(gittest.TempDir(t), "linked")
			gittest.Git(t, origin, "worktree", "add", "--quiet", "-b", "work", dir)
			return dir
		}},
		{"directory below the root", func(_ *testing.T, origin string) string { return filepath.Join(origin, "services", "a") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := test.make(t, gittest.Init(t, small()))
			args := []string{"--base", "base@1.0.1", "--publish", "branch", "-o", "json"}
			change := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes[0]
			if change.State != "created" || len(change.Files) != 2 || gittest.Git(t, dir, "rev-parse", baseBranch) != change.Commit {
				t.Errorf("the change is %+v", change)
			}
			if got := document[planDocument](t, in(dir).run(t, args...).want(t, 0)).Changes[0].State; got != "unchanged" {
				t.Errorf("then it is %s", got)
			}
			if out, err := gittest.Try(t, dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
		})
	}
}

func cloneOf(t *testing.T, origin string, options ...string) string {
	t.Helper()
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, filepath.Dir(dir), append(append([]string{"clone", "--quiet"}, options...), origin, dir)...)
	return dir
}
