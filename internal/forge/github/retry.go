package github

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
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
	var credentials *apiError // for which the token of an App is wanting
	var redirect *redirectError
	switch {
	case errors.As(err, &credentials), errors.As(err, &redirect):
		return false
	case ctx.Err() != nil, errors.Is(err, errTimeout):
		return false
	case errors.As(err, &lookup), errors.As(err, &certificate), errors.As(err, &protocol):
		return false
	case errors.As(err, &connection):
		return connection.Op == "read" || connection.Op == "write"
	}
	return true
}
