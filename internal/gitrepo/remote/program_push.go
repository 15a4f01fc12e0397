package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// ErrNoOptions says that a remote takes no push options.
var ErrNoOptions = errors.New("the remote takes no push options")

// maxArguments bounds what one call of git gets as arguments: some systems take no more
// than 32 KiB.
const maxArguments = 20_000

// Push has git update the branches, each on its own: some may be refused and others
// not. The commits must be in the repository; git finds out what the remote lacks of
// them. The options are those of git push --push-option; with them the error may be
// ErrNoOptions. talk is what the remote said.
//
// Old is a lease, and a lost answer is looked after, as [Repository.Push] has it; so are
// the results and the error.
func (p Program) Push(ctx context.Context, updates []Update, options []string) (results []Result, talk string, err error) {
	if err := checkUpdates(updates); err != nil {
		return nil, "", err
	}
	for len(updates) > 0 {
		size, n := 0, 0
		for n < len(updates) && (n == 0 || size < maxArguments) {
			size += 3*len(updates[n].Branch) + len(updates[n].New) + len(updates[n].Old) + 60
			n++
		}
		some, said, err := p.push(ctx, updates[:n], options)
		if err != nil && len(results) == 0 {
			return nil, said, err
		}
		for i, u := range updates[:n] {
			if err != nil {
				some = append(some, Result{Branch: u.Branch, Err: err})
			} else {
				some[i].Branch = u.Branch
			}
		}
		results, talk, updates = append(results, some...), talk+said, updates[n:]
	}
	return results, talk, nil
}

// checkUpdates checks what becomes an argument of git.
func checkUpdates(updates []Update) error {
	seen := map[string]bool{}
	for _, u := range updates {
		if err := CheckBranchName(u.Branch); err != nil {
			return err
		}
		if seen[u.Branch] {
			return fmt.Errorf("branch %s: is to be pushed twice", u.Branch)
		}
		seen[u.Branch] = true
		for _, id := range []string{u.New, u.Old} {
			if id != "" && !isID(id) {
				return fmt.Errorf("branch %s: %q is no full commit id", u.Branch, id)
			}
		}
		if u.New == "" && u.Old == "" {
			return fmt.Errorf("branch %s: there is no commit to push to it, and none to delete it from", u.Branch)
		}
	}
	return nil
}

// isID reports whether s is the full id of an object.
func isID(s string) bool {
	_, ok := object.ParseID(s)
	return ok && strings.Trim(s, "0") != ""
}

// push is one call of git.
func (p Program) push(ctx context.Context, updates []Update, options []string) (results []Result, talk string, err error) {
	args := []string{"push", "--porcelain", "--no-progress", "--no-follow-tags", "--recurse-submodules=no"}
	for _, option := range options {
		args = append(args, "--push-option="+option)
	}
	var refspecs []string
	for _, u := range updates {
		args = append(args, "--force-with-lease="+heads+u.Branch+":"+u.Old)
		refspecs = append(refspecs, u.New+":"+heads+u.Branch)
	}
	var out bytes.Buffer
	said, failure := p.run(ctx, &out, "", slices.Concat(args, []string{"--", p.Name}, refspecs)...)
	talk = p.talk(said)
	answers := parsePorcelain(out.String())
	var open []int
	for i, u := range updates {
		results = append(results, Result{Branch: u.Branch})
		answer, answered := answers[heads+u.Branch]
		switch {
		case !answered || answer.flag == '!' && strings.HasPrefix(answer.summary, "[remote failure]"):
			open = append(open, i)
		case answer.flag == '!':
			results[i].Err = p.rejected(u, updates, answer.reason, talk)
		}
	}
	if len(open) == 0 {
		return results, talk, nil
	}
	if failure == nil {
		failure = fmt.Errorf("%s: git does not say what became of branch %s", p, updates[open[0]].Branch)
	} else {
		failure = p.explain(ctx, said, failure)
	}
	switch {
	case strings.Contains(said, "does not support push options"):
		return nil, talk, fmt.Errorf("%s: %w", p, ErrNoOptions)
	case ctx.Err() != nil:
		return nil, talk, failure
	case errors.Is(failure, ErrAuthentication), errors.Is(failure, ErrAuthorization), errors.Is(failure, ErrNotFound):
		return nil, talk, failure
	}
	adv, err := p.Advertised(ctx)
	if err != nil {
		return nil, talk, failure
	}
	for _, i := range open {
		if adv.Branches[updates[i].Branch] != updates[i].New {
			results[i].Err = failure
		}
	}
	return results, talk, nil
}

// talk returns the lines of the remote, as they may be shown.
func (p Program) talk(said string) string {
	var lines strings.Builder
	for line := range strings.Lines(said) {
		if text, ok := strings.CutPrefix(line, "remote:"); ok {
			lines.WriteString(p.Redactor.Line(strings.TrimSpace(text)) + "\n")
		}
	}
	return lines.String()
}

// An answer is what git says of one branch.
type answer struct {
	flag            byte
	summary, reason string
}

// parsePorcelain reads what git push --porcelain prints: a line for each branch with a
// flag, the two names, and a summary with a reason in parentheses.
func parsePorcelain(out string) map[string]answer {
	answers := map[string]answer{}
	for line := range strings.Lines(out) {
		fields := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 3)
		if len(fields) != 3 || len(fields[0]) != 1 {
			continue
		}
		_, name, _ := strings.Cut(fields[1], ":")
		summary, reason, _ := strings.Cut(fields[2], " (")
		answers[name] = answer{flag: fields[0][0], summary: summary, reason: strings.TrimSuffix(reason, ")")}
	}
	return answers
}

// rejected explains a branch that was not set.
func (p Program) rejected(u Update, all []Update, reason, talk string) error {
	var own strings.Builder
	for line := range strings.Lines(talk) {
		others := slices.ContainsFunc(all, func(other Update) bool { return strings.Contains(line, heads+other.Branch) })
		if !others || strings.Contains(line, heads+u.Branch) {
			own.WriteString(line)
		}
	}
	cause := classify(reason)
	if reason == "stale info" { // which is git's word for a lease that does not hold
		reason = "it is not where it was when this run looked"
	}
	return &RejectedError{Branch: u.Branch, Reason: p.Redactor.Line(reason), Remote: p.Redactor.Line(own.String()), Err: cause}
}
