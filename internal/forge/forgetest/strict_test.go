package forgetest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
)

// A failing test takes what would fail a real one.
type failing struct {
	testing.TB
	problems []string
	cleanups []func()
}

func (f *failing) Errorf(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}
func (f *failing) Error(args ...any)   { f.problems = append(f.problems, fmt.Sprint(args...)) }
func (f *failing) Cleanup(done func()) { f.cleanups = append(f.cleanups, done) }
func (f *failing) end() {
	for _, done := range slices.Backward(f.cleanups) {
		done()
	}
}

// ask sends one request and returns the status, the body and the Link header.
func ask(t *testing.T, s *Strict, method, path, token, body string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header.Get("Link")
}

func TestStrictIsStrict(t *testing.T) {
	const pulls = "repos/acme/platform/pulls"
	for _, test := range []struct{ name, method, path, body, want string }{
		{"unknown path", "GET", "repos/acme/platform/issues", "", "does not know this request"},
		{"unknown method", "DELETE", pulls, "", "does not know this request"},
		{"too long a path", "GET", pulls + "/1/x", "", "does not know this request"},
		{"unknown parameter", "GET", pulls + "?heads=a", "", `the parameter "heads" is not described`},
		{"wrong value", "GET", pulls + "?state=merged", "", "the request is not as api.github.com describes it"},
		{"wrong type", "GET", pulls + "?page=one", "", "the request is not as api.github.com describes it"},
		{"sorting", "GET", pulls + "?sort=updated", "", "does not sort by updated"},
		{"field missing", "POST", pulls, `{"title": "A", "head": "main"}`, `property "base" is missing`},
		{"unknown field", "POST", pulls, `{"title": "A", "head": "main", "base": "main", "labels": []}`, `the field "labels" is not described`},
		{"field that is not served", "POST", pulls, `{"title": "A", "head": "main", "base": "main", "maintainer_can_modify": true}`, `does not know the field "maintainer_can_modify"`},
		{"bare list of labels", "POST", "repos/acme/platform/issues/1/labels", `["a"]`, "the request is not as api.github.com describes it"},
		{"no JSON", "POST", pulls, `{`, "the request is not as api.github.com describes it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &failing{TB: t}
			s := NewStrict(f, Config{GitDir: NewGitDir(t).Dir})
			ask(t, s, test.method, test.path, s.Token(), test.body)
			f.end()
			if !strings.Contains(strings.Join(f.problems, "\n"), test.want) {
				t.Errorf("the test fails with %q, want %q", f.problems, test.want)
			}
		})
	}
}

func TestLeftOverFault(t *testing.T) {
	f := &failing{TB: t}
	s := NewStrict(f, Config{GitDir: NewGitDir(t).Dir})
	s.Fail(On("GET", "/platform"), 2, Fault{Status: 502})
	if status, _, _ := ask(t, s, "GET", "repos/acme/platform", s.Token(), ""); status != 502 {
		t.Errorf("the fault is a %d", status)
	}
	f.end()
	if want := []string{"fault 1 (status 502) is left over for 1 requests that never came"}; !slices.Equal(f.problems, want) {
		t.Errorf("the test fails with %q, want %q", f.problems, want)
	}
}

// A server that left a field out would not be noticed otherwise.
func TestAnswersAreChecked(t *testing.T) {
	for _, d := range []Description{GitHub, EnterpriseServer} {
		s := NewStrict(t, Config{GitDir: NewGitDir(t).Dir, Description: d})
		op := describe(t, d).operation("GET", "/repos/{owner}/{repo}/git/ref/{ref}")
		req := httptest.NewRequest("GET", "/repos/acme/platform/git/ref/heads/main", nil)
		if err := op.checkRequest(req, map[string]string{"owner": "acme", "repo": "platform", "ref": "heads/main"}, nil); err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		_, right, _ := ask(t, s, "GET", "repos/acme/platform/git/ref/heads/main", s.Token(), "")
		for name, test := range map[string]struct {
			status int
			body   string
			want   string
		}{
			"right":             {200, right, ""},
			"field missing":     {200, strings.Replace(right, `"node_id"`, `"node"`, 1), `property "node_id" is missing`},
			"nested":            {200, strings.Replace(right, `"sha":"`, `"sha":1,"x":"`, 1), "/object/sha"},
			"unknown status":    {202, right, "status is not supported"},
			"documented error":  {404, `{"message": 1}`, "/message"},
			"documented widely": {401, `{"message": 1}`, "/message"},
		} {
			err := op.checkResponse(test.status, header, []byte(test.body))
			if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s, %s: %v; want %q", d, name, err, test.want)
			}
		}
	}
}

func TestPagesAndFilters(t *testing.T) {
	g := NewGitDir(t)
	s := NewStrict(t, Config{GitDir: g.Dir})
	g.Commit("a", "main", "A", map[string]string{"a": "1"})
	for i := range 31 {
		ask(t, s, "POST", "repos/acme/platform/pulls", s.Token(), `{"title": "A", "head": "a", "base": "main"}`)
		if i < 30 {
			s.ClosePull(i + 1)
		}
	}
	for _, test := range []struct {
		query string
		count int
		first string // its number
		link  string
	}{
		{"", 1, "31", ""},
		{"?state=all", 30, "31", `<URL?page=2&state=all>; rel="next", <URL?page=2&state=all>; rel="last"`},
		{"?state=all&page=2", 1, "1", `<URL?page=1&state=all>; rel="prev", <URL?page=1&state=all>; rel="first"`},
		{"?state=all&page=3", 0, "", `<URL?page=2&state=all>; rel="prev", <URL?page=1&state=all>; rel="first"`},
		{"?state=closed&per_page=200", 30, "30", ""},
		{"?state=all&per_page=10&page=2&direction=asc", 10, "11", `<URL?direction=asc&page=1&per_page=10&state=all>; rel="prev", ` +
			`<URL?direction=asc&page=3&per_page=10&state=all>; rel="next", <URL?direction=asc&page=4&per_page=10&state=all>; rel="last", <URL?direction=asc&page=1&per_page=10&state=all>; rel="first"`},
		{"?head=acme:a", 1, "31", ""},
		{"?head=Acme:a", 1, "31", ""},
		{"?head=acme:b", 0, "", ""},
		{"?head=other:a", 0, "", ""},
		{"?head=b", 1, "31", ""}, // ignored without an owner
		{"?base=main", 1, "31", ""},
		{"?base=a", 0, "", ""},
	} {
		_, body, link := ask(t, s, "GET", "repos/acme/platform/pulls"+test.query, s.Token(), "")
		if n := strings.Count(body, `"patch_url"`); n != test.count {
			t.Errorf("%q returns %d, want %d", test.query, n, test.count)
		}
		if _, after, ok := strings.Cut(body, `"number":`); ok != (test.count > 0) || !strings.HasPrefix(after, test.first+",") && ok {
			t.Errorf("%q begins with %.10s, want %s", test.query, after, test.first)
		}
		if want := strings.ReplaceAll(test.link, "URL", s.URL()+"repos/acme/platform/pulls"); link != want {
			t.Errorf("%q has the links\n%s, want\n%s", test.query, link, want)
		}
	}
}

func TestLifeOfAPull(t *testing.T) {
	g := NewGitDir(t)
	s := NewStrict(t, Config{GitDir: g.Dir})
	const pulls, labels = "repos/acme/platform/pulls", "repos/acme/platform/issues/1/labels"
	g.Commit("a", "main", "A", map[string]string{"a": "1"})
	g.Commit("other", "main", "Other", map[string]string{"other": "1"})
	g.Commit("island", "", "Island", map[string]string{"i": "1"})
	for _, step := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"open", "POST", pulls, `{"title": "A", "head": "acme:a", "base": "main"}`, 201, `"changed_files":1`},
		{"second", "POST", pulls, `{"title": "A", "head": "a", "base": "main"}`, 422, "A pull request already exists for acme:a."},
		{"second for another base", "POST", pulls, `{"title": "A", "head": "a", "base": "other"}`, 201, `"number":2`},
		{"no history in common", "POST", pulls, `{"title": "A", "head": "island", "base": "main"}`, 422, "The island branch has no history in common with main"},
		{"base that is taken", "PATCH", pulls + "/1", `{"base": "other"}`, 422, "A pull request already exists for base branch 'other' and head branch 'a'"},
		{"no such pull request", "PATCH", pulls + "/3", `{"title": "B"}`, 404, "Not Found"},
		{"body too long", "PATCH", pulls + "/1", `{"body": "` + strings.Repeat("é", 65537) + `"}`, 422, "body is too long (maximum is 65536 characters)"},
		{"body just short enough", "PATCH", pulls + "/1", `{"body": "` + strings.Repeat("é", 65536) + `"}`, 200, `"number":1`},
		{"labels", "POST", labels, `{"labels": ["Bug", "bug", "x"]}`, 200, `"name":"Bug"`},
		{"label too long", "POST", labels, `{"labels": ["` + strings.Repeat("x", 51) + `"]}`, 422, "name is too long (maximum is 50 characters)"},
		{"list of labels", "GET", labels, "", 200, `"name":"x"`},
		{"labels of nothing", "POST", "repos/acme/platform/issues/9/labels", `{"labels": ["x"]}`, 404, "Not Found"},
	} {
		status, body, _ := ask(t, s, step.method, step.path, s.Token(), step.body)
		if status != step.status || !strings.Contains(body, step.want) {
			t.Errorf("%s: %d %.300s; want %d and %q", step.name, status, body, step.status, step.want)
		}
	}
	before := g.Tip("main")
	s.MergePull(1)
	g.DeleteBranch("a")
	all := s.Pulls()
	if all[0].State != forge.Merged || !slices.Equal(all[0].Labels, []string{"Bug", "x"}) || all[1].State != forge.Closed {
		t.Errorf("merging one and deleting the branch leaves %+v", all)
	}
	if parents := g.run("", "log", "-1", "--format=%P", "main"); parents != before+" "+all[0].Head {
		t.Errorf("main is at a commit with the parents %q, want %s and %s", parents, before, all[0].Head)
	}
	if status, body, _ := ask(t, s, "PATCH", pulls+"/1", s.Token(), `{"base": "other"}`); status != 422 || !strings.Contains(body, "closed pull request") {
		t.Errorf("moving a merged one: %d %s", status, body)
	}
}
