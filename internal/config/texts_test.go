package config_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
)

func TestTexts(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`
group: monthly
branch-prefix: bots/propagate/
templates:
  title: "chore(deps): bump {{range .Bases}}{{.Name}} to {{.Version}}{{end}}"
  body: |
    {{.Summary}}
    {{- with .Left}}{{.}}{{end}}
  commit: "{{.Title}}\n\n{{.Lines}}"
pulls:
  draft: true
  reviewers: [octocat, "@acme/platform", "some-app[bot]"]
  assignees: ["@hubot"]
  max-open: 10
`))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Pulls{Draft: true, Reviewers: []string{"octocat", "acme/platform", "some-app[bot]"}, Assignees: []string{"hubot"}, MaxOpen: 10}
	if !reflect.DeepEqual(c.Pulls, want) || c.Prefix != "bots/propagate/" || c.Group != bumper.AllInOne || c.GroupName != "monthly" || c.Templates.Title == nil || c.Templates.Body == nil || c.Templates.Commit == nil {
		t.Errorf("got %+v", c)
	}
	if c, err = config.Parse("x", []byte("pulls:\ntemplates:\n")); err != nil || !reflect.DeepEqual(c.Pulls, config.Pulls{}) || c.Templates != (bumper.Templates{}) {
		t.Errorf("keys without a value: %+v, %v", c, err)
	}
}

// What is wrong is said at its place, in a template too: what follows " -> " is the hint.
func TestWrongTexts(t *testing.T) {
	const fields = "the fields are Title, Bases, Services, Edits, Group, Part, Parts, Wave, Waves, Step, Emergency, Owners, Command and Lines, and in a body Summary, Table, Graph, Rebuilt, Waiting, Left and Again"
	for name, tc := range map[string]struct{ text, want string }{
		"a field that there is not":           {"templates:\n  title: 'bump {{.Nam}}'\n", `2:18: templates.title: there is no field Nam here -> ` + fields},
		"a field of a base that there is not": {"templates:\n  title: \"x {{range .Bases}}{{.Tag}}{{end}}\"\n", `2:31: templates.title: there is no field Tag here -> a base has Image, Name, Line, Version, From and Step`},
		"in the third line of a block":        {"templates:\n  body: |\n    a\n\n    b {{.Servcies}}\n", `5:9: templates.body: there is no field Servcies here -> ` + fields},
		"an action that is not closed":        {"templates:\n  commit: |\n    a\n    {{if .Group\n", `4:5: templates.commit: unclosed action`},
		"a function that there is not":        {"templates: {title: '{{env}}'}\n", `1:21: templates.title: there is no function env -> a field begins with a point: .Title`},
		"a function of files":                 {"templates: {title: 'a {{readFile \"x\"}}'}\n", `1:21: templates.title: there is no function readFile -> a field begins with a point: .Title`},
		"nothing at all":                      {"templates: {title: ' '}\n", `1:21: templates.title: it is empty -> leave it out, and propagate says what it says by itself`},
		"nothing for a sample":                {"templates: {title: '{{.Group}}'}\n", `1:21: templates.title: it makes nothing of a sample -> write a text beside what depends on the change`},
		"several lines of a title":            {"templates: {title: \"a\\nb\"}\n", `1:21: templates.title: it makes several lines, and a title is one -> {{- and -}} take the line ends beside them away`},
		"another template":                    {"templates: {body: 'x{{define \"a\"}}{{template \"a\"}}{{end}}'}\n", `1:20: templates.body: it defines another template -> write it out where it is used`},
		"a template that sets itself off":     {"templates: {body: 'x{{template \"\"}}'}\n", `1:20: templates.body: it sets another template off -> write it out where it is used`},
		"a loop that takes for ever":          {"templates: {body: 'x{{range 1000000000}}{{end}}'}\n", `1:29: templates.body: its loops take more than 100000 turns`},
		"loops in loops":                      {"templates: {body: 'x{{range 10000}}{{range 10000}}{{range 10000}}{{end}}{{end}}{{end}}'}\n", `1:59: templates.body: its loops take more than 100000 turns`},
		"more than fits":                      {"templates: {body: '{{range 90000}}a long text that is written again and again{{end}}'}\n", `1:20: templates.body: it makes more than 1048576 bytes`},
		"a text that doubles":                 {"templates: {body: '{{$x := .Title}}{{range 60}}{{$x = print $x $x}}{{end}}{{$x}}'}\n", `1:55: templates.body: it makes more than 1048576 bytes`},
		"a text that doubles and is not used": {"templates: {body: 'x{{$x := .Title}}{{range 18}}{{$x = print \"\" $x $x}}{{end}}'}\n", `1:56: templates.body: it makes more than 1048576 bytes`},
		"a width":                             {"templates: {body: '{{printf \"%99999d\" 1}}'}\n", `1:22: templates.body: printf takes no width of more than three digits: "%99999d"`},
		"a width that is an argument":         {"templates: {body: '{{printf \"%*d\" 99999 1}}'}\n", `1:22: templates.body: printf takes no width of more than three digits: "%*d"`},
		"many verbs":                          {"templates: {body: '{{$x := printf \"%900d\" 1}}{{printf \"" + strings.Repeat("%[1]s", 9000) + "\" $x}}'}\n", `1:48: templates.body: it makes more than 1048576 bytes`},
		"a call":                              {"templates: {body: '{{call .Title}}'}\n", `1:22: templates.body: there is nothing to call`},
		"a template that is a list":           {"templates: {title: [a]}\n", `1:20: templates.title takes a text, not a list`},
		"an unknown template":                 {"templates: {tittle: a}\n", `1:13: unknown key tittle of templates -> did you mean title? the keys of templates are title, body and commit`},
		"a prefix without an end":             {"branch-prefix: bots\n", `1:16: branch-prefix: "bots" does not end with / -> it is one or more names of directories, each with / behind it: bots/propagate/`},
		"a prefix that git refuses":           {"branch-prefix: a..b/\n", `1:16: branch-prefix: "a..b/" is refused by git -> it is one or more names of directories, each with / behind it: bots/propagate/`},
		"a prefix for a shell":                {"branch-prefix: $(id)/\n", `1:16: branch-prefix: "$(id)/" holds something else than letters, digits, and . _ - inside the names of directories -> it is one or more names of directories, each with / behind it: bots/propagate/`},
		"a prefix of nothing":                 {"branch-prefix: ''\n", `1:16: branch-prefix: "" does not end with / -> it is one or more names of directories, each with / behind it: bots/propagate/`},
		"a draft that is neither":             {"pulls: {draft: maybe}\n", `1:16: pulls.draft: "maybe" is neither true nor false -> write true or false`},
		"none at a time":                      {"pulls: {max-open: 0}\n", `1:19: pulls.max-open: "0" is no such number -> a whole number from 1 to 10000`},
		"a reviewer with a space":             {"pulls: {reviewers: [octocat, 'a b']}\n", `1:30: pulls.reviewers: "a b" is nobody's name -> a login, such as octocat, or a team, such as org/team`},
		"a team that is assigned":             {"pulls: {assignees: [acme/platform]}\n", `1:21: pulls.assignees: "acme/platform" is nobody's name -> a login, such as octocat`},
		"more assignees than GitHub takes":    {"pulls: {assignees: [a, b, c, d, e, f, g, h, i, j, k]}\n", `1:51: pulls.assignees has more than 10 entries -> GitHub takes no more`},
		"pulls that are a list":               {"pulls: [draft]\n", `1:8: pulls takes keys with values, not a list -> the keys of pulls are draft, reviewers, assignees and max-open`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse(".propagate.yaml", []byte(tc.text))
			var all config.Errors
			if !errors.As(err, &all) || len(all) != 1 {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			got := strings.TrimPrefix(all[0].Error(), ".propagate.yaml:")
			if all[0].Hint != "" {
				got += " -> " + all[0].Hint
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
