package publish

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
)

// A mark is what the description of a pull request says of itself, hidden in an HTML
// comment on a line of its own. What stands above the mark is a person's and stays; what
// stands below is propagate's as long as its hash is the one in the mark.
type mark struct {
	Of      []bumper.Subject `json:"of"`
	Group   string           `json:"group,omitempty"`
	Base    string           `json:"base"`
	Branch  string           `json:"branch,omitempty"`  // that the pull request is for: in any other, the mark is a copy
	Slot    int              `json:"slot,omitempty"`    // 2 for the branch that ends in -2; 0 and 1 are the first
	From    string           `json:"from,omitempty"`    // the commit that Head was made from
	Head    string           `json:"head,omitempty"`    // the commit that the pull request was last brought to
	Content string           `json:"content,omitempty"` // the identity of what Head makes of its files
	Places  []byte           `json:"places,omitempty"`  // what is edited: see places
	Title   string           `json:"title"`             // the hash of the title that was given
	Text    string           `json:"text"`              // the hash of what stands below
	Closed  string           `json:"closed,omitempty"`  // why propagate closed it
	Urgent  bool             `json:"urgent,omitempty"`  // an emergency opened it or brought it here
}

var (
	marked = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^<!-- propagate v2 ([A-Za-z0-9+/=]+) -->[ \t]*$`)
	})
	oldMarked = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<!-- propagate:([0-9a-f]{64}) -->`) })
)

func (m mark) String() string {
	data, err := json.Marshal(m)
	if err != nil { // of strings and numbers alone
		panic(err)
	}
	return "<!-- propagate v2 " + base64.StdEncoding.EncodeToString(data) + " -->"
}

// A description is that of a pull request, taken apart.
type description struct {
	above string // a person's, with the end of its last line
	mark  mark
	text  string // generated
	below string // what a person added at the end, from the end of the line before
	// marked says that there is a mark, and ours that the text is as it was generated.
	marked, ours bool
	// old says that an earlier version of the program wrote it: its mark says nothing but
	// that title and text are as they were generated.
	old bool
}

// hashText is the hash of a text, whatever the space around it and the ends of its lines.
func hashText(s string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(unixLines(s))))
	return hex.EncodeToString(sum[:8])
}

func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// describe takes the body of a pull request apart. base and title are those of the pull
// request, which the mark of an earlier version of the program stands for as well.
func describe(base, title, body string) description {
	body = unixLines(body)
	if at := marked().FindStringSubmatchIndex(body); at != nil {
		d := description{above: body[:at[0]]}
		data, err := base64.StdEncoding.DecodeString(body[at[2]:at[3]])
		if err == nil && json.Unmarshal(data, &d.mark) == nil && len(d.mark.Of) > 0 {
			d.marked = true
			d.text, d.below, d.ours = own(strings.TrimPrefix(body[at[1]:], "\n"), d.mark.Text)
			return d
		}
	}
	at := oldMarked().FindStringSubmatchIndex(body)
	if at == nil {
		return description{text: body}
	}
	d := description{old: true, below: body[at[1]:]}
	if strings.TrimSpace(d.below) == "" {
		d.below = ""
	}
	text, want := body[:at[0]], body[at[2]:at[3]]
	for start := 0; ; {
		sum := sha256.Sum256([]byte(base + "\x00" + title + "\x00" + strings.TrimSpace(text[start:])))
		if hex.EncodeToString(sum[:]) == want {
			d.above, d.text, d.ours = text[:start], text[start:], true
			return d
		}
		next := strings.IndexByte(text[start:], '\n')
		if next < 0 {
			d.text = text
			return d
		}
		start += next + 1
	}
}

// describePull takes the body of a pull request apart. A mark that a person copied from another
// pull request says nothing of this one.
func describePull(pull forge.Pull) description {
	d := describe(pull.Base, pull.Title, pull.Body)
	if d.marked && d.mark.Branch != "" && d.mark.Branch != pull.Branch {
		return description{text: unixLines(pull.Body)}
	}
	return d
}

// own splits what stands below a mark into what was generated, by its hash, and what a
// person added at the end.
func own(rest, want string) (text, below string, ok bool) {
	for end := len(rest); end >= 0; {
		if hashText(rest[:end]) == want {
			text = strings.TrimRightFunc(rest[:end], unicode.IsSpace)
			return text, rest[len(text):], true
		}
		end = strings.LastIndexByte(rest[:max(end-1, 0)], '\n') + 1
		if end == 0 {
			break
		}
	}
	return rest, "", false
}

// write returns the body of a pull request with a new text, below and above what a person
// added to the last one.
func (d description) write(m mark, text string) string {
	m.Text = hashText(text)
	var b strings.Builder
	b.WriteString(d.above)
	if d.above != "" && !strings.HasSuffix(d.above, "\n") {
		b.WriteByte('\n')
	}
	b.WriteString(m.String() + "\n" + strings.TrimSpace(text))
	b.WriteString(d.below)
	return strings.TrimRightFunc(b.String(), unicode.IsSpace) + "\n"
}

// maxPlaces keeps a mark short of what a description may hold.
const maxPlaces = 500

// placeSize is the length of a place in a mark: half of it is a hash of the path, and half one of
// the edited line without its version. Thus a place is known again after another patch.
const placeSize = 6

// places returns what the files of a change edit, for its mark; nil for too many.
func places(files []bumper.ChangedFile) []byte {
	var all [][]byte
	for _, file := range files {
		for _, e := range file.Edits {
			all = append(all, place(file, e))
		}
	}
	slices.SortFunc(all, slices.Compare[[]byte])
	all = slices.CompactFunc(all, slices.Equal[[]byte])
	if len(all) > maxPlaces {
		return nil
	}
	return slices.Concat(all...)
}

func place(file bumper.ChangedFile, e bumper.Edit) []byte {
	start, end := int(e.Span.Start), int(e.Span.End)
	before := file.Src[:start]
	before = before[strings.LastIndexByte(string(before), '\n')+1:]
	after := file.Src[end:]
	if i := strings.IndexByte(string(after), '\n'); i >= 0 {
		after = after[:i]
	}
	line := sha256.Sum256([]byte(strings.TrimSpace(string(before) + "\x00" + string(after))))
	return append(pathPlace(file.Path), line[:placeSize/2]...)
}

func pathPlace(path string) []byte {
	sum := sha256.Sum256([]byte(path))
	return sum[:placeSize/2]
}

// isAt reports whether a place of a mark is in a file.
func isAt(place []byte, file bumper.ChangedFile) bool {
	return string(pathPlace(file.Path)) == string(place[:placeSize/2])
}

// splitPlaces returns the places of a mark.
func splitPlaces(all []byte) [][]byte {
	return slices.Collect(slices.Chunk(all, placeSize))
}

// addContent adds what a change makes of a file to its identity.
func addContent(h hash.Hash, path string, content []byte) {
	h.Write(fmt.Appendf(nil, "%d %s\n%d\n", len(path), path, len(content)))
	h.Write(content)
}
