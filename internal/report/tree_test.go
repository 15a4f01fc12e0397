package report

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/screen"
	"github.com/matihlabs/propagate/scanner"
)

// drawn returns the tree of Dockerfiles, by path the images that they refer to, on a screen of some
// width.
func drawn(t *testing.T, width int, whole bool, files ...string) []string {
	t.Helper()
	var all []*scanner.File
	for i := 0; i < len(files); i += 2 {
		src := ""
		for k, image := range strings.Fields(files[i+1]) {
			if k == 0 {
				src = "FROM " + image + "\n"
			} else {
				src += "COPY --from=" + image + " / /\n"
			}
		}
		all = append(all, scanner.ScanFile(files[i], []byte(src), ""))
	}
	var b strings.Builder
	if err := WriteGraphText(screen.New(&b, width, false), graph.New(all, nil, nil).View(), nil, whole); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// many adds Dockerfiles below a directory, each on what image says of its number.
func many(files []string, dir string, n int, image func(i int) string) []string {
	for i := range n {
		files = append(files, fmt.Sprintf("%s/s%03d/Dockerfile", dir, i), image(i))
	}
	return files
}

func always(image string) func(int) string { return func(int) string { return image } }

// What is folded, from a repository of a few Dockerfiles to one where none is like another.
func TestTreeFolds(t *testing.T) {
	t.Parallel()
	const r = "reg.example/team/"
	distinct := many(nil, "svc", 300, func(i int) string { return fmt.Sprintf("%sbase-%03d:1", r, i) })
	chains := []string{}
	for i := range 100 {
		chains = append(chains, fmt.Sprintf("bases/b%03d/Dockerfile", i), r+"root:1.0.0",
			fmt.Sprintf("svc/x%03d/Dockerfile", i), fmt.Sprintf("%sb%03d:1", r, i), fmt.Sprintf("job/y%03d/Dockerfile", i), fmt.Sprintf("%sb%03d:1", r, i))
	}
	for _, test := range []struct {
		name  string
		width int
		files []string
		first []string // lines that it begins with
		lines int      // up to the blank one
		sum   string
	}{
		{"what fits a screen is all there", 0, many(nil, "svc", 47, always(r+"base:1.0.0")),
			[]string{r + "base", "├─ svc/s000/Dockerfile  1.0.0", "├─ svc/s001/Dockerfile  1.0.0"}, 48, "47 builds, based on 1 image from outside and 0 made here"},
		{"the same directory, version and exposure", 0, append(many(nil, "svc", 297, always(r+"base:1.0.0")), "svc/t/Dockerfile", r+"base:0.9.0", "tools/Dockerfile", "scratch "+r+"base:1.0.0", "x.Dockerfile", r+"base:1.0.0"),
			[]string{r + "base", "├─ svc/{s000,s001,s002,… 294 more}/Dockerfile  1.0.0", "├─ svc/t/Dockerfile  0.9.0", "├─ tools/Dockerfile  1.0.0  (build)", "└─ x.Dockerfile  1.0.0"}, 5, "300 builds, based on 1 image from outside and 0 made here"},
		{"many directories", 0, func() (files []string) {
			for i := range 300 {
				files = append(files, fmt.Sprintf("d%d/%d/Dockerfile", i%7, i), r+"base:1."+fmt.Sprint(i%2))
			}
			return append(many(nil, "a", 1, always(r+"base:1.2")), files...)
		}(), []string{r + "base", "├─ a/s000/Dockerfile  1.2", "├─ d0/{0,14,28,… 19 more}/Dockerfile  1.0", "├─ d1/{1,15,29,… 19 more}/Dockerfile  1.1"}, 16, "301 builds, based on 1 image from outside and 0 made here"},
		{"none next to each other", 0, func() (files []string) {
			for i := range 300 {
				files = append(files, fmt.Sprintf("d%03d/x/y/Dockerfile", i), r+"base:1."+fmt.Sprint(i%2))
			}
			return files
		}(), []string{r + "base", "├─ 150 builds in d000/, d002/, d004/ and 147 more  1.0", "└─ 150 builds in d001/, d003/, d005/ and 147 more  1.1"}, 3, "300 builds, based on 1 image from outside and 0 made here"},
		{"none on one version", 0, many(nil, "d", 300, func(i int) string { return fmt.Sprintf("%sbase:1.%d", r, i) }),
			[]string{r + "base", "└─ 300 builds in d/  1.0, 1.1, 1.10 and 297 more"}, 2, "300 builds, based on 1 image from outside and 0 made here"},
		{"each on an image of its own", 0, distinct,
			[]string{"300 images more with 300 builds: " + r + "base-000, " + r + "base-001, " + r + "base-002 and 297 more"}, 1, "300 builds, based on 300 images from outside and 0 made here"},
		{"a hundred derived bases", 0, chains,
			[]string{r + "root", "└─ 100 derived bases in bases/, with 200 builds below  1.0.0"}, 2, "300 builds, based on 1 image from outside and 100 made here"},
		{"a narrow screen has what is behind a name below it", 60, many([]string{"bases/derived/Dockerfile", r + "base:1.0.0", "b/Dockerfile", r + "derived:2"}, "services/of/a/long/directory", 60, always(r+"base:1.0.0")),
			[]string{
				r + "base",
				"├─ bases/derived/Dockerfile  1.0.0  →",
				"│  │   reg.example/team/derived, by its path",
				"│  └─ b/Dockerfile  2",
				"└─ services/of/a/long/directory/{s000,… 59 more}/Dockerfile",
				"       1.0.0",
			}, 6, "62 builds, based on 1 image from outside and 1 made here"},
	} {
		got := strings.Split(strings.ReplaceAll(strings.Join(drawn(t, test.width, false, test.files...), "\n"), "\u00a0", " "), "\n")
		blank := 0
		for got[blank] != "" {
			blank++
		}
		if strings.Join(got[:min(blank, len(test.first))], "\n") != strings.Join(test.first, "\n") || blank != test.lines || got[len(got)-1] != test.sum {
			t.Errorf("%s: %d lines, want %d\n%s", test.name, blank, test.lines, strings.Join(got, "\n"))
		}
		if len(got) > 100 {
			t.Errorf("%s: %d lines are more than two screens", test.name, len(got))
		}
		all := strings.Join(drawn(t, test.width, true, test.files...), "\n")
		for i := 0; i < len(test.files); i += 2 {
			if !strings.Contains(all, "─ "+test.files[i]) {
				t.Errorf("%s: --verbose does not list %s:\n%s", test.name, test.files[i], all)
			}
		}
	}
}

// However much is folded, each build is counted where it was.
func TestTreeCounts(t *testing.T) {
	t.Parallel()
	var files []*scanner.File
	for i := range 400 {
		base := fmt.Sprintf("reg.example/base-%02d:1.%d", i%13, i%5)
		if i%9 == 0 {
			base = fmt.Sprintf("reg.example/derived-%d:1", i%4)
		}
		files = append(files, scanner.ScanFile(fmt.Sprintf("d%d/s%03d/Dockerfile", i%11, i), []byte("FROM "+base+"\n"), ""))
	}
	for i := range 4 {
		files = append(files, scanner.ScanFile(fmt.Sprintf("bases/derived-%d/Dockerfile", i), fmt.Appendf(nil, "FROM reg.example/base-%02d:1\n", i), ""))
	}
	roots := treeOf(graph.New(files, nil, nil).View(), nil).roots()
	count := func(twigs []*twig) (n int) {
		for _, one := range twigs {
			n += one.builds()
		}
		return n
	}
	for at := foldNothing; at <= foldAll; at++ {
		if got := count(foldTwigs(roots, at, true)); got != 404 {
			t.Errorf("at level %d there are %d builds, want 404", at, got)
		}
	}
	if n := lines(foldTree(roots, false)); n > twoScreens {
		t.Errorf("it has %d lines", n)
	}
}

// Images that are based on each other in a circle are there, once.
func TestTreeOfACircle(t *testing.T) {
	t.Parallel()
	got := strings.Join(drawn(t, 0, false, "a/Dockerfile", "reg.example/team/b:1", "b/Dockerfile", "reg.example/team/a:1", "c/Dockerfile", "reg.example/team/a:2"), "\n")
	for _, path := range []string{"a/Dockerfile  1", "b/Dockerfile  1", "c/Dockerfile  2"} {
		if strings.Count(got, "─ "+path) != 1 {
			t.Errorf("%s is not there once:\n%s", path, got)
		}
	}
	if err := WriteGraphText(io.Discard, graph.View{}, nil, false); err != nil {
		t.Fatal(err)
	}
}
