package config

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

const (
	// mostOpen is more pull requests than anybody looks at.
	mostOpen = 10_000
	// mostReviewers and mostAssignees are what GitHub takes.
	mostReviewers, mostAssignees = 15, 10
	// mostLabel is how many characters a label of GitHub has.
	mostLabel = 50
)

// Pulls says how pull requests are opened.
type Pulls struct {
	Draft     bool
	Reviewers []string // logins, and teams as "org/team"
	Assignees []string // logins
	MaxOpen   int      // how many may be open at a time; 0 is for as many as there are
}

// pulls reads what is said of pull requests.
func (d *decoder) pulls(node *yaml.Node) (p Pulls) {
	if isNull(node) {
		return p
	}
	d.mapping("pulls", node, []key{
		{"draft", func(n *yaml.Node) { p.Draft = d.yesOrNo("pulls.draft", n) }},
		{"reviewers", func(n *yaml.Node) { p.Reviewers = d.people("pulls.reviewers", n, true, mostReviewers) }},
		{"assignees", func(n *yaml.Node) { p.Assignees = d.people("pulls.assignees", n, false, mostAssignees) }},
		{"max-open", func(n *yaml.Node) { p.MaxOpen = d.number("pulls.max-open", n, mostOpen) }},
	})
	return p
}

func (d *decoder) yesOrNo(name string, node *yaml.Node) bool {
	text, ok := d.text(name, node)
	if ok && text != "true" && text != "false" {
		d.fail(node, "write true or false", "%s: %q is neither true nor false", name, shorten(text))
	}
	return text == "true"
}

var (
	login = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?(?:\[bot\])?$`)
	})
	team = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_][A-Za-z0-9._-]*$`)
	})
)

// groupName is a name that a repository gives to its one change.
var groupName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?$`) })

// people reads a list of logins, with an @ before them or not; and of teams where they are taken.
func (d *decoder) people(name string, node *yaml.Node, teams bool, most int) (all []string) {
	hint := "a login, such as octocat"
	if teams {
		hint += ", or a team, such as org/team"
	}
	items := d.items(name, node)
	if len(items) > most {
		d.fail(items[most], "GitHub takes no more", "%s has more than %d entries", name, most)
		return nil
	}
	for _, item := range items {
		text, ok := d.text("an entry of "+name, item)
		if !ok {
			continue
		}
		who := strings.TrimPrefix(text, "@")
		if known := login().MatchString(who) || teams && team().MatchString(who); !known {
			d.fail(item, hint, "%s: %q is nobody's name", name, shorten(text))
			continue
		}
		all = append(all, who)
	}
	return all
}

// templates reads those of the texts of a change.
func (d *decoder) templates(node *yaml.Node) (t bumper.Templates, texts templatesForm) {
	if isNull(node) {
		return t, texts
	}
	d.mapping("templates", node, []key{
		{"title", func(n *yaml.Node) { t.Title, texts.Title = d.template("templates.title", n, true) }},
		{"body", func(n *yaml.Node) { t.Body, texts.Body = d.template("templates.body", n, false) }},
		{"commit", func(n *yaml.Node) { t.Commit, texts.Commit = d.template("templates.commit", n, false) }},
	})
	return t, texts
}

func (d *decoder) template(name string, node *yaml.Node, title bool) (*bumper.Template, *textTemplateForm) {
	text, ok := d.text(name, node)
	if !ok {
		return nil, nil
	}
	t, err := bumper.ParseTemplate(text, title, func(line, col int) source.Pos { return d.posIn(node, text, line, col) })
	var wrong *source.Error
	if errors.As(err, &wrong) {
		d.failAt(wrong.Pos, wrong.Hint, "%s: %w", name, wrong.Err)
		return nil, nil
	}
	written := textTemplateForm(text)
	return t, &written
}

// posIn returns the place of a line and a byte in the text of a node, that of the node where the
// text is written in a form that cannot be followed.
func (d *decoder) posIn(node *yaml.Node, text string, line, col int) source.Pos {
	target, ok := d.follow(node)
	if !ok {
		return d.pos(node)
	}
	at := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	at = min(at+col-1, len(text)-1)
	read := d.places.Text(target)
	if at < 0 || at >= len(read.S) || read.S != text {
		return d.pos(node)
	}
	if pos := read.Slice(at, at+1).Pos(); pos.Line > 0 {
		return pos
	}
	return d.pos(node)
}

// branchPrefix reads what the names of branches begin with.
func (d *decoder) branchPrefix(node *yaml.Node) string {
	text, ok := d.text("branch-prefix", node)
	if !ok {
		return ""
	}
	if err := bumper.CheckBranchPrefix(text); err != nil {
		d.fail(node, "it is one or more names of directories, each with / behind it: bots/propagate/", "branch-prefix: %w", err)
		return ""
	}
	return text
}
