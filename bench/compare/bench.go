//go:build unix

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bench/internal/monorepo"
)

// A bench is what the rows have in common.
type bench struct {
	cache, renovateRepo string
	runs                int

	root  string // of propagate's source
	temp  string
	bin   string // the programs that are measured
	cold  []sample
	repos map[int]string // by number of files
	web   *server        // nil until it is asked for
}

// The sizes of the repositories: their files, and the Dockerfiles among them.
const small, middle, large = 10000, 50000, 200000

var dockerfiles = map[int]int{small: 250, middle: 1250, large: 5000}

// prepare builds the programs.
func (b *bench) prepare(ctx context.Context) error {
	if b.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("%w: name a directory with -cache", err)
		}
		b.cache = filepath.Join(dir, "propagate-bench")
	}
	var err error
	if b.cache, err = filepath.Abs(b.cache); err != nil {
		return err
	}
	if b.renovateRepo != "" {
		if b.renovateRepo, err = filepath.Abs(b.renovateRepo); err != nil {
			return err
		}
	}
	const module = "github.com/matihlabs/propagate"
	if b.root, err = output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", module); err != nil {
		return err
	}
	if b.temp, err = os.MkdirTemp("", "propagate-bench"); err != nil {
		return err
	}
	b.bin, b.repos = filepath.Join(b.temp, "bin")+string(filepath.Separator), map[int]string{}
	// As releases are built.
	if _, err := output(ctx, b.root, "env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-o", b.bin, "./cmd/propagate"); err != nil {
		return err
	}
	_, err = output(ctx, filepath.Join(b.root, "bench"), "env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-o", b.bin, "./generate", "./rawscan", "./rawcommit", "./editcommit")
	return err
}

// output runs a program that is not measured, and returns what it prints.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		said := ""
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said = ": " + strings.TrimSpace(string(exit.Stderr))
		}
		return "", fmt.Errorf("%s %s: %w%s", name, strings.Join(args, " "), err, said)
	}
	return strings.TrimSpace(string(out)), nil
}

// repo returns the repository of a size, checked out, and makes it if need be. A
// process of its own does, so that this one stays small.
func (b *bench) repo(ctx context.Context, files int) (string, error) {
	if dir := b.repos[files]; dir != "" {
		return dir, nil
	}
	dir := filepath.Join(b.cache, fmt.Sprintf("files-%d", files))
	_, err := output(ctx, "", b.bin+"generate", "-files", fmt.Sprint(files), "-dockerfiles", fmt.Sprint(dockerfiles[files]), "-checkout", "-out", dir)
	if err != nil {
		return "", err
	}
	// What a run that was interrupted has left behind.
	if err := b.reset(ctx, dir); err != nil {
		return "", err
	}
	b.repos[files] = dir
	return dir, nil
}

// reset takes a generated repository back to how it was made: without the branches
// of the runs, and without the objects that were new with them, which all lie
// beside the one pack. A second run would find them and have nothing to write.
func (b *bench) reset(ctx context.Context, dir string) error {
	refs, err := output(ctx, dir, "git", "for-each-ref", "--format=delete %(refname)", "refs/heads/propagate", "refs/heads/raw", "refs/heads/changed")
	if err != nil {
		return err
	}
	if refs != "" {
		cmd := exec.CommandContext(ctx, "git", "update-ref", "--stdin")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(refs+"\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git update-ref: %w: %s", err, out)
		}
	}
	loose, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "[0-9a-f][0-9a-f]"))
	if err != nil {
		return err
	}
	for _, objects := range loose {
		if err := os.RemoveAll(objects); err != nil {
			return err
		}
	}
	packs, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "pack", "*.pack"))
	if err != nil {
		return err
	}
	// The largest is that of the repository.
	size := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	slices.SortFunc(packs, func(a, b string) int { return cmp.Compare(size(b), size(a)) })
	for _, pack := range packs[min(1, len(packs)):] {
		if err := errors.Join(os.Remove(pack), os.Remove(strings.TrimSuffix(pack, ".pack")+".idx")); err != nil {
			return err
		}
	}
	return nil
}

// environment is that of a side: nothing of the settings of whoever runs this, and
// a cache directory of its own, below the one of that name.
func (b *bench) environment(cache string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.temp, "TMPDIR=" + b.temp, "LANG=C",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "XDG_CACHE_HOME=" + filepath.Join(b.temp, cache),
	}
}

// propagate returns the side that runs propagate in dir with the cache of that
// name. The warm-up fills the cache.
func (b *bench) propagate(dir, cache string, args ...string) side {
	return side{args: append([]string{b.bin + "propagate", "-C", dir}, args...), dir: b.temp, env: b.environment(cache)}
}

// coldScan returns the side that scans with an empty cache.
func (b *bench) coldScan(dir string) side {
	s := b.propagate(dir, "cold", "scan", "-o", "json")
	s.before = func() error { return os.RemoveAll(filepath.Join(b.temp, "cold")) }
	return s
}

// rawScan returns the side that scans with git and BuildKit's parser alone.
func (b *bench) rawScan(dir string) side {
	return side{args: []string{b.bin + "rawscan", dir}, dir: b.temp, env: b.environment("none")}
}

// consumers returns the Dockerfiles that name a base with a known number of them.
func (b *bench) consumers(ctx context.Context, dir, base string) (string, error) {
	// The first line of a Dockerfile that says ARG REGISTRY names the base below.
	return output(ctx, dir, "git", "grep", "-l", "--full-name", "-E", "(team|REGISTRY})/"+base+":", "--", "*Dockerfile*")
}

// patched is the argument of --base for a base of the generated repositories.
func patched(base string) string { return base + "@" + monorepo.Patched }
