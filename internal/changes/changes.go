package changes

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/scanner"
)

// Changes are the paths at which two revisions differ.
type Changes struct {
	was, now revision
	all      []gitrepo.TreeChange // by path
}

// A Context is a directory that a build is handed.
type Context struct {
	Dir string // from the root of the repository, "." for the root

	// Ignore are the files that say what is left out of it, from the root; the first that is there counts.
	Ignore []string
}

// New returns the changes of all paths, which are sorted, between two revisions.
func New(was, now fs.FS, all []gitrepo.TreeChange) *Changes {
	return &Changes{was: newRevision(was), now: newRevision(now), all: all}
}

// All returns all of them, by path.
func (c *Changes) All() []gitrepo.TreeChange { return c.all }

// At returns the change at a path.
func (c *Changes) At(path string) (gitrepo.TreeChange, bool) {
	i, ok := slices.BinarySearchFunc(c.all, path, func(change gitrepo.TreeChange, path string) int { return strings.Compare(change.Path, path) })
	if !ok {
		return gitrepo.TreeChange{}, false
	}
	return c.all[i], true
}

// Concern reports whether any path in a context differs, or what is left out of it.
func (c *Changes) Concern(context Context) bool {
	if _, ok := c.Ignored(context); ok {
		return true
	}
	dir := c.now.resolve(".", context.Dir)
	return slices.ContainsFunc(c.all, func(change gitrepo.TreeChange) bool {
		return slices.ContainsFunc(dir, func(dir string) bool { return change.Path == dir || change.IsBelow(dir) })
	})
}

// Ignored returns the change of the file that says what is left out of a context, where it says something
// else in one revision than in the other.
func (c *Changes) Ignored(context Context) (gitrepo.TreeChange, bool) {
	if slices.Equal(c.was.ignored(context.Ignore), c.now.ignored(context.Ignore)) {
		return gitrepo.TreeChange{}, false
	}
	for _, path := range context.Ignore {
		if change, ok := c.At(path); ok {
			return change, true
		}
	}
	// It is a symbolic link to what differs.
	for _, r := range []*revision{&c.now, &c.was} {
		for _, path := range context.Ignore {
			for _, linked := range r.resolve(".", path) {
				if change, ok := c.At(linked); ok {
					return change, true
				}
			}
		}
	}
	return gitrepo.TreeChange{}, false
}

// Taken returns the changes of what an instruction takes of a context, by path.
func (c *Changes) Taken(take scanner.Take, context Context) []gitrepo.TreeChange {
	var taken []gitrepo.TreeChange
	dirs := c.now.resolve(".", context.Dir)
	dir := dirs[len(dirs)-1]
	var matcher *matcher // what it needs of the trees is read for the first path in the context
	was, now := c.was.matcher(context.Ignore), c.now.matcher(context.Ignore)
	for _, change := range c.all {
		if slices.Contains(dirs, change.Path) { // a link on the way, or a submodule
			taken = append(taken, change)
			continue
		}
		if !change.IsBelow(dir) {
			continue
		}
		path := change.Path
		if dir != "." {
			path = strings.TrimPrefix(path, dir+"/")
		}
		if (change.Was == 0 || was.matches(path)) && (change.Now == 0 || now.matches(path)) {
			continue // it is left out
		}
		if matcher == nil {
			matcher = c.matcherOf(take, dir)
		}
		if matcher.takes(path) {
			taken = append(taken, change)
		}
	}
	return taken
}
