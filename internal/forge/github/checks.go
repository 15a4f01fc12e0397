package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// Checks says how the checks of a commit stand: the statuses that were set, the last one of each
// context, and the check runs, the last one of each name.
func (c *Client) Checks(ctx context.Context, id string) (forge.Checks, error) {
	const doing = "reading the checks of commit"
	var all forge.Checks
	if !validID().MatchString(id) {
		return all, c.refuse(doing, id, "it is no full commit id")
	}
	for page := 1; ; {
		got, resp, err := c.gh.Repositories.GetCombinedStatus(ctx, c.owner, c.repo, id, &github.ListOptions{Page: page, PerPage: perPage})
		if isForbidden(err) {
			all.Unknown = true
			break
		}
		if err != nil {
			return all, c.fail(ctx, doing, id, err)
		}
		for _, s := range got.Statuses {
			all = counted(all, s.GetContext(), s.GetState())
		}
		// Zero at the end. A page that does not go forward would never end.
		if resp.NextPage <= page {
			break
		}
		page = resp.NextPage
	}
	for page := 1; ; {
		got, resp, err := c.gh.Checks.ListCheckRunsForRef(ctx, c.owner, c.repo, id, &github.ListCheckRunsOptions{ListOptions: github.ListOptions{Page: page, PerPage: perPage}})
		if isForbidden(err) {
			all.Unknown = true
			break
		}
		if err != nil {
			return all, c.fail(ctx, doing, id, err)
		}
		for _, run := range got.CheckRuns {
			state := run.GetConclusion()
			if run.GetStatus() != "completed" {
				state = "pending"
			}
			all = counted(all, run.GetName(), state)
		}
		if resp.NextPage <= page {
			break
		}
		page = resp.NextPage
	}
	slices.Sort(all.Failed)
	return all, nil
}

// counted adds a check to others. What GitHub gave up since nobody asked for it any more is still to be done.
func counted(all forge.Checks, name, state string) forge.Checks {
	switch state {
	case "success", "neutral", "skipped":
		all.Passed++
	case "pending", "stale", "":
		all.Pending++
	default:
		all.Failed = append(all.Failed, name)
	}
	return all
}

// isForbidden reports whether the token may not read something.
func isForbidden(err error) bool {
	var answer *github.ErrorResponse
	return errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode == http.StatusForbidden
}

// Issue returns an issue. A pull request, which GitHub takes for an issue as well, is forge.ErrInvalid.
func (c *Client) Issue(ctx context.Context, number int) (forge.Issue, error) {
	const doing = "reading issue"
	var got github.Issue
	if err := c.send(ctx, http.MethodGet, fmt.Sprintf("issues/%d", number), nil, &got); err != nil {
		return forge.Issue{}, c.failFor(ctx, issueRights, doing, strconv.Itoa(number), err)
	}
	if got.IsPullRequest() {
		return forge.Issue{}, c.refuse(doing, strconv.Itoa(number), "it is a pull request")
	}
	return forge.Issue{Number: got.GetNumber(), URL: c.redact.Text(got.GetHTMLURL()), Body: got.GetBody()}, nil
}

// EditIssue gives an issue another text.
func (c *Client) EditIssue(ctx context.Context, number int, body string) error {
	if err := c.send(ctx, http.MethodPatch, fmt.Sprintf("issues/%d", number), map[string]string{"body": body}, nil); err != nil {
		return c.failFor(ctx, issueRights, "updating issue", strconv.Itoa(number), err)
	}
	return nil
}
