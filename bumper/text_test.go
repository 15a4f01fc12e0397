package bumper_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// References that patterns find in one file move each when its own image does, and what says itself
// which version an image gets moves with the image. acme/os is patched, acme/base is made of it.
func TestReferencesOfOneText(t *testing.T) {
	pattern := []scanner.Pattern{{Expr: regexp.MustCompile(`(?P<image>acme/\w+)[:=](?P<version>\S+)`)}}
	for _, tc := range []struct {
		name, text string
		place      string // what of the text says the version of acme/base
		ignored    bool   // the text
		atomic     bool
		want       string
	}{
		{"each image by itself", "acme/os:1.0.0\nacme/base:2.0.0\nacme/cache:7\n", "", false, false, "1 base/Dockerfile:1.0.1 1 versions:1.0.1 2 versions:2.0.1 waits base:2.0.1"},
		{"two versions of one image", "acme/os:1.0.0\nacme/os:0.9.0\nacme/os:1.0.0\n", "", false, false, "1 base/Dockerfile:1.0.1 1 versions:1.0.1 1 versions left level 1 versions:1.0.1"},
		{"the version itself", "acme/os:1.0.0\nacme/base:2.0.0\n", "2.0.0", false, false, "1 base/Dockerfile:1.0.1,2.0.1 1 versions:1.0.1 1 versions:2.0.1"},
		{"the version itself alone", "acme/base:2.0.0\n", "2.0.0", false, false, "1 base/Dockerfile:1.0.1,2.0.1 1 versions:2.0.1"},
		{"the version itself, and a reference beside it", "acme/base=2.0.0\nacme/base:2.0.0\n", "2.0.0", false, false, "1 base/Dockerfile:1.0.1,2.0.1 1 versions:2.0.1 2 versions:2.0.1 waits base:2.0.1"},
		{"all waves at once", "acme/os:1.0.0\nacme/base:2.0.0\n", "2.0.0", false, true, "1 base/Dockerfile:1.0.1,2.0.1 1 versions:1.0.1 1 versions:2.0.1"},
		{"a text that is ignored", "acme/os:1.0.0\nacme/base:2.0.0\n", "2.0.0", true, false, "1 base/Dockerfile left ignored 1 versions left ignored 2 versions left ignored"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			repo := files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "versions": tc.text}
			builds := append(scanner.ScanBuilds("base/Dockerfile", []byte(repo["base/Dockerfile"]), nil), scanner.ScanText("versions", []byte(tc.text), pattern))
			g := graph.New(builds, []graph.Claim{{Image: "docker.io/acme/base", Rule: graph.Configured, Path: "base/Dockerfile"}}, nil)
			opts := bumper.Options{Atomic: tc.atomic, Ignored: func(path string) (string, bool) { return "", tc.ignored && path == "versions" }}
			opts.Releases = func(image *graph.Node) ([]bumper.Release, error) {
				if image.Key != "docker.io/acme/base" || tc.place == "" {
					return nil, nil
				}
				return []bumper.Release{{Tag: trace.NewFile("versions", []byte(tc.text)).Find(tc.place, 0), How: "a place"}}, nil
			}
			p, err := bumper.NewPlan(t.Context(), g, repo, []bumper.Bump{{Image: "docker.io/acme/os", Tag: "1.0.1"}}, opts)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, item := range p.Items {
				var to []string
				for _, e := range item.Edits {
					to = append(to, e.New)
				}
				line := fmt.Sprintf("%d %s:%s", item.Wave, item.File.Path, strings.Join(to, ","))
				if item.Action == bumper.ActionSkip {
					line = fmt.Sprintf("%d %s left %s", item.Wave, item.File.Path, item.Reason)
				}
				if len(item.WaitsFor) > 0 {
					line += " waits " + strings.ReplaceAll(strings.Join(item.WaitsFor, " "), "docker.io/acme/", "")
				}
				got = append(got, line)
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
