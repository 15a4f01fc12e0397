package forgetest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/forge"
)

// The objects of an answer are complete: they have every field that GitHub's
// description requires. It is checked on each answer.

const (
	repositoryID = "1296269"
	someTime     = "2026-01-01T00:00:00Z"
)

// api returns an address below the repository in the API, page one of the web.
func (s *Strict) api(path string) string {
	return s.server.URL + s.prefix + "/repos/" + s.config.fullName() + path
}

func (s *Strict) web(path string) string {
	return s.server.URL + "/" + s.config.fullName() + path
}

// nodeID looks like the opaque ids of GraphQL.
func nodeID(kind, name string) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte(name))
}

func (s *Strict) userObject(login, kind string) object {
	user := s.server.URL + s.prefix + "/users/" + login
	return object{
		"login": login, "id": 583231, "node_id": nodeID("U", login), "type": kind, "site_admin": false,
		"avatar_url": s.server.URL + "/avatars/" + login, "gravatar_id": "",
		"url": user, "html_url": s.server.URL + "/" + login,
		"followers_url": user + "/followers", "following_url": user + "/following{/other_user}",
		"gists_url": user + "/gists{/gist_id}", "starred_url": user + "/starred{/owner}{/repo}",
		"subscriptions_url": user + "/subscriptions", "organizations_url": user + "/orgs",
		"repos_url": user + "/repos", "events_url": user + "/events{/privacy}",
		"received_events_url": user + "/received_events", "user_view_type": "public",
	}
}

func (s *Strict) owner() object { return s.userObject(s.config.Owner, "Organization") }

// repositoryObject is the repository as it stands in pull requests.
func (s *Strict) repositoryObject() object {
	r := object{
		"id": 1296269, "node_id": nodeID("R", repositoryID), "name": s.config.Repo, "full_name": s.config.fullName(),
		"owner": s.owner(), "private": true, "visibility": "private", "fork": false, "description": nil,
		"html_url": s.web(""), "url": s.api(""), "homepage": nil, "language": nil, "license": nil, "mirror_url": nil,
		"default_branch": s.config.DefaultBranch, "archived": false, "disabled": false,
		"git_url":   "git:" + strings.TrimPrefix(s.web(".git"), "http:"),
		"ssh_url":   "git@" + strings.TrimPrefix(s.server.URL, "http://") + ":" + s.config.fullName() + ".git",
		"clone_url": s.web(".git"), "svn_url": s.web(""),
		"has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true,
		"has_discussions": false, "is_template": false, "topics": []string{}, "web_commit_signoff_required": false,
		"forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "size": 108,
		"open_issues": s.openPulls(), "open_issues_count": s.openPulls(),
		"pushed_at": someTime, "created_at": someTime, "updated_at": someTime,
	}
	for name, path := range map[string]string{
		"archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
		"branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
		"comments": "/comments{/number}", "commits": "/commits{/sha}", "compare": "/compare/{base}...{head}",
		"contents": "/contents/{+path}", "contributors": "/contributors", "deployments": "/deployments",
		"downloads": "/downloads", "events": "/events", "forks": "/forks", "git_commits": "/git/commits{/sha}",
		"git_refs": "/git/refs{/sha}", "git_tags": "/git/tags{/sha}", "hooks": "/hooks",
		"issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
		"issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}",
		"languages": "/languages", "merges": "/merges", "milestones": "/milestones{/number}",
		"notifications": "/notifications{?since,all,participating}", "pulls": "/pulls{/number}",
		"releases": "/releases{/id}", "stargazers": "/stargazers", "statuses": "/statuses/{sha}",
		"subscribers": "/subscribers", "subscription": "/subscription", "tags": "/tags", "teams": "/teams",
		"trees": "/git/trees{/sha}",
	} {
		r[name+"_url"] = s.api(path)
	}
	return r
}

func (s *Strict) openPulls() int {
	n := 0
	for _, p := range s.pulls {
		if p.state == forge.Open {
			n++
		}
	}
	return n
}

// getRepository answers with more than pull requests hold of it.
func (s *Strict) getRepository(c *call) answer {
	r := s.repositoryObject()
	_, mayWrite := s.permissions(c.Header.Get("Authorization"), "") // of an App it is not told
	r["network_count"], r["subscribers_count"] = 0, 0
	r["organization"] = s.owner()
	r["delete_branch_on_merge"] = s.config.DeletesBranches
	if mayWrite {
		r["allow_auto_merge"] = !s.config.NoAutoMerge
		for name, method := range map[string]forge.Method{"squash_merge": forge.Squash, "merge_commit": forge.MergeCommit, "rebase_merge": forge.Rebase} {
			r["allow_"+name] = s.allows(method)
		}
	}
	if !s.config.NoPermissions {
		r["permissions"] = object{"admin": s.config.MayAdminister && mayWrite, "maintain": false, "push": mayWrite, "triage": mayWrite, "pull": true}
	}
	return answer{status: 200, body: r}
}

func (s *Strict) labelObject(name string) object {
	return object{
		"id": 208045946 + slices.Index(s.labels, name), "node_id": nodeID("LA", name), "name": name,
		"url": s.api("/labels/" + url.PathEscape(name)), "color": "ededed", "default": false, "description": nil,
	}
}

func (s *Strict) refObject(branch, id string) object {
	return object{
		"ref": "refs/heads/" + branch, "node_id": nodeID("REF", branch),
		"url":    s.api((&url.URL{Path: "/git/refs/heads/" + branch}).EscapedPath()),
		"object": object{"type": "commit", "sha": id, "url": s.api("/git/commits/" + id)},
	}
}

type commitFields struct {
	id, tree                                     string
	parents                                      []string
	authorName, authorEmail, authorDate          string
	committerName, committerEmail, committerDate string
	message                                      string
	verification                                 Verification
}

func (s *Strict) commitObject(f commitFields) object {
	parents := []object{}
	for _, p := range f.parents {
		parents = append(parents, object{"sha": p, "url": s.api("/git/commits/" + p), "html_url": s.web("/commit/" + p)})
	}
	return object{
		"sha": f.id, "node_id": nodeID("C", f.id), "url": s.api("/git/commits/" + f.id), "html_url": s.web("/commit/" + f.id),
		"author":    object{"name": f.authorName, "email": f.authorEmail, "date": f.authorDate},
		"committer": object{"name": f.committerName, "email": f.committerEmail, "date": f.committerDate},
		"tree":      object{"sha": f.tree, "url": s.api("/git/trees/" + f.tree)},
		"message":   f.message, "parents": parents,
		"verification": f.verification.object(),
	}
}

// pullObject is a pull request alone, or the shorter form of it in a list.
func (s *Strict) pullObject(p *pullState, inList bool) object {
	self := fmt.Sprintf("/pulls/%d", p.number)
	issue := fmt.Sprintf("/issues/%d", p.number)
	state, closed, merged := "open", any(nil), any(nil)
	if p.state != forge.Open {
		state, closed = "closed", stamp(p.closed)
	}
	if p.state == forge.Merged {
		merged = stamp(p.closed)
	}
	links := object{}
	o := object{
		"id": 34778301 + p.number, "node_id": s.pullID(p), "number": p.number, "state": state, "locked": false,
		"title": p.title, "body": nullable(p.body), "user": s.userObject(p.author, "User"), "draft": p.draft,
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": closed, "merged_at": merged,
		"merge_commit_sha": nullable(p.mergeCommit), "assignee": s.first(p.assignees), "assignees": s.userList(p.assignees),
		"requested_reviewers": s.userList(people(p.reviewers)), "requested_teams": s.teamList(p.reviewers), "milestone": nil, "auto_merge": s.autoObject(p), "active_lock_reason": nil,
		"author_association": "MEMBER", "labels": s.labelsOf(p, inList),
		"head": s.endObject(p.branch, p.head), "base": s.endObject(p.base, p.baseID),
		"url": s.api(self), "html_url": s.web(fmt.Sprintf("/pull/%d", p.number)),
		"diff_url": s.web(fmt.Sprintf("/pull/%d.diff", p.number)), "patch_url": s.web(fmt.Sprintf("/pull/%d.patch", p.number)),
		"issue_url": s.api(issue), "_links": links,
	}
	for name, path := range map[string]string{
		"comments": issue + "/comments", "commits": self + "/commits", "review_comments": self + "/comments",
		"review_comment": "/pulls/comments{/number}", "statuses": "/statuses/" + p.head,
	} {
		o[name+"_url"], links[name] = s.api(path), object{"href": s.api(path)}
	}
	links["self"], links["issue"], links["html"] = object{"href": o["url"]}, object{"href": o["issue_url"]}, object{"href": o["html_url"]}
	if inList {
		return o
	}
	o["merged"], o["mergeable"], o["mergeable_state"], o["rebaseable"] = p.state == forge.Merged, nil, "unknown", nil
	o["merged_by"] = nil
	if p.state == forge.Merged {
		o["merged_by"] = s.userObject("person", "User")
	}
	o["comments"], o["review_comments"], o["maintainer_can_modify"] = len(p.comments), 0, false
	o["commits"] = s.count("rev-list", p.baseID+".."+p.head)
	o["additions"], o["deletions"] = 1, 1
	o["changed_files"] = s.count("diff", "--name-only", p.baseID+"..."+p.head)
	return o
}

func (s *Strict) endObject(branch, id string) object {
	return object{
		"label": s.config.Owner + ":" + branch, "ref": branch, "sha": id,
		"user": s.owner(), "repo": s.repositoryObject(),
	}
}

// labelsOf returns the labels of a pull request. In lists GitHub's description
// has no null for a label's own description.
func (s *Strict) labelsOf(p *pullState, inList bool) []any {
	all := s.labelList(p.labels)
	for _, l := range all {
		if inList {
			l.(object)["description"] = ""
		}
	}
	return all
}

// nullable is what GitHub makes of an empty text.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}
