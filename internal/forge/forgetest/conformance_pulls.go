package forgetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

func (s *suite) lifecycle(t *testing.T) {
	spec, c := s.change("lifecycle/a+b#c&d=1.0.1")
	s.expect(t, spec.Branch)

	opened, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Number == 0 || opened.URL == "" {
		t.Errorf("the pull request has number %d and address %q", opened.Number, opened.URL)
	}
	want := forge.Pull{
		Number: opened.Number, URL: opened.URL, State: forge.Open, Branch: spec.Branch, Base: s.base,
		Head: c.ID, Title: spec.Title, Body: spec.Body, Author: opened.Author, Created: opened.Created, ID: opened.ID,
	}
	same(t, "opened", opened, want)
	s.expect(t, spec.Branch, want)

	want.Title, want.Body = "Another title", "Another body\n"
	updated, err := s.client.EditPull(t.Context(), opened.Number, forge.PullEdit{Title: &want.Title, Body: &want.Body})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "updated", updated, want)
	s.expect(t, spec.Branch, want)
	// Looking changes nothing, and other branches have nothing to do with it.
	s.expect(t, spec.Branch, want)
	s.expect(t, s.Prefix+"lifecycle")
}

func (s *suite) labels(t *testing.T) {
	spec, _ := s.change("labels")
	want, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ add, want []string }{
		{[]string{"propagate", "base: python"}, []string{"base: python", "propagate"}},
		{[]string{"propagate", "wave 1"}, []string{"base: python", "propagate", "wave 1"}},
	} {
		if err := s.client.AddLabels(t.Context(), want.Number, step.add); err != nil {
			t.Fatal(err)
		}
		want.Labels = step.want
		s.expect(t, spec.Branch, want)
	}
}

func (s *suite) ends(t *testing.T) {
	spec, _ := s.change("ends")
	var want []forge.Pull
	for _, end := range []struct {
		state forge.State
		do    func(int)
	}{{forge.Closed, s.Close}, {forge.Closed, func(number int) { s.closeByClient(t, number) }}, {forge.Merged, s.Merge}} {
		p, err := s.client.OpenPull(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		s.expect(t, spec.Branch, append([]forge.Pull{p}, want...)...)
		end.do(p.Number)
		p.State = end.state
		want = append([]forge.Pull{p}, want...)
		s.expect(t, spec.Branch, want...)
	}
}

func (s *suite) closeByClient(t *testing.T, number int) {
	t.Helper()
	p, err := s.client.EditPull(t.Context(), number, forge.PullEdit{Close: true})
	if err != nil || p.State != forge.Closed || p.Number != number {
		t.Errorf("EditPull that closes %d: %+v, %v", number, p, err)
	}
}

// opened opens a pull request for a new branch.
func (s *suite) opened(t *testing.T, name string) forge.Pull {
	t.Helper()
	spec, _ := s.change(name)
	p, err := s.client.OpenPull(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lists looks for pull requests in those of the whole repository.
func (s *suite) lists(t *testing.T) {
	open, closed, merged := s.opened(t, "lists/open"), s.opened(t, "lists/closed"), s.opened(t, "lists/merged")
	s.Close(closed.Number)
	s.Merge(merged.Number)
	closed.State, merged.State = forge.Closed, forge.Merged
	s.eventually(t, "OpenPulls", []forge.Pull{open}, func() ([]forge.Pull, error) { return s.client.OpenPulls(t.Context()) })
	s.eventually(t, "ClosedPulls", []forge.Pull{merged, closed}, func() ([]forge.Pull, error) {
		// Nobody has made more than a page of them since these.
		found, _, err := s.client.ClosedPulls(t.Context(), 1)
		return found, err
	})
}

// eventually compares those of a list that the test of lists made.
func (s *suite) eventually(t *testing.T, what string, want []forge.Pull, list func() ([]forge.Pull, error)) {
	t.Helper()
	for second := 0; ; second++ {
		got, err := list()
		if err != nil {
			t.Fatal(err)
		}
		got = slices.DeleteFunc(got, func(p forge.Pull) bool { return !strings.HasPrefix(p.Branch, s.Prefix+"lists/") })
		if second < s.Patience && len(got) != len(want) {
			time.Sleep(time.Second)
			continue
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %+v, want %+v", what, got, want)
		}
		for i := range want {
			same(t, what, got[i], want[i])
		}
		return
	}
}

func (s *suite) unlabeled(t *testing.T) {
	p := s.opened(t, "unlabeled")
	expect := func(want ...string) {
		t.Helper()
		for second := 0; ; second++ {
			got, err := s.client.Unlabeled(t.Context(), p.Number)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(got, want) {
				return
			}
			if second >= s.Patience {
				t.Errorf("Unlabeled() = %q, want %q", got, want)
				return
			}
			time.Sleep(time.Second)
		}
	}
	add := func(labels ...string) {
		t.Helper()
		if err := s.client.AddLabels(t.Context(), p.Number, labels); err != nil {
			t.Fatal(err)
		}
	}
	expect()
	add("propagate", "base: python", "wave 1")
	expect()
	s.RemoveLabel(p.Number, "propagate")
	s.RemoveLabel(p.Number, "base: python")
	expect("base: python", "propagate")
	add("propagate")
	expect("base: python")
}

func (s *suite) draft(t *testing.T) {
	spec, _ := s.change("draft")
	spec.Draft = true
	p, err := s.client.OpenPull(t.Context(), spec)
	if err != nil || !p.Draft {
		t.Fatalf("OpenPull of a draft: %+v, %v", p, err)
	}
	s.expect(t, spec.Branch, p)
}

func (s *suite) reviews(t *testing.T, reviewer string) {
	p := s.opened(t, "reviews/"+strings.ReplaceAll(reviewer, "/", "-"))
	for range 2 { // twice is once
		if err := s.client.RequestReviews(t.Context(), p.Number, []string{reviewer}); err != nil {
			t.Fatal(err)
		}
	}
	p.Reviewers = []string{reviewer}
	s.expect(t, p.Branch, p)
	nobody := "propagate-nobody-of-this-name"
	if org, _, isTeam := strings.Cut(reviewer, "/"); isTeam {
		nobody = org + "/" + nobody
	}
	if err := s.client.RequestReviews(t.Context(), p.Number, []string{nobody}); !errors.Is(err, forge.ErrInvalid) && !errors.Is(err, forge.ErrNotFound) {
		t.Errorf("RequestReviews of nobody: %v; want ErrInvalid", err)
	}
	s.expect(t, p.Branch, p)
}

func (s *suite) assignees(t *testing.T) {
	p := s.opened(t, "assignees")
	for range 2 {
		if err := s.client.AddAssignees(t.Context(), p.Number, []string{s.Person}); err != nil {
			t.Fatal(err)
		}
	}
	p.Assignees = []string{s.Person}
	s.expect(t, p.Branch, p)
}

// asked waits until a pull request is known to have asked somebody.
func (s *suite) asked(t *testing.T) {
	p := s.opened(t, "asked")
	if err := s.client.RequestReviews(t.Context(), p.Number, []string{s.Person}); err != nil {
		t.Fatal(err)
	}
	for second := 0; ; second++ {
		got, err := s.client.Asked(t.Context(), p.Number)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(got, []string{s.Person}) {
			return
		}
		if second >= s.Patience {
			t.Errorf("Asked() = %q, want %q", got, s.Person)
			return
		}
		time.Sleep(time.Second)
	}
}

func (s *suite) comments(t *testing.T) {
	p := s.opened(t, "comments")
	want := []forge.Comment{}
	for _, body := range []string{"First, `code` & ünïcode <b>.", "Second\n\nof two lines"} {
		if got, err := s.client.Comments(t.Context(), p.Number); err != nil || !slices.Equal(got, want) {
			t.Errorf("Comments() = %+v, %v; want %+v", got, err, want)
		}
		if err := s.client.AddComment(t.Context(), p.Number, body); err != nil {
			t.Fatal(err)
		}
		want = append(want, forge.Comment{Author: p.Author, Body: body})
	}
	if got, err := s.client.Comments(t.Context(), p.Number); err != nil || !slices.Equal(got, want) {
		t.Errorf("Comments() = %+v, %v; want %+v", got, err, want)
	}
	if err := s.client.AddComment(t.Context(), p.Number, ""); !errors.Is(err, forge.ErrInvalid) {
		t.Errorf("AddComment without a text: %v; want ErrInvalid", err)
	}
}

func (s *suite) upToDate(t *testing.T) {
	spec, _ := s.change("up/to-date")
	for _, want := range []bool{false, true} {
		got, err := s.client.MustBeUpToDate(t.Context(), spec.Branch)
		if err != nil || got != want {
			t.Errorf("MustBeUpToDate(%q) = %v, %v; want %v", spec.Branch, got, err, want)
		}
		if !want {
			s.RequireUpToDate(spec.Branch)
		}
	}
}
