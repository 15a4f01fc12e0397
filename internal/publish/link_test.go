package publish_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/publish"
)

// The page on which a person opens a pull request, for every way to write the URL of a
// repository.
func TestLink(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url    string
		server publish.Server // that the host tells, as a person writes it behind --server
		base   string
		want   string
	}{
		{"git@gitlab.com:group/sub/repo.git", "gitlab", "main", "https://gitlab.com/group/sub/repo/-/merge_requests/new?merge_request%5Bsource_branch%5D=propagate%2Fa%2Bb&merge_request%5Btarget_branch%5D=main"},
		{"https://user:secret@gitlab.example:8443/group/repo.git/", "gitlab", "", "https://gitlab.example:8443/group/repo/-/merge_requests/new?merge_request%5Bsource_branch%5D=propagate%2Fa%2Bb"},
		{"ssh://git@GitLab.example:2222/group/repo.git", "gitlab", "release/1", "https://gitlab.example/group/repo/-/merge_requests/new?merge_request%5Bsource_branch%5D=propagate%2Fa%2Bb&merge_request%5Btarget_branch%5D=release%2F1"},
		{"https://org@dev.azure.com/org/My%20Project/_git/repo", "azure", "main", "https://dev.azure.com/org/My%20Project/_git/repo/pullrequestcreate?sourceRef=propagate%2Fa%2Bb&targetRef=main"},
		{"git@ssh.dev.azure.com:v3/org/project/repo", "azure", "main", "https://dev.azure.com/org/project/_git/repo/pullrequestcreate?sourceRef=propagate%2Fa%2Bb&targetRef=main"},
		{"org@vs-ssh.visualstudio.com:v3/org/project/repo", "azure", "main", "https://org.visualstudio.com/project/_git/repo/pullrequestcreate?sourceRef=propagate%2Fa%2Bb&targetRef=main"},
		{"https://org.visualstudio.com/DefaultCollection/project/_git/repo", "azure", "main", "https://org.visualstudio.com/DefaultCollection/project/_git/repo/pullrequestcreate?sourceRef=propagate%2Fa%2Bb&targetRef=main"},
		{"https://dev.azure.com/elsewhere", "azure", "main", ""},
		{"git@ssh.dev.azure.com:v4/org", "azure", "main", ""},
		{"git@github.com:owner/repo.git", "github", "main", "https://github.com/owner/repo/compare/main...propagate/a+b?expand=1"},
		{"https://org.ghe.com/owner/repo", "github", "", "https://org.ghe.com/owner/repo/compare/propagate/a+b?expand=1"},
		{"https://codeberg.org/owner/repo.git", "gitea", "main", "https://codeberg.org/owner/repo/compare/main...propagate/a+b"},
		{"git@bitbucket.org:space/repo.git", "bitbucket", "main", "https://bitbucket.org/space/repo/pull-requests/new?dest=main&source=propagate%2Fa%2Bb"},
		{"ssh://git@bitbucket.example:7999/proj/repo.git", "bitbucket", "main", "https://bitbucket.example/projects/proj/repos/repo/pull-requests?create=&sourceBranch=refs%2Fheads%2Fpropagate%2Fa%2Bb&targetBranch=refs%2Fheads%2Fmain"},
		{"https://git.example/owner/repo", "none", "main", ""},
		{"https://notgitlab.com/owner/repo", "none", "main", ""},
		{"https://gitlab.com.evil.example/owner/repo", "gitlab", "main", "https://gitlab.com.evil.example/owner/repo/-/merge_requests/new?merge_request%5Bsource_branch%5D=propagate%2Fa%2Bb&merge_request%5Btarget_branch%5D=main"},
		{"/srv/git/gitlab/repo.git", "none", "main", ""},
		{"file:///srv/repo.git", "none", "main", ""},
		{"https://gitlab.com/", "none", "main", ""},
		{"https://gitlab.com:port/o/r", "none", "main", ""},
		{"", "none", "main", ""},
	} {
		server := publish.ServerOf(test.url)
		if server != test.server {
			t.Errorf("%s is on %s, want %s", test.url, server, test.server)
		}
		if got := publish.Link(server, test.url, "propagate/a+b", test.base); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.url, got, test.want)
		}
	}
}
