package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/publish"
)

// GitHub is what the surroundings say of the GitHub that pull requests go to.
type GitHub struct {
	ServerURL, APIURL string            // "" for those of the public one
	Repository        string            // owner/name; "" is that of the remote
	Tokens            []string          // the first is used, and none is ever shown
	Variables         []string          // the environment variables that hold them: git gets them for the hosts of GitHub alone
	Transport         http.RoundTripper // for its API and its git; nil is the default
	UserAgent         string
}

// tokenUser is the user name that goes with a token when git is spoken to.
const tokenUser = "x-access-token"

func (g GitHub) token() string {
	if len(g.Tokens) == 0 {
		return ""
	}
	return g.Tokens[0]
}

// Secrets are what no output may show.
func (g GitHub) Secrets() []string {
	var secrets []string
	for _, token := range g.Tokens {
		secrets = append(secrets, token, tokenUser+":"+token)
	}
	return secrets
}

// githubHosts are those that the token may be sent to.
func (r *Repository) githubHosts() github.Hosts {
	return github.Hosts{ServerURL: r.options.GitHub.ServerURL, APIURL: r.options.GitHub.APIURL, Named: r.hosts}
}

// guard keeps the tokens from the remotes of a partial clone that they are not meant
// for.
func (r *Repository) guard() remote.Guard {
	return remote.Guard{Variables: r.options.GitHub.Variables, Secrets: r.options.GitHub.Secrets(), Allowed: func(url string) bool {
		_, err := r.githubHosts().Destination(url)
		return err == nil
	}}
}

// A hostError says that the token may not be sent to the host of origin: that host
// is not known, or what the environment says of GitHub is no URL.
type hostError struct{ error }

func (e *hostError) Unwrap() error { return e.error }

// destination returns what pull requests go to: the repository that origin names, or
// where there is no origin, GITHUB_REPOSITORY. Where the token may not go there it
// is a *hostError.
func (r *Repository) destination() (github.Destination, error) {
	hosts := r.githubHosts()
	raw, err := r.git.RemoteURL("origin")
	if err != nil {
		repository := r.options.GitHub.Repository
		if repository == "" {
			return github.Destination{}, err
		}
		raw = hosts.Server() + "/" + repository + ".git"
	}
	to, err := hosts.Destination(raw)
	switch {
	case errors.Is(err, github.ErrNoServer):
		return to, advised(fmt.Errorf("remote origin: %w", err), "--publish branch makes local branches")
	case err != nil:
		return to, &hostError{err}
	}
	return to, nil
}

// CheckDestination refuses, with an [*InputError], to publish pull requests where the token must not be sent;
// it sends nothing.
func (r *Repository) CheckDestination() error {
	if r.git == nil || r.options.GitHub.token() == "" {
		return nil // which has an error of its own
	}
	_, err := r.destination()
	var host *hostError
	if errors.As(err, &host) {
		return invalid(fmt.Errorf("remote origin: %w", host), "")
	}
	return nil
}

// pulls connects to the forge that pull requests go to.
func (r *Repository) pulls(ctx context.Context, options publish.Options) (*publish.Pulls, error) {
	o := &r.options
	token := o.GitHub.token()
	if token == "" {
		return nil, advised(errors.New("publishing pull requests: there is no token"),
			"set GITHUB_TOKEN or GH_TOKEN to one that may write contents and pull requests, or use --publish branch")
	}
	if err := r.CheckDestination(); err != nil {
		return nil, err
	}
	to, err := r.destination()
	if err != nil {
		return nil, err
	}
	name := cmp.Or(o.GitHub.Repository, strings.TrimSuffix(strings.Trim(to.Remote.Path, "/"), ".git"))
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(repo, "/") {
		return nil, advised(fmt.Errorf("repository %q: it is none of GitHub", name), "set GITHUB_REPOSITORY to owner/name")
	}
	client, err := github.New(github.Options{
		BaseURL: to.API, Token: token, Owner: owner, Repo: repo, Transport: o.GitHub.Transport,
		UserAgent: o.GitHub.UserAgent, MaxWait: options.MaxWait, Log: o.remark,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to GitHub: %w", err)
	}
	base := r.Revision.Branch
	if base == "" {
		if base, err = client.DefaultBranch(ctx); err != nil {
			return nil, err
		}
		o.remark("%s is on no branch: the pull requests go to %s", r.Name(), base)
	}
	return &publish.Pulls{
		Repo: r.git, Forge: client, Commits: client, Base: base, Doing: o.doing,
		Remote: remote.Repository{URL: to.Remote.String(), Username: tokenUser, Password: token, Client: &http.Client{Transport: o.GitHub.Transport}},
	}, nil
}
