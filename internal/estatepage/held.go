package estatepage

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/matihlabs/propagate/internal/source"
)

// A page of few lines is plain HTML, which reads without JavaScript. Of one of more lines, the figures, the sections, the
// images with their versions, and what is short are; longer lists of places, and longer tables, are held.
const (
	mostPlain = 200 // lines, of all tables and lists
	mostRows  = 100 // of a table of a page with more lines
	firstRows = 20  // of a longer one, which stand there as long as no program has filled it
	mostItems = 3   // of a list of such a page; a longer one has their number there
)

func (t Table) isLong() bool { return len(t.Rows) > mostRows }
func (l List) isLong() bool  { return len(l.Items) > mostItems }

// isLong reports whether something of a section is held in a page of many lines.
func (s Section) isLong() bool {
	return s.Table.isLong() || slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Table.isLong() || slices.ContainsFunc(g.Lists, List.isLong) })
}

// withoutScript is what a browser without JavaScript says where a list is held.
const withoutScript = "Without JavaScript this is not all: propagate report -o report.md writes all of it."

// A heldList is a list that stands in the data of the page: the rows of a table, or the items of a list.
type heldList struct {
	rows  [][]Cell
	items []Cell
}

// heldData is what the program of a page is told of its held lists. Each path is in it once.
type heldData struct {
	Root  *string        `json:"root"`  // before each link; null where nothing is a link
	Line  string         `json:"line"`  // before the line of a link
	Paths []any          `json:"paths"` // in threes: how much of the one before begins it, what follows, how much of that one's end ends it
	Hrefs map[int]string `json:"hrefs"` // of the paths that are not their own link
	Texts []any          `json:"texts"` // a text of ours, or a list of one of the repository's
	Lists [][]any        `json:"lists"` // of rows or of items
}

// lines counts the lines of all tables and lists.
func (v *View) lines() int {
	n := 0
	for _, s := range v.Sections {
		n += len(s.Table.Rows)
		for _, g := range s.Groups {
			n += len(g.Table.Rows)
			for _, l := range g.Lists {
				n += len(l.Items)
			}
		}
	}
	return n
}

// hold keeps a list for the data, and returns the attribute of its element.
func (p *pageWriter) hold(l heldList) string {
	p.held = append(p.held, l)
	return fmt.Sprintf(` data-list="%d"`, len(p.held)-1)
}

// data returns the element with the held lists; "" where there is none.
func (p *pageWriter) data() (string, error) {
	if len(p.held) == 0 {
		return "", nil
	}
	h := &holder{links: p.links, data: heldData{Line: p.links.mark(), Hrefs: map[int]string{}, Texts: []any{}}, texts: map[Text]int{}, paths: map[string]int{}}
	if !p.links.None {
		h.data.Root = &p.root
	}
	h.addPaths(p.held)
	for _, l := range p.held {
		h.addList(l)
	}
	data, err := json.Marshal(h.data) // with <, > and & as escapes, so that no text of it ends the element
	if err != nil {
		return "", err
	}
	return `<script type="application/json" id="data">` + source.DefuseJSON(string(data)) + "</script>\n", nil
}

// A holder makes data of lists.
type holder struct {
	links Links
	data  heldData
	texts map[Text]int
	paths map[string]int
}

// addPaths numbers the paths in their order, in which neighbours have most in common.
func (h *holder) addPaths(lists []heldList) {
	var all []string
	add := func(cells []Cell) {
		for _, cell := range cells {
			for _, t := range cell {
				if _, ok := h.paths[t.Path]; !ok && t.Path != "" {
					h.paths[t.Path] = 0
					all = append(all, t.Path)
				}
			}
		}
	}
	for _, l := range lists {
		add(l.items)
		for _, row := range l.rows {
			add(row)
		}
	}
	slices.Sort(all)
	last := ""
	for i, path := range all {
		h.paths[path] = i
		shown := source.Visible(path)
		begin, end := common(last, shown)
		h.data.Paths = append(h.data.Paths, begin, shown[begin:len(shown)-end], end)
		last = shown
		if href := escaped(path); href != shown {
			h.data.Hrefs[i] = href
		}
	}
}

// common counts the characters with which two texts begin and end alike. It stops at one that is not ASCII, so that
// a program that counts in other units comes to the same.
func common(a, b string) (begin, end int) {
	most := min(len(a), len(b))
	for begin < most && a[begin] == b[begin] && a[begin] < 0x80 {
		begin++
	}
	for end < most-begin && a[len(a)-1-end] == b[len(b)-1-end] && a[len(a)-1-end] < 0x80 {
		end++
	}
	return begin, end
}

func (h *holder) addList(l heldList) {
	list := []any{}
	for _, item := range l.items {
		list = append(list, h.cell(item))
	}
	for _, row := range l.rows {
		cells := []any{}
		for _, cell := range row {
			cells = append(cells, h.cell(cell))
		}
		list = append(list, cells)
	}
	h.data.Lists = append(h.data.Lists, list)
}

// cell returns the texts of a cell: one alone by itself, another number of them behind a -1.
func (h *holder) cell(c Cell) any {
	if len(c) == 1 {
		return h.token(c[0])
	}
	all := []any{-1}
	for _, t := range c {
		all = append(all, h.token(t))
	}
	return all
}

// token returns a text as its number, and a place as its path and its line.
func (h *holder) token(t Text) any {
	switch {
	case t.Path != "" && t.Line > 0:
		return []int{h.paths[t.Path], t.Line}
	case t.Path != "":
		return []int{h.paths[t.Path]}
	}
	n, ok := h.texts[t]
	if !ok {
		n = len(h.texts)
		h.texts[t] = n
		var text any = source.Visible(t.Text)
		if t.Code {
			text = []any{text}
		}
		h.data.Texts = append(h.data.Texts, text)
	}
	return n
}
