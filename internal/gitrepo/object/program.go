package object

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A Program is the git program, set to work on one repository and on nothing else: not
// where the environment points, without a pager, and without anything that the
// configuration of the repository wants to be started.
type Program struct{ path, gitDir string }

// FindProgram returns the git program on PATH for the repository whose git directory is
// gitDir. It returns nil where there is none.
func FindProgram(gitDir string) *Program {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil
	}
	return &Program{path, gitDir}
}

// command returns a git command. Those that are used here start nothing but what these
// settings turn off: a hook, a monitor of the file system, a program that lists the
// references of alternates.
func (p *Program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, slices.Concat([]string{ //nolint:gosec // git itself
		"--no-pager", "--git-dir=" + p.gitDir,
		// The owner of the directory may be another user: nothing in it is executed.
		"-c", "safe.directory=*", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "core.alternateRefsCommand=",
	}, args)...)
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return strings.HasPrefix(name, "GIT_") && !slices.Contains(installed, name)
	}),
		// A partial clone fetches nothing: a git that does not know the first of these
		// has no protocol to fetch with.
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// installed are the variables that say where git itself and its own configuration are.
var installed = []string{"GIT_EXEC_PATH", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"}

// MovingVariables are the variables of the environment that would make git work on another repository.
var MovingVariables = []string{
	"GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX",
}

// Output runs git with a standard input and returns its standard output. The arguments are
// settings, each behind -c, the command, and what belongs to it. The error says what git
// says.
func (p *Program) Output(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := p.command(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	said := &LimitedBuffer{}
	cmd.Stderr = said
	out, err := cmd.Output()
	if ctx.Err() != nil {
		err = ctx.Err()
	} else if err != nil {
		for len(args) > 2 && args[0] == "-c" {
			args = args[2:]
		}
		err = failed(args[0], said.String(), err)
	}
	return string(out), err
}

// A GitError is a git command that failed.
type GitError struct {
	Command string // such as cat-file
	Said    string // what git said, on one line; may be empty
	Err     error
}

// Error says what git says.
func (e *GitError) Error() string {
	if e.Said == "" {
		return fmt.Sprintf("git %s: %v", e.Command, e.Err)
	}
	return fmt.Sprintf("git %s: %s", e.Command, e.Said)
}

// Unwrap returns how the command ended.
func (e *GitError) Unwrap() error { return e.Err }

func failed(command, said string, err error) *GitError {
	return &GitError{command, oneLine(said), err}
}

// status returns the exit status of a command, -1 if it has none.
func status(err error) int {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// oneLine makes what git says fit for an error.
func oneLine(text string) string {
	lines := strings.FieldsFunc(strings.TrimSpace(text), func(c rune) bool { return c == '\n' || c == '\r' })
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(strings.Join(lines, "; "), "?"))
	const longest = 500
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// A LimitedBuffer keeps the beginning of what is written to it.
type LimitedBuffer struct {
	kept []byte // no bytes.Buffer, whose ReadFrom has no limit
}

// Write implements io.Writer.
func (b *LimitedBuffer) Write(p []byte) (int, error) {
	const most = 16 << 10
	b.kept = append(b.kept, p[:min(len(p), most-len(b.kept))]...)
	return len(p), nil
}

// String returns what was kept.
func (b *LimitedBuffer) String() string { return string(b.kept) }
