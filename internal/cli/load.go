package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/scanner"
)

// A snapshot is what the commands work on: the Dockerfiles of one revision, or of
// a plain directory.
type snapshot struct {
	repo     *gitrepo.Repo // nil for a plain directory
	dir      string        // the root of the work tree or the plain directory; "" for a bare repository
	revision gitrepo.Revision
	files    fs.FS
	config   *config.Config
	listing  *scanner.Listing
	builds   *buildfile.Result
	scanned  []*scanner.File // Dockerfiles by path, then the files in which the configuration finds references
	close    []func() error
}

// Close releases what the snapshot holds open.
func (s *snapshot) Close() error {
	var errs []error
	for _, f := range s.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// load reads the Dockerfiles of the repository that the flags name.
func (a *App) load(ctx context.Context) (*snapshot, error) {
	s := &snapshot{}
	if err := a.open(s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := a.read(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (a *App) open(s *snapshot) error {
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
	s.close = append(s.close, repo.Close)
	if s.revision, err = repo.Resolve(a.ref); err != nil {
		if errors.Is(err, gitrepo.ErrUnknownRevision) {
			return usage(err, hintOf(err))
		}
		return err
	}
	s.files, err = repo.FS(s.revision.Commit)
	return err
}

func (a *App) openDirectory(s *snapshot) error {
	if a.ref != "HEAD" {
		return usage(fmt.Errorf("--ref %s: %s is in no git repository", a.ref, a.repo), "a plain directory is read as it is: leave --ref out")
	}
	root, err := os.OpenRoot(a.repo)
	if err != nil {
		return err
	}
	s.close = append(s.close, root.Close)
	s.files = root.FS()
	s.dir, err = filepath.Abs(a.repo)
	a.verbosef("%s is in no git repository: its files are read as they are", a.repo)
	return err
}

// name is what messages call the snapshot.
func (s *snapshot) name() string {
	if s.repo == nil {
		return s.dir
	}
	return fmt.Sprintf("commit %.12s", s.revision.Commit)
}

func (a *App) readConfig(files fs.FS) (*config.Config, error) {
	name := a.config
	var data []byte
	var err error
	if name != "" {
		data, err = os.ReadFile(name)
	} else {
		name = config.Name
		data, err = fs.ReadFile(files, name)
		if errors.Is(err, fs.ErrNotExist) {
			return &config.Config{}, nil
		}
	}
	if err != nil {
		return nil, usage(fmt.Errorf("reading the configuration: %w", err), "")
	}
	c, err := config.Parse(name, data)
	if err != nil {
		return nil, usage(err, hintOf(err))
	}
	return c, nil
}

// diagnose prints what is wrong with the Dockerfiles. A file that could not be
// read leaves the answer incomplete, and so does an unresolved reference when the
// command is strict. Other errors are listed by the commands that list everything,
// and counted by those that are asked about one base; warnings are for who wants
// more.
func (a *App) diagnose(s *snapshot, strict, list bool) {
	unresolved := 0
	for _, file := range s.scanned {
		counted := false
		for _, d := range file.Diagnostics {
			fatal := d.Severity == scanner.Error && (strict || file.Unreadable)
			switch {
			case fatal:
				a.unfinished = true
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
