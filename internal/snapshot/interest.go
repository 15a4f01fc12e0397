package snapshot

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/scanner"
)

// An interest says which files may matter by their names alone, so that what lies
// below a tree can be remembered wherever that tree lies. A few files that matter by
// the directories they are in are told by a state that is handed down.
type interest struct {
	id    string   // tells interests apart
	names []string // patterns of names that the configuration adds
}

func newInterest(c *config.Config, program string) *interest {
	in := &interest{}
	for _, pattern := range c.FilePatterns() {
		if name := pattern.Name(); !slices.Contains(in.names, name) {
			in.names = append(in.names, name)
		}
	}
	slices.Sort(in.names)
	in.id = program + "\x00" + strings.Join(in.names, "\x00")
	return in
}

// A state is what of the path of a directory counts.
type state uint8

const (
	anywhere  state = iota
	dotGithub       // .github
	workflows       // .github/workflows
	actions         // .github/actions and what lies below it
	pipelines       // the first of pipelineDirs and what lies below it; the others follow

	named state = 1 << 6 // or below a directory that the configuration may name, with one of those above
)

// pipelineDirs hold pipelines and their programs, whatever these are called. Some of the last one are pipelines, by what they hold.
var pipelineDirs = []string{".azure-pipelines", ".azuredevops", ".buildkite", ".circleci", ".dagger", ".gitlab", ".semaphore", ".tekton", ".woodpecker", ".ado", ".vsts", ".pipelines", "pipelines"}

// isPlain reports whether a directory has a name that says little: below "pipelines" there may be a .circleci.
func (s state) isPlain() bool {
	return s < pipelines || !strings.HasPrefix(pipelineDirs[s-pipelines], ".")
}

// enter returns the state of a directory in another; ok is false for one that is not
// entered at all.
func (in *interest) enter(s state, name string) (next state, ok bool) {
	next, ok = (s &^ named).enter(name)
	if s&named != 0 || in.names != nil && in.isNamed(name) {
		next |= named
	}
	return next, ok
}

func (in *interest) isNamed(name string) bool {
	return slices.ContainsFunc(in.names, func(pattern string) bool { return doublestar.MatchUnvalidated(pattern, name) })
}

// enter is that of an interest without names.
func (s state) enter(name string) (next state, ok bool) {
	switch {
	case name == ".git":
		return 0, false
	case s == actions, s == dotGithub && name == "actions":
		return actions, true
	case s == dotGithub && name == "workflows":
		return workflows, true
	case name == ".github":
		return dotGithub, true
	case s.isPlain():
		if i := slices.Index(pipelineDirs, name); i >= 0 {
			return pipelines + state(i), true //nolint:gosec // a short list
		}
	}
	if s >= pipelines {
		return s, true
	}
	return anywhere, true
}

// path returns the path of a file as far as its kind depends on it.
func (s state) path(name string) string {
	switch s &^= named; {
	case s == workflows:
		return ".github/workflows/" + name
	case s == actions:
		return ".github/actions/action/" + name
	case s >= pipelines:
		return pipelineDirs[s-pipelines] + "/" + name
	}
	return name
}

// A class is what the name of a file says: what follows, and the kind of build file in
// the bits above.
type class uint16

const (
	isDockerfile class = 1 << iota
	isTemplate
	isNamed   // it may be, by the configuration
	isLink    // a symbolic link that is one of the above
	isProgram // it may be a script by its first line
	kindShift = iota
	kindMask  = 15
)

func (c class) kind() buildfile.Kind { return buildfile.Kind(c >> kindShift & kindMask) }

// isBuildFile reports whether a file is, or may be, a build file.
func (c class) isBuildFile() bool { return c.kind() != 0 || c&isProgram != 0 }

// link returns the class of a symbolic link to a file of class c. One that cannot be a Dockerfile
// is nothing but a link.
func (c class) link() class { return c&(isDockerfile|isNamed) | isLink }

// classify returns the class of a file; ok is false for one that does not matter.
func (in *interest) classify(s state, name string) (c class, ok bool) {
	if scanner.MayMatter(name) {
		switch {
		case scanner.IsDockerfile(name):
			c |= isDockerfile
		case scanner.IsTemplate(name):
			c |= isTemplate
		}
	}
	c |= class(buildfile.KindOf(s.path(name))) << kindShift
	if s&named != 0 || in.isNamed(name) {
		c |= isNamed
	}
	if c.kind() == 0 && buildfile.MayBeProgram(name, false) {
		c |= isProgram
	}
	return c, c != 0 || name == environment
}

// run returns the class of a file that may be run.
func (c class) run(name string) class {
	if c.kind() == 0 && buildfile.MayBeProgram(name, true) {
		c |= isProgram
	}
	return c
}

// environment is what compose files read beside themselves. It matters by what they
// look at, and whether it is there.
const environment = ".env"
