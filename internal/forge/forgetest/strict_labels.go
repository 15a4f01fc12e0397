package forgetest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (s *Strict) listLabels(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	return s.page(c, s.labelList(p.labels))
}

// addLabels creates the labels that the repository does not have, as GitHub
// does. Names that differ in case only are one label, spelled as it was first.
func (s *Strict) addLabels(c *call) answer {
	p := s.find(c.params["issue_number"])
	if p == nil {
		return notFound()
	}
	var in struct{ Labels []string }
	if !s.decode(c, &in, "labels") {
		return failure(http.StatusBadRequest, "Problems parsing JSON", "")
	}
	for _, name := range in.Labels {
		if utf8.RuneCountInString(name) > maxLabel {
			return invalid(tooLong("Label", "name", maxLabel))
		}
		if strings.TrimSpace(name) == "" {
			return invalid(invalidField("Label", "name", "missing_field"))
		}
	}
	for _, name := range in.Labels {
		s.label(p, name, bot)
	}
	return answer{status: http.StatusOK, body: s.labelList(p.labels)}
}

// label puts a label on a pull request, and makes it if the repository does not have it.
func (s *Strict) label(p *pullState, name, actor string) {
	same := func(have string) bool { return strings.EqualFold(have, name) }
	if i := slices.IndexFunc(s.labels, same); i >= 0 {
		name = s.labels[i]
	} else {
		s.labels = append(s.labels, name)
	}
	if !slices.Contains(p.labels, name) {
		p.labels = slices.Concat(p.labels, []string{name})
		s.note(p, event{kind: "labeled", actor: actor, label: name})
	}
}

// unlabel takes a label away.
func (s *Strict) unlabel(p *pullState, name, actor string) bool {
	i := slices.IndexFunc(p.labels, func(have string) bool { return strings.EqualFold(have, name) })
	if i < 0 {
		return false
	}
	s.note(p, event{kind: "unlabeled", actor: actor, label: p.labels[i]})
	p.labels = slices.Delete(slices.Clone(p.labels), i, i+1)
	return true
}

func (s *Strict) labelList(names []string) []any {
	all := make([]any, 0, len(names))
	for _, name := range names {
		all = append(all, s.labelObject(name))
	}
	return all
}

// page cuts one page out of a list, with the links to the others that GitHub
// sends: 30 to a page unless asked otherwise, 100 at most.
func (s *Strict) page(c *call, all []any) answer {
	q := c.URL.Query()
	size, number := 30, 1
	if n, err := strconv.Atoi(q.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		number = n
	}
	last := max(1, (len(all)+size-1)/size)
	link := func(rel string, to int) string {
		next := url.Values{}
		for name, values := range q {
			next[name] = values
		}
		next.Set("page", strconv.Itoa(to))
		return fmt.Sprintf("<%s%s?%s>; rel=%q", s.server.URL, c.URL.EscapedPath(), next.Encode(), rel)
	}
	var links []string
	if number > 1 {
		links = append(links, link("prev", number-1))
	}
	if number < last {
		links = append(links, link("next", number+1), link("last", last))
	}
	if number > 1 {
		links = append(links, link("first", 1))
	}
	header := http.Header{}
	if len(links) > 0 {
		header.Set("Link", strings.Join(links, ", "))
	}
	from := min((number-1)*size, len(all))
	to := min(from+size, len(all))
	// An empty page is a list as well, not null.
	return answer{status: http.StatusOK, header: header, body: append([]any{}, all[from:to]...)}
}
