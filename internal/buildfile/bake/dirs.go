package bake

import (
	"path"
)

// starts returns the directories in which the paths of the files begin, the likeliest first: where
// a command runs bake, else where the file is.
func (s *definition) starts() []string {
	own := path.Dir(s.leader)
	if s.dir == "" || s.dir == own {
		return []string{own}
	}
	return []string{s.dir, own}
}

// find finds the Dockerfile that a target names. A file that is kept below the root may be meant to
// be used in the root: one that names its own directory in its paths, or is in a directory that is
// no project of its own.
func (s *definition) find(context, file string, fromDir bool) (dockerfile, contextDir string, ok bool) {
	dockerfile, contextDir, ok = s.t.Dockerfile(s.starts(), context, file, fromDir)
	if !ok {
		dockerfile, contextDir, ok = s.t.FromRoot(path.Dir(s.leader), context, file, fromDir)
	}
	return dockerfile, contextDir, ok
}
