package forgetest

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var (
	fullID       = regexp.MustCompile(`^[0-9a-f]{40}$`)
	startsWithID = regexp.MustCompile(`^[0-9a-f]{40}\b`)
)

// git runs git on the repository that is served. A failure that is not the
// caller's to handle is one of the test. What it says of objects by their ids stays
// true, and is not asked twice.
func (s *Strict) git(args ...string) (string, error) {
	lasting := slices.Contains([]string{"merge-base", "rev-list", "diff", "show"}, args[0]) &&
		!slices.ContainsFunc(args[1:], func(arg string) bool { return !strings.HasPrefix(arg, "-") && !startsWithID.MatchString(arg) })
	key := strings.Join(args, "\x00")
	if out, known := s.said[key]; lasting && known {
		return out, nil
	}
	out, err := runGit(context.Background(), s.config.GitDir, "", args...)
	if lasting && err == nil {
		if s.said == nil {
			s.said = map[string]string{}
		}
		s.said[key] = out
	}
	return out, err
}

func (s *Strict) branches() map[string]string {
	all, err := branches(context.Background(), s.config.GitDir)
	if err != nil {
		s.t.Errorf("reading the branches: %v", err)
	}
	return all
}

func (s *Strict) getRef(c *call) answer {
	all := s.branches()
	if len(all) == 0 {
		return failure(http.StatusConflict, "Git Repository is empty.", "")
	}
	name, isBranch := strings.CutPrefix(c.params["ref"], "heads/")
	id, ok := all[name]
	if !isBranch || !ok {
		return notFound()
	}
	return answer{status: http.StatusOK, body: s.refObject(name, id)}
}

func (s *Strict) getCommit(c *call) answer {
	id := c.params["commit_sha"]
	if !fullID.MatchString(id) {
		return notFound()
	}
	if kind, err := s.git("cat-file", "-t", id); err != nil || kind != "commit" {
		return notFound()
	}
	return answer{status: http.StatusOK, body: s.commitOf(id)}
}

// commitOf returns a commit that there is.
func (s *Strict) commitOf(id string) object {
	raw, err := s.git("show", "--no-patch", "--date=iso-strict", "--format=%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B", id)
	if err != nil {
		s.t.Errorf("reading commit %s: %v", id, err)
		return object{}
	}
	// Nine fields, the last of them of any number of lines.
	f := strings.SplitN(raw, "\n", 9)
	return s.commitObject(commitFields{
		id: id, tree: f[0], parents: strings.Fields(f[1]),
		authorName: f[2], authorEmail: f[3], authorDate: f[4],
		committerName: f[5], committerEmail: f[6], committerDate: f[7],
		// GitHub leaves the newline at the end out.
		message:      strings.TrimRight(f[8], "\n"),
		verification: s.verificationOf(id),
	})
}

// between returns how many commits head has that base has not, and false when
// the two have no history in common.
func (s *Strict) between(base, head string) (int, bool) {
	if _, err := s.git("merge-base", base, head); err != nil {
		return 0, false
	}
	return s.count("rev-list", base+".."+head), true
}

// count returns the number of lines that git prints.
func (s *Strict) count(args ...string) int {
	out, err := s.git(args...)
	if err != nil {
		s.t.Errorf("%v", err)
	}
	return len(strings.Fields(out))
}
