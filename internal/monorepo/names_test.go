package monorepo

import "testing"

func TestNameIn(t *testing.T) {
	for remote, want := range map[string]string{
		"https://github.com/acme/platform.git":         "acme/platform",
		"https://user:word@github.example/acme/mono/":  "acme/mono",
		"git@github.com:acme/platform.git":             "acme/platform",
		"ssh://git@github.example:2222/acme/x.y.git":   "acme/x.y",
		"https://gitlab.example/group/sub/project.git": "",
		"/srv/git/acme/platform.git":                   "",
		"../acme/platform":                             "",
		`C:\acme\platform`:                             "",
		"file:///srv/acme/platform.git":                "",
		"https://host/":                                "",
	} {
		if got := nameIn(remote); got != want {
			t.Errorf("%s is %q, not %q", remote, got, want)
		}
	}
}
