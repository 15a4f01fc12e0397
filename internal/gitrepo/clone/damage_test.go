package clone_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// What a run that was killed leaves does not stop the next one.
func TestKilled(t *testing.T) {
	t.Parallel()
	r := serve(t)
	r.read(t, "HEAD")
	dir := r.dir(t)
	old := filepath.Join(dir, "objects", "pack", "tmp_pack_old")
	young := filepath.Join(dir, "objects", "pack", "tmp_pack_young")
	for _, path := range []string{
		filepath.Join(dir, "shallow.lock"), filepath.Join(dir, "refs", "remotes", "origin", "main.lock"), filepath.Join(dir, "config.lock"), old, young,
		filepath.Join(filepath.Dir(dir), "unfinished-1", "HEAD"),
	} {
		put(t, path, "")
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if head := r.commit(t, map[string]string{"a/x": "x2\n"}); r.read(t, "HEAD").Commit != head {
		t.Error("the new commit did not come")
	}
	r.notes(t)
	for path, want := range map[string]bool{old: false, young: true, filepath.Join(filepath.Dir(dir), "unfinished-1"): false} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %t", path, err == nil)
		}
	}
}

// put writes a file.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(path); err != nil { // those of git cannot be written to
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pack returns the one file of a kind among the packs.
func pack(t *testing.T, dir, kind string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*."+kind))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

// A repository that is damaged is made anew, with a note.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, dir string){
		"an empty configuration":  func(t *testing.T, dir string) { put(t, filepath.Join(dir, "config"), "") },
		"another configuration":   func(t *testing.T, dir string) { gittest.Git(t, dir, "config", "core.sshCommand", "touch /tmp/x") },
		"no configuration":        func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "config")) },
		"no HEAD":                 func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "HEAD")) },
		"no objects":              func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "objects")) },
		"a file for a directory":  func(t *testing.T, dir string) { remove(t, dir); put(t, dir, "") },
		"an empty reference":      func(t *testing.T, dir string) { put(t, filepath.Join(dir, "refs", "remotes", "origin", "main"), "") },
		"a list of nothing":       func(t *testing.T, dir string) { put(t, filepath.Join(dir, "shallow"), "nothing\n") },
		"a pack that is cut":      func(t *testing.T, dir string) { cut(t, pack(t, dir, "pack"), 30) },
		"a pack with other bytes": func(t *testing.T, dir string) { spoil(t, pack(t, dir, "pack")) },
		"an index with others":    func(t *testing.T, dir string) { spoil(t, pack(t, dir, "idx")) },
		"a pack that is empty":    func(t *testing.T, dir string) { put(t, pack(t, dir, "pack"), "") },
		"an index that is empty":  func(t *testing.T, dir string) { put(t, pack(t, dir, "idx"), "") },
		"a reference into nothing": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "refs", "remotes", "origin", "main"), strings.Repeat("1", 40)+"\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t)
			r.read(t, "HEAD")
			damage(t, r.dir(t))
			c := open(t, r.options(t, "HEAD"))
			if rev := resolve(t, c); rev.Branch != "main" || len(files(t, c, rev)) != 3 {
				t.Errorf("HEAD is %+v", rev)
			}
			if name == "a reference into nothing" { // which a fetch mends
				return
			}
			if len(r.said) == 0 || !strings.Contains(r.said[0], "damaged") || !c.Fresh {
				t.Errorf("the notes are %q", r.said)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// spoil changes a byte of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	put(t, path, string(data))
}

// cut takes bytes from the end of a file.
func cut(t *testing.T, path string, n int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, string(data[:len(data)-n]))
}

// What another run reads is not taken away from it: then what is damaged is left, and another
// repository is used.
func TestDamagedWhileItIsRead(t *testing.T) {
	t.Parallel()
	r := serve(t)
	reader := open(t, r.options(t, "HEAD"))
	gittest.Git(t, r.dir(t), "config", "user.name", "somebody")
	c := open(t, r.options(t, "HEAD"))
	if rev := resolve(t, c); len(files(t, c, rev)) != 3 {
		t.Errorf("HEAD is %+v", rev)
	}
	if rev := resolve(t, reader); len(files(t, reader, rev)) != 3 {
		t.Errorf("for the other one HEAD is %+v", rev)
	}
	shut(t, reader)
	r.said = nil
	r.read(t, "HEAD")
	r.notes(t, "damaged")
	r.read(t, "HEAD")
	r.notes(t)
}

// A repository that has too many packs is made anew, when nobody reads it, and nothing is said.
func TestManyPacks(t *testing.T) {
	t.Parallel()
	r := serve(t)
	reader := open(t, r.options(t, "HEAD"))
	dir := r.dir(t)
	index, err := os.ReadFile(pack(t, dir, "idx"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(pack(t, dir, "pack"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 70 {
		name := filepath.Join(dir, "objects", "pack", "pack-"+strings.Repeat("0", 38)+string(rune('a'+i/10))+string(rune('0'+i%10)))
		put(t, name+".pack", string(content))
		put(t, name+".idx", string(index))
	}
	if c := open(t, r.options(t, "HEAD")); c.Fresh {
		t.Error("it is made anew while somebody reads it")
	} else {
		shut(t, c)
	}
	shut(t, reader)
	if c := open(t, r.options(t, "HEAD")); !c.Fresh || resolve(t, c).Branch != "main" {
		t.Error("it is not made anew")
	}
	r.notes(t)
}

// Whoever waits for another run that fetches does not wait for ever, and gets it when that has ended.
func TestLocked(t *testing.T) {
	t.Parallel()
	r := serve(t)
	silent := silentServer(t)
	slow := r.options(t, "HEAD")
	slow.Address.URL = silent.url
	begun := make(chan struct{}, 10)
	slow.Doing = func(string, ...any) { begun <- struct{}{} }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := clone.Open(ctx, slow)
		ended <- err
	}()
	<-begun
	second := slow
	second.Lock = time.Millisecond
	_, err := clone.Open(t.Context(), second)
	if err == nil || !strings.Contains(err.Error(), "locked by another run") || !strings.Contains(source.Hint(err), "--no-cache") {
		t.Errorf("error %v (hint %q)", err, source.Hint(err))
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the first one ends with %v", err)
	}
	second.Look = time.Millisecond
	second.Lock = 0
	if _, err := clone.Open(t.Context(), second); !errors.Is(err, remote.ErrUnreachable) || !strings.Contains(err.Error(), "no answer within 1ms") {
		t.Errorf("error %v", err)
	}
}

// A silent server takes requests and answers none until the test ends.
type silent struct{ url string }

func silentServer(t *testing.T) silent {
	t.Helper()
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-done:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(done); server.Close() })
	return silent{server.URL + "/acme/mono.git"}
}

// Each error names the URL without the password, says why, and what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, r *remoteRepo, o *clone.Options)
		want   error
		says   string
	}{
		{"no such host", func(_ *testing.T, _ *remoteRepo, o *clone.Options) {
			o.Address.URL = "https://host.invalid/acme/mono.git"
		}, remote.ErrUnreachable, "host.invalid"},
		{"no such port", func(_ *testing.T, _ *remoteRepo, o *clone.Options) {
			o.Address.URL = "http://" + closed.Addr().String() + "/acme/mono.git"
		}, remote.ErrUnreachable, "/acme/mono.git"},
		{"no such repository", func(_ *testing.T, _ *remoteRepo, o *clone.Options) {
			o.Address.URL = strings.Replace(o.Address.URL, "mono", "other", 1)
		}, remote.ErrNotFound, "/acme/other.git"},
		{"no such directory", func(_ *testing.T, r *remoteRepo, o *clone.Options) { o.Address.URL = "file://" + r.work + "/none" }, remote.ErrNotFound, "/none"},
		{"no password", func(_ *testing.T, _ *remoteRepo, o *clone.Options) { o.Guard.Login = nil }, remote.ErrAuthentication, "/acme/mono.git"},
		{"a wrong password", func(_ *testing.T, _ *remoteRepo, o *clone.Options) {
			login := *o.Guard.Login
			login.Password = password + "x"
			o.Guard.Login, o.Guard.Secrets = &login, login.Secrets()
		}, remote.ErrAuthentication, "/acme/mono.git"},
		{"no such branch", func(_ *testing.T, _ *remoteRepo, o *clone.Options) { o.Ref = "nothing" }, remote.ErrNoReference, "nothing at http"},
		{"no such commit", func(_ *testing.T, _ *remoteRepo, o *clone.Options) { o.Ref = strings.Repeat("1", 40) }, remote.ErrNoReference, "/acme/mono.git"},
		{"an ancestor", func(_ *testing.T, _ *remoteRepo, o *clone.Options) { o.Ref = "HEAD~1" }, remote.ErrNoReference, "HEAD~1 at http"},
		{"nothing in it", func(t *testing.T, r *remoteRepo, _ *clone.Options) {
			gittest.Git(t, r.Dir, "update-ref", "-d", "refs/heads/main")
		}, gitrepo.ErrNoCommit, "/acme/mono.git"},
		{"a protocol that is off", func(_ *testing.T, _ *remoteRepo, o *clone.Options) { o.Address.URL = "ext::sh -c true" }, remote.ErrProtocol, "not allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := serve(t)
			for _, kept := range []bool{false, true} {
				o := r.options(t, "HEAD")
				test.change(t, r, &o)
				_, err := clone.Open(t.Context(), o)
				if !errors.Is(err, test.want) {
					t.Fatalf("error %v, want %v", err, test.want)
				}
				text := err.Error() + source.Hint(err)
				if !strings.Contains(text, test.says) || strings.Contains(text, password) || source.Hint(err) == "" {
					t.Errorf("error %q (hint %q), want it to say %q", err, source.Hint(err), test.says)
				}
				if !kept && test.name != "nothing in it" { // the second time there is a repository from before
					r.read(t, "HEAD")
				}
			}
			r.notes(t)
		})
	}
}

// Without a git program there is one clear error.
func TestNoProgram(t *testing.T) {
	r := serve(t)
	o := r.options(t, "HEAD")
	t.Setenv("PATH", gittest.TempDir(t))
	if _, err := clone.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "there is no git program on PATH") || !strings.Contains(source.Hint(err), "install git") {
		t.Errorf("error %v (hint %q)", err, source.Hint(err))
	}
}
