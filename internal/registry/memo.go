package registry

import (
	"context"
	"sync"
)

// A memo finds the answer to each question once. Who asks while it is being found waits for it.
type memo[T any] struct {
	mu      sync.Mutex
	answers map[string]*answer[T]
}

type answer[T any] struct {
	done  chan struct{}
	value T
	err   error
	keep  bool // for all who ask
	ended bool // the context of who found it, so that it says nothing to others
}

// ask returns the answer to a question. Errors are answers too, but for that of a hasty question,
// which was asked only once, and that of a question whose ctx has ended.
func (m *memo[T]) ask(ctx context.Context, question string, hasty bool, find func() (T, error)) (T, error) {
	for {
		m.mu.Lock()
		if m.answers == nil {
			m.answers = map[string]*answer[T]{}
		}
		a, asked := m.answers[question]
		if !asked {
			a = &answer[T]{done: make(chan struct{})}
			m.answers[question] = a
		}
		m.mu.Unlock()
		if !asked {
			a.value, a.err = find()
			a.ended = a.err != nil && ctx.Err() != nil
			a.keep = a.err == nil || !hasty && !a.ended
			if !a.keep {
				m.forget(question, a)
			}
			close(a.done)
			return a.value, a.err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			var none T
			return none, reason(context.Cause(ctx))
		}
		if a.keep || hasty && !a.ended {
			return a.value, a.err
		}
	}
}

// forget makes the next who asks find the answer anew.
func (m *memo[T]) forget(question string, a *answer[T]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers[question] == a {
		delete(m.answers, question)
	}
}

// replace has the answer to a question found anew if it is still the old one.
func (m *memo[T]) replace(question string, isOld func(T) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.answers[question]
	if a == nil {
		return
	}
	select {
	case <-a.done:
		if a.err == nil && isOld(a.value) {
			delete(m.answers, question)
		}
	default: // it is being found
	}
}

// know answers a question that nobody has asked yet.
func (m *memo[T]) know(question string, value T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil {
		m.answers = map[string]*answer[T]{}
	}
	if m.answers[question] == nil {
		a := &answer[T]{done: make(chan struct{}), value: value, keep: true}
		close(a.done)
		m.answers[question] = a
	}
}
