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
	"slices"
	"strconv"
	"time"
)

// A tester runs the tests of packages against mutants.
type tester struct {
	world     *world
	sources   map[string][]byte // by the path from the root of the module
	skip      string            // the tests of dependents that are not run
	apart     string            // the dependent that is not asked
	temporary string
	limits    map[*pkg]time.Duration // of the tests that ran without a fault
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
	suites := slices.DeleteFunc(t.world.dependents(m.pkg), func(p *pkg) bool { return t.world.short(p) == t.apart })
	if len(m.pkg.TestGoFiles)+len(m.pkg.XTestGoFiles) > 0 {
		suites = append([]*pkg{m.pkg}, suites...)
	}
	for _, suite := range suites {
		skip := t.skip
		if suite == m.pkg {
			skip = ""
		}
		if err := t.measure(ctx, suite, skip); err != nil {
			return fate{}, err
		}
		ok, output := t.run(ctx, suite, skip, t.limits[suite], "-overlay", overlay)
		if err := ctx.Err(); err != nil {
			return fate{}, err
		}
		if !ok {
			return fate{killer: t.world.short(suite), timedOut: bytes.Contains(output, expired)}, nil
		}
	}
	return fate{}, nil
}

// measure runs the tests of a package without a fault, once, and sets how long they may
// take with one.
func (t *tester) measure(ctx context.Context, suite *pkg, skip string) error {
	if t.limits[suite] > 0 {
		return nil
	}
	ok, output := t.run(ctx, suite, skip, time.Hour)
	if !ok {
		return fmt.Errorf("the tests of %s fail without a fault:\n%s", t.world.short(suite), output)
	}
	t.limits[suite] = 20 * time.Second
	if m := passed.FindSubmatch(output); m != nil {
		if seconds, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
			t.limits[suite] += time.Duration(5 * seconds * float64(time.Second))
		}
	}
	return nil
}

// run runs the tests of one package.
func (t *tester) run(ctx context.Context, suite *pkg, skip string, limit time.Duration, flags ...string) (ok bool, output []byte) {
	args := append([]string{"test", "-vet=off", "-count=1", "-failfast", "-timeout", limit.String()}, flags...)
	if skip != "" {
		args = append(args, "-skip", skip)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, suite.ImportPath)...)
	cmd.Dir = t.world.dir
	cmd.WaitDelay = time.Minute
	output, err := cmd.CombinedOutput()
	return err == nil, output
}
