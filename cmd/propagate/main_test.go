package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary propagate itself when it is called so.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"propagate": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for _, pair := range environ {
				name, value, _ := strings.Cut(pair, "=")
				env.Setenv(name, value)
			}
			env.Setenv("HOME", env.WorkDir+"/home")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

// environ keeps the configuration of the machine out of git, makes its commits the same
// each time, and asks registries of nobody beyond the machine.
var environ = []string{
	"HTTPS_PROXY=http://127.0.0.1:1",
	"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
	"GIT_AUTHOR_NAME=Test Author", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_AUTHOR_DATE=2024-05-06T07:08:09Z",
	"GIT_COMMITTER_NAME=Test Author", "GIT_COMMITTER_EMAIL=test@example.com", "GIT_COMMITTER_DATE=2024-05-06T07:08:09Z",
}

// status is the script command "status N program args...", which runs a program
// that has to end with exit status N, and without a stack trace.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := exitStatus(ts.Exec(args[1], args[2:]...))
	ts.Check(err)
	if got != want {
		ts.Fatalf("%v ends with exit status %d, want %d", args[1:], got, want)
	}
	for _, output := range []string{"stdout", "stderr"} {
		if text := ts.ReadFile(output); strings.Contains(text, "goroutine ") || strings.Contains(text, "panic:") {
			ts.Fatalf("%v prints a stack trace on %s", args[1:], output)
		}
	}
}

// exitStatus returns the exit status of a program that ended with err.
func exitStatus(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 0, err
	case !exit.Exited():
		return 0, fmt.Errorf("it was ended: %w", err)
	}
	return exit.ExitCode(), nil
}
