package monorepo

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
)

// PushTo says where [Push] goes: to a remote of the configuration, which is origin where
// name is "", and what kind of server it is on, which its host tells where that is "".
func (r *Repository) PushTo(name string, server publish.Server) { r.remote, r.server = name, server }

// pushed returns the publisher that has git push; it sends nothing. A remote that is not
// there is an [*InputError].
func (r *Repository) pushed() (*publish.Push, error) {
	o := &r.options
	program, err := r.git.Program(cmp.Or(r.remote, "origin"))
	if errors.Is(err, gitrepo.ErrNoRemote) {
		hint := source.Hint(err)
		if names := r.git.Remotes(); len(names) > 0 {
			hint = "the remotes here: " + strings.Join(names, ", ") + "; --remote takes one of them"
		}
		return nil, invalid(fmt.Errorf("--publish push: remote %w", err), hint)
	}
	if err != nil {
		return nil, invalid(fmt.Errorf("--publish push: %w", err), source.Hint(err))
	}
	server := r.server
	if server == "" {
		server = publish.ServerOf(program.URL)
		if u, err := url.Parse(program.URL); err == nil && o.Getenv("GITLAB_CI") == "true" && u.Hostname() != "" && u.Hostname() == o.Getenv("CI_SERVER_HOST") {
			server = publish.GitLab
		}
	}
	pulls := r.Config.Pulls
	return &publish.Push{Repo: r.git, Remote: program, Server: server, Base: r.Revision.Branch, Draft: pulls.Draft, Progress: o.pushing}, nil
}

// pushing is a [publish.Progress] that counts branches.
func (o *Options) pushing(done, all int, what string) {
	o.say(Message{Kind: Doing, Text: what, Done: done, All: all, Of: "branch"})
}
