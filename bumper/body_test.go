package bumper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// bodyOf returns the text of the pull request of a change.
func bodyOf(t testing.TB, p *bumper.Plan, c bumper.Change, command string) string {
	t.Helper()
	texts, err := p.Texts(c, bumper.TextOptions{Command: command})
	if err != nil {
		t.Fatal(err)
	}
	return texts.Body
}

// A pull request says once what changes in several lines, and arrows say from which version to
// which.
func TestBodyOfSeveralLines(t *testing.T) {
	repo := files{
		"s/Dockerfile": "FROM acme/base:1.0.0 AS a\nRUN x\nFROM acme/base:1.0.0 AS b\nCOPY --from=a / /\nFROM acme/base:1.0.2\nCOPY --from=b / /\n",
		"t/Dockerfile": "FROM acme/base:1.0.0\n",
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	body := bodyOf(t, p, p.Changes(bumper.ChangeOptions{})[0], "propagate")
	for _, want := range []string{
		"| `s/Dockerfile` | runtime | `1.0.0` → `1.0.1` (lines 1, 3) |", "| `t/Dockerfile` | runtime | `1.0.0` → `1.0.1` (line 1) |",
		"|\"1.0.0 → 1.0.1, 1.0.2\"|", "|\"1.0.0 → 1.0.1\"|",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the body holds no %q:\n%s", want, body)
		}
	}
}

// Of many versions that one Dockerfile is on, twenty are listed and the others counted.
func TestBodyOfManyVersions(t *testing.T) {
	src := "FROM scratch\n"
	for i := range 23 {
		src += fmt.Sprintf("COPY --from=acme/base:1.0.%d / /\n", i)
	}
	p := files{"s/Dockerfile": src}.plan(t, bumper.Options{}, base("1.0.100"))
	body := bodyOf(t, p, p.Changes(bumper.ChangeOptions{})[0], "propagate")
	if !strings.Contains(body, "`1.0.19` → `1.0.100` (line 21)<br>and 3 more |") {
		t.Errorf("the body is:\n%s", body)
	}
}

// What a person has to settle comes first; what is left for one maker is counted beyond the first
// of it, and what lies in vendored trees in one line.
func TestBodyOfWhatIsLeft(t *testing.T) {
	repo := files{
		"b/Dockerfile": "FROM acme/base:0.9.0\n", "s/Dockerfile": "FROM acme/base:1.0.0\n", "z/Dockerfile": "ARG V\nFROM acme/base:$V\n",
		"y/Dockerfile":                  "FROM acme/base:0.8.0 AS a\nFROM acme/base:0.8.0 AS b\nCOPY --from=a / /\nFROM acme/base:0.9.0\nCOPY --from=b / /\n",
		"web/node_modules/x/Dockerfile": "FROM acme/base:1.0.0\n", "third_party/x/Dockerfile": "FROM acme/base:1.0.0\n", "third_party/y/Dockerfile": "FROM acme/base:1.0.0\n",
	}
	for i := range 7 {
		repo[fmt.Sprintf("c/%d/Dockerfile", i)] = fmt.Sprintf("FROM acme/b:1.%d.0\n", i)
	}
	p := repo.plan(t, bumper.Options{Vendored: func(path string) (string, bool) {
		tree, _, ok := strings.Cut(path, "/x/")
		if !ok {
			tree, _, ok = strings.Cut(path, "/y/")
		}
		return tree, ok
	}}, base("1.0.1"))
	body := bodyOf(t, p, p.Changes(bumper.ChangeOptions{})[0], "propagate")
	_, left, _ := strings.Cut(body, "<details><summary>Left as they are, and why</summary>\n\n")
	left, _, _ = strings.Cut(left, "\n</details>")
	want := "| place | image | version | why |\n| --- | --- | --- | --- |\n" +
		"| `z/Dockerfile:2:6` | `docker.io/acme/base` | `none` | unresolved: `acme/base:$V has no version that is known` |\n" +
		"| `b/Dockerfile:1:6` | `docker.io/acme/base` | `0.9.0` | level: `0.9.0 to 1.0.1 is a major step` |\n"
	for i := range 3 {
		want += fmt.Sprintf("| `c/%d/Dockerfile:1:6` | `docker.io/acme/b` | `1.%d.0` | level: `b/Dockerfile, which makes docker.io/acme/b, is left` |\n", i, i)
	}
	want += "| `y/Dockerfile:1:6` | `docker.io/acme/base` | `0.8.0` | level: `0.8.0 to 1.0.1 is a major step` |\n" +
		"| `y/Dockerfile:4:6` | `docker.io/acme/base` | `0.9.0` | level: `0.9.0 to 1.0.1 is a major step` |\n"
	want += "\n4 more wait for `docker.io/acme/b`, which is left with `b/Dockerfile`.\n\n3 references in vendored trees that nothing outside builds: `third_party`, `web/node_modules`.\n"
	if left != want {
		t.Errorf("got:\n%s\nwant:\n%s", left, want)
	}
}
