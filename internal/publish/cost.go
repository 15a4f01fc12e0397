package publish

import "time"

// Limits say how many writes a forge takes from one sender, in any minute and in any hour.
type Limits struct{ Minute, Hour int }

// betweenWrites is the least time from one write to the next ("Best practices for using
// the REST API").
const betweenWrites = time.Second

// otherRequests are those of a run that are not for one change: what the repository is
// called, its branches, its open and its closed pull requests, and the two of a push.
const otherRequests = 6

// A Load is what a run has to do at the forge.
type Load struct {
	Pulls                        int  // pull requests that are opened, one for each change
	Labels, Reviewers, Assignees int  // that each of them gets
	AutoMerge                    int  // 1 where some of them are merged by themselves
	Runs                         int  // of workflows, that all of them start
	Commits                      bool // the forge makes their commits, in place of a push
}

// perPull is how many writes a pull request takes.
func (l Load) perPull() int {
	n := 1
	if l.Commits {
		n += 3 // tree, commit, branch
	}
	for _, more := range []int{l.Labels, l.Reviewers, l.Assignees, l.AutoMerge} {
		if more > 0 {
			n++
		}
	}
	return n
}

// writes is how many it takes until some of the pull requests are done: one push for all,
// and those of each.
func (l Load) writes(done int) int { return 1 + done*l.perPull() }

// A Cost is what a run comes to at the forge.
type Cost struct {
	Pulls    int           // pull requests
	Requests int           // about
	Runs     int           // of workflows, at most
	Time     time.Duration // the least that the limits leave it
}

// Cost returns what a load costs. It counts every change as a new pull request: whoever
// has most of them open already has less to do.
func (l Limits) Cost(load Load) Cost {
	if load.Pulls == 0 {
		return Cost{}
	}
	return Cost{
		Pulls: load.Pulls, Runs: load.Runs,
		Requests: otherRequests + load.Pulls*load.perPull(),
		Time:     l.timeOf(load.writes(load.Pulls)),
	}
}

// Left estimates how long a run has to go on that has been at work for some time and has done
// some of the pull requests of its load. A run that was slower than the limits allow is
// expected to stay so.
func (l Limits) Left(load Load, done int, elapsed time.Duration) time.Duration {
	if done >= load.Pulls {
		return 0
	}
	until := l.timeOf(load.writes(done))
	left := l.timeOf(load.writes(load.Pulls)) - until
	if done > 0 && elapsed > until && until > 0 {
		left = time.Duration(float64(left) * float64(elapsed) / float64(until))
	}
	return left
}

// timeOf returns when the last of so many writes can go, the first one going at once: each
// goes as soon as the pause is over and as the budgets of the minute and of the hour
// before it allow.
func (l Limits) timeOf(writes int) time.Duration {
	if writes <= 1 {
		return 0
	}
	at := make([]time.Duration, writes)
	for i := 1; i < writes; i++ {
		at[i] = at[i-1] + betweenWrites
		if l.Minute > 0 && i >= l.Minute {
			at[i] = max(at[i], at[i-l.Minute]+time.Minute)
		}
		if l.Hour > 0 && i >= l.Hour {
			at[i] = max(at[i], at[i-l.Hour]+time.Hour)
		}
	}
	return at[writes-1]
}
