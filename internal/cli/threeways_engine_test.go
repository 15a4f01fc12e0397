//go:build engine

package cli_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
)

var (
	randomChanges = flag.Int("changes", 0, "TestEngineThreeWays: how many random changes it makes besides its own")
	changesSeed   = flag.Uint64("seed", 1, "TestEngineThreeWays: the seed of the random changes")
)

// The builds that affected names for a change are those that move: by the digests of their images when all is built anew
// with nothing cached, and by the steps that are run again when all is built with what is cached. A build that moves and
// is not named is a fault; of one that is named and does not move the reason is in the table that -v prints.
func TestEngineThreeWays(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	digests := w.anew(t)
	changes := []change{patchedBase("os-3_20"), editedFile("services/train/data/a"), otherArgument("ml", "MODEL")}
	random := rand.New(rand.NewPCG(*changesSeed, 0))
	for range *randomChanges {
		changes = append(changes, randomChange(random))
	}
	t.Logf("seed %d", *changesSeed)
	for n, c := range changes {
		named, reasons := c.apply(t, w, n)
		again := w.Bake(t, enginetest.Bake{Dir: w.dir, Args: []string{"--provenance=false", "--set", "*.output=type=cacheonly"}}).Missed
		now := w.anew(t)
		moved := slices.DeleteFunc(slices.Sorted(maps.Keys(now)), func(target string) bool { return now[target] == digests[target] })
		digests = now
		run := slices.Sorted(maps.Keys(again))
		row := fmt.Sprintf("%2d %-60s named %2d  moved %2d  run again %2d", n, c.what, len(named), len(moved), len(run))
		for target := range worksBuilds {
			switch isNamed, isMoved, isRun := slices.Contains(named, target), slices.Contains(moved, target), len(again[target]) > 0; {
			case !isNamed && (isMoved || isRun):
				t.Errorf("change %d, %s: %s is not named, but moves: %v; steps that are run again: %q", n, c.what, target, isMoved, again[target])
			case isNamed && !isMoved && !isRun:
				row += fmt.Sprintf("\n     %s is named and does not move: %s", target, strings.TrimSuffix(reasons[target], "; "))
			}
		}
		t.Log(row)
	}
}

// anew builds everything with nothing cached, and returns the digest of each image. Of the time and the place it
// depends on nothing: times are those of the epoch, and there is no provenance.
func (w *works) anew(t *testing.T) map[string]string {
	t.Helper()
	built := w.Bake(t, enginetest.Bake{
		Dir: w.dir, Env: []string{"SOURCE_DATE_EPOCH=0"},
		Args: []string{"--no-cache", "--provenance=false", "--set", "*.output=type=image,rewrite-timestamp=true"},
	})
	if len(built.Digests) != len(worksBuilds) {
		t.Fatalf("%d images are built, want %d", len(built.Digests), len(worksBuilds))
	}
	return built.Digests
}
