package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// Repository returns what GitHub says of the repository. What it says of the rights of
// an app's token is not true, so that such a token may push until a push is refused.
func (c *Client) Repository(ctx context.Context) (forge.Repository, error) {
	r, _, err := c.gh.Repositories.Get(ctx, c.owner, c.repo)
	if err != nil {
		return forge.Repository{}, c.fail(ctx, "reading", "", err)
	}
	// Who may not even pull could not have read this: these are not the rights of the token.
	pull, push := r.Permissions["pull"], r.Permissions["push"]
	return forge.Repository{
		ID: r.GetID(), Name: c.redact.Text(r.GetFullName()), DefaultBranch: r.GetDefaultBranch(),
		MayPush:         push || !pull || c.app,
		DeletesBranches: r.GetDeleteBranchOnMerge(),
		NoAutoMerge:     r.AllowAutoMerge != nil && !*r.AllowAutoMerge,
		Method:          method(r),
	}, nil
}

// method returns the way to merge that is taken in a repository, "" where GitHub does not tell the token.
func method(r *github.Repository) forge.Method {
	switch {
	case r.GetAllowSquashMerge():
		return forge.Squash
	case r.GetAllowMergeCommit():
		return forge.MergeCommit
	case r.GetAllowRebaseMerge():
		return forge.Rebase
	}
	return ""
}

// Branch returns the commit id at the tip of a branch, named without
// "refs/heads/". When there is no such branch ok is false and err is nil; the
// same is said of a repository that does not exist, since GitHub does not tell
// the two apart.
func (c *Client) Branch(ctx context.Context, name string) (id string, ok bool, err error) {
	const doing = "looking up branch"
	if err := c.checkBranch(doing, name); err != nil {
		return "", false, err
	}
	ref, _, err := c.gh.Git.GetRef(ctx, c.owner, c.repo, "heads/"+name)
	if err != nil {
		err = c.fail(ctx, doing, name, err)
		if errors.Is(err, forge.ErrNotFound) || errors.Is(err, errEmpty) {
			return "", false, nil
		}
		return "", false, err
	}
	return ref.GetObject().GetSHA(), true, nil
}

// Commit returns the commit with this full id. Newlines at the end of the
// message are cut off, because GitHub does not keep them reliably.
func (c *Client) Commit(ctx context.Context, id string) (forge.Commit, error) {
	const doing = "reading commit"
	if !validID().MatchString(id) {
		return forge.Commit{}, c.refuse(doing, id, "it is no full commit id")
	}
	raw, _, err := c.gh.Git.GetCommit(ctx, c.owner, c.repo, id)
	if err != nil {
		return forge.Commit{}, c.fail(ctx, doing, id, err)
	}
	return commitOf(raw), nil
}

// commitOf translates a commit.
func commitOf(raw *github.Commit) forge.Commit {
	commit := forge.Commit{
		ID:      raw.GetSHA(),
		Tree:    raw.GetTree().GetSHA(),
		Message: strings.TrimRight(raw.GetMessage(), "\n"),

		Author:    forge.Person{Name: raw.GetAuthor().GetName(), Email: raw.GetAuthor().GetEmail()},
		Committer: forge.Person{Name: raw.GetCommitter().GetName(), Email: raw.GetCommitter().GetEmail()},
	}
	for _, p := range raw.Parents {
		commit.Parents = append(commit.Parents, p.GetSHA())
	}
	return commit
}

// MustBeUpToDate reports whether a branch takes only pull requests whose head holds its
// tip. The rules of a branch can be read with the token that opens pull requests; its
// older protection cannot, unless the token may administer the repository. What is not
// told is not demanded.
func (c *Client) MustBeUpToDate(ctx context.Context, branch string) (bool, error) {
	var checks struct {
		Strict bool `json:"strict"`
	}
	isRuled, err := c.demands(ctx, branch, "required_status_checks", &checks, func(r rule) bool {
		// Each type of rule has parameters of its own.
		var with struct {
			Strict bool `json:"strict_required_status_checks_policy"`
		}
		return json.Unmarshal(r.Parameters, &with) == nil && with.Strict
	})
	return isRuled || checks.Strict, err
}

// demands reports whether a rule of a kind holds for a branch that is as wanted. Where none is, it reads the older
// protection of the same name into protection, as far as the token may.
func (c *Client) demands(ctx context.Context, branch, kind string, protection any, isWanted func(rule) bool) (bool, error) {
	const doing = "reading the protection of"
	if err := c.checkBranch(doing, branch); err != nil {
		return false, err
	}
	rules, err := pages[rule](ctx, c, "rules/branches/"+url.PathEscape(branch))
	if err := c.optional(ctx, doing, branch, err); err != nil {
		return false, err
	}
	if slices.ContainsFunc(rules, func(r rule) bool { return r.Type == kind && isWanted(r) }) {
		return true, nil
	}
	err = c.send(ctx, http.MethodGet, "branches/"+url.PathEscape(branch)+"/protection/"+kind, nil, protection)
	return false, c.optional(ctx, doing, branch, err)
}

type rule struct {
	Type       string          `json:"type"`
	Parameters json.RawMessage `json:"parameters"`
}

// optional is fail for a read that a GitHub does not know or a token may not do.
func (c *Client) optional(ctx context.Context, doing, what string, err error) error {
	if err == nil {
		return nil
	}
	var answer *github.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil {
		switch answer.Response.StatusCode {
		case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
			return nil
		}
	}
	return c.fail(ctx, doing, what, err)
}
