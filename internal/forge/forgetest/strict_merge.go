package forgetest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/matihlabs/propagate/internal/forge"
)

//go:embed graphql/schema.graphql
var graphSchema string

var loadGraphSchema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graphSchema})
})

// Checks say how the checks of pull requests are.
type Checks uint8

// What there may be.
const (
	ChecksRequired Checks = iota // required ones go on
	ChecksNone                   // nothing is required, or all of it has passed
	ChecksUnstable               // one that nothing requires goes on
)

// SetChecks says how the checks of all pull requests are from now on.
func (s *Strict) SetChecks(c Checks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passing = c
}

// PassChecks has the required checks of an open pull request pass: GitHub merges it, as auto-merge
// was told to.
func (s *Strict) PassChecks(number int) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		if p.auto == nil {
			s.t.Fatalf("auto-merge of pull request %d is not enabled", number)
		}
		if !s.mergeInto(p, *p.auto, bot) {
			s.t.Fatalf("pull request %d has a conflict", number)
		}
	})
}

// DisableAutoMerge disables auto-merge of an open pull request.
func (s *Strict) DisableAutoMerge(number int) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		if p.auto == nil {
			s.t.Fatalf("auto-merge of pull request %d is not enabled", number)
		}
		p.auto = nil
		s.note(p, event{kind: "auto_merge_disabled", actor: aPerson})
	})
}

// AutoMerge returns how an open pull request is to be merged; ok is false where auto-merge is not enabled.
func (s *Strict) AutoMerge(number int) (m forge.Merge, ok bool) {
	s.t.Helper()
	s.person(number, func(p *pullState) {
		if ok = p.auto != nil; ok {
			m = *p.auto
		}
	})
	return m, ok
}

// allows reports whether the repository has a way to merge.
func (s *Strict) allows(m forge.Method) bool {
	return s.config.Methods == nil || slices.Contains(s.config.Methods, m)
}

// mergeInto merges a pull request, unless that is a conflict.
func (s *Strict) mergeInto(p *pullState, m forge.Merge, who string) bool {
	base := s.branches()[p.base]
	tree, err := s.git("merge-tree", "--write-tree", base, p.head)
	if err != nil {
		return false
	}
	args := []string{"commit-tree", tree, "-p", base}
	message := strings.TrimRight(m.Title+"\n\n"+m.Message, "\n")
	switch m.Method {
	case forge.MergeCommit:
		args = append(args, "-p", p.head)
	case forge.Rebase:
		_, message, _ = strings.Cut(s.show(p.head), "\n")
	}
	commit, err := s.git(append(args, "-m", message)...)
	if err == nil {
		_, err = s.git("update-ref", "refs/heads/"+p.base, commit, base)
	}
	if err != nil {
		s.t.Errorf("merging pull request %d: %v", p.number, err)
		return false
	}
	p.mergeCommit, p.auto = commit, nil
	s.end(p, forge.Merged, who)
	if s.config.DeletesBranches {
		if _, err := s.git("update-ref", "-d", "refs/heads/"+p.branch, p.head); err != nil {
			s.t.Errorf("deleting branch %s: %v", p.branch, err)
		}
		s.note(p, event{kind: "head_ref_deleted", actor: who})
	}
	return true
}

// mergePull merges a pull request now.
func (s *Strict) mergePull(c *call) answer {
	p := s.find(c.params["pull_number"])
	if p == nil {
		return notFound()
	}
	var in struct {
		SHA     string `json:"sha"`
		Method  string `json:"merge_method"`
		Title   string `json:"commit_title"`
		Message string `json:"commit_message"`
	}
	if !s.decode(c, &in, "sha", "merge_method", "commit_title", "commit_message") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	m := forge.Merge{Head: in.SHA, Method: forge.Method(in.Method), Title: in.Title, Message: in.Message}
	const anchor = "/pulls/pulls#merge-a-pull-request"
	switch {
	case p.state != forge.Open || p.draft:
		return failure(http.StatusMethodNotAllowed, "Pull Request is not mergeable", anchor)
	case !s.allows(m.Method):
		return failure(http.StatusMethodNotAllowed, in.Method+" merges are not allowed on this repository.", anchor)
	case s.passing == ChecksRequired:
		return failure(http.StatusMethodNotAllowed, "Required status check is expected.", anchor)
	case in.SHA != p.head:
		return failure(http.StatusConflict, "Head branch was modified. Review and try the merge again.", anchor)
	case !s.mergeInto(p, m, bot):
		return failure(http.StatusMethodNotAllowed, "Pull Request is not mergeable", anchor)
	}
	return answer{status: http.StatusOK, body: object{"sha": p.mergeCommit, "merged": true, "message": "Pull Request successfully merged"}}
}

// graphPath is where GraphQL is on the server.
func (s *Strict) graphPath() string {
	if s.prefix != "" {
		return "/api/graphql"
	}
	return "/graphql"
}

// graphRefusal is the answer of GraphQL to what was understood and refused: its status is 200.
func graphRefusal(kind, message string) answer {
	return answer{status: http.StatusOK, body: object{
		"data":   object{"enablePullRequestAutoMerge": nil},
		"errors": []object{{"type": kind, "path": []string{"enablePullRequestAutoMerge"}, "message": message}},
	}}
}

// graphql answers the one mutation. What is not as GitHub's schema has it fails the test.
func (s *Strict) graphql(r *http.Request, body []byte) answer {
	mayRead, mayWrite := s.permissions(r.Header.Get("Authorization"), "contents=write")
	if !mayRead {
		return failure(http.StatusUnauthorized, "Bad credentials", "")
	}
	var request struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &request); err != nil {
		s.t.Errorf("%s: the request is no JSON: %v", r.URL, err)
	}
	query, wrong := gqlparser.LoadQueryWithRules(loadGraphSchema(), request.Query, rules.NewDefaultRules())
	if len(wrong) > 0 || len(query.Operations) != 1 {
		s.t.Errorf("%s: the query is not as GitHub's schema has it: %v", r.URL, wrong)
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	values, err := validator.VariableValues(loadGraphSchema(), query.Operations[0], request.Variables)
	if err != nil {
		s.t.Errorf("%s: the variables are not as GitHub's schema has them: %v", r.URL, err)
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	in, _ := values["input"].(map[string]any)
	text := func(name string) string { t, _ := in[name].(string); return t }
	if !mayWrite {
		return graphRefusal("FORBIDDEN", "Resource not accessible by personal access token")
	}
	var p *pullState
	for _, one := range s.pulls {
		if s.pullID(one) == text("pullRequestId") {
			p = s.find(fmt.Sprint(one.number))
		}
	}
	if p == nil {
		return graphRefusal("NOT_FOUND", fmt.Sprintf("Could not resolve to a node with the global id of '%s'", text("pullRequestId")))
	}
	m := forge.Merge{Head: text("expectedHeadOid"), Method: forge.Method(strings.ToLower(text("mergeMethod"))), Title: text("commitHeadline"), Message: text("commitBody")}
	switch {
	case s.config.NoAutoMerge:
		return graphRefusal("UNPROCESSABLE", "Pull request Auto merge is not allowed for this repository")
	case p.state != forge.Open:
		return graphRefusal("UNPROCESSABLE", "Pull request is closed")
	case p.draft:
		return graphRefusal("UNPROCESSABLE", "Pull request Pull request is in draft state")
	case p.auto != nil:
		return graphRefusal("UNPROCESSABLE", "Pull request Auto merge is already enabled")
	case !s.allows(m.Method):
		return graphRefusal("UNPROCESSABLE", fmt.Sprintf("Pull request Merge method %s merging is not allowed on this repository", m.Method))
	case m.Head != "" && m.Head != p.head:
		return graphRefusal("UNPROCESSABLE", "Pull request Head sha was modified")
	case s.passing == ChecksNone:
		return graphRefusal("UNPROCESSABLE", "Pull request Pull request is in clean status")
	case s.passing == ChecksUnstable:
		return graphRefusal("UNPROCESSABLE", "Pull request Pull request is in unstable status")
	}
	p.auto = &m
	kind := map[forge.Method]string{forge.Squash: "auto_squash_enabled", forge.Rebase: "auto_rebase_enabled"}[m.Method]
	if kind == "" {
		kind = "auto_merge_enabled"
	}
	s.note(p, event{kind: kind, actor: bot})
	return answer{status: http.StatusOK, body: object{"data": object{"enablePullRequestAutoMerge": object{"pullRequest": object{"number": p.number}}}}}
}

// pullID is the id of a pull request in GraphQL.
func (s *Strict) pullID(p *pullState) string { return nodeID("PR", fmt.Sprintf("/pulls/%d", p.number)) }

// autoObject is how a pull request says that auto-merge is enabled.
func (s *Strict) autoObject(p *pullState) any {
	if p.auto == nil {
		return nil
	}
	return object{"enabled_by": s.userObject(bot, "User"), "merge_method": string(p.auto.Method), "commit_title": p.auto.Title, "commit_message": p.auto.Message}
}
