package registry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry"
)

// A registry, or its token server, that echoes what it was sent gives no password away:
// neither that of docker login nor another secret of the run.
func TestErrorsHoldNoPassword(t *testing.T) {
	const password, other = "hunter2-hunter2", "ghp_0123TESTtest4567"
	var authorization string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			authorization = r.Header.Get("Authorization")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, "bad <%s> and <%s>, %s", authorization, other, password)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+r.Host+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	dir := t.TempDir()
	config := fmt.Sprintf(`{"auths":{%q:{"username":"robot","password":%q}}}`, host, password)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", dir)
	c := registry.New(registry.Options{Secrets: []string{other}})
	_, err := c.Digest(t.Context(), host+"/team/base:1.0.0")
	_, once := c.Look(t.Context(), host+"/team/base:1.0.0")
	if err == nil || once == nil || authorization == "" {
		t.Fatalf("error %v, authorization %q", err, authorization)
	}
	_, encoded, _ := strings.Cut(authorization, " ")
	for _, secret := range []string{password, other, encoded} {
		if strings.Contains(err.Error()+once.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
	if !strings.Contains(err.Error(), "***") || !strings.Contains(err.Error(), host+"/team/base:1.0.0") {
		t.Errorf("the error is %v", err)
	}
}

// Nor does it give a token away that it gave itself.
func TestErrorsHoldNoToken(t *testing.T) {
	const token = "a-token-of-the-registry"
	w := &world{hosts: map[string]http.Handler{
		corp: challenging(`Bearer realm="https://auth.corp.test/token"`, "Bearer "+token, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"not with %s"}]}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		}),
		"auth.corp.test": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, `{"token":%q}`, token) }),
	}}
	_, err := w.client(nil).Tags(t.Context(), base)
	says(t, err, "", "listing the tags of "+base+": it answers 418 I'm a teapot: not with ***")
	if strings.Contains(err.Error(), token) {
		t.Errorf("the error is %v", err)
	}
}
