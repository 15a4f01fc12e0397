package gitrepo

import (
	"context"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/redact"
)

// Push sends the new objects of the pending commits that the updates need to another
// repository, as [remote.Repository.Push] does it. The parents of the commits need not
// be in r.
func (r *Repo) Push(ctx context.Context, to remote.Repository, updates []remote.Update, pending []*Pending) ([]remote.Result, error) {
	if r.objects.Format.Name != object.SHA1.Name {
		return nil, withHint(fmt.Errorf("remote %s: a repository with %s object ids cannot be pushed from", redact.URL(to.URL), strings.ToUpper(r.objects.Format.Name)),
			"have git push, with --publish push, or make local branches with --publish branch")
	}
	commits := make([]remote.Commit, len(pending))
	for i, p := range pending {
		commits[i] = remote.Commit{ID: p.ID, Parents: p.Parents, Objects: p.objects}
	}
	return to.Push(ctx, updates, commits)
}

// Program returns a remote of the configuration as the git program reaches it.
func (r *Repo) Program(name string) (remote.Program, error) {
	pushed, err := r.RemoteURL(name)
	if err != nil {
		return remote.Program{}, err
	}
	urls := r.config.values("remote", name, "pushurl")
	if len(urls) == 0 {
		urls = r.config.values("remote", name, "url")
	}
	if len(urls) > 1 {
		return remote.Program{}, withHint(fmt.Errorf("remote %s: git pushes to %d places at once, and what is there cannot be told", name, len(urls)),
			"give a remote with one URL: `git remote add <name> <url>`, and --remote <name>")
	}
	p := remote.Program{Name: name, From: name, URL: pushed, Clone: r.start, Shallow: r.IsShallow(), Guard: r.guard, Redactor: r.redactor()}
	if r.fetchURL(name) != pushed { // what is read must be what is written
		p.From = pushed
	}
	p.SSHCommand = r.sshCommand()
	return p, nil
}

// Source returns a remote of the configuration as the git program fetches from it. Errors
// speak of its URL, and not of its name.
func (r *Repo) Source(name string) remote.Program {
	return remote.Program{
		From: name, URL: r.fetchURL(name), Clone: r.start, Shallow: r.IsShallow(), SSHCommand: r.sshCommand(), Guard: r.guard, Redactor: r.redactor(),
	}
}

// sshCommand returns core.sshCommand; "" if it is not set.
func (r *Repo) sshCommand() string {
	commands := r.config.values("core", "", "sshcommand")
	if len(commands) == 0 {
		return ""
	}
	return commands[len(commands)-1]
}

// Remotes returns the names of the remotes of the configuration.
func (r *Repo) Remotes() []string { return r.config.subsections("remote") }
