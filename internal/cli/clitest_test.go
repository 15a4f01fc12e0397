package cli_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/cli"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/testdata"
)

// TestMain keeps the configuration of whoever runs the tests out of them.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "propagate-cli-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "xdg"), "DOCKER_CONFIG": filepath.Join(home, "docker"), "GIT_CONFIG_NOSYSTEM": "1"} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	status := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(status)
}

// token is the one that the tests' servers accept, and that no output may show.
const token = "ghp_0123TESTtest4567"

// readToken is one that may only read.
const readToken = "ghp_4567readREAD0123"

// now is the time of every run.
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// A program is propagate in one surrounding.
type program struct {
	dir       string            // given as -C, unless it is empty
	env       map[string]string // the environment
	transport http.RoundTripper // nil is the default
	cache     string            // the directory of the cache, "" for none
	build     string            // tells the program from others that use the cache
	namesake  bool              // the repository has names that are written as the token
	terminal  bool              // whether its output goes to one
	width     int               // of the terminal; 0 is not known
	clock     *clock            // nil is one that stands still, and real waits
	ctx       context.Context   // nil is that of the test
	answer    string            // what a person at the terminal types; "" is nobody
	environ   []string          // of the engine that builds; without a PATH there is none
}

// A result is what a run left.
type result struct {
	status         int
	stdout, stderr string
}

// run runs propagate and checks what holds for every run: see checkOutput.
func (p program) run(t *testing.T, args ...string) result {
	t.Helper()
	r := p.runUnchecked(t, args...)
	r.checkOutput(t, p, args)
	return r
}

// runUnchecked is run for what is compared with a result that was checked.
func (p program) runUnchecked(t *testing.T, args ...string) result {
	t.Helper()
	if p.dir != "" {
		args = append([]string{"-C", p.dir}, args...)
	}
	r := p.start(t, args...)
	r.checkOutput(t, p, args)
	return r
}

// start runs propagate with these arguments alone, and checks nothing.
func (p program) start(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	transport := p.transport
	if transport == nil {
		transport = machine{}
	}
	app := &cli.App{
		Stdout: &stdout, Stderr: &stderr, Transport: transport,
		Getenv:   func(name string) string { return p.env[name] },
		Now:      func() time.Time { return now },
		CacheDir: p.cache, Program: p.build, StdoutTerminal: p.terminal, StderrTerminal: p.terminal, Width: p.width,
	}
	app.Environ = p.environ
	if p.answer != "" {
		app.Stdin, app.StdinTerminal, app.StderrTerminal = strings.NewReader(p.answer), true, true
	}
	if p.clock != nil {
		app.Now, app.Sleep = p.clock.now, p.clock.sleep
	}
	ctx := t.Context()
	if p.ctx != nil {
		ctx = p.ctx
	}
	status := app.Main(ctx, args)
	return result{status: status, stdout: stdout.String(), stderr: stderr.String()}
}

// A machine is a transport that reaches nothing beyond this one: what is elsewhere has a name
// that nobody knows.
type machine struct{}

func (machine) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// runTo runs propagate with its standard output going to w, and returns the exit
// status and what was said on standard error.
func runTo(t *testing.T, w io.Writer, args ...string) (status int, stderr string) {
	t.Helper()
	var said bytes.Buffer
	app := &cli.App{Stdout: w, Stderr: &said, Transport: machine{}, Getenv: func(string) string { return "" }, Now: func() time.Time { return now }}
	return app.Main(t.Context(), args), said.String()
}

// in is a program without an environment in a directory.
func in(dir string) program { return program{dir: dir} }

// want fails the test unless the run ended with this status.
func (r result) want(t *testing.T, status int) result {
	t.Helper()
	if r.status != status {
		t.Fatalf("exit status %d, want %d\nstdout: %s\nstderr: %s", r.status, status, r.stdout, r.stderr)
	}
	return r
}

// says fails the test for every text that neither output holds.
func (r result) says(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.stdout+r.stderr, text) {
			t.Errorf("the output does not say %q\nstdout: %s\nstderr: %s", text, r.stdout, r.stderr)
		}
	}
}

var errorLine = regexp.MustCompile(`(?m)^propagate: [^:\n]+.*: .+$`)

// checkOutput checks the promises about every output: no token, no stack trace;
// a document on stdout with -o json, and an error of the promised form whenever
// the exit status is one of failure.
func (r result) checkOutput(t *testing.T, p program, args []string) {
	t.Helper()
	both := r.stdout + r.stderr
	if strings.HasPrefix(r.stdout, "\x89PNG\r\n") { // pixels are no text
		both = r.stderr
	}
	public := both // what must not show the token
	if p.namesake {
		public = r.stderr
	}
	secrets := []string{token, base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))}
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
		if secret := strings.TrimSpace(p.env[name]); secret != "" && (!p.namesake || len(secret) >= 8) {
			secrets = append(secrets, secret)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(public, secret) {
			t.Errorf("propagate %v shows the token\nstdout: %s\nstderr: %s", args, r.stdout, r.stderr)
		}
	}
	for _, trace := range []string{"goroutine ", "panic", "runtime error", "%!"} {
		if strings.Contains(both, trace) {
			t.Errorf("propagate %v shows %q\nstdout: %s\nstderr: %s", args, trace, r.stdout, r.stderr)
		}
	}
	if (r.status == 1 || r.status == 2) && !errorLine.MatchString(r.stderr) {
		t.Errorf("propagate %v ends with %d without an error \"propagate: what: why\"\nstderr: %s", args, r.status, r.stderr)
	}
	judges := formatOf(args) == "json" && slices.Contains(args, "config") && slices.Contains(args, "check") // and what is wrong is its answer
	if r.status == 2 && r.stdout != "" && !judges {
		t.Errorf("propagate %v is wrong and prints all the same: %s", args, r.stdout)
	}
	switch format := formatOf(args); {
	case format == "json" && (r.stdout != "" || r.status == 0 || r.status == 3):
		validate(t, "", r.stdout)
	case slices.Contains(args, "--pages") && r.status == 0:
		validate(t, "", r.stdout)
	case (format == "github-matrix" || format == "bake") && r.status == 0:
		validate(t, format, r.stdout)
	}
}

func formatOf(args []string) string {
	if i := slices.Index(args, "-o"); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

// matih returns the files of the sample monorepo.
func matih(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(testdata.Matih, "matih", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := testdata.Matih.ReadFile(path)
		files[strings.TrimPrefix(path, "matih/")] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// base is the image of the small repositories, and from a Dockerfile on it.
const base = "registry.example/team/base"

func from(version string) string { return "FROM " + base + ":" + version + "\nRUN true\n" }

// small is a repository with a base and two services on it.
func small() map[string]string {
	return map[string]string{
		"services/a/Dockerfile": from("1.0.0"),
		"services/b/Dockerfile": "# on " + base + ":1.0.0\n" + from("1.0.0"),
		"README.md":             "# small\n",
	}
}

// with returns the files with others over them.
func with(files map[string]string, others ...string) map[string]string {
	for i := 0; i < len(others); i += 2 {
		files[others[i]] = others[i+1]
	}
	return files
}

// write writes a file below dir.
func write(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// plain writes files into a directory that is in no git repository.
func plain(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := gittest.TempDir(t)
	for name, content := range files {
		write(t, dir, name, content)
	}
	return dir
}

// read reads a file below dir.
func read(t testing.TB, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// everything returns the mode and the hash of every file below dir, by path; of
// those that are below one of the excepted directories it returns none.
func everything(t testing.TB, dir string, except ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(except, filepath.ToSlash(name)) {
				return fs.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		all[filepath.ToSlash(name)] = info.Mode().String() + " " + hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// differences lists what is not the same in two results of everything.
func differences(before, after map[string]string) []string {
	var names []string
	for name, was := range before {
		if after[name] != was {
			names = append(names, name)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}
