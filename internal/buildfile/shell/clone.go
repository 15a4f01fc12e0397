package shell

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// Options of git clone that take a value.
const cloneOptions = "-b --branch --depth -o --origin -c --config --reference -j --jobs --filter --template -u --upload-pack " +
	"--shallow-since --shallow-exclude --server-option --separate-git-dir"

// clone takes in a command that fetches another repository: what is built in its directory is none of
// this one, whatever is called so here.
func (s *Shell) clone(args []trace.Text) {
	if path.Base(args[0].S) != "git" || len(args) < 3 || args[1].S != "clone" {
		return
	}
	var named []string
	for i := 2; i < len(args); i++ {
		switch a := args[i].S; {
		case reading.Contains(cloneOptions, a):
			i++
		case strings.HasPrefix(a, "-") && a != "-":
		default:
			named = append(named, a)
		}
	}
	if len(named) == 0 || !s.isOther(named[0]) {
		return
	}
	name := strings.TrimSuffix(path.Base(named[0]), ".git")
	if len(named) > 1 {
		name = named[1]
	}
	if reading.ChangeDir(s.Place.Cwd, name) == reading.Unknown {
		s.Place.IsApart = true
		return
	}
	s.Place = s.Place.Without(name)
}

// isOther reports whether an address is that of another repository on a forge, as far as that is known.
func (s *Shell) isOther(url string) bool {
	if !strings.Contains(url, "://") && !strings.Contains(url, "@") || strings.Contains(path.Base(url), reading.Unknown) {
		return false
	}
	url = "/" + strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(strings.TrimRight(url, "/"), ".git"), ":", "/"))
	for _, own := range s.Run.Tree.OwnNames() {
		if strings.HasSuffix(url, "/"+strings.ToLower(own)) {
			return false
		}
	}
	return true
}
