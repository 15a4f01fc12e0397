package monorepo

import (
	"io/fs"
	"path"
	"strings"
)

// vendored returns what tells the vendored tree that a Dockerfile is kept in: one that the
// configuration does not call the repository's own, and that nothing outside of the tree builds
// or links to.
func (r *Repository) vendored() func(dockerfile string) (tree string, ok bool) {
	trees := map[string]string{} // by Dockerfile
	inTree := func(p, tree string) bool { return strings.HasPrefix(p, tree+"/") }
	treeOf := r.vendoredTrees()
	for _, p := range r.Dockerfiles {
		if tree := treeOf(p); tree != "" {
			trees[p] = tree
		}
	}
	release := func(dockerfile, from string) {
		if tree, ok := trees[dockerfile]; ok && !inTree(from, tree) {
			delete(trees, dockerfile)
		}
	}
	for i := range r.Builds.Builds {
		release(r.Builds.Builds[i].Dockerfile, r.Builds.Builds[i].File)
	}
	for _, file := range r.Files {
		release(file.Origin.Path, file.Path)
	}
	return func(dockerfile string) (string, bool) {
		tree, ok := trees[dockerfile]
		return tree, ok
	}
}

// vendoredTrees returns what tells the vendored tree that a file is in, "" for none and for what the
// configuration calls the repository's own.
func (r *Repository) vendoredTrees() func(p string) string {
	vendors := map[string]bool{} // directories called vendor: whether they are vendored trees
	isVendor := func(dir string) bool {
		is, known := vendors[dir]
		if !known {
			info, err := fs.Stat(r.files, path.Join(dir, "modules.txt"))
			is = err == nil && info.Mode().IsRegular()
			vendors[dir] = is
		}
		return is
	}
	return func(p string) string {
		if r.Config.Owns(p) {
			return ""
		}
		return vendoredTree(p, isVendor)
	}
}

// vendoredTree returns the outermost directory on a path that holds what others maintain:
// vendor where Go lists there what it has copied (modules.txt), node_modules, third_party. It is
// "" where there is none.
func vendoredTree(p string, isVendor func(dir string) bool) string {
	for at := strings.IndexByte(p, '/'); at >= 0; {
		switch dir := p[:at]; path.Base(dir) {
		case "node_modules", "third_party":
			return dir
		case "vendor":
			if isVendor(dir) {
				return dir
			}
		}
		next := strings.IndexByte(p[at+1:], '/')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return ""
}
