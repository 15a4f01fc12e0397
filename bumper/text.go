package bumper

import (
	"cmp"
	"fmt"
	"strings"
)

// EmergencyMark is what titles of an emergency begin with.
const EmergencyMark = "[emergency]"

// Texts are what a change is published with.
type Texts struct {
	Title   string // of the pull request: one line, inert
	Body    string // of the pull request, in GitHub's Markdown
	Message string // of the commit, without trailers; its first line is a title
}

// TextOptions says what the texts of changes say beyond the plan.
type TextOptions struct {
	Command   string                     // the command line that makes the changes again
	Emergency bool                       // the changes are marked
	Mark      string                     // what titles of an emergency begin with; zero is EmergencyMark
	Owners    func(path string) []string // who owns a file; nil where that is not known
	Templates Templates                  // zero is what propagate says by itself
}

// Texts returns the texts of a change. Names from the repository do nothing in them, and they are of
// this change alone. The error is a *source.Error of a template.
func (p *Plan) Texts(c Change, o TextOptions) (Texts, error) {
	facts := p.facts(c, o)
	var t Texts
	var err error
	if t.Title, err = o.title(c, facts); err != nil {
		return t, err
	}
	lines := editLines(c)
	t.Message = t.Title + "\n\n" + lines
	if o.Templates.Commit != nil {
		v := newView(c, o, facts, t.Title, messageText)
		v.Lines = lines
		if t.Message, err = o.Templates.Commit.write(v); err != nil {
			return t, err
		}
		t.Message = strings.TrimSpace(t.Message) + "\n"
	}
	t.Body, err = p.body(c, o, facts, func(s Sections) (string, error) {
		if o.Templates.Body == nil {
			return s.String(), nil
		}
		v := newView(c, o, facts, element(t.Title), element)
		v.Sections = s
		for line := range strings.Lines(lines) {
			v.Lines += "* " + element(strings.TrimSuffix(line, "\n")) + "\n"
		}
		text, err := o.Templates.Body.write(v)
		return unmarked(text), err
	})
	return t, err
}

// UrgentTitle returns the title that a change has, or would have, in an emergency.
func (p *Plan) UrgentTitle(c Change, o TextOptions) (string, error) {
	o.Emergency = true
	return o.title(c, p.facts(c, o))
}

// title returns the title of a change.
func (o TextOptions) title(c Change, f facts) (string, error) {
	title := c.Title
	if o.Emergency {
		title = cmp.Or(o.Mark, EmergencyMark) + " " + title
	}
	if o.Templates.Title == nil {
		return title, nil
	}
	title, err := o.Templates.Title.write(newView(c, o, f, title, titleText))
	return shortTitle(title), err
}

// editLines writes the edits of a change for a commit message, a line each.
func editLines(c Change) string {
	var b strings.Builder
	for _, file := range c.Files {
		for _, e := range file.Edits {
			fmt.Fprintln(&b, e.MessageLine())
		}
	}
	return b.String()
}

// title says what a change does: "Update base-java to 1.0.1 in services/iam". in
// says which part of the plan it is.
func (p *Plan) title(bumps []Bump, in string) string {
	var names []string
	for _, bump := range bumps {
		names = append(names, fmt.Sprintf("%s to %s", p.shortName(bump.Image), shortVersion(bump.Version())))
	}
	title := "Update " + strings.Join(names, " and ")
	if len(title) > 120 {
		title = fmt.Sprintf("Update %d base images", len(bumps))
	}
	return titled(title, in)
}

// titled returns a title with the part of the plan that it is of.
func titled(title, in string) string {
	if in = titleText(in); len(in) > 100 {
		in = strings.ToValidUTF8(in[:40]+"…"+in[len(in)-50:], "")
	}
	return titleText(titleText(title) + in)
}

// maxTitle is how many bytes of a title are kept. GitHub takes 256 characters.
const maxTitle = 250

// shortTitle returns what a template has made of a title: inert, on one line, and not too long.
func shortTitle(s string) string {
	s = titleText(strings.Join(strings.Fields(s), " "))
	if len(s) > maxTitle {
		s = strings.ToValidUTF8(s[:maxTitle-len("…")], "") + "…"
	}
	return s
}
