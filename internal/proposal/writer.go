package proposal

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/monorepo"
)

// A writer makes lines of items.
type writer struct {
	text           strings.Builder
	used           map[string]bool // Dockerfiles that have an entry of images:, and other entries as they are written
	known, entries int
	notes          []string
}

func (w *writer) prose(text string) { w.text.WriteString("# " + text + "\n") }

func (w *writer) lines(lines []string) {
	for _, line := range lines {
		w.text.WriteString(line + "\n")
	}
}

func (w *writer) settings(f *monorepo.Findings) {
	w.text.WriteString("\n")
	w.lines(settingsOf(f))
}

// section returns the lines of what a file does not know yet.
func (w *writer) section(s section, old file) (lines []string) {
	for _, g := range s.groups {
		fresh := slices.DeleteFunc(slices.Clone(g.items), func(it item) bool {
			return old.names(it.ids...) || it.fold != g.more && old.folded(it.fold) > 0 || len(it.images) > 0 && !slices.ContainsFunc(it.images, func(image string) bool { return !old.claimed(it.path, image) })
		})
		if n := old.folded(g.more); n > 0 {
			if len(fresh) > n {
				w.notes = append(w.notes, fmt.Sprintf("%d more %s than the %d that one line stands for: %s", len(fresh)-n, g.more, n, g.where))
			}
			continue
		}
		shown := fresh
		if len(fresh) > g.most+1 { // a line for one would save none
			if shown = fresh[:g.most]; g.all {
				shown = nil
			}
		}
		for _, it := range shown {
			lines = append(lines, w.item(s, it)...)
		}
		if rest := fresh[len(shown):]; len(rest) > 0 {
			var names []string
			for _, it := range rest {
				names = append(names, it.name)
			}
			lines = append(lines, fmt.Sprintf("# - %d %s, such as %s: %s", len(rest), g.more, line(strings.Join(names[:min(3, len(names))], ", ")), g.where))
			if s.key == "" {
				w.known++
			}
		}
	}
	return lines
}

// item returns the lines of an item.
func (w *writer) item(s section, it item) (lines []string) {
	for i, prose := range it.prose {
		if i == 0 {
			prose = "- " + prose
		}
		lines = append(lines, "# "+prose)
	}
	if s.key == "" {
		w.known++
	}
	for _, e := range it.entries {
		text := e.value
		if e.key != "" {
			text = e.key + ": " + e.value
		}
		if e.remark != "" {
			text += "  # " + e.remark
		}
		switch id := s.key + ": " + e.key + e.value; {
		case e.key == "" && w.used[id]:
			continue // the same for another reference of the file
		case slices.ContainsFunc(e.paths, func(p string) bool { return w.used[p] }):
			lines = append(lines, "# (a Dockerfile with several images has a list of them) "+text)
			continue
		default:
			w.used[id] = true
		}
		for _, p := range e.paths {
			w.used[p] = true
		}
		w.entries++
		lines = append(lines, "#  "+text)
	}
	return lines
}

// folded returns for how many items a line of the file stands; 0 is none.
func (f file) folded(more string) int {
	if more == "" {
		return 0
	}
	expr := regexp.MustCompile(`^# - (\d+) ` + regexp.QuoteMeta(more) + `, such as `)
	for _, line := range f.lines {
		if m := expr.FindStringSubmatch(line); m != nil {
			n, err := strconv.Atoi(m[1])
			if err == nil {
				return n
			}
		}
	}
	return 0
}
