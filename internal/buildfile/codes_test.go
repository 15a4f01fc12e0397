package buildfile_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/source"
)

// Every problem of the corpus has a code of its subject, also behind the cache, and no
// code of it is without a case.
func TestEveryProblemHasACode(t *testing.T) {
	const root = "../../testdata/buildfiles"
	cases, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	known := source.Codes(source.InBuildFiles)
	seen := map[source.Code]bool{}
	for _, c := range cases {
		result := readAll(t, os.DirFS(filepath.Join(root, c.Name(), "in")))
		decoded, err := buildfile.Decode(result.Encode())
		if err != nil || !slices.Equal(decoded.Problems, result.Problems) {
			t.Errorf("%s: out of the cache come %v, %v, not %v", c.Name(), decoded.Problems, err, result.Problems)
		}
		for _, p := range result.Problems {
			seen[p.Code] = true
			if !slices.Contains(known, p.Code) {
				t.Errorf("%s: %s: %s: the code is %q", c.Name(), p.Pos, p.Message, p.Code)
			}
		}
	}
	for _, code := range known {
		if !seen[code] {
			t.Errorf("%s has no case", code)
		}
	}
}
