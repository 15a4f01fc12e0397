package monorepo

import (
	"net/url"
	"slices"
	"strings"
)

// names are what the repository is called on its forge, as far as that is known: by its remote, and
// by GITHUB_REPOSITORY.
func (r *Repository) names() []string {
	var all []string
	if r.git != nil {
		if raw, err := r.git.RemoteURL("origin"); err == nil {
			all = append(all, nameIn(raw))
		}
	}
	all = append(all, nameIn("https://host/"+r.options.GitHub.Repository))
	all = slices.DeleteFunc(all, func(name string) bool { return name == "" })
	return slices.Compact(all)
}

// nameIn returns owner/name of the URL of a remote, "" for one of a directory.
func nameIn(remote string) string {
	path := ""
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		path = u.Path
	} else if host, rest, ok := strings.Cut(remote, ":"); ok && !strings.Contains(host, "/") && !strings.HasPrefix(rest, "//") && len(host) > 1 {
		path = rest // user@host:owner/name, as ssh has it
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if owner, name, ok := strings.Cut(path, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return ""
	}
	return path
}
