package imageref_test

import (
	"os"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

// TestPairs holds Relate to testdata/pairs.tsv: the tags that one commit of a public
// repository wrote over one another in a FROM line. A label is what a platform engineer would
// call the step; "blind" are those that were given before any code answered, "read" those that
// the code gave and a person read over.
func TestPairs(t *testing.T) {
	content, err := os.ReadFile("testdata/pairs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	repositories, blind, pairs := map[string]bool{}, 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("%q has %d fields", line, len(f))
		}
		pairs++
		repositories[f[0]] = true
		if f[5] == "blind" {
			blind++
		}
		if got := imageref.Relate(f[2], f[3]).String(); got != f[4] {
			t.Errorf("%s: Relate(%q, %q) = %s, want %s", f[1], f[2], f[3], got, f[4])
		}
	}
	if pairs < 300 || len(repositories) < 60 || blind < 60 {
		t.Errorf("%d pairs of %d repositories, %d of them labelled blind", pairs, len(repositories), blind)
	}
}
