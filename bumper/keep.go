package bumper

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// ignores reports whether a Dockerfile is never edited, and what the configuration says about it.
func (p *planner) ignores(file *scanner.File) (why string, ok bool) {
	if p.Ignored == nil {
		return "", false
	}
	if why, ok = p.Ignored(file.Path); !ok {
		why, ok = p.Ignored(file.Origin.Path)
	}
	return why, ok
}

// vendors returns the vendored tree that a Dockerfile is kept in.
func (p *planner) vendors(file *scanner.File) (tree string, ok bool) {
	if p.Vendored == nil || !file.IsDockerfile() {
		return "", false
	}
	return p.Vendored(file.Path)
}

// keeps reports whether a Dockerfile stays as it is whatever it refers to.
func (p *planner) keeps(file *scanner.File) bool {
	_, ignored := p.ignores(file)
	_, vendored := p.vendors(file)
	return ignored || vendored
}

// because continues a sentence with what the configuration says about what it ignores.
func because(why string) string {
	switch {
	case why == "":
		return ""
	case strings.HasPrefix(why, "until "), strings.HasPrefix(why, "by "):
		return " " + why
	}
	return ": " + why
}

// whyVendored says why a Dockerfile in a vendored tree is not edited.
func whyVendored(tree string) string {
	return fmt.Sprintf("it is kept in %s, and no build file outside builds it", tree)
}

// overrule leaves all of a build.
func overrule(verdicts []verdict, reason Reason, detail string) {
	for i := range verdicts {
		verdicts[i].action, verdicts[i].reason, verdicts[i].detail, verdicts[i].maker = ActionSkip, reason, detail, ""
	}
}

// vendor leaves what is not up to date of a build in a vendored tree.
func vendor(verdicts []verdict, tree string) {
	for i := range verdicts {
		if v := &verdicts[i]; v.action != ActionUpToDate {
			overrule(verdicts[i:i+1], ReasonVendored, whyVendored(tree))
			v.tree = tree
		}
	}
}

// unresolved says why a reference that is not resolved stays as it is.
func unresolved(ref *scanner.Ref) string {
	if scanner.LacksPlace(ref.Guess) {
		return fmt.Sprintf("%s is %s:%s, of which the registry is not known", ref.Written, ref.Guess, ref.GuessTag)
	}
	return ref.Written + " has no version that is known"
}
