package registrytest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd" // what Auth needs
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem" // what Kind needs
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/bcrypt"
)

// ErrNoProgram says that docker-registry is not installed.
var ErrNoProgram = errors.New("there is no docker-registry: install Debian's package of that name")

// A settings is the configuration of a registry, as its file writes it.
type settings map[string]any

// start starts the registry itself.
func (s *Server) start(dir string, kind Kind) (http.Handler, error) {
	auth, err := s.authorize(dir)
	if err != nil {
		return nil, err
	}
	storage := settings{"inmemory": settings{}}
	if kind != Memory {
		s.images = filepath.Join(dir, "images")
		storage = settings{"filesystem": settings{"rootdirectory": s.images}}
	}
	storage["delete"] = settings{"enabled": true}
	storage["maintenance"] = settings{"uploadpurging": settings{"enabled": false}}
	conf := settings{
		"version": "0.1", "log": settings{"level": "info", "accesslog": settings{"disabled": true}},
		"storage": storage, "auth": auth,
		"http": settings{"secret": "of uploads", "relativeurls": true},
	}
	if auth == nil {
		delete(conf, "auth")
	}
	if kind == Program {
		return s.startProgram(dir, conf)
	}
	conf["tags"] = settings{"maxtags": MaxTags}
	return s.startHere(conf)
}

// authorize writes the files that a registry knows its users by, and returns what its
// configuration says of them.
func (s *Server) authorize(dir string) (settings, error) {
	switch s.auth {
	case Basic:
		// The cheapest hash: it is made again for each request.
		hash, err := bcrypt.GenerateFromPassword([]byte(Password), bcrypt.MinCost)
		path := filepath.Join(dir, "htpasswd")
		if err == nil {
			err = os.WriteFile(path, []byte(User+":"+string(hash)+"\n"), 0o600)
		}
		return settings{"htpasswd": settings{"realm": "test", "path": path}}, err
	case Token, Public:
		path := filepath.Join(dir, "tokens.pem")
		signer, err := newSigner()
		if err == nil {
			err = os.WriteFile(path, signer.pem, 0o600)
		}
		return settings{"token": settings{"realm": "http://" + s.Host + tokenPath, "service": service, "issuer": issuer, "rootcertbundle": path}}, err
	}
	return nil, nil
}

// startHere starts distribution in this process.
func (s *Server) startHere(conf settings) (_ http.Handler, err error) {
	logrus.SetOutput(io.Discard)
	text, err := yaml.Marshal(conf)
	if err != nil {
		return nil, err
	}
	// The library takes settings from the environment too, and panics for what it cannot use.
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "REGISTRY_") {
			return nil, fmt.Errorf("the registry would take settings from the environment: unset %s", name)
		}
	}
	parsed, err := configuration.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("starting distribution: %v", r)
		}
	}()
	app := handlers.NewApp(context.Background(), parsed)
	s.closers = append(s.closers, app.Shutdown)
	return app, nil
}

// startProgram starts docker-registry and waits until it listens.
func (s *Server) startProgram(dir string, conf settings) (http.Handler, error) {
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		return nil, ErrNoProgram
	}
	// The path of a socket may not be longer than about 100 bytes; those of tests are.
	sockets, err := os.MkdirTemp("", "registry")
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(sockets) })
	socket := filepath.Join(sockets, "s")
	conf["http"].(settings)["net"], conf["http"].(settings)["addr"] = "unix", socket
	text, err := yaml.Marshal(conf)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "registry.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "serve", path)
	cmd.Env = []string{"OTEL_TRACES_EXPORTER=none"}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	drained := make(chan struct{})
	s.closers = append(s.closers, func() error {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait() // it was killed
		return nil
	})
	lines := bufio.NewScanner(stderr)
	var said strings.Builder
	for lines.Scan() && !strings.Contains(lines.Text(), "listening on") {
		said.WriteString(lines.Text() + "\n")
	}
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, stderr)
	}()
	if !strings.Contains(lines.Text(), "listening on") {
		return nil, fmt.Errorf("docker-registry does not listen:\n%s", said.String())
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: s.Host})
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}},
	}, nil
}
