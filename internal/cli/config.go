package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// readConfig reads the file that --config names, or else the one of the revision.
func (a *App) readConfig(ctx context.Context, s *checkout) (*config.Config, error) {
	if a.config != "" {
		data, err := os.ReadFile(a.config)
		if err != nil {
			return nil, usage(fmt.Errorf("--config %s: %w", a.config, reason(err)), "it is a path from the current directory")
		}
		c, err := a.parseConfig(a.config, data)
		if err == nil {
			c.Foreign()
		}
		return c, err
	}
	name, err := followLinks(s.files, config.Name)
	var data []byte
	if err == nil {
		data, err = source.ReadUpTo(s.files, name, source.MaxFileSize)
	}
	missing := errors.Is(err, fs.ErrNotExist) && name == config.Name
	if err != nil && !missing {
		return nil, usage(fmt.Errorf("%s: %w", report.Clean(name), reason(err)), "--config names another file")
	}
	a.noteUncommitted(ctx, s, name)
	a.noteLikeNames(s)
	if missing {
		return &config.Config{}, nil
	}
	return a.parseConfig(name, data)
}

// parseConfig says all that is wrong with a configuration; the error is the last of it.
func (a *App) parseConfig(name string, data []byte) (*config.Config, error) {
	c, err := config.Parse(name, data)
	if err == nil {
		return c, nil
	}
	var all config.Errors
	if !errors.As(err, &all) {
		return nil, usage(err, hintOf(err))
	}
	for _, e := range all[:len(all)-1] {
		a.warnf("propagate: %s", oneLine(e.Error()))
		if e.Hint != "" {
			a.warnf("hint: %s", oneLine(e.Hint))
		}
	}
	last := all[len(all)-1]
	return nil, usage(last, last.Hint)
}

// reason says in words why a file cannot be read.
func reason(err error) error {
	var failed *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.As(err, &failed):
		return failed.Err
	}
	return err
}

// followLinks returns the file that a path stands for, through symbolic links of the tree.
func followLinks(files fs.FS, name string) (string, error) {
	const most = 10
	for range most {
		target, err := fs.ReadLink(files, name)
		if err != nil {
			return name, nil //nolint:nilerr // it is no link
		}
		next := path.Join(path.Dir(name), filepath.ToSlash(target))
		if path.IsAbs(target) || filepath.IsAbs(target) || !fs.ValidPath(next) {
			return name, errors.New("it is a symbolic link that leads out of the repository")
		}
		name = next
	}
	return name, errors.New("it is a symbolic link that leads in a circle")
}

// noteUncommitted says that the work tree has another configuration than the revision
// that is read. Where that is not the one that is checked out, another is what was asked for.
// name is the file that the configuration of the revision stands in.
func (a *App) noteUncommitted(ctx context.Context, s *checkout, name string) {
	if s.repo == nil || s.dir == "" || a.quiet {
		return
	}
	state := s.uncommitted(ctx, s.files, name)
	if state != "" && !s.isHead() {
		head, err := s.repo.Resolve("HEAD")
		if err != nil {
			return
		}
		files, err := s.repo.FS(head.Commit)
		if err != nil || s.uncommitted(ctx, files, name) == "" {
			return
		}
	}
	says := map[string]string{
		"new":     "%s is in the work tree alone, and was not read: %s has none",
		"changed": "%s is another in the work tree: that of %s was read",
		"removed": "%s is not in the work tree: that of %s was read",
	}[state]
	if says == "" {
		return
	}
	hint := fmt.Sprintf("commit it, or try it as it is with --config %s", s.typed(name))
	if state == "removed" {
		hint = "commit its removal, or restore it"
	}
	a.notef("note: "+says, report.Clean(name), s.name())
	a.notef("hint: %s", report.Clean(hint))
}

// uncommitted says how a file in the work tree is other than in a commit: "new", "changed",
// "removed", or "" where it is the same.
func (s *checkout) uncommitted(ctx context.Context, files fs.FS, name string) string {
	work, err := os.OpenRoot(s.dir)
	if err != nil {
		return ""
	}
	defer work.Close()
	there, err := work.Stat(filepath.FromSlash(name))
	isThere := err == nil && there.Mode().IsRegular()
	info, err := fs.Stat(files, name)
	if err != nil {
		if isThere && errors.Is(err, fs.ErrNotExist) {
			return "new"
		}
		return ""
	}
	id, ok := info.Sys().(gitrepo.ID)
	if !ok {
		return ""
	}
	differing, err := s.repo.Differing(ctx, []gitrepo.Blob{{Path: name, ID: id}}, 1)
	switch {
	case err != nil || len(differing) == 0:
		return ""
	case !isThere:
		return "removed"
	}
	return "changed"
}

// typed returns how a file of the work tree is named on the command line.
func (s *checkout) typed(name string) string {
	full := filepath.Join(s.dir, filepath.FromSlash(name))
	here, err := os.Stat(name)
	there, err2 := os.Stat(full)
	if err == nil && err2 == nil && os.SameFile(here, there) {
		return name
	}
	return full
}

// noteLikeNames names the files that look like the configuration and are not read.
func (a *App) noteLikeNames(s *checkout) {
	if a.quiet {
		return
	}
	names := config.LikeNames()
	if s.repo != nil && s.dir != "" {
		// -C names a directory below the root.
		if below, err := filepath.EvalSymlinks(a.repo); err == nil {
			if below, err = filepath.Abs(below); err == nil {
				if rel, err := filepath.Rel(s.dir, below); err == nil && rel != "." && filepath.IsLocal(rel) {
					names = append(names, path.Join(filepath.ToSlash(rel), config.Name))
				}
			}
		}
	}
	isFile := func(info fs.FileInfo, err error) bool { return err == nil && info.Mode().IsRegular() }
	for _, name := range names {
		there := isFile(fs.Stat(s.files, name))
		if s.dir != "" {
			there = there || isFile(os.Stat(filepath.Join(s.dir, filepath.FromSlash(name))))
		}
		if there {
			a.notef("note: %s is not read: the configuration is %s at the root", report.Clean(name), config.Name)
			a.notef("hint: rename it, or name it with --config")
		}
	}
}

// notes says what of the configuration fits nothing.
func (a *App) notes(all []*source.Error) {
	for _, n := range all {
		a.notef("note: %s", oneLine(n.Error()))
	}
}

// graph makes the graph of the snapshot, and says what of the configuration fits nothing in it.
func (a *App) graph(s *checkout) *graph.Graph {
	g := s.graph()
	a.notes(s.Config.UnusedImages(g, s.Files))
	return g
}
