package remote

import (
	"os"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// A Guard keeps secrets that this process got in its environment from remotes that
// they are not meant for.
//
// The git program inherits the environment, and a credential helper of its user may
// hand out what it finds there, to whichever host asks for a password.
type Guard struct {
	// Variables are the environment variables that hold the secrets.
	Variables []string
	// Secrets are their values, which no error shows.
	Secrets []string
	// Allowed says whether the secrets are meant for the host of a remote's URL, as
	// git has it after insteadOf; nil allows none.
	Allowed func(url string) bool
	// Login is what git uses at one host; nil leaves that to what its user has set up.
	Login *Login
	// Protocols are those that git may use, as GIT_ALLOW_PROTOCOL has them, unless that is
	// set; "" leaves that to git.
	Protocols string
}

// settings returns the settings that git gets for a remote.
func (g Guard) settings(url string) []string {
	var settings []string
	if g.Protocols != "" { // in the protocol before it, what was left out cannot be had by its id
		settings = []string{"-c", "protocol.version=2"}
	}
	if g.Login.IsFor(url) {
		settings = append(settings, g.Login.settings()...)
	}
	return settings
}

// environment returns the variables that git gets for a remote: those of this process, without
// what says of another repository, and without secrets that are not meant for the host.
func (g Guard) environment(env []string, url string) []string {
	allowed := g.Allowed != nil && g.Allowed(url)
	env = slices.DeleteFunc(env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(object.MovingVariables, name) || !allowed && slices.Contains(g.Variables, name)
	})
	if g.Login.IsFor(url) {
		env = append(env, g.Login.variables()...)
	}
	if g.Protocols != "" && os.Getenv("GIT_ALLOW_PROTOCOL") == "" {
		env = append(env, "GIT_ALLOW_PROTOCOL="+g.Protocols)
	}
	return env
}
