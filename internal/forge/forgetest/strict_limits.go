package forgetest

import (
	"net/http"
	"strconv"
	"time"
)

// Limits are those of one server: so many writes in any minute and in any hour.
type limits struct {
	now     func() time.Time
	windows []window
	hints   bool
	writes  []time.Time // that were let through, the oldest first
	refused int
}

type window struct {
	length time.Duration
	most   int
}

// Limit makes the server count every write in windows of 60 and of 3,600 seconds that
// slide along now, and refuse one that would be more than minute or hour with GitHub's
// secondary limit; with hints it says when to come again. Writes are all requests to
// change something, whatever becomes of them, and what is counted by [Strict.Write].
// One that is refused does not count.
func (s *Strict) Limit(minute, hour int, now func() time.Time, hints bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = &limits{now: now, hints: hints, windows: []window{{time.Minute, minute}, {time.Hour, hour}}}
}

// Refused returns how many writes the limits have refused.
func (s *Strict) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limits == nil {
		return 0
	}
	return s.limits.refused
}

// Writes returns when the writes came that the limits let through, the oldest first.
func (s *Strict) Writes() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limits == nil {
		return nil
	}
	return append([]time.Time{}, s.limits.writes...)
}

// Write counts a write that comes to another server of the same GitHub: a push. It
// returns false, and the answer that refuses it, if that is one too many.
func (s *Strict) Write() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limited(http.MethodPost)
}

// limited is for a request that is not counted yet.
func (s *Strict) limited(method string) (Fault, bool) {
	l := s.limits
	if l == nil || method == http.MethodGet || method == http.MethodHead {
		return Fault{}, true
	}
	now := l.now()
	var wait time.Duration
	for _, w := range l.windows {
		// The write that has to leave the window before there is place for one more.
		if i := len(l.writes) - w.most; i >= 0 && w.most > 0 {
			wait = max(wait, l.writes[i].Add(w.length).Sub(now))
		}
	}
	if wait <= 0 {
		l.writes = append(l.writes, now)
		return Fault{}, true
	}
	l.refused++
	f := Fault{Status: http.StatusForbidden, Body: SecondaryLimit}
	if l.hints {
		f.Header = map[string]string{"Retry-After": strconv.Itoa(int((wait + time.Second - 1) / time.Second))}
	}
	return f, false
}

// SecondaryLimit is the body of an answer that refuses one write too many.
var SecondaryLimit = Message("You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.")
