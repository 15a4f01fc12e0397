//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
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
	opened  chan struct{} // is closed when such a request is to be served all the same
}

// newGate starts a gate that is shut for this method and end of a path.
func newGate(t *testing.T, method, pathEnd string) *gate {
	t.Helper()
	g := &gate{git: gittest.NewServer(t, "acme", "platform", "x-access-token", token), waiting: make(chan struct{}, 100), opened: make(chan struct{})}
	g.api = forgetest.NewStrict(t, forgetest.Config{GitDir: g.git.Dir, Token: token})
	api, err := url.Parse(g.api.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(api)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.shut.Load() && r.Method == method && strings.HasSuffix(r.URL.Path, pathEnd) {
			// The end of the client is noticed once its request is read.
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			g.waiting <- struct{}{}
			select {
			case <-r.Context().Done():
				return
			case <-g.opened:
				r.Body = io.NopCloser(bytes.NewReader(body))
			}
		}
		switch {
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

// A said is what a process has printed until now. Its channel is closed once that holds a text.
type said struct {
	mu    sync.Mutex
	text  bytes.Buffer
	until string
	heard chan struct{}
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.until)
	s.text.Write(p)
	if !before && strings.Contains(s.text.String(), s.until) {
		close(s.heard)
	}
	return len(p), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// awaited is what the program says when an interrupt finds a write under way.
const awaited = "interrupted: "

// A job is the main job in a process of its own.
type job struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr said
	ended  chan error
}

func (g *gate) job(t *testing.T) *job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // a program that does not end
	t.Cleanup(cancel)
	r := &job{
		t: t, cmd: exec.CommandContext(ctx, "propagate", "-C", g.clone, "--base", "base@1.0.1", "--publish", "pr"),
		stderr: said{until: awaited, heard: make(chan struct{})}, ended: make(chan error, 1),
	}
	r.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GITHUB_TOKEN=" + token, "GITHUB_API_URL=" + g.url}, environ...)
	for _, name := range []string{"GOCOVERDIR", "GORACE"} {
		if value := os.Getenv(name); value != "" {
			r.cmd.Env = append(r.cmd.Env, name+"="+value)
		}
	}
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	return r
}

// start starts a job and returns once the request waits for its answer.
func (g *gate) start(t *testing.T) *job {
	t.Helper()
	r := g.job(t)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.cmd.Wait() }()
	select {
	case <-g.waiting:
	case err := <-r.ended:
		t.Fatalf("it ended before it was interrupted: %v\n%s%s", err, &r.stdout, &r.stderr)
	}
	return r
}

func (r *job) signal(s os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// expectInterrupted waits for the end of the job, which has to say that it was interrupted.
func (r *job) expectInterrupted() {
	r.t.Helper()
	got, err := exitStatus(<-r.ended)
	if err != nil || got != 1 {
		r.t.Errorf("exit status %d, %v; want 1", got, err)
	}
	if said := r.stderr.String(); !strings.Contains(said, "propagate: interrupted: what was under way is not done\nhint: running it again goes on where it ended\n") {
		r.t.Errorf("it says: %s", said)
	}
	if all := r.stdout.String() + r.stderr.String(); strings.Contains(all, "goroutine ") || strings.Contains(all, token) {
		r.t.Errorf("it shows a stack trace or the token: %s", all)
	}
}

// expectNextRun runs the job again, which has to find what is left whole, to say that, and to
// end with the pull request.
func (g *gate) expectNextRun(t *testing.T, want string) {
	t.Helper()
	if out, err := gittest.Try(t, g.git.Dir, "fsck", "--strict"); err != nil {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	g.shut.Store(false)
	r := g.job(t)
	if err := r.cmd.Run(); err != nil || !strings.Contains(r.stdout.String(), want) || len(g.api.Pulls()) != 1 {
		t.Errorf("the next run: %v\n%s%s", err, &r.stdout, &r.stderr)
	}
}

func (g *gate) tip(t *testing.T) string {
	t.Helper()
	return gittest.Git(t, g.git.Dir, "for-each-ref", "--format=%(objectname)", "refs/heads/"+branch)
}

// Whatever is read when a person presses Ctrl-C: the program ends at once, says so, leaves
// nothing half made, and the next run does the rest.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		method, pathEnd string
		signal          os.Signal
	}{
		{"reading the branches", http.MethodGet, "/info/refs", os.Interrupt},
		{"reading the pull requests", http.MethodGet, "/pulls", os.Interrupt},
		{"at the end of a job", http.MethodGet, "/pulls", syscall.SIGTERM},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, test.method, test.pathEnd)
			r := g.start(t)
			r.signal(test.signal)
			r.expectInterrupted()
			if tip := g.tip(t); tip != "" || len(g.api.Pulls()) != 0 {
				t.Errorf("the branch is at %q, the pull requests are %+v", tip, g.api.Pulls())
			}
			g.expectNextRun(t, "created: Update base to 1.0.1")
		})
	}
}

// A write that is under way when a person presses Ctrl-C may have taken effect: its answer is
// read, and nothing more is sent.
func TestInterruptOfAWrite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, pathEnd string
		pulls         int
		says          string
		next          string
	}{
		{"pushing", "/git-receive-pack", 0, "branch " + branch + " at TIP", "created: Update base to 1.0.1"},
		{"opening the pull request", "/pulls", 1, "created: Update base to 1.0.1\n  pull request #1 ", "unchanged: Update base to 1.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, http.MethodPost, test.pathEnd)
			r := g.start(t)
			r.signal(os.Interrupt)
			<-r.stderr.heard
			close(g.opened)
			r.expectInterrupted()
			tip := g.tip(t)
			if tip == "" || len(g.api.Pulls()) != test.pulls {
				t.Fatalf("the branch is at %q, the pull requests are %+v", tip, g.api.Pulls())
			}
			if !strings.Contains(r.stdout.String(), strings.ReplaceAll(test.says, "TIP", tip[:12])) {
				t.Errorf("the output does not say %q: %s", test.says, &r.stdout)
			}
			g.expectNextRun(t, test.next)
		})
	}
}

// Whoever does not want to wait for the answer presses Ctrl-C again.
func TestSecondInterrupt(t *testing.T) {
	t.Parallel()
	for _, pathEnd := range []string{"/git-receive-pack", "/pulls"} {
		t.Run(pathEnd, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, http.MethodPost, pathEnd)
			r := g.start(t)
			r.signal(os.Interrupt)
			<-r.stderr.heard
			r.signal(os.Interrupt)
			var exit *exec.ExitError
			if err := <-r.ended; !errors.As(err, &exit) || exit.Exited() {
				t.Errorf("it ends with %v, want a signal", err)
			}
			g.expectNextRun(t, "created: Update base to 1.0.1")
		})
	}
}
