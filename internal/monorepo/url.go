package monorepo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// isURL reports whether Dir names a repository by a URL. A directory of that name comes first.
func (o *Options) isURL() bool {
	if o.FS != nil || !remote.IsAddress(o.Dir) {
		return false
	}
	_, err := os.Stat(o.Dir)
	return err != nil
}

// ByURL reports whether the repository is named by a URL: it has no branches and no files of
// anybody's.
func (r *Repository) ByURL() bool { return r.clone != nil }

// openURL fetches the commit that Ref names of the repository at a URL.
func (r *Repository) openURL() error {
	o := &r.options
	address, err := remote.ParseAddress(o.Dir)
	if err != nil {
		return invalid(fmt.Errorf("-C %w", err), source.Hint(err))
	}
	// The URL says which repository is meant, whichever one a job of GitHub Actions runs in.
	r.address, o.GitHub.Repository = address, ""
	home := ""
	if o.CacheDir != "" {
		home = filepath.Join(o.CacheDir, "repositories")
	}
	c, err := clone.Open(r.ctx, clone.Options{
		Address: address, Ref: o.Ref, Home: home, Guard: r.guardOf(address), Now: o.Now, Doing: o.doing, Note: o.note,
	})
	if errors.Is(err, remote.ErrNoReference) {
		return invalid(fmt.Errorf("--ref %w", err), source.Hint(err))
	}
	if err != nil {
		return err
	}
	r.clone, r.git = c, c.Repo
	r.close = append(r.close, c.Close)
	return r.openRevision(c.Ref)
}

// guardOf returns what git gets for a repository that is named by a URL: what stands in the
// URL as user and password, or else the token if it belongs to that host.
func (r *Repository) guardOf(address remote.Address) remote.Guard {
	guard := r.guard()
	guard.Protocols, guard.Login = remote.Protocols, address.Login
	if site, ok := tokenSite(r.githubHosts(), address.URL); ok && guard.Login == nil {
		if token := r.tokenToFetch(address.URL); token != "" {
			guard.Login = &remote.Login{Site: site, Username: tokenUser, Password: token}
		}
	}
	guard.Secrets = append(guard.Secrets, guard.Login.Secrets()...)
	return guard
}

// tokenToFetch returns the token for a repository that is named by its URL, "" for none. Where an
// App gets none, which may be for a repository of others that anybody may read, a note says why.
func (r *Repository) tokenToFetch(url string) string {
	g := r.options.GitHub
	token, app, err := g.credentials()
	if err == nil && app != nil {
		token, err = r.appToken(app, url)
	}
	if err != nil {
		r.options.advise(source.Hint(err), "fetching without the GitHub App: %v", err)
	}
	return token
}

// appToken has an App make a token for a repository.
func (r *Repository) appToken(app *github.App, url string) (string, error) {
	g := r.options.GitHub
	to, err := r.githubHosts().Destination(url)
	if err != nil {
		return "", err
	}
	owner, repo, _ := strings.Cut(lastTwo(strings.TrimSuffix(strings.Trim(to.Remote.Path, "/"), ".git")), "/")
	client, err := github.New(github.Options{
		BaseURL: to.API, App: app, Owner: owner, Repo: repo, Transport: g.Transport, UserAgent: g.UserAgent, Learn: g.Learn, Log: r.options.remark, Now: g.Now, Sleep: g.Sleep,
	})
	if err != nil {
		return "", err
	}
	return client.Token(r.ctx)
}

// tokenSite returns the scheme and host of a URL that the token may be sent to. Over ssh git
// has keys, and to plain http the token goes on this machine alone.
func tokenSite(hosts github.Hosts, url string) (site string, ok bool) {
	to, err := hosts.Destination(url)
	if err != nil {
		return "", false
	}
	site = to.Remote.Scheme + "://" + to.Remote.Host
	return site, (&remote.Login{Site: site}).IsFor(url)
}

// SecretsOf returns what no output may show of a URL that names a repository.
func SecretsOf(dir string) []string {
	if !remote.IsAddress(dir) {
		return nil
	}
	address, err := remote.ParseAddress(dir)
	if err != nil {
		return nil
	}
	return address.Login.Secrets()
}
