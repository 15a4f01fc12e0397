package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// A tester runs the tests of packages against mutants.
type tester struct {
	world     *world
	sources   map[string][]byte // by the path from the root of the module
	skip      string            // the tests of dependents that are not run
	apart     string            // the dependent that is not asked
	own       bool              // no dependent is
	temporary string
	limits    map[*pkg]time.Duration // of the tests of the packages with faults
	sound     map[*pkg]bool          // the dependents that pass without a fault
}

// A fate is what became of a mutant.
type fate struct {
	killer   string // the directory of the package whose tests saw it; "" for a survivor
	timedOut bool
}

var (
	passed  = regexp.MustCompile(`(?m)^ok\s+\S+\s+([0-9.]+)s`)
	expired = []byte("panic: test timed out after")
)

// judge runs the tests of the package of a mutant, and then those of the packages that
// depend on it, until one fails.
func (t *tester) judge(ctx context.Context, m *mutant) (fate, error) {
	content := filepath.Join(t.temporary, "mutant.go")
	if err := os.WriteFile(content, m.apply(t.sources[m.file]), 0o600); err != nil {
		return fate{}, err
	}
	overlay := filepath.Join(t.temporary, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.world.dir, filepath.FromSlash(m.file)): content}})
	if err != nil {
		return fate{}, err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return fate{}, err
	}
	if m.pkg.tested() {
		if err := t.measure(ctx, m.pkg); err != nil {
			return fate{}, err
		}
		ok, output := t.run(ctx, m.pkg, t.limits[m.pkg], "-overlay", overlay)
		if !ok {
			return fate{t.world.short(m.pkg), bytes.Contains(output, expired)}, ctx.Err()
		}
	}
	if t.own {
		return fate{}, nil
	}
	for _, suite := range t.world.dependents(m.pkg) {
		if t.world.short(suite) == t.apart {
			continue
		}
		ok, output := t.run(ctx, suite, limitOfDependents, "-overlay", overlay, "-skip", t.skip)
		if ok {
			continue
		}
		if err := t.prove(ctx, suite); err != nil {
			return fate{}, err
		}
		return fate{t.world.short(suite), bytes.Contains(output, expired)}, ctx.Err()
	}
	return fate{}, nil
}

// limitOfDependents is how long the tests of a package may take that depends on the
// one with the fault.
const limitOfDependents = 20 * time.Minute

// measure runs the tests of a package without a fault, once, and sets how long they may
// take with one.
func (t *tester) measure(ctx context.Context, suite *pkg) error {
	if t.limits[suite] > 0 {
		return nil
	}
	ok, output := t.run(ctx, suite, time.Hour)
	if !ok {
		return fmt.Errorf("the tests of %s fail without a fault:\n%s", t.world.short(suite), output)
	}
	t.limits[suite] = time.Minute
	if m := passed.FindSubmatch(output); m != nil {
		if seconds, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
			t.limits[suite] += time.Duration(5 * seconds * float64(time.Second))
		}
	}
	return nil
}

// prove makes sure, once, that the tests of a dependent that failed pass without a fault.
func (t *tester) prove(ctx context.Context, suite *pkg) error {
	if t.sound[suite] {
		return nil
	}
	if ok, output := t.run(ctx, suite, time.Hour, "-skip", t.skip); !ok {
		return fmt.Errorf("the tests of %s fail without a fault:\n%s", t.world.short(suite), output)
	}
	t.sound[suite] = true
	return nil
}

// run runs the tests of one package.
func (t *tester) run(ctx context.Context, suite *pkg, limit time.Duration, flags ...string) (ok bool, output []byte) {
	args := append([]string{"test", "-vet=off", "-count=1", "-failfast", "-timeout", limit.String()}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, suite.ImportPath)...)
	cmd.Dir = t.world.dir
	cmd.WaitDelay = time.Minute
	output, err := cmd.CombinedOutput()
	return err == nil, output
}
