package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/oserror"
)

// An apiError is one line for a person, and what a program finds in it.
type apiError struct {
	text string
	hint string
	is   []error
}

func (e *apiError) Error() string { return e.text }

// Hint returns what to do next, or "".
func (e *apiError) Hint() string { return e.hint }

func (e *apiError) Unwrap() []error { return e.is }

// errEmpty marks the answer for a repository without any commit.
var errEmpty = errors.New("the repository is empty")

// refuse returns forge.ErrInvalid for a value that is not even sent.
func (c *Client) refuse(doing, what, why string) error {
	return &apiError{
		text: fmt.Sprintf("%s %q of %s/%s: %s", doing, what, c.owner, c.repo, why),
		is:   []error{forge.ErrInvalid},
	}
}

// fail turns the error of go-github into one that says what was being done to
// what, where, and why it failed.
func (c *Client) fail(ctx context.Context, doing, what string, err error) error {
	return c.failFor(ctx, pullRights, doing, what, err)
}

// failFor is fail for a request that takes certain permissions.
func (c *Client) failFor(ctx context.Context, rights, doing, what string, err error) error {
	e := c.explain(ctx, rights, err)
	where := c.owner + "/" + c.repo
	if what != "" {
		where = what + " of " + where
	}
	e.text = fmt.Sprintf("%s %s: %s", doing, where, e.text)
	return e
}

// The permissions that a token needs: for pull requests, and for the text of an issue.
const (
	pullRights  = "contents: write and pull requests: write"
	issueRights = "issues: write"
)

// explain says what went wrong. What the server or the network says is redacted
// here, where it comes in: what was asked for may look like a secret and be none. rights are what it took.
func (c *Client) explain(ctx context.Context, rights string, err error) *apiError {
	var limit *forge.RateLimitError
	var redirect *redirectError
	var answer *github.ErrorResponse
	var otp *github.TwoFactorAuthError
	var request *url.Error
	var own *apiError
	switch {
	case errors.As(err, &limit):
		limit = &forge.RateLimitError{RetryAfter: limit.RetryAfter, At: limit.At, Err: errors.New(c.redact.Text(limit.Err.Error()))}
		return &apiError{
			text: c.host + ": " + limit.Error(),
			hint: "run the same command again later: what is done already is found and kept",
			is:   []error{limit},
		}
	case ctx.Err() != nil:
		return &apiError{text: ctx.Err().Error(), is: []error{ctx.Err()}}
	case errors.As(err, &own):
		e := *own
		return &e
	case errors.As(err, &redirect):
		return &apiError{
			text: fmt.Sprintf("%s: %s, which is not followed", c.host, c.redact.Text(redirect.why)),
			hint: "set GITHUB_API_URL and GITHUB_REPOSITORY to where the repository is now",
			is:   []error{forge.ErrUnavailable},
		}
	case errors.As(err, &otp):
		return c.unauthorized("it asks for a one-time password")
	case errors.As(err, &answer):
		return c.explainStatus(rights, answer)
	case errors.As(err, &request):
		return &apiError{
			text: fmt.Sprintf("%s %s: %s", c.host, forge.ErrUnavailable, c.redact.Text(oserror.Text(request.Err))),
			hint: "is GITHUB_API_URL right, and is the network up? then run the same command again",
			is:   []error{forge.ErrUnavailable},
		}
	case isJSON(err):
		return &apiError{
			text: fmt.Sprintf("%s does not answer as the GitHub API does: %s", c.host, c.redact.Text(err.Error())),
			hint: "is GITHUB_API_URL the root of the API, like https://github.example/api/v3?",
			is:   []error{forge.ErrUnavailable},
		}
	}
	return &apiError{text: fmt.Sprintf("%s %s: %s", c.host, forge.ErrUnavailable, c.redact.Text(oserror.Text(err))), is: []error{forge.ErrUnavailable}}
}

func (c *Client) explainStatus(rights string, answer *github.ErrorResponse) *apiError {
	resp := answer.Response
	message := c.messages(answer)
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return c.unauthorized(message)
	case status == http.StatusForbidden:
		e := &apiError{
			text: fmt.Sprintf("%s: %s: it needs %s (%s)", c.host, forge.ErrForbidden, rights, message),
			hint: fmt.Sprintf("give the token %s on %s/%s", rights, c.owner, c.repo),
			is:   []error{forge.ErrForbidden},
		}
		if c.renews {
			e.hint = fmt.Sprintf("give the GitHub App %s, and accept that for its installation on %s/%s", rights, c.owner, c.repo)
		}
		if resp.Header.Get("X-GitHub-SSO") != "" {
			e.hint = "authorize the token for the single sign-on of " + c.owner
		}
		return e
	case status == http.StatusNotFound:
		return &apiError{
			text: fmt.Sprintf("%s: %s, or the token may not see it", c.host, forge.ErrNotFound),
			hint: fmt.Sprintf("is %s/%s the right repository, and does the token cover it?", c.owner, c.repo),
			is:   []error{forge.ErrNotFound},
		}
	case status == http.StatusConflict && strings.Contains(message, "is empty"):
		return &apiError{text: c.host + ": " + message, is: []error{forge.ErrInvalid, errEmpty}}
	case status >= 500:
		return &apiError{
			text: fmt.Sprintf("%s fails with %s", c.host, c.redact.Text(resp.Status)),
			hint: "run the same command again later: what is done already is found and kept",
			is:   []error{forge.ErrUnavailable},
		}
	case status == http.StatusUnprocessableEntity && strings.Contains(message, "A pull request already exists"):
		return &apiError{text: c.host + ": " + message, is: []error{forge.ErrExists}}
	}
	return &apiError{
		text: fmt.Sprintf("%s: %s (%s): %s", c.host, forge.ErrInvalid, c.redact.Text(resp.Status), message),
		is:   []error{forge.ErrInvalid},
	}
}

func (c *Client) unauthorized(message string) *apiError {
	e := &apiError{
		text: fmt.Sprintf("%s: %s (%s)", c.host, forge.ErrUnauthorized, message),
		hint: "is GITHUB_TOKEN or GH_TOKEN complete, not expired and meant for " + c.host + "?",
		is:   []error{forge.ErrUnauthorized},
	}
	if c.renews {
		e.hint = "it was made anew for the GitHub App, and is not accepted either: is the App still installed, and not suspended?"
	}
	if c.anonymous {
		e.text = c.host + " wants a token, and there is none"
		e.hint = "set GITHUB_TOKEN or GH_TOKEN"
	}
	return e
}

// messages returns GitHub's own words, without secrets and on one line: the reasons
// if it names any, else the message.
func (c *Client) messages(answer *github.ErrorResponse) string {
	var reasons []string
	for _, e := range answer.Errors {
		reason := e.Message
		if reason == "" {
			reason = strings.TrimSpace(e.Field + " is " + strings.ReplaceAll(e.Code, "_", " "))
		}
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	message := strings.Join(reasons, "; ")
	if message == "" {
		message = answer.Message
	}
	if message == "" {
		message = answer.Response.Status
	}
	return strings.Join(strings.Fields(c.redact.Text(message)), " ")
}

func isJSON(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind)
}
