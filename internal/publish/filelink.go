package publish

// Pages are the pages on which a server shows the files of a commit.
type Pages struct {
	Root string // behind which the path of a file follows; it ends in a slash
	Line string // what the number of a line follows: "#L"
}

// FilePages returns the pages of a commit of the repository that a remote's URL leads to; ok is false where
// the server is none whose pages are known, or has the path elsewhere than at the end. The URL of a remote may
// hold credentials; what is returned has none.
func FilePages(server Server, remote, commit string) (pages Pages, ok bool) {
	page, path, ok := webPage(remote)
	if !ok || commit == "" {
		return Pages{}, false
	}
	pages.Line = "#L"
	switch server {
	case GitHub:
		page.Path += "/blob/" + commit + "/"
	case GitLab:
		page.Path += "/-/blob/" + commit + "/"
	case Gitea:
		page.Path += "/src/commit/" + commit + "/"
	case Bitbucket:
		if page.Hostname() != "bitbucket.org" || path == "" {
			return Pages{}, false
		}
		page.Path += "/src/" + commit + "/"
		pages.Line = "#lines-"
	case Azure, None:
		return Pages{}, false
	default:
		return Pages{}, false
	}
	pages.Root = page.String()
	return pages, true
}
