package changes

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"

	"github.com/matihlabs/propagate/internal/source"
)

// A revision is the files of one of both revisions.
type revision struct {
	files   fs.FS
	ignores map[string]ignore // by the paths of the files that say it
}

// An ignore is what a context leaves out.
type ignore struct {
	lines    []string
	patterns patterns
}

func newRevision(files fs.FS) revision {
	return revision{files: files, ignores: map[string]ignore{}}
}

// ignored returns the patterns of the first of the files that is there.
func (r *revision) ignored(paths []string) []string { return r.ignore(paths).lines }

func (r *revision) matcher(paths []string) patterns { return r.ignore(paths).patterns }

func (r *revision) ignore(paths []string) ignore {
	key := strings.Join(paths, "\x00")
	if known, ok := r.ignores[key]; ok {
		return known
	}
	var found ignore
	for _, name := range paths {
		resolved := r.resolve(".", name)
		src, err := source.ReadUpTo(r.files, resolved[len(resolved)-1], source.MaxFileSize)
		if err != nil {
			continue // it is not there, or cannot be read: nothing is left out then
		}
		if found.lines, err = ignorefile.ReadAll(bytes.NewReader(src)); err != nil {
			found.lines = nil
		}
		break
	}
	found.patterns = newPatterns(found.lines)
	r.ignores[key] = found
	return found
}

// mostLinks bounds how many symbolic links lead to one path, as BuildKit does.
const mostLinks = 255

// resolve returns the symbolic links that a path of a context leads through, and in the end where it leads
// to. Paths are from the context, which is in dir, and no link leaves it.
func (r *revision) resolve(dir, name string) []string {
	var links []string
	at, rest := ".", name
	for rest != "" && rest != "." {
		part, behind, _ := strings.Cut(rest, "/")
		next := path.Join("/", at, part)[1:]
		if next == "" {
			next = "."
		}
		target := ""
		if next != "." && len(links) < mostLinks {
			target = r.link(path.Join(dir, next))
		}
		if target == "" {
			at, rest = next, behind
			continue
		}
		links = append(links, next)
		if path.IsAbs(target) {
			at = "."
		}
		rest = strings.TrimPrefix(path.Join(strings.TrimPrefix(target, "/"), behind), "/")
	}
	return append(links, at)
}

// link returns the target of a symbolic link; "" for what is none.
func (r *revision) link(name string) string {
	info, err := fs.Lstat(r.files, name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return ""
	}
	target, err := fs.ReadLink(r.files, name)
	if err != nil {
		return ""
	}
	return target
}

// links returns the symbolic links that a pattern fits, from a directory of the context.
func (r *revision) links(dir, root string, pattern []string) []string {
	list, err := fs.ReadDir(r.files, path.Join(dir, root))
	if err != nil {
		return nil
	}
	var links []string
	for _, e := range list {
		if ok, err := path.Match(pattern[0], e.Name()); err != nil || !ok {
			continue
		}
		name := path.Join(root, e.Name())
		switch {
		case len(pattern) == 1 && e.Type()&fs.ModeSymlink != 0:
			links = append(links, name)
		case len(pattern) > 1 && e.IsDir():
			links = append(links, r.links(dir, name, pattern[1:])...)
		}
	}
	return links
}
