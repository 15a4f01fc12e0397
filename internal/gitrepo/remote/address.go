package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/matihlabs/propagate/internal/redact"
)

// Protocols are the ways in which git may reach an [Address], as GIT_ALLOW_PROTOCOL has them.
// The others of git start a program of the user's choice.
const Protocols = "https:http:ssh:git:file"

// An Address is a repository that somebody names by a URL.
type Address struct {
	// URL is what git gets. It has no password, and over http and https no user either.
	URL string
	// Login is what stands in the URL as user and password; nil if nothing does.
	Login *Login
}

// String returns the URL as people see it.
func (a Address) String() string { return redact.URL(a.URL) }

// IsAddress reports whether text is written as a URL, or in the short form of an ssh URL
// (host:path), and not as the path of a directory. A drive of Windows (C:\work) is one.
func IsAddress(text string) bool {
	if strings.Contains(text, "://") {
		return true
	}
	before, _, ok := strings.Cut(text, ":")
	return ok && len(before) > 1 && !strings.ContainsAny(before, `/\`)
}

// ParseAddress reads a URL: https, http, ssh, git, file, or the short form of ssh. It refuses
// what would make git, or ssh, start another program. No error shows a password.
func ParseAddress(raw string) (Address, error) {
	fail := func(why, hint string) (Address, error) {
		return Address{}, withHint(fmt.Errorf("%s: %s", shown(raw), why), "%s", hint)
	}
	const forms = "a repository is named by https://host/path, ssh://user@host/path, user@host:path or file:///path"
	switch {
	case strings.ContainsFunc(raw, unicode.IsControl):
		return fail("a control character is no part of a URL", forms)
	case strings.HasPrefix(raw, "-"):
		return fail("a URL does not begin with a dash", forms)
	case !strings.Contains(raw, "://"):
		return parseShort(raw, forms)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return fail("it is no URL of a repository", forms)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	decoded := u.Host + u.Path
	if u.User != nil {
		password, _ := u.User.Password()
		decoded += u.User.Username() + password
	}
	isHTTP := u.Scheme == "https" || u.Scheme == "http"
	isSSH := u.Scheme == "ssh" || u.Scheme == "git+ssh" || u.Scheme == "ssh+git"
	switch {
	case !isHTTP && !isSSH && u.Scheme != "git" && u.Scheme != "file":
		return fail("git does not fetch over "+u.Scheme+" here", forms)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fail("the URL of a repository ends with its path", "leave out what stands behind ? or #")
	case strings.ContainsFunc(decoded, unicode.IsControl):
		return fail("a control character is no part of a URL", forms)
	case u.Scheme == "file" && (u.Host != "" || u.User != nil):
		return fail("a file is on this machine, and its URL has no host", "write file:// with three slashes: file:///path")
	case u.Scheme != "file" && !hostName().MatchString(u.Host):
		return fail("it names no host", forms)
	case strings.Trim(u.Path, "/") == "":
		return fail("it names no repository", forms)
	case strings.HasPrefix(u.User.Username(), "-"):
		return fail("a user does not begin with a dash", forms)
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	a := Address{}
	if isHTTP && u.User != nil {
		a.Login = &Login{Site: u.Scheme + "://" + u.Host, Username: u.User.Username()}
		a.Login.Password, _ = u.User.Password()
		if u.Scheme == "http" && a.Login.isSecret() && !isLoopback(u.Hostname()) {
			return fail("the password is not sent over plain http, where others can read it", "use the https URL of the repository")
		}
	}
	if u.User = withoutPassword(u.User); isHTTP {
		u.User = nil
	}
	a.URL = u.String()
	return a, nil
}

// hostName is a host, with or without a port. It has nothing that git takes for a pattern, and
// begins with nothing that ssh takes for an option.
var hostName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[\pL\pN_](?:[\pL\pN._-]*[\pL\pN_])?\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?$`)
})

// withoutPassword keeps the user, with whom ssh logs in.
func withoutPassword(user *url.Userinfo) *url.Userinfo {
	if user.Username() == "" {
		return nil
	}
	return url.User(user.Username())
}

// shortForm is [user@]host:path.
var shortForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:([^@/:-][^@/:]*)@)?([^@:/\[\]]+|\[[0-9A-Fa-f:.]+\]):([^:-].*)$`)
})

func parseShort(raw, forms string) (Address, error) {
	m := shortForm().FindStringSubmatch(raw)
	if m == nil || !hostName().MatchString(m[2]) || strings.Trim(m[3], "/") == "" {
		return Address{}, withHint(fmt.Errorf("%s: it is no URL of a repository", shown(raw)), "%s", forms)
	}
	return Address{URL: strings.TrimRight(raw, "/")}, nil
}

// shown is how a text that may be no URL is shown: without what may be a password in it, and
// on one line.
func shown(raw string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return '?'
		}
		return c
	}, redact.URL(raw))
}

// Slug is a name for the repository that can be one of a directory: readable, and another one
// for each URL.
func (a Address) Slug() string {
	text := strings.TrimSuffix(a.String(), ".git")
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	text = strings.ReplaceAll(text, ":", "/")
	host, rest, _ := strings.Cut(text, "/")
	text = path.Join(host, path.Base(path.Dir("/"+rest)), path.Base(rest))
	text = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' {
			return c
		}
		return '-'
	}, text)
	const longest = 60
	if len(text) > longest {
		text = text[len(text)-longest:]
	}
	sum := sha256.Sum256([]byte(a.URL))
	return strings.TrimLeft(text+"-"+hex.EncodeToString(sum[:8]), ".-")
}
