package publish

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Server is a kind of server that repositories are pushed to.
type Server string

// The kinds. None is any other: what it is pushed to is all that it does.
const (
	GitLab    Server = "gitlab"
	Azure     Server = "azure" // Azure Repos
	GitHub    Server = "github"
	Bitbucket Server = "bitbucket" // Cloud and Data Center
	Gitea     Server = "gitea"     // and Forgejo
	None      Server = "none"
)

// Servers returns the kinds.
func Servers() []Server { return []Server{GitLab, Azure, GitHub, Bitbucket, Gitea, None} }

// ServerOf tells by its host what kind of server the URL of a remote leads to.
func ServerOf(remote string) Server {
	page, _, ok := webPage(remote)
	if !ok {
		return None
	}
	labels := strings.Split(page.Hostname(), ".")
	within := func(domain string) bool {
		return page.Hostname() == domain || strings.HasSuffix(page.Hostname(), "."+domain)
	}
	switch {
	case within("dev.azure.com"), within("visualstudio.com"):
		return Azure
	case within("github.com"), within("ghe.com"), slices.Contains(labels, "github"):
		return GitHub
	case within("gitlab.com"), slices.Contains(labels, "gitlab"):
		return GitLab
	case within("bitbucket.org"), slices.Contains(labels, "bitbucket"):
		return Bitbucket
	case within("codeberg.org"), slices.Contains(labels, "gitea"), slices.Contains(labels, "forgejo"):
		return Gitea
	}
	return None
}

// scpLike is the short form of an ssh URL.
var scpLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[^@/]+@)?([^:/@\[\]]+):([^:].*)$`)
})

// webPage returns the page of the repository that a remote's URL leads to, where the
// server has its pages at the same host, and its path without slashes around it.
func webPage(remote string) (page *url.URL, path string, ok bool) {
	page = &url.URL{Scheme: "https"}
	if m := scpLike().FindStringSubmatch(remote); m != nil && !strings.Contains(remote, "://") {
		page.Host, page.Path = strings.ToLower(m[1]), m[2]
	} else {
		u, err := url.Parse(remote)
		if err != nil || u.Host == "" {
			return nil, "", false
		}
		switch u.Scheme {
		case "https", "http":
			page.Scheme, page.Host, page.Path = u.Scheme, strings.ToLower(u.Host), u.Path
		case "ssh", "git+ssh", "ssh+git", "git":
			page.Host, page.Path = strings.ToLower(u.Hostname()), u.Path
		default:
			return nil, "", false
		}
	}
	path = strings.TrimSuffix(strings.Trim(page.Path, "/"), ".git")
	page.Path = "/" + path
	return page, path, path != ""
}

// Link returns the page on which a person opens the pull request of a branch; "" where
// the server is none whose pages are known. Where base is "", the server proposes one.
func Link(server Server, remote, branch, base string) string {
	page, path, ok := webPage(remote)
	if !ok {
		return ""
	}
	parts := strings.Split(path, "/")
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	switch server {
	case GitLab:
		page.Path += "/-/merge_requests/new"
		set("merge_request[source_branch]", branch)
		set("merge_request[target_branch]", base)
	case Azure:
		if !azurePage(page, parts) {
			return ""
		}
		page.Path += "/pullrequestcreate"
		set("sourceRef", branch)
		set("targetRef", base)
	case GitHub, Gitea:
		page.Path += "/compare/" + branch
		if base != "" {
			page.Path = strings.TrimSuffix(page.Path, branch) + base + "..." + branch
		}
		if server == GitHub {
			set("expand", "1")
		}
	case Bitbucket:
		if page.Hostname() == "bitbucket.org" {
			page.Path += "/pull-requests/new"
			set("source", branch)
			set("dest", base)
			break
		}
		if len(parts) < 2 {
			return ""
		}
		page.Path = fmt.Sprintf("/projects/%s/repos/%s/pull-requests", parts[len(parts)-2], parts[len(parts)-1])
		query.Set("create", "")
		set("sourceBranch", "refs/heads/"+branch)
		if base != "" {
			set("targetBranch", "refs/heads/"+base)
		}
	default:
		return ""
	}
	page.RawQuery = query.Encode()
	return page.String()
}

// azurePage turns the address of a repository of Azure Repos into that of its page:
// over ssh it is v3/ORGANISATION/PROJECT/REPOSITORY at a host of its own.
func azurePage(page *url.URL, parts []string) bool {
	host := page.Hostname()
	if host == "ssh.dev.azure.com" || host == "vs-ssh.visualstudio.com" {
		if len(parts) != 4 || parts[0] != "v3" {
			return false
		}
		page.Host, page.Path = "dev.azure.com", fmt.Sprintf("/%s/%s/_git/%s", parts[1], parts[2], parts[3])
		if host == "vs-ssh.visualstudio.com" {
			page.Host, page.Path = parts[1]+".visualstudio.com", fmt.Sprintf("/%s/_git/%s", parts[2], parts[3])
		}
		return true
	}
	return slices.Contains(parts, "_git")
}
