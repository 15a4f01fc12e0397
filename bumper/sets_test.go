package bumper_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// described says of each change its branch, its title, and the files that it edits.
func described(changes []bumper.Change) string {
	var b strings.Builder
	for _, c := range changes {
		var files []string
		for _, f := range c.Files {
			for _, e := range f.Edits {
				files = append(files, fmt.Sprintf("%s:%d", f.Path, e.Line))
			}
		}
		fmt.Fprintf(&b, "%s | %s | %s\n", strings.TrimPrefix(c.Branch, "propagate/"), c.Title, strings.Join(files, " "))
	}
	return b.String()
}

func apart(names map[string]string) func(bumper.Bump, string) string {
	return func(b bumper.Bump, dockerfile string) string {
		return cmp.Or(names[dockerfile], names[imageref.Base(b.Image)])
	}
}

func TestChangesApart(t *testing.T) {
	far := strings.Repeat("RUN true\n", 10)
	repo := files{
		"a/Dockerfile":    "FROM acme/java:1.0.0\n",
		"b/Dockerfile":    "FROM acme/node:2.0.0\n",
		"near/Dockerfile": "FROM acme/node:2.0.0 AS build\nFROM acme/java:1.0.0\nCOPY --from=build /a /a\n",
		"far/Dockerfile":  "FROM acme/node:2.0.0 AS build\n" + far + "FROM acme/java:1.0.0\nCOPY --from=build /a /a\n",
		"py/Dockerfile":   "FROM acme/py:3.11.1\n",
		"py2/Dockerfile":  "FROM acme/py:3.12.1\n",
	}
	java, node := bumper.Bump{Image: "docker.io/acme/java", Tag: "1.0.1"}, bumper.Bump{Image: "docker.io/acme/node", Tag: "2.0.1"}
	py11, py12 := bumper.Bump{Image: "docker.io/acme/py", Tag: "3.11.9"}, bumper.Bump{Image: "docker.io/acme/py", Tag: "3.12.8"}
	for name, tc := range map[string]struct {
		bumps []bumper.Bump
		opts  bumper.ChangeOptions
		want  string
	}{
		"one for each image, a build that two are for with the first": {
			[]bumper.Bump{node, java}, bumper.ChangeOptions{Apart: apart(nil)},
			"java | Update java to 1.0.1 and node to 2.0.1 | a/Dockerfile:1 far/Dockerfile:1 far/Dockerfile:12 near/Dockerfile:1 near/Dockerfile:2\n" +
				"node | Update node to 2.0.1 | b/Dockerfile:1\n",
		},
		"the branch of one is the same without the other": {
			[]bumper.Bump{node}, bumper.ChangeOptions{Apart: apart(nil)},
			"node | Update node to 2.0.1 | b/Dockerfile:1 far/Dockerfile:1 near/Dockerfile:1\n",
		},
		"several versions of one image": {
			[]bumper.Bump{py11, py12}, bumper.ChangeOptions{Apart: apart(nil)},
			"py | Update py to 3.11.9 and py to 3.12.8 | py/Dockerfile:1 py2/Dockerfile:1\n",
		},
		"and one of them": {
			[]bumper.Bump{py12}, bumper.ChangeOptions{Apart: apart(nil)},
			"py | Update py to 3.12.8 | py2/Dockerfile:1\n",
		},
		"a name joins images": {
			[]bumper.Bump{java, node, py12}, bumper.ChangeOptions{Apart: apart(map[string]string{"java": "weekly", "py": "weekly"})},
			"node | Update java to 1.0.1 and node to 2.0.1 | b/Dockerfile:1 far/Dockerfile:1 far/Dockerfile:12 near/Dockerfile:1 near/Dockerfile:2\n" +
				"weekly | Update java to 1.0.1 and py to 3.12.8 (weekly) | a/Dockerfile:1 py2/Dockerfile:1\n",
		},
		"a name for a Dockerfile": {
			[]bumper.Bump{java, py12}, bumper.ChangeOptions{Apart: apart(map[string]string{"a/Dockerfile": "legacy", "py2/Dockerfile": "legacy"})},
			"java | Update java to 1.0.1 | far/Dockerfile:12 near/Dockerfile:2\n" +
				"legacy | Update java to 1.0.1 and py to 3.12.8 (legacy) | a/Dockerfile:1 py2/Dockerfile:1\n",
		},
		"with a grouping": {
			[]bumper.Bump{java, node}, bumper.ChangeOptions{Apart: apart(nil), By: bumper.ByService},
			"java--service-a | Update java to 1.0.1 in a/Dockerfile | a/Dockerfile:1\n" +
				"java--service-far | Update java to 1.0.1 and node to 2.0.1 in far/Dockerfile | far/Dockerfile:1 far/Dockerfile:12\n" +
				"java--service-near | Update java to 1.0.1 and node to 2.0.1 in near/Dockerfile | near/Dockerfile:1 near/Dockerfile:2\n" +
				"node--service-b | Update node to 2.0.1 in b/Dockerfile | b/Dockerfile:1\n",
		},
	} {
		changes := repo.plan(t, bumper.Options{}, tc.bumps...).Changes(tc.opts)
		if got := described(changes); got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tc.want)
		}
		for _, one := range changes {
			for _, other := range changes {
				if one.Branch != other.Branch && one.GroupSlug == other.GroupSlug && slices.ContainsFunc(one.Subjects, func(s bumper.Subject) bool { return slices.Contains(other.Subjects, s) }) {
					t.Errorf("%s: %s and %s are found by the same base", name, one.Branch, other.Branch)
				}
			}
		}
	}
}

// Both changes of two bases may be merged, in either order, whatever files they have in common, and
// then everything has moved.
func TestChangesApartMerge(t *testing.T) {
	far := strings.Repeat("RUN true\n", 6)
	repo := files{
		"two/Dockerfile":   "FROM acme/node:2.0.0 AS one\n" + far + "FROM acme/java:1.0.0 AS two\n",
		"near/Dockerfile":  "FROM acme/node:2.0.0 AS one\nFROM acme/java:1.0.0\nCOPY --from=one /a /a\n",
		"alone/Dockerfile": "FROM acme/java:1.0.0\n",
		"own/Dockerfile":   "FROM acme/node:2.0.0\n",
	}
	plan := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/java", Tag: "1.0.1"}, bumper.Bump{Image: "docker.io/acme/node", Tag: "2.0.1"})
	changes := plan.Changes(bumper.ChangeOptions{Apart: apart(nil)})
	if len(changes) != 2 {
		t.Fatalf("the changes are\n%s", described(changes))
	}
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		dir := t.TempDir()
		git := func(args ...string) {
			cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"}, args...)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("git %v: %s", args, out)
			}
		}
		write := func(path string, content []byte) {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, path), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		git("init", "-q", "-b", "main")
		for path, content := range repo {
			write(path, []byte(content))
		}
		git("add", "-A")
		git("commit", "-q", "-m", "start")
		for i, c := range changes {
			git("checkout", "-q", "-b", fmt.Sprint("change-", i), "main")
			for _, f := range c.Files {
				write(f.Path, f.Content)
			}
			git("commit", "-q", "-a", "-m", c.Title)
		}
		git("checkout", "-q", "main")
		for _, i := range order {
			git("merge", "-q", "--no-edit", fmt.Sprint("change-", i))
		}
		for path := range repo {
			content, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil || strings.Contains(string(content), ":1.0.0") || strings.Contains(string(content), ":2.0.0") {
				t.Errorf("%s is %s (%v)", path, content, err)
			}
		}
	}
}

// References go to versions of their own: with two of an image to the nearest, and else to what was chosen for them.
func TestChosen(t *testing.T) {
	repo := files{
		"a/Dockerfile": "FROM acme/py:3.11.1\n", "b/Dockerfile": "FROM acme/py:3.12.1\n", "c/Dockerfile": "FROM acme/py:3.11.1\n", "d/Dockerfile": "FROM acme/py:3.13.1\n",
	}
	bumps := []bumper.Bump{{Image: "docker.io/acme/py", Tag: "3.11.9"}, {Image: "docker.io/acme/py", Tag: "3.12.8"}}
	want := "a/Dockerfile:1 3.11.9; b/Dockerfile:1 3.12.8; c/Dockerfile:1 3.11.9"
	if got := edits(repo.plan(t, bumper.Options{Level: imageref.Minor}, bumps...)); got != want {
		t.Errorf("the edits are %s, want %s", got, want)
	}
	chosen := func(ref *scanner.Ref) (bumper.Bump, bool) {
		switch ref.Pos.Path {
		case "a/Dockerfile", "b/Dockerfile":
			return bumps[1], true
		case "d/Dockerfile":
			return bumper.Bump{Image: "docker.io/acme/py", Tag: "3.14.0"}, true // which is none of the plan
		}
		return bumper.Bump{}, false
	}
	p := repo.plan(t, bumper.Options{Chosen: chosen}, bumps...)
	if got, want := edits(p), "a/Dockerfile:1 3.12.8; b/Dockerfile:1 3.12.8"; got != want {
		t.Errorf("the edits are %s, want %s", got, want)
	}
	if len(p.Items) != 2 {
		t.Errorf("the plan has %d items, want those that something was chosen for", len(p.Items))
	}
}
