package github

import (
	"fmt"
	"slices"
	"time"
)

// Limits are how many writes may go out within a minute and within an hour. GitHub publishes
// "in general" 80 and 500 requests that create content, and changes that without notice.
type Limits struct {
	Minute, Hour int // 0 is the default
}

// The limits that hold where nothing else is said.
const (
	DefaultMinute = 80
	DefaultHour   = 500
)

// margin is added to each window, since servers and their answers count in whole seconds.
const margin = time.Second

// A budget knows which writes were sent in the last hour, and how many may be.
type budget struct {
	Limits // as they are known by now
	floor  Limits
	sent   []sending // the oldest first
}

// A sending is when a write was answered.
type sending struct {
	at      time.Time
	refused bool // by a secondary limit
}

func newBudget(l Limits) budget {
	if l.Minute <= 0 {
		l.Minute = DefaultMinute
	}
	if l.Hour <= 0 {
		l.Hour = DefaultHour
	}
	// A refusal after fewer tells of what others sent with the same token.
	return budget{Limits: l, floor: Limits{Minute: max(l.Minute/8, 1), Hour: max(l.Hour/8, 1)}}
}

// seed adds writes that were sent before.
func (b *budget) seed(times []time.Time, now time.Time) {
	for _, at := range times {
		if at.After(now) {
			at = now // by the clock of somebody else
		}
		b.sent = append(b.sent, sending{at: at})
	}
	slices.SortStableFunc(b.sent, func(x, y sending) int { return x.at.Compare(y.at) })
}

func (b *budget) add(now time.Time, refused bool) {
	b.sent = append(b.sent[b.before(now, time.Hour+margin):], sending{now, refused})
}

// before returns how many of the writes are older than a span.
func (b *budget) before(now time.Time, span time.Duration) int {
	n := 0
	for n < len(b.sent) && !b.sent[n].at.After(now.Add(-span)) {
		n++
	}
	return n
}

// free returns when the next write may be sent, a time that may be over, and what keeps it
// until then.
func (b *budget) free(now time.Time) (at time.Time, why string) {
	for _, w := range []struct {
		most int
		span time.Duration
		name string
	}{{b.Minute, time.Minute, "a minute"}, {b.Hour, time.Hour, "an hour"}} {
		span := w.span + margin
		if len(b.sent)-b.before(now, span) < w.most {
			continue
		}
		if end := b.sent[len(b.sent)-w.most].at.Add(span); end.After(at) {
			at, why = end, fmt.Sprintf("the %d writes that may go out within %s are sent", w.most, w.name)
		}
	}
	return at, why
}

// learn makes the limit of a window what had been sent in it when a write was refused. The
// pause that was asked for tells which window it is. Where it is the hour's, the minute's is
// again as it was before: a pause of a minute has not helped.
func (b *budget) learn(began time.Time, pause time.Duration, before Limits) {
	served := func(span time.Duration) int {
		n := 0
		for _, w := range b.sent[b.before(began, span):] {
			if !w.refused {
				n++
			}
		}
		return n
	}
	if pause <= time.Minute {
		b.Minute = min(b.Minute, max(served(time.Minute), b.floor.Minute))
		return
	}
	b.Minute = before.Minute
	b.Hour = min(b.Hour, max(served(time.Hour), b.floor.Hour))
}
