package github

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/redact"
)

// Hosts says which hosts the GitHub consists of that a token belongs to. The zero
// value is github.com.
type Hosts struct {
	ServerURL string   // GITHUB_SERVER_URL; "" if it is not set
	APIURL    string   // GITHUB_API_URL; "" if it is not set
	Named     []string // the hosts of the configuration
}

// A Destination is where a token may be sent.
type Destination struct {
	Remote *url.URL // of the repository, over https or to this machine, without user information
	API    string   // the root of the API of the same GitHub
}

// ErrNoServer says of a remote that it is on no server that can be asked over https.
var ErrNoServer = errors.New("no pull request can be opened at")

const (
	publicHost = "github.com"
	publicAPI  = "https://api.github.com"
	cloudTail  = ".ghe.com" // of GitHub Enterprise Cloud with data residency
)

// Destination decides whether the token may be sent to the host of a remote, which
// is the URL that git would push to, with insteadOf applied. It is the one place that
// decides it.
//
// The hosts are those of ServerURL and APIURL, or github.com and api.github.com if
// neither is set, and the named ones. A host counts if its name is the same, but for
// the case of ASCII letters: not if it only begins or ends so, has a dot at its end, or
// has other letters that look alike or fold to the same. The port does not matter,
// and user information is dropped. An ssh URL is read as the https URL of the same
// host, so that an alias of ~/.ssh/config is no known host. Plain http is read as
// https, unless the host is this machine.
//
// Otherwise the error says why not, with a hint, or is ErrNoServer. Nothing is sent.
func (h Hosts) Destination(remote string) (Destination, error) {
	u, ssh, err := parseRemote(remote)
	if err != nil {
		return Destination{}, err
	}
	if err := h.check(); err != nil {
		return Destination{}, err
	}
	host := lowerASCII(u.Hostname())
	api, known := h.api(host)
	if !known {
		return Destination{}, h.unknown(host, u, ssh)
	}
	clean := &url.URL{Scheme: "https", Host: host, Path: u.Path, RawPath: u.RawPath}
	if strings.Contains(host, ":") {
		clean.Host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && !ssh {
		clean.Host += ":" + port
	}
	if u.Scheme == "http" {
		switch {
		case loopback(host):
			clean.Scheme = "http"
		case u.Port() != "":
			return Destination{}, &HostError{Host: clean.Host, Why: " over plain http", hint: "give origin a URL that begins with https://"}
		}
	}
	return Destination{Remote: clean, API: api}, nil
}

// Server returns the root of the web pages and repositories: https://github.com, or
// what is set instead.
func (h Hosts) Server() string {
	if h.ServerURL != "" {
		return strings.TrimRight(h.ServerURL, "/")
	}
	if u, err := url.Parse(h.APIURL); err == nil && u.Host != "" {
		host := u.Host
		if name, ok := strings.CutPrefix(host, "api."); ok && hasOwnAPIHost(name) {
			host = name
		}
		return (&url.URL{Scheme: u.Scheme, Host: host}).String()
	}
	return "https://" + publicHost
}

// api returns the root of the API that belongs to a host, which is in lower case;
// known is false if the host is none of this GitHub.
func (h Hosts) api(host string) (api string, known bool) {
	if !validHost().MatchString(host) {
		return "", false
	}
	apiURL, _ := url.Parse(h.APIURL)
	server, _ := url.Parse(h.ServerURL)
	apiHost, serverHost := "", ""
	if h.APIURL != "" && apiURL != nil {
		apiHost = lowerASCII(apiURL.Hostname())
	}
	if h.ServerURL != "" && server != nil {
		serverHost = lowerASCII(server.Hostname())
	}
	switch {
	case apiHost != "" && (host == apiHost || host == serverHost || hasOwnAPIHost(host) && "api."+host == apiHost):
		return h.APIURL, true
	case serverHost != "" && host == serverHost:
		return apiOf(server.Scheme, server.Host), true
	case apiHost == "" && serverHost == "" && (host == publicHost || "https://"+host == publicAPI):
		return publicAPI, true
	}
	for _, name := range h.Named {
		if host == lowerASCII(name) {
			return apiOf("https", host), true
		}
	}
	return "", false
}

// apiOf returns where the API of the GitHub at a host is (GitHub docs, "Getting
// started with the REST API", and of Enterprise Cloud with data residency "Network
// details").
func apiOf(scheme, host string) string {
	if host = lowerASCII(host); hasOwnAPIHost(host) {
		return "https://api." + host
	}
	return scheme + "://" + host + "/api/v3"
}

func hasOwnAPIHost(host string) bool {
	return host == publicHost || strings.HasSuffix(host, cloudTail) && !strings.HasPrefix(host, "api.")
}

func (h Hosts) unknown(host string, u *url.URL, ssh bool) error {
	e := &HostError{Host: host, Why: ", which is not known to be a GitHub host"}
	address := host
	if port := u.Port(); port != "" && !ssh {
		address += ":" + port
	}
	enterprise := fmt.Sprintf("if it is GitHub Enterprise, set GITHUB_API_URL=%s, or name it in the configuration as github: {hosts: [%s]}", apiOf("https", address), host)
	if names := h.variables(); len(names) > 0 && hasOwnAPIHost(host) { // it is a GitHub for certain
		e.Why = fmt.Sprintf(", since %s %s another GitHub", strings.Join(names, " and "), map[bool]string{true: "names", false: "name"}[len(names) == 1])
		e.hint = fmt.Sprintf("unset %s, or name this one in the configuration as github: {hosts: [%s]}", strings.Join(names, " and "), host)
		return e
	}
	path := strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	switch {
	case !validHost().MatchString(host):
		e.Host, e.Why = strconv.QuoteToASCII(host), ", which is no plain name of a host"
		e.hint = "give origin the URL of the repository as GitHub shows it"
	case ssh:
		e.hint = fmt.Sprintf("if it is an alias of ~/.ssh/config, `git remote set-url --push origin %s/%s.git` says which host is meant; %s", h.Server(), path, enterprise)
	default:
		e.hint = enterprise + "; --publish branch makes local branches"
	}
	return e
}

// variables returns the environment variables that name a GitHub.
func (h Hosts) variables() []string {
	var names []string
	if h.APIURL != "" {
		names = append(names, "GITHUB_API_URL")
	}
	if h.ServerURL != "" {
		names = append(names, "GITHUB_SERVER_URL")
	}
	return names
}

// A HostError says that a token must not be sent to a host.
type HostError struct {
	Host string
	Why  string // as it follows the name of the host
	hint string
}

// Error names the host and the reason.
func (e *HostError) Error() string { return "the token is not sent to " + e.Host + e.Why }

// Hint returns what to do next.
func (e *HostError) Hint() string { return e.hint }

// validHost is a name or an IPv4 address in lower case; names in other letters are
// written in their ASCII form (xn--…). An IPv6 address is good for this machine alone.
var validHost = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*|::1)$`)
})

// scpLike is the short form of an ssh URL.
var scpLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[^@/]+@)?(\[[0-9A-Fa-f:]+\]|[^:/@\[\]]+):([^:].*)$`)
})

// parseRemote reads the URL of a remote as git does.
func parseRemote(raw string) (u *url.URL, ssh bool, err error) {
	if m := scpLike().FindStringSubmatch(raw); m != nil && !strings.Contains(raw, "://") {
		return &url.URL{Scheme: "ssh", Host: m[1], Path: "/" + strings.TrimLeft(m[2], "/")}, true, nil
	}
	u, err = url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return nil, false, fmt.Errorf("%w %s", ErrNoServer, redact.URL(raw))
	}
	switch u.Scheme {
	case "ssh", "git+ssh", "ssh+git":
		return u, true, nil
	case "http", "https":
		return u, false, nil
	}
	return nil, false, fmt.Errorf("%w %s", ErrNoServer, redact.URL(raw))
}

// check refuses URLs of the environment that no token can be sent to.
func (h Hosts) check() error {
	for _, v := range []struct{ name, value string }{{"GITHUB_API_URL", h.APIURL}, {"GITHUB_SERVER_URL", h.ServerURL}} {
		if v.value == "" {
			continue
		}
		base, err := parseBase(v.value)
		switch {
		case err != nil && v.name == "GITHUB_API_URL":
			return err
		case err != nil:
			return &apiError{text: v.name + " is no plain http or https URL", hint: "set it to something like https://github.example"}
		}
		if err := checkPlain(base, v.name); err != nil {
			return err
		}
	}
	return nil
}

// checkPlain refuses plain http, where others can read a token, but for this machine.
func checkPlain(base *url.URL, name string) error {
	if base.Scheme == "https" || loopback(base.Hostname()) {
		return nil
	}
	return &apiError{
		text: fmt.Sprintf("the token is not sent to %s over plain http", base.Host),
		hint: fmt.Sprintf("set %s to an address that begins with https://", name),
	}
}

// lowerASCII leaves all but ASCII letters as they are: strings.ToLower makes a k of the
// Kelvin sign.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
