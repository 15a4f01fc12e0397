package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/scanner"
)

// A checkout is what the commands work on: what was read of one revision of a
// repository, or of a plain directory.
type checkout struct {
	*snapshot.Snapshot
	repo     *gitrepo.Repo // nil for a plain directory
	dir      string        // the root of the work tree or the plain directory; "" for a bare repository
	revision gitrepo.Revision
	source   snapshot.Source
	files    *snapshot.Files
	store    *cache.Store
	hosts    []string // of GitHub, as the configuration has them; nil until it is read
	close    []func() error
}

// Close releases what the checkout holds open.
func (s *checkout) Close() error {
	var errs []error
	for _, f := range s.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// load reads the Dockerfiles of the repository that the flags name.
func (a *App) load(ctx context.Context) (*checkout, error) {
	s := &checkout{}
	if err := a.open(s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := a.read(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (a *App) open(s *checkout) error {
	a.doing("reading the repository")
	repo, err := gitrepo.Open(a.repo)
	if errors.Is(err, gitrepo.ErrNotRepository) {
		return a.openDirectory(s)
	}
	if err != nil {
		if info, statErr := os.Stat(a.repo); errors.Is(statErr, fs.ErrNotExist) || statErr == nil && !info.IsDir() {
			return usage(fmt.Errorf("-C %w", err), hintOf(err))
		}
		return err
	}
	s.repo, s.dir = repo, repo.WorkTree()
	repo.SetGuard(a.guard(s))
	s.close = append(s.close, repo.Close)
	if s.revision, err = repo.Resolve(a.ref); err != nil {
		if errors.Is(err, gitrepo.ErrUnknownRevision) || errors.Is(err, gitrepo.ErrNotCommit) {
			return usage(err, hintOf(err))
		}
		return err
	}
	if s.source, err = snapshot.Commit(repo, s.revision.Commit); err != nil {
		return err
	}
	s.files, s.store = snapshot.All(s.source), a.openCache(repo.Dir())
	return nil
}

// openCache opens the cache for the repository or directory at dir.
func (a *App) openCache(dir string) *cache.Store {
	if a.noCache || a.CacheDir == "" {
		return nil
	}
	key := cache.KeyOf(dir)
	return cache.Open(filepath.Join(a.CacheDir, hex.EncodeToString(key[:])))
}

// read reads the configuration and all that the repository consists of.
func (a *App) read(ctx context.Context, s *checkout) error {
	c, err := a.readConfig(ctx, s)
	if err != nil {
		return err
	}
	s.hosts = c.GitHub.Hosts
	a.doing("reading the files of %s", s.name())
	s.Snapshot, s.files, err = snapshot.Read(ctx, s.source, snapshot.Options{Config: c, Cache: s.store, Program: a.Program})
	if err != nil {
		return err
	}
	a.notes(s.Notes)
	if err := s.store.Save(); err != nil {
		a.verbosef("the cache cannot be written: %v", err)
	}
	a.verbosef("read %s at %s", report.Count(len(s.Dockerfiles), "Dockerfile"), s.name())
	for _, e := range s.Unreadable {
		a.leave(passes(e))
		a.warnf("propagate: %s", oneLine(e.Error()))
		if e.Hint != "" {
			a.warnf("hint: %s", oneLine(e.Hint))
		}
	}
	for _, problem := range s.Builds.Problems {
		a.verbosef("%s: %s", report.Clean(problem.Pos.String()), report.Clean(problem.Message))
	}
	if n := len(s.Templates); n > 0 {
		a.verbosef("passed over %s:", report.Count(n, "template"))
		for _, path := range s.Templates {
			a.verbosef("  %s", report.Clean(path))
		}
	}
	return nil
}

func (a *App) openDirectory(s *checkout) error {
	if a.ref != "HEAD" {
		return usage(fmt.Errorf("--ref %s: %s is in no git repository", a.ref, a.repo), "a plain directory is read as it is: leave --ref out")
	}
	root, err := os.OpenRoot(a.repo)
	if err != nil {
		return err
	}
	s.close = append(s.close, root.Close)
	s.source = snapshot.Directory(root.FS(), a.Now())
	s.files = snapshot.All(s.source)
	if s.dir, err = filepath.Abs(a.repo); err == nil {
		s.store = a.openCache(s.dir)
	}
	a.verbosef("%s is in no git repository: its files are read as they are", a.repo)
	return err
}

// name is what messages call the snapshot.
func (s *checkout) name() string {
	if s.repo == nil {
		return s.dir
	}
	return fmt.Sprintf("commit %.12s", s.revision.Commit)
}

// diagnose prints what is wrong with the Dockerfiles. A file that could not be
// read leaves the answer incomplete, and so does an unresolved reference when the
// command is strict. Other errors are listed by the commands that list everything,
// and counted by those that are asked about one base; warnings are for who wants
// more.
func (a *App) diagnose(files []*scanner.File, strict, list bool) {
	unresolved := 0
	for _, file := range files {
		counted := false
		for _, d := range file.Diagnostics {
			fatal := d.Severity == scanner.Error && (strict || file.Unreadable)
			switch {
			case fatal:
				a.leave(false)
				a.warnf("propagate: %s: %s", report.Clean(d.Pos.String()), report.Clean(d.Message))
			case d.Severity == scanner.Error && list && !a.quiet, a.verbose:
				a.warnf("%s: %s: %s", report.Clean(d.Pos.String()), d.Severity, report.Clean(d.Message))
			default:
				counted = counted || d.Severity == scanner.Error
				continue
			}
			if d.Hint != "" && (fatal || a.verbose) {
				a.warnf("hint: %s", report.Clean(d.Hint))
			}
		}
		if counted {
			unresolved++
		}
	}
	if unresolved > 0 {
		a.notef("%s could not be understood in full; propagate scan lists why", report.Count(unresolved, "Dockerfile"))
	}
}
