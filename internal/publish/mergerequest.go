package publish

import (
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/forge"
)

// mergeRequest returns the push options by which GitLab opens the merge request of a
// branch, or changes the one that is open. A push option is one line: GitLab, from 15.0
// on, makes a line end of the two characters \n in a description.
//
// What is open already keeps its target, its labels and its people; the texts say what
// the branch holds now.
func (p *Push) mergeRequest(change Change, base string, isNew bool) []string {
	options := []string{"merge_request.create"}
	add := func(key, value string) {
		if value = oneLine(value); value != "" {
			options = append(options, "merge_request."+key+"="+value)
		}
	}
	add("title", firstRunes(change.Title, maxTitle))
	add("description", optionText(change.Body))
	if !isNew {
		return options
	}
	add("target", base)
	for _, label := range change.Labels {
		add("label", label)
	}
	for _, person := range change.Assignees {
		add("assign", strings.TrimPrefix(person, "@"))
	}
	options = append(options, "merge_request.remove_source_branch")
	if p.Draft {
		options = append(options, "merge_request.draft")
	}
	return options
}

const (
	// maxTitle is what GitLab takes, in characters.
	maxTitle = 255
	// maxOption is what fits into a push option: a line of git's protocol is at most
	// 65,516 bytes.
	maxOption = 60_000
	// maxOptionWindows is what fits into a command line there, beside the branch.
	maxOptionWindows = 20_000
)

// optionText writes the text of a merge request as one line. Where the text itself has
// the characters \n, they are kept apart, and a line that GitLab would take for a command,
// such as /merge, is none.
func optionText(body string) string {
	limit := maxOption
	if runtime.GOOS == "windows" {
		limit = maxOptionWindows
	}
	body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	folds, whole := 0, 0 // <details> that are open, and the end of the last paragraph
	openAt := 0          // folds, there
	fenced := false
	for line := range strings.Lines(body) {
		text := strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(text, "```") {
			fenced = !fenced
		}
		if !fenced && strings.HasPrefix(text, "/") {
			text = `\` + text
		}
		text = strings.ReplaceAll(text, `\n`, "\\\u200bn")
		if b.Len()+len(text)+len(`\n`) > limit {
			return b.String()[:whole] + strings.Repeat(`</details>\n`, openAt) + shortened
		}
		b.WriteString(text + `\n`)
		folds += strings.Count(text, "<details") - strings.Count(text, "</details>")
		if text == "" && !fenced {
			whole, openAt = b.Len(), max(folds, 0)
		}
	}
	return strings.TrimSuffix(b.String(), `\n`)
}

// shortened ends a text that is too long for a push option.
const shortened = `\n*This text is cut here. The message of the commit names every edit.*`

// oneLine takes the line ends out of a value: git refuses a push option that has some.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == 0 {
			return ' '
		}
		return r
	}, s)
}

// firstRunes cuts s after n characters.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// mergeRequests are the addresses by which GitLab answers a push.
var mergeRequests = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`https?://[^\s?]+/merge_requests/([0-9]+)\b`)
})

// opened finds the merge request that a server says a branch has, at the host that the
// branch was pushed to.
func opened(remote, talk, branch, base, title string) *forge.Pull {
	page, _, ok := webPage(remote)
	if !ok {
		return nil
	}
	for _, m := range mergeRequests().FindAllStringSubmatch(talk, -1) {
		number, err := strconv.Atoi(m[1])
		if u, urlErr := url.Parse(m[0]); err == nil && urlErr == nil && strings.EqualFold(u.Hostname(), page.Hostname()) {
			return &forge.Pull{Number: number, URL: m[0], State: forge.Open, Branch: branch, Base: base, Title: title}
		}
	}
	return nil
}

// refusedOptions returns what GitLab says of push options that it did not carry out; ""
// where it does not. It says it in several lines, up to an empty one.
func refusedOptions(talk string) string {
	_, rest, found := strings.Cut("\n"+talk, "\nError encountered with push options")
	if !found {
		return ""
	}
	said := "Error encountered with push options"
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "====") {
			break
		}
		said += " " + line
	}
	return said
}

// addresses are those in what a server says.
var addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`https?://\S+`) })

// linkIn finds the page that a server names for the pull request of a branch, at the host
// that the branch was pushed to.
func linkIn(talk, remote, branch string) string {
	page, _, ok := webPage(remote)
	if !ok {
		return ""
	}
	for _, found := range addresses().FindAllString(talk, -1) {
		u, err := url.Parse(found)
		if err != nil || !strings.EqualFold(u.Hostname(), page.Hostname()) {
			continue
		}
		for _, written := range []string{branch, url.QueryEscape(branch), url.PathEscape(branch)} {
			if strings.HasSuffix(found, written) || strings.Contains(found, written+"&") || strings.Contains(found, written+"?") {
				return found
			}
		}
	}
	return ""
}
