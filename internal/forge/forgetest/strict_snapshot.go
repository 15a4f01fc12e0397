package forgetest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Snapshot prints what there is, so that the ends of two runs can be compared: of each
// branch the tree and the message at its tip, and of each pull request all that people see. It holds
// no times, and neither commit ids nor the numbers of pull requests, which depend on the
// order of events: a pull request is called by its branch and base, in texts too.
func (s *Strict) Snapshot() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.follow(); err != nil {
		s.t.Error(err)
	}
	var b strings.Builder
	names := s.names()
	all := s.branches()
	for _, branch := range slices.Sorted(maps.Keys(all)) {
		tree, message, _ := strings.Cut(s.show(all[branch]), "\n")
		fmt.Fprintf(&b, "branch %s: tree %s\n%s", branch, tree, quoted(names, message))
	}
	pulls := slices.SortedFunc(slices.Values(s.pulls), func(x, y *pullState) int { return cmp.Compare(names[x.number], names[y.number]) })
	for _, p := range pulls {
		state := p.state.String()
		if p.draft {
			state += ", a draft"
		}
		if p.auto != nil {
			state += ", merged once its checks have passed"
		}
		tree, _, _ := strings.Cut(s.show(p.head), "\n")
		fmt.Fprintf(&b, "pull request %s: %s, of %s, tree %s\n", names[p.number], state, p.author, tree)
		for _, list := range []struct {
			name string
			all  []string
		}{{"labels", p.labels}, {"reviewers", p.reviewers}, {"assignees", p.assignees}} {
			if len(list.all) > 0 {
				fmt.Fprintf(&b, "  %s: %s\n", list.name, strings.Join(slices.Sorted(slices.Values(list.all)), ", "))
			}
		}
		b.WriteString(quoted(names, p.title) + quoted(names, p.body))
		for _, one := range p.comments {
			fmt.Fprintf(&b, "  comment of %s\n%s", one.author, quoted(names, one.body))
		}
	}
	return b.String()
}

// names returns what pull requests are called, by number: "b into main", and "b into main,
// 2nd" for the next one of them.
func (s *Strict) names() map[int]string {
	count, names := map[string]int{}, map[int]string{}
	for _, p := range s.pulls {
		name := p.branch + " into " + p.base
		if count[name]++; count[name] > 1 {
			names[p.number] = fmt.Sprintf("%s, %d", name, count[name])
		} else {
			names[p.number] = name
		}
	}
	return names
}

// show returns the tree of a commit, and on further lines its message.
func (s *Strict) show(id string) string {
	out, err := s.git("show", "--no-patch", "--format=%T%n%B", id)
	if err != nil {
		s.t.Errorf("reading commit %s: %v", id, err)
	}
	return strings.TrimRight(out, "\n")
}

var reference = regexp.MustCompile(`(#|/pull/)([0-9]+)\b`)

// quoted is a text, each line behind a bar, without the numbers of pull requests.
func quoted(names map[int]string, text string) string {
	text = reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		if n, err := strconv.Atoi(m[2]); err == nil && names[n] != "" {
			return m[1] + "(" + names[n] + ")"
		}
		return ref
	})
	var b strings.Builder
	for line := range strings.Lines(text + "\n") {
		b.WriteString("  | " + line)
	}
	return b.String()
}
