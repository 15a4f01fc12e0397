package bots

import (
	"path"
	"slices"
	"strings"
)

// A Base is an image that is left to propagate, and the files that are based on it.
type Base struct {
	Image string   // the repository, canonical
	Files []string // by path
}

// A PackageRule is one of Renovate's.
type PackageRule struct {
	Description       string   `json:"description"`
	MatchDatasources  []string `json:"matchDatasources"`
	MatchPackageNames []string `json:"matchPackageNames"`
	Enabled           bool     `json:"enabled"`
}

// PackageRules are those that leave the bases to propagate; none without a base.
func PackageRules(bases []Base) []PackageRule {
	rule := PackageRule{Description: "propagate moves these bases", MatchDatasources: []string{"docker"}}
	for _, base := range bases {
		// Without its registry, an image of another one may have the same name.
		names := Names(base.Image)
		if !strings.HasPrefix(base.Image, "docker.io/") {
			names = names[:1]
		}
		rule.MatchPackageNames = append(rule.MatchPackageNames, names...)
	}
	if len(rule.MatchPackageNames) == 0 {
		return []PackageRule{}
	}
	slices.Sort(rule.MatchPackageNames)
	return []PackageRule{rule}
}

// A DockerUpdate is an entry of Dependabot's updates.
type DockerUpdate struct {
	Directories []string // from the root, each with a slash before it
	Ignore      []string // names of dependencies
}

// DockerUpdates is the entry that leaves the bases to propagate: Dependabot knows images
// without their registries.
func DockerUpdates(bases []Base) DockerUpdate {
	u := DockerUpdate{Directories: []string{}, Ignore: []string{}}
	for _, base := range bases {
		names := Names(base.Image)
		u.Ignore = append(u.Ignore, names[len(names)-1])
		for _, file := range base.Files {
			u.Directories = append(u.Directories, path.Join("/", path.Dir(file)))
		}
	}
	slices.Sort(u.Ignore)
	slices.Sort(u.Directories)
	u.Ignore, u.Directories = slices.Compact(u.Ignore), slices.Compact(u.Directories)
	return u
}
