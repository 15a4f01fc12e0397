//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A side is one of the two ways of doing something.
type side struct {
	args   []string
	dir    string
	env    []string
	stdin  string
	before func() error // what has to be done before each run, and is not measured
	after  func() error // what has to be true after the first run
	status int          // an exit status that is as good as 0
}

// A sample is what one run took.
type sample struct {
	wall time.Duration
	cpu  time.Duration // of the process and all that it waited for
	rss  int64         // peak, in bytes, of the largest process among them
}

// alternate runs the sides one after the other, once to warm up and then runs
// times, and returns the samples of each.
func alternate(ctx context.Context, runs int, sides ...side) ([][]sample, error) {
	samples := make([][]sample, len(sides))
	for n := range runs + 1 {
		for i, s := range sides {
			if s.before != nil {
				if err := s.before(); err != nil {
					return nil, err
				}
			}
			taken, err := s.run(ctx)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				samples[i] = append(samples[i], taken)
			} else if s.after != nil {
				if err := s.after(); err != nil {
					return nil, err
				}
			}
		}
	}
	return samples, nil
}

// run runs the side once. Its output goes nowhere, so that this process stays
// small: the peak memory of a child begins with that of its parent.
func (s side) run(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin = s.dir, s.env, strings.NewReader(s.stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != s.status) {
		return sample{}, fmt.Errorf("%s: %w: %s", strings.Join(s.args, " "), err, strings.TrimSpace(stderr.String()))
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	rss := int64(used.Maxrss)
	if runtime.GOOS != "darwin" {
		rss *= 1024
	}
	return sample{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: rss}, nil
}

// median returns the middle of what of says of each.
func median[T any](all []T, of func(T) float64) float64 {
	values := make([]float64, len(all))
	for i, one := range all {
		values[i] = of(one)
	}
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

func seconds(s sample) float64 { return s.wall.Seconds() }
func memory(s sample) float64  { return float64(s.rss) }

// ratio returns the median of the ratios of pairs, of a to b.
func ratio(a, b []sample, of func(sample) float64) float64 {
	pairs := make([]float64, len(a))
	for i := range a {
		pairs[i] = of(a[i]) / of(b[i])
	}
	return median(pairs, func(x float64) float64 { return x })
}

// describe says what a side took.
func describe(samples []sample) string {
	cpu := median(samples, func(s sample) float64 { return s.cpu.Seconds() })
	return fmt.Sprintf("%s, %s CPU, %s", duration(median(samples, seconds)), duration(cpu), mebibytes(median(samples, memory)))
}

func duration(seconds float64) string {
	switch {
	case seconds < 0.01:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	case seconds < 1:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

func mebibytes(bytes float64) string { return fmt.Sprintf("%.0f MiB", bytes/(1<<20)) }
