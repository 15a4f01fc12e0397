// Package registrytest gives tests real container registries on the loopback address:
// distribution, in the test's own process, and Debian's docker-registry, the program.
//
// [Start] starts one, [Server.Push] fills it, and [Server.Requests] says what a client
// has asked it. Both kinds are asked in each way in which registries know their users:
// not at all, with a password, or with the token of a token server.
//
// # Limitations
//
// There is one user, who may do everything. The program docker-registry must be installed.
// A registry in the test's own process logs nothing, and neither does anything else
// there that logs with logrus.
package registrytest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// A Kind says which registry it is, and where it keeps its images.
type Kind string

// The kinds of registries.
const (
	Memory  Kind = "distribution in memory"
	Files   Kind = "distribution with files"
	Program Kind = "docker-registry" // of Debian
)

// An Auth says how a registry knows its users.
type Auth string

// The ways to know users.
const (
	None   Auth = "nobody"
	Basic  Auth = "password"
	Token  Auth = "token"        // of a token server, which wants the password
	Public Auth = "public token" // anybody gets a token to read with, as of Docker Hub
)

// The one user, where there is any.
const (
	User     = "robot"
	Password = "hunter2-hunter2"
)

// MaxTags is how many tags distribution puts on a page at most. The program docker-registry
// puts all on one.
const MaxTags = 50

// agent is what the requests of the server's own methods call themselves, which are not
// those of a client.
const agent = "registrytest"

// A Server is a registry that runs.
type Server struct {
	Host string // where it is: 127.0.0.1:40123

	auth    Auth
	front   *httptest.Server
	puller  *remote.Puller
	pusher  *remote.Pusher
	images  string // the directory where it keeps them, if it does
	closers []func() error

	mu        sync.Mutex
	backend   http.Handler // the registry itself
	intercept func(http.ResponseWriter, *http.Request) bool
	requests  []*Request
}

// Start starts a registry that the test's end stops. The test is skipped where there is
// no program docker-registry; in continuous integration, which sets CI, it fails.
func Start(t testing.TB, kind Kind, auth Auth) *Server {
	t.Helper()
	s, err := New(t.TempDir(), kind, auth)
	switch {
	case errors.Is(err, ErrNoProgram) && os.Getenv("CI") == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// New is [Start] for programs that are no tests. What the registry needs is kept in dir.
func New(dir string, kind Kind, auth Auth) (*Server, error) {
	s := &Server{auth: auth}
	s.front = httptest.NewUnstartedServer(s)
	s.Host = s.front.Listener.Addr().String()
	options := []remote.Option{remote.WithUserAgent(agent), remote.WithAuth(&authn.Basic{Username: User, Password: Password})}
	if auth == None {
		options = []remote.Option{remote.WithUserAgent(agent)}
	}
	var err, failed error
	s.backend, err = s.start(dir, kind)
	s.front.Start()
	s.puller, failed = remote.NewPuller(options...)
	err = errors.Join(err, failed)
	s.pusher, failed = remote.NewPusher(options...)
	if err = errors.Join(err, failed); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops the registry. What it held in memory is gone.
func (s *Server) Close() error {
	s.front.Close()
	var err error
	for _, stop := range s.closers {
		err = errors.Join(err, stop())
	}
	s.closers = nil
	return err
}

// Login writes a Docker configuration as docker login does it, and returns its directory,
// which is what DOCKER_CONFIG names. The password is that of the one user, or another.
func (s *Server) Login(t testing.TB, password string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(s.Credentials(password)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Credentials are the text of that configuration, which DOCKER_AUTH_CONFIG may hold too.
func (s *Server) Credentials(password string) string {
	return `{"auths":{"` + s.Host + `":{"username":"` + User + `","password":"` + password + `"}}}`
}

// Reference is what a Dockerfile writes for a repository:tag or repository@digest of the server.
func (s *Server) Reference(text string) string { return s.Host + "/" + text }

// parse is the same for the client library.
func (s *Server) parse(text string) (name.Reference, error) {
	return name.ParseReference(s.Reference(text), name.Insecure)
}
