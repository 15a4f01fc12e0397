package monorepo

import (
	"strings"

	"github.com/matihlabs/propagate/internal/publish"
)

// A CommitVia says who makes the commits of pull requests.
type CommitVia string

// The ways.
const (
	CommitAuto  CommitVia = "auto" // CommitByAPI with the credentials of a GitHub App, else CommitByGit
	CommitByGit CommitVia = "git"  // they are made here and pushed
	CommitByAPI CommitVia = "api"  // GitHub makes them, and signs those of an App
)

// CommitVias returns the ways.
func CommitVias() []CommitVia { return []CommitVia{CommitAuto, CommitByGit, CommitByAPI} }

// CommitBy says who makes the commits of pull requests.
func (r *Repository) CommitBy(via CommitVia) { r.via = via }

// byAPI reports whether GitHub makes the commits. The token of an App that was made elsewhere looks
// like that of a job.
func (r *Repository) byAPI() bool {
	if r.via == CommitAuto || r.via == "" {
		g := r.options.GitHub
		token, app, err := g.credentials()
		return err == nil && (app != nil || strings.HasPrefix(token, "ghs_") && !g.isJobToken(token))
	}
	return r.via == CommitByAPI
}

// commits returns how GitHub makes the commits; nil where git does.
func (r *Repository) commits(by publish.Committer) *publish.Commits {
	if !r.byAPI() {
		return nil
	}
	return &publish.Commits{Committer: by, Verified: r.via == CommitByAPI, Note: func(text string) { r.options.note("%s", text) }}
}

// identity are the variables that say who commits, in the order of their use.
var identity = []string{"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE"}

// noteIdentity says that GitHub names author and committer, where the environment does as well.
func (r *Repository) noteIdentity() {
	var set []string
	for _, name := range identity {
		if r.options.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) > 0 {
		r.options.note("%s: not used, since GitHub makes the commits and names their author and committer; --commit-via git uses what is set", strings.Join(set, ", "))
	}
}
