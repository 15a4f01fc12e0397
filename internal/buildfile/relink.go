package buildfile

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// relinked gives contexts that name a build which is not there the one that is: where a command builds core with values
// of its own, base may be built as its file says, or by another command. The build with the same values is the first
// choice, then the one of the file, then the one that shares most of the values. A build that is based on another is
// never based on nothing.
func relinked(builds []reading.Build) []reading.Build {
	names, given := map[string]bool{}, map[string][]string{}
	for _, b := range builds {
		plain, _, isGiven := strings.Cut(b.Name, reading.GivenName)
		if names[b.Name] = true; isGiven && !slices.Contains(given[plain], b.Name) {
			given[plain] = append(given[plain], b.Name)
		}
	}
	for i := range builds {
		isOwn := false
		for j, c := range builds[i].Contexts {
			if c.Link == "" || names[c.Link] {
				continue
			}
			if !isOwn {
				builds[i].Contexts, isOwn = slices.Clone(builds[i].Contexts), true
			}
			plain, _, _ := strings.Cut(c.Link, reading.GivenName)
			builds[i].Contexts[j].Link = plain
			if !names[plain] && len(given[plain]) > 0 {
				builds[i].Contexts[j].Link = closest(c.Link, given[plain])
			}
		}
	}
	return builds
}

// closest returns the first of the names that share most values with a name.
func closest(name string, names []string) string {
	_, values, _ := strings.Cut(name, reading.GivenName)
	own := strings.Fields(values)
	best, most := "", -1
	for _, other := range names {
		_, values, _ := strings.Cut(other, reading.GivenName)
		shared := 0
		for _, v := range strings.Fields(values) {
			if slices.Contains(own, v) {
				shared++
			}
		}
		if shared > most {
			best, most = other, shared
		}
	}
	return best
}
