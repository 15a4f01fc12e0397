package gitrepo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	format "github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// Who makes the commits where git is told nobody.
const (
	fallbackName  = "propagate"
	fallbackEmail = "propagate@localhost"
)

// Identities are the author and the committer of the commits that are made next.
// When is set where the environment gives a date, and zero otherwise.
type Identities struct {
	Author, Committer Signature
	// Signer signs the commits, as commit.gpgsign asks for it; nil where it does not.
	Signer *Signer
	// Notes say what a person should know about them, each in one line.
	Notes []string
}

// Identities returns who makes commits in this repository, as git decides it: by
// the variables GIT_AUTHOR_NAME, _EMAIL and _DATE, GIT_COMMITTER_NAME, _EMAIL and
// _DATE, and EMAIL, and by user.name, user.email and their like in the
// configuration of the system, the user and the repository. getenv is the
// environment. It is an error if git cannot read a date, or keeps nothing
// of a name ("<>").
//
// It is the git program that reads the configuration, since only git follows every
// condition in it, and that reads dates. Where there is none, the files that this
// package reads count, and a note says what was left out.
func (r *Repo) Identities(ctx context.Context, getenv func(string) string) (Identities, error) {
	w := who{ctx: ctx, repo: r, getenv: getenv, config: r.config}
	var notes []string
	if program, err := exec.LookPath("git"); err == nil {
		w.program = program
		if w.config, err = w.configuration(); err != nil {
			w.config = r.config
			notes = append(notes, fmt.Sprintf("git does not read its configuration: %v; the author is what could be read without it", err))
		}
	} else if len(r.config.subsections("includeif")) > 0 {
		notes = append(notes, "there is no git program on PATH, so what the git configuration includes on a condition (includeIf) is not read: another author may be meant")
	}
	author, err := w.person("author")
	if err != nil {
		return Identities{}, err
	}
	committer, err := w.person("committer")
	if err != nil {
		return Identities{}, err
	}
	ids := identitiesOf(author, committer)
	ids.Notes = append(ids.Notes, notes...)
	if w.config.isTrue("commit", "", "gpgsign") {
		ids.Signer = &Signer{who: w}
	}
	return ids, ctx.Err()
}

// A person is an author or a committer.
type person struct {
	Signature
	unset []string // the settings that are missing and were filled in
}

// identitiesOf says of both what was filled in, and once if it is the same.
func identitiesOf(author, committer person) Identities {
	ids := Identities{Author: author.Signature, Committer: committer.Signature}
	note := func(role string, p person) {
		if len(p.unset) == 0 {
			return
		}
		is := "is"
		if len(p.unset) > 1 {
			is = "are"
		}
		ids.Notes = append(ids.Notes, fmt.Sprintf("%s %s not set: the %s of the commits is %s <%s>",
			strings.Join(p.unset, " and "), is, role, p.Name, p.Email))
	}
	if slices.Equal(author.unset, committer.unset) && author.Name == committer.Name && author.Email == committer.Email {
		note("author", author)
		return ids
	}
	note("author", author)
	note("committer", committer)
	return ids
}

// who finds out who makes commits.
type who struct {
	ctx     context.Context
	repo    *Repo
	program string // git, "" where there is none
	getenv  func(string) string
	config  settings
}

func (w *who) person(role string) (person, error) {
	variable := "GIT_" + strings.ToUpper(role)
	p := person{Signature: Signature{
		Name:  cmp.Or(w.getenv(variable+"_NAME"), w.config.get(role, "name"), w.config.get("user", "name")),
		Email: cmp.Or(w.getenv(variable+"_EMAIL"), w.config.get(role, "email"), w.config.get("user", "email"), w.getenv("EMAIL")),
	}}
	if p.Name == "" {
		p.Name, p.unset = fallbackName, append(p.unset, "user.name")
	}
	if p.Email == "" {
		p.Email, p.unset = fallbackEmail, append(p.unset, "user.email")
	}
	if p.Name, p.Email = cleanName(p.Name), cleanName(p.Email); p.Name == "" {
		return person{}, withHint(fmt.Errorf("the name of the %s holds nothing that git keeps in a commit", role),
			"set %s_NAME, or user.name with `git config user.name`", variable)
	}
	text := w.getenv(variable + "_DATE")
	if text == "" {
		return p, nil
	}
	var ok bool
	if p.When, ok = w.date(variable, text); !ok {
		return person{}, cmp.Or(w.ctx.Err(), withHint(fmt.Errorf("%s_DATE: %q is no date that git knows", variable, text),
			"write it as 2026-03-04T05:06:07+01:00, as @1772597167 +0100 (seconds since 1970), or as Wed, 4 Mar 2026 05:06:07 +0100"))
	}
	return p, nil
}

// configuration is what git reads of its configuration about who makes commits.
func (w *who) configuration() (settings, error) {
	out, said, err := w.git("config", "-z", "--get-regexp", `^(user|author|committer)\.(name|email)$|^commit\.gpgsign$`)
	exit := (*exec.ExitError)(nil)
	if errors.As(err, &exit) && exit.ExitCode() == 1 && said == "" {
		return nil, nil // nothing of it is set
	}
	if err != nil {
		return nil, errors.New(w.repo.redactor().Line(cmp.Or(lastLine(said), err.Error())))
	}
	part := format.New()
	for entry := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		key, value, _ := strings.Cut(entry, "\n") // without a value it is a boolean that is true
		section, key, _ := strings.Cut(key, ".")
		part.AddOption(section, "", key, value)
	}
	return settings{part}, nil
}

// date lets git read a date. Its variable names what it is about.
func (w *who) date(variable, text string) (time.Time, bool) {
	if w.program == "" {
		return parseDate(text, time.Local)
	}
	out, said, err := w.git("-c", "user.name=x", "-c", "user.email=x", "var", variable+"_IDENT")
	if err != nil && !strings.Contains(said, "invalid date") {
		return parseDate(text, time.Local)
	}
	_, stamp, _ := strings.Cut(strings.TrimSpace(out), "> ")
	seconds, zone, _ := strings.Cut(stamp, " ")
	when, ok := secondsAndZone(seconds, zone)
	return when, ok && err == nil
}

// secondsAndZone reads git's own form of a time.
func secondsAndZone(seconds, zone string) (time.Time, bool) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	in, zoneErr := time.Parse("-0700", zone)
	if err != nil || zoneErr != nil || n < 0 {
		return time.Time{}, false
	}
	_, offset := in.Zone()
	return time.Unix(n, 0).In(time.FixedZone("", offset)), true
}

// What the caller's environment decides: who makes commits, and where the
// configuration lies.
var (
	personal = []string{
		"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE",
		"GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "EMAIL",
	}
	places = []string{"HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
)

// git runs git with a command that starts no other program and writes nothing.
// That is why a repository of another user may be asked about: safe.directory
// protects from what a foreign configuration would start.
func (w *who) git(args ...string) (out, said string, err error) {
	return w.run(append([]string{"-c", "safe.directory=*", "-c", "safe.bareRepository=all"}, args...), "", nil)
}

// run runs git with a standard input, and with more in its environment than [who.git] has.
func (w *who) run(args []string, stdin string, env []string) (out, said string, err error) {
	cmd := exec.CommandContext(w.ctx, w.program, append([]string{"--no-pager"}, args...)...) //nolint:gosec // git itself, with arguments of our own
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Dir = w.repo.named // conditions on the repository's place know it by this name, too
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(object.MovingVariables, name) || name == "GIT_CEILING_DIRECTORIES" || slices.Contains(w.repo.guard.Variables, name) ||
			slices.Contains(personal, name) || slices.Contains(places, name) && w.getenv(name) != ""
	})
	for _, name := range slices.Concat(personal, places) {
		if value := w.getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(append(cmd.Env, "GIT_DISCOVERY_ACROSS_FILESYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"), env...)
	var stdout bytes.Buffer
	stderr := &object.LimitedBuffer{}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// lastLine returns what git died of.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimPrefix(text[strings.LastIndexByte(text, '\n')+1:], "fatal: ")
}
