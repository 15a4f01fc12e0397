package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
	to, err := a.destination(s)
	var host *github.HostError
	var environment *hostError
	switch {
	case errors.As(err, &host):
		return modeBranch, "the remote is on " + host.Host + host.Why, nil
	case errors.As(err, &environment):
		return modeBranch, environment.Error(), nil
	case err != nil:
		return modeBranch, "there is no remote that pull requests could go to", nil
	case a.token() == "":
		return modeBranch, "neither GITHUB_TOKEN nor GH_TOKEN is set", nil
	}
	return modePull, fmt.Sprintf("the remote is on %s and a token is set", to.Remote.Hostname()), nil
}

// hosts are those that the token may be sent to.
func (a *App) hosts(s *checkout) github.Hosts {
	return github.Hosts{ServerURL: a.Getenv("GITHUB_SERVER_URL"), APIURL: a.Getenv("GITHUB_API_URL"), Named: s.hosts}
}

// A hostError says that the token may not be sent to the host of origin: that host
// is not known, or what the environment says of GitHub is no URL.
type hostError struct{ error }

func (e *hostError) Unwrap() error { return e.error }

// destination returns what pull requests go to: the repository that origin names, or
// where there is no origin, GITHUB_REPOSITORY. Where the token may not go there it
// is a *hostError.
func (a *App) destination(s *checkout) (github.Destination, error) {
	hosts := a.hosts(s)
	raw, err := s.repo.RemoteURL("origin")
	if err != nil {
		repository := a.Getenv("GITHUB_REPOSITORY")
		if repository == "" {
			return github.Destination{}, err
		}
		raw = hosts.Server() + "/" + repository + ".git"
	}
	to, err := hosts.Destination(raw)
	switch {
	case errors.Is(err, github.ErrNoServer):
		return to, &hinted{err: fmt.Errorf("remote origin: %w", err), hint: "--publish branch makes local branches"}
	case err != nil:
		return to, &hostError{err}
	}
	return to, nil
}

// checkDestination refuses to publish pull requests where the token must not be sent;
// it sends nothing.
func (a *App) checkDestination(s *checkout) error {
	if s.repo == nil || a.token() == "" {
		return nil // which has an error of its own
	}
	_, err := a.destination(s)
	var host *hostError
	if errors.As(err, &host) {
		return usage(fmt.Errorf("remote origin: %w", host), hintOf(host))
	}
	return nil
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
	if err := a.checkDestination(s); err != nil {
		return nil, err
	}
	to, err := a.destination(s)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(a.Getenv("GITHUB_REPOSITORY"), strings.TrimSuffix(strings.Trim(to.Remote.Path, "/"), ".git"))
	owner, repo, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(repo, "/") {
		return nil, &hinted{err: fmt.Errorf("repository %q: it is none of GitHub", name), hint: "set GITHUB_REPOSITORY to owner/name"}
	}
	client, err := github.New(github.Options{
		BaseURL: to.API, Token: token, Owner: owner, Repo: repo, Transport: a.Transport,
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
		Repo: s.repo, Forge: client, Commits: client, Base: base, Doing: a.doing,
		Remote: gitrepo.Remote{URL: to.Remote.String(), Username: tokenUser, Password: token, Client: &http.Client{Transport: a.Transport}},
	}, nil
}
