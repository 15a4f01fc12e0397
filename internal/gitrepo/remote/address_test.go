package remote_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// What is a URL, and what is the path of a directory.
func TestIsAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://host/org/repo": true, "ssh://git@host/repo": true, "git@host:org/repo.git": true, "host:repo": true, "file:///srv/repo": true,
		"ext::sh -c true": true, "--upload-pack=x://y": true,
		".": false, "repo": false, "../a:b": false, "/srv/a:b": false, "./a:b": false, `C:\work`: false, "C:/work": false, "c:work": false, ":x": false, "": false,
	} {
		if got := remote.IsAddress(text); got != want {
			t.Errorf("IsAddress(%q) = %t", text, got)
		}
	}
}

// A URL is taken apart into what git gets and what it logs in with.
func TestParseAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ raw, url, shown, slug, login string }{
		{raw: "https://host.example/org/repo", url: "https://host.example/org/repo", slug: "host.example-org-repo"},
		{raw: "HTTPS://Host.Example/Org/Repo.git/", url: "https://host.example/Org/Repo.git", slug: "host.example-Org-Repo"},
		{raw: "https://host.example:8443/a/b/c/repo.git", url: "https://host.example:8443/a/b/c/repo.git", slug: "host.example-c-repo"},
		{raw: "https://me:p%40ss@host.example/repo", url: "https://host.example/repo", slug: "host.example-repo", login: "https://host.example me p@ss"},
		{raw: "https://" + longToken + "@host.example/org/repo", url: "https://host.example/org/repo", login: "https://host.example " + longToken + " "},
		{raw: "https://me@host.example/repo", url: "https://host.example/repo", login: "https://host.example me "},
		{raw: "http://me:secret@127.0.0.1:8080/repo", url: "http://127.0.0.1:8080/repo", slug: "127.0.0.1-8080-repo", login: "http://127.0.0.1:8080 me secret"},
		{raw: "http://[::1]:8080/org/repo", url: "http://[::1]:8080/org/repo"},
		{raw: "ssh://git@host.example:22/org/repo.git", url: "ssh://git@host.example:22/org/repo.git", shown: "ssh://host.example:22/org/repo.git", slug: "host.example-org-repo"},
		{raw: "ssh://git:secret@host.example/repo", url: "ssh://git@host.example/repo", shown: "ssh://host.example/repo"},
		{raw: "git@host.example:org/repo.git", url: "git@host.example:org/repo.git", shown: "host.example:org/repo.git", slug: "host.example-org-repo"},
		{raw: "host.example:repo", url: "host.example:repo"},
		{raw: "git://host.example/repo", url: "git://host.example/repo"},
		{raw: "file:///srv/git/repo.git", url: "file:///srv/git/repo.git", slug: "git-repo"},
		{raw: "https://host.example/a%20b", url: "https://host.example/a%20b"},
	} {
		a, err := remote.ParseAddress(test.raw)
		if err != nil {
			t.Errorf("%s: %v", test.raw, err)
			continue
		}
		login := ""
		if a.Login != nil {
			login = a.Login.Site + " " + a.Login.Username + " " + a.Login.Password
		}
		if want := test.shown; a.URL != test.url || login != test.login || want != "" && a.String() != want {
			t.Errorf("%s: URL %s, login %q, shown as %s", test.raw, a.URL, login, a)
		}
		slug := a.Slug()
		if name := slug[:strings.LastIndexByte(slug, '-')]; test.slug != "" && name != test.slug {
			t.Errorf("%s: its directory is called %s", test.raw, slug)
		}
	}
}

// longToken is a user so long that it is a token.
const longToken = "glpat-0123456789abcdefgh"

// What stands in one directory is of one URL, whoever asks for it, and its name is one that every
// file system takes.
func TestSlug(t *testing.T) {
	t.Parallel()
	slug := func(raw string) string {
		a, err := remote.ParseAddress(raw)
		if err != nil {
			t.Fatal(err)
		}
		return a.Slug()
	}
	if slug("https://me:secret@host/org/repo/") != slug("https://host/org/repo") {
		t.Error("with a password it is another directory")
	}
	if slug("https://host/a/org/repo") == slug("https://host/b/org/repo") {
		t.Error("two repositories have one directory")
	}
	for _, raw := range []string{"https://host/../..", "file:///...", "https://host/" + strings.Repeat("long/", 100), "https://host/a*b?c"[:len("https://host/a*b")], "https://host/ä"} {
		if got := slug(raw); strings.ContainsAny(got, `/\:*?"<>|`) || strings.HasPrefix(got, ".") || len(got) > 80 {
			t.Errorf("%s: its directory is called %q", raw, got)
		}
	}
}

// What would start a program, or is no repository, is refused, and no password is shown.
func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ raw, why string }{
		{"ext::sh -c touch% /tmp/x", "no URL of a repository"},
		{"fd::17/repo", "no URL of a repository"},
		{"ext://sh", "does not fetch over ext"},
		{"ftp://host/repo", "does not fetch over ftp"},
		{"--upload-pack=touch x://y", "begin with a dash"},
		{"-oProxyCommand=x:repo", "begin with a dash"},
		{"ssh://-oProxyCommand=touch%20x/repo", "no URL of a repository"},
		{"ssh://-oProxyCommand=x/repo", "names no host"},
		{"ssh://-oProxyCommand@host/repo", "begin with a dash"},
		{"-u@host:repo", "begin with a dash"},
		{"me@-oProxyCommand=x:repo", "no URL of a repository"},
		{"host:-repo", "no URL of a repository"},
		{"host::repo", "no URL of a repository"},
		{"https://*/repo", "names no host"},
		{"https://*.example/repo", "names no host"},
		{"https:///repo", "names no host"},
		{"https://host", "names no repository"},
		{"https://host/", "names no repository"},
		{"https://host/repo?token=secret", "ends with its path"},
		{"https://host/repo#secret", "ends with its path"},
		{"https://host/re\npo", "control character"},
		{"https://host/re%0apo", "control character"},
		{"https://me%0d:secret@host/repo", "control character"},
		{"https://me:sec%0aret@host/repo", "control character"},
		{"https://ho%0ast/repo", "no URL of a repository"},
		{"https://me:secret@host:port/repo", "no URL of a repository"},
		{"http://me:secret@host.example/repo", "plain http"},
		{"file://host/repo", "no host"},
		{"file://", "names no repository"},
	} {
		a, err := remote.ParseAddress(test.raw)
		if err == nil {
			t.Errorf("%q is taken for %+v", test.raw, a)
			continue
		}
		if text := err.Error(); !strings.Contains(text, test.why) || strings.Contains(text, "secret") || strings.ContainsAny(text, "\r\n") || source.Hint(err) == "" {
			t.Errorf("%q: error %q (hint %q), want it to say %q", test.raw, text, source.Hint(err), test.why)
		}
	}
}

// What a person calls a branch, a tag or a commit is looked for in git's order, and what is no
// name is not looked for.
func TestLookNames(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"main":               "refs/main refs/tags/main refs/heads/main",
		"origin/main":        "refs/origin/main refs/tags/origin/main refs/heads/origin/main refs/heads/main",
		"refs/heads/main":    "refs/heads/main refs/refs/heads/main refs/tags/refs/heads/main refs/heads/refs/heads/main",
		"HEAD~1":             "",
		"main^":              "",
		"a..b":               "",
		"main@{1}":           "",
		"--upload-pack=evil": "",
		"a b":                "",
		"":                   "",
	} {
		if got := strings.Join(remote.LookNames(ref), " "); got != want {
			t.Errorf("LookNames(%q) = %s", ref, got)
		}
	}
	for name, want := range map[string]string{
		"refs/heads/a/b": "refs/remotes/origin/a/b", "refs/tags/v1": "refs/tags/v1", "refs/pull/1/head": "refs/propagate/pull/1/head",
		"refs/heads/HEAD": "refs/propagate/heads/HEAD", "refs/replace/x": "refs/propagate/replace/x",
	} {
		if got := remote.LocalName(name); got != want {
			t.Errorf("LocalName(%s) = %s", name, got)
		}
	}
}
