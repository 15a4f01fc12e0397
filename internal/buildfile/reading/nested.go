package reading

import (
	"path"
	"slices"
	"strings"
)

// FromRoot is dockerfile for a file of a directory whose paths may begin in the root.
func (t *Tree) FromRoot(own, context, file string, fromDir bool) (dockerfile, contextDir string, ok bool) {
	dockerfile, contextDir, ok = t.Dockerfile([]string{"."}, context, file, fromDir)
	if ok && (strings.HasPrefix(dockerfile, own+"/") || !t.isProject(own)) {
		return dockerfile, contextDir, true
	}
	return "", "", false
}

// strangers are directories that hold what others maintain, or what shows how something is done.
const strangers = "vendor vendored third_party third-party thirdparty node_modules external submodules " +
	"example examples sample samples demo demos test tests testdata fixture fixtures template templates"

// IsForeign reports whether a directory is one of these, or below one.
func IsForeign(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool { return Contains(strangers, name) })
}

// isProject reports whether a directory is a project of its own: it holds Dockerfiles, or it is
// one of what others maintain.
func (t *Tree) isProject(dir string) bool {
	if IsForeign(dir) {
		return true
	}
	for p := range t.Dockerfiles {
		if strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// IsNamedOver reports whether the name of a file is that of another with more to it: bake.prod.hcl and
// prod.bake.hcl are laid over bake.hcl.
func IsNamedOver(over, under string) bool {
	words := func(p string) []string {
		name := strings.TrimSuffix(path.Base(p), path.Ext(p))
		return strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune("._-", c) })
	}
	more, less := words(over), words(under)
	return len(more) > len(less) && !slices.ContainsFunc(less, func(word string) bool { return !slices.Contains(more, word) })
}
