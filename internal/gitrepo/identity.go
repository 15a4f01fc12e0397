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
)

const noProgram = "there is no git program on PATH"

// Who makes the commits where git is told nobody.
const (
	fallbackName  = "propagate"
	fallbackEmail = "propagate@localhost"
)

// Identities are the author and the committer of the commits that are made next.
// When is set where the environment gives a date, and zero otherwise.
type Identities struct {
	Author, Committer Signature
	// Notes say what a person should know about them, each in one line.
	Notes []string
}

// Identities returns who makes commits in this repository, as git decides it: by
// the variables GIT_AUTHOR_NAME, _EMAIL and _DATE, GIT_COMMITTER_NAME, _EMAIL and
// _DATE, and EMAIL, and by user.name, user.email and their like in the
// configuration of the system, the user and the repository. getenv is the
// environment. A date that git does not know is an error, as is a name of which
// git keeps nothing.
//
// It is the git program that answers, since only git follows every condition in
// its configuration. Where there is none, the files that this package reads count,
// and a note says what was left out.
func (r *Repo) Identities(ctx context.Context, getenv func(string) string) (Identities, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return r.configuredIdentities(getenv, noProgram)
	}
	q := question{ctx: ctx, repo: r, program: program, getenv: getenv}
	author, err := q.person("author")
	if err != nil {
		return q.orConfigured(err)
	}
	committer, err := q.person("committer")
	if err != nil {
		return q.orConfigured(err)
	}
	ids := identitiesOf(author, committer)
	// git knows every way to write a boolean.
	if out, _, err := q.run("config", "--bool", "--get", "commit.gpgsign"); err == nil && out == "true" {
		ids.noteUnsigned()
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

func (ids *Identities) noteUnsigned() {
	ids.Notes = append(ids.Notes, "commit.gpgsign is set, but propagate signs no commits: they are unsigned")
}

// A silentError says why git does not answer, which is no reason to make no
// commits.
type silentError struct{ why string }

func (e *silentError) Error() string { return e.why }

// A question is what git is asked about one repository.
type question struct {
	ctx     context.Context
	repo    *Repo
	program string
	getenv  func(string) string
}

// orConfigured is the answer where git gives none: what this package reads itself,
// unless err says that the answer would be no use.
func (q *question) orConfigured(err error) (Identities, error) {
	if silent := (*silentError)(nil); errors.As(err, &silent) {
		return q.repo.configuredIdentities(q.getenv, "git does not say who makes the commits: "+silent.why)
	}
	return Identities{}, err
}

// person asks for the author or the committer. What git is not told is given to
// it, so that it is git that decides on all the rest.
func (q *question) person(role string) (person, error) {
	variable := "GIT_" + strings.ToUpper(role)
	options := []string{"-c", "user.useConfigOnly=true"} // otherwise git guesses, by the names of user and machine
	var noName, noEmail bool
	for {
		out, said, err := q.run(append(options, "var", variable+"_IDENT")...)
		if err == nil {
			s, err := parseIdentity(out, q.getenv(variable+"_DATE") != "")
			return person{s, unset(noName, noEmail && q.getenv("EMAIL") == "")}, err
		}
		contains := func(texts ...string) bool {
			return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(said, text) })
		}
		switch {
		case q.ctx.Err() != nil:
			return person{}, q.ctx.Err()
		case contains("invalid date format"):
			return person{}, dateError(variable+"_DATE", q.getenv(variable+"_DATE"))
		case contains("disallowed characters"):
			return person{}, nameError(role)
		case !noEmail && contains("no email was given", "unable to auto-detect email"):
			noEmail = true
			options = append(options, "-c", "user.email="+cmp.Or(q.getenv("EMAIL"), fallbackEmail))
		case !noName && contains("no name was given", "empty ident name", "unable to auto-detect name"):
			noName = true
			options = append(options, "-c", "user.name="+fallbackName)
		default:
			return person{}, &silentError{why: q.repo.scrub(cmp.Or(lastLine(said), err.Error()))}
		}
	}
}

// unset names the settings that are missing.
func unset(name, email bool) []string {
	var keys []string
	if name {
		keys = append(keys, "user.name")
	}
	if email {
		keys = append(keys, "user.email")
	}
	return keys
}

func dateError(variable, value string) error {
	return withHint(fmt.Errorf("%s: %q is no date that git knows", variable, value),
		"write it as 2026-03-04T05:06:07+01:00, as @1772597167 +0100 (seconds since 1970), or as Wed, 4 Mar 2026 05:06:07 +0100")
}

func nameError(role string) error {
	return withHint(fmt.Errorf("the name of the %s holds nothing that git keeps in a commit", role),
		"set GIT_%s_NAME, or user.name with `git config user.name`", strings.ToUpper(role))
}

// parseIdentity reads "name <email> seconds zone".
func parseIdentity(text string, dated bool) (Signature, error) {
	unknown := &silentError{why: fmt.Sprintf("its answer %q is no identity", text)}
	open, end := strings.LastIndex(text, " <"), strings.LastIndex(text, "> ")
	if open < 0 || end < open {
		return Signature{}, unknown
	}
	s := Signature{Name: text[:open], Email: text[open+2 : end]}
	if !dated {
		return s, nil
	}
	seconds, zone, _ := strings.Cut(text[end+2:], " ")
	when, ok := secondsAndZone(seconds, zone)
	if !ok {
		return Signature{}, unknown
	}
	s.When = when
	return s, nil
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

// run runs git with a command that starts no other program and writes nothing.
// That is why a repository of another user may be asked about: safe.directory
// protects from what a foreign configuration would start.
func (q *question) run(args ...string) (out, said string, err error) {
	args = append([]string{"--no-pager", "-c", "safe.directory=*", "-c", "safe.bareRepository=all"}, args...)
	cmd := exec.CommandContext(q.ctx, q.program, args...) //nolint:gosec // git itself, with arguments of our own
	cmd.Dir = q.repo.named                                // conditions on the repository's place know it by this name, too
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(moving, name) || name == "GIT_CEILING_DIRECTORIES" ||
			slices.Contains(personal, name) || slices.Contains(places, name) && q.getenv(name) != ""
	})
	for _, name := range slices.Concat(personal, places) {
		if value := q.getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_DISCOVERY_ACROSS_FILESYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var stdout bytes.Buffer
	stderr := &limitedBuffer{}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	err = cmd.Run()
	return strings.TrimRight(stdout.String(), "\n"), stderr.String(), err
}

// lastLine returns what git died of.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimPrefix(text[strings.LastIndexByte(text, '\n')+1:], "fatal: ")
}
