package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

func scopesKey(scopes []string) string { return strings.Join(scopes, " ") }

// authorization returns what a request for some scopes says about who asks; "" for nothing.
func (p place) authorization(ctx context.Context, known access, scopes []string, hasty bool) (string, error) {
	if known.challenge == nil {
		return "", nil
	}
	own := p.client.keys.of(ctx, p.name, p.repository)
	switch {
	case own.RegistryToken != "":
		return "Bearer " + own.RegistryToken, nil
	case known.challenge.scheme == "basic":
		return own.basic(), nil
	}
	token, err := p.tokens.ask(ctx, scopesKey(scopes), hasty, func() (string, error) {
		return p.token(ctx, known, own, scopes, hasty)
	})
	if err != nil || token == "" {
		return "", err
	}
	return "Bearer " + token, nil
}

// token asks the token server that a challenge names. It gets the credentials only if the
// endpoint may have them sent there, and is asked without them else.
func (p place) token(ctx context.Context, known access, own credentials, scopes []string, hasty bool) (string, error) {
	from := &url.URL{Scheme: known.scheme, Host: p.host}
	realm, err := p.realm(from, known.challenge)
	if err != nil {
		return "", err
	}
	if !p.trusts(known.scheme, realm) {
		if own != (credentials{}) {
			p.withheld.Store(&realm.Host)
		}
		own = credentials{}
	}
	return p.fetchToken(ctx, realm, known.challenge, own, scopes, hasty)
}

// anonymousToken asks for a token of a server that the endpoint has redirected to.
func (p place) anonymousToken(ctx context.Context, at *url.URL, c *challenge, hasty bool) (string, error) {
	if c.scheme != "bearer" {
		return "", nil
	}
	realm, err := p.realm(at, c)
	if err != nil {
		return "", err
	}
	var scopes []string
	if scope := c.parameters["scope"]; scope != "" {
		scopes = append(scopes, scope)
	}
	return p.fetchToken(ctx, realm, c, credentials{}, scopes, hasty)
}

// realm returns the address of a token server.
func (p place) realm(from *url.URL, c *challenge) (*url.URL, error) {
	realm, err := url.Parse(c.parameters["realm"])
	if err != nil || realm.Host == "" {
		return nil, errors.New("the address of its token server is no URL")
	}
	realm.User, realm.Fragment = nil, ""
	if err := p.permits(from, realm); err != nil {
		return nil, fmt.Errorf("its token server is at %s: %w", realm.Host, err)
	}
	return realm, nil
}

// fetchToken asks a token server, with an identity token where there is one.
func (p place) fetchToken(ctx context.Context, realm *url.URL, c *challenge, own credentials, scopes []string, hasty bool) (string, error) {
	r := request{url: realm, limit: maxTokenSize, hasty: hasty}
	var found *response
	var err error
	if own.IdentityToken != "" {
		r.method = http.MethodPost
		r.form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {own.IdentityToken}, "service": {c.parameters["service"]}, "scope": {scopesKey(scopes)}, "client_id": {"propagate"}}
		found, err = p.repeat(ctx, r)
	}
	if own.IdentityToken == "" || err == nil && (found.status == http.StatusNotFound || found.status == http.StatusMethodNotAllowed) && own.basic() != "" {
		query := realm.Query()
		if service := c.parameters["service"]; service != "" {
			query.Set("service", service)
		}
		for _, scope := range scopes {
			query.Add("scope", scope)
		}
		withQuery := *realm
		withQuery.RawQuery = query.Encode()
		r = request{method: http.MethodGet, url: &withQuery, limit: maxTokenSize, hasty: hasty, authorization: own.basic()}
		found, err = p.repeat(ctx, r)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("its token server %s: %w", realm.Host, err)
	case found.status == http.StatusUnauthorized || found.status == http.StatusForbidden:
		return "", newStatusError(found)
	case found.status != http.StatusOK:
		return "", fmt.Errorf("its token server %s: %w", realm.Host, newStatusError(found))
	}
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(found.body, &answer) != nil || answer.Token == "" && answer.AccessToken == "" {
		return "", fmt.Errorf("its token server %s gives no token", realm.Host)
	}
	if answer.Token == "" {
		answer.Token = answer.AccessToken
	}
	p.client.keys.remember(answer.Token)
	return answer.Token, nil
}

// basic returns a user and a password as a header has them; "" if there are none.
func (c credentials) basic() string {
	if c.Username == "" || c.Password == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password))
}
