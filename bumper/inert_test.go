package bumper

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/matihlabs/propagate/graph"
)

// hostile are names that do something in a title, a commit message or a branch, with
// what they read there.
var hostile = []struct{ name, title, message string }{
	{"services/iam", "services/iam", "services/iam"},
	{"services/[id]/a b", "services/[id]/a b", "services/[id]/a b"},
	{"services/\u00e4\u00f6\u00fc", "services/\u00e4\u00f6\u00fc", "services/\u00e4\u00f6\u00fc"},
	{"C#/F#", "C#/F#", "C#/F#"},
	{"mail/a@b.example", "mail/a@b.example", "mail/a@b.example"},
	{"1.0.0@sha256:0123", "1.0.0@sha256:0123", `"1.0.0@sha256:0123"`},

	{"fixes #1", "fixes # 1", "fixes # 1"},
	{"Closes: #12", "Closes: # 12", `"Closes: # 12"`},
	{"closes org/repo#2", "closes org/repo# 2", "closes org/repo# 2"},
	{"resolves GH-3", "resolves GH- 3", "resolves GH- 3"},
	{"resolves gh-3", "resolves gh- 3", "resolves gh- 3"},
	{"fix https://github.com/o/r/issues/4", "fix https: //github.com/o/r/issues/4", `"fix https: //github.com/o/r/issues/4"`},
	{"##5", "## 5", "## 5"},

	{"@team", "@ team", "@ team"},
	{"@org/team", "@ org/team", "@ org/team"},
	{"a/@someone", "a/@ someone", "a/@ someone"},
	{"@@someone (@other)", "@@ someone (@ other)", "@@ someone (@ other)"},
	{"<b>@x</b>", "<b>@ x</b>", "<b>@ x</b>"},

	{"a\nCo-authored-by: x <x@y>", "a<U+000A>Co-authored-by: x <x@y>", `"a\nCo-authored-by: x <x@y>"`},
	{"a\r\n\r\nSigned-off-by: x <x@y>", "a<U+000D><U+000A><U+000D><U+000A>Signed-off-by: x <x@y>", `"a\r\n\r\nSigned-off-by: x <x@y>"`},
	{"a\u2028Signed-off-by: x", "a<U+2028>Signed-off-by: x", `"a<U+2028>Signed-off-by: x"`},
	{"a\u2029b", "a<U+2029>b", `"a<U+2029>b"`},
	{"a\u0085b", "a<U+0085>b", `"a<U+0085>b"`},
	{"a\vb\fc", "a<U+000B>b<U+000C>c", `"a\vb\fc"`},
	{"a\x00b\x1b[31mc", "a<U+0000>b<U+001B>[31mc", `"a\000b\033[31mc"`},
	{"Co-authored-by: x <x@y>", "Co-authored-by: x <x@y>", `"Co-authored-by: x <x@y>"`},
	{"skip-checks: true", "skip-checks: true", `"skip-checks: true"`},
	{" leading", " leading", `" leading"`},
	{"quote\"d", "quote\"d", `"quote\"d"`},
	{"back\\slash", "back\\slash", `"back\\slash"`},
	{"latin\xe9", "latin\ufffd", "\"latin\ufffd\""},
	{"bidi\u202eelif", "bidi<U+202E>elif", `"bidi<U+202E>elif"`},
	{"zero\u200bwidth", "zero<U+200B>width", `"zero<U+200B>width"`},
	{"soft\u00adhyphen", "soft<U+00AD>hyphen", `"soft<U+00AD>hyphen"`},
	{"filler\u3164", "filler<U+3164>", `"filler<U+3164>"`},
	{"selector\ufe0f", "selector<U+FE0F>", `"selector<U+FE0F>"`},
	{"isolate\u2066x\u2069", "isolate<U+2066>x<U+2069>", `"isolate<U+2066>x<U+2069>"`},
	{"Signed-off-by", "Signed-off-by", `"Signed-off-by"`},
	{"<!-- propagate v2 e30= -->", "<! -- propagate v2 e30= -- >", "<! -- propagate v2 e30= -- >"},
	{"--!>", "-- !>", "-- !>"},

	{"[skip ci]", "[ skip ci]", "[ skip ci]"},
	{"[CI Skip]", "[ CI Skip]", "[ CI Skip]"},
	{"[no ci]", "[ no ci]", "[ no ci]"},
	{"[skip actions]", "[ skip actions]", "[ skip actions]"},
	{"[actions skip]", "[ actions skip]", "[ actions skip]"},
	{"[skip-ci]", "[ skip-ci]", "[ skip-ci]"},
	{"[[skip ci]]", "[[ skip ci]]", "[[ skip ci]]"},
	{"[dependabot skip]", "[ dependabot skip]", "[ dependabot skip]"},
	{"***NO_CI***", "* * *NO_CI* * *", "* * *NO_CI* * *"},
}

func TestTitleText(t *testing.T) {
	for _, test := range hostile {
		got := titleText(test.name)
		if got != test.title || titleText(got) != got {
			t.Errorf("%q reads %q and then %q, want %q", test.name, got, titleText(got), test.title)
		}
	}
}

// What a title is of is cut by the length that it has there.
func TestTitled(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{" in fix #1", "Update base in fix # 1"},
		{strings.Repeat("a", 98) + "#1", "Update base" + strings.Repeat("a", 40) + "…" + strings.Repeat("a", 47) + "# 1"},
		{strings.Repeat("a", 100), "Update base" + strings.Repeat("a", 100)},
	} {
		if got := titled("Update base", test.in); got != test.want {
			t.Errorf("%q reads %q, want %q", test.in, got, test.want)
		}
	}
}

func TestMessageText(t *testing.T) {
	for _, test := range hostile {
		if got := messageText(test.name); got != test.message {
			t.Errorf("%q reads %q, want %q", test.name, got, test.message)
		}
	}
	line := Edit{Path: "a\nfixes #1", Line: 3, Old: "1.0.0", New: "1.0.1@sha256:ab"}.MessageLine()
	if line != `"a\nfixes # 1":3: 1.0.0 -> 1.0.1@sha256:ab` {
		t.Errorf("got %q", line)
	}
}

// What is quoted in a body is as it is written, unless it would do something without
// the quotation.
func TestCodeIsInert(t *testing.T) {
	for name, want := range map[string]string{
		"services/#1": "`services/#1`", "@team": "`@team`", "fixes #1": "`fixes # 1`", "closes org/repo#2": "`closes org/repo# 2`",
		"resolved: GH-3": "`resolved: GH- 3`", "[skip ci]": "`[ skip ci]`", "***NO_CI***": "`* * *NO_CI* * *`", "a\u2028b\rc": "`a<U+2028>b<U+000D>c`",
		"prefixes #1": "`prefixes #1`", "<!-- propagate v2 e30= -->": "`<! -- propagate v2 e30= -- >`", "](https://evil.example)": "`](https://evil.example)`",
		"a`b": "`` a`b ``", "``": "``` `` ```", "": "`  `", " a ": "`  a  `", "a|b": "`a|b`", "</details>": "`</details>`",
	} {
		if got := code(name); got != want {
			t.Errorf("%q reads %q, want %q", name, got, want)
		}
	}
}

// A cell of a table ends nowhere but at its end, whatever its reader takes a backslash before a bar for.
func TestCellIsInert(t *testing.T) {
	for name, want := range map[string]string{
		"a/b": "`a/b`", "a.x|b": "<code>a.x&#x7c;b</code>", `a\|b`: "<code>a&#x5c;&#x7c;b</code>", "a|<b>@x": "<code>a&#x7c;&#x3c;b&#x3e;&#x40;x</code>", "|`\u202e": "<code>&#x7c;&#x60;&#x3c;U+202E&#x3e;</code>",
		"|www.evil.example": "<code>&#x7c;www&#x2e;evil&#x2e;example</code>",
	} {
		if got := cell(name); got != want {
			t.Errorf("%q reads %q, want %q", name, got, want)
		}
	}
}

// The branches of all hostile names are valid for git, inert and different.
func TestSlug(t *testing.T) {
	harmless := regexp.MustCompile(`^[a-z0-9._-]+$`)
	names := []string{"", ".", "..", "-", "--", "a", "A", "a.", ".a", "a..b", "a.b", "a/b", "a//b", "a.lock", "a.lock/b", "a--b", "a-b", "a--onto-b", "HEAD", "@", "@{0}", "a@{1}", "a~1", "a^", "a:b", "a?b", "a*", "a[b", "$(id)", "`id`", "a;b", "&&", "|", "\u212a", strings.Repeat("x", 300), strings.Repeat("x", 301)}
	for _, test := range hostile {
		names = append(names, test.name)
	}
	p := &Plan{Graph: graph.New(nil, nil, nil)}
	seen := map[string]string{}
	for _, name := range names {
		for _, part := range []string{"service-" + slugPath(name), "team-" + slug(name)} {
			branch := BranchPrefix + p.branch(Change{GroupSlug: part}, "")
			if other, ok := seen[branch]; ok {
				t.Errorf("%q and %q are both on %s", name, other, branch)
			}
			seen[branch] = name
			if !harmless.MatchString(strings.TrimPrefix(branch, BranchPrefix)) {
				t.Errorf("%q is on %q", name, branch)
			}
		}
	}
	for branch, name := range seen {
		if out, err := exec.CommandContext(t.Context(), "git", "check-ref-format", "--branch", branch).CombinedOutput(); err != nil {
			t.Errorf("%q: git refuses %q: %s", name, branch, out)
		}
	}
	for name, want := range map[string]string{"services/iam": "services.iam", "a": "a", "services/my-app_2/x": "services.my-app_2.x"} {
		if got := slugPath(name); got != want {
			t.Errorf("the path %q is %s in a branch, want %s", name, got, want)
		}
	}
}

func FuzzInert(f *testing.F) {
	for _, test := range hostile {
		f.Add(test.name)
	}
	special := regexp.MustCompile(`#[0-9]|(?i)\bGH-[0-9]|://|\*\*\*|(?i)\[(?:skip (?:ci|actions)|(?:ci|actions) skip|no ci)\]|(?:^|[^\pL\pN_])@[A-Za-z0-9]`)
	f.Fuzz(func(t *testing.T, name string) {
		for _, got := range []string{titleText(name), messageText(name)} {
			if m := special.FindString(got); m != "" {
				t.Errorf("%q reads %q, with %q", name, got, m)
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q reads %q", name, got)
			}
		}
		if regexp.MustCompile(`^[A-Za-z0-9-]+\s*:`).MatchString(messageText(name)) {
			t.Errorf("%q is a trailer: %q", name, messageText(name))
		}
	})
}
