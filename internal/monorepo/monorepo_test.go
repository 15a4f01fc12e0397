package monorepo_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// shop is a small repository: a base, a base on it, and a service on each.
func shop() map[string]string {
	return map[string]string{
		"bases/java/Dockerfile": "FROM eclipse-temurin:21.0.1\n",
		"bases/jvm/Dockerfile":  "FROM reg.example/shop/java:1.0.0\nLABEL org.opencontainers.image.version=2.0.0\n",
		"svc/a/Dockerfile":      "FROM reg.example/shop/java:1.0.0\n",
		"svc/b/Dockerfile":      "FROM reg.example/shop/jvm:2.0.0\n",
		"CODEOWNERS":            "/bases/ @acme/platform\n/svc/ @acme/shop\n",
	}
}

// open reads a directory, and returns what was said meanwhile.
func open(t *testing.T, dir string, change ...func(*monorepo.Options)) (*monorepo.Repository, *[]monorepo.Message, error) {
	t.Helper()
	var said []monorepo.Message
	options := monorepo.Options{
		Dir: dir, Ref: "HEAD", Program: "test", Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) },
		Listen: func(m monorepo.Message) { said = append(said, m) },
	}
	for _, f := range change {
		f(&options)
	}
	repo, err := monorepo.Open(t.Context(), options)
	if err == nil {
		t.Cleanup(func() { _ = repo.Close() })
	}
	return repo, &said, err
}

func mustOpen(t *testing.T, dir string) *monorepo.Repository {
	t.Helper()
	repo, _, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

func java(tag string) bumper.Bump { return bumper.Bump{Image: "reg.example/shop/java", Tag: tag} }

// The whole program as four calls: a plan in two waves, and its branch.
func TestFromOpenToPublish(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, shop())
	repo := mustOpen(t, dir)
	images, err := repo.FindImage("java")
	if err != nil || !slices.Equal(images, []string{"reg.example/shop/java"}) {
		t.Fatalf("FindImage: %q, %v", images, err)
	}
	plan, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}, Assumed: []bumper.Bump{{Image: "reg.example/shop/jvm", Tag: "2.0.1"}}, Record: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Changes) != 1 || len(plan.Changes[0].Items) != 3 {
		t.Fatalf("the changes are %+v", plan.Changes)
	}
	if body := plan.Changes[0].Body; !strings.Contains(body, "propagate --base reg.example/shop/java@1.0.1 --assume-published reg.example/shop/jvm@2.0.1 --record\n") {
		t.Errorf("the body does not say how to make the change again:\n%s", body)
	}
	for n, want := range []publish.State{publish.Created, publish.Unchanged} {
		result, err := repo.Publish(t.Context(), plan, monorepo.Auto, publish.Options{})
		if err != nil || len(result.Outcomes) != 1 || result.Outcomes[0].State != want {
			t.Errorf("run %d: %+v, %v", n, result, err)
		}
	}
	if got := gittest.Git(t, dir, "show", plan.Changes[0].Branch+":svc/b/Dockerfile"); !strings.Contains(got, "jvm:2.0.1") {
		t.Errorf("the branch holds %q", got)
	}
}

// The command that makes a change again says from which version.
func TestCommandOfABumpFrom(t *testing.T) {
	t.Parallel()
	bump := java("1.0.1")
	bump.From = "1.0.0"
	plan, err := mustOpen(t, gittest.Init(t, shop())).Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{bump}})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Changes) != 1 || !strings.Contains(plan.Changes[0].Body, "propagate --base reg.example/shop/java@1.0.1 --from 1.0.0\n") {
		t.Errorf("the changes are %+v", plan.Changes)
	}
}

// A policy of values: what groups, levels and labels come to.
func TestPolicy(t *testing.T) {
	t.Parallel()
	files := shop()
	files[".propagate.yaml"] = "group: team\nlabels: [bases]\n"
	dir := gittest.Init(t, files)
	for name, test := range map[string]struct {
		policy   monorepo.Policy
		branches int
		labels   []string
		title    string
	}{
		"the group of the configuration": {monorepo.Policy{}, 2, []string{"bases"}, "Update java to 1.0.1 (owned by acme/platform)"},
		"another group":                  {monorepo.Policy{Group: bumper.AllInOne}, 1, []string{"bases"}, "Update java to 1.0.1"},
		"one of all waves":               {monorepo.Policy{Atomic: true}, 1, []string{"bases"}, "Update java to 1.0.1"},
		"an emergency":                   {monorepo.Policy{Group: bumper.AllInOne, Emergency: true}, 1, []string{"bases", "emergency"}, "[emergency] Update java"},
	} {
		repo := mustOpen(t, dir)
		test.policy.Bumps = []bumper.Bump{java("1.0.1")}
		plan, err := repo.Plan(t.Context(), test.policy)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(plan.Changes) != test.branches || !slices.Equal(plan.Changes[0].Labels, test.labels) || !strings.HasPrefix(plan.Changes[0].Title, test.title) {
			t.Errorf("%s: %d changes, the first %q with labels %v", name, len(plan.Changes), plan.Changes[0].Title, plan.Changes[0].Labels)
		}
	}
}

// What the caller or the configuration has wrong is an InputError, with what to do.
func TestInputErrors(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, shop())
	bare := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM x/y:1.0.0\n", ".propagate.yaml": "grop: team\n"})
	unowned := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM reg.example/shop/java:1.0.0\n"})
	for name, test := range map[string]struct {
		run        func(t *testing.T) error
		text, hint string
	}{
		"no such directory": {func(t *testing.T) error {
			_, _, err := open(t, filepath.Join(dir, "nowhere"))
			return err
		}, "nowhere", ""},
		"no such revision": {func(t *testing.T) error {
			_, _, err := open(t, dir, func(o *monorepo.Options) { o.Ref = "v9" })
			return err
		}, "v9", ""},
		"a wrong key": {func(t *testing.T) error {
			_, _, err := open(t, bare)
			return err
		}, ".propagate.yaml:1:1: unknown key grop", ""},
		"no such image": {func(t *testing.T) error {
			_, err := mustOpen(t, dir).FindImage("jaba")
			return err
		}, "no Dockerfile depends on an image of this name", "the nearest names are reg.example/shop/java"},
		"no such image beside templates": {func(t *testing.T) error {
			_, err := mustOpen(t, gittest.Init(t, map[string]string{"a/Dockerfile": "FROM reg.example/shop/java:1.0.0\n", "b/Dockerfile.in": "FROM debian:12\n"})).FindImage("debian")
			return err
		}, "no Dockerfile depends on an image of this name", "propagate graph lists the images that Dockerfiles depend on; of 1 template of Dockerfiles nothing is read, and propagate scan --verbose names them"},
		"no owners": {func(t *testing.T) error {
			_, err := mustOpen(t, unowned).Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}, Group: bumper.ByTeam})
			return err
		}, "--group team: there is no CODEOWNERS file", "it lies at .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS"},
		"owners that cannot be read": {func(t *testing.T) error {
			repo := mustOpen(t, gittest.Init(t, map[string]string{"a/Dockerfile": "FROM reg.example/shop/java:1.0.0\n", "CODEOWNERS": "* @acme/shop\n/a nobody\n"}))
			_, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}, Group: bumper.ByTeam})
			return err
		}, "CODEOWNERS:2: ", "mend it, or group by something other than team"},
		"files of another revision": {func(t *testing.T) error {
			repo, _, err := open(t, dir, func(o *monorepo.Options) { o.Ref = "main" })
			if err != nil {
				return err
			}
			_, _, err = repo.Choose(monorepo.WorkTree)
			return err
		}, "the work tree holds HEAD, not main", "leave --ref out, or publish as branch or pr"},
	} {
		err := test.run(t)
		var input *monorepo.InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), test.text) || test.hint != "" && input.Hint() != test.hint {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Work that is not committed is looked for while other things are done, and said before
// anything is published.
func TestChangesOfTheWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, shop())
	if err := os.WriteFile(filepath.Join(dir, "svc/a/Dockerfile"), []byte("FROM mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	repo, said, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	repo.LookForChanges(t.Context())
	plan, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Publish(t.Context(), plan, monorepo.Branches, publish.Options{}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(*said, func(m monorepo.Message) bool {
		return m.Kind == monorepo.Remark && strings.Contains(m.Text, "uncommitted changes (svc/a/Dockerfile)")
	}) {
		t.Errorf("said was %+v", *said)
	}
}

// Where a token goes is decided without a request.
func TestAuto(t *testing.T) {
	t.Parallel()
	for origin, test := range map[string]struct {
		tokens []string
		want   monorepo.Mode
		why    string
	}{
		"https://github.com/o/r":           {[]string{"t0ken"}, monorepo.PullRequests, "the remote is on github.com and a token is set"},
		"https://github.com/o/s":           {nil, monorepo.Branches, "neither GITHUB_TOKEN nor GH_TOKEN is set"},
		"https://git.example/o/r":          {[]string{"t0ken"}, monorepo.Branches, "the remote is on git.example, which is not known to be a GitHub host"},
		"https://github.com.evil.test/o/r": {[]string{"t0ken"}, monorepo.Branches, "the remote is on github.com.evil.test, which is not known to be a GitHub host"},
		"":                                 {[]string{"t0ken"}, monorepo.Branches, "there is no remote that pull requests could go to"},
	} {
		dir := gittest.Init(t, shop())
		if origin != "" {
			gittest.Git(t, dir, "remote", "add", "origin", origin)
		}
		repo, _, err := open(t, dir, func(o *monorepo.Options) { o.GitHub.Tokens = test.tokens })
		if err != nil {
			t.Fatal(err)
		}
		mode, why, err := repo.Choose(monorepo.Auto)
		if err != nil || mode != test.want || !strings.HasPrefix(why, test.why) {
			t.Errorf("%s: %s, %q, %v", origin, mode, why, err)
		}
	}
}

// A reference to a line that its build has left keeps its build where the history tells; where
// there is none, it is that of the next line above, with a note.
func TestLineThatHasMovedOn(t *testing.T) {
	t.Parallel()
	bake := func(second string) string {
		return "target \"a\" {\n  context = \"a\"\n  tags = [\"reg.example/py:3.11.4\"]\n}\ntarget \"b\" {\n  context = \"b\"\n  tags = [\"reg.example/py:" + second + "\"]\n}\n"
	}
	files := map[string]string{
		"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n", "docker-bake.hcl": bake("3.13.0"),
		"x/Dockerfile": "FROM reg.example/py:3.12.2\n", "y/Dockerfile": "FROM reg.example/py:3.10.1\n",
	}
	makers := func(repo *monorepo.Repository) string {
		var all []string
		g := repo.Graph()
		for _, file := range repo.Files {
			for _, ref := range file.Refs {
				if ref.Repository() != "reg.example/py" {
					continue
				}
				var by []string
				for _, maker := range g.MakersOf(ref) {
					by = append(by, maker.Key)
				}
				all = append(all, fmt.Sprintf("%s %v", file.Path, by))
			}
		}
		for _, n := range g.Notes() {
			all = append(all, string(n.Code)+" "+n.Pos.Path)
		}
		return strings.Join(all, "; ")
	}
	before := maps.Clone(files)
	before["docker-bake.hcl"] = bake("3.12.9")
	dir := gittest.Init(t, before)
	write(t, dir, map[string]string{"docker-bake.hcl": files["docker-bake.hcl"]})
	gittest.Git(t, dir, "commit", "-aqm", "3.13")
	if got, want := makers(mustOpen(t, dir)), "x/Dockerfile [b/Dockerfile]; y/Dockerfile []; no-line y/Dockerfile"; got != want {
		t.Errorf("the history tells:\n%s\nwant:\n%s", got, want)
	}
	// One that never was on it.
	if got, want := makers(mustOpen(t, gittest.Init(t, files))), "x/Dockerfile []; y/Dockerfile []; no-line x/Dockerfile; no-line y/Dockerfile"; got != want {
		t.Errorf("the history knows of none:\n%s\nwant:\n%s", got, want)
	}
	plain := t.TempDir()
	write(t, plain, files)
	if got, want := makers(mustOpen(t, plain)), "x/Dockerfile [b/Dockerfile]; y/Dockerfile []; no-line x/Dockerfile; no-line y/Dockerfile"; got != want {
		t.Errorf("without a history:\n%s\nwant:\n%s", got, want)
	}
}

// A target of a matrix may be called by its version: the history does not tell then which of the targets was on a line,
// and the next one above counts. So it is where the image is used under the name of a mirror.
func TestLineOfATargetCalledByItsVersion(t *testing.T) {
	t.Parallel()
	for _, registry := range []string{"reg.example", "mirror.example"} {
		bake := func(first string) string {
			return "target \"rt\" {\n  name = \"rt-${replace(v, \".\", \"-\")}\"\n  matrix = { v = [\"" + first + "\", \"2026.11.08\"] }\n  context = \"rt\"\n  args = { V = v }\n  tags = [\"reg.example/shop/rt:${v}\"]\n}\n"
		}
		use := "FROM " + registry + "/shop/rt:2026.11."
		dir := gittest.Init(t, map[string]string{"docker-bake.hcl": bake("2026.11.09"), "rt/Dockerfile": "ARG V\nFROM debian:$V\n", "x/Dockerfile": use + "09\n", "y/Dockerfile": use + "08\n"})
		write(t, dir, map[string]string{"docker-bake.hcl": bake("2026.11.10")})
		gittest.Git(t, dir, "commit", "-aqm", "10")
		repo := mustOpen(t, dir)
		g := repo.Graph()
		var got []string
		for _, file := range repo.Files {
			for _, maker := range g.MakersOf(file.Refs[0]) {
				got = append(got, file.Path+" "+maker.Label)
			}
		}
		if want := []string{"x/Dockerfile rt/Dockerfile (V=2026.11.10)", "y/Dockerfile rt/Dockerfile (V=2026.11.08)"}; !slices.Equal(got, want) {
			t.Errorf("%s: made by %q, want %q", registry, got, want)
		}
		if !slices.ContainsFunc(g.Notes(), func(n graph.Note) bool { return n.Code == source.CodeNoLine && n.Pos.Path == "x/Dockerfile" }) {
			t.Errorf("%s: it does not say that it is a guess: %v", registry, g.Notes())
		}
	}
}

// What a file says of the only line of an image counts, also where it contradicts the tags in use:
// what stands on the image is held then.
func TestVersionOfTheOnlyLine(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"17.0.3": "bump", "2.3.0": "skip unresolved"} {
		dir := gittest.Init(t, map[string]string{
			"bases/java/17/Dockerfile": "FROM reg.example/shop/root:1.0.0\n", "bases/java/17/VERSION": version + "\n", "svc/Dockerfile": "FROM reg.example/shop/java:17.0.3\n",
		})
		plan, err := mustOpen(t, dir).Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{{Image: "reg.example/shop/root", Tag: "1.0.1"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range plan.Items {
			if got := strings.TrimSpace(item.Action.String() + " " + string(item.Reason)); got != want {
				t.Errorf("with %s, %s: %s, want %s", version, item.File.Path, got, want)
			}
		}
	}
}

// write writes files below a directory.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
