package workflow

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// ownName returns the name of the repository on its forge, such as acme/platform; ok is false where it is not
// known, or there are several.
func ownName(t *reading.Tree) (name string, ok bool) {
	if len(t.OwnNames()) == 0 {
		return "", false
	}
	for _, other := range t.OwnNames() {
		if !strings.EqualFold(other, t.OwnNames()[0]) {
			return "", false
		}
	}
	return t.OwnNames()[0], true
}

// isOwnName reports whether a repository is the one that is read.
func isOwnName(t *reading.Tree, name string) bool {
	for _, own := range t.OwnNames() {
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
	t := s.run.Tree
	if len(t.OwnNames()) > 0 {
		return p, isOwnName(t, name)
	}
	if len(parts) < 3 || p == s.Path || !s.isHere(p) {
		return "", false
	}
	s.run.Say(source.CodeAssumedValue, s.Pos(uses), fmt.Sprintf("%s is taken for this repository, whose name is not known: it has %s, too", name, p))
	return p, true
}

// isHere reports whether a workflow that others may call, or an action, is at a path of this repository.
func (s *scope) isHere(p string) bool {
	if strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") {
		if !strings.HasPrefix(p, ".github/workflows/") {
			return false
		}
		f := s.run.Tree.Read(reading.Within(".", p))
		if f == nil {
			return false
		}
		y, err := yamltext.Parse(f)
		if err != nil || len(y.Docs) == 0 {
			return false
		}
		on := yamltext.Get(y.Docs[0], "on")
		for _, item := range yamltext.Items(on) {
			if item.Value == "workflow_call" {
				return true
			}
		}
		for _, event := range yamltext.Pairs(on) {
			if event.Key.Value == "workflow_call" {
				return true
			}
		}
		return false
	}
	for _, name := range []string{"action.yml", "action.yaml"} {
		if at := reading.Within(reading.Within(".", p), name); at != "" && s.run.Tree.Read(at) != nil {
			return true
		}
	}
	return false
}
