// Package gittest gives tests real git repositories, made by the git program
// in an environment of its own, and a real git server.
//
// [Init] makes a repository, [Git] runs git in it, and [NewServer] serves a
// bare repository over HTTP with basic authentication.
//
// # Limitations
//
// The git program must be installed, with its http-backend. The server knows
// one repository and one user.
package gittest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Who made the commits of [Git], and when, in the forms that git takes.
const (
	Name  = "Test Author"
	Email = "test@example.com"
	Date  = "2024-05-06T07:08:09+02:00"
)

// Git runs git in dir and returns its standard output without surrounding
// space. The test fails if git does. Only git's own defaults and args decide
// what it does: no configuration of the machine or the user is read, and
// author, committer and dates are always those of this package.
func Git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return GitInput(t, dir, "", args...)
}

// GitInput is [Git] with a standard input.
func GitInput(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	out, err := run(t, dir, stdin, args)
	if err != nil {
		t.Fatalf("git %s in %s: %v\n%s", strings.Join(args, " "), dir, err, out)
	}
	return out
}

// Try is [Git] for commands that may fail: out then holds what git wrote to
// standard output and standard error.
func Try(t testing.TB, dir string, args ...string) (out string, err error) {
	t.Helper()
	return run(t, dir, "", args)
}

func run(t testing.TB, dir, stdin string, args []string) (string, error) {
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = environ(cmd)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return strings.TrimSpace(stdout.String() + stderr.String()), err
	}
	return strings.TrimSpace(stdout.String()), nil
}

// environ is the environment of cmd without anything that git looks at.
func environ(cmd *exec.Cmd) []string {
	var env []string
	for _, kv := range cmd.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "GIT_") && name != "HOME" && name != "XDG_CONFIG_HOME" && name != "LC_ALL" {
			env = append(env, kv)
		}
	}
	return append(env,
		// Nothing goes on in the background when a command has ended.
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=gc.auto", "GIT_CONFIG_VALUE_0=0",
		"GIT_CONFIG_KEY_1=maintenance.auto", "GIT_CONFIG_VALUE_1=false",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_NAME="+Name, "GIT_AUTHOR_EMAIL="+Email, "GIT_AUTHOR_DATE="+Date,
		"GIT_COMMITTER_NAME="+Name, "GIT_COMMITTER_EMAIL="+Email, "GIT_COMMITTER_DATE="+Date)
}

// Init makes a repository in a new temporary directory, on branch main with one
// commit of files, which are named by slash-separated paths. It returns the
// directory, without symbolic links in its path.
func Init(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := TempDir(t)
	// Without a template there are no sample hooks, which nothing here needs.
	Git(t, dir, "init", "--quiet", "--initial-branch=main", "--template=")
	commit(t, dir, "initial", files)
	return dir
}

// Commit writes files into a work tree, commits everything in it, and returns
// the id of the commit.
func Commit(t testing.TB, dir, message string, files map[string]string) string {
	t.Helper()
	commit(t, dir, message, files)
	return Git(t, dir, "rev-parse", "HEAD")
}

func commit(t testing.TB, dir, message string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	Git(t, dir, "add", "--all")
	Git(t, dir, "commit", "--quiet", "--allow-empty", "--message", message)
}

// TempDir is t.TempDir without symbolic links in its path.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
