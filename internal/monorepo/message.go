package monorepo

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A Kind is what a message is for.
type Kind uint8

// The kinds of message.
const (
	Doing      Kind = iota + 1 // what is done next; the next one takes its place
	Detail                     // for who wants to know more
	Remark                     // what was decided, or what was seen by the way
	Note                       // what a person should know
	Incomplete                 // Err says what is missing from the answer
)

// A Message is what there is to say while the work goes on. It changes nothing about the
// result.
type Message struct {
	Kind Kind
	Text string      // "" for Incomplete
	Hint string      // of a Note: what to do about it; may be empty
	Code source.Code // of a Note: what kind of problem it is; may be empty
	Err  error       // of Incomplete

	// Done of All are done when what is Doing begins, of what Of calls one, such as "image", and it may
	// take the time that is Left until all of them are, which is 0 where nothing tells. All is 0 where
	// nothing is counted.
	Done, All int
	Of        string
	Left      time.Duration
}

func (o *Options) say(m Message) {
	if o.Listen != nil {
		o.Listen(m)
	}
}

func (o *Options) doing(format string, args ...any) {
	o.say(Message{Kind: Doing, Text: fmt.Sprintf(format, args...)})
}

// counting says what is done next, to so many of something. What it returns says that one more of them
// is done; several goroutines may call it.
func (o *Options) counting(all int, of, format string, args ...any) (one func()) {
	var mu sync.Mutex
	m := Message{Kind: Doing, Text: fmt.Sprintf(format, args...), All: all, Of: of}
	o.say(m)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		m.Done++
		o.say(m)
	}
}

func (o *Options) detail(format string, args ...any) {
	o.say(Message{Kind: Detail, Text: fmt.Sprintf(format, args...)})
}

func (o *Options) remark(format string, args ...any) {
	o.say(Message{Kind: Remark, Text: fmt.Sprintf(format, args...)})
}

func (o *Options) note(format string, args ...any) {
	o.say(Message{Kind: Note, Text: fmt.Sprintf(format, args...)})
}

// notes says what a person should know.
func (o *Options) notes(all []*source.Error) {
	for _, n := range all {
		o.say(Message{Kind: Note, Text: n.Error(), Hint: n.Hint, Code: n.Code})
	}
}

// lack says that something is missing from the answer.
func (r *Repository) lack(err error) {
	r.incomplete = true
	r.options.say(Message{Kind: Incomplete, Err: err})
}

// complete reports whether nothing is missing from what a plan is made of: each file could be
// read, but for those that others maintain.
func (r *Repository) complete() bool {
	vendored := r.vendored()
	return !r.incomplete && !slices.ContainsFunc(r.Files, func(file *scanner.File) bool {
		if !file.Unreadable {
			return false
		}
		_, theirs := vendored(file.Path)
		return !theirs
	})
}

// An InputError says that what was asked for, or the configuration, is wrong.
type InputError struct {
	Err    error
	Advice string // what to do about it; "" leaves that to Err
}

// Error returns the text of Err.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }

// Hint returns the advice.
func (e *InputError) Hint() string { return e.Advice }

func invalid(err error, advice string) error { return &InputError{Err: err, Advice: advice} }

// advised is an error of no single file, with what to do about it.
func advised(err error, advice string) error { return &source.Error{Err: err, Hint: advice} }
