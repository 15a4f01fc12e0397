package remote

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/matihlabs/propagate/internal/redact"
)

// A wire is the http.RoundTripper of one session. It reads every answer to its
// end, which go-git does not, so that the connection can be used again, and
// remembers how the last request went.
type wire struct {
	base    http.RoundTripper
	given   *http.Client
	origin  *url.URL
	secrets *redact.Redactor
	known   *redact.Redactor // secrets of the transport; nil for none

	status   int    // of the last answer
	text     string // the last answer, if it is plain text
	failed   error  // why there was no answer
	redirect error  // why a redirect was not followed
}

// maxAnswer bounds an answer: the references of a very large repository are
// some ten megabytes.
const maxAnswer = 256 << 20

func newWire(r Repository, origin *url.URL) *wire {
	w := &wire{base: http.DefaultTransport, given: r.Client, origin: origin, known: r.Redactor}
	if r.Client == nil {
		w.given = &http.Client{}
	}
	if w.given.Transport != nil {
		w.base = w.given.Transport
	}
	// Some hosts take a token as the username, in which case it is long.
	secrets := []string{r.Password}
	if r.Password == "" || len(r.Username) >= 20 {
		secrets = append(secrets, r.Username)
	}
	if r.Username+r.Password != "" {
		secrets = append(secrets, r.Username+":"+r.Password)
	}
	w.secrets = redact.New(secrets...)
	return w
}

func (w *wire) client() *http.Client {
	return &http.Client{Transport: w, CheckRedirect: w.checkRedirect, Timeout: w.given.Timeout}
}

// checkRedirect adds to go-git's rules, by which only the first request is
// redirected and credentials do not leave their origin, that the pack does not
// leave it either.
func (w *wire) checkRedirect(req *http.Request, via []*http.Request) error {
	to := req.URL
	upgrade := w.origin.Scheme == "http" && to.Scheme == "https" && w.origin.Port() == "" && to.Port() == ""
	same := len(to.Hostname()) == len(w.origin.Hostname()) && strings.EqualFold(to.Hostname(), w.origin.Hostname()) // of ASCII letters alone
	if !same || !upgrade && (to.Scheme != w.origin.Scheme || to.Port() != w.origin.Port()) {
		w.redirect = fmt.Errorf("it redirects to %s, which is not followed", (&url.URL{Scheme: to.Scheme, Host: to.Host}).String())
		return w.redirect
	}
	if w.given.CheckRedirect != nil {
		return w.given.CheckRedirect(req, via)
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.status, w.text, w.failed = 0, "", nil
	resp, err := w.base.RoundTrip(req)
	if err != nil {
		w.failed = err
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("its answer is longer than %d MiB", maxAnswer>>20)
	}
	if err != nil {
		w.failed = err
		return nil, err
	}
	w.status = resp.StatusCode
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		w.text = string(body)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// said returns what the server gave as a reason, ready to be appended.
func (w *wire) said() string {
	if text := w.scrub(w.text); text != "" {
		return ": " + text
	}
	return ""
}

// scrub makes a text from the server fit for an error.
func (w *wire) scrub(text string) string { return w.secrets.Line(w.known.Text(text)) }
