package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A tester runs the tests of packages against mutants.
type tester struct {
	world     *world
	sources   map[string][]byte // by the path from the root of the module
	skip      string            // the tests that are not run
	apart     string            // the dependent that is not asked
	own       bool              // no dependent is
	first     string            // the dependent that is asked before all others
	temporary string
	limits    map[*pkg]time.Duration // of the tests of the packages with faults
}

// A fate is what became of a mutant.
type fate struct {
	killer   string // the directory of the package whose tests saw it; "" for a survivor
	timedOut bool
}

// String says who has seen a mutant.
func (f fate) String() string {
	switch {
	case f.killer == "":
		return "survived"
	case f.timedOut:
		return "killed by " + f.killer + ", which ran out of time"
	}
	return "killed by " + f.killer
}

var (
	passed  = regexp.MustCompile(`(?m)^ok\s+\S+\s+([0-9.]+)s`)
	failed  = regexp.MustCompile(`(?m)^FAIL[ \t]+(\S+)`)
	expired = []byte("panic: test timed out after")
)

// judge runs the tests of the package of a mutant, and then those of the packages that
// depend on it, until one fails.
func (t *tester) judge(ctx context.Context, m *mutant) (fate, error) {
	dir, err := os.MkdirTemp(t.temporary, "")
	if err != nil {
		return fate{}, err
	}
	content := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(content, m.apply(t.sources[m.file]), 0o600); err != nil {
		return fate{}, err
	}
	overlay := filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.world.dir, filepath.FromSlash(m.file)): content}})
	if err != nil {
		return fate{}, err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return fate{}, err
	}
	if m.pkg.tested() {
		if ok, output := t.run(ctx, []*pkg{m.pkg}, cmp.Or(t.limits[m.pkg], limitUnmeasured), "-overlay", overlay); !ok {
			return t.killed(output), ctx.Err()
		}
	}
	if t.own {
		return fate{}, nil
	}
	for _, suites := range t.dependents(m.pkg) {
		if ok, output := t.run(ctx, suites, limitOfDependents, "-overlay", overlay); !ok {
			return t.killed(output), ctx.Err()
		}
	}
	return fate{}, nil
}

// dependents returns the packages whose tests see what p does, in the order in which they
// are asked: the one that is named to be the first, and then all others at once.
func (t *tester) dependents(p *pkg) [][]*pkg {
	var first, others []*pkg
	for _, suite := range t.world.dependents(p) {
		switch t.world.short(suite) {
		case t.apart:
		case t.first:
			first = append(first, suite)
		default:
			others = append(others, suite)
		}
	}
	return slices.DeleteFunc([][]*pkg{first, others}, func(suites []*pkg) bool { return len(suites) == 0 })
}

// killed reads from the output of tests which of them failed.
func (t *tester) killed(output []byte) fate {
	f := fate{killer: "?", timedOut: bytes.Contains(output, expired)}
	if m := failed.FindSubmatch(output); m != nil {
		f.killer = strings.TrimPrefix(string(m[1]), t.world.module+"/")
	}
	return f
}

// limitUnmeasured is how long the tests of a package may take whose time is not known.
const limitUnmeasured = 2 * time.Minute

// limitOfDependents is how long the tests of a package may take that depends on the
// one with the fault.
const limitOfDependents = 20 * time.Minute

// prepare runs the tests of packages without a fault: they have to pass. Those of one with
// faults may take five times as long then, and a minute.
func (t *tester) prepare(ctx context.Context, packages []*pkg) error {
	dependents := map[*pkg]bool{}
	for _, p := range packages {
		if p.tested() {
			ok, output := t.run(ctx, []*pkg{p}, time.Hour)
			if !ok {
				return fmt.Errorf("the tests of %s fail without a fault:\n%s", t.world.short(p), output)
			}
			t.limits[p] = time.Minute
			if m := passed.FindSubmatch(output); m != nil {
				if seconds, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
					t.limits[p] += time.Duration(5 * seconds * float64(time.Second))
				}
			}
		}
		for _, suites := range t.dependents(p) {
			for _, suite := range suites {
				dependents[suite] = !t.own
			}
		}
	}
	var suites []*pkg
	for suite, asked := range dependents {
		if asked && t.limits[suite] == 0 {
			suites = append(suites, suite)
		}
	}
	if len(suites) == 0 {
		return nil
	}
	if ok, output := t.run(ctx, suites, time.Hour); !ok {
		return fmt.Errorf("tests fail without a fault:\n%s", output)
	}
	return nil
}

// run runs the tests of packages.
func (t *tester) run(ctx context.Context, suites []*pkg, limit time.Duration, flags ...string) (ok bool, output []byte) {
	args := append([]string{"test", "-vet=off", "-count=1", "-failfast", "-timeout", limit.String(), "-skip", t.skip}, flags...)
	for _, suite := range suites {
		args = append(args, suite.ImportPath)
	}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are packages of the module and flags of our own
	cmd.Dir = t.world.dir
	cmd.WaitDelay = time.Minute
	output, err := cmd.CombinedOutput()
	return err == nil, output
}
