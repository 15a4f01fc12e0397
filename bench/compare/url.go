//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// firstScan returns the side that scans the repository at a URL with nothing of it here.
func (b *bench) firstScan(url string) side {
	s := b.propagate(url, "first", "--ref", "main", "scan", "-o", "json")
	s.before = func() error { return os.RemoveAll(filepath.Join(b.temp, "first")) }
	return s
}

// clone returns the side that has git clone the repository at a URL, and check it out.
func (b *bench) clone(url string) side {
	dir := filepath.Join(b.temp, "clone")
	return side{
		args: []string{"git", "clone", "--quiet", "--depth", "1", "--branch", "main", url, dir}, dir: b.temp, env: b.environment("none"),
		before: func() error { return os.RemoveAll(dir) },
	}
}

// served returns the URL of a repository, and makes sure that propagate finds all Dockerfiles of it.
func (b *bench) served(ctx context.Context, files int) (dir, url string, err error) {
	if dir, err = b.repo(ctx, files); err != nil {
		return "", "", err
	}
	web, err := b.serve(ctx)
	if err != nil {
		return "", "", err
	}
	url = web.url + filepath.Base(dir) + "/.git"
	return dir, url, b.countByURL(ctx, url, dockerfiles[files])
}

func (b *bench) countByURL(ctx context.Context, url string, want int) error {
	cmd := exec.CommandContext(ctx, b.bin+"propagate", "-C", url, "--ref", "main", "scan", "-o", "json")
	cmd.Env = b.environment("count")
	n, err := countDockerfiles(cmd)
	if err == nil && n != want {
		err = fmt.Errorf("%s: propagate finds %d Dockerfiles, and there are %d", url, n, want)
	}
	return err
}

func runURL(ctx context.Context, b *bench) (outcome, error) {
	_, url, err := b.served(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	theirs := b.clone(url)
	done, err := against(ctx, b, 1.0/8, b.firstScan(url), theirs)
	return done, errors.Join(err, theirs.before())
}

func runNext(ctx context.Context, b *bench) (outcome, error) {
	dir, url, err := b.served(ctx, large)
	if err != nil {
		return outcome{}, err
	}
	c, err := newChanger(ctx, dir)
	if err != nil {
		return outcome{}, err
	}
	if err := c.commit(ctx, 0); err != nil { // for the run that warms up, and may fetch everything
		return outcome{}, err
	}
	next := b.propagate(url, "next", "--ref", "changed", "scan", "-o", "json")
	if _, err := next.run(ctx); err != nil {
		return outcome{}, err
	}
	next.before = func() error { return c.commit(ctx, 10) }
	done, err := against(ctx, b, 1.0/3, next, b.firstScan(url))
	return done, errors.Join(err, b.reset(ctx, dir))
}

// runWire counts once what each side is sent: it is always the same.
func runWire(ctx context.Context, b *bench) (outcome, error) {
	dir := filepath.Join(b.cache, fmt.Sprintf("random-%d", large))
	_, err := output(ctx, "", b.bin+"generate", "-files", fmt.Sprint(large), "-dockerfiles", fmt.Sprint(dockerfiles[large]), "-random", "2048", "-out", dir)
	if err != nil {
		return outcome{}, err
	}
	web, err := b.serve(ctx)
	if err != nil {
		return outcome{}, err
	}
	url := web.url + filepath.Base(dir) + "/.git"
	if err := b.countByURL(ctx, url, dockerfiles[large]); err != nil {
		return outcome{}, err
	}
	var sent [2]float64
	theirs := b.clone(url)
	for i, s := range []side{b.firstScan(url), theirs} {
		if err := s.before(); err != nil {
			return outcome{}, err
		}
		before := web.sent.Load()
		if _, err := s.run(ctx); err != nil {
			return outcome{}, err
		}
		sent[i] = float64(web.sent.Load() - before)
	}
	r := sent[0] / sent[1]
	return outcome{
		ours: fmt.Sprintf("%.1f MiB", sent[0]/(1<<20)), theirs: fmt.Sprintf("%.1f MiB", sent[1]/(1<<20)), measured: times(r), met: r <= 1.0/20,
	}, theirs.before()
}
