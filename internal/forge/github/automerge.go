package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// enableAutoMerge is the mutation. GitHub has it in GraphQL alone.
const enableAutoMerge = `mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}`

// EnableAutoMerge has GitHub merge a pull request once its checks have passed. Where nothing has to
// pass it is forge.ErrClean, and where a check that is not required has failed or goes on
// forge.ErrUnstable. After forge.ErrUnavailable it may be enabled or not: look with Pulls.
func (c *Client) EnableAutoMerge(ctx context.Context, pull forge.Pull, merge forge.Merge) error {
	const doing = "enabling auto-merge of pull request"
	what := strconv.Itoa(pull.Number)
	input := map[string]string{"pullRequestId": pull.ID, "expectedHeadOid": merge.Head, "mergeMethod": strings.ToUpper(string(merge.Method))}
	if merge.Method != forge.Rebase {
		input["commitHeadline"], input["commitBody"] = merge.Title, merge.Message
	}
	var answer struct {
		Errors []graphError `json:"errors"`
	}
	in := map[string]any{"query": enableAutoMerge, "variables": map[string]any{"input": input}}
	req, err := c.gh.NewRequest(http.MethodPost, c.graphPath(), in)
	if err != nil {
		return c.fail(ctx, doing, what, err)
	}
	if _, err = c.gh.Do(ctx, req, &answer); err != nil {
		return c.fail(ctx, doing, what, err)
	}
	if len(answer.Errors) == 0 {
		return nil
	}
	return c.refused(doing, what, answer.Errors[0])
}

// graphPath is the path of GraphQL, relative to the root of the REST API: api.github.com/graphql, and
// github.example/api/graphql beside github.example/api/v3.
func (c *Client) graphPath() string {
	if strings.HasSuffix(c.gh.BaseURL.Path, "/api/v3/") {
		return "../graphql"
	}
	return "graphql"
}

// A graphError is one of an answer of GraphQL.
type graphError struct{ Type, Message string }

// refused returns an error of GraphQL, which has status 200.
func (c *Client) refused(doing, what string, refusal graphError) error {
	message := strings.Join(strings.Fields(c.redact.Text(refusal.Message)), " ")
	e := &apiError{text: fmt.Sprintf("%s %s of %s/%s: %s: ", doing, what, c.owner, c.repo, c.host)}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(strings.ToLower(message), w) {
				return true
			}
		}
		return false
	}
	kind := forge.ErrInvalid
	switch {
	case has("in clean status", "protected branch rules not configured"):
		kind = forge.ErrClean
	case has("in unstable status"):
		kind = forge.ErrUnstable
	case has("auto merge is not allowed", "auto-merge is not allowed"):
		kind = forge.ErrForbidden
		e.hint = "allow auto-merge in the settings of the repository, or take automerge out of the policies"
	case refusal.Type == "FORBIDDEN" || has("not accessible", "not authorized"):
		kind = forge.ErrForbidden
		e.hint = fmt.Sprintf("give the token contents: write and pull requests: write on %s/%s", c.owner, c.repo)
	case refusal.Type == "NOT_FOUND":
		kind = forge.ErrNotFound
	}
	e.text += fmt.Sprintf("%s (%s)", kind, cut(message))
	e.is = []error{kind}
	return e
}

// MergePull merges a pull request now. After forge.ErrUnavailable it may be merged or not: look with
// Pulls. A branch that is not at the head of merge any more is forge.ErrInvalid.
func (c *Client) MergePull(ctx context.Context, number int, merge forge.Merge) error {
	in := map[string]string{"sha": merge.Head, "merge_method": string(merge.Method)}
	if merge.Method != forge.Rebase {
		in["commit_title"], in["commit_message"] = merge.Title, merge.Message
	}
	err := c.send(ctx, http.MethodPut, fmt.Sprintf("pulls/%d/merge", number), in, nil)
	if err == nil {
		return nil
	}
	failed := c.fail(ctx, "merging pull request", strconv.Itoa(number), err)
	var answer *github.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode == http.StatusMethodNotAllowed {
		return &apiError{text: failed.Error(), hint: "the rules of the branch do not let it be merged now", is: []error{forge.ErrInvalid}}
	}
	return failed
}

// AutoMergeStopped reports whether auto-merge was disabled, by whomever, since it was last enabled for
// a pull request. Where the server does not tell, it was not.
func (c *Client) AutoMergeStopped(ctx context.Context, number int) (bool, error) {
	events, err := c.events(ctx, number)
	if err != nil {
		return false, err
	}
	stopped := false
	for _, e := range events {
		switch e.GetEvent() {
		case "auto_merge_enabled", "auto_squash_enabled", "auto_rebase_enabled":
			stopped = false
		case "auto_merge_disabled":
			stopped = true
		}
	}
	return stopped, nil
}
