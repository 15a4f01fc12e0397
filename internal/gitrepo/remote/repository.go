package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/redact"
)

// heads is what the full name of a branch begins with.
const heads = "refs/heads/"

// A Repository is one on a server that speaks git's smart protocol over
// https, or over http.
type Repository struct {
	// URL of the repository. Credentials in it are used if Username and
	// Password are empty; they are never shown.
	URL string
	// Username and Password go to the host of URL only: a redirect to another
	// one is refused. For a token most hosts take any username.
	Username, Password string
	// Client sends the requests; nil is one without a time limit. Its Jar is
	// not used. It may add credentials of its own.
	Client *http.Client
	// Redactor knows the secrets of Client; nil where it has none.
	Redactor *redact.Redactor
}

// A Limit is an error of the Client's transport by which the host wants to be left alone for
// some time. It is passed on as it is: the transport keeps secrets out of it.
type Limit interface {
	error
	Again() time.Time // when to go on; zero where that is not known
}

// Branches returns the branches of the remote, by name without "refs/heads/",
// with the full ids of their commits. It asks as a push does: the credentials
// must be allowed to write.
func (r Repository) Branches(ctx context.Context) (map[string]string, error) {
	s, err := r.connect()
	if err != nil {
		return nil, err
	}
	adv, err := s.advertised(ctx)
	if err != nil {
		return nil, err
	}
	branches := map[string]string{}
	for name, id := range adv.References {
		if short, ok := strings.CutPrefix(name, heads); ok {
			branches[short] = id.String()
		}
	}
	return branches, nil
}

// A session is a conversation with one remote.
type session struct {
	transport.ReceivePackSession
	url  string // as it may be shown
	host string
	wire *wire
}

// connect checks the URL and prepares a session; nothing is sent yet.
func (r Repository) connect() (*session, error) {
	shown := redact.URL(r.URL)
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, withHint(fmt.Errorf("remote %s: only https and http URLs can be pushed to", shown),
			"give the remote a second URL for pushes: `git remote set-url --push <remote> https://<host>/<path>`")
	}
	if r.Username == "" && r.Password == "" && u.User != nil {
		r.Username = u.User.Username()
		r.Password, _ = u.User.Password()
	}
	if u.Scheme == "http" && (r.Username != "" || r.Password != "") && !isLoopback(u.Hostname()) {
		return nil, withHint(fmt.Errorf("remote %s: the password is not sent over plain http, where others can read it", shown),
			"use the https URL of the remote")
	}
	endpoint, err := transport.NewEndpoint(strings.TrimRight(shown, "/"))
	if err != nil {
		return nil, fmt.Errorf("remote %s: is no URL of a repository", shown)
	}
	var auth transport.AuthMethod
	if r.Username != "" || r.Password != "" {
		auth = &githttp.BasicAuth{Username: r.Username, Password: r.Password}
	}
	s := &session{url: shown, host: u.Host, wire: newWire(r, u)}
	s.ReceivePackSession, err = githttp.NewClient(s.wire.client()).NewReceivePackSession(endpoint, auth)
	if err != nil {
		return nil, fmt.Errorf("remote %s: %w", shown, err)
	}
	return s, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// advertised asks for the references and abilities of the remote.
func (s *session) advertised(ctx context.Context) (*packp.AdvRefs, error) {
	adv, err := s.AdvertisedReferencesContext(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return packp.NewAdvRefs(), nil
	}
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return adv, nil
}

// explain says what went wrong in a request. go-git's own errors are not
// passed on where the wire knows better: they hide their causes and quote
// whole answers.
func (s *session) explain(ctx context.Context, err error) error {
	fail := func(err error, hint string) error {
		return withHint(fmt.Errorf("remote %s: %w", s.url, err), "%s", hint)
	}
	var unexpected *plumbing.UnexpectedError
	if errors.As(err, &unexpected) {
		err = unexpected.Err
	}
	said := s.wire.said()
	status := s.wire.status
	var limit Limit
	var advised interface {
		error
		Hint() string
	}
	switch {
	case ctx.Err() != nil:
		return fail(ctx.Err(), "")
	case errors.As(s.wire.failed, &limit):
		return fail(limit, "run the same command again then: what is done already is found and kept")
	case errors.As(s.wire.failed, &advised): // the credentials of the transport are wanting
		return fail(advised, advised.Hint())
	case s.wire.redirect != nil:
		return fail(s.wire.redirect, "if the repository has moved there, set the URL of the remote to it")
	case s.wire.failed != nil:
		reason := s.wire.scrub(oserror.Text(s.wire.failed))
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			reason = "no answer in time"
		}
		return fail(fmt.Errorf("%s %w: %s", s.host, ErrUnreachable, reason),
			"check the URL of the remote, and the network and its proxy")
	case status == http.StatusUnauthorized:
		return fail(fmt.Errorf("%w%s", ErrAuthentication, said),
			"check the token: it may be missing, misspelt, expired or for another host")
	case status == http.StatusForbidden:
		return fail(fmt.Errorf("%w%s", ErrAuthorization, said),
			"the token needs to be allowed to write the contents of this repository")
	case status == http.StatusNotFound:
		return fail(fmt.Errorf("%w%s", ErrNotFound, said),
			"check the URL; a repository that the token may not see looks the same")
	case status >= 500:
		return fail(fmt.Errorf("%s %w: it answered %d %s%s", s.host, ErrUnreachable, status, http.StatusText(status), said),
			"this passes: try again later")
	case status >= 300:
		return fail(fmt.Errorf("it answered %d %s%s", status, http.StatusText(status), said), "")
	}
	return fail(fmt.Errorf("its answer cannot be understood: %s", s.wire.scrub(oserror.Text(err))),
		"does the URL name a git repository, and not a page about one or a proxy's login?")
}
