package github

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// The most that GitHub returns on one page.
const perPage = 100

// OpenPulls returns all open pull requests whose head is a branch of the repository,
// the highest number first.
func (c *Client) OpenPulls(ctx context.Context) ([]forge.Pull, error) {
	found, _, err := c.list(ctx, "listing open pull requests", "", 0, github.PullRequestListOptions{State: "open"}, ownHead)
	return found, err
}

// ClosedPulls returns the closed and merged pull requests whose head is a branch of the
// repository, as many as are on that number of pages, the highest number first; all
// says that there are no others.
func (c *Client) ClosedPulls(ctx context.Context, pages int) (pulls []forge.Pull, all bool, err error) {
	return c.list(ctx, "listing closed pull requests", "", max(pages, 1), github.PullRequestListOptions{State: "closed"}, ownHead)
}

// Pulls returns every pull request whose head is this branch of the
// repository, whatever its state, the highest number first.
func (c *Client) Pulls(ctx context.Context, branch string) ([]forge.Pull, error) {
	const doing = "listing pull requests of"
	if err := c.checkBranch(doing, branch); err != nil {
		return nil, err
	}
	// GitHub ignores a filter that it does not understand.
	wanted := func(p *github.PullRequest) bool { return ownHead(p) && p.GetHead().GetRef() == branch }
	found, _, err := c.list(ctx, doing, branch, 0, github.PullRequestListOptions{State: "all", Head: c.owner + ":" + branch}, wanted)
	return found, err
}

// The number of times that a list is begun anew, since it changes while it is read.
const maxListings = 3

// list returns what is wanted of a list of pull requests, as far as the number of pages
// goes, the highest number first. Zero is all pages.
//
// GitHub counts pages from the newest one at the time of the request: one that was opened
// meanwhile moves the others down, where they are met again, and one that left the list
// moves them up, where one would be missed. So each page begins with the last pull request
// of the page before. If it is not there, the list is read anew.
func (c *Client) list(ctx context.Context, doing, what string, limit int, opts github.PullRequestListOptions, wanted func(*github.PullRequest) bool) (pulls []forge.Pull, all bool, err error) {
	opts.Sort, opts.Direction = "created", "desc"
	found := map[int]forge.Pull{} // by number: what is met twice counts once
	for listing := 1; ; listing++ {
		clear(found)
		whole, moved := false, false
		last := 0 // the number of the last pull request of the page before
		for page, seen := 1, 0; (limit == 0 || page <= limit) && !whole; page++ {
			// So many to a page that this one begins before the end of what was seen.
			opts.ListOptions = github.ListOptions{Page: page, PerPage: perPage}
			if page > 1 {
				opts.PerPage = (seen - 1) / (page - 1)
			}
			got, resp, err := c.gh.PullRequests.List(ctx, c.owner, c.repo, &opts)
			if err != nil {
				return nil, false, c.fail(ctx, doing, what, err)
			}
			here := func(p *github.PullRequest) bool { return p.GetNumber() == last }
			if moved = page > 1 && !slices.ContainsFunc(got, here); moved && listing < maxListings {
				break
			}
			for _, p := range got {
				if last = p.GetNumber(); wanted(p) {
					found[last] = c.pull(p)
				}
			}
			begin := (page - 1) * opts.PerPage
			// Zero at the end. A page that does not go forward would never end.
			whole = resp.NextPage <= page || begin+len(got) <= seen
			seen = begin + len(got)
		}
		if moved && listing < maxListings {
			continue
		}
		pulls = slices.SortedFunc(maps.Values(found), func(a, b forge.Pull) int { return cmp.Compare(b.Number, a.Number) })
		return pulls, whole, nil
	}
}

// OpenPull opens a pull request, without the labels of spec. One that is open for head
// and base already is forge.ErrExists, and a draft where there are none is
// forge.ErrInvalid. After forge.ErrUnavailable it may or may not have been opened: look
// with Pulls.
func (c *Client) OpenPull(ctx context.Context, spec forge.PullSpec) (forge.Pull, error) {
	const doing = "opening a pull request for"
	for _, name := range []string{spec.Branch, spec.Base} {
		if err := c.checkBranch(doing, name); err != nil {
			return forge.Pull{}, err
		}
	}
	in := &github.NewPullRequest{Title: &spec.Title, Head: &spec.Branch, Base: &spec.Base, Body: &spec.Body}
	if spec.Draft {
		in.Draft = &spec.Draft
	}
	p, _, err := c.gh.PullRequests.Create(ctx, c.owner, c.repo, in)
	if err != nil {
		return forge.Pull{}, c.fail(ctx, doing, spec.Branch, err)
	}
	return c.pull(p), nil
}

// EditPull changes a pull request. It does not compare first: a caller that wants no
// needless change compares.
func (c *Client) EditPull(ctx context.Context, number int, edit forge.PullEdit) (forge.Pull, error) {
	change := &github.PullRequest{Title: edit.Title, Body: edit.Body}
	doing := "updating pull request"
	if edit.Close {
		closed := "closed"
		change.State, doing = &closed, "closing pull request"
	}
	p, _, err := c.gh.PullRequests.Edit(ctx, c.owner, c.repo, number, change)
	if err != nil {
		return forge.Pull{}, c.fail(ctx, doing, strconv.Itoa(number), err)
	}
	return c.pull(p), nil
}

// ownHead reports whether the head of p is a branch of the same repository, not of
// a fork. Ids are compared because names change.
func ownHead(p *github.PullRequest) bool {
	head, base := p.GetHead(), p.GetBase()
	return head.Repo != nil && head.GetRepo().GetID() == base.GetRepo().GetID()
}

func (c *Client) pull(p *github.PullRequest) forge.Pull {
	state := forge.Open
	switch {
	// Lists say when it was merged, but not that it was.
	case p.GetMerged() || p.MergedAt != nil:
		state = forge.Merged
	case p.GetState() == "closed":
		state = forge.Closed
	}
	reviewers := names(p.RequestedReviewers, (*github.User).GetLogin)
	for _, team := range p.RequestedTeams {
		reviewers = append(reviewers, p.GetBase().GetRepo().GetOwner().GetLogin()+"/"+team.GetSlug())
	}
	slices.Sort(reviewers)
	return forge.Pull{
		Number:    p.GetNumber(),
		URL:       c.redact.Text(p.GetHTMLURL()),
		State:     state,
		Branch:    p.GetHead().GetRef(),
		Base:      p.GetBase().GetRef(),
		Head:      p.GetHead().GetSHA(),
		Title:     p.GetTitle(),
		Body:      p.GetBody(),
		Draft:     p.GetDraft(),
		Author:    p.GetUser().GetLogin(),
		Labels:    names(p.Labels, (*github.Label).GetName),
		Reviewers: reviewers,
		Assignees: names(p.Assignees, (*github.User).GetLogin),
		Created:   p.GetCreatedAt().Time,
		ID:        p.GetNodeID(),
		AutoMerge: p.AutoMerge != nil,
	}
}

// names returns the sorted names of labels or people, nil if there are none.
func names[T any](all []T, name func(T) string) []string {
	var found []string
	for _, one := range all {
		found = append(found, name(one))
	}
	slices.Sort(found)
	return found
}
