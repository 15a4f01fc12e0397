package github

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

const maxRetries = 3

// read sends a read, and sends it again when a gateway or GitHub itself is unwell or the
// connection breaks. Writes are not sent again: one may have taken effect before its answer
// got lost, and only the caller can look whether it did.
func (l *lane) read(req *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		sent, err := again(req, try)
		if err != nil {
			return nil, err
		}
		resp, err := l.next.RoundTrip(sent)
		var why string
		switch {
		case err != nil && broken(req.Context(), err):
			why = "the connection to " + req.URL.Host + " broke"
		case err == nil && unwell(resp.StatusCode) && resp.Header.Get("Retry-After") == "":
			why = req.URL.Host + " answers " + resp.Status
		default:
			return resp, err
		}
		if try == maxRetries {
			return resp, err
		}
		wait := time.Second << try
		l.log("%s, trying again in %s", why, wait)
		if err := l.clock.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func unwell(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// broken reports whether err is of a connection that had been there, and not of one that
// cannot be made, or of a request that was given up.
func broken(ctx context.Context, err error) bool {
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	var protocol tls.RecordHeaderError
	var connection *net.OpError
	switch {
	case ctx.Err() != nil, errors.Is(err, errTimeout):
		return false
	case errors.As(err, &lookup), errors.As(err, &certificate), errors.As(err, &protocol):
		return false
	case errors.As(err, &connection):
		return connection.Op == "read" || connection.Op == "write"
	}
	return true
}

// isWrite reports whether a request may change something at the forge. What only reads is sent
// with POST by git, when it fetches, and in GraphQL.
func isWrite(req *http.Request) bool {
	switch {
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		return false
	case req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/git-upload-pack"):
		return false
	}
	return !isGraphQL(req) || isMutation(req)
}

func isGraphQL(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/graphql")
}

// isMutation reports whether a request of GraphQL may be more than a query.
func isMutation(req *http.Request) bool {
	if req.GetBody == nil {
		return true
	}
	body, err := req.GetBody()
	if err != nil {
		return true
	}
	defer body.Close()
	var document struct{ Query string }
	if err := json.NewDecoder(body).Decode(&document); err != nil {
		return true
	}
	// A name or a text with the word in it is taken for one as well.
	return document.Query == "" || strings.Contains(document.Query, "mutation")
}
