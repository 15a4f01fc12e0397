//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

const token = "ghp_0123TESTtest4567"

// A gate is a git server and the API of its GitHub at one address, which
// leaves one kind of request without an answer while it is shut.
type gate struct {
	git   *gittest.Server
	api   *forgetest.Strict
	url   string
	clone string

	shut    atomic.Bool
	waiting chan struct{} // gets a value when a request waits for its answer
}

// newGate starts a gate that is shut for this method and end of a path.
func newGate(t *testing.T, method, pathEnd string) *gate {
	t.Helper()
	g := &gate{git: gittest.NewServer(t, "acme", "platform", "x-access-token", token), waiting: make(chan struct{}, 100)}
	g.api = forgetest.NewStrict(t, forgetest.Config{GitDir: g.git.Dir, Token: token})
	api, err := url.Parse(g.api.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(api)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case g.shut.Load() && r.Method == method && strings.HasSuffix(r.URL.Path, pathEnd):
			// The end of the client is noticed once its request is read.
			_, _ = io.Copy(io.Discard, r.Body)
			g.waiting <- struct{}{}
			<-r.Context().Done()
		case strings.HasPrefix(r.URL.Path, "/acme/"):
			g.git.ServeHTTP(w, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	g.shut.Store(true)
	g.clone = gittest.Init(t, map[string]string{
		"services/a/Dockerfile": "FROM registry.example/team/base:1.0.0\n",
		".propagate.yaml":       "labels: []\n",
	})
	gittest.Git(t, g.clone, "push", "--quiet", g.git.AuthURL(), "main")
	gittest.Git(t, g.clone, "remote", "add", "origin", g.url+"/acme/platform.git")
	return g
}

const branch = "propagate/base"

// command is the main job in a process of its own.
func (g *gate) command(ctx context.Context, t *testing.T) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	cmd = exec.CommandContext(ctx, "propagate", "-C", g.clone, "--base", "base@1.0.1", "--publish", "pr")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GITHUB_TOKEN=" + token, "GITHUB_API_URL=" + g.url}, environ...)
	for _, name := range []string{"GOCOVERDIR", "GORACE"} {
		if value := os.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// Whatever is under way when a person presses Ctrl-C: the program ends at once,
// says so, leaves nothing half made, and the next run does the rest.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		method, pathEnd string
		signal          os.Signal
		pushed          bool // whether the branch is there before
	}{
		{"reading the branches", http.MethodGet, "/info/refs", os.Interrupt, false},
		{"reading the pull requests", http.MethodGet, "/pulls", os.Interrupt, false},
		{"pushing", http.MethodPost, "/git-receive-pack", os.Interrupt, false},
		{"opening the pull request", http.MethodPost, "/pulls", os.Interrupt, true},
		{"at the end of a job", http.MethodGet, "/pulls", syscall.SIGTERM, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, test.method, test.pathEnd)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // a program that does not end
			defer cancel()
			cmd, stdout, stderr := g.command(ctx, t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-g.waiting:
			case err := <-ended:
				t.Fatalf("it ended before it was interrupted: %v\n%s%s", err, stdout, stderr)
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			got, err := exitStatus(<-ended)
			if err != nil || got != 1 {
				t.Errorf("exit status %d, %v; want 1", got, err)
			}
			if said := stderr.String(); !strings.Contains(said, "propagate: interrupted: what was under way is not done\nhint: running it again goes on where it ended\n") {
				t.Errorf("it says: %s", said)
			}
			if all := stdout.String() + stderr.String(); strings.Contains(all, "goroutine ") || strings.Contains(all, token) {
				t.Errorf("it shows a stack trace or the token: %s", all)
			}
			tip := gittest.Git(t, g.git.Dir, "for-each-ref", "--format=%(objectname)", "refs/heads/"+branch)
			if (tip != "") != test.pushed || len(g.api.Pulls()) != 0 {
				t.Errorf("the branch is at %q, the pull requests are %+v", tip, g.api.Pulls())
			}
			if out, err := gittest.Try(t, g.git.Dir, "fsck", "--strict"); err != nil {
				t.Errorf("git fsck: %v\n%s", err, out)
			}
			if test.pushed && !strings.Contains(stdout.String(), "branch "+branch+" at "+tip[:12]) {
				t.Errorf("the output does not list the branch: %s", stdout)
			}

			g.shut.Store(false)
			cmd, stdout, stderr = g.command(ctx, t)
			if err := cmd.Run(); err != nil || !strings.Contains(stdout.String(), "created: Update base to 1.0.1") || len(g.api.Pulls()) != 1 {
				t.Errorf("the next run: %v\n%s%s", err, stdout, stderr)
			}
		})
	}
}
