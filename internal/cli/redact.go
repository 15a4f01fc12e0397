package cli

import (
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/redact"
)

// tokenVariables are the environment variables that hold a token for GitHub, the
// first that is set wins.
var tokenVariables = []string{"GITHUB_TOKEN", "GH_TOKEN"}

// tokenUser is the user name that goes with a token when git is spoken to.
const tokenUser = "x-access-token"

func (a *App) token() string {
	for _, token := range a.tokens() {
		return token
	}
	return ""
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

// secrets are what no output may show, see [redact.New].
func (a *App) secrets() []string {
	var secrets []string
	for _, token := range a.tokens() {
		secrets = append(secrets, token, tokenUser+":"+token)
	}
	return secrets
}

// redactor masks what a message on standard error might hold. It is the last defence:
// what servers and git say is masked where it comes in. Documents on standard
// output never go through it, since a directory may be called as a token is.
func (a *App) redactor() *redact.Redactor { return redact.New(a.secrets()...) }

// guard keeps the tokens from the remotes of a partial clone that they are not meant
// for.
func (a *App) guard(s *checkout) gitrepo.Guard {
	return gitrepo.Guard{Variables: tokenVariables, Secrets: a.secrets(), Allowed: func(url string) bool {
		_, err := a.hosts(s).Destination(url)
		return err == nil
	}}
}
