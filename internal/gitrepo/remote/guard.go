package remote

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
}

// withheld returns the variables that git does not get for a remote.
func (g Guard) withheld(url string) []string {
	if g.Allowed != nil && g.Allowed(url) {
		return nil
	}
	return g.Variables
}
