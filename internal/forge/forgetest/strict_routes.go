package forgetest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// A call is one request, found to be for a route.
type call struct {
	*http.Request
	params map[string]string // by their names in GitHub's description
	body   []byte
}

// A route is an operation of GitHub's description.
type route struct {
	method, path string
	serve        func(*Strict, *call) answer
	permission   string // that GitHub names when it is missing; "" for reads, and asApp
}

// asApp is in place of a permission for what an App does in its own name.
const asApp = "app"

var routes = []route{
	{"GET", "/repos/{owner}/{repo}", (*Strict).getRepository, ""},
	{"GET", "/repos/{owner}/{repo}/pulls", (*Strict).listPulls, ""},
	{"POST", "/repos/{owner}/{repo}/pulls", (*Strict).createPull, "pull_requests=write"},
	{"PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", (*Strict).updatePull, "pull_requests=write"},
	{"GET", "/repos/{owner}/{repo}/commits/{ref}/status", (*Strict).combinedStatus, ""},
	{"GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", (*Strict).checkRuns, ""},
	{"GET", "/repos/{owner}/{repo}/issues/{issue_number}", (*Strict).getIssue, ""},
	{"PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", (*Strict).updateIssue, "issues=write"},
	{"GET", "/repos/{owner}/{repo}/issues/{issue_number}/labels", (*Strict).listLabels, ""},
	{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", (*Strict).addLabels, "issues=write; pull_requests=write"},
	{"GET", "/repos/{owner}/{repo}/issues/{issue_number}/events", (*Strict).listEvents, ""},
	{"GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", (*Strict).listComments, ""},
	{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", (*Strict).addComment, "issues=write; pull_requests=write"},
	{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/assignees", (*Strict).addAssignees, "issues=write; pull_requests=write"},
	{"PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", (*Strict).mergePull, "contents=write"},
	{"POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", (*Strict).requestReviewers, "pull_requests=write"},
	{"GET", "/repos/{owner}/{repo}/rules/branches/{branch}", (*Strict).branchRules, ""},
	{"GET", "/repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks", (*Strict).requiredStatusChecks, ""},
	{"GET", "/repos/{owner}/{repo}/branches/{branch}/protection/required_signatures", (*Strict).requiredSignatures, ""},
	{"POST", "/repos/{owner}/{repo}/git/blobs", (*Strict).createBlob, "contents=write"},
	{"POST", "/repos/{owner}/{repo}/git/trees", (*Strict).createTree, "contents=write"},
	{"POST", "/repos/{owner}/{repo}/git/commits", (*Strict).createCommit, "contents=write"},
	{"POST", "/repos/{owner}/{repo}/git/refs", (*Strict).createRef, "contents=write"},
	{"PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", (*Strict).updateRef, "contents=write"},
	{"GET", "/repos/{owner}/{repo}/git/ref/{ref}", (*Strict).getRef, ""},
	{"GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", (*Strict).getCommit, ""},
	{"GET", "/app", (*Strict).getApp, asApp},
	{"GET", "/app/installations/{installation_id}", (*Strict).getInstallation, asApp},
	{"GET", "/repos/{owner}/{repo}/installation", (*Strict).repositoryInstallation, asApp},
	{"POST", "/app/installations/{installation_id}/access_tokens", (*Strict).createToken, asApp},
}

// match returns the parameters of a path, unescaped. A ref at the end takes
// the rest of the path, slashes and all.
func (rt route) match(path string) (map[string]string, bool) {
	params := map[string]string{}
	have := strings.Split(path, "/")
	for i, want := range strings.Split(rt.path, "/") {
		if i >= len(have) {
			return nil, false
		}
		if !strings.HasPrefix(want, "{") {
			if have[i] != want {
				return nil, false
			}
			continue
		}
		value := have[i]
		if want == "{ref}" && strings.HasSuffix(rt.path, want) {
			value = strings.Join(have[i:], "/")
			have = have[:i+1]
		}
		value, err := url.PathUnescape(value)
		if err != nil || value == "" {
			return nil, false
		}
		params[strings.Trim(want, "{}")] = value
	}
	return params, len(have) == strings.Count(rt.path, "/")+1
}

// dispatch answers a request in the order in which GitHub refuses: who it is,
// what there is, what is allowed. The operation is nil where GitHub's
// description says nothing about the answer.
func (s *Strict) dispatch(r *http.Request, got Request) (answer, *operation) {
	if r.Method == http.MethodPost && r.URL.Path == s.graphPath() {
		return s.graphql(r, got.Body), nil
	}
	path, inside := strings.CutPrefix(r.URL.EscapedPath(), s.prefix)
	if !inside {
		s.t.Errorf("%s %s: the API is below %s", r.Method, r.URL, s.URL())
		return notFound(), nil
	}
	if rest, ok := strings.CutPrefix(path, "/repositories/"+repositoryID); ok {
		path = "/repos/" + s.config.fullName() + rest
	} else if rest, ok := strings.CutPrefix(path, "/repos/"+s.config.FormerName); ok && s.config.FormerName != "" && (rest == "" || rest[0] == '/') {
		return s.moved(r, rest), nil
	}
	for _, rt := range routes {
		params, ok := rt.match(path)
		if !ok || rt.method != r.Method {
			continue
		}
		op := s.checks.operation(rt.method, rt.path)
		if err := op.checkRequest(r, params, got.Body); err != nil {
			s.t.Errorf("%s %s: the request is not as %s describes it: %v", r.Method, r.URL, s.config.Description, err)
		}
		return s.allowed(rt, &call{Request: r, params: params, body: got.Body}), op
	}
	s.t.Errorf("%s %s: the strict server does not know this request", r.Method, r.URL)
	return notFound(), nil
}

func (s *Strict) allowed(rt route, c *call) answer {
	if rt.permission == asApp {
		return s.asApp(rt, c)
	}
	mayRead, mayWrite := s.permissions(c.Header.Get("Authorization"), rt.permission)
	switch {
	case !mayRead:
		return failure(http.StatusUnauthorized, "Bad credentials", "")
	case !s.isHere(c):
		return notFound()
	case rt.permission != "" && !mayWrite:
		a := failure(http.StatusForbidden, "Resource not accessible by personal access token", "")
		a.header = http.Header{"X-Accepted-Github-Permissions": {rt.permission}}
		return a
	}
	return rt.serve(s, c)
}

// isHere reports whether a request is for the repository that there is.
func (s *Strict) isHere(c *call) bool {
	return strings.EqualFold(c.params["owner"], s.config.Owner) && strings.EqualFold(c.params["repo"], s.config.Repo)
}

// permissions says what the token of a request may do; one of an App only what it was
// made for, any of those in permission.
func (s *Strict) permissions(authorization, permission string) (read, write bool) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if scheme != "Bearer" && scheme != "token" {
		return false, false
	}
	is := func(want string) bool {
		return want != "" && subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
	}
	if t := s.appToken(token); t != nil {
		for one := range strings.SplitSeq(permission, "; ") {
			name, level, _ := strings.Cut(one, "=")
			write = write || t.permissions[name] == level
		}
		return true, write
	}
	write = is(s.config.Token)
	return write || is(s.config.ReadToken), write
}

// moved answers as GitHub does for the former name of a repository: with an
// address by id, and with a status that keeps the method of a change.
func (s *Strict) moved(r *http.Request, rest string) answer {
	to := s.server.URL + s.prefix + "/repositories/" + repositoryID + rest
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	a := failure(http.StatusMovedPermanently, "Moved Permanently", "#http-redirects")
	if r.Method != http.MethodGet {
		a = failure(http.StatusTemporaryRedirect, "Temporary Redirect", "#http-redirects")
	}
	a.body.(object)["url"] = to
	a.header = http.Header{"Location": {to}}
	return a
}
