package forgetest

import "slices"

// A Saved is what a strict server held at one time: its pull requests and labels. What is in the
// git repository is not among it.
type Saved struct {
	pulls  []*pullState
	labels []string
	ticks  int
}

// Save returns what the server holds now.
func (s *Strict) Save() *Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.follow(); err != nil {
		s.t.Error(err)
	}
	return &Saved{pulls: clonePulls(s.pulls), labels: slices.Clone(s.labels), ticks: s.ticks}
}

// Restore makes the server hold again what it held when this was saved. The requests until now and the
// faults that are left are forgotten. Whoever restores the git repository as well does it first.
func (s *Strict) Restore(saved *Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls, s.labels, s.ticks = clonePulls(saved.pulls), slices.Clone(saved.labels), saved.ticks
	s.requests, s.faults = nil, nil
}

func clonePulls(pulls []*pullState) []*pullState {
	all := make([]*pullState, len(pulls))
	for i, p := range pulls {
		next := *p // its lists are never changed
		all[i] = &next
	}
	return all
}
