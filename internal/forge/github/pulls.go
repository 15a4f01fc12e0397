package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// The most that GitHub returns on one page.
const perPage = 100

// Pulls returns every pull request whose head is this branch of the
// repository, whatever its state, the highest number first.
func (c *Client) Pulls(ctx context.Context, branch string) ([]forge.Pull, error) {
	const doing = "listing pull requests of"
	if err := c.checkBranch(doing, branch); err != nil {
		return nil, err
	}
	opts := &github.PullRequestListOptions{
		State:       "all",
		Head:        c.owner + ":" + branch,
		Sort:        "created",
		Direction:   "desc",
		ListOptions: github.ListOptions{Page: 1, PerPage: perPage},
	}
	// By number, because a page shifts when a pull request is opened meanwhile.
	found := map[int]forge.Pull{}
	for {
		page, resp, err := c.gh.PullRequests.List(ctx, c.owner, c.repo, opts)
		if err != nil {
			return nil, c.fail(ctx, doing, branch, err)
		}
		for _, p := range page {
			if ownHead(p, branch) {
				found[p.GetNumber()] = c.pull(p)
			}
		}
		// Zero at the end. A page that does not go forward would never end.
		if resp.NextPage <= opts.Page {
			break
		}
		opts.Page = resp.NextPage
	}
	pulls := make([]forge.Pull, 0, len(found))
	for _, p := range found {
		pulls = append(pulls, p)
	}
	slices.SortFunc(pulls, func(a, b forge.Pull) int { return cmp.Compare(b.Number, a.Number) })
	return pulls, nil
}

// OpenPull opens a pull request and then puts the labels of spec on it. When
// only the labels fail, it returns the pull request together with the error.
// A pull request that is open for the branch already is forge.ErrExists. After
// forge.ErrUnavailable it may or may not have been opened: look with Pulls.
func (c *Client) OpenPull(ctx context.Context, spec forge.PullSpec) (forge.Pull, error) {
	const doing = "opening a pull request for"
	for _, name := range []string{spec.Branch, spec.Base} {
		if err := c.checkBranch(doing, name); err != nil {
			return forge.Pull{}, err
		}
	}
	p, _, err := c.gh.PullRequests.Create(ctx, c.owner, c.repo, &github.NewPullRequest{
		Title: &spec.Title,
		Head:  &spec.Branch,
		Base:  &spec.Base,
		Body:  &spec.Body,
	})
	if err != nil {
		return forge.Pull{}, c.fail(ctx, doing, spec.Branch, err)
	}
	return c.addLabels(ctx, c.pull(p), spec.Labels)
}

// UpdatePull gives a pull request the title, body and base of spec, and the
// labels it does not have yet; it never takes a label away. An empty title or
// base stays as it is, spec.Branch is not looked at. It does not compare first:
// a caller that wants no needless change compares. When only the labels fail,
// it returns the pull request together with the error.
func (c *Client) UpdatePull(ctx context.Context, number int, spec forge.PullSpec) (forge.Pull, error) {
	change := &github.PullRequest{Body: &spec.Body}
	if spec.Title != "" {
		change.Title = &spec.Title
	}
	if spec.Base != "" {
		change.Base = &github.PullRequestBranch{Ref: &spec.Base}
	}
	p, _, err := c.gh.PullRequests.Edit(ctx, c.owner, c.repo, number, change)
	if err != nil {
		return forge.Pull{}, c.fail(ctx, "updating pull request", strconv.Itoa(number), err)
	}
	return c.addLabels(ctx, c.pull(p), spec.Labels)
}

// addLabels puts those of want on p that it does not have. GitHub takes labels
// that differ in case only for the same.
func (c *Client) addLabels(ctx context.Context, p forge.Pull, want []string) (forge.Pull, error) {
	var missing []string
	for _, name := range want {
		same := func(have string) bool { return strings.EqualFold(have, name) }
		if !slices.ContainsFunc(p.Labels, same) && !slices.ContainsFunc(missing, same) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return p, nil
	}
	slices.Sort(missing)
	const doing = "adding labels to pull request"
	// go-github sends a bare list, which GitHub's description of the API no
	// longer knows.
	req, err := c.gh.NewRequest(http.MethodPost,
		fmt.Sprintf("repos/%s/%s/issues/%d/labels", c.owner, c.repo, p.Number),
		map[string][]string{"labels": missing})
	if err != nil {
		return p, c.fail(ctx, doing, strconv.Itoa(p.Number), err)
	}
	var all []*github.Label
	if _, err := c.gh.Do(ctx, req, &all); err != nil {
		return p, c.fail(ctx, doing, strconv.Itoa(p.Number), err)
	}
	p.Labels = labels(all)
	return p, nil
}

// ownHead reports whether the head of p is this branch of the same repository.
// GitHub ignores a head filter that it does not understand, and a fork of the
// same owner passes it. Ids are compared because names change.
func ownHead(p *github.PullRequest, branch string) bool {
	head, base := p.GetHead(), p.GetBase()
	return head.GetRef() == branch && head.Repo != nil && head.GetRepo().GetID() == base.GetRepo().GetID()
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
	return forge.Pull{
		Number: p.GetNumber(),
		URL:    c.redact.Text(p.GetHTMLURL()),
		State:  state,
		Branch: p.GetHead().GetRef(),
		Base:   p.GetBase().GetRef(),
		Head:   p.GetHead().GetSHA(),
		Title:  p.GetTitle(),
		Body:   p.GetBody(),
		Labels: labels(p.Labels),
	}
}

func labels(raw []*github.Label) []string {
	var names []string
	for _, l := range raw {
		names = append(names, l.GetName())
	}
	slices.Sort(names)
	return names
}
