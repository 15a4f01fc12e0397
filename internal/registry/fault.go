package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/redact"
)

// A statusError is an answer that is no success.
type statusError struct {
	status  int
	code    string // of the first error of the answer; "" for none
	message string // what the answer says; it may be empty
}

func (e *statusError) Error() string {
	text := e.short()
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// short is the error without what the server says, which is often long.
func (e *statusError) short() string {
	return strings.TrimSpace(fmt.Sprintf("it answers %d %s", e.status, http.StatusText(e.status)))
}

func newStatusError(found *response) *statusError {
	e := &statusError{status: found.status}
	var answer struct {
		Errors []struct{ Code, Message string }
	}
	if json.Unmarshal(found.body, &answer) == nil {
		if len(answer.Errors) > 0 {
			e.code, e.message = answer.Errors[0].Code, answer.Errors[0].Message
		}
	} else if !strings.Contains(found.header.Get("Content-Type"), "html") {
		e.message = string(found.body)
	}
	e.message = redact.New().Line(e.message)
	return e
}

// A hintedError is an error with what to do about it.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }

// Hint says what to do.
func (e *hintedError) Hint() string { return e.hint }

func hinted(err error, hint string) error { return &hintedError{err, hint} }

// A worded error is said in a few words, the same on every machine where that is possible.
type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.err }

// reason words an error of a connection. It is nil for nil.
func reason(err error) error {
	var lookup *net.DNSError
	var number syscall.Errno
	var timeout net.Error
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &lookup) && !lookup.IsTimeout:
		return &worded{"its name is not known here", err}
	case errors.Is(err, context.Canceled), errors.Is(err, errDeadline):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errSlow), errors.As(err, &timeout) && timeout.Timeout():
		return &worded{errSlow.Error(), err}
	case errors.As(err, &unknown):
		return hinted(&worded{"its certificate is of an authority that is not known here", err}, "add the authority to those of this machine; SSL_CERT_FILE and SSL_CERT_DIR say where they are")
	case errors.As(err, &certificate):
		return &worded{"its certificate is not valid: " + certificate.Err.Error(), err}
	case errors.As(err, &number):
		return &worded{number.Error(), err}
	case isCut(err):
		return &worded{"the connection ends before the answer does", err}
	}
	return oserror.Reword(err)
}

// fault is the error of a question: what was done, with what, and why that did not work.
func (c *Client) fault(doing string, p place, err error) error {
	if err == nil {
		return nil
	}
	err = c.refusal(p, err)
	if p.mirror != "" {
		doing += " at its mirror, " + p.String()
	}
	return c.keys.redactor(c.options.Secrets).Error(fmt.Errorf("%s: %w", doing, err))
}

// shortFault is a fault for who says himself what was done.
func (c *Client) shortFault(p place, err error) error {
	err = c.refusal(p, err)
	var answer *statusError
	if errors.As(err, &answer) {
		err = errors.New(answer.short())
	}
	if p.mirror != "" && !errors.Is(err, ErrNoTag) {
		err = fmt.Errorf("its mirror %s: %w", p.mirror, err)
	}
	return c.keys.redactor(c.options.Secrets).Error(err)
}

// refusal says what to do where a registry asks for credentials, or to wait.
func (c *Client) refusal(p place, err error) error {
	var answer *statusError
	if !errors.As(err, &answer) || errors.Is(err, ErrRefused) {
		return err
	}
	switch answer.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		text := "docker login " + p.name
		hint := c.loginHint(p)
		if host := p.withheld.Load(); host != nil {
			text = fmt.Sprintf("its credentials are not sent to its token server %s, which is of another domain", *host)
			hint = fmt.Sprintf("credentials go to their registry and to servers of its domain; a mirror that you trust can stand in its place: registries: %s: {mirror: HOST/PREFIX} in the configuration", p.name)
		} else if broken := c.keys.failure(p.name); broken != nil {
			text += "; credentials cannot be read: " + broken.Error()
		}
		return hinted(fmt.Errorf("%w (%d): %s", ErrRefused, answer.status, text), hint)
	case http.StatusTooManyRequests:
		hint := "run it again later"
		if p.name == hub {
			hint = "docker login docker.io raises the limit of Docker Hub, and a mirror has none: registries: docker.io: {mirror: HOST/PREFIX} in the configuration"
		}
		return hinted(err, hint)
	}
	return err
}

// loginHint says how to get credentials for a registry.
func (c *Client) loginHint(p place) string {
	host := p.name
	helper := func(program, command string) string {
		return fmt.Sprintf("%s logs in; in pipelines install %s and name it in the Docker configuration: {\"credHelpers\": {%q: %q}}", command, program, host, strings.TrimPrefix(program, "docker-credential-"))
	}
	registry, isAzure := strings.CutSuffix(host, ".azurecr.io")
	switch {
	case host == hub:
		return "Docker Hub answers so for a repository that is not there, too"
	case isAzure:
		return helper("docker-credential-acr-env", "az acr login --name "+registry)
	case strings.Contains(host, ".dkr.ecr.") && strings.Contains(host, ".amazonaws.com"):
		return helper("docker-credential-ecr-login", "aws ecr get-login-password with docker login")
	case host == "gcr.io" || strings.HasSuffix(host, ".gcr.io") || strings.HasSuffix(host, "-docker.pkg.dev"):
		return helper("docker-credential-gcr", "gcloud auth configure-docker "+host)
	case host == "ghcr.io" && c.options.Getenv("GITHUB_ACTIONS") == "true":
		return "the job needs permissions: {packages: read} and GITHUB_TOKEN, and the package has to let the repository read it"
	}
	return ""
}

// tooLong is the error for a registry that asks to be left alone for longer than there is time.
func tooLong(status int, wait time.Duration) error {
	return &statusError{status: status, message: fmt.Sprintf("it asks to wait for %s", wait.Round(time.Second))}
}
