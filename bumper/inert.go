package bumper

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/matihlabs/propagate/internal/source"
)

// Names in a repository are written by anybody who may open a pull request for it. In
// the texts that a change is published with they must do nothing: close an issue,
// mention a person, add a trailer, or keep CI from running. There is one function for
// each kind of text: titleText, messageText, code and cell (for Markdown) and slug (for
// branches). What nobody sees is shown as its code point, as in <U+202E>.
//
// Titles and messages have no markup that would quote a name, and a title becomes a
// commit message when a pull request is merged. So the sign that makes a name special is
// followed by a space, which everybody sees: "fixes #1" reads "fixes # 1". What
// GitHub acts on is in its documentation: "Linking a pull request to an issue" (a
// keyword, then #1, owner/repo#1 or a URL, in a pull request or a commit message),
// "Autolinked references and URLs" (also GH-1), "Basic writing and formatting syntax"
// (@person and @organization/team), "Skipping workflow runs" ([skip ci] and its
// like, and the trailer skip-checks) and "Creating a commit with multiple authors" (the
// trailer Co-authored-by). Azure Pipelines looks for ***NO_CI*** as well.

// titleText returns a text as it may stand in a title: on one line, and inert.
func titleText(s string) string { return inert(source.Visible(s)) }

// messageText returns a name from a repository as it may stand in a commit message, at
// the beginning of a line too: on one line, inert, and in double quotes where it could
// pass for a trailer or holds what is not printed.
func messageText(s string) string {
	quoted := source.QuotePath(s)
	special := func(r rune) bool { return r == ':' || r == unicode.ReplacementChar }
	if quoted == s && (strings.ContainsFunc(s, special) || strings.TrimSpace(s) != s || source.Visible(s) != s || trailerKey().MatchString(s)) {
		quoted = `"` + s + `"`
	}
	return inert(source.Visible(quoted))
}

// MessageLine returns the line on an edit in a commit message.
func (e Edit) MessageLine() string {
	return fmt.Sprintf("%s:%d: %s -> %s", messageText(e.Path), e.Line, titleText(e.Old), titleText(e.New))
}

// trailerKey is a name that would be the key of a trailer before a colon.
var trailerKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]+(?:-[A-Za-z]+)+$`) })

var (
	// reference is one to an issue of this or another repository.
	reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(#|(?i:\bgh-))(\pN)`) })
	// mention is an @ that does not stand in a word, as it does in an address or
	// between a tag and a digest.
	mention = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|[^\pL\pN_])@([\pL\pN_-])`) })
	// bracketed is what may be a wish to be left out by CI, if skips says so.
	bracketed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[([^\s\[\]][^\[\]]*)\]`) })
	skips     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)skip|no[ _-]?ci`) })
	// closing is a keyword with a reference to an issue behind it.
	closing = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?)\b:?\s+\S*(?:#|\bgh-|://)`)
	})
)

// inert puts a space behind what makes a text special: "# 1", "GH- 1", "@ name", ": //",
// "[ skip ci]" and "* * *". It comes to the same if it is done again.
func inert(s string) string {
	for mention().MatchString(s) { // two of them may share a character
		s = mention().ReplaceAllString(s, "$1@ $2")
	}
	return inertCI(inertReferences(s))
}

func inertReferences(s string) string {
	return strings.ReplaceAll(reference().ReplaceAllString(s, "$1 $2"), "://", ": //")
}

// inertCI is the part of inert for what CI systems look for.
func inertCI(s string) string {
	s = bracketed().ReplaceAllStringFunc(s, func(m string) string {
		if skips().MatchString(m) {
			return "[ " + m[1:]
		}
		return m
	})
	return comments().Replace(strings.ReplaceAll(s, "***", "* * *"))
}

// comments opens and ends none of HTML, in which what is hidden in a body stands.
var comments = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("<!--", "<! --", "-->", "-- >", "--!>", "-- !>")
})

// marker is how the comment begins that the publisher hides in a body.
var marker = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)<!--(\s*propagate\b)`) })

// unmarked returns what a template has made of a body without anything that could be taken for what the
// publisher hides in it.
func unmarked(body string) string {
	return marker().ReplaceAllString(strings.ToValidUTF8(body, "\ufffd"), "<! --$1")
}

// inertCode is inert for a text that is quoted in Markdown. There a name mentions
// nobody; but the description of a pull request becomes the message of a commit where
// a repository is set to squash so, and nothing is quoted in that.
func inertCode(s string) string {
	if closing().MatchString(s) {
		s = inertReferences(s)
	}
	return inertCI(s)
}
