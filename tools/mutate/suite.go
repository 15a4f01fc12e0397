package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A tester runs the tests of packages against mutants.
type tester struct {
	options
	world     *world
	sources   map[string][]byte // by the path from the root of the module
	checkers  map[*pkg]*checker
	temporary string
	apart     map[*mutant]bool       // the mutants that no program holds: each is compiled by itself
	limits    map[*pkg]time.Duration // of tests
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

// build compiles the tests of all packages that are asked, with all mutants in them, of
// which none is alive.
func (t *tester) build(ctx context.Context, drawn []*mutant) error {
	t.apart = map[*mutant]bool{}
	byFile := map[string]map[int]*mutant{}
	suites := map[*pkg]bool{}
	replace := map[string]string{}
	for i, m := range drawn {
		if byFile[m.file] == nil {
			byFile[m.file] = map[int]*mutant{}
		}
		byFile[m.file][i+1] = m
		for _, suite := range t.suites(m.pkg) {
			suites[suite] = true
		}
		replace[filepath.Join(m.pkg.Dir, "mutant_switch.go")] = ""
	}
	write := func(at string, content []byte) error {
		name := filepath.Join(t.temporary, strconv.Itoa(len(replace))+"-"+filepath.Base(at))
		replace[at] = name
		return os.WriteFile(name, content, 0o600)
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		p := byFile[name][slices.Min(slices.Collect(maps.Keys(byFile[name])))].pkg
		woven, left := t.checkers[p].weave(name, t.sources[name], byFile[name])
		for _, id := range left {
			t.apart[byFile[name][id]] = true
		}
		if err := write(filepath.Join(t.world.dir, filepath.FromSlash(name)), woven); err != nil {
			return err
		}
		if at := filepath.Join(p.Dir, "mutant_switch.go"); replace[at] == "" {
			if err := write(at, switchFile(p.Name)); err != nil {
				return err
			}
		}
	}
	args := []string{"test", "-c", "-vet=off", "-o", t.temporary + string(filepath.Separator)}
	overlay, err := writeOverlay(t.temporary, replace)
	if err != nil {
		return err
	}
	args = append(args, "-overlay", overlay)
	for _, suite := range slices.SortedFunc(maps.Keys(suites), func(a, b *pkg) int { return cmp.Compare(a.ImportPath, b.ImportPath) }) {
		args = append(args, suite.ImportPath)
	}
	if ok, output := t.command(ctx, t.world.dir, nil, "go", args...); !ok {
		return fmt.Errorf("the tests do not compile:\n%s", output)
	}
	return t.prove(ctx, suites)
}

// prove runs the tests without a fault: they have to pass. Each may take ten times as long
// with one, and a little more.
func (t *tester) prove(ctx context.Context, suites map[*pkg]bool) error {
	t.limits = map[*pkg]time.Duration{}
	for suite := range suites {
		if t.limits[suite] = limitUnmeasured; t.sure {
			continue
		}
		began := time.Now()
		if ok, output := t.run(ctx, suite, 0, time.Hour); !ok {
			return fmt.Errorf("the tests of %s fail without a fault:\n%s", t.world.short(suite), output)
		}
		t.limits[suite] = 20*time.Second + 10*time.Since(began)
	}
	return nil
}

// limitUnmeasured is how long tests may take whose time is not known.
const limitUnmeasured = 10 * time.Minute

// writeOverlay writes what the go command is to read in the place of files.
func writeOverlay(dir string, replace map[string]string) (name string, err error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name = filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

// suites returns the packages whose tests see what p does, in the order in which they are
// asked: itself, the one that is named to be the first, and then all others.
func (t *tester) suites(p *pkg) []*pkg {
	var own, first, others []*pkg
	if p.tested() {
		own = append(own, p)
	}
	for _, suite := range t.world.dependents(p) {
		switch name := t.world.short(suite); {
		case t.own, name == t.without:
		case name == t.first:
			first = append(first, suite)
		case t.most:
		default:
			others = append(others, suite)
		}
	}
	return slices.Concat(own, first, others)
}

var expired = []byte("panic: test timed out after")

// judge runs the tests of the package of a mutant, and then those of the packages that
// depend on it, until one fails.
func (t *tester) judge(ctx context.Context, id int, m *mutant) (fate, error) {
	overlay := ""
	if t.apart[m] {
		dir, err := os.MkdirTemp(t.temporary, "")
		if err != nil {
			return fate{}, err
		}
		content := filepath.Join(dir, "mutant.go")
		if err := os.WriteFile(content, m.apply(t.sources[m.file]), 0o600); err != nil {
			return fate{}, err
		}
		if overlay, err = writeOverlay(dir, map[string]string{filepath.Join(t.world.dir, filepath.FromSlash(m.file)): content}); err != nil {
			return fate{}, err
		}
	}
	for _, suite := range t.suites(m.pkg) {
		var ok bool
		var output []byte
		if overlay == "" {
			ok, output = t.run(ctx, suite, id, t.limits[suite])
		} else {
			args := append([]string{"test", "-vet=off", "-count=1", "-overlay", overlay}, t.flags(suite, t.limits[suite])...)
			ok, output = t.command(ctx, t.world.dir, nil, "go", append(args, suite.ImportPath)...)
		}
		if !ok {
			return fate{t.world.short(suite), bytes.Contains(output, expired)}, ctx.Err()
		}
	}
	return fate{}, ctx.Err()
}

// run runs the tests of one package with a mutant that is alive.
func (t *tester) run(ctx context.Context, suite *pkg, id int, limit time.Duration) (ok bool, output []byte) {
	program := filepath.Join(t.temporary, path.Base(suite.ImportPath)+".test")
	return t.command(ctx, suite.Dir, []string{environment + "=" + strconv.Itoa(id)}, program, t.flags(suite, limit)...)
}

func (t *tester) flags(suite *pkg, limit time.Duration) []string {
	flags := []string{"-test.v", "-test.short", "-test.failfast", "-test.timeout", limit.String(), "-test.skip", t.skip}
	if t.tests != "" && t.world.short(suite) == t.first {
		flags = append(flags, "-test.run", t.tests)
	}
	return flags
}

// command runs a program until it ends, or until one of the tests that it runs has failed:
// those that run beside that one would go on for minutes. What it leaves behind is removed, and so is
// what it has started, such as a registry.
func (t *tester) command(ctx context.Context, dir string, env []string, program string, args ...string) (ok bool, output []byte) {
	temporary, err := os.MkdirTemp(t.temporary, "t")
	if err != nil {
		return false, []byte(err.Error())
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the go command, and programs that it has just made
	cmd.Dir, cmd.Env = dir, slices.Concat(os.Environ(), []string{"TMPDIR=" + temporary}, env)
	apart(cmd)
	cmd.Cancel = func() error { return end(cmd) }
	cmd.WaitDelay = time.Minute
	out := &untilFailed{stop: stop}
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	if cmd.Process == nil {
		return false, []byte(err.Error())
	}
	_ = end(cmd)
	return err == nil, out.printed
}

// An untilFailed keeps what tests print, and stops them when one of them has failed.
type untilFailed struct {
	printed []byte
	stop    func()
}

var failed = regexp.MustCompile(`(?m)^ *--- FAIL: Test`)

// Write keeps a part of what is printed.
func (w *untilFailed) Write(part []byte) (int, error) {
	line := bytes.LastIndexByte(w.printed, '\n') + 1 // which is not complete yet
	if w.printed = append(w.printed, part...); failed.Match(w.printed[line:]) {
		w.stop()
	}
	return len(part), nil
}
