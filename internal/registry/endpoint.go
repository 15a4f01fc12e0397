package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
)

// hub is Docker Hub as references name it, and hubServer the server that is asked for it.
const (
	hub       = "docker.io"
	hubServer = name.DefaultRegistry
)

// named returns a registry as references name it.
func named(registry string) string {
	if registry == hubServer {
		return hub
	}
	return registry
}

// An endpoint is a registry that is asked: it is pinged once, and its tokens are kept.
type endpoint struct {
	client *Client
	host   string        // with its port
	name   string        // of the registry as references name it
	slots  chan struct{} // one for each request that is under way
	pings  memo[access]
	tokens memo[string] // by the scope

	withheld atomic.Pointer[string] // the token server that did not get the credentials
}

// An access is how an endpoint may be asked.
type access struct {
	scheme    string
	challenge *challenge // nil for none
}

// A place is where a repository is asked for.
type place struct {
	*endpoint
	repository string // at the endpoint
	registry   string // that the reference names
	mirror     string // that is asked in place of it; "" for none
}

// at returns where a repository is asked for, which is that of a mirror if there is one.
func (c *Client) at(repository name.Repository) place {
	p := place{registry: named(repository.RegistryStr()), repository: repository.RepositoryStr()}
	asked := p.registry
	if p.mirror = strings.Trim(c.options.Hosts[asked].Mirror, "/"); p.mirror != "" {
		host, prefix, _ := strings.Cut(p.mirror, "/")
		asked = named(host)
		if prefix != "" {
			p.repository = prefix + "/" + p.repository
		}
	}
	c.endpointsMu.Lock()
	defer c.endpointsMu.Unlock()
	p.endpoint = c.endpoints[asked]
	if p.endpoint == nil {
		p.endpoint = &endpoint{client: c, name: asked, host: asked, slots: make(chan struct{}, c.options.Parallel)}
		if asked == hub {
			p.host = hubServer
		}
		c.endpoints[asked] = p.endpoint
	}
	return p
}

// String is the repository as it is asked for.
func (p place) String() string { return p.name + "/" + p.repository }

// ping finds out how the endpoint may be asked.
func (e *endpoint) ping(ctx context.Context, hasty bool) (access, error) {
	return e.pings.ask(ctx, "", hasty, func() (access, error) {
		switch {
		case e.client.options.Hosts[e.name].Insecure:
			return e.pingBy(ctx, hasty, "http")
		case !isLoopback(e.host):
			return e.pingBy(ctx, hasty, "https")
		}
		found, err := e.pingBy(ctx, hasty, "http")
		var answer *statusError
		if isCut(err) || errors.As(err, &answer) && answer.status == http.StatusBadRequest {
			if secure, err := e.pingBy(ctx, hasty, "https"); err == nil { // it wants TLS
				return secure, nil
			}
		}
		return found, err
	})
}

func (e *endpoint) pingBy(ctx context.Context, hasty bool, scheme string) (access, error) {
	r := request{method: http.MethodGet, url: &url.URL{Scheme: scheme, Host: e.host, Path: "/v2/"}, hasty: hasty, limit: maxErrorSize}
	found, err := e.repeat(ctx, r)
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &header) && strings.HasPrefix(string(header.RecordHeader[:]), "HTTP"):
		return access{}, hinted(errors.New("it speaks plain HTTP, which is not asked for"), fmt.Sprintf("registries: %s: {insecure: true} in the configuration allows plain HTTP", e.name))
	case err != nil:
		return access{}, err
	case found.status == http.StatusOK:
		return access{scheme: scheme}, nil
	case found.status == http.StatusUnauthorized && sameOrigin(found.url, r.url):
		return access{scheme: scheme, challenge: challengeOf(found.header)}, nil
	case found.status == http.StatusUnauthorized:
		return access{scheme: scheme}, nil
	}
	return access{}, newStatusError(found)
}

// ask sends a request with what the endpoint wants to know about who asks, for a repository. When
// a token is out of date, or lacks a scope, a new one is asked for once.
func (p place) ask(ctx context.Context, r request) (*response, error) {
	known, err := p.ping(ctx, r.hasty)
	if err != nil {
		return nil, err
	}
	r.url.Scheme, r.url.Host = known.scheme, p.host
	scopes := []string{"repository:" + p.repository + ":pull"}
	if r.authorization, err = p.authorization(ctx, known, scopes, r.hasty); err != nil {
		return nil, err
	}
	found, err := p.repeat(ctx, r)
	if err != nil || found.status != http.StatusUnauthorized {
		return found, err
	}
	wanted := challengeOf(found.header)
	if wanted == nil {
		return found, nil
	}
	if !sameOrigin(found.url, r.url) { // of where it redirects to, which gets no credentials
		token, err := p.anonymousToken(ctx, found.url, wanted, r.hasty)
		if err != nil || token == "" {
			return found, nil //nolint:nilerr // it stays refused
		}
		r.url, r.authorization = found.url, "Bearer "+token
		return p.repeat(ctx, r)
	}
	if scope := wanted.parameters["scope"]; scope != "" && scope != scopes[0] {
		scopes = append(scopes, scope)
	}
	stale := r.authorization
	p.tokens.replace(scopesKey(scopes), func(token string) bool { return "Bearer "+token == stale })
	r.authorization, err = p.authorization(ctx, access{known.scheme, wanted}, scopes, r.hasty)
	if err != nil {
		return nil, err
	}
	if r.authorization == stale {
		return found, nil
	}
	return p.repeat(ctx, r)
}

// path returns the URL of something of the repository; scheme and host are those of the endpoint.
func (p place) path(elements ...string) *url.URL {
	return &url.URL{Path: "/v2/" + p.repository + "/" + strings.Join(elements, "/")}
}
