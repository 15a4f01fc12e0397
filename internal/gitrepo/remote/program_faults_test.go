package remote_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// TestProgramErrors: what git says is understood, and nobody is asked for anything.
func TestProgramErrors(t *testing.T) {
	t.Parallel()
	sshd := gittest.NewSSHServer(t)
	for _, test := range []struct {
		name string
		url  func(server *gittest.Server) string
		ssh  string // core.sshCommand
		want error  // nil: none of the package's
		text string
	}{
		{"no password", func(s *gittest.Server) string { return s.URL }, "", remote.ErrAuthentication, "could not read Username"},
		{"wrong password", func(s *gittest.Server) string { return strings.Replace(s.AuthURL(), user, "stranger", 1) }, "", remote.ErrAuthentication, "Authentication failed"},
		{"no such repository", func(s *gittest.Server) string { return strings.Replace(s.AuthURL(), "/repo", "/other", 1) }, "", remote.ErrNotFound, "not found"},
		{"no such directory", func(s *gittest.Server) string { return s.Dir + "x" }, "", remote.ErrNotFound, "does not appear to be a git repository"},
		{"nobody listens", func(*gittest.Server) string { return "http://127.0.0.1:1/o/r" }, "", remote.ErrUnreachable, "127.0.0.1"},
		{"a key that is not known", func(s *gittest.Server) string { return sshd.URL(s.Dir) }, sshd.Stranger, remote.ErrAuthentication, "Permission denied"},
		{"a host that is not known", func(s *gittest.Server) string { return sshd.URL(s.Dir) }, "ssh -F /dev/null -o UserKnownHostsFile=/dev/null", nil, "Host key verification failed"},
		{"no such repository over ssh", func(s *gittest.Server) string { return sshd.URL(s.Dir + "x") }, sshd.Command, remote.ErrNotFound, "does not appear to be a git repository"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir, head := serve(t)
			gittest.Git(t, dir, "remote", "set-url", "origin", test.url(server))
			if test.ssh != "" {
				gittest.Git(t, dir, "config", "core.sshCommand", test.ssh)
			}
			to := origin(t, open(t, dir))
			_, read := to.Advertised(t.Context())
			_, _, write := to.Push(t.Context(), []remote.Update{{Branch: "b", New: head}}, nil)
			for _, err := range []error{read, write} {
				if err == nil {
					t.Fatal("no error")
				}
				noSecret(t, err)
				for _, known := range []error{remote.ErrAuthentication, remote.ErrAuthorization, remote.ErrNotFound, remote.ErrUnreachable} {
					if errors.Is(err, known) != errors.Is(test.want, known) {
						t.Errorf("error %q: is it %q? want %q", err, known, test.want)
					}
				}
				if !strings.Contains(err.Error(), test.text) || strings.ContainsAny(err.Error(), "\x1b\n") || source.Hint(err) == "" {
					t.Errorf("error %q (hint %q), want %q in it, on one line", err, source.Hint(err), test.text)
				}
			}
		})
	}
}

// TestProgramRefusesNonsense: nothing that git could take for something else becomes an argument.
func TestProgramRefusesNonsense(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	gittest.Git(t, dir, "remote", "set-url", "origin", server.Dir)
	to := origin(t, open(t, dir))
	for name, updates := range map[string][]remote.Update{
		"twice":     {{Branch: "b", New: head}, {Branch: "b", New: head}},
		"no commit": {{Branch: "b"}},
		"zeros":     {{Branch: "b", New: strings.Repeat("0", 40)}},
		"short id":  {{Branch: "b", New: head[:10]}},
		"old id":    {{Branch: "b", New: head, Old: "--force"}},
		"no branch": {{New: head}},
		"pattern":   {{Branch: "b*", New: head}},
		"two names": {{Branch: "b:refs/heads/main", New: head}},
	} {
		if results, _, err := to.Push(t.Context(), updates, nil); err == nil {
			t.Errorf("%s: %v", name, results)
		}
	}
	if got := has(t, server); len(got) != 1 {
		t.Errorf("the server has %v", got)
	}
}

// TestProgramPushURL: what is read is what is written.
func TestProgramPushURL(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	fork := gittest.NewServer(t, "o", "fork", user, token)
	gittest.Git(t, dir, "push", "--quiet", fork.Dir, "main", "main:refs/heads/theirs")
	gittest.Git(t, dir, "remote", "set-url", "origin", server.Dir)
	gittest.Git(t, dir, "remote", "set-url", "--push", "origin", fork.AuthURL())
	repo := open(t, dir)
	adv, err := origin(t, repo).Advertised(t.Context())
	if err != nil || adv.Branches["theirs"] != head {
		t.Errorf("%+v, %v", adv, err)
	}
	if r, _ := pushed(t, origin(t, repo), []remote.Update{{Branch: "b", New: head}}); r[0].Err != nil || has(t, fork)["b"] != head || len(has(t, server)) != 1 {
		t.Errorf("%v: the fork has %v", r[0].Err, has(t, fork))
	}
	gittest.Git(t, dir, "remote", "set-url", "--add", "--push", "origin", server.Dir)
	if _, err := open(t, dir).Program("origin"); err == nil || source.Hint(err) == "" || !strings.Contains(err.Error(), "2 places") {
		t.Errorf("two URLs: %v", err)
	}
}

// TestProgramLostAnswer: the server dies after a branch was set, and before.
func TestProgramLostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hook, script string
		done         bool
	}{
		"after":  {"reference-transaction", `test "$1" != committed || kill -9 $PPID`, true},
		"before": {"pre-receive", `kill -9 $PPID`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, dir, head := serve(t)
			gittest.Git(t, dir, "remote", "set-url", "origin", server.Dir)
			server.Hook(t, test.hook, test.script)
			repo := open(t, dir)
			id := stored(t, repo, head, "1\n")
			results, _ := pushed(t, origin(t, repo), []remote.Update{{Branch: "b", New: id}, {Branch: "c", New: id}})
			if done := has(t, server)["b"] == id; done != test.done || done != (results[0].Err == nil) || results[1].Err == nil {
				t.Errorf("results %v and %v, and the server has %v", results[0].Err, results[1].Err, has(t, server))
			}
		})
	}
}

// TestProgramCancelled ends git while the server is at work.
func TestProgramCancelled(t *testing.T) {
	t.Parallel()
	server, dir, head := serve(t)
	tmp := gittest.TempDir(t)
	at, release := filepath.Join(tmp, "at"), filepath.Join(tmp, "release")
	if out, err := exec.CommandContext(t.Context(), "mkfifo", at, release).CombinedOutput(); err != nil {
		t.Fatalf("mkfifo: %v\n%s", err, out)
	}
	server.Hook(t, "pre-receive", "echo here > '"+at+"'; exec cat '"+release+"'")
	gittest.Git(t, dir, "remote", "set-url", "origin", server.Dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_, _ = os.ReadFile(at) // until the hook runs
		cancel()
	}()
	_, _, err := origin(t, open(t, dir)).Push(ctx, []remote.Update{{Branch: "b", New: head}}, nil)
	if err := os.WriteFile(release, nil, 0); err != nil {
		t.Error(err)
	}
	wantError(t, err, context.Canceled)
}

// TestProgramWithholds: the token of GitHub does not reach what git starts for another
// host, and the variables that name another repository reach nothing.
func TestProgramWithholds(t *testing.T) {
	server, dir, head := serve(t)
	t.Setenv("GITHUB_TOKEN", token)
	t.Setenv("GH_TOKEN", token)
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "elsewhere"))
	seen := filepath.Join(gittest.TempDir(t), "seen")
	helper := "!f() { env >> '" + seen + "'; echo username=" + user + "; echo password=" + token + "; }; f"
	for _, allowed := range []bool{false, true} {
		gittest.Git(t, dir, "config", "credential.helper", helper)
		gittest.Git(t, dir, "remote", "set-url", "origin", server.URL)
		repo := open(t, dir)
		repo.SetGuard(remote.Guard{Variables: []string{"GITHUB_TOKEN", "GH_TOKEN"}, Secrets: []string{token}, Allowed: func(url string) bool {
			return allowed && url == server.URL
		}})
		if r, _ := pushed(t, origin(t, repo), []remote.Update{{Branch: "b", New: head}}); r[0].Err != nil {
			t.Fatal(r[0].Err)
		}
		env, err := os.ReadFile(seen)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(env), "_TOKEN="); got != allowed {
			t.Errorf("allowed: %v, and the helper sees a token: %v", allowed, got)
		}
		if strings.Contains(string(env), "elsewhere") {
			t.Error("GIT_DIR reaches it")
		}
		gittest.Git(t, server.Dir, "update-ref", "-d", "refs/heads/b")
		if err := os.Remove(seen); err != nil {
			t.Fatal(err)
		}
	}
}
