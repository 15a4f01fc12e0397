package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// emergencyUsage is the help of --emergency.
const emergencyUsage = "what ships the base goes first, with a mark and a label of its own, and without the limits and schedules of the configuration; a person at a terminal is asked before anything is written"

// errDeclined says that a person does not want the emergency to be published.
var errDeclined = errors.New("not published: nothing was written")

// showEmergency says on one screen what is exposed, what will happen, and how long it takes.
func (a *App) showEmergency(repo *monorepo.Repository, plan *monorepo.Plan, mode monorepo.Mode) {
	if a.quiet && !a.asks() {
		return
	}
	e := report.NewEmergency(plan.Plan, repo.Teams(plan.Plan), len(plan.Changes))
	if plan.Looked != nil {
		e.NotKnown = report.NewOutdated("", plan.Looked, time.Time{}, false).Totals.Unknown
	}
	if chosen, _, err := repo.Choose(mode); err == nil && chosen == monorepo.PullRequests && len(plan.Changes) > 0 {
		e.Cost = repo.Cost(plan)
	}
	for line := range strings.Lines(e.String()) {
		a.warnf("%s", strings.TrimSuffix(line, "\n"))
	}
}

// asks reports whether there is a person who can answer.
func (a *App) asks() bool {
	return a.Stdin != nil && a.StdinTerminal && a.StderrTerminal
}

// confirm asks a person at a terminal whether the emergency is to be published.
func (a *App) confirm(ctx context.Context, plan *monorepo.Plan) error {
	if !a.asks() || len(plan.Changes) == 0 {
		return nil
	}
	ok, err := a.askYes(ctx, "publish "+report.Count(len(plan.Changes), "change")+" now?")
	if err == nil && !ok {
		err = errDeclined
	}
	return err
}

// askYes asks a person at a terminal, who is there: see [App.asks]. The error is that of ctx.
func (a *App) askYes(ctx context.Context, question string) (bool, error) {
	defer a.pauseProgress()()
	_, _ = fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(a.Stdin).ReadString('\n')
		if err != nil { // then no line has ended on the terminal either
			_, _ = fmt.Fprintln(a.Stderr)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answers <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case answer := <-answers:
		return slices.Contains([]string{"y", "yes"}, answer), nil
	}
}
