package forgetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// Who has a token is the bot, and whoever works on the pages of the server is the person.
const (
	bot         = "bot"
	aPerson     = "person"
	maxAssigned = 10
)

type comment struct {
	author, body string
	created      time.Time
}

// An event is one of those that GitHub lists for an issue.
type event struct {
	kind     string // "labeled"
	actor    string
	label    string
	from, to string // titles
	reviewer string // a login, or "org/team"
	commit   string
	created  time.Time
}

// note adds an event to a pull request.
func (s *Strict) note(p *pullState, e event) {
	e.created = s.now()
	p.updated = e.created
	p.events = slices.Concat(p.events, []event{e})
}

// end closes a pull request.
func (s *Strict) end(p *pullState, state forge.State, actor string) {
	p.state = state
	if state == forge.Merged {
		s.note(p, event{kind: "merged", actor: actor, commit: p.mergeCommit})
	}
	s.note(p, event{kind: "closed", actor: actor, commit: p.mergeCommit})
	p.closed = p.updated
}

func (s *Strict) listEvents(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	var all []any
	for i, e := range p.events {
		id := p.number*1000 + i
		o := object{
			"id": id, "node_id": nodeID("EV", fmt.Sprint(id)), "url": s.api(fmt.Sprintf("/issues/events/%d", id)),
			"actor": s.userObject(e.actor, "User"), "event": e.kind, "commit_id": nullable(e.commit), "commit_url": nil,
			"created_at": stamp(e.created), "performed_via_github_app": nil,
		}
		if e.commit != "" {
			o["commit_url"] = s.api("/commits/" + e.commit)
		}
		switch e.kind {
		case "labeled", "unlabeled":
			o["label"] = object{"name": e.label, "color": "ededed"}
		case "renamed":
			o["rename"] = object{"from": e.from, "to": e.to}
		case "assigned":
			o["assignee"], o["assigner"] = s.userObject(e.to, "User"), o["actor"]
		case "review_requested":
			o["review_requester"] = o["actor"]
			if _, team, ok := strings.Cut(e.reviewer, "/"); ok {
				o["requested_team"] = s.teamObject(team)
			} else {
				o["requested_reviewer"] = s.userObject(e.reviewer, "User")
			}
		}
		all = append(all, o)
	}
	return s.page(c, all)
}

func (s *Strict) listComments(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	var all []any
	for i := range p.comments {
		all = append(all, s.commentObject(p, i))
	}
	return s.page(c, all)
}

func (s *Strict) addComment(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	var in struct{ Body string }
	if !s.decode(c, &in, "body") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	if strings.TrimSpace(in.Body) == "" {
		return invalid(custom("IssueComment", "body can't be blank"))
	}
	if reasons := lengths("", in.Body); len(reasons) > 0 {
		return invalid(reasons...)
	}
	s.comment(p, bot, in.Body)
	return answer{status: http.StatusCreated, body: s.commentObject(p, len(p.comments)-1)}
}

func (s *Strict) comment(p *pullState, author, body string) {
	p.updated = s.now()
	p.comments = slices.Concat(p.comments, []comment{{author: author, body: body, created: p.updated}})
}

func (s *Strict) commentObject(p *pullState, i int) object {
	one, id := p.comments[i], p.number*1000+i
	return object{
		"id": id, "node_id": nodeID("IC", fmt.Sprint(id)), "url": s.api(fmt.Sprintf("/issues/comments/%d", id)),
		"html_url":  s.web(fmt.Sprintf("/pull/%d#issuecomment-%d", p.number, id)),
		"issue_url": s.api(fmt.Sprintf("/issues/%d", p.number)), "user": s.userObject(one.author, "User"), "body": one.body,
		"created_at": stamp(one.created), "updated_at": stamp(one.created), "author_association": "MEMBER",
		"performed_via_github_app": nil,
	}
}

// addAssignees passes over who cannot be assigned, as GitHub does.
func (s *Strict) addAssignees(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	var in struct{ Assignees []string }
	if !s.decode(c, &in, "assignees") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	for _, name := range in.Assignees {
		login, ok := known(s.config.People, name)
		if ok && !slices.Contains(p.assignees, login) && len(p.assignees) < maxAssigned {
			p.assignees = slices.Concat(p.assignees, []string{login})
			s.note(p, event{kind: "assigned", actor: bot, to: login})
		}
	}
	pull := s.pullObject(p, true)
	issue := object{
		"repository_url": s.api(""), "labels_url": s.api(fmt.Sprintf("/issues/%d/labels{/name}", p.number)),
		"events_url": s.api(fmt.Sprintf("/issues/%d/events", p.number)), "url": pull["issue_url"], "comments": len(p.comments),
		"pull_request": object{"url": pull["url"], "html_url": pull["html_url"], "diff_url": pull["diff_url"], "patch_url": pull["patch_url"]},
	}
	for _, name := range []string{
		"id", "node_id", "number", "state", "locked", "title", "body", "user", "labels", "assignee", "assignees", "milestone",
		"closed_at", "created_at", "updated_at", "html_url", "comments_url", "author_association", "active_lock_reason", "draft",
	} {
		issue[name] = pull[name]
	}
	return answer{status: http.StatusCreated, body: issue}
}

// requestReviewers asks all or, if one cannot be asked, none.
func (s *Strict) requestReviewers(c *call) answer {
	p := s.find(c.params["pull_number"])
	if p == nil {
		return notFound()
	}
	var in struct {
		Reviewers     []string `json:"reviewers"`
		TeamReviewers []string `json:"team_reviewers"`
	}
	if !s.decode(c, &in, "reviewers", "team_reviewers") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	var asked []string
	unknown := false
	for _, name := range in.Reviewers {
		if strings.EqualFold(name, p.author) {
			return failure(http.StatusUnprocessableEntity, "Review cannot be requested from pull request author.", "")
		}
		login, ok := known(s.config.People, name)
		asked, unknown = append(asked, login), unknown || !ok
	}
	for _, name := range in.TeamReviewers {
		slug, ok := known(s.config.Teams, name)
		asked, unknown = append(asked, s.config.Owner+"/"+slug), unknown || !ok
	}
	if unknown {
		return failure(http.StatusUnprocessableEntity, "Reviews may only be requested from collaborators. One or more of the users or teams you "+
			"specified is not a collaborator of the "+s.config.fullName()+" repository.", "")
	}
	for _, name := range asked {
		if !slices.Contains(p.reviewers, name) {
			p.reviewers = slices.Concat(p.reviewers, []string{name})
			s.note(p, event{kind: "review_requested", actor: bot, reviewer: name})
		}
	}
	return answer{status: http.StatusCreated, body: s.pullObject(p, true)}
}

// known returns a name as it is written in a list.
func known(list []string, name string) (string, bool) {
	i := slices.IndexFunc(list, func(have string) bool { return strings.EqualFold(have, name) })
	if i < 0 {
		return "", false
	}
	return list[i], true
}

// people returns the reviewers that are no teams.
func people(reviewers []string) []string {
	return slices.DeleteFunc(slices.Clone(reviewers), func(name string) bool { return strings.Contains(name, "/") })
}

func (s *Strict) userList(logins []string) []any {
	all := []any{}
	for _, login := range logins {
		all = append(all, s.userObject(login, "User"))
	}
	return all
}

func (s *Strict) first(logins []string) any {
	if len(logins) == 0 {
		return nil
	}
	return s.userObject(logins[0], "User")
}

func (s *Strict) teamList(reviewers []string) []any {
	all := []any{}
	for _, name := range reviewers {
		if _, slug, ok := strings.Cut(name, "/"); ok {
			all = append(all, s.teamObject(slug))
		}
	}
	return all
}

func (s *Strict) teamObject(slug string) object {
	api := s.server.URL + s.prefix + "/teams/" + slug
	return object{
		"id": 1, "node_id": nodeID("T", slug), "name": slug, "slug": slug, "description": nil, "privacy": "closed",
		"permission": "push", "url": api, "members_url": api + "/members{/member}", "repositories_url": api + "/repos",
		"html_url": s.server.URL + "/orgs/" + s.config.Owner + "/teams/" + slug, "parent": nil, "type": "organization",
	}
}
