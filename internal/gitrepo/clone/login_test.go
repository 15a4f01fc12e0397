package clone_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
)

// A password that stands in the URL is in no argument of git, and in no file afterwards.
func TestPasswordIsNowhere(t *testing.T) {
	trace := filepath.Join(gittest.TempDir(t), "trace")
	t.Setenv("GIT_TRACE", trace)
	r := serve(t)
	c := open(t, r.options(t, "HEAD"))
	if err := c.Repo.Prefetch(t.Context(), files(t, c, resolve(t, c))); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(trace)
	if err != nil || !strings.Contains(string(said), "fetch") {
		t.Fatalf("git wrote no trace: %v", err)
	}
	secrets := []string{password, base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}
	check := func(name, text string) {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows the password: %s", name, text)
			}
		}
	}
	check("an argument", string(said))
	err = filepath.WalkDir(r.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		check(path, path+string(data))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A password does not follow a redirect to another host.
func TestRedirect(t *testing.T) {
	t.Parallel()
	var seen atomic.Value
	seen.Store("")
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "" {
			seen.Store(got)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(other.Close)
	for name, asks := range map[string]bool{"at once": false, "after it has asked for the password": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var given atomic.Bool
			first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, got, ok := r.BasicAuth()
				if asks && !ok {
					w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				given.Store(got == password)
				http.Redirect(w, r, other.URL+r.URL.String(), http.StatusFound)
			}))
			t.Cleanup(first.Close)
			r := serve(t)
			o := r.options(t, "HEAD")
			address, err := remote.ParseAddress(strings.Replace(first.URL, "://", "://me:"+strings.ReplaceAll(password, "/", "%2F")+"@", 1) + "/acme/mono.git")
			if err != nil {
				t.Fatal(err)
			}
			o.Address, o.Guard.Login, o.Guard.Secrets = address, address.Login, address.Login.Secrets()
			if _, err := clone.Open(t.Context(), o); !errors.Is(err, remote.ErrAuthentication) {
				t.Errorf("error %v", err)
			}
			if got := seen.Load(); got != "" || given.Load() != asks {
				t.Errorf("the other host got %q, the first one got the password: %t", got, given.Load())
			}
		})
	}
}

// Where the URL has no password the user's own helpers are asked, and where it has one they are not.
func TestHelpers(t *testing.T) {
	r := serve(t)
	helper := func(password string) {
		t.Setenv("GIT_CONFIG_COUNT", "1")
		t.Setenv("GIT_CONFIG_KEY_0", "credential.helper")
		t.Setenv("GIT_CONFIG_VALUE_0", "!f() { echo username="+user+"; echo password="+password+"; }; f")
	}
	helper("wrong")
	r.read(t, "HEAD")
	o := r.options(t, "HEAD")
	o.Guard.Login = nil
	if _, err := clone.Open(t.Context(), o); !errors.Is(err, remote.ErrAuthentication) {
		t.Errorf("error %v", err)
	}
	helper(password)
	shut(t, open(t, o))
	// A user alone is the one that helpers are asked for.
	o.Guard.Login = &remote.Login{Site: strings.TrimSuffix(r.URL, "/acme/mono.git"), Username: user}
	t.Setenv("GIT_CONFIG_VALUE_0", "!f() { grep -q '^username="+user+"$' && echo password="+password+"; }; f")
	shut(t, open(t, o))
}
