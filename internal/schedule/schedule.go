// Package schedule says when a cron expression in a time zone is due. [Parse] reads one;
// [Schedule.DueWithin] says whether one of its times has just passed, which is all that a bot needs
// that something else starts every hour: it keeps no state.
//
// An expression has five fields, minute, hour, day of month, month and day of week, with lists,
// ranges, steps and the names of months and days; or it is a name, such as @daily.
//
// Where clocks are set forward, a time that is left out is due when they are set: "30 2 * * *" at 3:00.
// Where they are set back, a time that comes twice is due when it comes first. An expression for every
// hour follows the clock: "15 * * * *" is due once in each hour that passes, in the one that comes
// twice as well.
//
// # Limitations
//
// There are no seconds, no years, and none of the letters that some kinds of cron know (L, W, #, H).
// When a zone changes its clocks is what the time zone database of the system says, or else that which
// the program was built with.
package schedule

import (
	"time"

	"github.com/netresearch/go-cron"
)

// A Schedule is a cron expression in a time zone.
type Schedule struct {
	// calendar is in UTC and knows only what clocks show. When they show it is said here: the library
	// leaves out times that are skipped if it is asked from within them, and has those that come twice
	// twice.
	calendar  cron.SpecSchedule
	zone      *time.Location
	everyHour bool // its hours are all that there are
}

const allHours = 1<<24 - 1

// DueWithin reports whether the schedule has a time after now-window and not after now. Of windows
// that follow each other without a gap, each time is in one.
func (s *Schedule) DueWithin(now time.Time, window time.Duration) bool {
	if window <= 0 {
		return false
	}
	next := s.Next(now.Add(-window))
	return !next.IsZero() && !next.After(now)
}

// Next returns the first time of the schedule after a time, in its time zone. It is the zero time
// if there is none, as at the end of the years that a time can have.
func (s *Schedule) Next(after time.Time) time.Time {
	after = after.In(s.zone)
	// A period is what lies between two changes of the clocks. In it they show UTC and an offset.
	for period := after; ; {
		start, end := period.ZoneBounds()
		offset := offsetOf(period)
		shown := s.nextShown(after, offset)
		if !start.IsZero() && !s.everyHour {
			// What was shown before the clocks were set back is shown again.
			if back := offsetOf(start.Add(-1)) - offset; back > 0 {
				if fresh := start.Add(back); shown.Before(shownAt(fresh, offset)) {
					shown = s.nextShown(fresh.Add(-1), offset)
				}
			}
		}
		if shown.IsZero() {
			return time.Time{}
		}
		at := shown.Add(-offset).In(s.zone)
		if end.IsZero() || at.Before(end) {
			return at
		}
		// What would be shown next is left out if the clocks are set further forward than that.
		if !s.everyHour && shown.Before(shownAt(end, offsetOf(end))) {
			return end
		}
		period, after = end, end.Add(-1)
	}
}

// nextShown returns what clocks that are ahead of UTC by offset show next after a time of what the
// schedule has, zero for nothing.
func (s *Schedule) nextShown(after time.Time, offset time.Duration) time.Time {
	return s.calendar.Next(shownAt(after, offset))
}

// shownAt returns what clocks that are ahead of UTC by offset show, as a time in UTC.
func shownAt(t time.Time, offset time.Duration) time.Time { return t.UTC().Add(offset) }

func offsetOf(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
