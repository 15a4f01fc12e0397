package monorepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/publish"
)

// GitHub is what the surroundings say of the GitHub that pull requests go to.
type GitHub struct {
	ServerURL, APIURL string            // "" for those of the public one
	Repository        string            // owner/name; "" is that of the remote
	Tokens            []string          // the first is used, and none is ever shown
	App               AppCredentials    // are used where there is no token
	Variables         []string          // the environment variables that hold them: git gets them for the hosts of GitHub alone
	Job               bool              // this is a job of GitHub Actions
	Learn             func(string)      // is told of secrets that come up in the run; nil for nobody
	Transport         http.RoundTripper // for its API and its git; nil is the default
	UserAgent         string
	// Now and Sleep are the clock of who waits between requests; nil are the real one.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error

	Limits github.Limits // on what is written to it
}

// tokenUser is the user name that goes with a token when git is spoken to.
const tokenUser = github.TokenUser

// Secrets are what no output may show.
func (g GitHub) Secrets() []string {
	var secrets []string
	for _, token := range g.Tokens {
		secrets = append(secrets, token, tokenUser+":"+token)
	}
	return append(secrets, g.App.secrets()...)
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
	if r.git == nil {
		return nil // which has an error of its own
	}
	if token, app, err := r.options.GitHub.credentials(); err != nil || token == "" && app == nil {
		return err
	}
	_, err := r.destination()
	var host *hostError
	switch {
	case errors.As(err, &host) && r.clone != nil:
		return invalid(fmt.Errorf("%s: %w", r.address, host), "GITHUB_API_URL says where another GitHub is, or github: {hosts: …} in a file that --config names; what a repository that is named by its URL says of hosts does not count")
	case errors.As(err, &host):
		return invalid(fmt.Errorf("remote origin: %w", host), "")
	}
	return nil
}

var (
	_ publish.Host      = (*github.Client)(nil)
	_ publish.Committer = (*github.Client)(nil)
)

// pulls connects to the forge that pull requests go to.
func (r *Repository) pulls(ctx context.Context, plan *Plan, options publish.Options) (*publish.Pulls, error) {
	o, progress := &r.options, r.progress(plan)
	token, app, err := o.GitHub.credentials()
	if err != nil {
		return nil, err
	}
	if token == "" && app == nil {
		return nil, advised(errors.New("publishing pull requests: there is no token"),
			"set GITHUB_TOKEN or GH_TOKEN to one that may write contents and pull requests, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, or use --publish branch")
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
	if app != nil {
		app.Workflows = editsWorkflows(plan)
	}
	r.noteCredentials(token)
	client, err := github.New(github.Options{
		BaseURL: to.API, Token: token, App: app, Git: to.Remote, Learn: o.GitHub.Learn, Hourly: r.warnOfJob(token), Owner: owner, Repo: repo, Transport: o.GitHub.Transport,
		UserAgent: o.GitHub.UserAgent, MaxWait: options.MaxWait, Limits: github.Limits(r.limits()), Waiting: progress.wait, Log: o.remark,
		Now: o.GitHub.Now, Sleep: o.GitHub.Sleep,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to GitHub: %w", err)
	}
	if err := r.checkSame(ctx, client, name, to); err != nil {
		return nil, err
	}
	if r.Revision.Branch == "" {
		o.remark("%s is on no branch: the pull requests go to the default one", r.Name())
	}
	pushed := remote.Repository{URL: to.Remote.String(), Client: &http.Client{Transport: client.Git()}, Redactor: client.Redactor()}
	if app == nil { // whose tokens the client adds
		pushed.Username, pushed.Password = tokenUser, token
	}
	return &publish.Pulls{
		Repo: r.git, Host: client, Base: r.Revision.Branch, Prefix: cmp.Or(r.Config.Prefix, bumper.BranchPrefix), Options: options, Commits: r.commits(client), Seed: client.Seed,
		Progress: progress.tell, Remote: pushed,
	}, nil
}

// checkSame refuses to push branches to another repository than the pull requests go to,
// a fork of it for example: each of them would be refused after the push.
func (r *Repository) checkSame(ctx context.Context, client *github.Client, name string, to github.Destination) error {
	pushed := lastTwo(strings.TrimSuffix(strings.Trim(to.Remote.Path, "/"), ".git"))
	if strings.EqualFold(pushed, name) {
		return nil
	}
	there, err := client.Repository(ctx)
	if err != nil {
		return err
	}
	// A repository that was renamed is found under its former name as well.
	here, err := client.Of(pushed).Repository(ctx)
	switch {
	case errors.Is(err, forge.ErrNotFound):
	case err != nil:
		return err
	case here.ID == there.ID:
		return nil
	}
	return invalid(fmt.Errorf("branches would go to %s, and pull requests to %s: nothing was sent", pushed, there.Name),
		"set GITHUB_REPOSITORY to the repository of the remote origin, or the remote to "+there.Name)
}

// lastTwo returns the last two components of a path: owner/name.
func lastTwo(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[max(len(parts)-2, 0):], "/")
}
