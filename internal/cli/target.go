package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/publish"
)

// A mode is a way of publishing.
type mode string

const (
	modeAuto   mode = "auto"
	modePull   mode = "pr"
	modeBranch mode = "branch"
	modeFiles  mode = "files"
)

var modes = map[mode]bool{modeAuto: true, modePull: true, modeBranch: true, modeFiles: true}

// choose decides what auto means here and says why; it refuses what cannot be.
func (a *App) choose(s *checkout, m mode) (chosen mode, why string, err error) {
	switch {
	case s.repo == nil && m == modeFiles:
		return m, "", nil
	case s.repo == nil:
		return "", "", usage(fmt.Errorf("--publish %s: %s is in no git repository, so there is nothing to make a branch in", m, s.dir), "--publish files edits the files in place, --dry-run shows the diff")
	case m == modeFiles && s.dir == "":
		return "", "", usage(fmt.Errorf("--publish files: the repository is bare, it has no files to edit"), "--publish branch or pr")
	case m == modeFiles && a.ref != "HEAD":
		return "", "", usage(fmt.Errorf("--publish files: the work tree holds HEAD, not %s", a.ref), "leave --ref out, or publish as branch or pr")
	case m != modeAuto:
		return m, "", nil
	}
	remote, err := a.remote(s)
	switch {
	case err != nil:
		return modeBranch, "there is no remote that pull requests could go to", nil
	case !a.isGitHub(remote.Host):
		return modeBranch, fmt.Sprintf("the remote is on %s, which is not known to be a GitHub host (GITHUB_API_URL)", remote.Hostname()), nil
	case a.token() == "":
		return modeBranch, "neither GITHUB_TOKEN nor GH_TOKEN is set", nil
	}
	return modePull, fmt.Sprintf("the remote is on %s and a token is set", remote.Hostname()), nil
}

const publicAPI = "https://api.github.com"

func (a *App) apiURL() string { return cmp.Or(a.Getenv("GITHUB_API_URL"), publicAPI) }

// isGitHub reports whether host is the one that the API belongs to.
func (a *App) isGitHub(host string) bool {
	for _, raw := range []string{a.apiURL(), a.Getenv("GITHUB_SERVER_URL")} {
		if u, err := url.Parse(raw); err == nil && u.Hostname() != "" {
			known := strings.TrimPrefix(u.Hostname(), "api.")
			if name := (&url.URL{Host: host}).Hostname(); strings.EqualFold(name, known) {
				return true
			}
		}
	}
	return false
}

var scpLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[^@/]+@)?([^:/@]+):([^/].*)$`) })

// remote returns the URL that is pushed to over HTTP: that of origin, with an ssh
// URL turned into the https one of the same host; or where there is no origin, that
// of GITHUB_REPOSITORY.
func (a *App) remote(s *checkout) (*url.URL, error) {
	raw, err := s.repo.RemoteURL("origin")
	if err != nil {
		repository := a.Getenv("GITHUB_REPOSITORY")
		if repository == "" {
			return nil, err
		}
		server := cmp.Or(a.Getenv("GITHUB_SERVER_URL"), "https://github.com")
		raw = strings.TrimSuffix(server, "/") + "/" + repository + ".git"
	}
	if m := scpLike().FindStringSubmatch(raw); m != nil && !strings.Contains(raw, "://") {
		raw = "ssh://" + m[1] + "/" + m[2]
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the URL of the remote origin is not valid: %s", gitrepo.RedactURL(raw))
	}
	switch u.Scheme {
	case "ssh", "git+ssh":
		u = &url.URL{Scheme: "https", Host: u.Hostname(), Path: u.Path}
	case "http", "https":
	default:
		return nil, &hinted{
			err:  fmt.Errorf("remote origin: no pull request can be opened at %s", gitrepo.RedactURL(raw)),
			hint: "--publish branch makes local branches",
		}
	}
	u.User = nil
	return u, nil
}

// pulls connects to the forge that pull requests go to.
func (a *App) pulls(ctx context.Context, s *checkout) (*publish.Pulls, error) {
	token := a.token()
	if token == "" {
		return nil, &hinted{
			err:  fmt.Errorf("publishing pull requests: there is no token"),
			hint: "set GITHUB_TOKEN or GH_TOKEN to one that may write contents and pull requests, or use --publish branch",
		}
	}
	remote, err := a.remote(s)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(a.Getenv("GITHUB_REPOSITORY"), strings.TrimSuffix(strings.Trim(remote.Path, "/"), ".git"))
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(repo, "/") {
		return nil, &hinted{err: fmt.Errorf("repository %q: it is none of GitHub", name), hint: "set GITHUB_REPOSITORY to owner/name"}
	}
	client, err := github.New(github.Options{
		BaseURL: a.apiURL(), Token: token, Owner: owner, Repo: repo, Transport: a.Transport,
		UserAgent: "propagate/" + cmp.Or(a.Version, "dev"), MaxWait: 15 * time.Minute, Log: a.notef,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to GitHub: %w", err)
	}
	base := s.revision.Branch
	if base == "" {
		if base, err = client.DefaultBranch(ctx); err != nil {
			return nil, err
		}
		a.notef("%s is on no branch: the pull requests go to %s", s.name(), base)
	}
	return &publish.Pulls{
		Repo: s.repo, Forge: client, Commits: client, Base: base,
		Remote: gitrepo.Remote{URL: remote.String(), Username: "x-access-token", Password: token, Client: &http.Client{Transport: a.Transport}},
	}, nil
}

// author returns who makes the commits: as for git, the environment comes before
// the configuration.
func (a *App) author(s *checkout) gitrepo.Signature {
	name, email := s.repo.Identity()
	name = cmp.Or(a.Getenv("GIT_AUTHOR_NAME"), name, "propagate")
	email = cmp.Or(a.Getenv("GIT_AUTHOR_EMAIL"), email, "propagate@localhost")
	return gitrepo.Signature{Name: name, Email: email}
}
