package github_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/github"
)

// Which host gets the token, and which API goes with it. A want that begins with
// "no" is a refusal, with a part of the error behind it.
func TestDestination(t *testing.T) {
	public := github.Hosts{}
	workflow := github.Hosts{ServerURL: "https://github.com", APIURL: "https://api.github.com"}
	enterprise := github.Hosts{APIURL: "https://ghes.example/api/v3/"}
	server := github.Hosts{ServerURL: "https://ghes.example"}
	named := github.Hosts{Named: []string{"Ghes.Example"}}
	cloud := github.Hosts{APIURL: "https://api.octo.ghe.com"}
	local := github.Hosts{APIURL: "http://127.0.0.1:4010"}
	const api, ghes, unknown = "https://api.github.com", "https://ghes.example/api/v3", "no: which is not known to be a GitHub host"
	for _, test := range []struct {
		name   string
		hosts  github.Hosts
		remote string
		want   string // the remote and the API
	}{
		{"github.com", public, "https://github.com/o/r.git", "https://github.com/o/r.git " + api},
		{"in a workflow", workflow, "https://github.com/o/r.git", "https://github.com/o/r.git " + api},
		{"the API's own host", public, "https://api.github.com/o/r", "https://api.github.com/o/r " + api},
		{"another case", public, "https://GitHub.COM/o/r", "https://github.com/o/r " + api},
		{"another port", public, "https://github.com:8443/o/r", "https://github.com:8443/o/r " + api},
		{"an empty port", public, "https://github.com:/o/r", "https://github.com/o/r " + api},
		{"user information", public, "https://x:y@github.com/o/r", "https://github.com/o/r " + api},
		{"a query", public, "https://github.com/o/r?token=x#y", "https://github.com/o/r " + api},
		{"plain http", public, "http://github.com/o/r", "https://github.com/o/r " + api},
		{"plain http at a port", public, "http://github.com:8080/o/r", "no: over plain http"},
		{"ssh", public, "ssh://git@github.com:22/o/r.git", "https://github.com/o/r.git " + api},
		{"git+ssh", public, "git+ssh://git@github.com/o/r.git", "https://github.com/o/r.git " + api},
		{"the short form of ssh", public, "git@github.com:o/r.git", "https://github.com/o/r.git " + api},
		{"the short form without a user", public, "github.com:o/r.git", "https://github.com/o/r.git " + api},
		{"the short form with a slash", public, "git@github.com:/o/r.git", "https://github.com/o/r.git " + api},

		{"another host", public, "https://gitlab.example/o/r", unknown},
		{"a longer name", public, "https://github.com.evil.example/o/r", unknown},
		{"a name before it", public, "https://evilgithub.com/o/r", unknown},
		{"a host below it", public, "https://x.github.com/o/r", unknown},
		{"its parent", public, "https://com/o/r", unknown},
		{"as a user", public, "https://github.com@evil.example/o/r", unknown},
		{"as a user with a password", public, "https://github.com:443@evil.example/o/r", unknown},
		{"as a user of the short form", public, "github.com@evil.example:o/r", unknown},
		{"as a directory", public, "https://evil.example/github.com/o/r", unknown},
		{"a dot at the end", public, "https://github.com./o/r", "no: is no plain name of a host"},
		{"two dots", public, "https://github..com/o/r", "no: is no plain name of a host"},
		{"letters that fold", github.Hosts{Named: []string{"kit.example"}}, "https://\u212ait.example/o/r", "no: is no plain name of a host"},
		{"letters that look alike", public, "https://g\u0456thub.com/o/r", "no: is no plain name of a host"},
		{"wide letters", public, "https://\uff47\uff49\uff54\uff48\uff55\uff42.com/o/r", "no: is no plain name of a host"},
		{"the same in ASCII", public, "https://xn--gthub-n4a.com/o/r", unknown},
		{"percent in the host", public, "https://github.com%2eevil.example/o/r", "none"},
		{"a backslash", public, `https://github.com\@evil.example/o/r`, "none"},
		{"a line end", public, "https://github.com\n.evil.example/o/r", "none"},
		{"no host", public, "https:///o/r", "no: is no plain name of a host"},
		{"an address", public, "https://127.0.0.1/o/r", unknown},
		{"an alias of ssh", public, "git@gh-work:org/repo.git", unknown},
		{"an alias as a URL", public, "ssh://git@gh-work/org/repo.git", unknown},
		{"a user of the short form twice", public, "git@github.com@evil.example:o/r", "none"},

		{"a directory", public, "/srv/r.git", "none"},
		{"a directory beside", public, "../r.git", "none"},
		{"file", public, "file:///srv/r.git", "none"},
		{"git", public, "git://github.com/o/r", "none"},
		{"a helper of git", public, "ext::sh -c evil", "none"},
		{"nothing", public, "", "none"},

		{"enterprise", enterprise, "https://ghes.example/o/r", "https://ghes.example/o/r " + ghes + "/"},
		{"enterprise over ssh", enterprise, "git@ghes.example:o/r", "https://ghes.example/o/r " + ghes + "/"},
		{"enterprise by its server", server, "https://ghes.example/o/r", "https://ghes.example/o/r " + ghes},
		{"enterprise by its name", named, "https://ghes.example/o/r", "https://ghes.example/o/r " + ghes},
		{"enterprise by its name in a workflow", github.Hosts{ServerURL: workflow.ServerURL, APIURL: workflow.APIURL, Named: named.Named}, "https://ghes.example/o/r", "https://ghes.example/o/r " + ghes},
		{"github.com beside a name", named, "https://github.com/o/r", "https://github.com/o/r " + api},
		{"github.com by its name", github.Hosts{APIURL: enterprise.APIURL, Named: []string{"github.com"}}, "https://github.com/o/r", "https://github.com/o/r " + api},
		{"both of the environment", github.Hosts{ServerURL: "https://git.corp.example", APIURL: "https://api.corp.example"}, "https://git.corp.example/o/r", "https://git.corp.example/o/r https://api.corp.example"},
		{"a token of an enterprise for github.com", enterprise, "https://github.com/o/r", "no: github.com, since GITHUB_API_URL names another GitHub"},
		{"the same by its server", server, "https://github.com/o/r", "no: github.com, since GITHUB_SERVER_URL names another GitHub"},
		{"the parent of an API's host", github.Hosts{APIURL: "https://api.corp.example"}, "https://corp.example/o/r", unknown},
		{"data residency", cloud, "https://octo.ghe.com/o/r", "https://octo.ghe.com/o/r https://api.octo.ghe.com"},
		{"data residency by its server", github.Hosts{ServerURL: "https://octo.ghe.com"}, "https://octo.ghe.com/o/r", "https://octo.ghe.com/o/r https://api.octo.ghe.com"},
		{"data residency of others", cloud, "https://other.ghe.com/o/r", "no: other.ghe.com, since GITHUB_API_URL names another GitHub"},

		{"this machine", local, "http://127.0.0.1:5555/o/r", "http://127.0.0.1:5555/o/r http://127.0.0.1:4010"},
		{"this machine by another name", local, "http://localhost:5555/o/r", unknown},
		{"this machine by its IPv6 address", github.Hosts{APIURL: "http://[::1]:4010"}, "http://[::1]:5555/o/r", "http://[::1]:5555/o/r http://[::1]:4010"},
		{"this machine, not named", public, "http://localhost:5555/o/r", unknown},
		{"an API without TLS", github.Hosts{APIURL: "http://ghes.example/api/v3"}, "https://ghes.example/o/r", "no: the token is not sent to ghes.example over plain http"},
		{"a server without TLS", github.Hosts{ServerURL: "http://ghes.example"}, "https://ghes.example/o/r", "no: the token is not sent to ghes.example over plain http"},
		{"an API that is no URL", github.Hosts{APIURL: "github"}, "https://github.com/o/r", "no: the address of the GitHub API is no plain http or https URL"},
		{"a server that is no URL", github.Hosts{ServerURL: "github.com"}, "https://github.com/o/r", "no: GITHUB_SERVER_URL is no plain http or https URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.hosts.Destination(test.remote)
			why, refused := strings.CutPrefix(test.want, "no: ")
			switch {
			case test.want == "none":
				if !errors.Is(err, github.ErrNoServer) {
					t.Errorf("got %v, %v; want ErrNoServer", got, err)
				}
			case refused:
				var hinted interface{ Hint() string }
				if err == nil || !strings.Contains(err.Error(), why) || !errors.As(err, &hinted) || hinted.Hint() == "" {
					t.Errorf("got %v, %v; want an error with a hint that says %q", got, err, why)
				}
			case err != nil || got.Remote.String()+" "+got.API != test.want:
				t.Errorf("got %v and %s, %v; want %s", got.Remote, got.API, err, test.want)
			}
		})
	}
}

func TestDestinationHints(t *testing.T) {
	for remote, want := range map[string][]string{
		"https://ghes.example/o/r":      {"GITHUB_API_URL=https://ghes.example/api/v3", "github: {hosts: [ghes.example]}", "--publish branch"},
		"https://ghes.example:8443/o/r": {"GITHUB_API_URL=https://ghes.example:8443/api/v3", "github: {hosts: [ghes.example]}"},
		"https://octo.ghe.com/o/r":      {"GITHUB_API_URL=https://api.octo.ghe.com,"},
		"git@gh-work:org/repo.git":      {"git remote set-url --push origin https://github.com/org/repo.git"},
		"ssh://git@gh-work/org/repo":    {"git remote set-url --push origin https://github.com/org/repo.git"},
		"https://g\u0456thub.com/o/r":   {"give origin the URL"},
		"http://github.com:8080/o/r":    {"https://"},
		"https://x:secret@h.example/oo": {"h.example"},
	} {
		_, err := github.Hosts{}.Destination(remote)
		var host *github.HostError
		if !errors.As(err, &host) {
			t.Errorf("%s: %v", remote, err)
			continue
		}
		for _, text := range want {
			if !strings.Contains(host.Hint(), text) || strings.Contains(err.Error()+host.Hint(), "secret") {
				t.Errorf("%s: the hint %q of %q does not say %q", remote, host.Hint(), err, text)
			}
		}
	}
}

// Where the environment names another GitHub, it is not advised to name github.com as if it
// were a server of an enterprise.
func TestDestinationHintBesideTheEnvironment(t *testing.T) {
	_, err := github.Hosts{APIURL: "https://ghe.example/api/v3"}.Destination("git@github.com:o/r.git")
	var host *github.HostError
	if !errors.As(err, &host) || strings.Contains(host.Hint(), "api/v3") || host.Hint() != "unset GITHUB_API_URL, or name this one in the configuration as github: {hosts: [github.com]}" {
		t.Errorf("%v: %v", err, host)
	}
}

func TestServer(t *testing.T) {
	for _, test := range []struct {
		hosts github.Hosts
		want  string
	}{
		{github.Hosts{}, "https://github.com"},
		{github.Hosts{ServerURL: "https://ghes.example/"}, "https://ghes.example"},
		{github.Hosts{APIURL: "https://ghes.example/api/v3"}, "https://ghes.example"},
		{github.Hosts{APIURL: "https://api.github.com/"}, "https://github.com"},
		{github.Hosts{APIURL: "https://api.octo.ghe.com"}, "https://octo.ghe.com"},
	} {
		if got := test.hosts.Server(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.hosts, got, test.want)
		}
	}
}
