package registry_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry"
)

const password = "hunter2-hunter2"

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Where a registry redirects to, its credentials do not follow.
func TestRedirectsGetNoCredentials(t *testing.T) {
	for name, want := range map[string]struct{ challenge, authorization string }{
		"basic":  {`Basic realm="x"`, basic("robot", password)},
		"bearer": {`Bearer realm="https://` + corp + `/token",service="s"`, "Bearer the-token-of-corp"},
	} {
		for _, to := range []string{"https://cdn.other.test", "https://sub." + corp, "https://" + corp + ":8443"} {
			t.Run(name+" "+to, func(t *testing.T) {
				host := strings.TrimPrefix(to, "https://")
				w := &world{hosts: map[string]http.Handler{
					host: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { has(w) }),
				}}
				server := challenging(want.challenge, want.authorization, func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, to+r.URL.Path, http.StatusTemporaryRedirect)
				})
				w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/token" {
						_, _ = w.Write([]byte(`{"token":"the-token-of-corp"}`))
						return
					}
					server.ServeHTTP(w, r)
				})
				c := w.client(func(o *registry.Options) { o.Getenv = login(corp, password) })
				if digest, err := c.Digest(t.Context(), base+":1.0.0"); err != nil || digest != aDigest {
					t.Errorf("the digest is %q: %v", digest, err)
				}
				w.wants(t, host, "HEAD "+manifests+"1.0.0")
				w.gotNone(t, host, password, "the-token-of-corp")
				if w.requests(host)[0].authorization != "" {
					t.Errorf("it received %q", w.requests(host)[0].authorization)
				}
			})
		}
	}
}

// A server that is redirected to and wants to know who asks is told that it is nobody.
func TestRedirectToAnotherRegistry(t *testing.T) {
	w := &world{hosts: map[string]http.Handler{
		corp: challenging(`Basic realm="x"`, basic("robot", password), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://region.other.test"+r.URL.Path, http.StatusFound)
		}),
		"region.other.test": challenging(`Bearer realm="https://auth.other.test/token",scope="repository:team/base:pull"`, "Bearer for-anybody", func(w http.ResponseWriter, _ *http.Request) { has(w) }),
		"auth.other.test":   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"access_token":"for-anybody"}`)) }),
	}}
	c := w.client(func(o *registry.Options) {
		o.Getenv = login(corp, password, "auth.other.test", password+"2", "region.other.test", password+"3")
	})
	if digest, err := c.Digest(t.Context(), base+":1.0.0"); err != nil || digest != aDigest {
		t.Errorf("the digest is %q: %v", digest, err)
	}
	w.wants(t, "auth.other.test", "GET /token?scope=repository%3Ateam%2Fbase%3Apull")
	w.gotNone(t, "auth.other.test", password)
	w.gotNone(t, "region.other.test", password)
}

// Nobody outside has the program ask what only this network knows.
func TestWhereNobodyIsSent(t *testing.T) {
	everywhere := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Docker-Content-Digest", aDigest)
		_, _ = w.Write([]byte(`{"token":"a-token-for-all"}`))
	})
	for _, host := range []string{"10.0.0.1", "127.0.0.1:5000", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254", "[fe80::1]", "192.168.1.1", "0.0.0.0", "2130706433", "0x7f.1", "127.0x1", "localhost", "metadata.google.internal", "printer.local", "db"} {
		w := &world{hosts: map[string]http.Handler{host: everywhere, corp: open(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+host+r.URL.Path, http.StatusTemporaryRedirect)
		})}}
		_, err := w.client(nil).Digest(t.Context(), base+":1.0.0")
		says(t, err, "", "it redirects to "+host+": it is a ", " address")
		w.wants(t, host)

		w.hosts[corp] = challenging(`Bearer realm="https://`+host+`/token"`, "none", nil)
		_, err = w.client(nil).Digest(t.Context(), base+":1.0.0")
		says(t, err, "", "its token server is at "+host+": it is a ", " address")
		w.wants(t, host)
	}
	for _, tc := range []struct {
		name, from, to string
		hosts          map[string]registry.Host
		err            string
	}{
		{name: "a registry of this network", from: "10.0.0.2:5000", to: "https://10.0.0.1"},
		{name: "what the configuration knows", from: corp, to: "https://10.0.0.1", hosts: map[string]registry.Host{"10.0.0.1": {}}},
		{name: "link-local from this network", from: "10.0.0.2:5000", to: "https://169.254.169.254", err: "it is a link-local address, which is not asked"},
		{name: "plain HTTP", from: corp, to: "http://cdn.other.test", err: "it speaks plain HTTP, which is not asked for"},
		{name: "plain HTTP of its own", from: corp, to: "http://" + corp, err: "it speaks plain HTTP, which is not asked for"},
		{name: "a file", from: corp, to: "file://host", err: "only https is followed"},
		{name: "plain HTTP to plain HTTP", from: corp, to: "http://cdn.other.test", hosts: map[string]registry.Host{corp: {Insecure: true}}, err: "it speaks plain HTTP, which is not asked for"},
		{name: "plain HTTP that is allowed, from where it is not", from: corp, to: "http://cdn.other.test", hosts: map[string]registry.Host{"cdn.other.test": {Insecure: true}}, err: "it speaks plain HTTP, which is not asked for"},
		{name: "plain HTTP that is allowed", from: corp, to: "http://cdn.other.test", hosts: map[string]registry.Host{corp: {Insecure: true}, "cdn.other.test": {Insecure: true}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, host, _ := strings.Cut(tc.to, "://")
			w := &world{hosts: map[string]http.Handler{host: everywhere}}
			w.hosts[tc.from] = open(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, tc.to+"/other"+r.URL.Path, http.StatusTemporaryRedirect)
			})
			_, err := w.client(func(o *registry.Options) { o.Hosts = tc.hosts }).Digest(t.Context(), tc.from+"/team/base:1.0.0")
			if tc.err == "" && err != nil {
				t.Error(err)
			}
			if tc.err != "" {
				says(t, err, "", "it redirects to "+host+": "+tc.err)
			}
		})
	}
	round := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	})}}
	_, err := round.client(nil).Digest(t.Context(), base+":1.0.0")
	says(t, err, "", "it redirects more than 5 times")
}

// The address of a machine's metadata is not even dialled, by whatever name.
func TestLinkLocalAddressesAreNotDialled(t *testing.T) {
	_, err := registry.New(registry.Options{Getenv: env()}).Look(t.Context(), "169.254.169.254/team/base:1.0.0")
	says(t, err, "", "link-local address, which is not asked")
}

// Credentials go to the token server of their registry, which is the registry itself or of its
// domain. Another one is asked without them.
func TestTokenServers(t *testing.T) {
	for _, tc := range []struct {
		registry, realm string
		trusted         bool
	}{
		{corp, "https://" + corp + "/token", true},
		{corp, "https://" + corp + ":8443/token", true},
		{corp, "https://auth.corp.test/token", true},
		{corp, "https://corp.test/jwt/auth", true},
		{"docker.io", "https://auth.docker.io/token", true},
		{"127.0.0.1:5000", "http://127.0.0.1:5001/token", true},
		{corp, "https://auth.other.test/token", false},
		{corp, "https://corp.test.evil.test/token", false},
		{corp, "https://robot@auth.other.test/token", false},
		{"one.co.uk", "https://two.co.uk/token", false},
		{"one.github.io", "https://two.github.io/token", false},
		{"127.0.0.1:5000", "http://localhost:5001/token", false},
		{"10.0.0.1", "https://11.0.0.1/token", false},
		{"0x0a.0.1", "https://0x0b.0.1/token", false},
		{"plain.corp.test", "http://auth.corp.test/token", false},
		{"plain.corp.test", "https://auth.corp.test/token", true},
	} {
		t.Run(tc.registry+" "+tc.realm, func(t *testing.T) {
			_, rest, _ := strings.Cut(tc.realm, "://")
			host, _, _ := strings.Cut(rest[strings.Index(rest, "@")+1:], "/")
			given := "for-anybody"
			asked := tc.registry
			if asked == "docker.io" {
				asked = "index.docker.io"
			}
			w := &world{hosts: map[string]http.Handler{}}
			w.hosts[asked] = challenging(fmt.Sprintf(`Bearer realm=%q,service="s"`, tc.realm), "Bearer for-the-robot", func(w http.ResponseWriter, _ *http.Request) { has(w) })
			server := w.hosts[asked]
			w.hosts[host] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/token") && !strings.HasPrefix(r.URL.Path, "/jwt") {
					server.ServeHTTP(w, r)
					return
				}
				if r.Header.Get("Authorization") == basic("robot", password) {
					given = "for-the-robot"
				}
				_, _ = fmt.Fprintf(w, `{"token":%q}`, given)
			})
			known := []string{tc.registry, password}
			if host != tc.registry {
				known = append(known, host, "another-password")
			}
			c := w.client(func(o *registry.Options) {
				o.Getenv = login(known...)
				o.Hosts = map[string]registry.Host{"plain.corp.test": {Insecure: true}, "auth.corp.test": {Insecure: true}}
			})
			digest, err := c.Digest(t.Context(), tc.registry+"/team/base:1.0.0")
			if tc.trusted {
				if err != nil || digest != aDigest {
					t.Errorf("the digest is %q: %v", digest, err)
				}
				return
			}
			if !errors.Is(err, registry.ErrRefused) {
				t.Errorf("the error is %v", err)
			}
			says(t, err, "registries: "+tc.registry+": {mirror: ", "the registry refuses access (401): its credentials are not sent to its token server "+host+", which is of another domain")
			w.gotNone(t, host, password, "another-password")
			w.gotNone(t, asked, password, "another-password")
		})
	}
}

// A token server that is of another domain still gives tokens for what is public.
func TestTokenServerOfAnotherDomain(t *testing.T) {
	w := &world{hosts: map[string]http.Handler{
		corp:              challenging(`Bearer realm="https://auth.other.test/token",service="s"`, "Bearer for-anybody", func(w http.ResponseWriter, _ *http.Request) { has(w) }),
		"auth.other.test": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"token":"for-anybody"}`)) }),
	}}
	c := w.client(func(o *registry.Options) {
		o.Getenv = env("DOCKER_AUTH_CONFIG", `{"auths":{"`+corp+`":{"identitytoken":"`+password+`"}}}`)
	})
	if digest, err := c.Digest(t.Context(), base+":1.0.0"); err != nil || digest != aDigest {
		t.Errorf("the digest is %q: %v", digest, err)
	}
	w.gotNone(t, "auth.other.test", password)
	for _, realm := range []string{"http://auth.other.test/token", "http://" + corp + "/token", "auth", "", "ftp://auth.other.test"} {
		w := &world{hosts: map[string]http.Handler{corp: challenging(`Bearer realm="`+realm+`"`, "none", nil)}}
		if _, err := w.client(nil).Digest(t.Context(), base+":1.0.0"); err == nil {
			t.Errorf("it asks %s", realm)
		}
		for _, r := range w.got {
			if r.host != corp || r.scheme != "https" || strings.Contains(r.uri, "token") {
				t.Errorf("of %q it asks %s", realm, r)
			}
		}
	}
}
