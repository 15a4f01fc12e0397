package registry_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry"
)

// askedWith returns what a registry received that asks for a password, by its name in references.
func askedWith(t *testing.T, host string, getenv func(string) string) string {
	t.Helper()
	asked := host
	if host == "docker.io" {
		asked = "index.docker.io"
	}
	w := &world{hosts: map[string]http.Handler{asked: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		has(w)
	})}}
	_, _ = w.client(func(o *registry.Options) { o.Getenv = getenv }).Digest(t.Context(), host+"/team/base:1.0.0")
	all := w.requests(asked)
	return all[len(all)-1].authorization
}

func file(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func config(host, user string) string {
	return fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host, strings.TrimPrefix(basic(user, password), "Basic "))
}

// Credentials of each source go to the registry that they belong to, and to no other.
func TestWhereCredentialsComeFrom(t *testing.T) {
	dir := t.TempDir()
	file(t, filepath.Join(dir, "docker", "config.json"), config("ghcr.io", "docker"), 0o600)
	file(t, filepath.Join(dir, "home", ".docker", "config.json"), config("ghcr.io", "home"), 0o600)
	file(t, filepath.Join(dir, "podman", "containers", "auth.json"), `{"auths": {"ghcr.io/team": {"auth": "cG9kbWFuOng="}, "ghcr.io/team/other": {"auth": "bm9ib2R5Ong="}}}`, 0o600)
	file(t, filepath.Join(dir, "other.json"), config("quay.io", "podman"), 0o600)
	file(t, filepath.Join(dir, "broken", "config.json"), `{"auths": `, 0o600)
	actions := []string{"GITHUB_ACTIONS", "true", "GITHUB_TOKEN", "ghs_0123456789abcdef", "GITHUB_ACTOR", "octocat"}
	of := func(more ...string) []string { return more }
	for _, tc := range []struct {
		name string
		env  []string
		host string
		want string // user:password; "" for nothing
	}{
		{"nothing", nil, "ghcr.io", ""},
		{"the variable", of("DOCKER_AUTH_CONFIG", config("ghcr.io", "variable")), "ghcr.io", "variable:" + password},
		{"the variable, another registry", of("DOCKER_AUTH_CONFIG", config("ghcr.io", "variable")), "ghcr.io.evil.test", ""},
		{"the variable, another port", of("DOCKER_AUTH_CONFIG", config("ghcr.io", "variable")), "ghcr.io:8443", ""},
		{"the variable, a name below", of("DOCKER_AUTH_CONFIG", config("ghcr.io", "variable")), "sub.ghcr.io", ""},
		{"the variable, a URL", of("DOCKER_AUTH_CONFIG", config("https://ghcr.io/v1/", "url")), "ghcr.io", "url:" + password},
		{"the variable, a URL of a name that it ends in", of("DOCKER_AUTH_CONFIG", config("https://hcr.io/v1/", "url")), "ghcr.io", ""},
		{"the variable before the file", of("DOCKER_AUTH_CONFIG", config("ghcr.io", "variable"), "DOCKER_CONFIG", filepath.Join(dir, "docker")), "ghcr.io", "variable:" + password},
		{"the file for what the variable has not", of("DOCKER_AUTH_CONFIG", config("quay.io", "variable"), "DOCKER_CONFIG", filepath.Join(dir, "docker")), "ghcr.io", "docker:" + password},
		{"the file at home", of("HOME", filepath.Join(dir, "home")), "ghcr.io", "home:" + password},
		{"a directory before that at home", of("HOME", filepath.Join(dir, "home"), "DOCKER_CONFIG", filepath.Join(dir, "docker")), "ghcr.io", "docker:" + password},
		{"podman, for a namespace", of("XDG_RUNTIME_DIR", filepath.Join(dir, "podman")), "ghcr.io", "podman:x"},
		{"podman, another file", of("REGISTRY_AUTH_FILE", filepath.Join(dir, "docker", "config.json")), "ghcr.io", "docker:" + password},
		{"podman, beside Docker", of("DOCKER_CONFIG", filepath.Join(dir, "docker"), "REGISTRY_AUTH_FILE", filepath.Join(dir, "other.json")), "quay.io", ""},
		{"podman, another registry", of("REGISTRY_AUTH_FILE", filepath.Join(dir, "other.json")), "quay.io", "podman:" + password},
		{"the job", actions, "ghcr.io", "octocat:ghs_0123456789abcdef"},
		{"the job, another registry", actions, "quay.io", ""},
		{"the job, a name like it", actions, "ghcr.io.evil.test", ""},
		{"a token outside of a job", actions[2:], "ghcr.io", ""},
		{"the file before the job", append(of("DOCKER_CONFIG", filepath.Join(dir, "docker")), actions...), "ghcr.io", "docker:" + password},
		{"the job, beside a file for others", append(of("DOCKER_AUTH_CONFIG", config("quay.io", "variable")), actions...), "ghcr.io", "octocat:ghs_0123456789abcdef"},
		{"Docker Hub by its old name", of("DOCKER_AUTH_CONFIG", config("https://index.docker.io/v1/", "hub")), "docker.io", "hub:" + password},
		{"Docker Hub by its name", of("DOCKER_AUTH_CONFIG", config("docker.io", "hub")), "docker.io", "hub:" + password},
		{"Docker Hub by its server", of("DOCKER_AUTH_CONFIG", config("registry-1.docker.io", "hub")), "docker.io", "hub:" + password},
		{"Docker Hub for nobody else", of("DOCKER_AUTH_CONFIG", config("docker.io", "hub")), "hub.docker.io", ""},
		{"a broken file", of("DOCKER_CONFIG", filepath.Join(dir, "broken")), "ghcr.io", ""},
		{"a broken variable", of("DOCKER_AUTH_CONFIG", `{`, "DOCKER_CONFIG", filepath.Join(dir, "docker")), "ghcr.io", "docker:" + password},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := ""
			if user, secret, ok := strings.Cut(tc.want, ":"); ok {
				want = basic(user, secret)
			}
			if got := askedWith(t, tc.host, env(tc.env...)); got != want {
				t.Errorf("it sends %q, want %q", got, want)
			}
		})
	}
}

// Credential helpers are asked once for a registry, and what they say of themselves is in the
// error when the registry refuses.
func TestCredentialHelpers(t *testing.T) {
	bin := t.TempDir()
	asked := filepath.Join(bin, "asked")
	helper := func(name, answer string, status int) {
		file(t, filepath.Join(bin, "docker-credential-"+name), fmt.Sprintf("#!/bin/sh\nread host || true\necho \"$1 $host\" >> %s\nprintf '%%s' '%s'\nexit %d\n", asked, answer, status), 0o700)
	}
	helper("cloud", `{"ServerURL":"x","Username":"robot","Secret":"`+password+`"}`, 0)
	helper("identity", `{"Username":"<token>","Secret":"`+password+`"}`, 0)
	helper("none", "credentials not found in native keychain", 1)
	helper("fails", "the cloud is away", 1)
	helper("talks", "hello", 0)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	with := func(text string) func(string) string { return env("DOCKER_AUTH_CONFIG", text) }

	if got := askedWith(t, corp, with(`{"credHelpers": {"`+corp+`": "cloud"}}`)); got != basic("robot", password) {
		t.Errorf("with a helper it sends %q", got)
	}
	if got := askedWith(t, corp, with(`{"credHelpers": {"other.test": "cloud"}}`)); got != "" {
		t.Errorf("with a helper for another registry it sends %q", got)
	}
	if got := askedWith(t, "docker.io", with(`{"credsStore": "cloud"}`)); got != basic("robot", password) {
		t.Errorf("with a store it sends %q", got)
	}
	if got := askedWith(t, corp, with(`{"credsStore": "none", "auths": {"`+corp+`": {"username": "a", "password": "b"}}}`)); got != basic("a", "b") {
		t.Errorf("with a store that knows nothing it sends %q", got)
	}
	if got := askedWith(t, "docker.io", with(`{"credsStore": "none"}`)); got != "" {
		t.Errorf("with a store that knows nothing it sends %q", got)
	}
	text, err := os.ReadFile(asked)
	if want := "get " + corp + "\nget https://index.docker.io/v1/\nget " + corp + "\nget https://index.docker.io/v1/\n"; err != nil || string(text) != want {
		t.Errorf("the helpers were asked\n%swant\n%s%v", text, want, err)
	}

	for name, want := range map[string]string{
		"fails":   "the credential helper docker-credential-fails fails: the cloud is away",
		"talks":   "the credential helper docker-credential-talks gives no JSON",
		"missing": "the credential helper docker-credential-missing is not installed",
		"../evil": `"../evil" is no name of a credential helper`,
	} {
		w := &world{hosts: map[string]http.Handler{corp: challenging(`Basic realm="x"`, "none", nil)}}
		c := w.client(func(o *registry.Options) { o.Getenv = with(`{"credHelpers": {"` + corp + `": "` + name + `"}}`) })
		_, err := c.Digest(t.Context(), base+":1.0.0")
		says(t, err, "", "the registry refuses access (401): docker login "+corp+"; credentials cannot be read: DOCKER_AUTH_CONFIG: "+want)
	}

	if err := os.Remove(asked); err != nil {
		t.Fatal(err)
	}
	w := &world{hosts: map[string]http.Handler{corp: challenging(`Bearer realm="https://`+corp+`/token",service="s"`, "Bearer a-bearer-token", func(w http.ResponseWriter, _ *http.Request) { has(w) })}}
	server := w.hosts[corp]
	w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			server.ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"a-bearer-token"}`))
	})
	c := w.client(func(o *registry.Options) { o.Getenv = with(`{"credHelpers": {"` + corp + `": "identity"}}`) })
	for _, image := range []string{"one", "two", "one"} {
		if _, err := c.Digest(t.Context(), corp+"/team/"+image+":1.0.0"); err != nil {
			t.Error(err)
		}
	}
	w.wants(t, corp, "POST /token", "HEAD /v2/team/one/manifests/1.0.0", "POST /token", "HEAD /v2/team/two/manifests/1.0.0")
	form, err := url.ParseQuery(w.requests(corp)[0].body)
	if err != nil || form.Get("refresh_token") != password || form.Get("grant_type") != "refresh_token" || form.Get("scope") != "repository:team/one:pull" || form.Get("service") != "s" {
		t.Errorf("the token server gets %q: %v", form, err)
	}
	if text, err := os.ReadFile(asked); err != nil || string(text) != "get "+corp+"\n" {
		t.Errorf("the helper is asked %q: %v", text, err)
	}
}

// A token that is out of date is renewed once, and one registry is pinged once.
func TestTokensAreRenewed(t *testing.T) {
	token := 1
	w := &world{hosts: map[string]http.Handler{}}
	w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			_, _ = fmt.Fprintf(w, `{"token":"token-number-%d"}`, token)
		case r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-number-%d", token):
			w.Header().Add("WWW-Authenticate", "Negotiate")
			w.Header().Add("WWW-Authenticate", `Bearer realm="https://`+corp+`/token", service="a \"b\", c"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			has(w)
		}
	})
	c := w.client(nil)
	for i, tag := range []string{"1", "2", "3"} {
		if i == 2 {
			token = 2
		}
		if _, err := c.Digest(t.Context(), base+":"+tag); err != nil {
			t.Fatal(err)
		}
	}
	w.wants(t, corp, "GET /token?scope=repository%3Ateam%2Fbase%3Apull&service=a+%22b%22%2C+c", "HEAD "+manifests+"1", "HEAD "+manifests+"2",
		"HEAD "+manifests+"3", "GET /token?scope=repository%3Ateam%2Fbase%3Apull&service=a+%22b%22%2C+c", "HEAD "+manifests+"3")
	if pings := len(w.got) - len(w.requests(corp)); pings != 1 {
		t.Errorf("it pings %d times", pings)
	}
}

// What a registry has refused is not sent again.
func TestWrongPassword(t *testing.T) {
	w := &world{hosts: map[string]http.Handler{corp: challenging(`Basic realm="x"`, basic("robot", "another-password"), nil)}}
	c := w.client(func(o *registry.Options) { o.Getenv = login(corp, password) })
	_, err := c.Digest(t.Context(), base+":1")
	says(t, err, "", "the registry refuses access (401): docker login "+corp)
	w.wants(t, corp, "HEAD "+manifests+"1")

	// A token of the registry itself is sent as it is, and an identity token that the token server
	// does not take gives way to the password.
	w = &world{hosts: map[string]http.Handler{corp: challenging(`Bearer realm="https://auth.corp.test/token"`, "Bearer of-the-registry", func(w http.ResponseWriter, _ *http.Request) { has(w) })}}
	c = w.client(func(o *registry.Options) {
		o.Getenv = env("DOCKER_AUTH_CONFIG", `{"auths":{"`+corp+`":{"registrytoken":"of-the-registry"}}}`)
	})
	if _, err := c.Digest(t.Context(), base+":1"); err != nil {
		t.Error(err)
	}
	w.hosts["auth.corp.test"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("Authorization") == basic("robot", password):
			_, _ = w.Write([]byte(`{"token":"of-the-registry"}`))
		}
	})
	c = w.client(func(o *registry.Options) {
		o.Getenv = env("DOCKER_AUTH_CONFIG", `{"auths":{"`+corp+`":{"identitytoken":"an-identity","username":"robot","password":"`+password+`"}}}`)
	})
	if _, err := c.Digest(t.Context(), base+":2"); err != nil {
		t.Error(err)
	}
	w.wants(t, "auth.corp.test", "POST /token", "GET /token?scope=repository%3Ateam%2Fbase%3Apull")

	// An identity token is in the body, which goes nowhere else.
	w.hosts["auth.corp.test"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.test/token", http.StatusTemporaryRedirect)
	})
	w.hosts["other.test"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is asked") })
	c = w.client(func(o *registry.Options) {
		o.Getenv = env("DOCKER_AUTH_CONFIG", `{"auths":{"`+corp+`":{"identitytoken":"an-identity"}}}`)
	})
	_, err = c.Digest(t.Context(), base+":3")
	says(t, err, "", "its token server auth.corp.test: it redirects to other.test, where credentials do not follow")
}
