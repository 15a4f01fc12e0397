package buildfile

import (
	"path"
	"slices"
	"strings"
)

// starts returns the directories in which the paths of the files begin, the likeliest first: where
// a command runs bake, else where the file is.
func (s *bakeState) starts() []string {
	own := path.Dir(s.leader)
	if s.dir == "" || s.dir == own {
		return []string{own}
	}
	return []string{s.dir, own}
}

// find finds the Dockerfile that a target names. A file that is kept below the root may be meant to
// be used in the root: one that names its own directory in its paths, or is in a directory that is
// no project of its own.
func (s *bakeState) find(context, file string, fromDir bool) (dockerfile, contextDir string, ok bool) {
	dockerfile, contextDir, ok = s.t.dockerfile(s.starts(), context, file, fromDir)
	if !ok {
		dockerfile, contextDir, ok = s.t.fromRoot(path.Dir(s.leader), context, file, fromDir)
	}
	return dockerfile, contextDir, ok
}

// fromRoot is dockerfile for a file of a directory whose paths may begin in the root.
func (t *tree) fromRoot(own, context, file string, fromDir bool) (dockerfile, contextDir string, ok bool) {
	dockerfile, contextDir, ok = t.dockerfile([]string{"."}, context, file, fromDir)
	if ok && (strings.HasPrefix(dockerfile, own+"/") || !t.isProject(own)) {
		return dockerfile, contextDir, true
	}
	return "", "", false
}

// strangers are directories that hold what others maintain, or what shows how something is done.
const strangers = "vendor vendored third_party third-party thirdparty node_modules external submodules " +
	"example examples sample samples demo demos test tests testdata fixture fixtures template templates"

// isForeign reports whether a directory is one of these, or below one.
func isForeign(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool { return contains(strangers, name) })
}

// isProject reports whether a directory is a project of its own: it holds Dockerfiles, or it is
// one of what others maintain.
func (t *tree) isProject(dir string) bool {
	if isForeign(dir) {
		return true
	}
	for p := range t.dockerfiles {
		if strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}
