package publish_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/publish"
)

func TestFilePages(t *testing.T) {
	t.Parallel()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for _, test := range []struct{ remote, root, line string }{
		{"https://github.com/acme/mono.git", "https://github.com/acme/mono/blob/" + commit + "/", "#L"},
		{"git@github.com:acme/mono.git", "https://github.com/acme/mono/blob/" + commit + "/", "#L"},
		{"https://user:secret@github.com/acme/mono", "https://github.com/acme/mono/blob/" + commit + "/", "#L"},
		{"ssh://git@gitlab.example.com:2222/group/sub/mono.git", "https://gitlab.example.com/group/sub/mono/-/blob/" + commit + "/", "#L"},
		{"https://codeberg.org/acme/mono", "https://codeberg.org/acme/mono/src/commit/" + commit + "/", "#L"},
		{"https://bitbucket.org/acme/mono", "https://bitbucket.org/acme/mono/src/" + commit + "/", "#lines-"},
		{"https://bitbucket.example.com/scm/acme/mono", "", ""}, // whose pages are elsewhere
		{"https://dev.azure.com/acme/project/_git/mono", "", ""},
		{"https://git.example.com/mono", "", ""},
		{"/srv/git/mono.git", "", ""},
		{"", "", ""},
	} {
		pages, ok := publish.FilePages(publish.ServerOf(test.remote), test.remote, commit)
		if pages.Root != test.root || pages.Line != test.line || ok != (test.root != "") {
			t.Errorf("%s: %+v, %t", test.remote, pages, ok)
		}
	}
	if pages, ok := publish.FilePages(publish.GitHub, "https://github.com/acme/mono", ""); ok {
		t.Errorf("of no commit: %+v", pages)
	}
}
