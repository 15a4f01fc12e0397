package forgetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An App is a GitHub App, and its installation on the repository.
type App struct {
	ID           int64
	ClientID     string
	Key          *rsa.PublicKey
	Installation int64
	Permissions  map[string]string // that the installation has: "contents": "write"
	Elsewhere    bool              // it is installed, but not on the repository
	Suspended    bool
}

// tokenLasts is how long a token of an installation is good.
const tokenLasts = time.Hour

// An appToken is one that an App was given.
type appToken struct {
	permissions map[string]string
	until       time.Time
	revoked     bool
}

// appTime is the time by which tokens of Apps are judged.
func (s *Strict) appTime() time.Time {
	if s.clock != nil {
		return s.clock().UTC().Truncate(time.Second)
	}
	return time.Now().UTC().Truncate(time.Second)
}

// RevokeTokens makes all tokens that the App was given useless.
func (s *Strict) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		t.revoked = true
	}
}

// AppTokens returns the tokens that the App was given, the oldest first.
func (s *Strict) AppTokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]string, len(s.tokens))
	for token := range s.tokens {
		n, _ := strconv.Atoi(token[strings.LastIndex(token, "z")+1:])
		all[n-1] = token
	}
	return all
}

// MayPush reports whether a password is a token that may write contents, for the git
// server of the same repository.
func (s *Strict) MayPush(password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return password == s.config.Token || s.appToken(password) != nil && s.tokens[password].permissions["contents"] == "write"
}

// appToken returns a token that is good now, nil for none.
func (s *Strict) appToken(token string) *appToken {
	if t := s.tokens[token]; t != nil && !t.revoked && s.appTime().Before(t.until) {
		return t
	}
	return nil
}

// asApp answers a request that an App sends in its own name, dated by the clock that it is judged by.
func (s *Strict) asApp(rt route, c *call) answer {
	a, ok := s.signed(c.Header.Get("Authorization"))
	if ok {
		a = rt.serve(s, c)
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set("Date", s.appTime().Format(http.TimeFormat))
	return a
}

// signed checks the JSON Web Token of an App as GitHub does.
func (s *Strict) signed(authorization string) (refusal answer, ok bool) {
	unreadable := failure(http.StatusUnauthorized, "A JSON web token could not be decoded", "")
	parts := strings.Split(strings.TrimPrefix(authorization, "Bearer "), ".")
	if len(parts) != 3 || !strings.HasPrefix(authorization, "Bearer ") {
		return unreadable, false
	}
	var head struct{ Alg string }
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &head) != nil || decodePart(parts[1], &claims) != nil || head.Alg != "RS256" {
		return unreadable, false
	}
	a := s.config.App
	if a == nil || claims.Iss != strconv.FormatInt(a.ID, 10) && claims.Iss != a.ClientID {
		return failure(http.StatusNotFound, "Integration not found", ""), false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(a.Key, crypto.SHA256, sum[:], signature) != nil {
		return unreadable, false
	}
	now := s.appTime()
	why := ""
	switch {
	case claims.Iat > now.Unix():
		why = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
	case claims.Exp <= now.Unix():
		why = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
	case claims.Exp > now.Add(10*time.Minute).Unix():
		why = "'Expiration time' claim ('exp') is too far in the future"
	}
	return failure(http.StatusUnauthorized, why, ""), why == ""
}

func decodePart(part string, into any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

const appSlug = "base-bumper"

func (s *Strict) getApp(*call) answer {
	a := s.config.App
	return answer{status: http.StatusOK, body: object{
		"id": a.ID, "client_id": a.ClientID, "slug": appSlug, "node_id": "A_1", "name": "Base bumper", "description": nil, "owner": s.owner(),
		"external_url": s.server.URL, "html_url": s.server.URL + "/apps/" + appSlug, "created_at": stamp(s.now()), "updated_at": stamp(s.now()),
		"permissions": a.Permissions, "events": []string{}, "installations_count": 1,
	}}
}

func (s *Strict) repositoryInstallation(c *call) answer {
	if s.config.App.Elsewhere || !s.isHere(c) {
		return notFound()
	}
	return s.installation()
}

func (s *Strict) getInstallation(c *call) answer {
	if c.params["installation_id"] != strconv.FormatInt(s.config.App.Installation, 10) {
		return notFound()
	}
	return s.installation()
}

func (s *Strict) installation() answer {
	a := s.config.App
	root := s.server.URL + s.prefix
	body := object{
		"id": a.Installation, "app_id": a.ID, "client_id": a.ClientID, "app_slug": appSlug, "target_id": 1, "target_type": "Organization",
		"account": s.owner(), "repository_selection": "selected", "single_file_name": nil, "permissions": a.Permissions, "events": []string{},
		"access_tokens_url": fmt.Sprintf("%s/app/installations/%d/access_tokens", root, a.Installation), "repositories_url": root + "/installation/repositories",
		"html_url":   fmt.Sprintf("%s/organizations/%s/settings/installations/%d", s.server.URL, s.config.Owner, a.Installation),
		"created_at": stamp(s.now()), "updated_at": stamp(s.now()), "suspended_at": nil, "suspended_by": nil,
	}
	if a.Suspended {
		body["suspended_at"], body["suspended_by"] = stamp(s.now()), s.owner()
	}
	return answer{status: http.StatusOK, body: body}
}

// createToken makes a token as GitHub does: for repositories of the installation, and with
// permissions that it has.
func (s *Strict) createToken(c *call) answer {
	a := s.config.App
	var asked struct {
		Repositories []string
		IDs          []int64 `json:"repository_ids"`
		Permissions  map[string]string
	}
	if err := json.Unmarshal(c.body, &asked); err != nil {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	here := len(asked.Repositories) == 1 && strings.EqualFold(asked.Repositories[0], s.config.Repo) ||
		len(asked.IDs) == 1 && strconv.FormatInt(asked.IDs[0], 10) == repositoryID
	level := []string{"", "read", "write", "admin"}
	switch {
	case c.params["installation_id"] != strconv.FormatInt(a.Installation, 10):
		return notFound()
	case a.Suspended:
		return failure(http.StatusForbidden, "This installation has been suspended", "")
	case a.Elsewhere || !here:
		return failure(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.", "")
	}
	for name, want := range asked.Permissions {
		if slices.Index(level, want) > slices.Index(level, a.Permissions[name]) {
			return failure(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.", "")
		}
	}
	if s.tokens == nil {
		s.tokens = map[string]*appToken{}
	}
	token := fmt.Sprintf("ghs_%dTestTestTestz%d", a.ID, len(s.tokens)+1)
	until := s.appTime().Add(tokenLasts)
	s.tokens[token] = &appToken{permissions: asked.Permissions, until: until}
	return answer{status: http.StatusCreated, body: object{
		"token": token, "expires_at": stamp(until), "permissions": asked.Permissions, "repository_selection": "selected",
	}}
}
