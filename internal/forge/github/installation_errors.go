package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/oserror"
)

// explain says why an App got no token; f is its installation, nil if it was not found. It is an
// *apiError, but for a *refusedError and the error of ctx.
func (i *installation) explain(ctx context.Context, err error, f *found) error {
	var refused *refusedError
	var redirect *redirectError
	var answer *answerError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused):
		return err
	case errors.As(err, &redirect):
		return i.error(forge.ErrUnavailable, i.secrets.Text(redirect.why)+", which is not followed", "set GITHUB_API_URL and GITHUB_REPOSITORY to where the repository is now")
	case isJSON(err):
		return i.error(forge.ErrUnavailable, "it does not answer as the GitHub API does: "+i.secrets.Text(err.Error()), "is GITHUB_API_URL the root of the API, like https://github.example/api/v3?")
	case !errors.As(err, &answer):
		return i.error(forge.ErrUnavailable, fmt.Sprintf("it %s: %s", forge.ErrUnavailable, i.secrets.Text(oserror.Text(err))),
			"is GITHUB_API_URL right, and is the network up? then run the same command again")
	case answer.is(http.StatusUnauthorized, "'exp'", "'iat'"):
		return i.error(forge.ErrUnauthorized, fmt.Sprintf("the clock of this machine is wrong, so that the GitHub App %s is not believed (%s)", i.app.ID, answer.message),
			"set the clock: here it is "+i.clock.now().UTC().Format(time.RFC3339))
	case answer.is(http.StatusNotFound, "Integration"), answer.is(http.StatusUnauthorized, "Integration"):
		return i.error(forge.ErrUnauthorized, fmt.Sprintf("there is no GitHub App %s (%s)", i.app.ID, answer.message),
			"set GITHUB_APP_ID to the App ID or the client ID that the settings page of the App shows")
	case answer.is(http.StatusUnauthorized):
		return i.error(forge.ErrUnauthorized, fmt.Sprintf("the private key is none of the GitHub App %s (%s)", i.app.ID, answer.message),
			"GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY have to be those of one App, and the key one that its settings page lists")
	case f != nil && f.Suspended != nil, answer.is(http.StatusForbidden, "suspended"):
		return i.error(forge.ErrUnauthorized, fmt.Sprintf("the installation of the GitHub App %s on %s is suspended", i.name(f), i.where()),
			"unsuspend it"+i.at(f))
	case answer.is(http.StatusNotFound) && f == nil && i.app.Installation != 0:
		return i.error(forge.ErrUnauthorized, fmt.Sprintf("the GitHub App %s has no installation %d", i.app.ID, i.app.Installation),
			"leave GITHUB_APP_INSTALLATION_ID out: the installation is found by the repository")
	case answer.is(http.StatusNotFound), answer.is(http.StatusUnprocessableEntity, "repository", "repositories"):
		return i.notInstalled(ctx, f)
	case answer.status >= 500:
		return i.error(forge.ErrUnavailable, "it fails with "+answer.text, "run the same command again later: what is done already is found and kept")
	}
	return i.error(forge.ErrUnauthorized, fmt.Sprintf("the GitHub App %s gets no token for %s: %s (%s)", i.name(f), i.where(), answer.text, answer.message), "")
}

func (i *installation) error(is error, text, hint string) error {
	return &apiError{text: i.base.Host + ": " + text, hint: hint, is: []error{is}}
}

func (i *installation) where() string { return i.owner + "/" + i.repo }

// name is what the App is called.
func (i *installation) name(f *found) string {
	if f == nil {
		return i.app.ID
	}
	return cmp.Or(i.secrets.Line(f.Slug), i.app.ID)
}

// at says where a person manages the installation.
func (i *installation) at(f *found) string {
	if f == nil || f.Page == "" {
		return ""
	}
	return " at " + i.secrets.Line(f.Page)
}

// notInstalled says so, if it is the App itself that GitHub knows.
func (i *installation) notInstalled(ctx context.Context, f *found) error {
	name, at := i.name(f), ""
	var app struct {
		Slug string `json:"slug"`
		Page string `json:"html_url"`
	}
	_, err := i.call(ctx, http.MethodGet, "app", nil, &app)
	var answer *answerError
	switch {
	case errors.As(err, &answer) && (answer.is(http.StatusUnauthorized) || answer.is(http.StatusNotFound, "Integration")):
		return i.explain(ctx, err, f) // id or key is wrong
	case err == nil && app.Page != "":
		name = cmp.Or(i.secrets.Line(app.Slug), name)
		at = " at " + i.secrets.Line(app.Page) + "/installations/new"
	}
	return i.error(forge.ErrUnauthorized, fmt.Sprintf("the GitHub App %s is not installed on %s", name, i.where()),
		fmt.Sprintf("install it%s; is %s the right repository?", at, i.where()))
}

// lacks says which permissions the App does not have.
func (i *installation) lacks(missing []string, f *found) error {
	return i.error(forge.ErrForbidden, fmt.Sprintf("the GitHub App %s lacks the permission %s on %s", i.name(f), strings.Join(missing, " and "), i.where()),
		"give it to the App on its settings page, and accept it for the installation"+i.at(f))
}
