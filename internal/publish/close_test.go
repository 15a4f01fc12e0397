package publish_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A pull request that is not needed any more and cannot be closed stays open, and the error says which one it is, what
// was tried and what came in between. What every other one would meet as well stops the run.
func TestPullsThatCannotBeClosed(t *testing.T) {
	t.Parallel()
	pause := &forge.RateLimitError{RetryAfter: time.Minute, Err: errors.New("too fast")}
	for _, tc := range []struct {
		name    string
		before  func(*stage)
		cause   error // of want; nil where it is in no error of the forge
		want    string
		stopped bool
	}{
		{"its comments are not read", func(s *stage) { s.fail["comments a"] = forge.ErrInvalid }, forge.ErrInvalid, "comment on pull request #1: " + forge.ErrInvalid.Error(), false},
		{"its comment is refused", func(s *stage) { s.fail["comment a"] = forge.ErrInvalid }, forge.ErrInvalid, "comment on pull request #1: " + forge.ErrInvalid.Error(), false},
		{"nobody may comment", func(s *stage) { s.fail["comment a"] = forge.ErrForbidden }, forge.ErrForbidden, "comment on pull request #1: " + forge.ErrForbidden.Error(), true},
		{"the forge asks for a pause", func(s *stage) { s.fail["comment a"] = pause }, pause, "comment on pull request #1: " + pause.Error(), true},
		{"closing is refused", func(s *stage) { s.fail["close a"] = forge.ErrInvalid }, forge.ErrInvalid, "closing pull request #1: " + forge.ErrInvalid.Error(), false},
		{"its branch stays", func(s *stage) { s.server.Hook(s.t, "update", "#!/bin/sh\nexit 1\n") }, nil, "branch propagate/base--service-a could not be deleted: branch propagate/base--service-a was rejected: hook declined", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if _, _, err := s.publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.changes, s.options.Whole = s.changes[1:], true // a is done otherwise
			tc.before(s)
			if _, _, err := s.publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(s.result.Closed) != 1 {
				t.Fatalf("%+v is closed, want one", s.result.Closed)
			}
			closed := s.result.Closed[0]
			said, _, _ := strings.Cut(fmt.Sprint(closed.Err), " (remote:") // what follows is git's
			if closed.Pull.Number != 1 || said != tc.want || tc.cause != nil && !errors.Is(closed.Err, tc.cause) {
				t.Errorf("#%d: %v\nwant #1: %s", closed.Pull.Number, closed.Err, tc.want)
			}
			if stopped := s.result.Stopped != nil; stopped != tc.stopped {
				t.Errorf("the run is stopped: %t, want %t", stopped, tc.stopped)
			}
		})
	}
}

// A run that is stopped while it closes pull requests writes nothing any more: the next one deletes the branches.
func TestPullsStopWhileClosing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if _, _, err := s.publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.changes, s.options.Whole = nil, true
	s.fail["comment a"] = &forge.RateLimitError{RetryAfter: time.Minute, Err: errors.New("too fast")} // b goes first
	if got, _, err := s.publish(t.Context()); err != nil || got != "0 push" || s.result.Stopped == nil || s.of(2).State != forge.Closed || s.of(1).State != forge.Open {
		t.Errorf("%s, %v, stopped: %+v, #2 is %s and #1 %s; want 0 push, and #1 open", got, err, s.result.Stopped, s.of(2).State, s.of(1).State)
	}
	delete(s.fail, "comment a")
	if got, _, err := s.publish(t.Context()); err != nil || got != "1 push" || s.of(1).State != forge.Closed {
		t.Errorf("again: %s, %v, #1 is %s", got, err, s.of(1).State)
	}
	for _, branch := range []string{"propagate/base--service-a", "propagate/base--service-b"} {
		if tip, _ := gittest.Try(t, s.server.Dir, "rev-parse", "--verify", "--quiet", branch); tip != "" {
			t.Errorf("branch %s is at %s, want it deleted", branch, tip)
		}
	}
}
