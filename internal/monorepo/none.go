package monorepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// CheckDockerfiles returns an error where there are no Dockerfiles: nothing can depend
// on a base. It says what has left them out, as far as that is seen at once.
func (r *Repository) CheckDockerfiles() error {
	if len(r.Files) > 0 {
		return nil
	}
	if r.Excluded > 0 {
		return advised(fmt.Errorf("%s: there are no Dockerfiles but those that dockerfiles.exclude leaves out: all %d", r.Name(), r.Excluded),
			"exclude less in the configuration")
	}
	none := fmt.Errorf("%s: there are no Dockerfiles", r.Name())
	if name := r.uncommittedDockerfile(); name != "" {
		return advised(none, fmt.Sprintf("%s is in the work tree alone: commit it first", source.Clean(name)))
	}
	return advised(none, "-C names the repository, --ref the revision; files of other names can be added in the configuration")
}

// uncommittedDockerfile returns a Dockerfile at the root of the work tree, or in a directory
// at the root, that the revision does not have, "" for none. It looks no further.
func (r *Repository) uncommittedDockerfile() string {
	if r.Dir == "" || !r.isHead() {
		return ""
	}
	dirs := []string{"."}
	for i := 0; i < len(dirs); i++ { // it grows by what is at the root
		list, _ := os.ReadDir(filepath.Join(r.Dir, dirs[i])) // what cannot be read has none
		for _, e := range list {
			name := path.Join(dirs[i], e.Name())
			switch {
			case e.IsDir() && i == 0 && e.Name() != ".git":
				dirs = append(dirs, name)
			case e.Type().IsRegular() && scanner.IsDockerfile(e.Name()) && !r.Config.Excludes(name):
				if _, err := fs.Stat(r.files, name); errors.Is(err, fs.ErrNotExist) {
					return name
				}
			}
		}
	}
	return ""
}
