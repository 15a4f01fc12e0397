//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/matihlabs/propagate/bench/internal/monorepo"
)

// A row is one thing that is asked of propagate.
type row struct {
	name, work, bar string // without a bar it is there to compare
	run             func(ctx context.Context, b *bench) (outcome, error)
}

// An outcome is what a row came to.
type outcome struct {
	ours, theirs string // what each side took
	measured     string
	met          bool
	missing      string // why the row could not be run
}

// String says it in one line.
func (o outcome) String() string {
	if o.missing != "" {
		return "cannot be run: " + o.missing
	}
	return fmt.Sprintf("%s (%s; against %s)", o.measured, o.ours, o.theirs)
}

var rows = []row{
	{"cold", "cold `scan -o json`, 200,000 files with 5,000 Dockerfiles, against git and BuildKit's parser alone", "at most 1.3 times", runCold},
	{"memory", "peak memory of that scan", "at most 200 MiB", runMemory},
	{"warm", "warm scan, nothing changed, against the cold one", "at most 1/10", runWarm},
	{"changed", "warm scan after a commit that changes 10 Dockerfiles, against nothing changed", "at most 1.5 times", runChanged},
	{"affected", "warm `affected --base`, 200,000 files, against `git status` on the same checkout", "less", runAffected},
	{"commit", "one commit of 50 files, 200,000-file repository against 10,000-file repository", "at most 1.5 times", runCommit},
	{"run", "the same with the whole run that finds out which files these are, among 5,000 Dockerfiles against 250", "at most 1.5 times", runRun},
	{"branches", "300 one-file branches, against 30 by git's plumbing with an index of its own, counted ten times, 50,000 files", "at most 1/5", runBranches},
	{"growth", "cold scan, 200,000 files against 10,000", "at most 20 times", runGrowth},
	{"url", "first `scan -C URL` of 200,000 files with 5,000 Dockerfiles from a server on this machine, against `git clone --depth 1` with its checkout", "at most 1/8", runURL},
	{"next", "the same scan after a commit that changes 10 Dockerfiles, against the first one", "at most 1/3", runNext},
	{"wire", "what the server sends for the first one where most files hold 2 KiB that do not compress, against the clone", "at most 1/20", runWire},
	{"renovate", "cold scan against Renovate's extraction, the same checkout", "at most 1/30 of the time and 1/4 of the memory", runRenovate(asItIs)},
	{"dockerfiles", "the same, Renovate told to look at Dockerfiles alone", "", runRenovate(dockerfilesOnly)},
}

func rowNames() []string {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	return names
}

// against runs two sides and holds the ratio of their times to at most bar.
func against(ctx context.Context, b *bench, bar float64, ours, theirs side) (outcome, error) {
	done, _, err := contrast(ctx, b, bar, 1, ours, theirs)
	return done, err
}

// contrast is against where theirs does one of share parts of the work; it returns the
// samples too, of ours and of theirs.
func contrast(ctx context.Context, b *bench, bar, share float64, ours, theirs side) (outcome, [][]sample, error) {
	samples, err := alternate(ctx, b.runs, ours, theirs)
	if err != nil {
		return outcome{}, nil, err
	}
	r := ratio(samples[0], samples[1], seconds) / share
	return outcome{ours: describe(samples[0]), theirs: describe(samples[1]), measured: times(r), met: r <= bar}, samples, nil
}

// times writes a ratio; one that is less than one as a fraction.
func times(r float64) string {
	if r < 0.95 {
		return fmt.Sprintf("1/%.1f", 1/r)
	}
	return fmt.Sprintf("%.2f times", r)
}

func runCold(ctx context.Context, b *bench) (outcome, error) {
	dir, err := b.repo(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	if err := b.sameCount(ctx, dir); err != nil {
		return outcome{}, err
	}
	done, samples, err := contrast(ctx, b, 1.3, 1, b.coldScan(dir), b.rawScan(dir))
	if err == nil {
		b.cold = samples[0]
	}
	return done, err
}

// sameCount makes sure that propagate and the plain means read the same files.
func (b *bench) sameCount(ctx context.Context, dir string) error {
	raw, err := output(ctx, "", b.bin+"rawscan", dir)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.bin+"propagate", "-C", dir, "scan", "-o", "json")
	cmd.Env = b.environment("count")
	n, err := countDockerfiles(cmd)
	if err == nil && fmt.Sprint(n) != raw {
		err = fmt.Errorf("%s: propagate finds %d Dockerfiles, the plain means %s", dir, n, raw)
	}
	return err
}

func runMemory(ctx context.Context, b *bench) (outcome, error) {
	if b.cold == nil {
		dir, err := b.repo(ctx, large)
		if err != nil {
			return outcome{}, err
		}
		samples, err := alternate(ctx, b.runs, b.coldScan(dir))
		if err != nil {
			return outcome{}, err
		}
		b.cold = samples[0]
	}
	peak := median(b.cold, memory)
	return outcome{ours: describe(b.cold), theirs: "nothing", measured: mebibytes(peak), met: peak <= 200<<20}, nil
}

func runWarm(ctx context.Context, b *bench) (outcome, error) {
	dir, err := b.repo(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	return against(ctx, b, 0.1, b.propagate(dir, "warm", "scan", "-o", "json"), b.coldScan(dir))
}

func runChanged(ctx context.Context, b *bench) (outcome, error) {
	dir, err := b.repo(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	c, err := newChanger(ctx, dir)
	if err != nil {
		return outcome{}, err
	}
	// A cache of its own: the other side's would be changed back and forth.
	changed := b.propagate(dir, "changed", "--ref", "changed", "scan", "-o", "json")
	changed.before = func() error { return c.commit(ctx, 10) }
	done, err := against(ctx, b, 1.5, changed, b.propagate(dir, "warm", "scan", "-o", "json"))
	return done, errors.Join(err, b.reset(ctx, dir))
}

func runAffected(ctx context.Context, b *bench) (outcome, error) {
	dir, err := b.repo(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	status := side{args: []string{"git", "status"}, dir: dir, env: b.environment("none")}
	return against(ctx, b, 1, b.propagate(dir, "warm", "affected", "--base", monorepo.Chained), status)
}

// runCommit makes the commit with propagate's own means.
func runCommit(ctx context.Context, b *bench) (outcome, error) {
	return b.largeAgainstSmall(ctx, func(dir, branch string) (side, error) {
		files, err := b.consumers(ctx, dir, monorepo.Fifty)
		return side{
			args: []string{b.bin + "editcommit", "-old", "1.0.", "-new", "1.0.9", "-branch", branch, dir},
			dir:  b.temp, env: b.environment("none"), stdin: files,
		}, err
	})
}

// runRun makes it with propagate itself.
func runRun(ctx context.Context, b *bench) (outcome, error) {
	return b.largeAgainstSmall(ctx, func(dir, _ string) (side, error) {
		return b.propagate(dir, "warm", "--base", patched(monorepo.Fifty), "--publish", "branch"), nil
	})
}

// largeAgainstSmall runs a side that commits 50 files to a branch on two repositories.
func (b *bench) largeAgainstSmall(ctx context.Context, commit func(dir, branch string) (side, error)) (outcome, error) {
	const branch = "propagate/" + monorepo.Fifty
	var sides []side
	for _, size := range []int{large, small} {
		dir, err := b.repo(ctx, size)
		if err != nil {
			return outcome{}, err
		}
		s, err := commit(dir, branch)
		if err != nil {
			return outcome{}, err
		}
		s.before = func() error { return b.reset(ctx, dir) }
		s.after = func() error {
			files, err := output(ctx, dir, "git", "diff", "--name-only", "HEAD", branch)
			return expect(err, "files in the commit", files, 50)
		}
		sides = append(sides, s)
	}
	done, err := against(ctx, b, 1.5, sides[0], sides[1])
	return done, errors.Join(err, b.reset(ctx, b.repos[large]), b.reset(ctx, b.repos[small]))
}

func runBranches(ctx context.Context, b *bench) (outcome, error) {
	dir, err := b.repo(ctx, middle)
	if err != nil {
		return outcome{}, err
	}
	files, err := b.consumers(ctx, dir, monorepo.ThreeHundred)
	if err := expect(err, "consumers", files, 300); err != nil {
		return outcome{}, err
	}
	ours := b.propagate(dir, "warm", "--base", patched(monorepo.ThreeHundred), "--publish", "branch", "--group", "service")
	// git takes the same time for each branch, and minutes for all of them.
	const share = 10
	some := strings.Join(strings.Split(files, "\n")[:300/share], "\n")
	theirs := side{args: []string{b.bin + "rawcommit", "-old", "1.0.", "-new", "1.0.9", dir}, dir: b.temp, env: b.environment("none"), stdin: some}
	for _, s := range []struct {
		*side
		prefix string
		count  int
	}{{&ours, "propagate", 300}, {&theirs, "raw", 300 / share}} {
		s.before = func() error { return b.reset(ctx, dir) }
		s.after = func() error {
			refs, err := output(ctx, dir, "git", "for-each-ref", "refs/heads/"+s.prefix)
			return expect(err, "branches of "+s.prefix, refs, s.count)
		}
	}
	done, _, err := contrast(ctx, b, 0.2, share, ours, theirs)
	return done, errors.Join(err, b.reset(ctx, dir))
}

// expect checks the number of lines.
func expect(err error, what, lines string, want int) error {
	if err != nil {
		return err
	}
	if n := len(strings.Split(lines, "\n")); n != want {
		return fmt.Errorf("there are %d %s, not %d", n, what, want)
	}
	return nil
}

func runGrowth(ctx context.Context, b *bench) (outcome, error) {
	from, err := b.repo(ctx, small)
	if err != nil {
		return outcome{}, err
	}
	to, err := b.repo(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	return against(ctx, b, large/small, b.coldScan(to), b.coldScan(from))
}

// A point is what one number of files took.
type point struct {
	files           int
	cold, warm, raw float64 // seconds
}

// points measures what the plot shows.
func (b *bench) points(ctx context.Context) ([]point, error) {
	var points []point
	for _, files := range []int{small, middle, large} {
		dir, err := b.repo(ctx, files)
		if err != nil {
			return nil, err
		}
		samples, err := alternate(ctx, b.runs, b.coldScan(dir), b.propagate(dir, "warm", "scan", "-o", "json"), b.rawScan(dir))
		if err != nil {
			return nil, err
		}
		points = append(points, point{files, median(samples[0], seconds), median(samples[1], seconds), median(samples[2], seconds)})
	}
	return points, nil
}
