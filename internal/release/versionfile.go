package release

import (
	"cmp"
	"path"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/scanner"
)

// versionFiles are the names of files that hold a version and nothing else.
var versionFiles = []string{"VERSION", "version", "VERSION.txt", "version.txt", ".version"}

// VersionFiles returns the paths of the files beside Dockerfiles that a Finder looks for.
func VersionFiles(dockerfiles []string) []string {
	var paths []string
	seen := map[string]bool{}
	for _, p := range dockerfiles {
		dir := path.Dir(p)
		if seen[dir] {
			continue
		}
		seen[dir] = true
		for _, name := range versionFiles {
			paths = append(paths, path.Join(dir, name))
		}
	}
	return paths
}

// versionFile returns the version in a file beside the Dockerfile that holds
// nothing else.
func (f *Finder) versionFile(file *scanner.File, claim graph.Claim) ([]bumper.Release, error) {
	dirs := []string{path.Dir(file.Path)}
	if file.IsInline() { // which lies in no directory of its own
		dirs = []string{cmp.Or(claim.Context, ".")}
	} else if claim.Context != "" && claim.Context != "." && claim.Context != dirs[0] {
		dirs = append(dirs, claim.Context)
	}
	var places []bumper.Release
	for _, dir := range dirs {
		for _, name := range versionFiles {
			found, err := f.open(path.Join(dir, name))
			if err != nil {
				return nil, err
			}
			if found != nil && len(found.Src) < 200 {
				if value := found.Text(0, len(found.Src)).TrimSpace(); value.S != "" && !strings.ContainsAny(value.S, " \t\r\n") {
					places = append(places, bumper.Release{Tag: value, How: name + " file", Trust: bumper.Stated})
				}
			}
		}
	}
	return places, nil
}
