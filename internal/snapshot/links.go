package snapshot

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// links are what a Source knows of symbolic links.
type links interface {
	// lookUp returns what is at a path, without following it if it is a link. The
	// directories on the way to it are no links.
	lookUp(p string) (mode fs.FileMode, identity string, err error)

	// readLink returns the text of a link.
	readLink(p, identity string) (string, error)
}

// Why a link is not followed.
var (
	errOutside = errors.New("it is a symbolic link that leads out of the repository")
	errLoop    = errors.New("it is a symbolic link that leads in a circle")
	errNowhere = errors.New("it is a symbolic link to a file that does not exist in the repository")
	errSpecial = errors.New("it is a symbolic link to what is no regular file")
	errToDir   = errors.New("it is a symbolic link to a directory")
)

const (
	maxLinks    = 40   // on the way to one file, as Linux follows them
	maxLinkText = 4096 // bytes
)

// resolve follows the symbolic link at p, through linked directories and further links,
// to a regular file of the same tree. The error is one of those above, or that of the
// Source where a link on the way cannot be read.
func resolve(source links, p, identity string) (target, targetIdentity string, err error) {
	at, pending := path.Dir(p), []string(nil)
	enter := func(p, identity string) error {
		text, err := source.readLink(p, identity)
		if err != nil {
			return err
		}
		if path.IsAbs(text) {
			return errOutside
		}
		pending = append(strings.Split(text, "/"), pending...)
		return nil
	}
	if err := enter(p, identity); err != nil {
		return "", "", err
	}
	for followed := 1; len(pending) > 0; {
		name := pending[0]
		pending = pending[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if at == "." {
				return "", "", errOutside
			}
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, name)
		mode, identity, err := source.lookUp(next)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "", "", errNowhere
		case err != nil:
			return "", "", err
		case mode.IsDir():
			at = next
		case mode.Type() == fs.ModeSymlink:
			if followed++; followed > maxLinks {
				return "", "", errLoop
			}
			if err := enter(next, identity); err != nil {
				return "", "", err
			}
		case !mode.IsRegular():
			return "", "", errSpecial
		case len(pending) > 0:
			return "", "", errNowhere // it goes on as if the file were a directory
		default:
			return next, identity, nil
		}
	}
	return "", "", errToDir
}
