package cli

import (
	"strings"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/redact"
)

// tokenVariables are the environment variables that hold a token for GitHub, the
// first that is set wins.
var tokenVariables = []string{"GITHUB_TOKEN", "GH_TOKEN"}

// keyVariable is the one that holds the private key of a GitHub App.
const keyVariable = "GITHUB_APP_PRIVATE_KEY"

// appCredentials are those of a GitHub App.
func (a *App) appCredentials() monorepo.AppCredentials {
	get := func(name string) string { return strings.TrimSpace(a.Getenv(name)) }
	return monorepo.AppCredentials{ID: get("GITHUB_APP_ID"), Key: get(keyVariable), Installation: get("GITHUB_APP_INSTALLATION_ID")}
}

// tokens are all that are set, the one that wins first.
func (a *App) tokens() []string {
	var tokens []string
	for _, name := range tokenVariables {
		if token := strings.TrimSpace(a.Getenv(name)); token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// redactor masks what a message on standard error might hold. It is the last defence:
// what servers and git say is masked where it comes in. Documents on standard
// output never go through it, since a directory may be called as a token is.
func (a *App) redactor() *redact.Redactor { return redact.New(a.github().Secrets()...) }
