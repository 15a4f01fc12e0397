package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/scanner"
)

// An Emergency is what a person has to know before one is published.
type Emergency struct {
	Bases                                []string
	Runtime, Build, Unreachable, Unknown int // builds, by how they are exposed to the bases
	Teams                                map[string]int
	Changes, Waves, Waiting              int
	NotKnown                             int          // versions in use of which no registry said anything
	Cost                                 publish.Cost // zero where no pull requests are opened
}

// NewEmergency counts what a plan is for. Teams are the builds of each team.
func NewEmergency(p *bumper.Plan, teams map[string]int, changes int) *Emergency {
	e := &Emergency{Teams: teams, Changes: changes}
	for _, bump := range p.Bumps {
		e.Bases = append(e.Bases, Clean(bump.Image+"@"+bump.Version()))
	}
	for _, item := range p.Items {
		switch {
		case item.HasVersion():
			continue
		case item.Reason == bumper.ReasonUnresolved:
			e.Unknown++
		case item.Exposure == scanner.Runtime:
			e.Runtime++
		case item.Exposure == scanner.Build:
			e.Build++
		default:
			e.Unreachable++
		}
		if item.Action == bumper.ActionBump || item.Action == bumper.ActionRebuild {
			e.Waves = max(e.Waves, item.Wave)
		}
		if item.Pending() {
			e.Waiting++
		}
	}
	return e
}

// mostTeams is how many teams are named.
const mostTeams = 5

// String says it on one screen.
func (e *Emergency) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "emergency: %s\n", cmp.Or(Names(e.Bases), "nothing newer was found"))
	if e.NotKnown > 0 {
		fmt.Fprintf(&b, "  not known     whether %s exposed: propagate outdated says why\n", was(e.NotKnown))
	}
	fmt.Fprintf(&b, "  exposed       runtime %d, build %d, unreachable %d, unknown %d\n", e.Runtime, e.Build, e.Unreachable, e.Unknown)
	if len(e.Teams) > 0 {
		names := slices.SortedFunc(maps.Keys(e.Teams), func(x, y string) int {
			return cmp.Or(cmp.Compare(e.Teams[y], e.Teams[x]), cmp.Compare(x, y))
		})
		var all []string
		for _, name := range names[:min(len(names), mostTeams)] {
			all = append(all, fmt.Sprintf("%s %d", Clean(name), e.Teams[name]))
		}
		if more := len(names) - len(all); more > 0 {
			all = append(all, fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(&b, "  teams         %s\n", strings.Join(all, ", "))
	}
	fmt.Fprintf(&b, "  what happens  %s, %s; %s for a derived base\n", Count(e.Changes, "change"), Count(e.Waves, "wave"), waitingBuilds(e.Waiting))
	if e.Cost.Pulls > 0 {
		fmt.Fprintf(&b, "  it takes      at least %s within the limits of GitHub, for %s\n", Duration(e.Cost.Time), Count(e.Cost.Pulls, "pull request"))
	}
	return b.String()
}

// waitingBuilds says how many builds wait.
func waitingBuilds(n int) string {
	if n == 1 {
		return "1 build waits"
	}
	return fmt.Sprintf("%d builds wait", n)
}
