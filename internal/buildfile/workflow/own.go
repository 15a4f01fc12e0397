package workflow

import (
	"fmt"
	"slices"
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
// for its own where all is here that the file uses of that name, and of no other; this is said.
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
	if len(parts) < 3 || p == s.Path {
		return "", false
	}
	likely := s.likelyNames()
	if !slices.Contains(likely, strings.ToLower(name)) {
		if s.isHere(p) {
			s.run.Say(source.CodeAssumedValue, s.Pos(uses), fmt.Sprintf("%s is taken for another repository than this one, whose name is not known: this one has %s, and not all that is used of it", name, p))
		}
		return "", false
	}
	if len(likely) > 1 {
		s.run.Say(source.CodeNotUnderstood, s.Pos(uses), fmt.Sprintf("what %s builds is not read: this repository, whose name is not known, may be any of %s", name, strings.Join(likely, ", ")))
		return "", false
	}
	s.run.Say(source.CodeAssumedValue, s.Pos(uses), fmt.Sprintf("%s is taken for this repository, whose name is not known: it has %s, too", name, p))
	return p, true
}

// likelyNames returns the names that this repository may have: of each, all workflows and actions that the
// file uses are here.
func (w *workflow) likelyNames() []string {
	if w.likely != nil {
		return *w.likely
	}
	here, order := map[string]bool{}, []string{}
	take := func(uses *yaml.Node) {
		if uses == nil || !w.run.Use(1000) {
			return
		}
		named, _, _ := strings.Cut(uses.Value, "@")
		parts := strings.SplitN(strings.ToLower(named), "/", 3)
		if len(parts) < 2 || parts[0] == "." || strings.Contains(named, "://") {
			return
		}
		name := parts[0] + "/" + parts[1]
		before, known := here[name]
		if !known {
			order = append(order, name)
		}
		here[name] = (before || !known) && len(parts) == 3 && w.isHere(strings.SplitN(named, "/", 3)[2])
	}
	for _, doc := range w.Docs {
		for _, job := range yamltext.Pairs(yamltext.Get(doc, "jobs")) {
			take(yamltext.Get(job.Value, "uses"))
			for _, step := range yamltext.Items(yamltext.Get(job.Value, "steps")) {
				take(yamltext.Get(step, "uses"))
			}
		}
		for _, step := range yamltext.Items(yamltext.Get(doc, "runs", "steps")) {
			take(yamltext.Get(step, "uses"))
		}
	}
	likely := slices.DeleteFunc(order, func(name string) bool { return !here[name] })
	w.likely = &likely
	return likely
}

// isHere reports whether a workflow that others may call, or an action, is at a path of this repository.
func (w *workflow) isHere(p string) bool {
	if strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") {
		if !strings.HasPrefix(p, ".github/workflows/") {
			return false
		}
		f := w.run.Tree.Read(reading.Within(".", p))
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
		if at := reading.Within(reading.Within(".", p), name); at != "" && w.run.Tree.Read(at) != nil {
			return true
		}
	}
	return false
}
