package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/redact"
)

// Options say which repository of which server is meant, and how patient to be.
type Options struct {
	// BaseURL is the root of the API, used as it is: "https://api.github.com/",
	// "https://github.example/api/v3/". A last slash may be left out.
	BaseURL string
	// Token is sent to the host of BaseURL alone; empty for none.
	Token string
	// App makes itself tokens, which are used in place of Token; nil for none.
	App *App
	// Git is the URL that git pushes to, which gets the tokens of App as well, as the password
	// of [TokenUser]; nil where git brings its own credentials, as it does without App.
	Git *url.URL
	// Learn is told of every secret that App makes, before it is sent; nil for nobody.
	Learn func(secret string)
	// Hourly is told once, by the first answer, how many requests the token has in an
	// hour, 0 where the server does not say; nil for nobody.
	Hourly      func(limit int)
	Owner, Repo string
	// Transport is the way to the network; nil means http.DefaultTransport.
	Transport http.RoundTripper
	UserAgent string
	// MaxWait bounds how long requests wait for limits, all of the client and of
	// its git together. One that would have to wait for longer ends with a
	// *forge.RateLimitError. Zero means never to wait.
	MaxWait time.Duration
	// Limits bound what is written, to the API and with git together.
	Limits Limits
	// Waiting is told when a request begins to wait for a limit, until when, and
	// why; nil for nobody. It has to return at once.
	Waiting func(until time.Time, why string)
	// Timeout bounds the wait for one answer; zero means a minute.
	Timeout time.Duration
	// Log is told about waits and second tries; nil means silence.
	Log func(format string, args ...any)
	// Now and Sleep are the clock; nil means the real one. Sleep returns early,
	// with the context's error, when the context ends.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Client reads and changes one repository. It may be used by several
// goroutines at a time; changes still go out one after another.
type Client struct {
	gh          *github.Client
	owner, repo string
	host        string // of the API, for errors
	anonymous   bool   // there is no token
	app         bool   // the token is that of an app's installation, as GITHUB_TOKEN of Actions is
	renews      bool   // the token is made by an App whose key is here
	redact      *redact.Redactor
	with        credential
	traffic     *traffic
	git         http.RoundTripper
}

// GitHub allows these characters in the names of owners and repositories, so
// that a valid name never needs escaping in a path.
var validName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]+$`) })

var validID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`) })

// New returns a client for the repository that o names. It sends nothing. It
// fails when a name or the URL is not valid, and when a token would travel
// over plain http to a host other than this one.
func New(o Options) (*Client, error) {
	if !validName().MatchString(o.Owner) || !validName().MatchString(o.Repo) || strings.Trim(o.Owner, ".") == "" || strings.Trim(o.Repo, ".") == "" {
		return nil, &apiError{
			text: fmt.Sprintf("%q is no name of a GitHub repository", o.Owner+"/"+o.Repo),
			hint: "set GITHUB_REPOSITORY to owner/name",
		}
	}
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Token != "" || o.App != nil {
		if err := checkPlain(base, "GITHUB_API_URL"); err != nil {
			return nil, err
		}
	}
	c := &Client{
		owner: o.Owner, repo: o.Repo, host: base.Host, redact: redact.New(o.Token),
		anonymous: o.Token == "" && o.App == nil, app: o.App != nil || strings.HasPrefix(o.Token, "ghs_"), renews: o.App != nil,
	}
	var api http.RoundTripper
	c.traffic, api, c.git, c.with = o.newLanes(base, c.redact)
	c.gh = github.NewClient(&http.Client{Transport: api, CheckRedirect: sameHost})
	c.gh.BaseURL = base
	if o.UserAgent != "" {
		c.gh.UserAgent = o.UserAgent
	}
	return c, nil
}

// Git is the way to the network for git over http to the same GitHub. What goes there and
// what the client sends have one writer and one budget. It adds the tokens of an App alone.
func (c *Client) Git() http.RoundTripper { return c.git }

// Token returns the token that a request would be sent with now, for another program. That of an App
// is made if there is none.
func (c *Client) Token(ctx context.Context) (string, error) {
	token, err := c.with.token(ctx)
	if err != nil {
		return "", c.fail(ctx, "reading", "", err)
	}
	return token, nil
}

// Redactor knows the secrets of the client, also those that it comes to know.
func (c *Client) Redactor() *redact.Redactor { return c.redact }

// Seed counts writes that were sent at these times, by an earlier run for example, against
// the limits. It is called before the client writes.
func (c *Client) Seed(times []time.Time) { c.traffic.seed(times) }

// Of returns a client for another repository of the same GitHub, "owner/name". What both
// send is of one traffic.
func (c *Client) Of(name string) *Client {
	other := *c
	other.owner, other.repo, _ = strings.Cut(name, "/")
	return &other
}

// parseBase checks the root of an API and ends its path with a slash. It keeps
// the raw text out of errors: people put credentials into URLs.
func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &apiError{
			text: "the address of the GitHub API is no plain http or https URL",
			hint: "set GITHUB_API_URL to something like https://github.example/api/v3",
		}
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// checkBranch refuses names that git refuses as well and that would change the
// meaning of a path or of a head=owner:branch filter.
func (c *Client) checkBranch(doing, name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.ContainsAny(part, ":\\ ~^?*[\x7f") || strings.Contains(part, "..") {
			return c.refuse(doing, name, "it is no name of a branch")
		}
	}
	return nil
}
