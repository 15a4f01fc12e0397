package monorepo

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/forge/github"
	"github.com/matihlabs/propagate/internal/source"
)

// AppCredentials are those of a GitHub App, as the environment has them.
type AppCredentials struct {
	ID           string // its number, or its client id
	Key          string // its private key in PEM form, or the path of a file with it
	Installation string // "" is the one on the repository
}

// isKey reports whether Key is the key itself, and no path.
func (c AppCredentials) isKey() bool {
	return strings.Contains(c.Key, "\n") || strings.Contains(c.Key, "-----")
}

func (c AppCredentials) secrets() []string {
	if !c.isKey() {
		return nil
	}
	return keySecrets(c.Key)
}

// keySecrets are what no output may show of a private key: all of it, and what stands between its
// first line and its last.
func keySecrets(key string) []string {
	secrets := []string{key}
	if parts := strings.Split(key, "-----"); len(parts) > 2 {
		secrets = append(secrets, parts[2])
	}
	return secrets
}

var validAppID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._-]+$`) })

// isJobToken reports whether a token may be the one that GitHub Actions makes for a job: it is that
// of an App as well.
func (g GitHub) isJobToken(token string) bool { return g.Job && strings.HasPrefix(token, "ghs_") }

// credentials returns what GitHub is reached with: the first token or else the App, whose key is
// read. A token of the job gives way to an App, since it can do less. Both are empty where
// nothing is set; the error is an [*InputError].
func (g GitHub) credentials() (token string, app *github.App, err error) {
	if len(g.Tokens) > 0 {
		token = g.Tokens[0]
	}
	if g.App == (AppCredentials{}) || token != "" && (!g.isJobToken(token) || g.App.ID == "" || g.App.Key == "") {
		return token, nil, nil
	}
	app, err = g.App.read(g.learn)
	return "", app, err
}

// UsesApp reports whether GitHub is reached with the credentials of a GitHub App.
func (g GitHub) UsesApp() bool {
	_, app, err := g.credentials()
	return err == nil && app != nil
}

func (g GitHub) learn(secret string) {
	if g.Learn != nil {
		g.Learn(secret)
	}
}

// read reads the key, and checks what else there is.
func (c AppCredentials) read(learn func(string)) (*github.App, error) {
	const both = "an App is used with GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY"
	switch {
	case c.ID == "":
		return nil, invalid(errors.New("GITHUB_APP_ID: it is not set, and other variables of a GitHub App are"), both)
	case c.Key == "":
		return nil, invalid(errors.New("GITHUB_APP_PRIVATE_KEY: it is not set, and other variables of a GitHub App are"), both)
	case !validAppID().MatchString(c.ID):
		return nil, invalid(fmt.Errorf("GITHUB_APP_ID: %q is no ID of a GitHub App", source.Clean(c.ID)), "it is the App ID, or the client ID, that the settings page of the App shows")
	}
	app := &github.App{ID: c.ID}
	if c.Installation != "" {
		id, err := strconv.ParseInt(c.Installation, 10, 64)
		if err != nil || id <= 0 {
			return nil, invalid(fmt.Errorf("GITHUB_APP_INSTALLATION_ID: %q is no number of an installation", source.Clean(c.Installation)), "leave it out: the installation is found by the repository")
		}
		app.Installation = id
	}
	text, where := c.Key, "GITHUB_APP_PRIVATE_KEY"
	if !c.isKey() {
		data, err := os.ReadFile(c.Key)
		if err != nil {
			return nil, invalid(fmt.Errorf("%s: it is no private key in PEM form, and no file that can be read: %w", where, c.fileError(err)),
				"give the key itself, from -----BEGIN to -----END, or the path of the file that GitHub made")
		}
		text, where = string(data), where+": "+source.Clean(c.Key)
		for _, secret := range keySecrets(text) {
			learn(secret)
		}
	}
	key, err := github.ParseKey(text)
	if err != nil {
		return nil, invalid(fmt.Errorf("%s: %w", where, err), source.Hint(err))
	}
	app.Key = key
	return app, nil
}

// fileError is the error of a file, with its path only where that cannot be a part of a key.
func (c AppCredentials) fileError(err error) error {
	var path *os.PathError
	switch {
	case !errors.As(err, &path):
		return err
	case strings.Trim(c.Key, base64Letters) == "":
		return path.Err
	}
	return fmt.Errorf("%s: %w", source.Clean(c.Key), path.Err)
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// noteCredentials says which credentials are used where there are two.
func (r *Repository) noteCredentials(token string) {
	o := &r.options
	switch {
	case token != "" && o.GitHub.App != (AppCredentials{}):
		o.advise("unset GITHUB_TOKEN and GH_TOKEN to use the App", "a token is set and used, and the credentials of the GitHub App are not")
	case token == "" && len(o.GitHub.Tokens) > 0:
		o.remark("the GitHub App %s is used, and not the token of the job", o.GitHub.App.ID)
	}
}

// The requests that a token has in an hour (GitHub docs, "Rate limits for the REST API"): that
// of a job, and those of other Apps. On GitHub Enterprise Cloud both have the same.
const (
	jobHourly     = 1000
	appHourly     = 5000
	appMostAnHour = 12500
)

// warnOfJob returns what warns of a token that is the job's, once GitHub has told how many requests
// it has in an hour; nil where the token is none that may be it. The token of another App looks
// the same.
func (r *Repository) warnOfJob(token string) func(hourly int) {
	o := &r.options
	if !o.GitHub.isJobToken(token) {
		return nil
	}
	return func(hourly int) {
		const hint = "set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, or the token of a GitHub App or of a person; or a person closes each pull request and opens it again"
		switch {
		case hourly == jobHourly:
			o.advise(hint, "the token is that of this job: pull requests that are opened with it start no workflows by themselves, and it has %d requests in an hour", jobHourly)
		case hourly < appHourly || hourly > appMostAnHour:
			o.advise(hint, "if the token is that of this job, pull requests that are opened with it start no workflows by themselves")
		}
	}
}

// editsWorkflows reports whether a plan edits workflows of GitHub Actions, which takes a permission
// of its own.
func editsWorkflows(plan *Plan) bool {
	for _, change := range plan.Changes {
		for _, file := range change.Files {
			if strings.HasPrefix(file.Path, ".github/workflows/") {
				return true
			}
		}
	}
	return false
}
