package cli

import (
	"cmp"
	"context"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/redact"
	"github.com/matihlabs/propagate/internal/registry"
)

// open reads the repository that the flags name.
func (a *App) open(ctx context.Context) (*monorepo.Repository, error) {
	return monorepo.Open(ctx, a.openOptions())
}

// openOptions are what the flags and the environment say of the repository.
func (a *App) openOptions() monorepo.Options {
	options := monorepo.Options{
		Dir: a.repo, Ref: a.ref, Config: a.config,
		Program: a.Program, CacheDir: a.CacheDir, Now: a.Now, Getenv: a.Getenv,
		GitHub:   a.github(),
		Registry: registry.Options{Transport: a.Transport, Secrets: a.github().Secrets(), CacheDir: a.CacheDir, Getenv: a.Getenv, Now: a.Now, Sleep: a.Sleep},
		Listen:   a.listen,
	}
	a.masked = redact.New(append(a.github().Secrets(), monorepo.SecretsOf(a.repo)...)...)
	if a.registries != nil {
		options.Registry = *a.registries
		options.Registry.Now, options.Registry.Sleep = a.Now, a.Sleep
	}
	if a.noCache {
		options.CacheDir, options.Registry.CacheDir = "", ""
	}
	return options
}

// github is what the environment says of GitHub.
func (a *App) github() monorepo.GitHub {
	g := monorepo.GitHub{
		ServerURL: a.Getenv("GITHUB_SERVER_URL"), APIURL: a.Getenv("GITHUB_API_URL"), Repository: a.Getenv("GITHUB_REPOSITORY"),
		Tokens: a.tokens(), App: a.appCredentials(), Variables: append([]string{keyVariable}, tokenVariables...),
		Job: a.inWorkflow(), Learn: func(secret string) { a.masked.Add(secret) },
		Transport: a.Transport, UserAgent: "propagate/" + cmp.Or(a.Version, "dev"),
	}
	if a.Sleep != nil {
		g.Now, g.Sleep = a.Now, a.Sleep
	}
	return g
}

// listen prints what there is to say while the work goes on.
func (a *App) listen(m monorepo.Message) {
	switch m.Kind {
	case monorepo.Doing:
		a.doing(m)
	case monorepo.Detail:
		a.verbosef("%s", m.Text)
	case monorepo.Remark:
		a.notef("%s", m.Text)
	case monorepo.Note:
		a.notef("note: %s%s", oneLine(m.Text), m.Code.Suffix())
		if m.Hint != "" {
			a.notef("hint: %s", oneLine(m.Hint))
		}
	case monorepo.Incomplete:
		a.leave(passes(m.Err))
		a.complain("", m.Err)
	}
}
