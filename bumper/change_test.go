package bumper_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

func TestChanges(t *testing.T) {
	repo := files{
		"Dockerfile": "FROM acme/base:1.0.0\n", "a/x/Dockerfile": "FROM acme/base:1.0.0\n", "a/x/Dockerfile.worker": "FROM acme/base:1.0.0\n",
		"a.x/Dockerfile": "FROM acme/base:1.0.0\n", "A/x/Dockerfile": "FROM acme/base:1.0.0\n", "$(id)/Dockerfile": "FROM acme/base:1.0.0\n",
		strings.Repeat("long/", 60) + "Dockerfile": "FROM acme/base:1.0.0\n",
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	owners := func(path string) []string {
		if strings.HasPrefix(path, "a/") {
			return []string{"@acme/a", "@acme/b"}
		}
		return nil
	}
	for by, want := range map[bumper.Grouping]int{bumper.AllInOne: 1, "": 1, bumper.ByWave: 1, bumper.ByTeam: 2, bumper.ByDirectory: 6, bumper.ByService: 7} {
		changes := p.Changes(bumper.ChangeOptions{By: by, Owners: owners})
		if len(changes) != want {
			t.Errorf("%q: %d changes, want %d", by, len(changes), want)
		}
		seen := map[string]bool{}
		for _, c := range changes {
			if seen[c.Branch] {
				t.Errorf("%q: two changes on branch %s", by, c.Branch)
			}
			seen[c.Branch] = true
			if strings.Trim(strings.TrimPrefix(c.Branch, "propagate/"), "abcdefghijklmnopqrstuvwxyz0123456789._+-") != "" || len(c.Branch) > 240 {
				t.Errorf("%q: branch %q", by, c.Branch)
			}
			if out, err := exec.Command("git", "check-ref-format", "--branch", c.Branch).CombinedOutput(); err != nil {
				t.Errorf("%q: git refuses branch %q: %s", by, c.Branch, out)
			}
		}
	}
	if c := p.Changes(bumper.ChangeOptions{})[0]; c.Branch != "propagate/base" || c.Title != "Update base to 1.0.1" {
		t.Errorf("branch %q, title %q", c.Branch, c.Title)
	}
	for _, c := range p.Changes(bumper.ChangeOptions{By: bumper.ByDirectory}) {
		if c.Group == "." && !strings.HasPrefix(c.Branch, "propagate/base--directory-root-") {
			t.Errorf("the branch of the root is %q", c.Branch)
		}
	}
	for _, c := range p.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		if c.Items[0].File.Path == "a/x/Dockerfile" && (c.Branch != "propagate/base--service-a.x" || c.Title != "Update base to 1.0.1 in a/x/Dockerfile") {
			t.Errorf("branch %q, title %q", c.Branch, c.Title)
		}
	}
}

// A title is inert whatever a path is called, and of a digest it has the beginning.
func TestTitles(t *testing.T) {
	digest := "sha256:" + strings.Repeat("1b", 32)
	repo := files{"fix #1/Dockerfile": "FROM acme/base:1.0.0@sha256:" + strings.Repeat("0a", 32) + "\n"}
	for _, tc := range []struct {
		bump          bumper.Bump
		title, branch string
	}{
		{bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.1", Digest: digest}, "Update base to 1.0.1@sha256:1b1b1b1b1b1b in fix # 1/Dockerfile", "propagate/base--service-fix.1-"},
		{bumper.Bump{Image: "docker.io/acme/base", Digest: digest}, "Update base to sha256:1b1b1b1b1b1b in fix # 1/Dockerfile", "propagate/base--service-fix.1-"},
	} {
		changes := repo.plan(t, bumper.Options{Digests: digests{"docker.io/acme/base:1.0.0": digest}}, tc.bump).Changes(bumper.ChangeOptions{By: bumper.ByService})
		if len(changes) != 1 || changes[0].Title != tc.title || !strings.HasPrefix(changes[0].Branch, tc.branch) {
			t.Errorf("want %s on %s, got %+v", tc.title, tc.branch, changes)
		}
	}
}

// A title that would name too many bases counts them.
func TestTitleOfManyBases(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{2: "Update base-of-the-platform-0 to 1.0.1 and base-of-the-platform-1 to 1.0.1 in s/Dockerfile", 5: "Update 5 base images in s/Dockerfile"} {
		dockerfile, bumps := "", []bumper.Bump(nil)
		for i := range n {
			image := fmt.Sprintf("docker.io/acme/base-of-the-platform-%d", i)
			dockerfile += fmt.Sprintf("FROM %s:1.0.0 AS s%d\n", image, i)
			bumps = append(bumps, bumper.Bump{Image: image, Tag: "1.0.1"})
		}
		for i := range n - 1 {
			dockerfile += fmt.Sprintf("COPY --from=s%d / /\n", i)
		}
		changes := files{"s/Dockerfile": dockerfile}.plan(t, bumper.Options{}, bumps...).Changes(bumper.ChangeOptions{By: bumper.ByService})
		if len(changes) != 1 || changes[0].Title != want {
			t.Errorf("of %d bases: %+v, want %s", n, changes, want)
		}
	}
}

func TestBody(t *testing.T) {
	repo := files{
		"s/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V\n", "old/Dockerfile": "FROM acme/base:0.1.0\n", "moving/Dockerfile": "FROM acme/base\n",
		"b/Dockerfile": "FROM acme/base:1.0.0\n", "t/Dockerfile": "FROM acme/b:1.0.0\n", "@team|`x`\n/Dockerfile": "FROM acme/base:1.0.0\n",
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	body := bodyOf(t, p, p.Changes(bumper.ChangeOptions{})[0], "propagate --base acme/base@1.0.1")
	for _, want := range []string{
		"| `s/Dockerfile` | runtime | `1.0.0` → `1.0.1` (line 1) |",
		"| `b/Dockerfile` (base) | runtime | `1.0.0` → `1.0.1` (line 1) |",
		"| `moving/Dockerfile` | `latest` |",
		"| `t/Dockerfile` | 2 | `docker.io/acme/b:1.0.1` |",
		"| `old/Dockerfile:1:6` | `docker.io/acme/base` | `0.1.0` | level: `0.1.0 to 1.0.1 is a major step` |",
		"```mermaid\nflowchart LR\n", "propagate --base acme/base@1.0.1", "| <code>&#x40;team&#x7c;&#x60;x&#x60;&#x3c;U+000A&#x3e;/Dockerfile</code> |",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the body holds no %q:\n%s", want, body)
		}
	}
	many := files{}
	for i := range 3000 {
		many[fmt.Sprintf("services/%04d-%s/Dockerfile", i, strings.Repeat("x", 60))] = "FROM acme/base:1.0.0\n"
	}
	p = many.plan(t, bumper.Options{}, base("1.0.1"))
	body = bodyOf(t, p, p.Changes(bumper.ChangeOptions{})[0], "propagate")
	if !strings.Contains(body, "\n```mermaid\nflowchart LR\n  folded[\"folded: ") {
		t.Errorf("the graph of a large change is not drawn:\n%.3000s", body)
	}
	if len(body) > 58000 || !strings.Contains(body, "… and 2800 more, for which there is no room here") || !strings.Contains(body, "<summary>Run it again, or overrule it</summary>") {
		t.Errorf("the body of 3000 Dockerfiles has %d bytes and ends %q", len(body), body[max(0, len(body)-200):])
	}
}

// What Diff writes is what git apply reads: it makes the edited file, byte for
// byte.
func TestDiffIsAppliedByGit(t *testing.T) {
	for name, src := range map[string]string{
		"plain":      "# a\n\nFROM acme/base:1.0.0\nRUN x\n",
		"crlf":       "ARG V=1.0.0\r\nFROM acme/base:$V\r\n",
		"no newline": "FROM x AS y\nFROM acme/base:1.0.0",
		"tabs":       "FROM\tacme/base:1.0.0\n\tRUN x\n",
		"byte order": "\ufeffFROM acme/base:1.0.0\n",
		"latin 1":    "# \xe9\nFROM acme/base:1.0.0\n",
		"two hunks":  "FROM acme/base:1.0.0 AS a\nRUN 1\nRUN 2\nRUN 3\nFROM acme/base:1.0.0 AS b\n" + strings.Repeat("RUN x\n", 20) + "FROM acme/base:1.0.0 AS c\nRUN y\n" + strings.Repeat("RUN z\n", 9) + "FROM acme/base:1.0.0\nCOPY --from=a / /\nCOPY --from=b / /\nCOPY --from=c / /",
	} {
		t.Run(name, func(t *testing.T) {
			hunks := func(diff string) []string { return regexp.MustCompile(`(?m)^@@ -\S+ \+\S+ @@`).FindAllString(diff, -1) }
			repo := files{"s/Dockerfile": src}
			after := repo.after(repo.plan(t, bumper.Options{}, base("1.0.1")))
			dir := t.TempDir()
			path := filepath.Join(dir, "s", "Dockerfile")
			if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
				t.Fatal(err)
			}
			diff := bumper.Diff("s/Dockerfile", []byte(src), []byte(after["s/Dockerfile"]))
			if err := os.WriteFile(filepath.Join(dir, "after"), []byte(after["s/Dockerfile"]), 0o644); err != nil {
				t.Fatal(err)
			}
			out, _ := exec.Command("git", "diff", "--no-index", "--no-ext-diff", "--no-color", "--diff-algorithm=myers", "-U3", path, filepath.Join(dir, "after")).Output() // its status is 1
			if got, want := hunks(diff), hunks(string(out)); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("the hunks are %v, and of git diff %v", got, want)
			}
			git := exec.Command("git", "apply", "--whitespace=nowarn", "-")
			git.Dir, git.Stdin = dir, strings.NewReader(diff)
			git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
			if out, err := git.CombinedOutput(); err != nil {
				t.Fatalf("git apply: %s", out)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != after["s/Dockerfile"] || !strings.Contains(string(got), "1.0.1") {
				t.Errorf("got %q, want %q", got, after["s/Dockerfile"])
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	src := []byte("FROM acme/base:1.0.0\n")
	edit := func(start, end int, old string) bumper.Edit {
		e := bumper.Edit{Path: "Dockerfile", Line: 1, Old: old, New: "x"}
		e.Span.Start, e.Span.End = start, end
		return e
	}
	for name, edits := range map[string][]bumper.Edit{
		"another text":    {edit(15, 20, "2.0.0")},
		"outside":         {edit(15, 200, "1.0.0")},
		"turned around":   {edit(20, 15, "")},
		"an overlap":      {edit(15, 20, "1.0.0"), edit(17, 18, "0")},
		"the wrong order": {edit(15, 20, "1.0.0"), edit(0, 4, "FROM")},
	} {
		if out, err := bumper.Apply(src, edits); err == nil {
			t.Errorf("%s: %q", name, out)
		}
	}
	out, err := bumper.Apply(src, nil)
	if err != nil || !slices.Equal(out, src) {
		t.Errorf("no edits: %q, %v", out, err)
	}
}

// A branch is a file in git's directory, below propagate/, and git adds an ending of its own
// to it meanwhile: 255 bytes are all there is for a bump and a group, however long their names.
func TestTheLongestBranch(t *testing.T) {
	longest := func(image, path string) string {
		repo := files{path + "/Dockerfile": "FROM acme/" + image + ":1.0.0\n"}
		changes := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/" + image, Tag: "1.0.1"}).Changes(bumper.ChangeOptions{By: bumper.ByService})
		if len(changes) != 1 {
			t.Fatalf("%d changes", len(changes))
		}
		return changes[0].Branch
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "x")
	git("branch", longest(strings.Repeat("image", 40), strings.Repeat("directory/", 40)+"x"))
	// What fits is written in full.
	for n := 60; n < 120; n++ {
		image, path := strings.Repeat("i", n), strings.Repeat("p", n)
		branch := longest(image, path)
		if whole := "propagate/" + image + "--service-" + path; n <= 90 && branch != whole {
			t.Errorf("%d characters: the branch is %s", n, branch)
		}
	}
}
