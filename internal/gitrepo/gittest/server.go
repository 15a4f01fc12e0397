package gittest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A Server is git's own HTTP server with one bare repository, until the test
// ends.
type Server struct {
	URL string // http://127.0.0.1:port/owner/repo.git
	Dir string // the bare repository

	// Accepts says which other passwords are good; nil for none.
	Accepts func(password string) bool

	user, password string
	backend        *cgi.Handler
	pushes         atomic.Int64
	fetches        atomic.Int64
}

// NewServer serves an empty bare repository as owner/repo.git to the one user
// with that password, or to anybody if both are "". Without them, or with wrong
// ones, the answer is 401; any other path is 404. The default branch is main.
// Partial clones can be made of it.
func NewServer(t testing.TB, owner, repo, user, password string) *Server {
	t.Helper()
	root := TempDir(t)
	s := &Server{user: user, password: password, Dir: filepath.Join(root, owner, repo+".git")}
	Git(t, root, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", s.Dir)
	abilities := "[http]\n\treceivepack = true\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n"
	if err := appendTo(filepath.Join(s.Dir, "config"), abilities); err != nil {
		t.Fatal(err)
	}
	programs, err := execPath()
	if err != nil {
		t.Fatalf("git --exec-path: %v", err)
	}
	backend := filepath.Join(programs, "git-http-backend")
	env := append(environ(&exec.Cmd{}), "GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1")
	s.backend = &cgi.Handler{Path: backend, Dir: root, Env: env, Stderr: io.Discard}
	mux := http.NewServeMux()
	mux.Handle("/"+owner+"/"+repo+".git/", s)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/" + owner + "/" + repo + ".git"
	return s
}

// execPath returns where git's own programs are.
var execPath = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	return strings.TrimSpace(string(out)), err
})

// appendTo adds text to the end of a file.
func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if user != s.user || password != s.password && (s.Accepts == nil || !s.Accepts(password)) {
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(w, "wrong user or password", http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
		s.pushes.Add(1)
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/git-upload-pack") {
		s.fetches.Add(1)
	}
	// CGI has no way to give a program a body of unknown length.
	if r.ContentLength < 0 {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		r.TransferEncoding = nil
	}
	s.backend.ServeHTTP(w, r)
}

// Pushes returns how many requests to update branches have come in with the
// right password.
func (s *Server) Pushes() int { return int(s.pushes.Load()) }

// Fetches returns how many requests for references or objects, after the one for
// the server's abilities, have come in with the right password.
func (s *Server) Fetches() int { return int(s.fetches.Load()) }

// AuthURL returns the URL with user and password in it, for the git program.
func (s *Server) AuthURL() string {
	if s.user == "" {
		return s.URL
	}
	return strings.Replace(s.URL, "://", "://"+url.UserPassword(s.user, s.password).String()+"@", 1)
}

// Hook installs a shell script as a hook of the server's repository, such as
// pre-receive.
func (s *Server) Hook(t testing.TB, name, script string) {
	t.Helper()
	dir := filepath.Join(s.Dir, "hooks")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
