package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// To GitHub a pull request is an issue as well: labels, people, comments and events are
// those of the issue.

// AddLabels puts labels on a pull request, and makes those that the repository does not
// have. What is there already stays.
func (c *Client) AddLabels(ctx context.Context, number int, labels []string) error {
	// Names that differ in case only are one label.
	want := slices.SortedFunc(slices.Values(labels), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	want = slices.CompactFunc(want, strings.EqualFold)
	// go-github sends a bare list, which GitHub's description of the API no longer knows.
	err := c.send(ctx, http.MethodPost, fmt.Sprintf("issues/%d/labels", number), map[string][]string{"labels": want}, nil)
	if err != nil {
		return c.fail(ctx, "adding labels to pull request", strconv.Itoa(number), err)
	}
	return nil
}

// RequestReviews asks people, and teams that are written "org/team", for a review. If one
// of them cannot be asked, GitHub asks none: forge.ErrInvalid.
func (c *Client) RequestReviews(ctx context.Context, number int, reviewers []string) error {
	const doing = "requesting reviews of pull request"
	var in github.ReviewersRequest
	for _, name := range reviewers {
		org, team, isTeam := strings.Cut(name, "/")
		switch {
		case !isTeam:
			in.Reviewers = append(in.Reviewers, name)
		// GitHub wants the team alone, and would ask one of the owner's with the same name.
		case !strings.EqualFold(org, c.owner):
			return c.refuse(doing, strconv.Itoa(number), fmt.Sprintf("%s is no team of %s", name, c.owner))
		default:
			in.TeamReviewers = append(in.TeamReviewers, team)
		}
	}
	if _, _, err := c.gh.PullRequests.RequestReviewers(ctx, c.owner, c.repo, number, in); err != nil {
		return c.fail(ctx, doing, strconv.Itoa(number), err)
	}
	return nil
}

// AddAssignees assigns people to a pull request. GitHub passes over those who cannot be
// assigned, without a word.
func (c *Client) AddAssignees(ctx context.Context, number int, people []string) error {
	if _, _, err := c.gh.Issues.AddAssignees(ctx, c.owner, c.repo, number, people); err != nil {
		return c.fail(ctx, "assigning pull request", strconv.Itoa(number), err)
	}
	return nil
}

// Unlabeled returns the labels that somebody took away from a pull request and that
// nobody put back, sorted. Where the server does not tell, nobody has: a label that is
// missing can be completed there too.
func (c *Client) Unlabeled(ctx context.Context, number int) ([]string, error) {
	events, err := c.events(ctx, number)
	if err != nil {
		return nil, err
	}
	// The oldest comes first, so that the last one of a label wins. A repository has no two
	// labels that differ in case only.
	away := map[string]string{}
	for _, e := range events {
		name := e.GetLabel().GetName()
		switch key := strings.ToLower(name); e.GetEvent() {
		case "labeled":
			delete(away, key)
		case "unlabeled":
			away[key] = name
		}
	}
	var labels []string
	for _, name := range away {
		labels = append(labels, name)
	}
	slices.Sort(labels)
	return labels, nil
}

// Asked returns who was asked for a review of a pull request, or assigned to it, at any
// time: logins, and teams as "org/team", sorted. Where the server does not tell, nobody was.
func (c *Client) Asked(ctx context.Context, number int) ([]string, error) {
	events, err := c.events(ctx, number)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, e := range events {
		switch e.GetEvent() {
		case "review_requested":
			if team := e.GetRequestedTeam().GetSlug(); team != "" {
				asked = append(asked, c.owner+"/"+team)
			} else {
				asked = append(asked, e.GetRequestedReviewer().GetLogin())
			}
		case "assigned":
			asked = append(asked, e.GetAssignee().GetLogin())
		}
	}
	slices.Sort(asked)
	return slices.Compact(asked), nil
}

// events returns what happened to a pull request, the oldest first: nothing where the
// server does not tell.
func (c *Client) events(ctx context.Context, number int) ([]github.IssueEvent, error) {
	events, err := pages[github.IssueEvent](ctx, c, fmt.Sprintf("issues/%d/events", number))
	return events, c.optional(ctx, "reading the events of pull request", strconv.Itoa(number), err)
}

// Comments returns the comments on a pull request, the oldest first, without those of
// reviews.
func (c *Client) Comments(ctx context.Context, number int) ([]forge.Comment, error) {
	raw, err := pages[github.IssueComment](ctx, c, fmt.Sprintf("issues/%d/comments", number))
	if err != nil {
		return nil, c.fail(ctx, "reading the comments of pull request", strconv.Itoa(number), err)
	}
	var comments []forge.Comment
	for _, one := range raw {
		comments = append(comments, forge.Comment{Author: one.GetUser().GetLogin(), Body: one.GetBody()})
	}
	return comments, nil
}

// AddComment comments on a pull request. After forge.ErrUnavailable the comment may or
// may not be there: look with Comments.
func (c *Client) AddComment(ctx context.Context, number int, body string) error {
	err := c.send(ctx, http.MethodPost, fmt.Sprintf("issues/%d/comments", number), map[string]string{"body": body}, nil)
	if err != nil {
		return c.fail(ctx, "commenting on pull request", strconv.Itoa(number), err)
	}
	return nil
}

// send sends one request for what is below the repository.
func (c *Client) send(ctx context.Context, method, path string, in, out any) error {
	req, err := c.gh.NewRequest(method, fmt.Sprintf("repos/%s/%s/%s", c.owner, c.repo, path), in)
	if err != nil {
		return err
	}
	_, err = c.gh.Do(ctx, req, out)
	return err
}

// pages reads all pages of a list below the repository, the oldest first.
func pages[T any](ctx context.Context, c *Client, path string) ([]T, error) {
	var all []T
	for page := 1; ; {
		req, err := c.gh.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/%s?per_page=%d&page=%d", c.owner, c.repo, path, perPage, page), nil)
		if err != nil {
			return nil, err
		}
		var got []T
		resp, err := c.gh.Do(ctx, req, &got)
		if err != nil {
			return nil, err
		}
		all = append(all, got...)
		// Zero at the end. A page that does not go forward would never end.
		if resp.NextPage <= page {
			return all, nil
		}
		page = resp.NextPage
	}
}
