package monorepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// readNamed reads the configuration that --config names. own says that it is the file at
// the root of the work tree, as the revision has it: then that one is to be read.
func (r *Repository) readNamed(ctx context.Context, name string) (c *config.Config, own bool, err error) {
	wrong := func(err error) error {
		return invalid(fmt.Errorf("--config %s: %w", name, reason(err)), adviceOn(err))
	}
	if err := checkKind(name); err != nil {
		return nil, false, wrong(err)
	}
	data, err := readAll(ctx, name)
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case err != nil:
		return nil, false, wrong(err)
	case !r.isOwn(name):
		c, err := parseConfig(name, data)
		if err == nil {
			c.Foreign()
		}
		return c, false, err
	}
	at, err := followLinks(r.files, config.Name)
	if err == nil {
		if _, err := fs.Stat(r.files, at); err == nil && (r.git == nil || r.uncommitted(ctx, r.files, at) == "") {
			return nil, true, nil
		}
	}
	c, err = parseConfig(config.Name, data)
	switch {
	case err != nil:
	case r.git == nil: // a link leads out of the directory
		c.Foreign()
	default:
		c.Uncommitted()
	}
	return c, false, err
}

// isOwn reports whether a file is the configuration at the root of the work tree, or of the
// plain directory.
func (r *Repository) isOwn(name string) bool {
	if r.Dir == "" {
		return false
	}
	named, err := os.Stat(name)
	if err != nil {
		return false
	}
	own, err := os.Stat(filepath.Join(r.Dir, config.Name))
	return err == nil && os.SameFile(named, own)
}

// adviceOn says what to do about a file that cannot be read.
func adviceOn(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "check the permissions of the file and of its directories"
	case errors.Is(err, fs.ErrNotExist):
		return "it is a path from the current directory"
	case errors.Is(err, source.ErrTooLarge):
		return "name the configuration of propagate: no such file is as large"
	}
	return "name a regular file, or /dev/stdin"
}

// checkKind refuses what no configuration is read from. A pipe is one that a shell has
// made, as for <(…) or /dev/stdin: into any other nobody may ever write.
func checkKind(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory")
	case info.Mode()&fs.ModeNamedPipe != 0:
		if at, err := os.Lstat(name); err == nil && at.Mode()&fs.ModeNamedPipe != 0 && !strings.HasPrefix(name, "/dev/fd/") && name != "/dev/stdin" {
			return errors.New("it is a named pipe")
		}
	case info.Mode()&fs.ModeCharDevice == 0 && !info.Mode().IsRegular():
		return source.ErrNotRegular
	}
	return nil
}

// readAll reads a file, and gives up when ctx ends: a pipe or a terminal may be silent for
// ever. What reads it then ends with the process.
func readAll(ctx context.Context, name string) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var got result
		var file *os.File
		if file, got.err = os.Open(name); got.err == nil {
			got.data, got.err = io.ReadAll(io.LimitReader(file, source.MaxFileSize+1))
			_ = file.Close() // it was only read
		}
		done <- got
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		if got.err == nil && len(got.data) > source.MaxFileSize {
			got.err = fmt.Errorf("%w: it has more than %d bytes", source.ErrTooLarge, source.MaxFileSize)
		}
		return got.data, got.err
	}
}
