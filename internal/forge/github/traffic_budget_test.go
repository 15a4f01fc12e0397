package github

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// least is the shortest time for n writes, at least a second apart, when no window of a minute
// and of an hour may hold more than that many.
func least(n, minute, hour int) time.Duration {
	times := make([]time.Duration, n)
	for i := 1; i < n; i++ {
		times[i] = times[i-1] + time.Second
		if i >= minute {
			times[i] = max(times[i], times[i-minute]+time.Minute)
		}
		if i >= hour {
			times[i] = max(times[i], times[i-hour]+time.Hour)
		}
	}
	return times[n-1]
}

// publish is the first run for that many services: what is there, one push, and for each a
// pull request and its label.
func (u *user) publish(services int) {
	u.refs()
	u.list()
	u.push("")
	for i := range services {
		u.open(strconv.Itoa(i))
		u.must(u.api, "POST", fmt.Sprintf("%s/issues/%d/labels", apiRepo, i+1), "propagate")
	}
}

// Three hundred pull requests with a label are 601 writes. A server that allows what GitHub
// says in general refuses none of them, and they take hardly longer than they must.
func TestThreeHundredPullRequestsWithinTheLimits(t *testing.T) {
	for _, latency := range []time.Duration{0, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			h := &hub{minute: 80, hour: 500, latency: latency}
			u := use(t, h, Options{MaxWait: 24 * time.Hour})
			began := time.Now()
			u.publish(300)
			if h.refused > 0 || h.effects() != 601 {
				t.Errorf("%d writes took effect, %d were refused; want 601 and none", h.effects(), h.refused)
			}
			took, want := time.Since(began), least(601, 80, 500)
			if took > want*11/10 {
				t.Errorf("with answers after %s it took %s, more than a tenth over %s", latency, took, want)
			}
			t.Logf("answers after %s: %s, the least is %s", latency, took, want)
		})
	}
}

// A server that allows half of that, or less, is adapted to.
func TestBudgetsAdaptToWhatIsRefused(t *testing.T) {
	seconds := func(wait time.Duration) string { return strconv.Itoa(int((wait + time.Second - 1) / time.Second)) }
	for _, limits := range []Limits{{40, 250}, {40, 0}, {0, 250}, {25, 100}} {
		for name, hint := range map[string]func(time.Duration) string{
			"without a hint": nil, "with a hint": seconds, "with the hint of a minute": func(time.Duration) string { return "60" },
		} {
			for _, counted := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d and %d %s, refusals count %t", limits.Minute, limits.Hour, name, counted), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						h := &hub{minute: limits.Minute, hour: limits.Hour, hint: hint, countRefused: counted}
						u := use(t, h, Options{MaxWait: 24 * time.Hour})
						began := time.Now()
						u.publish(300)
						if h.effects() != 601 || h.refused > 5 {
							t.Errorf("%d writes took effect, %d were refused; want 601, and at most a handful", h.effects(), h.refused)
						}
						minute, hour := limits.Minute, limits.Hour
						if minute == 0 {
							minute = 80
						}
						if hour == 0 {
							hour = 500
						}
						took, want := time.Since(began), least(601, minute, hour)
						if took > want*11/10 {
							t.Errorf("it took %s, more than a tenth over %s", took, want)
						}
						t.Logf("%s, the least is %s; %d refused", took, want, h.refused)
					})
				})
			}
		}
	}
}

// The budgets can be set, for API and git together.
func TestBudgetsAreSettable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{}
		u := use(t, h, Options{Limits: Limits{Minute: 4, Hour: 6}, MaxWait: 24 * time.Hour})
		began := time.Now()
		var at []time.Duration
		for i := range 8 {
			if i%2 == 0 {
				u.push(strconv.Itoa(i))
			} else {
				u.open(strconv.Itoa(i))
			}
			at = append(at, time.Since(began))
		}
		const s = time.Second
		if want := []time.Duration{0, s, 2 * s, 3 * s, 61 * s, 62 * s, 3601 * s, 3602 * s}; !slices.Equal(at, want) {
			t.Errorf("the writes went out at %v, want %v", at, want)
		}
		if want := []string{
			"00:01:01 the 4 writes that may go out within a minute are sent",
			"01:00:01 the 6 writes that may go out within an hour are sent",
		}; !slices.Equal(u.waits, want) {
			t.Errorf("the waits are %q, want %q", u.waits, want)
		}
		// Reads are not held back.
		h.counted = nil
		u.list()
		u.refs()
		if got := time.Since(began); got != at[7] {
			t.Errorf("reads waited until %s", got)
		}
	})
}

// What another run sent within the hour counts.
func TestBudgetIsSeededWithWhatWasSentBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{hour: 5}
		now := time.Now()
		u := use(t, h, Options{Limits: Limits{Hour: 5}, MaxWait: 24 * time.Hour})
		before := []time.Time{now.Add(-10 * time.Minute), now.Add(-50 * time.Minute), now.Add(-2 * time.Hour), now.Add(time.Minute)}
		h.counted = []time.Time{before[2], before[1], before[0], now} // the last is of a clock that is ahead
		u.client.Seed(before)
		time.Sleep(time.Second)
		var at []time.Duration
		for i := range 5 {
			u.open(strconv.Itoa(i))
			at = append(at, time.Since(now))
		}
		if h.refused > 0 {
			t.Errorf("%d were refused", h.refused)
		}
		const s = time.Second
		if want := []time.Duration{s, 2 * s, 601 * s, 3001 * s, 3601 * s}; !slices.Equal(at, want) {
			t.Errorf("the writes went out at %v, want %v", at, want)
		}
	})
}

// A refusal after a few writes is for what others sent with the same token.
func TestBudgetIsNotTakenForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{minute: 40, hour: 250}
		now := time.Now()
		for range 40 {
			h.counted = append(h.counted, now.Add(-30*time.Second))
		}
		u := use(t, h, Options{MaxWait: 24 * time.Hour})
		for i := range 20 {
			u.open(strconv.Itoa(i))
		}
		if h.refused != 1 || time.Since(now) > 3*time.Minute {
			t.Errorf("%d refused, it took %s", h.refused, time.Since(now))
		}
	})
}

func TestLearn(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sent := func(n int, apart time.Duration) (all []sending) {
		for i := range n {
			all = append(all, sending{at: start.Add(-time.Duration(n-i) * apart)})
		}
		return all
	}
	for _, test := range []struct {
		name   string
		sent   []sending
		pause  time.Duration
		before Limits
		want   Limits
	}{
		{"minute", sent(40, time.Second), time.Minute, Limits{80, 500}, Limits{40, 500}},
		{"minute, by a hint", sent(100, time.Second), 7 * time.Second, Limits{80, 500}, Limits{59, 500}},
		{"hour", sent(250, 2*time.Second), time.Minute + time.Second, Limits{80, 500}, Limits{80, 250}},
		{"hour, of which a part was sent before", sent(250, 20*time.Second), time.Hour, Limits{80, 500}, Limits{80, 179}},
		{"hour, after it was taken for the minute", sent(250, 2*time.Second), 2 * time.Minute, Limits{60, 500}, Limits{60, 250}},
		{"others used up the minute", nil, time.Minute, Limits{80, 500}, Limits{10, 500}},
		{"others used up the hour", nil, time.Hour, Limits{80, 500}, Limits{80, 62}},
		{"what was refused does not count", append(sent(40, time.Second), sending{start, true}), time.Minute, Limits{80, 500}, Limits{40, 500}},
	} {
		b := newBudget(Limits{})
		b.sent = test.sent
		b.learn(start, test.pause, test.before)
		if b.Limits != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, b.Limits, test.want)
		}
	}
}
