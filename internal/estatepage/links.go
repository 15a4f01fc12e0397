package estatepage

import (
	"cmp"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Links say where the files of a repository are to be seen.
type Links struct {
	Root string // behind which the path of a file follows: "https://github.com/acme/mono/blob/main/", "../", or "" for beside the report
	Line string // what the number of a line follows; "" for "#L"
	None bool   // nothing is known of them, so nothing is a link
}

// escaped is a path as it may stand in a URL, and in a link of Markdown.
func escaped(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = strings.NewReplacer("&", "%26", "@", "%40", ":", "%3A", "+", "%2B", "=", "%3D", "$", "%24", "~", "%7E").Replace(url.PathEscape(part))
	}
	return strings.Join(parts, "/")
}

// mark is what stands before the number of a line.
func (l Links) mark() string { return cmp.Or(l.Line, "#L") }

// path returns the link of a text behind the root; "" for none.
func (l Links) path(t Text) string {
	if l.None || t.Path == "" {
		return ""
	}
	href := escaped(t.Path)
	if t.Line > 0 {
		href += l.mark() + strconv.Itoa(t.Line)
	}
	return href
}

// Beside returns the links of a report in a directory to the files below another, both absolute and written with
// slashes: "../" for a report in the directory docs of the repository.
func Beside(dir, root string) (links Links, ok bool) {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(root))
	if err != nil {
		return Links{None: true}, false // on another drive
	}
	if rel = filepath.ToSlash(rel); rel == "." {
		return Links{}, true
	}
	return Links{Root: escaped(rel) + "/"}, true
}
