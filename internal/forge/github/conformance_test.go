package github_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

func TestConformanceStrict(t *testing.T) {
	forgetest.RunConformance(t, func(t *testing.T) forgetest.Target {
		return strictTarget(t, forgetest.GitHub)
	})
}

func TestConformanceGHES(t *testing.T) {
	forgetest.RunConformance(t, func(t *testing.T) forgetest.Target {
		return strictTarget(t, forgetest.EnterpriseServer)
	})
}

func TestConformanceEmulator(t *testing.T) {
	forgetest.RunConformance(t, func(t *testing.T) forgetest.Target {
		dir := forgetest.NewGitDir(t)
		emulator := forgetest.NewEmulator(t, forgetest.Config{})
		return forgetest.Target{
			Access:        forgetest.Access{URL: emulator.URL(), Token: "ghp_test", Owner: "acme", Repo: "platform"},
			DefaultBranch: "main",
			Client:        connect,
			Commit: func(branch, from, message string, files map[string]string) forge.Commit {
				c := dir.Commit(branch, from, message, files)
				emulator.Mirror(t, dir.Dir)
				return c
			},
			Close:           emulator.ClosePull,
			Merge:           emulator.MergePull,
			RemoveLabel:     emulator.RemoveLabel,
			RequireUpToDate: emulator.RequireUpToDate,
			Person:          "ada",
			Lenient:         true,
			// It knows neither the events nor the assignees of pull requests, and its seed no teams.
			Without: []string{"labels taken away", "assignees", "review of a team", "who was asked"},
		}
	})
}

func strictTarget(t *testing.T, d forgetest.Description) forgetest.Target {
	dir := forgetest.NewGitDir(t)
	strict := forgetest.NewStrict(t, forgetest.Config{GitDir: dir.Dir, Description: d})
	return forgetest.Target{
		Access:        forgetest.Access{URL: strict.URL(), Token: strict.Token(), Owner: strict.Owner(), Repo: strict.Repo()},
		DefaultBranch: "main",
		Client:        connect,
		Commit:        dir.Commit,
		Close:         strict.ClosePull,
		Merge:         strict.MergePull,
		RemoveLabel:   strict.RemoveLabel,
		Person:        "ada",
		Team:          strict.Owner() + "/platform",

		RequireUpToDate: strict.RequireUpToDate,
	}
}

func connect(a forgetest.Access) (forgetest.Client, error) {
	o := options(a)
	clock := newFakeClock()
	o.Now, o.Sleep = clock.Now, clock.Sleep
	return github.New(o)
}

func options(a forgetest.Access) github.Options {
	return github.Options{BaseURL: a.URL, Token: a.Token, Owner: a.Owner, Repo: a.Repo, UserAgent: "propagate-test"}
}

// A fakeClock stands still except while somebody sleeps, which takes no time.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

// Slept returns the sleeps until now and forgets them.
func (c *fakeClock) Slept() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	slept := c.slept
	c.slept = nil
	return slept
}

// withoutPeople is what is left out where nobody but the token's owner is known, and
// where protecting a branch would outlast the test.
var withoutPeople = []string{"review of a person", "review of a team", "assignees", "who was asked", "up to date"}

// What a live repository is used through is tried on the emulator.
func TestConformanceThroughTheAPIAlone(t *testing.T) {
	forgetest.RunConformance(t, func(t *testing.T) forgetest.Target {
		emulator := forgetest.NewEmulator(t, forgetest.Config{})
		emulator.Mirror(t, forgetest.NewGitDir(t).Dir)
		a := forgetest.Access{URL: emulator.URL(), Token: "ghp_test", Owner: "acme", Repo: "platform"}
		live := forgetest.NewLive(t, a, false)
		return forgetest.Target{
			Access: a, DefaultBranch: "main", Prefix: live.Prefix(), Client: connect,
			Commit: live.Commit, Close: live.Close, Merge: live.Merge, RemoveLabel: live.RemoveLabel,
			Lenient: true, Without: append([]string{"labels taken away"}, withoutPeople...),
		}
	})
}
