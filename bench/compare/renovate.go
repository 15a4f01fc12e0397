//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// What Renovate is told: nothing of what it looks for, as whoever runs it finds it; or
// to look at Dockerfiles alone, which is less than propagate does, since that reads
// what builds them, too.
const (
	asItIs          = `{"onboarding": false, "requireConfig": "optional"}`
	dockerfilesOnly = `{"enabledManagers": ["dockerfile"], "onboarding": false, "requireConfig": "optional"}`
)

// atLeast is the number of Dockerfiles from which on the comparison says
// something.
const atLeast = 700

var matched = regexp.MustCompile(`Matched (\d+) file\(s\) for manager dockerfile`)

// renovate returns the side that runs Renovate's extraction over the checkout in
// dir.
func (b *bench) renovate(dir, settings string) (side, error) {
	modules := filepath.Join(b.root, "bench", "node_modules")
	node, program := filepath.Join(modules, "node", "bin", "node"), filepath.Join(modules, "renovate", "dist", "renovate.js")
	for _, file := range []string{node, program} {
		if _, err := os.Stat(file); err != nil {
			return side{}, errors.New("Renovate is not installed: make bench-tools")
		}
	}
	config := filepath.Join(b.temp, "renovate.json")
	if err := os.WriteFile(config, []byte(settings), 0o666); err != nil {
		return side{}, err
	}
	env := append(b.environment("renovate"), "RENOVATE_CONFIG_FILE="+config, "LOG_LEVEL=error")
	return side{args: []string{node, program, "--platform=local", "--dry-run=extract"}, dir: dir, env: env}, nil
}

func runRenovate(settings string) func(ctx context.Context, b *bench) (outcome, error) {
	return func(ctx context.Context, b *bench) (outcome, error) { return againstRenovate(ctx, b, settings) }
}

func againstRenovate(ctx context.Context, b *bench, settings string) (outcome, error) {
	if b.renovateRepo == "" {
		return outcome{}, errors.New("no checkout is named: -renovate-repo DIR")
	}
	theirs, err := b.renovate(b.renovateRepo, settings)
	if err != nil {
		return outcome{}, err
	}
	// Once aloud: whether it reads the Dockerfiles at all shows only in its log.
	cmd := exec.CommandContext(ctx, theirs.args[0], theirs.args[1:]...)
	cmd.Dir, cmd.Env = theirs.dir, append(theirs.env, "LOG_LEVEL=debug")
	found, err := matches(cmd)
	if err != nil {
		return outcome{}, err
	}
	cmd = exec.CommandContext(ctx, b.bin+"propagate", "-C", b.renovateRepo, "scan", "-o", "json")
	cmd.Env = b.environment("count")
	n, err := countDockerfiles(cmd)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	if found <= atLeast || n <= atLeast {
		return outcome{}, fmt.Errorf("Renovate finds %d Dockerfiles and propagate %d, and there should be more than %d", found, n, atLeast)
	}
	ours := b.coldScan(b.renovateRepo)
	ours.status = 3 // Dockerfiles of real repositories may be broken
	samples, err := alternate(ctx, b.runs, ours, theirs)
	if err != nil {
		return outcome{}, err
	}
	time, space := ratio(samples[0], samples[1], seconds), ratio(samples[0], samples[1], memory)
	return outcome{
		ours: fmt.Sprintf("%s, %d Dockerfiles", describe(samples[0]), n), theirs: fmt.Sprintf("%s, %d Dockerfiles", describe(samples[1]), found),
		measured: fmt.Sprintf("%s of the time, %s of the memory", times(time), times(space)), met: time <= 1.0/30 && space <= 0.25,
	}, nil
}

// matches runs Renovate and returns how many Dockerfiles it says that it reads.
func matches(cmd *exec.Cmd) (int, error) {
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("renovate: %w", err)
	}
	m := matched.FindSubmatch(out)
	if m == nil {
		return 0, errors.New("Renovate does not say that it reads any Dockerfiles")
	}
	return strconv.Atoi(string(m[1]))
}
