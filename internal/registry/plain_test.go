package registry_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry"
)

// Plain HTTP is for this machine, and for what the configuration says speaks it.
func TestPlainHTTP(t *testing.T) {
	for _, tc := range []struct {
		host, scheme string
		hosts        map[string]registry.Host
	}{
		{"registry.corp.test", "https", nil},
		{"registry.local", "https", nil},
		{"10.0.0.1:5000", "https", nil},
		{"192.168.1.1", "https", nil},
		{"172.16.0.1:80", "https", nil},
		{"127.0.0.1.evil.test:5000", "https", nil},
		{"127.0.0.1:5000", "http", nil},
		{"127.9.9.9:5000", "http", nil},
		{"localhost:5000", "http", nil},
		{"10.0.0.1:5000", "http", map[string]registry.Host{"10.0.0.1:5000": {Insecure: true}}},
		{"10.0.0.1:5000", "https", map[string]registry.Host{"10.0.0.1": {Insecure: true}}},
		{"registry.corp.test", "https", map[string]registry.Host{"registry.corp.test": {}}},
	} {
		w := &world{hosts: map[string]http.Handler{tc.host: open(func(w http.ResponseWriter, _ *http.Request) { has(w) })}}
		if _, err := w.client(func(o *registry.Options) { o.Hosts = tc.hosts }).Digest(t.Context(), tc.host+"/team/base:1"); err != nil {
			t.Errorf("%s: %v", tc.host, err)
		}
		for _, r := range w.got {
			if r.scheme != tc.scheme {
				t.Errorf("of %s it asks %s", tc.host, r)
			}
		}
	}
}

// A registry of this machine may speak TLS.
func TestTLSOnThisMachine(t *testing.T) {
	server := httptest.NewUnstartedServer(open(func(w http.ResponseWriter, _ *http.Request) { has(w) }))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "https://")
	c := registry.New(registry.Options{Getenv: env(), Transport: server.Client().Transport})
	if digest, err := c.Digest(t.Context(), host+"/team/base:1"); err != nil || digest != aDigest {
		t.Errorf("the digest is %q: %v", digest, err)
	}
}

// toServer has every connection go to one server.
func toServer(server *httptest.Server) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
}

// A registry that speaks plain HTTP, or has a certificate that is not trusted, is not asked, and
// the hint says what to do.
func TestNoSilentDowngrade(t *testing.T) {
	handler := open(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("it is asked")
		has(w)
	})
	plain := httptest.NewServer(handler)
	t.Cleanup(plain.Close)
	c := registry.New(registry.Options{Getenv: login(corp, password), Transport: toServer(plain)})
	_, err := c.Digest(t.Context(), base+":1")
	says(t, err, "registries: "+corp+": {insecure: true} in the configuration allows plain HTTP", "looking up the digest of "+base+":1: it speaks plain HTTP, which is not asked for")
	_, err = c.Look(t.Context(), base+":1")
	says(t, err, "registries: "+corp+": {insecure: true}", "it speaks plain HTTP, which is not asked for")

	secure := httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	c = registry.New(registry.Options{Getenv: env(), Transport: toServer(secure)})
	_, err = c.Digest(t.Context(), "example.com/team/base:1")
	says(t, err, "add the authority to those of this machine", ":1: its certificate is of an authority that is not known here")
	trusting := toServer(secure)
	trusting.TLSClientConfig = server(t, secure)
	c = registry.New(registry.Options{Getenv: env(), Transport: trusting})
	_, err = c.Digest(t.Context(), base+":1")
	says(t, err, "", ":1: its certificate is not valid: x509: certificate is valid for example.com")
}

// A mirror is asked in place of a registry, with its own credentials. What is written stays, and
// errors name both.
func TestMirror(t *testing.T) {
	const mirror = "harbor.corp.test:8443"
	w := &world{hosts: map[string]http.Handler{
		mirror: challenging(`Basic realm="x"`, basic("robot", "of-the-mirror"), func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/v2/dockerhub/library/python/manifests/3.13":
				has(w)
			case "/v2/dockerhub/library/python/tags/list":
				_, _ = w.Write([]byte(`{"tags":["3.13"]}`))
			default:
				w.WriteHeader(http.StatusInternalServerError)
			}
		}),
		"quay.corp.test": open(func(w http.ResponseWriter, _ *http.Request) { has(w) }),
	}}
	c := w.client(func(o *registry.Options) {
		o.Hosts = map[string]registry.Host{"docker.io": {Mirror: mirror + "/dockerhub/", Optional: true}, "quay.io": {Mirror: "quay.corp.test"}, "quay.corp.test": {Insecure: true}}
		o.Getenv = login("docker.io", password, mirror, "of-the-mirror")
	})
	for _, reference := range []string{"docker.io/library/python:3.13", "python:3.13", "quay.io/team/base:1"} {
		if digest, err := c.Digest(t.Context(), reference); err != nil || digest != aDigest {
			t.Errorf("the digest of %s is %q: %v", reference, digest, err)
		}
	}
	if tags, err := c.Tags(t.Context(), "docker.io/library/python"); err != nil || len(tags) != 1 {
		t.Errorf("the tags are %q: %v", tags, err)
	}
	w.wants(t, mirror, "HEAD /v2/dockerhub/library/python/manifests/3.13", "GET /v2/dockerhub/library/python/tags/list?n=1000")
	w.wants(t, "quay.corp.test", "HEAD "+manifests+"1")
	if r := w.requests("quay.corp.test")[0]; r.scheme != "http" {
		t.Errorf("the mirror is asked %s", r)
	}
	for _, r := range w.got {
		if strings.Contains(r.authorization, strings.TrimPrefix(basic("robot", password), "Basic ")) {
			t.Errorf("%s has the credentials of docker.io", r)
		}
	}
	_, err := c.Digest(t.Context(), "docker.io/library/node:20")
	says(t, err, "", "looking up the digest of docker.io/library/node:20 at its mirror, "+mirror+"/dockerhub/library/node: it answers 500 Internal Server Error")
	_, err = c.Look(t.Context(), "docker.io/library/node:20")
	says(t, err, "", "its mirror "+mirror+"/dockerhub: it answers 500 Internal Server Error")
	refused := w.client(func(o *registry.Options) {
		o.Hosts = map[string]registry.Host{"docker.io": {Mirror: mirror + "/dockerhub"}}
	})
	_, err = refused.Digest(t.Context(), "docker.io/library/node:20")
	says(t, err, "", "the registry refuses access (401): docker login "+mirror)
	if !c.IsOptional("docker.io/library/node") || c.IsOptional("quay.io/team/base") {
		t.Error("docker.io alone is optional")
	}
}

// What to do about a registry that refuses access depends on whose it is.
func TestHints(t *testing.T) {
	for _, tc := range []struct {
		registry string
		status   int
		hint     string
	}{
		{"docker.io", 401, "Docker Hub answers so for a repository that is not there, too"},
		{"docker.io", 429, "docker login docker.io raises the limit of Docker Hub, and a mirror has none: registries: docker.io: {mirror: HOST/PREFIX}"},
		{"quay.io", 429, "run it again later"},
		{"team.azurecr.io", 401, `az acr login --name team logs in; in pipelines install docker-credential-acr-env and name it in the Docker configuration: {"credHelpers": {"team.azurecr.io": "acr-env"}}`},
		{"123.dkr.ecr.eu-west-1.amazonaws.com", 403, `docker-credential-ecr-login and name it in the Docker configuration: {"credHelpers": {"123.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}}`},
		{"eu.gcr.io", 403, `gcloud auth configure-docker eu.gcr.io logs in; in pipelines install docker-credential-gcr and`},
		{"europe-docker.pkg.dev", 403, `{"credHelpers": {"europe-docker.pkg.dev": "gcr"}}`},
		{"ghcr.io", 403, "permissions: {packages: read}"},
		{"quay.io", 403, ""},
	} {
		asked := strings.Replace(tc.registry, "docker.io", "index.docker.io", 1)
		w := &world{hosts: map[string]http.Handler{asked: open(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tc.status) })}}
		_, err := w.client(func(o *registry.Options) { o.Getenv = env("GITHUB_ACTIONS", "true") }).Digest(t.Context(), tc.registry+"/team/base:1")
		says(t, err, tc.hint, "looking up the digest of "+tc.registry+"/team/base:1: ")
		if tc.hint == "" && hintOf(err) != "" {
			t.Errorf("%s: the hint is %q", tc.registry, hintOf(err))
		}
		if tc.status != 429 && !strings.HasSuffix(err.Error(), "): docker login "+tc.registry) {
			t.Errorf("the error is %v", err)
		}
	}
}

// server returns what trusts a server.
func server(t *testing.T, s *httptest.Server) *tls.Config {
	t.Helper()
	known, ok := s.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the client of the server has no transport")
	}
	return known.TLSClientConfig
}

var quiet = log.New(io.Discard, "", 0)
