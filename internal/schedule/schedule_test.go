package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/schedule"
	"github.com/matihlabs/propagate/internal/source"
)

const layout = "2006-01-02 15:04 -0700"

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, zone string
		after            string
		want             []string // the next times, with the offset that clocks then have
	}{
		{"every quarter of an hour", "*/15 * * * *", "", "2026-11-26 20:44 +0000",
			[]string{"2026-11-26 20:45 +0000", "2026-11-26 21:00 +0000", "2026-11-26 21:15 +0000"}},
		{"a time is not after itself", "0 6 * * *", "", "2026-11-26 06:00 +0000", []string{"2026-11-27 06:00 +0000"}},
		{"workdays", "0 6 * * 1-5", "", "2026-11-26 20:00 +0000", []string{"2026-11-27 06:00 +0000", "2026-11-30 06:00 +0000"}},
		{"workdays by name", "0 6 * * mon-FRI", "", "2026-11-27 20:00 +0000", []string{"2026-11-30 06:00 +0000"}},
		{"0 is Sunday", "0 6 * * 0", "", "2026-11-26 20:00 +0000", []string{"2026-11-29 06:00 +0000"}},
		{"7 is Sunday", "0 6 * * 7", "", "2026-11-26 20:00 +0000", []string{"2026-11-29 06:00 +0000"}},
		{"a range to Sunday", "0 6 * * 5-7", "", "2026-11-26 20:00 +0000", []string{"2026-11-27 06:00 +0000", "2026-11-28 06:00 +0000", "2026-11-29 06:00 +0000", "2026-12-04 06:00 +0000"}},
		{"a range over the weekend", "0 6 * * SAT-MON", "", "2026-11-26 20:00 +0000", []string{"2026-11-28 06:00 +0000", "2026-11-29 06:00 +0000", "2026-11-30 06:00 +0000", "2026-12-05 06:00 +0000"}},
		{"lists of ranges with steps", "5,40-50/5 8-18/10 * * *", "", "2026-11-26 08:04 +0000",
			[]string{"2026-11-26 08:05 +0000", "2026-11-26 08:40 +0000", "2026-11-26 08:45 +0000", "2026-11-26 08:50 +0000", "2026-11-26 18:05 +0000"}},
		{"months by name", "0 0 1 JAN,jul *", "", "2026-11-26 20:00 +0000", []string{"2027-01-01 00:00 +0000", "2027-07-01 00:00 +0000"}},
		{"the 31st", "0 0 31 * *", "", "2026-08-31 00:00 +0000", []string{"2026-10-31 00:00 +0000", "2026-12-31 00:00 +0000", "2027-01-31 00:00 +0000", "2027-03-31 00:00 +0000"}},
		{"leap years", "0 0 29 2 *", "", "2096-02-29 00:00 +0000", []string{"2104-02-29 00:00 +0000"}},
		{"a 2000 is one", "0 0 29 2 *", "", "1999-02-28 00:00 +0000", []string{"2000-02-29 00:00 +0000"}},
		{"one of two days is enough", "0 0 13 * FRI", "", "2026-11-10 00:00 +0000", []string{"2026-11-13 00:00 +0000", "2026-11-20 00:00 +0000", "2026-11-27 00:00 +0000", "2026-12-04 00:00 +0000", "2026-12-11 00:00 +0000", "2026-12-13 00:00 +0000"}},
		{"both days where one has a star", "0 0 */2 * 0", "", "2026-11-01 00:00 +0000", []string{"2026-11-15 00:00 +0000", "2026-11-29 00:00 +0000", "2026-12-13 00:00 +0000"}},
		{"daily", "@daily", "", "2026-11-26 20:00 +0000", []string{"2026-11-27 00:00 +0000"}},
		{"midnight", " @Midnight ", "", "2026-11-26 20:00 +0000", []string{"2026-11-27 00:00 +0000"}},
		{"hourly", "@hourly", "", "2026-11-26 20:00 +0000", []string{"2026-11-26 21:00 +0000"}},
		{"weekly", "@weekly", "", "2026-11-26 20:00 +0000", []string{"2026-11-29 00:00 +0000"}},
		{"monthly", "@monthly", "", "2026-11-26 20:00 +0000", []string{"2026-12-01 00:00 +0000"}},
		{"yearly", "@yearly", "", "2026-11-26 20:00 +0000", []string{"2027-01-01 00:00 +0000"}},
		{"annually", "@annually", "", "2026-11-26 20:00 +0000", []string{"2027-01-01 00:00 +0000"}},
		{"in the zone", "0 6 * * *", "Asia/Kolkata", "2026-11-26 20:00 +0000", []string{"2026-11-27 06:00 +0530"}},
		{"in a named UTC", "0 6 * * *", "UTC", "2026-11-26 20:00 +0100", []string{"2026-11-27 06:00 +0000"}},

		{"summer and winter", "0 6 * * *", "Europe/Berlin", "2026-10-24 05:00 +0000", []string{"2026-10-25 06:00 +0100", "2026-10-26 06:00 +0100"}},
		{"left out", "30 2 * * *", "Europe/Berlin", "2026-03-28 00:00 +0000", []string{"2026-03-28 02:30 +0100", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"}},
		{"left out, asked a second before", "30 2 * * *", "Europe/Berlin", "2026-03-29 01:59 +0100", []string{"2026-03-29 03:00 +0200"}},
		{"left out, asked when clocks are set", "30 2 * * *", "Europe/Berlin", "2026-03-29 03:00 +0200", []string{"2026-03-30 02:30 +0200"}},
		{"several left out are one", "*/20 2,3 * * *", "Europe/Berlin", "2026-03-29 01:00 +0100", []string{"2026-03-29 03:00 +0200", "2026-03-29 03:20 +0200", "2026-03-29 03:40 +0200", "2026-03-30 02:00 +0200"}},
		{"left out of every hour", "30 * * * *", "Europe/Berlin", "2026-03-29 01:00 +0100", []string{"2026-03-29 01:30 +0100", "2026-03-29 03:30 +0200"}},
		{"twice", "30 2 * * *", "Europe/Berlin", "2026-10-25 00:00 +0200", []string{"2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"}},
		{"twice, asked in between", "30 2 * * *", "Europe/Berlin", "2026-10-25 02:10 +0100", []string{"2026-10-26 02:30 +0100"}},
		{"twice, and once", "30 2,3 * * *", "Europe/Berlin", "2026-10-25 02:10 +0100", []string{"2026-10-25 03:30 +0100"}},
		{"when clocks are set back", "0 3 * * *", "Europe/Berlin", "2026-10-25 00:00 +0200", []string{"2026-10-25 03:00 +0100"}},
		{"twice in every hour", "30 * * * *", "Europe/Berlin", "2026-10-25 01:30 +0200", []string{"2026-10-25 02:30 +0200", "2026-10-25 02:30 +0100", "2026-10-25 03:30 +0100"}},
		{"all hours are every hour", "30 0-23 * * *", "Europe/Berlin", "2026-10-25 02:30 +0200", []string{"2026-10-25 02:30 +0100"}},

		{"left out in New York", "15 2 * * 0", "America/New_York", "2026-03-07 00:00 -0500", []string{"2026-03-08 03:00 -0400", "2026-03-15 02:15 -0400"}},
		{"twice in New York", "15 1 * * *", "America/New_York", "2026-11-01 00:00 -0400", []string{"2026-11-01 01:15 -0400", "2026-11-02 01:15 -0500"}},
		{"left out at midnight", "0 0 * * *", "America/Sao_Paulo", "2018-11-03 12:00 -0300", []string{"2018-11-04 01:00 -0200", "2018-11-05 00:00 -0200"}},
		{"twice at midnight", "30 23 * * *", "America/Sao_Paulo", "2018-02-17 12:00 -0200", []string{"2018-02-17 23:30 -0200", "2018-02-18 23:30 -0300"}},
		{"half an hour left out", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00 +1030", []string{"2026-10-04 02:30 +1100", "2026-10-05 02:15 +1100"}},
		{"half an hour twice", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04 12:00 +1100", []string{"2026-04-05 01:45 +1100", "2026-04-06 01:45 +1030"}},
		{"a day left out", "0 6 30 12 *", "Pacific/Apia", "2011-12-29 12:00 -1000", []string{"2011-12-31 00:00 +1400", "2012-12-30 06:00 +1400"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := schedule.Parse(test.text, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(layout, test.after)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range test.want {
				at = s.Next(at)
				if got := at.Format(layout); got != want {
					t.Fatalf("time %d of %q after %s is %s, want %s", i+1, test.text, test.after, got, want)
				}
				if s.DueWithin(at.Add(-1), time.Minute) || !s.DueWithin(at, 1) || !s.DueWithin(at.Add(time.Minute-1), time.Minute) || s.DueWithin(at.Add(time.Minute), time.Minute) {
					t.Errorf("%q is not due just within the minute from %s on", test.text, want)
				}
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, zone, want, hint string }{
		{"", "", `schedule "": it has 0 fields, not 5`, "minute, hour, day of month, month and day of week"},
		{"daily", "", `schedule "daily": it has 1 field, not 5`, "the fields are"},
		{"0 6 * *", "", `schedule "0 6 * *": it has 4 fields, not 5`, "the fields are"},
		{"0 0 6 * * 1-5", "", `schedule "0 0 6 * * 1-5": it has 6 fields, not 5`, "the fields are"},
		{"TZ=Europe/Berlin 0 6 * * *", "", `schedule "TZ=Europe/Berlin 0 6 * * *": it has 6 fields, not 5`, "timezone: Europe/Berlin"},
		{"CRON_TZ=Europe/Berlin 6 * * *", "", `schedule "CRON_TZ=Europe/Berlin 6 * * *": "CRON_TZ=Europe/Berlin" cannot be the minute`, "it is 0-59"},
		{"60 6 * * *", "", `schedule "60 6 * * *": "60" cannot be the minute`, "it is 0-59, a list (1,3), a range (1-5), a step (*/15) or *"},
		{"0 24 * * *", "", `"24" cannot be the hour`, "it is 0-23"},
		{"0 6 0 * *", "", `"0" cannot be the day of month`, "it is 1-31"},
		{"0 6 32 * *", "", `"32" cannot be the day of month`, "it is 1-31"},
		{"0 6 * 13 *", "", `"13" cannot be the month`, "it is 1-12 or JAN-DEC"},
		{"0 6 * MON *", "", `"MON" cannot be the month`, "it is 1-12 or JAN-DEC"},
		{"0 6 * * 8", "", `"8" cannot be the day of week`, "0 and 7 are Sunday"},
		{"0 6 * * Monday", "", `"Monday" cannot be the day of week`, "SUN-SAT"},
		{"0 6 * * FRI#3", "", `"FRI#3" cannot be the day of week`, ""},
		{"0 6 L * *", "", `"L" cannot be the day of month`, ""},
		{"0 6 ? * 1", "", `"?" cannot be the day of month`, ""},
		{"H 6 * * *", "", `"H" cannot be the minute`, ""},
		{"*/0 6 * * *", "", `"*/0" cannot be the minute`, ""},
		{"*/ 6 * * *", "", `"*/" cannot be the minute`, ""},
		{"1,,2 6 * * *", "", `"1,,2" cannot be the minute`, ""},
		{", 6 * * *", "", `"," cannot be the minute`, ""},
		{"-5 6 * * *", "", `"-5" cannot be the minute`, ""},
		{"+5 6 * * *", "", `"+5" cannot be the minute`, ""},
		{"*-5 6 * * *", "", `"*-5" cannot be the minute`, ""},
		{"1-2-3 6 * * *", "", `"1-2-3" cannot be the minute`, ""},
		{"99999999999999999999 6 * * *", "", `cannot be the minute`, ""},
		{strings.Repeat("1,", 2000) + "1 6 * * *", "", `cannot be the minute`, ""},
		{"0 6 30 2 *", "", `schedule "0 6 30 2 *": there is no such day in any year`, ""},
		{"0 6 31 4,6,9,11 *", "", `there is no such day in any year`, ""},
		{"@every 1h", "", `schedule "@every 1h": there is none of this name`, "@daily"},
		{"@reboot", "", `schedule "@reboot": there is none of this name`, "@daily"},
		{"0 6 * * *", "Europe/Berln", `time zone "Europe/Berln": there is none of this name`, "such as Europe/Berlin"},
		{"0 6 * * *", "+02:00", `time zone "+02:00": there is none of this name`, ""},
		{"0 6 * * *", "Local", `time zone "Local": there is none of this name`, ""},
		{"0 6 * * *", "../../etc/passwd", `there is none of this name`, ""},
	}
	for _, test := range tests {
		_, err := schedule.Parse(test.text, test.zone)
		if err == nil {
			t.Errorf("%.40q in %q is a schedule", test.text, test.zone)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40q in %q: %v, want %s", test.text, test.zone, err, test.want)
		}
		if hint := source.Hint(err); hint == "" || !strings.Contains(hint, test.hint) {
			t.Errorf("%.40q in %q has the hint %q, want %q", test.text, test.zone, hint, test.hint)
		}
	}
}

// A wanted schedule is what a random expression means, by the sets that it was written from.
type wanted struct {
	text                                string
	minutes, hours, days, months, weeks []int
	either                              bool // one of the two days is enough
}

func (w wanted) shows(t time.Time) bool {
	day, week := slices.Contains(w.days, t.Day()), slices.Contains(w.weeks, int(t.Weekday()))
	return slices.Contains(w.minutes, t.Minute()) && slices.Contains(w.hours, t.Hour()) && slices.Contains(w.months, int(t.Month())) &&
		(day && week || w.either && (day || week))
}

// times returns what w has in a zone after from and up to to, found out by looking at the clock
// every minute.
func (w wanted) times(zone *time.Location, from, to time.Time) []time.Time {
	shown := func(t time.Time) time.Time {
		_, offset := t.In(zone).Zone()
		return t.UTC().Add(time.Duration(offset) * time.Second)
	}
	var times []time.Time
	var latest time.Time // that a clock has shown
	for at := from.Add(-26 * time.Hour); !at.After(to); at = at.Add(time.Minute) {
		due := false
		now := shown(at)
		switch {
		case len(w.hours) == 24 || latest.IsZero():
			due = w.shows(now)
		default:
			for latest.Before(now) {
				latest = latest.Add(time.Minute)
				due = due || w.shows(latest)
			}
		}
		if now.After(latest) {
			latest = now
		}
		if due && at.After(from) {
			times = append(times, at)
		}
	}
	return times
}

// random returns an expression, as far as it matters near a change of the clocks.
func random(r *rand.Rand) wanted {
	set := func(low, high, most int) (string, []int) {
		all := make([]int, 0, high-low+1)
		for v := low; v <= high; v++ {
			all = append(all, v)
		}
		switch r.IntN(4) {
		case 0:
			return "*", all
		case 1:
			step := 1 + r.IntN(high-low)
			var some []int
			for v := low; v <= high; v += step {
				some = append(some, v)
			}
			return fmt.Sprintf("*/%d", step), some
		case 2:
			start := low + r.IntN(high-low+1)
			end := start + r.IntN(high-start+1)
			return fmt.Sprintf("%d-%d", start, end), all[start-low : end-low+1]
		}
		var texts []string
		var some []int
		for range 1 + r.IntN(most) {
			v := low + r.IntN(high-low+1)
			some = append(some, v)
			texts = append(texts, fmt.Sprint(v))
		}
		return strings.Join(texts, ","), some
	}
	var w wanted
	var texts [5]string
	texts[0], w.minutes = set(0, 59, 4)
	texts[1], w.hours = set(0, 23, 6)
	if r.IntN(2) == 0 { // where clocks are mostly set
		texts[1], w.hours = "1-3", []int{1, 2, 3}
	}
	texts[2], w.days = set(1, 31, 20)
	texts[3], w.months = set(1, 12, 12)
	texts[4], w.weeks = set(0, 6, 5)
	w.hours = slices.Compact(slices.Sorted(slices.Values(w.hours)))
	w.either = !strings.HasPrefix(texts[2], "*") && !strings.HasPrefix(texts[4], "*")
	w.text = strings.Join(texts[:], " ")
	return w
}

// Around changes of the clocks, a schedule has the times that a clock shows, each once; and of
// consecutive windows, whatever their length, exactly those are due that hold one.
func TestEachTimeIsDueOnce(t *testing.T) {
	t.Parallel()
	changes := []struct{ zone, at string }{
		{"Europe/Berlin", "2026-03-29 01:00 +0000"}, {"Europe/Berlin", "2026-10-25 01:00 +0000"},
		{"America/New_York", "2026-03-08 07:00 +0000"}, {"America/New_York", "2026-11-01 06:00 +0000"},
		{"Australia/Lord_Howe", "2026-10-03 15:30 +0000"}, {"Australia/Lord_Howe", "2026-04-04 15:00 +0000"},
		{"America/Sao_Paulo", "2018-11-04 03:00 +0000"}, {"America/Sao_Paulo", "2018-02-18 02:00 +0000"},
		{"Pacific/Apia", "2011-12-30 10:00 +0000"}, {"UTC", "2028-02-29 00:00 +0000"}, {"Asia/Kolkata", "2027-01-01 00:00 +0000"},
	}
	total := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := random(r)
		change := changes[r.IntN(len(changes))]
		zone, err := time.LoadLocation(change.zone)
		if err != nil {
			t.Fatal(err)
		}
		middle, err := time.Parse(layout, change.at)
		if err != nil {
			t.Fatal(err)
		}
		s, err := schedule.Parse(w.text, change.zone)
		if err != nil {
			if strings.Contains(err.Error(), "no such day") {
				continue
			}
			t.Fatalf("seed %d: %v", seed, err)
		}
		from := middle.Add(-36 * time.Hour)
		to := middle.Add(36 * time.Hour)
		times := w.times(zone, from, to)
		total += len(times)

		at := from
		for _, want := range times {
			if at = s.Next(at); !at.Equal(want) {
				t.Fatalf("seed %d: %q in %s after %s is due at %s, want %s", seed, w.text, change.zone, from.In(zone), at, want.In(zone))
			}
		}
		if at = s.Next(at); !at.After(to) {
			t.Fatalf("seed %d: %q in %s is due at %s as well", seed, w.text, change.zone, at)
		}

		for start := from; start.Before(to); {
			window := time.Duration(1+r.IntN(180*60)) * time.Second
			end := start.Add(window)
			if end.After(to) {
				break
			}
			want := slices.ContainsFunc(times, func(at time.Time) bool { return at.After(start) && !at.After(end) })
			if got := s.DueWithin(end, window); got != want {
				t.Fatalf("seed %d: %q in %s due in %s up to %s is %t", seed, w.text, change.zone, window, end.In(zone), got)
			}
			start = end
		}
	}
	if total < 5000 {
		t.Errorf("there were %d times in all: that shows little", total)
	}
}

// A window of no length holds nothing, and one of a week more than its last day.
func TestDueWithin(t *testing.T) {
	t.Parallel()
	s, err := schedule.Parse("0 6 * * 1", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC) // 6:00 in Berlin
	for _, test := range []struct {
		now    time.Time
		window time.Duration
		want   bool
	}{
		{monday, 0, false}, {monday, -time.Hour, false}, {monday, time.Hour, true},
		{monday.Add(time.Hour), time.Hour, false}, {monday.Add(time.Hour), 90 * time.Minute, true},
		{monday.Add(-time.Second), time.Hour, false}, {monday.Add(100 * time.Hour), 7 * 24 * time.Hour, true},
	} {
		if got := s.DueWithin(test.now, test.window); got != test.want {
			t.Errorf("due within %s of %s is %t", test.window, test.now, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0 6 * * 1-5", "Europe/Berlin")
	f.Add("*/15 0-23/2 1,31 JAN-mar SUN", "")
	f.Add("@daily", "America/New_York")
	f.Add("CRON_TZ=UTC * * * *", "Local")
	f.Fuzz(func(t *testing.T, text, zone string) {
		s, err := schedule.Parse(text, zone)
		if err != nil {
			if source.Hint(err) == "" {
				t.Errorf("%q in %q: %v has no hint", text, zone, err)
			}
			return
		}
		at := time.Date(2026, 11, 26, 20, 0, 0, 0, time.UTC)
		if next := s.Next(at); !next.After(at) || !s.DueWithin(next, time.Minute) {
			t.Errorf("%q in %q is due at %s, after %s", text, zone, next, at)
		}
	})
}
