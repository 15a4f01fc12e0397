package publish_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/publish"
)

// When a pull request is merged without a person, and what the run says of it.
func TestPullsThatAreMergedByThemselves(t *testing.T) {
	t.Parallel()
	fails := func(what string, err error) func(*stage) { return func(s *stage) { s.fail[what] = err } }
	const waits = "it is merged by itself once its checks have passed"
	for _, tc := range []struct {
		name    string
		policy  publish.AutoMerge // of a; b is merged by people
		again   bool
		before  func(*stage)
		want    string // of a
		asked   string // of a, besides what every run asks
		note    string
		lacking string
	}{
		{name: "by people", want: "created", asked: "open a, label a"},
		{name: "after its checks", policy: publish.AfterChecks, want: "created auto", asked: "open a, label a, auto-merge a", note: waits},
		{name: "already enabled", policy: publish.AfterChecks, again: true, want: "unchanged auto", note: waits},
		{name: "enabled now", policy: publish.AfterChecks, again: true, before: func(s *stage) { s.of(1).AutoMerge = false }, want: "updated auto", asked: "stopped a, auto-merge a", note: waits},
		{name: "a person disabled it", policy: publish.AfterChecks, again: true, before: func(s *stage) { s.of(1).AutoMerge, s.stopped[1] = false, true }, want: "unchanged", asked: "stopped a", note: "somebody disabled its auto-merge, and that stays so"},
		{name: "a draft", policy: publish.AtOnce, again: true, before: func(s *stage) { s.of(1).AutoMerge, s.of(1).Draft = false, true }, want: "unchanged", note: "it is a draft, which is not merged by itself"},
		{name: "nothing is required", policy: publish.AfterChecks, before: fails("auto-merge a", forge.ErrClean), want: "created", asked: "open a, label a, auto-merge a", note: "nothing has to pass before it is merged, so a person merges it: automerge: now would merge it"},
		{name: "nothing is required, and at once", policy: publish.AtOnce, before: fails("auto-merge a", forge.ErrClean), want: "created merged", asked: "open a, label a, auto-merge a, merge a", note: "it is merged"},
		{name: "nothing is required, and a label is missing", policy: publish.AtOnce, before: func(s *stage) { s.fail["auto-merge a"], s.fail["label a"] = forge.ErrClean, forge.ErrInvalid }, want: "created", asked: "open a, label a, auto-merge a", note: "it is merged once it has all that it is to have", lacking: "labels of pull request #1: refused as invalid"},
		{name: "something is required, and at once", policy: publish.AtOnce, want: "created auto", asked: "open a, label a, auto-merge a", note: waits},
		{name: "something else goes on", policy: publish.AtOnce, before: fails("auto-merge a", forge.ErrUnstable), want: "created", asked: "open a, label a, auto-merge a", lacking: "auto-merge of pull request #1: " + forge.ErrUnstable.Error()},
		{name: "the repository does not allow it", policy: publish.AfterChecks, before: func(s *stage) { s.NoAutoMerge = true }, want: "created", asked: "open a, label a", lacking: "auto-merge of pull request #1: the repository does not allow auto-merge"},
		{name: "the answer is lost", policy: publish.AfterChecks, before: func(s *stage) { s.fail["auto-merge a"], s.stores = forge.ErrUnavailable, true }, want: "created auto", asked: "open a, label a, auto-merge a, find a", note: waits},
		{name: "the request is lost", policy: publish.AfterChecks, before: fails("auto-merge a", forge.ErrUnavailable), want: "created", asked: "open a, label a, auto-merge a, find a, auto-merge a", lacking: "auto-merge of pull request #1: cannot be reached"},
		{name: "the answer of the merge is lost", policy: publish.AtOnce, before: func(s *stage) {
			s.fail["auto-merge a"], s.fail["merge a"] = forge.ErrClean, forge.ErrUnavailable
			s.storesMerge = true
		}, want: "created merged", asked: "open a, label a, auto-merge a, merge a, find a", note: "it is merged"},
		{name: "the merge is refused", policy: publish.AtOnce, before: func(s *stage) { s.fail["auto-merge a"], s.fail["merge a"] = forge.ErrClean, forge.ErrInvalid }, want: "created", asked: "open a, label a, auto-merge a, merge a, find a", lacking: "auto-merge of pull request #1: refused as invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.changes = s.changes[:1]
			s.changes[0].AutoMerge, s.changes[0].Message = tc.policy, "Update base\n\na/Dockerfile:1\n"
			if tc.again {
				if _, _, err := s.publish(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if tc.before != nil {
				tc.before(s)
			}
			_, outcomes, err := s.publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			o := outcomes[0]
			got := string(o.State)
			if o.Pull.AutoMerge {
				got += " auto"
			}
			if o.Pull.State == forge.Merged {
				got += " merged"
			}
			lacking := ""
			if o.Lacking != nil {
				lacking = o.Lacking.Error()
			}
			if got != tc.want || o.Note != tc.note || lacking != tc.lacking {
				t.Errorf("it is %s, %q, lacks %q; want %s, %q, %q", got, o.Note, lacking, tc.want, tc.note, tc.lacking)
			}
			if asked := s.askedFor(); asked != tc.asked {
				t.Errorf("asked %q, want %q", asked, tc.asked)
			}
			for _, m := range s.merges {
				pull := s.of(1)
				if want := (forge.Merge{Head: pull.Head, Method: forge.Squash, Title: fmt.Sprintf("%s (#1)", pull.Title), Message: "a/Dockerfile:1"}); m != want {
					t.Errorf("it is merged as %+v, want %+v", m, want)
				}
			}
		})
	}
}

// askedFor returns what was asked besides the lists that every run reads.
func (s *stage) askedFor() string {
	var all []string
	for _, one := range s.asked {
		if one != "repository" && one != "list" && one != "closed" && one != "protection" {
			all = append(all, one)
		}
	}
	return strings.Join(all, ", ")
}
