package remote

import "strings"

// A Login is a user and a password, or a token, for one host. git gets it in variables of its
// environment, and a credential helper for that host alone that hands them out. So it is in no
// argument and in no file, and git does not give it to a host that the first one redirects to.
type Login struct {
	Site               string // such as https://host or http://127.0.0.1:8080
	Username, Password string
}

// The variables that hold a Login.
const (
	usernameVariable = "PROPAGATE_GIT_USERNAME"
	passwordVariable = "PROPAGATE_GIT_PASSWORD" //nolint:gosec // the name of a variable
)

// helper is a credential helper as git runs it: by a shell.
const helper = `!f() { if test "$1" = get; then printf 'username=%s\npassword=%s\n' "$` + usernameVariable + `" "$` + passwordVariable + `"; fi; }; f`

// isSecret reports whether there is a password, or a user so long that it is a token.
func (l *Login) isSecret() bool { return l.Password != "" || len(l.Username) >= 20 }

// Secrets returns what no output may show.
func (l *Login) Secrets() []string {
	if l == nil || !l.isSecret() {
		return nil
	}
	secrets := []string{l.Password, l.Username + ":" + l.Password}
	if len(l.Username) >= 20 {
		secrets = append(secrets, l.Username)
	}
	return secrets
}

// IsFor reports whether the login is meant for the host of a URL.
func (l *Login) IsFor(url string) bool { return l != nil && strings.HasPrefix(url+"/", l.Site+"/") }

// settings returns the settings that make git use the login.
func (l *Login) settings() []string {
	key := "credential." + l.Site
	if !l.isSecret() { // the password is what the user's own helpers know
		return []string{"-c", key + ".username=" + l.Username}
	}
	// The first of them turns off the helpers of the user, which may know another password.
	return []string{"-c", key + ".helper=", "-c", key + ".helper=" + helper}
}

// variables returns what these settings need in the environment.
func (l *Login) variables() []string {
	return []string{usernameVariable + "=" + l.Username, passwordVariable + "=" + l.Password}
}
