package forgetest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// A check is one of a commit: a check run or, if it is a status, what somebody else has set.
type check struct {
	commit, name string
	state        string // of a run its conclusion, "" while it is not completed
	isStatus     bool
}

// firstIssue is the number of the first issue that is no pull request.
const firstIssue = 1001

// Check says how a check run of the head of an open pull request stands: its conclusion, or "" while it is
// not completed.
func (s *Strict) Check(number int, name, conclusion string) {
	s.t.Helper()
	s.person(number, func(p *pullState) { s.setCheck(check{p.head, name, conclusion, false}) })
}

// Status sets a status of the head of an open pull request: "pending", "success", "failure" or "error".
func (s *Strict) Status(number int, context, state string) {
	s.t.Helper()
	s.person(number, func(p *pullState) { s.setCheck(check{p.head, context, state, true}) })
}

func (s *Strict) setCheck(is check) {
	same := func(old check) bool {
		return old.commit == is.commit && old.name == is.name && old.isStatus == is.isStatus
	}
	s.commitChecks = append(slices.DeleteFunc(s.commitChecks, same), is)
}

// AddIssue opens an issue, as a person does, and returns its number.
func (s *Strict) AddIssue(body string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issues = append(s.issues, body)
	return firstIssue + len(s.issues) - 1
}

// EditIssue gives an issue another text, as a person does, and returns the text.
func (s *Strict) EditIssue(number int, edit func(body string) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := &s.issues[number-firstIssue]
	*body = edit(*body)
	return *body
}

// combinedStatus serves the statuses of a commit.
func (s *Strict) combinedStatus(c *call) answer {
	id := c.params["ref"]
	all := []any{}
	state := "success"
	for i, is := range s.commitChecks {
		if is.commit != id || !is.isStatus {
			continue
		}
		switch {
		case is.state == "failure" || is.state == "error":
			state = "failure"
		case is.state == "pending" && state == "success":
			state = "pending"
		}
		all = append(all, object{
			"url": s.api("/statuses/" + id), "avatar_url": nil, "id": i + 1, "node_id": nodeID("SC", strconv.Itoa(i)), "state": is.state,
			"description": nil, "target_url": nil, "context": is.name, "created_at": stamp(s.now()), "updated_at": stamp(s.now()),
		})
	}
	if len(all) == 0 {
		state = "pending" // as GitHub has it
	}
	page := s.page(c, all)
	repository := s.repositoryObject()
	page.body = object{
		"state": state, "statuses": page.body, "sha": id, "total_count": len(all), "repository": repository,
		"commit_url": s.api("/commits/" + id), "url": s.api("/commits/" + id + "/status"),
	}
	return page
}

// checkRuns serves the check runs of a commit.
func (s *Strict) checkRuns(c *call) answer {
	if s.config.NoChecks {
		return failure(http.StatusForbidden, "Resource not accessible by personal access token", "")
	}
	id := c.params["ref"]
	all := []any{}
	for i, is := range s.commitChecks {
		if is.commit != id || is.isStatus {
			continue
		}
		status, completed := "completed", any(stamp(s.now()))
		if is.state == "" {
			status, completed = "in_progress", nil
		}
		self := fmt.Sprintf("/check-runs/%d", i+1)
		all = append(all, object{
			"id": i + 1, "node_id": nodeID("CR", self), "head_sha": id, "name": is.name, "external_id": nil, "url": s.api(self), "html_url": nil, "details_url": nil,
			"status": status, "conclusion": nullable(is.state), "started_at": nil, "completed_at": completed,
			"output":      object{"title": nil, "summary": nil, "text": nil, "annotations_count": 0, "annotations_url": s.api(self + "/annotations")},
			"check_suite": nil, "app": nil, "pull_requests": []any{},
		})
	}
	page := s.page(c, all)
	page.body = object{"total_count": len(all), "check_runs": page.body}
	return page
}

// issueOf returns the text of an issue that is no pull request; nil if there is none.
func (s *Strict) issueOf(c *call) *string {
	n, err := strconv.Atoi(c.params["issue_number"])
	if err != nil || n < firstIssue || n >= firstIssue+len(s.issues) {
		return nil
	}
	return &s.issues[n-firstIssue]
}

func (s *Strict) getIssue(c *call) answer {
	if p := s.find(c.params["issue_number"]); p != nil {
		return answer{status: http.StatusOK, body: s.issueObject(p.number, p.body, s.pullObject(p, true))}
	}
	body := s.issueOf(c)
	if body == nil {
		return notFound()
	}
	n, _ := strconv.Atoi(c.params["issue_number"])
	return answer{status: http.StatusOK, body: s.issueObject(n, *body, nil)}
}

func (s *Strict) updateIssue(c *call) answer {
	body := s.issueOf(c)
	if body == nil {
		return notFound()
	}
	var in struct{ Body string }
	if !s.decode(c, &in, "body") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	if len([]rune(in.Body)) > maxBody {
		return invalid(tooLong("Issue", "body", maxBody))
	}
	*body = in.Body
	return s.getIssue(c)
}

// issueObject is an issue; pull is the pull request that it is, nil for none.
func (s *Strict) issueObject(number int, body string, pull object) object {
	self := fmt.Sprintf("/issues/%d", number)
	page := s.web(self)
	o := object{
		"id": 900000 + number, "node_id": nodeID("I", self), "url": s.api(self), "repository_url": s.api(""), "labels_url": s.api(self + "/labels{/name}"),
		"comments_url": s.api(self + "/comments"), "events_url": s.api(self + "/events"), "html_url": page, "number": number, "state": "open", "title": "A rollout",
		"body": nullable(body), "user": s.userObject(aPerson, "User"), "labels": []any{}, "assignee": nil, "assignees": []any{}, "milestone": nil, "locked": false,
		"active_lock_reason": nil, "comments": 0, "closed_at": nil, "created_at": stamp(s.now()), "updated_at": stamp(s.now()), "author_association": "MEMBER",
	}
	if pull != nil {
		o["pull_request"] = object{"url": pull["url"], "html_url": pull["html_url"], "diff_url": pull["diff_url"], "patch_url": pull["patch_url"]}
	}
	return o
}
