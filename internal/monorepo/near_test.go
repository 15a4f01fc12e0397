package monorepo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// Which images are named to somebody who has typed an image that there is not.
func TestNearNames(t *testing.T) {
	t.Parallel()
	images := func(names ...string) map[string]string {
		files := map[string]string{}
		for _, name := range names {
			files[strings.ReplaceAll(name, "/", "-")+"/Dockerfile"] = "FROM reg.example/" + name + ":1.0.0\n"
		}
		return files
	}
	for _, tc := range []struct {
		typed string
		known []string
		want  string
	}{
		{"jaba", []string{"x/java"}, "x/java"},
		{"JAVA", []string{"x/javas"}, "x/javas"},
		{"jbba", []string{"x/java"}, "x/java"},
		{"jbbb", []string{"x/java"}, ""},                               // three of four letters are wrong
		{"base-jxxx-ml", []string{"x/base-java-ml"}, "x/base-java-ml"}, // three of twelve
		{"base-xxxx-ml", []string{"x/base-java-ml"}, "x/base-java-ml"}, // four
		{"base-xxxxxml", []string{"x/base-java-ml"}, ""},
		{"java", []string{"x/base-java-with-a-long-name"}, "x/base-java-with-a-long-name"},
		{"base-java-with-a-long-name", []string{"x/java"}, "x/java"},
		{"y/jaba", []string{"x/java"}, "x/java"}, // only the last component counts
		{"jaba", []string{"x/jabbb", "x/java", "y/java-ml"}, "x/java x/jabbb"},
		{"jav", []string{"a/kav", "b/javascript", "c/jxx"}, "a/kav b/javascript c/jxx"},
		{"jav", []string{"a/jxx", "b/kav", "c/javascript", "d/java"}, "b/kav c/javascript d/java"},
	} {
		_, err := mustOpen(t, gittest.Init(t, images(tc.known...))).FindImage(tc.typed)
		if err == nil {
			t.Errorf("%s is found", tc.typed)
			continue
		}
		var got []string
		if names, ok := strings.CutPrefix(source.Hint(err), "the nearest names are "); ok {
			got = strings.Split(names, ", ")
		}
		var want []string
		for _, name := range strings.Fields(tc.want) {
			want = append(want, "reg.example/"+name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s of %v: the hint is %q, want %v", tc.typed, tc.known, source.Hint(err), want)
		}
	}
}
