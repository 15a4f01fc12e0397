package reading

import (
	"io/fs"
	"path"
	"strings"
)

// maxLinks is how many links are followed on the way to one file, as by Linux.
const maxLinks = 40

// linkTarget returns the regular file of the tree that a symbolic link leads to, also through linked directories and
// further links. It is "" for what is no link, and for one that leads out of the tree, in a circle or nowhere.
func linkTarget(fsys fs.FS, p string) string {
	at, pending := ".", strings.Split(p, "/")
	for followed := 0; len(pending) > 0; {
		name := pending[0]
		pending = pending[1:]
		switch {
		case name == "" || name == ".":
			continue
		case name == ".." && at == ".":
			return ""
		case name == "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, name)
		info, err := fs.Lstat(fsys, next)
		switch {
		case err != nil:
			return ""
		case info.IsDir():
			at = next
		case info.Mode().Type() == fs.ModeSymlink:
			text, err := fs.ReadLink(fsys, next)
			if followed++; err != nil || path.IsAbs(text) || followed > maxLinks {
				return ""
			}
			pending = append(strings.Split(text, "/"), pending...)
		case info.Mode().IsRegular() && len(pending) == 0 && followed > 0:
			return next
		default:
			return ""
		}
	}
	return ""
}
