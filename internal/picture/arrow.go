package picture

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// An Arrow stands for all references between two nodes.
type Arrow struct {
	From, To int
	Exposure scanner.Exposure // the strongest of them
	Versions []string         // that they are on, each once, in the order of the file
	Outdated []string         // of those that are not on the newest: "1.0.0 → 1.0.1"
}

// Arrows returns what is drawn between the nodes. A build that is based on an earlier tag of its own
// image has no arrow to itself.
func (p *Picture) Arrows() []Arrow {
	var all []Arrow
	at := map[[2]int]int{}
	for _, use := range p.Uses {
		if use.From == use.To {
			continue
		}
		ends := [2]int{use.From, use.To}
		i, ok := at[ends]
		if !ok {
			i = len(all)
			at[ends] = i
			all = append(all, Arrow{From: use.From, To: use.To})
		}
		a := &all[i]
		a.Exposure = max(a.Exposure, use.Exposure)
		if use.Version != "" && !slices.Contains(a.Versions, use.Version) {
			a.Versions = append(a.Versions, use.Version)
		}
		if step := use.Version + " → " + use.Newer; use.Newer != "" && !slices.Contains(a.Outdated, step) {
			a.Outdated = append(a.Outdated, step)
		}
	}
	return all
}

// Label is the version that stands on an arrow: that of an outdated reference alone, since the others
// need no attention.
func (a Arrow) Label() string {
	switch len(a.Outdated) {
	case 0:
		return ""
	case 1:
		return cut(source.Visible(a.Outdated[0]), maxTitle)
	}
	return fmt.Sprintf("%s and %d more", cut(source.Visible(a.Outdated[0]), maxTitle), len(a.Outdated)-1)
}

// Words says what an arrow is, for those who do not see it.
func (a Arrow) Words(p *Picture) string {
	words := fmt.Sprintf("%s depends on %s", p.Nodes[a.To].Title, p.Nodes[a.From].Title)
	if len(a.Versions) > 0 {
		words += " " + source.Visible(strings.Join(a.Versions, ", "))
	}
	words += " (" + a.Exposure.String() + ")"
	if len(a.Outdated) > 0 {
		words += ", outdated: " + source.Visible(strings.Join(a.Outdated, ", "))
	}
	return words
}

// cut takes out the middle of a text of more than limit characters: both ends of a path tell something.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	head := (limit - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(limit-1-head):])
}
