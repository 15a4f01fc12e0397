package forgetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/forge"
)

// GitHub's limits, in characters.
const (
	maxTitle = 256
	maxBody  = 65536
	maxLabel = 50
)

// A pullState is a pull request. Head follows the branch while it is open. Its lists are
// replaced and never changed, so that a copy of it stays as it is.
type pullState struct {
	number      int
	title, body string
	author      string
	state       forge.State
	draft       bool
	branch      string
	head        string
	base        string
	baseID      string
	labels      []string // in the order in which they were added
	reviewers   []string // logins, and teams as "org/team"
	assignees   []string
	comments    []comment
	events      []event
	created     time.Time
	updated     time.Time
	closed      time.Time
	mergeCommit string
	auto        *forge.Merge // how it is merged once its checks have passed; nil where a person merges it
}

func (p *pullState) value(s *Strict) forge.Pull {
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	return forge.Pull{
		Number: p.number, URL: s.web(fmt.Sprintf("/pull/%d", p.number)), State: p.state,
		Branch: p.branch, Base: p.base, Head: p.head, Title: p.title, Body: p.body, Draft: p.draft, Author: p.author,
		Labels: sorted(p.labels), Reviewers: sorted(p.reviewers), Assignees: sorted(p.assignees), Created: p.created,
		ID: s.pullID(p), AutoMerge: p.auto != nil,
	}
}

// follow brings open pull requests up to what was pushed. GitHub closes one
// whose branch is gone.
func (s *Strict) follow() error {
	all, err := branches(context.Background(), s.config.GitDir)
	if err != nil {
		return fmt.Errorf("reading the branches: %w", err)
	}
	for _, p := range s.pulls {
		if p.state != forge.Open {
			continue
		}
		switch head := all[p.branch]; head {
		case p.head:
		case "":
			s.end(p, forge.Closed, "person")
		default:
			p.head, p.updated = head, s.now()
		}
	}
	return nil
}

func (s *Strict) find(number string) *pullState {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(s.pulls) {
		return nil
	}
	if err := s.follow(); err != nil {
		s.t.Error(err)
	}
	return s.pulls[n-1]
}

func (s *Strict) listPulls(c *call) answer {
	if err := s.follow(); err != nil {
		s.t.Error(err)
	}
	q := c.URL.Query()
	if sort := q.Get("sort"); sort != "" && sort != "created" {
		s.t.Errorf("%s: the strict server does not sort by %s", c.URL, sort)
	}
	state := q.Get("state")
	owner, branch, byHead := strings.Cut(q.Get("head"), ":")
	var found []any
	for _, p := range s.pulls {
		open := p.state == forge.Open
		switch {
		case (state == "" || state == "open") && !open, state == "closed" && open:
		// Without a colon GitHub ignores the filter.
		case byHead && (!strings.EqualFold(owner, s.config.Owner) || branch != p.branch):
		case q.Get("base") != "" && q.Get("base") != p.base:
		default:
			found = append(found, s.pullObject(p, true))
		}
	}
	if q.Get("direction") != "asc" {
		slices.Reverse(found)
	}
	return s.page(c, found)
}

func (s *Strict) createPull(c *call) answer {
	var in struct {
		Title, Head, Base, Body string
		Draft                   bool
	}
	if !s.decode(c, &in, "title", "head", "base", "body", "draft") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	branch := strings.TrimPrefix(in.Head, s.config.Owner+":")
	all := s.branches()
	head, base := all[branch], all[in.Base]
	var reasons []object
	if head == "" {
		reasons = append(reasons, invalidField("PullRequest", "head", "invalid"))
	}
	if base == "" {
		reasons = append(reasons, invalidField("PullRequest", "base", "invalid"))
	}
	if strings.TrimSpace(in.Title) == "" {
		reasons = append(reasons, invalidField("PullRequest", "title", "missing_field"))
	}
	if reasons = append(reasons, lengths(in.Title, in.Body)...); len(reasons) > 0 {
		return invalid(reasons...)
	}
	if s.open(branch, in.Base) != nil {
		return invalid(custom("PullRequest", fmt.Sprintf("A pull request already exists for %s:%s.", s.config.Owner, branch)))
	}
	switch n, related := s.between(base, head); {
	case !related:
		return invalid(custom("PullRequest", fmt.Sprintf("The %s branch has no history in common with %s", branch, in.Base)))
	case n == 0:
		return invalid(custom("PullRequest", fmt.Sprintf("No commits between %s and %s", in.Base, branch)))
	}
	if in.Draft && s.config.NoDrafts {
		return failure(http.StatusUnprocessableEntity, "Draft pull requests are not supported in this repository.", "/pulls/pulls#create-a-pull-request")
	}
	now := s.now()
	p := &pullState{
		number: len(s.pulls) + 1, title: in.Title, body: in.Body, author: bot, state: forge.Open, draft: in.Draft,
		branch: branch, head: head, base: in.Base, baseID: base, created: now, updated: now,
	}
	s.pulls = append(s.pulls, p)
	return answer{
		status: http.StatusCreated,
		header: http.Header{"Location": {fmt.Sprintf("%srepos/%s/pulls/%d", s.URL(), s.config.fullName(), p.number)}},
		body:   s.pullObject(p, false),
	}
}

func (s *Strict) updatePull(c *call) answer {
	p := s.find(c.params["pull_number"])
	if p == nil {
		return notFound()
	}
	var in struct{ Title, Base, Body, State *string }
	if !s.decode(c, &in, "title", "base", "body", "state") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	next := *p
	for field, value := range map[*string]*string{&next.title: in.Title, &next.body: in.Body, &next.base: in.Base} {
		if value != nil {
			*field = *value
		}
	}
	reasons := lengths(next.title, next.body)
	if strings.TrimSpace(next.title) == "" {
		reasons = append(reasons, invalidField("PullRequest", "title", "missing_field"))
	}
	if next.base != p.base {
		next.baseID = s.branches()[next.base]
		switch {
		case next.baseID == "":
			reasons = append(reasons, invalidField("PullRequest", "base", "invalid"))
		case p.state != forge.Open:
			reasons = append(reasons, custom("PullRequest", "Cannot change the base branch of a closed pull request."))
		case s.open(p.branch, next.base) != nil:
			reasons = append(reasons, custom("PullRequest",
				fmt.Sprintf("A pull request already exists for base branch '%s' and head branch '%s'", next.base, p.branch)))
		}
	}
	if in.State != nil && *in.State == "open" && p.state != forge.Open {
		s.t.Errorf("%s: the strict server opens no pull request again", c.URL)
	}
	if in.State != nil && *in.State == "closed" && p.state == forge.Merged {
		reasons = append(reasons, invalidField("PullRequest", "state", "invalid"))
	}
	if len(reasons) > 0 {
		return invalid(reasons...)
	}
	if next.title != p.title {
		s.note(&next, event{kind: "renamed", actor: bot, from: p.title, to: next.title})
	}
	next.updated = s.now()
	*p = next
	if in.State != nil && *in.State == "closed" && p.state == forge.Open {
		s.end(p, forge.Closed, bot)
	}
	return answer{status: http.StatusOK, body: s.pullObject(p, false)}
}

// open returns the open pull request from a branch into a base. GitHub allows
// one for each pair.
func (s *Strict) open(branch, base string) *pullState {
	for _, p := range s.pulls {
		if p.state == forge.Open && p.branch == branch && p.base == base {
			return p
		}
	}
	return nil
}

func lengths(title, body string) []object {
	var reasons []object
	if utf8.RuneCountInString(title) > maxTitle {
		reasons = append(reasons, tooLong("Issue", "title", maxTitle))
	}
	if utf8.RuneCountInString(body) > maxBody {
		reasons = append(reasons, tooLong("Issue", "body", maxBody))
	}
	return reasons
}

// decode reads a body and fails the test for a field that GitHub may know but
// this server does not.
func (s *Strict) decode(c *call, in any, known ...string) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.body, &fields) != nil || json.Unmarshal(c.body, in) != nil {
		return false
	}
	for name := range fields {
		if !slices.Contains(known, name) {
			s.t.Errorf("%s %s: the strict server does not know the field %q", c.Method, c.URL, name)
		}
	}
	return true
}
