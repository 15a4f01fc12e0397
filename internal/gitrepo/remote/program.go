package remote

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/redact"
)

// A Program is a remote that is reached by the git program, the way its user has set it
// up: over any transport, with the keys, credential helpers and hooks that git knows of.
// Nobody is asked for a password.
type Program struct {
	Name       string           // of the remote in the configuration; "" where people know its URL alone
	From       string           // what git reads from: Name, or where pushes go to another place, its URL
	URL        string           // that git pushes to, with insteadOf applied; without a Name that it fetches from
	Clone      string           // a directory from which git finds the repository
	Shallow    bool             // the repository is a shallow clone
	SSHCommand string           // core.sshCommand of the configuration
	Guard      Guard            // what git does not get
	Redactor   *redact.Redactor // takes the secrets out of what git says
}

// An Advertisement is what a remote says of itself.
type Advertisement struct {
	Branches map[string]string // the full ids of their commits, by name without "refs/heads/"
	Default  string            // the branch that HEAD stands for; "" if that is not known
}

// Advertised asks the remote for its branches.
func (p Program) Advertised(ctx context.Context) (Advertisement, error) {
	adv := Advertisement{Branches: map[string]string{}}
	var out bytes.Buffer
	if said, err := p.run(ctx, &out, "", "ls-remote", "--quiet", "--symref", "--", p.From, "HEAD", heads+"*"); err != nil {
		return adv, p.explain(ctx, said, err)
	}
	for line := range strings.Lines(out.String()) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if short, ok := strings.CutPrefix(name, heads); ok {
			adv.Branches[short] = id
		}
		if to, ok := strings.CutPrefix(id, "ref: "+heads); ok && name == "HEAD" {
			adv.Default = to
		}
	}
	return adv, nil
}

// Fetch gets the commits of branches. No reference is written, and nothing goes on in
// the background.
func (p Program) Fetch(ctx context.Context, branches []string) error {
	args := []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap=", "--stdin"}
	if p.Shallow { // else git asks for all that the clone has left out
		args = append(args, "--depth=1")
	}
	stdin := heads + strings.Join(branches, "\n"+heads) + "\n"
	if said, err := p.run(ctx, nil, stdin, append(args, "--", p.From)...); err != nil {
		return p.explain(ctx, said, err)
	}
	return nil
}

// command prepares git. What the environment says of another repository does not reach
// it, and neither do secrets that are not meant for the host.
func (p Program) command(ctx context.Context, args []string) (*exec.Cmd, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: there is no git program on PATH to reach it with", p), "install git, or make local branches with --publish branch")
	}
	settings := []string{"-C", p.Clone, "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "color.ui=never", "-c", "color.push=never", "-c", "color.remote=never", "-c", "color.transport=never"}
	cmd := exec.CommandContext(ctx, git, slices.Concat(settings, p.Guard.settings(p.URL), args)...) //nolint:gosec // git itself, on a remote of its own configuration
	cmd.Env = slices.DeleteFunc(p.Guard.environment(cmd.Environ(), p.URL), func(kv string) bool { return strings.HasPrefix(kv, "SSH_ASKPASS=") })
	cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "SSH_ASKPASS_REQUIRE=never", "LC_ALL=C")
	if ssh := p.ssh(os.Getenv); ssh != "" {
		cmd.Env = append(cmd.Env, "GIT_SSH_COMMAND="+ssh)
	}
	cmd.Cancel = func() error { // git ends what it has started, and removes its locks
		if cmd.Process.Signal(os.Interrupt) == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = 5 * time.Second // for what does not end with it
	return cmd, nil
}

// ssh returns the command that makes ssh fail where it would ask somebody; "" leaves
// what git takes by itself, which is a program that is not ssh.
func (p Program) ssh(getenv func(string) string) string {
	command := cmp.Or(getenv("GIT_SSH_COMMAND"), p.SSHCommand)
	if command == "" {
		if getenv("GIT_SSH") != "" {
			return ""
		}
		command = "ssh"
	}
	words := strings.Fields(command)
	if len(words) == 0 || path.Base(strings.ReplaceAll(words[0], `\`, "/")) != "ssh" {
		return ""
	}
	return command + " -oBatchMode=yes"
}

// run runs git and returns what it said on standard error.
func (p Program) run(ctx context.Context, stdout *bytes.Buffer, stdin string, args ...string) (said string, err error) {
	cmd, err := p.command(ctx, args)
	if err != nil {
		return "", err
	}
	talk := &object.LimitedBuffer{}
	cmd.Stderr = talk
	if stdout != nil {
		cmd.Stdout = stdout
	}
	cmd.Stdin = strings.NewReader(stdin)
	err = cmd.Run()
	return talk.String(), err
}

// String names the remote for people.
func (p Program) String() string {
	if p.Name == "" {
		return redact.URL(p.URL)
	}
	return fmt.Sprintf("remote %s at %s", p.Name, redact.URL(p.URL))
}

// causes are the words of git, ssh and hosts, and what they stand for. The first that
// is found counts. named is the hint where people know the URL alone; "" is the other one.
var causes = []struct {
	err         error
	hint, named string
	words       []string
}{
	{ErrNoReference, "check the name; `git ls-remote` lists what there is", "", []string{
		"ouldn't find remote ref", "not our ref", "unadvertised object", "no such remote ref"}},
	{ErrProtocol, "GIT_ALLOW_PROTOCOL, or protocol.<name>.allow of the git configuration, says which are allowed", "", []string{"fatal: transport '"}},
	{ErrAuthentication, "git must be able to reach the remote without asking: give it a key in an agent, or a credential helper",
		"for GitHub set GITHUB_TOKEN or GH_TOKEN; git must be able to reach others without asking: give it a key in an agent, or a credential helper", []string{
			"Authentication failed", "could not read Username", "could not read Password", "terminal prompts disabled", "Permission denied (", "Access denied",
			"Too many authentication failures"}},
	{ErrAuthorization, "the user that git is there needs to be allowed to write to this repository",
		"the token, or the user that git is there, needs to be allowed to read this repository", []string{
			"returned error: 403", "not allowed to", "Write access to repository not granted", "denied to", "marked as read only"}},
	{ErrNotFound, "check the URL with `git remote -v`; a repository that you may not see looks the same",
		"check the URL; a repository that you may not see looks the same", []string{
			"not found", "does not appear to be a git repository", "could not be found", "does not exist"}},
	{errors.New("the key of the host is not the known one"), "connect to the host once with ssh, and compare its key with what the host publishes", "", []string{
		"Host key verification failed"}},
	{ErrUnreachable, "check the URL of the remote, and the network and its proxy", "check the URL, and the network and its proxy", []string{
		"Could not resolve host", "Connection refused", "timed out", "Network is unreachable", "No route to host", "Connection reset", "Connection closed",
		"Failed to connect", "ouldn't connect", "returned error: 5", "hung up", "unexpected disconnect", "early EOF", "kex_exchange_identification", "SSL", "certificate"}},
}

// explain says why git failed.
func (p Program) explain(ctx context.Context, said string, err error) error {
	if ctx.Err() != nil {
		return withHint(fmt.Errorf("%s: git was stopped at its work: %w", p, ctx.Err()), "run it again: it finds what has been done")
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		var known interface{ Hint() string }
		if errors.As(err, &known) {
			return err
		}
		return fmt.Errorf("%s: git cannot be run: %s", p, oserror.Text(err))
	}
	why := p.gist(said)
	if why == "" {
		why = exit.Error()
	}
	for _, cause := range causes {
		for _, words := range cause.words {
			if strings.Contains(said, words) {
				hint := cause.hint
				if p.Name == "" {
					hint = cmp.Or(cause.named, hint)
				}
				return withHint(fmt.Errorf("%s: %w: %s", p, cause.err, why), "%s", hint)
			}
		}
	}
	return fmt.Errorf("%s: %w: %s", p, ErrGit, why)
}

// gist returns what git said, on one line and without the advice that is for people at
// git's own command line.
func (p Program) gist(said string) string {
	var kept strings.Builder
	for line := range strings.Lines(said) {
		switch text := strings.TrimSpace(line); {
		case strings.HasPrefix(text, "hint:"), strings.HasPrefix(text, "To "), strings.HasPrefix(text, "error: failed to push some refs"),
			text == "Please make sure you have the correct access rights", text == "and the repository exists.":
		default:
			kept.WriteString(line)
		}
	}
	return p.Redactor.Line(kept.String())
}
