package properties

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	monorepos = flag.Int("monorepos", defaultMonorepos, "how many random monorepos the properties are tried on")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first of them")
)

// shortMonorepos are what a mutation tester has time for.
const shortMonorepos = 1000

// maxShown is how many failures are made smaller and shown.
const maxShown = 8

// TestProperties tries the properties on random monorepos, and shows the smallest of those that
// fail in each way.
func TestProperties(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		*monorepos = min(*monorepos, shortMonorepos)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // the heap is small, and all of it lives briefly
	counts := newCounts()
	var next, failed atomic.Int64
	var mu sync.Mutex
	shown := map[string]*failing{}
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= *monorepos || t.Context().Err() != nil {
					return
				}
				r := generate(*firstSeed + uint64(n))
				counts.add(r.features...)
				s, err := tell(t.Context(), r, func(what string) { counts.add(what) })
				if err != nil {
					counts.add("not planned: " + strings.SplitN(fmt.Sprint(err), ":", 3)[0])
				}
				if err != nil && !errors.Is(err, errUnreadable) {
					t.Errorf("seed %d: %v", r.seed, err)
				}
				if len(s.failures) > 0 {
					failed.Add(1)
				}
				for _, f := range s.failures {
					mu.Lock()
					if known := shown[f.kind()]; known != nil {
						known.count++
					} else {
						shown[f.kind()] = &failing{r, 1}
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	kinds := slices.SortedFunc(maps.Keys(shown), func(a, b string) int { return shown[b].count - shown[a].count })
	for n, kind := range kinds {
		t.Errorf("%d times: %s (seed %d)", shown[kind].count, kind, shown[kind].r.seed)
		if n < maxShown {
			t.Error(smallest(t, shown[kind].r, kind))
		}
	}
	counts.complete(t)
	t.Logf("%d monorepos, of which %d fail\n%s", *monorepos, failed.Load(), counts)
}

// A failing monorepo is the first of those that fail in one way.
type failing struct {
	r     *repo
	count int
}

// smallest makes a monorepo smaller and says what fails there.
func smallest(t *testing.T, r *repo, kind string) string {
	find := func(r *repo) *failure {
		s, err := tell(t.Context(), r, func(string) {})
		if err != nil {
			return nil
		}
		for _, f := range s.failures {
			if f.kind() == kind {
				return f
			}
		}
		return nil
	}
	small := shrink(r, func(r *repo) bool { return find(r) != nil })
	f := find(small)
	if f == nil {
		return "it does not fail again"
	}
	text := fmt.Sprintf("%s\n%s\n", f, small)
	if f.run != nil {
		text += fmt.Sprintf("%s, published %v:\n", f.run.name, f.run.assumed)
		for _, item := range f.run.plan.Items {
			text += fmt.Sprintf("  %s: %s %s, waits for %v\n", show(item.Node), item.Action, item.Reason, item.WaitsFor)
			for _, e := range item.Edits {
				text += fmt.Sprintf("    %s:%d %s -> %s\n", e.Path, e.Line, e.Old, e.New)
			}
			for _, skip := range item.Skips {
				text += fmt.Sprintf("    %s left: %s %s\n", skip.Pos, skip.Reason, skip.Detail)
			}
		}
		for _, note := range f.run.plan.Notes {
			text += fmt.Sprintf("  note: %s\n", note)
		}
	}
	return text
}

// counts says how often each feature and each fate occurred.
type counts struct {
	sync.Mutex
	of map[string]int
}

func newCounts() *counts { return &counts{of: map[string]int{}} }

func (c *counts) add(what ...string) {
	c.Lock()
	defer c.Unlock()
	for _, w := range what {
		c.of[w]++
	}
}

// expected are fates and ways of a story that have to occur.
var expected = []string{
	"fate: bump", "fate: rebuild", "fate: up-to-date", "fate: waits", "fate: skip ignored", "fate: skip level", "fate: skip newer", "fate: skip no-next-version",
	"fate: skip shared-argument", "fate: skip unreachable", "fate: skip unresolved", "fate: skip variant", "waves: 1", "waves: 2", "waves: 3", "waves: 4",
	"base: hash", "derived: revision", "a matrix over the tag of the base", "matrix of versions", "several lines by tags", "several flavours", "several targets", "a tag that two builds make", "two places that bind",
	"one variable for several places", "an old default that every build overrides", "tag@digest of an unknown version", "a digest alone", "a named context", "$(cat VERSION)",
	"end: only --atomic moves it",
}

// manyMonorepos are so many that each of the expected has to occur.
const manyMonorepos = 20000

// complete fails where something never occurs; a few monorepos need not have all of it.
func (c *counts) complete(t *testing.T) {
	t.Helper()
	for _, what := range expected {
		if c.of[what] == 0 && *monorepos >= manyMonorepos {
			t.Errorf("none of %d monorepos has %q: the generator makes too little", *monorepos, what)
		}
	}
}

func (c *counts) String() string {
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(c.of)) {
		fmt.Fprintf(&b, "%8d %s\n", c.of[what], what)
	}
	return b.String()
}
