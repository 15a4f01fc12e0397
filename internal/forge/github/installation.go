package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An installation is that of an App, with its tokens: it makes one when it is needed, shortly
// before the last one ends, and when that one is not accepted any more.
type installation struct {
	*traffic
	app         App
	owner, repo string
	base        *url.URL
	client      *http.Client
	learn       func(secret string)
	agent       string

	turn    chan struct{} // holds a value while nobody makes a token
	current string        // "" for none
	until   time.Time     // another one is made from here on
	skew    time.Duration // how far this clock is behind that of the server
	found   *found        // nil until it is
}

// A found installation is what GitHub says of it.
type found struct {
	ID          int64             `json:"id"`
	Slug        string            `json:"app_slug"`
	Page        string            `json:"html_url"`
	Permissions map[string]string `json:"permissions"`
	Suspended   *string           `json:"suspended_at"`
	repository  int64             // where the repository has another name now; else 0
}

// The longest that a token lasts, and how long before its end another one is made. A request
// may be on its way for some time.
const (
	tokenLasts  = time.Hour
	tokenMargin = 5 * time.Minute
)

func (i *installation) token(ctx context.Context) (string, error) { return i.renew(ctx, "") }

func (i *installation) renew(ctx context.Context, refused string) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-i.turn:
		defer func() { i.turn <- struct{}{} }()
	}
	now := i.clock.now()
	if i.current != "" && i.current != refused && now.Before(i.until) {
		return i.current, nil
	}
	i.current = ""
	made, left, err := i.create(ctx)
	if err != nil {
		return "", err
	}
	i.current, i.until = made, now.Add(left-min(tokenMargin, left/10))
	return made, nil
}

// create makes a token for the repository alone, with no more permissions than are needed.
func (i *installation) create(ctx context.Context) (token string, left time.Duration, err error) {
	if i.found == nil {
		if i.found, err = i.find(ctx); err != nil {
			return "", 0, err
		}
	}
	permissions, err := i.permissions()
	if err != nil {
		return "", 0, err
	}
	body := map[string]any{"repositories": []string{i.repo}, "permissions": permissions}
	if id := i.found.repository; id != 0 {
		delete(body, "repositories")
		body["repository_ids"] = []int64{id}
	}
	var made struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	r, err := i.call(ctx, http.MethodPost, fmt.Sprintf("app/installations/%d/access_tokens", i.found.ID), body, &made)
	if err != nil {
		f := i.found
		i.found = nil // it may have been installed anew
		return "", 0, i.explain(ctx, err, f)
	}
	if made.Token == "" {
		return "", 0, i.explain(ctx, &answerError{r.status, r.text, "it has no token"}, i.found)
	}
	i.learn(made.Token)
	left = made.Expires.Sub(r.at)
	if left <= 0 || left > tokenLasts { // by a clock that is wrong
		left = tokenLasts
	}
	return made.Token, left, nil
}

// byID is the path that a request for a repository under its former name is redirected to.
var byID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/repositories/([0-9]+)/installation$`) })

// find asks which installation of the App is on the repository.
func (i *installation) find(ctx context.Context) (*found, error) {
	path := "repos/" + i.owner + "/" + i.repo + "/installation"
	if id := i.app.Installation; id != 0 {
		path = fmt.Sprintf("app/installations/%d", id)
	}
	var f found
	r, err := i.call(ctx, http.MethodGet, path, nil, &f)
	if err != nil {
		return nil, i.explain(ctx, err, nil)
	}
	if m := byID().FindStringSubmatch(r.path); m != nil {
		f.repository, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return &f, nil
}

// The permissions that a token is made with: those that are needed, and those that
// are of use where the installation has them. GitHub refuses what it does not have.
var (
	neededPermissions = []string{"contents", "pull_requests"}
	usefulPermissions = map[string]string{"issues": "write", "metadata": "read", "checks": "read", "statuses": "read"}
)

// permissions returns what the token is to allow.
func (i *installation) permissions() (map[string]string, error) {
	granted := i.found.Permissions
	asked := map[string]string{}
	var missing []string
	for _, name := range neededPermissions {
		if asked[name] = "write"; granted[name] != "write" && granted[name] != "admin" {
			missing = append(missing, strings.ReplaceAll(name, "_", " ")+": write")
		}
	}
	if len(missing) > 0 {
		f := i.found
		i.found = nil // somebody may grant it
		return nil, i.lacks(missing, f)
	}
	for name, most := range usefulPermissions {
		if has := granted[name]; has != "" {
			asked[name] = map[bool]string{true: "read", false: most}[has == "read"]
		}
	}
	if has := granted["workflows"]; has != "" && i.app.Workflows {
		asked["workflows"] = has
	} else if i.app.Workflows {
		i.log("the GitHub App %s lacks the permission workflows: write, and GitHub refuses branches that edit workflows without it", cmp.Or(i.found.Slug, i.app.ID))
	}
	return asked, nil
}

// A reply is what an answer says beside its body.
type reply struct {
	status int
	text   string    // of the status
	path   string    // of what answered, after redirects
	at     time.Time // by the clock of the server
}

// An answerError is an answer of GitHub that is no success.
type answerError struct {
	status  int
	text    string // of the status
	message string // GitHub's own, on one line
}

func (e *answerError) Error() string { return e.message }

// is reports whether the answer has this status, and its message one of the words.
func (e *answerError) is(status int, words ...string) bool {
	return e.status == status && (len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.message, w) }))
}

// skewed is how far a clock is wrong that has GitHub refuse what is signed with it.
const skewed = 30 * time.Second

// call sends a request of the App itself, and reads its answer. It is sent again when GitHub is
// unwell, since nothing is made twice that would be in the way, and by the clock of the server
// where this machine's is wrong.
func (i *installation) call(ctx context.Context, method, path string, body, into any) (*reply, error) {
	adjusted := false
	for try := 0; ; {
		resp, err := i.send(ctx, method, path, body)
		wait, why := time.Second<<try, ""
		switch {
		case err != nil && broken(ctx, err):
			why = "the connection to " + i.base.Host + " broke"
		case err == nil && unwell(resp.StatusCode):
			why = i.base.Host + " answers " + resp.Status
			if after, named := i.retryAfter(resp); named {
				wait = min(after, unknownWait)
			}
		}
		if why != "" && try < maxRetries {
			i.log("%s, trying again in %s", why, wait)
			if err := i.clock.sleep(ctx, wait); err != nil {
				return nil, err
			}
			try++
			continue
		}
		if err != nil {
			return nil, err
		}
		r := &reply{resp.StatusCode, i.secrets.Line(resp.Status), resp.Request.URL.Path, i.serverTime(resp)}
		if r.status < 300 {
			err := json.NewDecoder(resp.Body).Decode(into)
			_ = resp.Body.Close() // it has been read to its end
			return r, err
		}
		if v := i.judge(resp.Request, resp, 0); !v.served {
			return nil, &refusedError{resp}
		}
		if off := r.at.Sub(i.clock.now()); r.status == http.StatusUnauthorized && !adjusted && (off-i.skew).Abs() > skewed {
			i.log("the clock of this machine is %s from that of %s: set it right", off.Round(time.Second).Abs(), i.base.Host)
			i.skew, adjusted = off, true
			continue
		}
		message, _ := said(resp.Request, resp)
		return nil, &answerError{r.status, r.text, cut(i.secrets.Line(message))}
	}
}

// send sends a request of the App itself once. Only the host of the API gets what is signed.
func (i *installation) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var data io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		data = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, i.base.String()+path, data)
	if err != nil {
		return nil, err
	}
	signed, err := i.app.sign(i.clock.now().Add(i.skew))
	if err != nil {
		return nil, err
	}
	i.learn(signed)
	req.Header.Set("Authorization", "Bearer "+signed)
	req.Header.Set("Accept", "application/vnd.github+json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if i.agent != "" {
		req.Header.Set("User-Agent", i.agent)
	}
	resp, err := i.client.Do(req)
	var wrapped *url.Error
	if errors.As(err, &wrapped) && !errors.As(err, new(*redirectError)) {
		err = wrapped.Err
	}
	return resp, err
}
