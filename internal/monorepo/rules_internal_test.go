package monorepo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A key is hidden whole, and so is what stands between its first line and its last; what is no key has no such part.
func TestKeySecrets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key  string
		want []string
	}{
		{"-----BEGIN KEY-----\nabc\n-----END KEY-----\n", []string{"-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "\nabc\n"}},
		{"abc-----def", []string{"abc-----def"}},
		{"abc", []string{"abc"}},
	} {
		if got := keySecrets(test.key); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q", test.key, got)
		}
	}
}

// A tag may be one of which some parts are not known if it has those that are, in their order.
func TestFits(t *testing.T) {
	t.Parallel()
	const x = scanner.Unknown
	for _, test := range []struct {
		tag, known string
		want       bool
	}{
		{"1.0.0", "1.0.0", true},
		{"1.0.0", "1.0.1", false},
		{"1.0.0-slim", x + "-slim", true},
		{"1.0.0-fat", x + "-slim", false},
		{"v1.0.0", "v" + x, true},
		{"1.0.0", "v" + x, false},
		{"v1.0.0-jre-slim", "v" + x + "-jre" + x, true},
		{"v1.0.0-jdk-slim", "v" + x + "-jre" + x, false},
		{"1-2-3", x + "-2-" + x, true},
		{"1-2", x + "-2-2" + x, false},
		{"ab", "ab" + x + "b", false}, // the b is there once
		{"anything", x, true},
	} {
		if got := fits(test.tag, test.known); got != test.want {
			t.Errorf("%q may be %q: %v", test.tag, test.known, got)
		}
	}
}

// An installation that is named is not looked for.
func TestInstallationThatIsNamed(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	for written, want := range map[string]int64{"77": 77, "": 0} {
		app, err := AppCredentials{ID: "1", Key: text, Installation: written}.read(func(string) {})
		if err != nil || app.Installation != want {
			t.Errorf("%q is read as %+v, %v", written, app, err)
		}
	}
}

// A job of GitLab pushes to GitLab if the remote is on the server that runs the job.
func TestServerOfAJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host string
		env  map[string]string
		want publish.Server
	}{
		{"git.corp.example", map[string]string{"GITLAB_CI": "true", "CI_SERVER_HOST": "git.corp.example"}, publish.GitLab},
		{"git.corp.example", map[string]string{"GITLAB_CI": "true", "CI_SERVER_HOST": "other.example"}, publish.None},
		{"git.corp.example", map[string]string{"CI_SERVER_HOST": "git.corp.example"}, publish.None},
		{"git.corp.example", nil, publish.None},
		{"github.com", nil, publish.GitHub},
	} {
		dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM debian:12\n"})
		gittest.Git(t, dir, "remote", "add", "origin", "https://"+test.host+"/o/r.git")
		repo, err := Open(t.Context(), Options{Dir: dir, Ref: "HEAD", Program: "test", Getenv: func(name string) string { return test.env[name] }, Now: time.Now, Listen: func(Message) {}})
		if err != nil {
			t.Fatal(err)
		}
		push, err := repo.pushed()
		if err != nil || push.Server != test.want {
			t.Errorf("at %s with %v it is %q, want %q: %v", test.host, test.env, push.Server, test.want, err)
		}
		_ = repo.Close()
	}
}

// What to do about a file that cannot be read follows from why, also where the reason is one of its directories.
func TestAdviceOnFiles(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "c.yaml", Err: syscall.EACCES}:        "check the permissions of the file and of its directories",
		&fs.PathError{Op: "stat", Path: "closed/c.yaml", Err: syscall.EACCES}: "check the permissions of the file and of its directories",
		&fs.PathError{Op: "stat", Path: "none", Err: syscall.ENOENT}:          "it is a path from the current directory",
		&fs.PathError{Op: "stat", Path: "c.yaml/x", Err: syscall.ENOTDIR}:     "name a regular file, or /dev/stdin",
		fmt.Errorf("%w: it has more", source.ErrTooLarge):                     "name the configuration of propagate: no such file is as large",
		source.ErrNotRegular: "name a regular file, or /dev/stdin",
	} {
		if got := adviceOn(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
