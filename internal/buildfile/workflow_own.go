package buildfile

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
)

// ownName returns the name of the repository on its forge, such as acme/platform; ok is false where it is not
// known, or there are several.
func ownName(t *tree) (name string, ok bool) {
	if len(t.ownNames()) == 0 {
		return "", false
	}
	for _, other := range t.ownNames() {
		if !strings.EqualFold(other, t.ownNames()[0]) {
			return "", false
		}
	}
	return t.ownNames()[0], true
}

// isOwnName reports whether a repository is the one that is read.
func isOwnName(t *tree, name string) bool {
	for _, own := range t.ownNames() {
		if strings.EqualFold(own, name) {
			return true
		}
	}
	return false
}

// ownPath returns the path from the root of the workflow or the action that a step or a job uses; ok is
// false for one of another repository. By its full name (acme/platform/.github/workflows/build.yml@v1)
// it is that of this repository where the name is its own. Without a known name it is taken
// for its own where one of that path is here, and this is said.
func (s *scope) ownPath(uses *yaml.Node) (p string, ok bool) {
	local, ok := strings.CutPrefix(uses.Value, "./")
	if ok {
		return s.inRepository(local) // not in a checkout of another repository
	}
	named, _, ok := strings.Cut(uses.Value, "@")
	parts := strings.SplitN(named, "/", 3)
	if !ok || len(parts) < 2 || strings.Contains(named, "://") {
		return "", false
	}
	p = "."
	if len(parts) == 3 {
		p = parts[2]
	}
	name := parts[0] + "/" + parts[1]
	t := s.run.tree
	if len(t.ownNames()) > 0 {
		return p, isOwnName(t, name)
	}
	if len(parts) < 3 || p == s.Path || !s.isHere(p) {
		return "", false
	}
	s.run.say(source.CodeAssumedValue, s.pos(uses), fmt.Sprintf("%s is taken for this repository, whose name is not known: it has %s, too", name, p))
	return p, true
}

// isHere reports whether a workflow that others may call, or an action, is at a path of this repository.
func (s *scope) isHere(p string) bool {
	if strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") {
		if !strings.HasPrefix(p, ".github/workflows/") {
			return false
		}
		f := s.run.tree.read(within(".", p))
		if f == nil {
			return false
		}
		y, err := parseYAML(f)
		if err != nil || len(y.docs) == 0 {
			return false
		}
		on := get(y.docs[0], "on")
		for _, item := range items(on) {
			if item.Value == "workflow_call" {
				return true
			}
		}
		for _, event := range pairs(on) {
			if event.key.Value == "workflow_call" {
				return true
			}
		}
		return false
	}
	for _, name := range []string{"action.yml", "action.yaml"} {
		if at := within(within(".", p), name); at != "" && s.run.tree.read(at) != nil {
			return true
		}
	}
	return false
}
