package monorepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
)

// readConfig reads the file that the options name, or else the one of the revision.
func (r *Repository) readConfig(ctx context.Context) (*config.Config, error) {
	if name := r.options.Config; name != "" {
		c, own, err := r.readNamed(ctx, name)
		if err != nil || !own {
			return c, err
		}
	}
	name, err := followLinks(r.files, config.Name)
	var data []byte
	if err == nil {
		data, err = source.ReadUpTo(r.files, name, source.MaxFileSize)
	}
	missing := errors.Is(err, fs.ErrNotExist) && name == config.Name
	if err != nil && !missing {
		err = reason(err)
		if name != config.Name {
			err = fmt.Errorf("it is a symbolic link to %s: %w", source.Clean(name), err)
		}
		return nil, invalid(fmt.Errorf("%s: %w", config.Name, err), "--config names another file")
	}
	r.noteUncommitted(ctx, name)
	r.noteLikeNames()
	if missing {
		return &config.Config{}, nil
	}
	return parseConfig(name, data)
}

// ConfigText returns the configuration of the revision as it is written, nil where it has none or it cannot be read.
func (r *Repository) ConfigText() []byte {
	name, err := followLinks(r.files, config.Name)
	if err != nil {
		return nil
	}
	data, err := source.ReadUpTo(r.files, name, source.MaxFileSize)
	if err != nil {
		return nil // there is none, or Open has refused it
	}
	return data
}

func parseConfig(name string, data []byte) (*config.Config, error) {
	c, err := config.Parse(name, data)
	if err != nil {
		return nil, invalid(err, "")
	}
	return c, nil
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
func (r *Repository) noteUncommitted(ctx context.Context, name string) {
	if r.git == nil || r.Dir == "" {
		return
	}
	state := r.uncommitted(ctx, r.files, name)
	if state != "" && !r.isHead() {
		head, err := r.git.Resolve("HEAD")
		if err != nil {
			return
		}
		files, err := r.git.FS(head.Commit)
		if err != nil || r.uncommitted(ctx, files, name) == "" {
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
	hint := fmt.Sprintf("commit it, or try it as it is with --config %s", r.typed(name))
	if state == "removed" {
		hint = "commit its removal, or restore it"
	}
	r.options.say(Message{Kind: Note, Text: fmt.Sprintf(says, source.Clean(name), r.Name()), Hint: hint})
}

// uncommitted says how a file in the work tree is other than in a commit: "new", "changed",
// "removed", or "" where it is the same.
func (r *Repository) uncommitted(ctx context.Context, files fs.FS, name string) string {
	work, err := os.OpenRoot(r.Dir)
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
	differing, err := r.git.Differing(ctx, []gitrepo.Blob{{Path: name, ID: id}}, 1)
	switch {
	case err != nil || len(differing) == 0:
		return ""
	case !isThere:
		return "removed"
	}
	return "changed"
}

// typed returns how a file of the work tree is named on the command line.
func (r *Repository) typed(name string) string {
	full := filepath.Join(r.Dir, filepath.FromSlash(name))
	here, err := os.Stat(name)
	there, err2 := os.Stat(full)
	if err == nil && err2 == nil && os.SameFile(here, there) {
		return name
	}
	return full
}

// noteLikeNames names the files that look like the configuration and are not read.
func (r *Repository) noteLikeNames() {
	names := config.LikeNames()
	if r.git != nil && r.Dir != "" {
		// -C names a directory below the root.
		if below, err := filepath.EvalSymlinks(r.options.Dir); err == nil {
			if below, err = filepath.Abs(below); err == nil {
				if rel, err := filepath.Rel(r.Dir, below); err == nil && rel != "." && filepath.IsLocal(rel) {
					names = append(names, path.Join(filepath.ToSlash(rel), config.Name))
				}
			}
		}
	}
	isFile := func(info fs.FileInfo, err error) bool { return err == nil && info.Mode().IsRegular() }
	for _, name := range names {
		there := isFile(fs.Stat(r.files, name))
		if r.Dir != "" {
			there = there || isFile(os.Stat(filepath.Join(r.Dir, filepath.FromSlash(name))))
		}
		if there {
			text := fmt.Sprintf("%s is not read: the configuration is %s at the root", source.Clean(name), config.Name)
			r.options.say(Message{Kind: Note, Text: text, Hint: "rename it, or name it with --config"})
		}
	}
}
