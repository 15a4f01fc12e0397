package publish_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A stage is a repository with two services on a base, on a server.
type stage struct {
	*desk
	t       *testing.T
	server  *gittest.Server
	dir     string
	head    string
	changes []publish.Change

	stems    []string
	subjects []bumper.Subject
	still    []string
	options  publish.Options
	result   publish.Result
}

func newStage(t *testing.T) *stage {
	t.Helper()
	content := map[string]string{"a/Dockerfile": "FROM example/base:1.0.0\n", "b/Dockerfile": "FROM example/base:1.0.0\n"}
	s := &stage{desk: &desk{t: t, fail: map[string]error{}, comments: map[int][]forge.Comment{}, unlabeled: map[int][]string{}, stopped: map[int]bool{}, Repository: forge.Repository{ID: 1, Name: "owner/repo", DefaultBranch: "main", MayPush: true}}, t: t, server: gittest.NewServer(t, "owner", "repo", "user", "word"), dir: filepath.Join(gittest.TempDir(t), "clone")}
	s.git = s.server.Dir
	origin := gittest.Init(t, content)
	gittest.Git(t, origin, "push", "--quiet", s.server.Dir, "main")
	gittest.Git(t, origin, "clone", "--quiet", s.server.Dir, s.dir)
	s.head = gittest.Git(t, s.dir, "rev-parse", "HEAD")
	var files []*scanner.File
	for _, path := range []string{"a/Dockerfile", "b/Dockerfile"} {
		files = append(files, scanner.ScanFile(path, []byte(content[path]), ""))
	}
	plan, err := bumper.NewPlan(t.Context(), graph.New(files, nil, nil), onDisk(s.dir), []bumper.Bump{{Image: "docker.io/example/base", Tag: "1.0.1"}}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range plan.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		s.changes = append(s.changes, publish.Change{Change: change, Body: "the text of " + change.Group, Message: change.Title, Labels: []string{"bases"}})
	}
	s.subjects, s.stems = plan.Subjects(bumper.ChangeOptions{}), plan.Stems(bumper.ChangeOptions{})
	return s
}

// publish publishes the changes, and says what became of each: "a created #1 branch 1".
func (s *stage) publish(ctx context.Context) (string, []publish.Outcome, error) {
	s.t.Helper()
	repo, err := gitrepo.Open(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = repo.Close() }()
	who := gitrepo.Signature{Name: "A", Email: "a@example.com", When: time.Unix(1, 0)}
	s.asked = nil
	pushes := s.server.Pushes()
	pulls := publish.Pulls{Repo: repo, Remote: remote.Repository{URL: s.server.URL, Username: "user", Password: "word"}, Host: host{s.desk}, Base: "main", Prefix: "propagate/", Options: s.options}
	result, err := pulls.Publish(ctx, publish.Source{Commit: s.head, Author: who, Committer: who, Now: time.Now}, publish.Plan{Changes: s.changes, Subjects: s.subjects, Stems: s.stems, Still: s.still})
	outcomes := result.Outcomes
	s.result = result
	var all []string
	for _, o := range outcomes {
		line := fmt.Sprintf("%s %s", short(o.Change.Branch), o.State)
		if o.Pull != nil {
			line += fmt.Sprintf(" #%d", o.Pull.Number)
		}
		if tip, _ := gittest.Try(s.t, s.server.Dir, "rev-parse", "--verify", "--quiet", o.Change.Branch); tip != "" && tip == o.Commit {
			line += " pushed"
		}
		if o.Partial {
			line += " in part"
		}
		all = append(all, line)
	}
	all = append(all, fmt.Sprintf("%d push", s.server.Pushes()-pushes))
	return strings.Join(all, ", "), outcomes, err
}

// What becomes of a branch and its pull request, by what is there already.
func TestPulls(t *testing.T) {
	t.Parallel()
	const branch = "propagate/base--service-a"
	limit := &forge.RateLimitError{RetryAfter: time.Minute, Err: errors.New("too fast")}
	for _, tc := range []struct {
		name   string
		again  bool // all is published before
		before func(s *stage)
		want   string
		asked  string // besides the lists that every run reads
		note   string // of a
		labels string // of a, where they are not those of new pull requests
	}{
		{name: "nothing", want: "a created #1 pushed, b created #2 pushed, 1 push", asked: "open a, label a, open b, label b"},
		{name: "all as it should be", again: true, want: "a unchanged #1 pushed, b unchanged #2 pushed, 0 push"},
		{name: "another body", again: true, before: func(s *stage) { s.changes[0].Body = "another text" }, want: "a updated #1 pushed, b unchanged #2 pushed, 0 push", asked: "edit a"},
		{
			name: "another body and other labels", again: true, before: func(s *stage) {
				s.changes[0].Body, s.pulls[1].Labels, s.unlabeled[1] = "another text", []string{"mine"}, []string{"Bases"}
			},
			want: "a updated #1 pushed, b unchanged #2 pushed, 0 push", asked: "edit a, unlabeled a", labels: "mine",
		},
		{name: "another title", again: true, before: func(s *stage) { s.changes[0].Title = "Another title" }, want: "a updated #1 pushed, b unchanged #2 pushed, 0 push", asked: "edit a"},
		{name: "a body that a person wrote", again: true, before: func(s *stage) { s.changes[0].Body, s.pulls[1].Body = "another text", "mine" }, want: "a unchanged #1 pushed, b unchanged #2 pushed, 0 push", asked: "commit", note: "its text is a person's and stays"},
		{name: "a body that a person added to", again: true, before: func(s *stage) { s.pulls[1].Body = "see also: x\n" + s.pulls[1].Body }, want: "a unchanged #1 pushed, b unchanged #2 pushed, 0 push"},
		{
			name: "other content", again: true, before: func(s *stage) {
				files := slices.Clone(s.changes[0].Files)
				files[0].Content, files[0].Edits = []byte("FROM example/base:1.0.2\n"), slices.Clone(files[0].Edits)
				files[0].Edits[0].New = "1.0.2"
				s.changes[0].Files = files
			}, want: "a updated #1 pushed, b unchanged #2 pushed, 1 push", asked: "edit a",
		},
		{name: "a branch without its pull request", again: true, before: func(s *stage) { s.pulls = s.pulls[:1] }, want: "a created #2 pushed, b unchanged #2 pushed, 0 push", asked: "commit, open a, label a"},
		{name: "a pull request that was closed", again: true, before: func(s *stage) { s.pulls[1].State = forge.Closed }, want: "a left-alone #1 pushed, b unchanged #2 pushed, 0 push", note: "pull request #1 was closed; reopen it to have it updated again"},
		{name: "a pull request that was merged, and was taken back", again: true, before: func(s *stage) {
			s.pulls[1].State = forge.Merged
			s.head = gittest.Commit(s.t, s.dir, "next", map[string]string{"x": "1"})
			gittest.Git(s.t, s.dir, "push", "--quiet", s.server.Dir, s.head+":main")
		}, want: "a left-alone #1 pushed, b unchanged #2 pushed, 0 push", asked: "protection", note: "pull request #1 was merged and made this change, and somebody took it back"},
		{
			name: "a branch of a person", before: func(s *stage) { gittest.Git(s.t, s.server.Dir, "branch", branch, "main") },
			want: "a left-alone pushed, b created #1 pushed, 1 push", asked: "open b, label b", note: "the branch holds commit ",
		},
		{name: "a branch that a person added to", again: true, before: func(s *stage) {
			gittest.Git(s.t, s.dir, "fetch", "--quiet", "origin", branch)
			gittest.Git(s.t, s.dir, "switch", "--quiet", "--detach", "FETCH_HEAD")
			gittest.Git(s.t, s.dir, "commit", "--quiet", "--amend", "--message", "mine")
			gittest.Git(s.t, s.dir, "push", "--quiet", "--force", s.server.Dir, "HEAD:"+branch)
			gittest.Git(s.t, s.dir, "switch", "--quiet", "main")
		}, want: "a left-alone #1 pushed, b unchanged #2 pushed, 0 push", note: "the branch holds commit "},
		{name: "a forge that refuses one", before: func(s *stage) { s.fail["open a"] = forge.ErrInvalid }, want: "a failed pushed in part, b created #1 pushed, 1 push", asked: "open a, open b, label b"},
		{name: "a forge that asks for a pause", before: func(s *stage) { s.fail["open a"] = limit }, want: "a planned pushed in part, b planned pushed in part, 1 push", asked: "open a", note: "left for the next run"},
		{name: "a pause after the last", before: func(s *stage) { s.fail["open b"] = limit }, want: "a created #1 pushed, b planned pushed in part, 1 push", asked: "open a, label a, open b"},
		{name: "an update that fails", again: true, before: func(s *stage) { s.changes[0].Body, s.fail["edit a"] = "another text", forge.ErrForbidden }, want: "a planned #1 pushed, b planned #2 pushed, 0 push", asked: "edit a", note: "left for the next run"},
		{
			name: "an answer that is lost", before: func(s *stage) { s.fail["open a"], s.stores = forge.ErrUnavailable, true },
			want: "a created #1 pushed, b created #2 pushed, 1 push", asked: "open a, find a, unlabeled a, label a, open b, label b",
		},
		{
			name: "another run that was faster", before: func(s *stage) { s.fail["open a"], s.stores = forge.ErrExists, true },
			want: "a created #1 pushed, b created #2 pushed, 1 push", asked: "open a, find a, unlabeled a, label a, open b, label b",
		},
		{name: "an answer that is lost with the request", before: func(s *stage) { s.fail["open a"] = forge.ErrUnavailable }, want: "a failed pushed in part, b created #1 pushed, 1 push", asked: "open a, find a, open b, label b"},
		{
			name: "labels that are lost with the answer", before: func(s *stage) {
				s.fail["open a"], s.fail["label a"], s.stores = forge.ErrUnavailable, forge.ErrUnavailable, true
			},
			want: "a created #1 pushed, b created #2 pushed, 1 push", asked: "open a, find a, unlabeled a, label a, open b, label b", labels: "none",
		},
		{
			name: "a push that is refused", before: func(s *stage) { s.server.Hook(s.t, "update", "#!/bin/sh\ncase $1 in *service-a) exit 1;; esac\n") },
			want: "a failed, b created #1 pushed, 1 push", asked: "open b, label b",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if tc.again {
				if _, _, err := s.publish(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if tc.before != nil {
				tc.before(s)
			}
			got, outcomes, err := s.publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			asked := strings.Join(slices.DeleteFunc(s.asked, func(what string) bool { return what == "repository" || what == "list" || what == "closed" }), ", ")
			if asked != tc.asked {
				t.Errorf("asked was %s, want %s", asked, tc.asked)
			}
			if !strings.HasPrefix(outcomes[0].Note, tc.note) || tc.note == "" && outcomes[0].Note != "" && outcomes[0].State != publish.Created {
				t.Errorf("the note is %q", outcomes[0].Note)
			}
			for _, p := range s.pulls {
				labels := "bases"
				if p.Branch == branch {
					labels = cmp.Or(tc.labels, labels)
				}
				if p.Base != "main" || cmp.Or(strings.Join(p.Labels, " "), "none") != labels {
					t.Errorf("pull request #%d is for %s, with the labels %v", p.Number, p.Base, p.Labels)
				}
			}
		})
	}
}

// What stops a run before anything is written.
func TestPullsStop(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before func(s *stage)
		want   string // of the error; "" for none
		hint   string
	}{
		"a base branch that the remote lacks": {func(s *stage) { gittest.Git(s.t, s.server.Dir, "branch", "--move", "main", "other") }, "branch main: it is not on the remote", "push it, or read another branch with --ref"},
		"a commit that the remote lacks":      {func(s *stage) { s.head = gittest.Commit(s.t, s.dir, "mine", map[string]string{"x": "1"}) }, "it is not on the remote's main", "push it first, or read what is there with --ref origin/main"},
		"a commit before the newest": {func(s *stage) {
			newest := gittest.Commit(s.t, s.dir, "next", map[string]string{"x": "1"})
			gittest.Git(s.t, s.dir, "push", "--quiet", s.server.Dir, newest+":main")
		}, "", ""},
		"a forge that does not answer": {func(s *stage) { s.fail["list"] = forge.ErrUnavailable }, forge.ErrUnavailable.Error(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			tc.before(s)
			got, outcomes, err := s.publish(t.Context())
			if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || outcomes != nil || got != "0 push") {
				t.Errorf("%s, %v", got, err)
			}
			if hint := source.Hint(err); !strings.Contains(hint, tc.hint) || tc.hint == "" && hint != "" {
				t.Errorf("the hint is %q, want %q", hint, tc.hint)
			}
		})
	}
}

// A merged pull request is not opened again by a run on a commit from before the merge.
func TestPullsOfAnOldCommit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if _, _, err := s.publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	newest := gittest.Commit(t, s.dir, "next", map[string]string{"x": "1"})
	gittest.Git(t, s.dir, "push", "--quiet", s.server.Dir, newest+":main")
	s.pulls[0].State, s.pulls[1].State = forge.Merged, forge.Merged
	s.pulls[0].Body = "mine" // of b, and says no version: its commit does
	got, outcomes, err := s.publish(t.Context())
	if want := "a unchanged #1 pushed, b unchanged #2 pushed, 0 push"; err != nil || got != want {
		t.Fatalf("%s, %v; want %s", got, err, want)
	}
	if want := "pull request #1 is merged, but the commit that was read is older: fetch, and run it again"; outcomes[0].Note != want {
		t.Errorf("the note is %q", outcomes[0].Note)
	}
}
