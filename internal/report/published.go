package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/publish"
)

// Closed is a pull request that was closed, or could not be.
type Closed struct {
	Branch string  `json:"branch"`
	Pull   *Pull   `json:"pull"`
	Why    string  `json:"why"`
	Error  *string `json:"error"`
}

// Kept is an open pull request for a version that is withdrawn, which is for a person to close.
type Kept struct {
	Branch string `json:"branch"`
	Pull   Pull   `json:"pull"`
	Why    string `json:"why"`   // why the version is withdrawn
	Holds  string `json:"holds"` // what keeps it open
}

// Rival is an open pull request of another bot that edits the same places as a change.
type Rival struct {
	Branch string   `json:"branch"` // of the change
	Pull   Pull     `json:"pull"`
	Title  string   `json:"title"` // of the pull request
	Bot    string   `json:"bot"`
	Image  string   `json:"image"` // that both move
	Files  []string `json:"files"` // of the change
}

// Stopped says why a run ended before it was through.
type Stopped struct {
	Error string  `json:"error"`
	At    *string `json:"at"` // when to run again, as RFC 3339 has it; null where a person has to say
	Done  int     `json:"done"`
	Left  int     `json:"left"`

	at time.Time
}

// Cost is what the changes cost as pull requests.
type Cost struct {
	PullRequests int `json:"pull_requests"`
	Requests     int `json:"requests"`
	WorkflowRuns int `json:"workflow_runs"`
	Seconds      int `json:"seconds"`
}

// AddCost adds what the changes cost as pull requests. asked says that pull requests are what is
// asked for: then the text says it even of one.
func (p *Plan) AddCost(c publish.Cost, asked bool) {
	p.showsCost = c.Pulls > 0 && asked || c.Pulls > 1
	p.Cost = &Cost{PullRequests: c.Pulls, Requests: c.Requests, WorkflowRuns: c.Runs, Seconds: int(c.Time.Round(time.Second) / time.Second)}
}

// CostText says what the changes cost, in one line; "" where it is not asked for.
func (p *Plan) CostText() string {
	if !p.showsCost {
		return ""
	}
	return p.Cost.String()
}

// String says it in one line.
func (c *Cost) String() string {
	runs := "no workflow runs"
	if c.WorkflowRuns > 0 {
		runs = "up to " + Count(c.WorkflowRuns, "workflow run")
	}
	return fmt.Sprintf("as pull requests: %d, about %d requests, %s, at least %s within the limits of GitHub",
		c.PullRequests, c.Requests, runs, Duration(time.Duration(c.Seconds)*time.Second))
}

// Duration writes how long something takes: "25 seconds", "12 minutes", "1 hour 2 minutes".
func Duration(d time.Duration) string {
	if d < 100*time.Second {
		return Count(int(d.Round(time.Second)/time.Second), "second")
	}
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 60 {
		return Count(minutes, "minute")
	}
	text := Count(minutes/60, "hour")
	if minutes %= 60; minutes > 0 {
		text += " " + Count(minutes, "minute")
	}
	return text
}

// Names lists names in one line: the first of them, and how many more there are.
func Names(all []string) string {
	const most = 3
	shown := make([]string, 0, most+1)
	for i, name := range all {
		if i == most && len(all) > most+1 {
			return strings.Join(shown, ", ") + fmt.Sprintf(" and %d more", len(all)-most)
		}
		shown = append(shown, Clean(name))
	}
	return strings.Join(shown, ", ")
}

// addResult adds what became of the changes.
func (p *Plan) addResult(r publish.Result) {
	for _, outcome := range r.Outcomes {
		p.Changes = append(p.Changes, change(outcome))
	}
	p.Postponed = append(p.Postponed, r.Postponed...)
	for _, c := range r.Closed {
		closed := Closed{Branch: c.Branch, Why: c.Why}
		if c.Pull.Number != 0 {
			closed.Pull = &Pull{Number: c.Pull.Number, URL: c.Pull.URL}
		}
		if c.Err != nil {
			closed.Error = optional(oserror.Text(c.Err))
		}
		p.Closed = append(p.Closed, closed)
	}
	for _, k := range r.Kept {
		p.Kept = append(p.Kept, Kept{k.Pull.Branch, Pull{Number: k.Pull.Number, URL: k.Pull.URL}, k.Why, k.Holds})
	}
	for _, rival := range r.Rivals {
		p.Rivals = append(p.Rivals, Rival{
			Branch: r.Outcomes[rival.Change].Change.Branch, Pull: Pull{Number: rival.Pull.Number, URL: rival.Pull.URL},
			Title: rival.Pull.Title, Bot: rival.Bot, Image: rival.Image, Files: notNil(rival.Files),
		})
	}
	if s := r.Stopped; s != nil {
		p.Stopped = &Stopped{Error: oserror.Text(s.Err), Done: s.Done, Left: s.Left, at: s.At}
		if !s.At.IsZero() {
			p.Stopped.At = optional(s.At.UTC().Format(time.RFC3339))
		}
	}
}

// How many changes of one state are listed with what they edit, unless all are asked for: all up to
// the first number, or else the second. Failures are the same only for one reason.
const (
	mostChanges, fewChanges   = 20, 3
	mostFailures, fewFailures = 3, 1
)

// listed returns how many of so many changes of a kind are listed.
func (p *Plan) listed(kind string, n int) int {
	most, few := mostChanges, fewChanges
	if strings.HasPrefix(kind, string(publish.Failed)+":") {
		most, few = mostFailures, fewFailures
	}
	if p.whole || n <= most {
		return n
	}
	return few
}

// writeChanges writes the changes. What another run is to do is not listed, and neither are most of
// very many that are alike.
func (p *Plan) writeChanges(b *page) {
	alike := map[string][]Change{}
	var kinds []string
	for _, c := range p.Changes {
		if p.isLeft(c) && !p.whole {
			continue
		}
		kind := c.kind()
		if alike[kind] == nil {
			kinds = append(kinds, kind)
		}
		alike[kind] = append(alike[kind], c)
	}
	written := map[string]int{}
	for _, c := range p.Changes {
		kind := c.kind()
		if written[kind] < p.listed(kind, len(alike[kind])) {
			c.writeText(b)
			written[kind]++
		}
	}
	folded := false
	for _, kind := range kinds {
		if rest := alike[kind][written[kind]:]; len(rest) > 0 {
			state, reason, _ := strings.Cut(kind, ":")
			if reason != "" {
				reason = " for the same reason"
			}
			b.printf("\n%s: %d more%s: %s\n", state, len(rest), reason, namesOf(rest))
			folded = true
		}
	}
	if folded {
		b.hint("", listsAll)
	}
}

// kind tells changes apart that have little in common: their state, and why they failed.
func (c Change) kind() string {
	if len(c.failures) == 0 {
		return c.State
	}
	return c.State + ":" + strings.ReplaceAll(strings.Join(c.failures, "\n"), c.Branch, "")
}

// namesOf names changes: by the numbers of their pull requests or, where they have none, by their branches.
func namesOf(changes []Change) string {
	var branches []string
	numbers := map[int]bool{}
	for _, c := range changes {
		branches = append(branches, c.Branch)
		if c.Pull != nil {
			numbers[c.Pull.Number] = true
		}
	}
	if len(numbers) < len(changes) {
		return Names(branches)
	}
	all := slices.Sorted(maps.Keys(numbers))
	return fmt.Sprintf("pull requests #%d to #%d", all[0], all[len(all)-1])
}

// isLeft reports whether a change is left for another run.
func (p *Plan) isLeft(c Change) bool {
	return c.State == string(publish.Planned) && (p.Stopped != nil || slices.Contains(p.Postponed, c.Branch))
}

// left are the branches of the changes that the run was stopped before.
func (p *Plan) left() (branches []string) {
	for _, c := range p.Changes {
		if c.State == string(publish.Planned) && !slices.Contains(p.Postponed, c.Branch) {
			branches = append(branches, c.Branch)
		}
	}
	return branches
}

// writeResult writes what else became of the run: what was closed, and what is left for another.
func (p *Plan) writeResult(b *page) {
	if len(p.Closed) > 0 {
		b.add("\nclosed\n")
		var rows []string
		for _, c := range p.Closed {
			number, why := "", c.Why
			if c.Pull != nil {
				number = fmt.Sprintf("#%d", c.Pull.Number)
			}
			if c.Error != nil {
				why += "; error: " + *c.Error
			}
			rows = append(rows, row("  "+number, c.Branch, why))
		}
		b.table(rows, false)
	}
	if len(p.Kept) > 0 {
		b.add("\nwithdrawn, and for a person to close\n")
		var rows []string
		for _, k := range p.Kept {
			rows = append(rows, row(fmt.Sprintf("  #%d", k.Pull.Number), k.Branch, k.Why+"; it stays open: "+k.Holds))
		}
		b.table(rows, false)
	}
	p.writeRivals(b)
	if n := len(p.Postponed); n > 0 {
		b.printf("\nleft for another run, since no more pull requests are to be opened: %s: %s\n", Count(n, "change"), Names(p.Postponed))
	}
	if p.Stopped != nil && p.Stopped.Left > 0 {
		b.printf("\n%s\n", p.Stopped.sum(p.left()))
	}
}

// writeRivals writes the pull requests of other bots, each with the changes that it meets.
func (p *Plan) writeRivals(b *page) {
	branches := map[int][]string{}
	for _, r := range p.Rivals {
		branches[r.Pull.Number] = append(branches[r.Pull.Number], r.Branch)
	}
	var rows []string
	for _, r := range p.Rivals {
		if met := branches[r.Pull.Number]; met != nil {
			rows = append(rows, row(fmt.Sprintf("  #%d", r.Pull.Number), r.Bot, r.Title, Names(met)))
			branches[r.Pull.Number] = nil
		}
	}
	if len(rows) > 0 {
		b.add("\npull requests of other bots for the same places\n")
		b.table(rows, false)
	}
}

// sum says how far the run came.
func (s *Stopped) sum(left []string) string {
	text := fmt.Sprintf("stopped: %d of %s done, %d left", s.Done, Count(s.Done+s.Left, "change"), s.Left)
	if len(left) > 0 {
		text += ": " + Names(left)
	}
	return text
}

// Again says when to run a command again, as seen from now. No time is one that a person has to
// know.
func Again(at, now time.Time) string {
	if at.IsZero() {
		return "then run the same command again"
	}
	at, now = at.UTC(), now.UTC()
	text := at.Format("15:04:05 UTC")
	if at.Format(time.DateOnly) != now.Format(time.DateOnly) {
		text = at.Format("2 January 15:04:05 UTC")
	}
	if wait := at.Sub(now); wait > 0 {
		text += " (in " + Duration(wait) + ")"
	}
	return "run the same command again after " + text
}
