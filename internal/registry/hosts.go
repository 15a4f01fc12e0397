package registry

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// permits says why the endpoint may not send anybody from one URL to another; nil if it may.
func (e *endpoint) permits(from, to *url.URL) error {
	switch {
	case to.Scheme != "https" && to.Scheme != "http":
		return errors.New("only https is followed")
	case sameHostname(from, to) && (to.Scheme == "https" || from.Scheme == "http"):
		return nil
	case isLinkLocal(to.Hostname()):
		return errors.New("it is a link-local address, which is not asked")
	}
	_, known := e.client.options.Hosts[named(to.Host)]
	if isLocal(to.Hostname()) && !isLocal(e.hostname()) && !known {
		return hinted(errors.New("it is a private address, which no public registry may send anybody to"), "if it is meant to, name the address below registries: in the configuration")
	}
	if to.Scheme == "http" && (from.Scheme != "http" || !isLoopback(to.Host) && !e.client.options.Hosts[named(to.Host)].Insecure) {
		return errors.New("it speaks plain HTTP, which is not asked for")
	}
	return nil
}

// trusts reports whether the endpoint's token server may have its credentials: it is the same
// machine, or one of the same domain that is reached over https.
func (e *endpoint) trusts(scheme string, realm *url.URL) bool {
	own := &url.URL{Scheme: scheme, Host: e.host}
	if sameHostname(own, realm) {
		return realm.Scheme == "https" || scheme == "http"
	}
	return realm.Scheme == "https" && sameDomain(own.Hostname(), realm.Hostname())
}

func (e *endpoint) hostname() string { return (&url.URL{Host: e.host}).Hostname() }

// sameDomain reports whether one owner has registered the domain of two hosts.
func sameDomain(a, b string) bool {
	of := func(host string) string {
		if isNumeric(host) {
			return ""
		}
		domain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(host, ".")))
		if err != nil {
			return ""
		}
		return domain
	}
	return of(a) != "" && of(a) == of(b)
}

func sameHostname(a, b *url.URL) bool { return strings.EqualFold(a.Hostname(), b.Hostname()) }

// sameOrigin reports whether two URLs are of one server.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && sameHostname(a, b) && port(a) == port(b)
}

func port(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// isLoopback reports whether a host, which may have a port, is this machine.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isLinkLocal reports whether a host is an address that only one network segment knows.
func isLinkLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	address = address.Unmap().WithZone("")
	return err == nil && (address.IsLinkLocalUnicast() || address.IsLinkLocalMulticast())
}

// isLocal reports whether a host is none of the public network, as far as its text tells.
func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap().WithZone("")
		return address.IsLoopback() || address.IsPrivate() || address.IsUnspecified() || address.IsLinkLocalUnicast() || address.IsLinkLocalMulticast()
	}
	if isNumeric(host) || !strings.Contains(host, ".") {
		return true
	}
	for _, ending := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, ending) {
			return true
		}
	}
	return false
}

// isNumeric reports whether a host is an address, in one of the many forms that systems read:
// 2130706433 and 0x7f.1 are 127.0.0.1.
func isNumeric(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndex(host, ".")+1:]
	return last != "" && (strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"))
}
