package bumper_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Edits of one file that are three lines apart are of one change, since two would conflict; four
// lines are enough. The edits of one file are by place, whatever the paths of the builds are.
func TestEditsNearEachOther(t *testing.T) {
	const versions = "1.0.0\n#\n#\n1.0.0\n#\n#\n#\n1.0.0\n"
	repo := files{"versions.env": versions}
	env := trace.NewFile("versions.env", []byte(versions))
	var all []*scanner.File
	for i, at := range []int{strings.LastIndex(versions, "1"), 0, strings.Index(versions, "#\n1") + 2} {
		path := string(rune('a'+i)) + "/Dockerfile"
		repo[path] = "ARG V\nFROM acme/base:$V\n"
		build := scanner.BuildConfig{Args: []scanner.Arg{{Name: "V", Value: env.Text(at, at+len("1.0.0"))}}}
		all = append(all, scanner.ScanBuilds(path, []byte(repo[path]), []scanner.BuildConfig{build})...)
	}
	p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, change := range p.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		var paths []string
		for _, item := range change.Items {
			paths = append(paths, item.File.Path[:1])
		}
		got = append(got, strings.Join(paths, "+"))
	}
	if text := strings.Join(got, " "); text != "a b+c" {
		t.Errorf("the changes are of %s, want a b+c", text)
	}
	if got, want := repo.after(p)["versions.env"], strings.ReplaceAll(versions, "1.0.0", "1.0.1"); got != want {
		t.Errorf("the file afterwards:\n%s", got)
	}
}
