package snapshot

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/scanner"
)

// An interest says which files may matter by their names alone, so that what lies
// below a tree can be remembered wherever that tree lies. A few files that matter by
// the directories they are in are told by a state that is handed down.
type interest struct {
	id    string   // tells interests apart
	names []string // patterns of names that the configuration adds
}

func newInterest(c *config.Config, program string) *interest {
	in := &interest{}
	for _, pattern := range c.FilePatterns() {
		// The name of a file that fits a pattern fits what stands behind its last slash;
		// braces may hold slashes.
		name := pattern
		if !strings.ContainsAny(pattern, "{}") {
			name = pattern[strings.LastIndexByte(pattern, '/')+1:]
		} else {
			name = "*"
		}
		if name == "**" {
			name = "*"
		}
		if !slices.Contains(in.names, name) {
			in.names = append(in.names, name)
		}
	}
	slices.Sort(in.names)
	in.id = program + "\x00" + strings.Join(in.names, "\x00")
	return in
}

// A state is what of the path of a directory counts.
type state uint8

const (
	anywhere    state = iota
	dotGithub         // .github
	automations       // its workflows and actions
)

// enter returns the state of a directory in another; ok is false for one that is not
// entered at all.
func (s state) enter(name string) (next state, ok bool) {
	switch {
	case name == ".git":
		return 0, false
	case s == automations, s == dotGithub && (name == "workflows" || name == "actions"):
		return automations, true
	case name == ".github":
		return dotGithub, true
	}
	return anywhere, true
}

// matters reports whether a file of this name may matter.
func (in *interest) matters(s state, name string) bool {
	if scanner.MayMatter(name) || buildfile.KindOf(name) != 0 || s == automations && buildfile.KindOf(".github/workflows/"+name) != 0 || s == automations && buildfile.KindOf(".github/actions/"+name) != 0 {
		return true
	}
	return slices.ContainsFunc(in.names, func(pattern string) bool { return doublestar.MatchUnvalidated(pattern, name) })
}
