package buildfile

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// A matrix has up to 256 jobs, and each of them may build; what is not read is said.
func TestAllOfAMatrixIsRead(t *testing.T) {
	workflow := func(versions, platforms int) string {
		var b strings.Builder
		b.WriteString("on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        v: [0")
		for i := 1; i < versions; i++ {
			fmt.Fprintf(&b, ", %d", i)
		}
		b.WriteString("]\n        p: [0")
		for i := 1; i < platforms; i++ {
			fmt.Fprintf(&b, ", %d", i)
		}
		b.WriteString("]\n    steps:\n")
		for i := range 3 {
			fmt.Fprintf(&b, "      - run: docker build -t acme/a%d:${{ matrix.v }}-${{ matrix.p }} .\n", i)
		}
		return b.String()
	}
	for _, test := range []struct{ versions, platforms, builds, problems int }{
		{10, 16, 480, 0},
		{16, 16, reading.MaxBuilds, 1},
	} {
		const name = ".github/workflows/ci.yml"
		fsys := fstest.MapFS{name: {Data: []byte(workflow(test.versions, test.platforms))}}
		result, err := Read(t.Context(), fsys, []string{name}, []string{"Dockerfile"})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Builds) != test.builds || len(result.Problems) != test.problems {
			t.Errorf("%d x %d: %d builds, and %v", test.versions, test.platforms, len(result.Builds), result.Problems)
		}
	}
}
