package buildfile

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
)

// Hang is far above what the largest file takes, whatever else the machine does.
const Hang = 10 * time.Minute

// Any compose file with any .env beside it is read in time, and all places hold.
func FuzzCompose(f *testing.F) {
	env, err := os.ReadFile("../../testdata/buildfiles/compose-env/in/.env")
	if err != nil {
		f.Fatal(err)
	}
	tracetest.Seed(f, "../../testdata/buildfiles/*/in/"+"*compose*.y*ml", func(src []byte) { f.Add(src, env, src) })
	f.Fuzz(func(t *testing.T, src, env, override []byte) {
		fsys := fstest.MapFS{
			"compose.yaml": {Data: src}, ".env": {Data: env}, "compose.override.yml": {Data: override}, "skaffold.yaml": {Data: src},
		}
		var result *Result
		tracetest.Brief(t, func() {
			var err error
			if result, err = Read(t.Context(), fsys, []string{"compose.yaml", "compose.override.yml", "skaffold.yaml"}, []string{"Dockerfile", "web/Dockerfile"}); err != nil {
				t.Fatal(err)
			}
		})
		for _, p := range result.Problems {
			if strings.Contains(p.Message, "gave up") {
				t.Errorf("%s: %s", p.Pos, p.Message)
			}
		}
		for _, b := range result.Builds {
			if b.Where.Line < 1 {
				t.Errorf("a build of %s has no place", b.Dockerfile)
			}
			for _, image := range b.Images {
				tracetest.Placed(t, fsys, image)
			}
			for _, a := range b.Args {
				if tracetest.Placed(t, fsys, a.Value); reading.IsDirectory(a.Value) {
					t.Errorf("%s=%q is a directory, which has no name outside of the program", a.Name, a.Value.S)
				}
			}
			for _, c := range b.Contexts {
				tracetest.Placed(t, fsys, c.Value)
			}
		}
	})
}
