package estatepage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/matihlabs/propagate/internal/estatepage"
)

// place is a cell that links to a place.
func place(path string, line int) estatepage.Cell {
	text := path
	if line > 0 {
		text = fmt.Sprintf("%s:%d", path, line)
	}
	return estatepage.Cell{{Text: text, Code: true, Path: path, Line: line}}
}

// viewOf is a view with a table of some rows, and an image with some places.
func viewOf(rows, places int) *estatepage.View {
	table := estatepage.Table{Columns: []estatepage.Column{{Title: "Where"}}}
	for i := range rows {
		table.Rows = append(table.Rows, []estatepage.Cell{place(fmt.Sprintf("rows/%d/Dockerfile", i), 0)})
	}
	list := estatepage.List{Title: estatepage.Cell{{Text: "1.0", Code: true}}}
	for i := range places {
		list.Items = append(list.Items, place(fmt.Sprintf("places/%d/Dockerfile", i), 1))
	}
	return &estatepage.View{Sections: []estatepage.Section{
		{ID: "table", Title: "A table", Table: table},
		{ID: "images", Title: "Images", Groups: []estatepage.Group{{Title: estatepage.Cell{{Text: "an image"}}, Lists: []estatepage.List{list}}}},
	}}
}

func pageOf(t *testing.T, v *estatepage.View, links estatepage.Links) string {
	t.Helper()
	var b bytes.Buffer
	if err := estatepage.WriteHTML(&b, v, links); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Up to 200 lines a page is plain HTML. Of a larger one, more than three places are held, and tables of more than 100 rows, but for their beginning.
func TestWhatIsHeld(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rows, places, plainRows, plainPlaces, notes int }{
		{1, 1, 1, 1, 0},
		{150, 50, 150, 50, 0},
		{150, 51, 20, 0, 2},
		{100, 101, 100, 0, 1},
		{101, 100, 20, 0, 2},
		{1, 200, 1, 0, 1},
		{201, 3, 20, 3, 1},
		{201, 4, 20, 0, 2},
	} {
		page := pageOf(t, viewOf(test.rows, test.places), estatepage.Links{})
		if rows, places := strings.Count(page, `href="rows/`), strings.Count(page, `href="places/`); rows != test.plainRows || places != test.plainPlaces {
			t.Errorf("of %d rows %d stand in the page, want %d; of %d places %d, want %d", test.rows, rows, test.plainRows, test.places, places, test.plainPlaces)
		}
		if got := strings.Count(page, "<noscript><p>Without JavaScript this is not all: propagate report -o report.md writes all of it.</p></noscript>"); got != test.notes {
			t.Errorf("of %d rows and %d places it says %d times that this is not all, want %d", test.rows, test.places, got, test.notes)
		}
		if says := strings.Contains(page, fmt.Sprintf("<li>%d places</ul>", test.places)); says != (test.places > test.plainPlaces) {
			t.Errorf("that there are %d places it says: %t", test.places, says)
		}
		if isHeld := strings.Contains(page, `id="data"`); isHeld != (test.notes > 0) {
			t.Errorf("%d rows and %d places: %t", test.rows, test.places, isHeld)
		}
	}
}

// held is the data of a page, and what it says as its program reads it.
type held struct {
	Root  *string
	Line  string
	Paths []any
	Hrefs map[int]string
	Texts []any
	Lists [][]any
}

func heldOf(t *testing.T, page string) (h held, raw string) {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<script type="application/json" id="data">`)
	raw, _, _ = strings.Cut(rest, "</script>") // where a browser ends it
	if err := json.Unmarshal([]byte(raw), &h); !ok || err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return h, raw
}

// paths counts in UTF-16, as the program does.
func (h held) paths() []string {
	var all []string
	var last []uint16
	for i := 0; i < len(h.Paths); i += 3 {
		begin, end := int(h.Paths[i].(float64)), int(h.Paths[i+2].(float64))
		last = slices.Concat(last[:begin], utf16.Encode([]rune(h.Paths[i+1].(string))), last[len(last)-end:])
		all = append(all, string(utf16.Decode(last)))
	}
	return all
}

// Nothing that a repository names ends the data, or is another name in it.
func TestHeldNames(t *testing.T) {
	t.Parallel()
	names := []string{
		"</script><script>alert(1)</script>", "<!--<script>", "a\u2028b", "a\u2029b", "##[error]x", `"\`, "{{script}}", "é", "è", "éé", "𝒳é", "𝒳è", "𝒳𝒳",
		"aa", "a", "aaa", "x/aa", "bad\xff", "%2e", "a+b", "@a/b", "a b", "\u202e", "ab\u0301",
	}
	v := viewOf(300, 0)
	for _, name := range names {
		v.Sections[0].Table.Rows = append(v.Sections[0].Table.Rows, []estatepage.Cell{place(name, 3)})
		v.Sections[1].Groups[0].Lists[0].Items = append(v.Sections[1].Groups[0].Lists[0].Items, estatepage.Cell{
			{Text: "ours <b>"}, {Text: name, Code: true}, place(name, 3)[0],
		})
	}
	const root = "https://forge.example/acme/src/abc/"
	page := pageOf(t, v, estatepage.Links{Root: root, Line: "#lines-"})
	h, raw := heldOf(t, page)
	for _, bad := range []string{"<", ">", "\u2028", "\u2029", "##["} {
		if strings.Contains(raw, bad) {
			t.Errorf("the data has %q as it is", bad)
		}
	}
	if strings.Count(page, "<script") != 2 || strings.Count(page, "</script") != 2 {
		t.Error("a name is a script of the page")
	}
	// What the small page says of each place is what the data says of it.
	paths, list := h.paths(), h.Lists[0]
	if len(h.Lists) != 2 || len(list) != 300+len(names) || len(paths) != len(list) || *h.Root != "" || h.Line != "#lines-" {
		t.Fatalf("%d lists, %d paths, links begin with %q and go to %q", len(h.Lists), len(paths), *h.Root, h.Line)
	}
	for i, name := range names {
		small := viewOf(0, 0)
		small.Sections[0].Table.Rows = [][]estatepage.Cell{{place(name, 3)}}
		plain := pageOf(t, small, estatepage.Links{Root: root, Line: "#lines-"})
		token := list[300+i].([]any)[0].([]any)
		at := int(token[0].(float64))
		href, ok := h.Hrefs[at]
		if !ok {
			href = paths[at]
		}
		quoted := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "##[", "##&#91;").Replace(paths[at])
		if want := fmt.Sprintf(`<a href="%s#lines-3">%s:3</a>`, href, quoted); token[1] != 3.0 || !strings.Contains(plain, want) {
			t.Errorf("%q is %v in the data, and the page has no %s", name, token, want)
		}
		several := h.Lists[1][i].([]any)
		ours, theirs := h.Texts[int(several[1].(float64))], h.Texts[int(several[2].(float64))]
		if several[0] != -1.0 || ours != "ours <b>" || fmt.Sprint(theirs) != "["+paths[at]+"]" || !slices.Equal(several[3].([]any), token) {
			t.Errorf("%q is among others as %v: %v and %v", name, several, ours, theirs)
		}
	}
}

// Where nothing is a link, nothing is one in the data either.
func TestHeldWithoutLinks(t *testing.T) {
	t.Parallel()
	h, _ := heldOf(t, pageOf(t, viewOf(300, 0), estatepage.Links{None: true}))
	if h.Root != nil || h.paths()[0] != "rows/0/Dockerfile" {
		t.Errorf("links begin with %q, the first path is %q", *h.Root, h.paths()[0])
	}
	if h, _ := heldOf(t, pageOf(t, viewOf(300, 0), estatepage.Links{Root: "../"})); *h.Root != "../" || h.Line != "#L" {
		t.Errorf("links begin with %q", *h.Root)
	}
}
