package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

func TestBranches(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	second := gittest.Commit(t, dir, "second", nil)
	gittest.Git(t, dir, "push", "--quiet", server.Dir, "HEAD:refs/heads/feature/x", "HEAD:refs/tags/v1", "HEAD:refs/pull/1/head")
	for _, rm := range []remote.Repository{
		access(server),
		{URL: server.AuthURL()},
		{URL: server.URL + "/", Username: user, Password: token, Client: &http.Client{Timeout: time.Minute}},
	} {
		got, err := rm.Branches(t.Context())
		if want := map[string]string{"main": head, "feature/x": second}; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Branches = %v, %v; want %v", got, err, want)
		}
	}
}

func TestBranchesOfAnEmptyRepository(t *testing.T) {
	t.Parallel()
	server := gittest.NewServer(t, "o", "r", "", "")
	got, err := remote.Repository{URL: server.URL}.Branches(t.Context())
	if err != nil || len(got) != 0 {
		t.Errorf("Branches = %v, %v", got, err)
	}
}

// answering serves every request with the same answer.
func answering(t *testing.T, status int, contentType, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/o/r.git"
}

// failing is a transport that gives no answer.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestRemoteErrors(t *testing.T) {
	t.Parallel()
	server, _, _ := serve(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(stuck.Close)
	const flush = "0000"

	for _, test := range []struct {
		name   string
		remote remote.Repository
		want   error  // nil: none of the package's
		text   string // part of the error
	}{
		{"wrong password", remote.Repository{URL: server.URL, Username: user, Password: token + "x"}, remote.ErrAuthentication, "wrong user or password"},
		{"no password", remote.Repository{URL: server.URL}, remote.ErrAuthentication, "/owner/repo.git"},
		{"wrong password in the URL", remote.Repository{URL: strings.Replace(server.AuthURL(), user, "stranger", 1)}, remote.ErrAuthentication, "/owner/repo.git"},
		{"token as the user in the URL", remote.Repository{URL: strings.Replace(server.URL, "://", "://"+strings.ReplaceAll(token, "/", "")+"@", 1)}, remote.ErrAuthentication, "/owner/repo.git"},
		{"no such repository", remote.Repository{URL: strings.Replace(server.URL, "repo", "other", 1), Username: user, Password: token}, remote.ErrNotFound, "/owner/other.git"},
		{"403", remote.Repository{URL: answering(t, 403, "text/plain; charset=utf-8", "Write access\nto "+token+" not granted.\x1b[1m"), Password: token}, remote.ErrAuthorization, "Write access; to *** not granted."},
		{"403 with a page", remote.Repository{URL: answering(t, 403, "text/html", "<html>"+token)}, remote.ErrAuthorization, "permission denied"},
		{"port that nobody listens at", remote.Repository{URL: "http://" + closed + "/o/r.git", Username: user, Password: token}, remote.ErrUnreachable, closed},
		{"no such host", remote.Repository{URL: "https://git.example.invalid/o/r.git", Username: user, Password: token,
			Client: &http.Client{Transport: failing{&net.DNSError{Err: "no such host", Name: "git.example.invalid", IsNotFound: true}}}}, remote.ErrUnreachable, "git.example.invalid"},
		{"error of a transport that says too much", remote.Repository{URL: "https://h/o/r", Username: user, Password: token,
			Client: &http.Client{Transport: failing{errors.New("GET https://robot:" + token + "@h/ failed")}}}, remote.ErrUnreachable, "https://***@h/"},
		{"certificate of nobody", remote.Repository{URL: tls.URL + "/o/r.git", Username: user, Password: token}, remote.ErrUnreachable, "certificate"},
		{"no answer in time", remote.Repository{URL: stuck.URL + "/o/r.git", Client: &http.Client{Timeout: 50 * time.Millisecond}}, remote.ErrUnreachable, "no answer in time"},
		{"503", remote.Repository{URL: answering(t, 503, "text/html", "<h1>sorry")}, remote.ErrUnreachable, "503 Service Unavailable"},
		{"429", remote.Repository{URL: answering(t, 429, "text/plain", "slow down")}, nil, "429 Too Many Requests: slow down"},
		{"a page", remote.Repository{URL: answering(t, 200, "text/html", "<html><body>Log in, "+token), Password: token}, nil, "cannot be understood"},
		{"nothing", remote.Repository{URL: answering(t, 200, "text/plain", "")}, nil, "cannot be understood"},
		{"half an answer", remote.Repository{URL: answering(t, 200, "text/plain", "001f# service=git-receive-pack\n"+flush+"00b0123")}, nil, "cannot be understood"},
		{"file", remote.Repository{URL: "file://" + server.Dir}, nil, "only https and http"},
		{"path", remote.Repository{URL: server.Dir}, nil, "only https and http"},
		{"ext", remote.Repository{URL: "ext::sh -c evil% " + token}, nil, "only https and http"},
		{"ssh", remote.Repository{URL: "ssh://git:" + strings.ReplaceAll(token, "/", "%2F") + "@h/o/r"}, nil, "ssh://h/o/r"},
		{"scp-like", remote.Repository{URL: "git@github.com:o/r.git"}, nil, "remote github.com:o/r.git"},
		{"not a URL, with a password", remote.Repository{URL: "https://robot:" + token + "@h:port/o/r"}, nil, "remote https://h:port/o/r"},
		{"empty", remote.Repository{}, nil, "only https and http"},
		{"password over plain http", remote.Repository{URL: "http://git.example.invalid/o/r", Username: user, Password: token,
			Client: &http.Client{Transport: failing{errors.New("a request was sent")}}}, nil, "is not sent over plain http"},
		{"password of the URL over plain http", remote.Repository{URL: "http://x:y@10.0.0.1/o/r",
			Client: &http.Client{Transport: failing{errors.New("a request was sent")}}}, nil, "is not sent over plain http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.remote.Branches(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			if test.name != "ext" { // the secret there is no credential
				noSecret(t, err)
			}
			for _, known := range []error{remote.ErrAuthentication, remote.ErrAuthorization, remote.ErrNotFound, remote.ErrUnreachable} {
				if errors.Is(err, known) != errors.Is(test.want, known) {
					t.Errorf("error %q: is it %q? want %q", err, known, test.want)
				}
			}
			if !strings.Contains(err.Error(), test.text) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("error %q, want %q in it, on one line", err, test.text)
			}
			if source.Hint(err) == "" && test.name != "429" {
				t.Errorf("no hint for %q", err)
			}
			// A push fails in the same way.
			repo := open(t, gittest.Init(t, files))
			_, err = repo.Push(t.Context(), test.remote, []remote.Update{{Branch: "b", New: strings.Repeat("ab", 20)}}, nil)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Push: %v", err)
			}
		})
	}
}

// A limited host is one that wants to be left alone.
type limited struct{ until time.Time }

func (l *limited) Error() string    { return "the host wants a pause" }
func (l *limited) Again() time.Time { return l.until }

// TestRemoteLimit: who looks for it finds what the transport says of a limit, and nobody takes
// it for a missing permission.
func TestRemoteLimit(t *testing.T) {
	t.Parallel()
	limit := &limited{until: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	rm := remote.Repository{URL: "https://h.example/o/r.git", Password: token, Client: &http.Client{Transport: failing{limit}}}
	_, err := rm.Branches(t.Context())
	wantError(t, err, limit)
	if text := err.Error(); text != "remote https://h.example/o/r.git: the host wants a pause" || !strings.Contains(source.Hint(err), "again") {
		t.Errorf("error %q (hint %q)", text, source.Hint(err))
	}
	var found remote.Limit
	if !errors.As(err, &found) || !found.Again().Equal(limit.until) || errors.Is(err, remote.ErrAuthorization) || errors.Is(err, remote.ErrUnreachable) {
		t.Errorf("%v is no limit alone", err)
	}
}

func TestRemoteCancelled(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := remote.Repository{URL: server.URL + "/o/r", Password: token}.Branches(ctx)
	wantError(t, err, context.Canceled)
	if errors.Is(err, remote.ErrUnreachable) {
		t.Errorf("%v blames the remote", err)
	}
}

// redirecting answers the requests that match with a redirect, and leaves the
// others to the server.
func redirecting(t *testing.T, method string, status int, to func(r *http.Request) string, server *gittest.Server) string {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if url := to(r); r.Method == method && url != "" {
			http.Redirect(w, r, url, status)
			return
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL + "/owner/"
}

// TestRedirectToAnotherHost: neither the password nor the pack goes there.
func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request went to the other host: %s, authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for i := range 8 {
		method, status := []string{http.MethodGet, http.MethodPost}[i%2], []int{301, 302, 307, 308}[i/2]
		t.Run(fmt.Sprint(method, " ", status), func(t *testing.T) {
			url := redirecting(t, method, status, func(r *http.Request) string { return elsewhere.URL + r.URL.RequestURI() }, server)
			repo := open(t, dir)
			p := newCommit(t, repo, head, "x", "1\n")
			rm := remote.Repository{URL: url + "repo.git", Username: user, Password: token}
			results, err := repo.Push(t.Context(), rm, []remote.Update{{Branch: "b", New: p.ID}}, []*gitrepo.Pending{p})
			if err == nil {
				t.Fatalf("Push = %v", results)
			}
			noSecret(t, err)
			if method == http.MethodGet && (!strings.Contains(err.Error(), elsewhere.URL+", which is not followed") || source.Hint(err) == "") {
				t.Errorf("error %q (hint %q), want it to name %s", err, source.Hint(err), elsewhere.URL)
			}
		})
	}
}

// TestRedirectOnTheSameHost: hosts do it for repositories that were renamed.
func TestRedirectOnTheSameHost(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	url := redirecting(t, http.MethodGet, http.StatusTemporaryRedirect, func(r *http.Request) string {
		if !strings.Contains(r.URL.Path, "/renamed.git/") {
			return ""
		}
		return strings.Replace(r.URL.RequestURI(), "/renamed.git/", "/repo.git/", 1)
	}, server)
	repo := open(t, dir)
	p := newCommit(t, repo, head, "x", "1\n")
	rm := remote.Repository{URL: url + "renamed.git", Username: user, Password: token}
	if r := push(t, repo, rm, []remote.Update{{Branch: "b", New: p.ID}}, p)[0]; r.Err != nil {
		t.Fatal(r.Err)
	}
	if got := gittest.Git(t, server.Dir, "rev-parse", "b"); got != p.ID {
		t.Errorf("b is at %s", got)
	}
}

// TestPushStrangeServers: whatever a server answers, the push does not pass for
// done.
func TestPushStrangeServers(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, files)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	line := func(s string) string { return fmt.Sprintf("%04x%s", len(s)+4, s) }
	advertisement := func(capabilities string) string {
		return line("# service=git-receive-pack\n") + "0000" + line(strings.Repeat("0", 40)+" capabilities^{}\x00"+capabilities) + "0000"
	}
	for _, test := range []struct{ name, capabilities, answer, want string }{
		{"no report", "", "", "does not report"},
		{"empty answer", "report-status", "", "it is empty"},
		{"no word of the branch", "report-status", line("unpack ok\n") + "0000", "does not say what became of it"},
		{"only of another branch", "report-status", line("unpack ok\n") + line("ok refs/heads/other\n") + "0000", "does not say what became of it"},
		{"broken report", "report-status", line("unpack ok\n") + line("whatever\n") + "0000", "cannot be understood"},
		{"end in the middle", "report-status", line("unpack ok\n"), "cannot be understood"},
		{"pack not accepted", "report-status", line("unpack disk full, "+token+"\n") + line("ng refs/heads/b unpacker error\n") + "0000", "did not accept the pack: disk full, ***"},
		{"a page", "report-status", "<html>" + token, "cannot be understood"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, advertisement(test.capabilities))
				} else {
					_, _ = io.WriteString(w, test.answer)
				}
			}))
			defer server.Close()
			results, err := open(t, dir).Push(t.Context(), remote.Repository{URL: server.URL + "/o/r", Username: user, Password: token},
				[]remote.Update{{Branch: "b", New: head}}, nil)
			if err == nil {
				err = results[0].Err
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			noSecret(t, err)
		})
	}
}
