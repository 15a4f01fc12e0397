package publish

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// A push option is one line, whatever the texts hold, and GitLab makes of it what the
// text says.
func TestMergeRequestOptions(t *testing.T) {
	t.Parallel()
	change := Change{
		Change: bumper.Change{Branch: "propagate/b", Title: "Update\nbase-java to 1.0.1"},
		Body:   "First line.\r\n/merge\n\n```\n/kept\n```\nC:\\new\n", Labels: []string{"deps", "a b"}, Assignees: []string{"@kim"},
	}
	p := Push{Draft: true}
	want := []string{
		"merge_request.create", "merge_request.title=Update base-java to 1.0.1",
		`merge_request.description=First line.\n\/merge\n\n` + "```" + `\n/kept\n` + "```" + `\nC:\` + "\u200b" + `new`,
		"merge_request.target=main", "merge_request.label=deps", "merge_request.label=a b", "merge_request.assign=kim",
		"merge_request.remove_source_branch", "merge_request.draft",
	}
	if got := p.mergeRequest(change, "main", true); !slices.Equal(got, want) {
		t.Errorf("options of a new one:\n%q\nwant\n%q", got, want)
	}
	// What is open keeps its target, its labels and its people.
	if got := p.mergeRequest(change, "main", false); !slices.Equal(got, want[:3]) {
		t.Errorf("options of one that is open:\n%q\nwant\n%q", got, want[:3])
	}
	for _, option := range want {
		if strings.ContainsAny(option, "\n\r") {
			t.Errorf("%q has more than one line", option)
		}
	}
}

// A text that is too long for a push option is cut between two paragraphs, and what was
// open there is closed.
func TestMergeRequestTextIsCut(t *testing.T) {
	t.Parallel()
	body := "Head.\n\n<details><summary>more</summary>\n\n" + strings.Repeat("| a row of a table |\n", 10_000) + "\n</details>\n"
	got := optionText(body)
	if want := `Head.\n\n<details><summary>more</summary>\n\n</details>\n` + shortened; got != want {
		t.Errorf("%.200q, want %q", got, want)
	}
	many := optionText(strings.Repeat("A paragraph.\n\n", 10_000))
	if len(many) > maxOption+len(shortened)+20 || !strings.HasSuffix(many, shortened) || len(many) < maxOption/4 {
		t.Errorf("%d bytes, which end in %q", len(many), many[len(many)-80:])
	}
	if got := firstRunes("aéz", 2); got != "aé" {
		t.Errorf("the first two are %q", got)
	}
}

// What a server says counts only where it speaks of the host that was pushed to.
func TestWhatServersSay(t *testing.T) {
	t.Parallel()
	const remote = "git@gitlab.example:o/r.git"
	for _, test := range []struct {
		talk        string
		number      int
		link, error string
	}{
		{"View merge request for b:\nhttps://gitlab.example/o/r/-/merge_requests/12\n", 12, "", ""},
		{"View merge request for b:\nhttps://evil.example/o/r/-/merge_requests/12\n", 0, "", ""},
		{"To create a merge request for b, visit:\nhttps://gitlab.example/o/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=b\n", 0,
			"https://gitlab.example/o/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=b", ""},
		{"Create pull request for b:\nhttps://gitlab.example/projects/O/repos/r/pull-requests?create&sourceBranch=b&t=1\n", 0, "https://gitlab.example/projects/O/repos/r/pull-requests?create&sourceBranch=b&t=1", ""},
		{"To create a merge request for b, visit:\nhttps://evil.example/o/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=b\n", 0, "", ""},
		{"see https://gitlab.example/news about push options\n", 0, "", ""},
		{"WARNINGS:\nError encountered with push options 'merge_request.create':\nTarget branch o/r:x does not exist\n\n====\n", 0, "",
			"Error encountered with push options 'merge_request.create': Target branch o/r:x does not exist"},
	} {
		pull := opened(remote, test.talk, "b", "main", "t")
		if number := 0; pull != nil {
			if number = pull.Number; number != test.number || !strings.HasPrefix(pull.URL, "https://gitlab.example/") {
				t.Errorf("%q: pull request %+v", test.talk, pull)
			}
		} else if test.number != 0 {
			t.Errorf("%q: no pull request", test.talk)
		}
		if got := linkIn(test.talk, remote, "b"); got != test.link {
			t.Errorf("%q: link %q, want %q", test.talk, got, test.link)
		}
		if got := refusedOptions(test.talk); got != test.error {
			t.Errorf("%q: error %q, want %q", test.talk, got, test.error)
		}
	}
}
