package workflow

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/bake"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// bakeAction reads a step that uses docker/bake-action, with its environment and what it sets.
func (w *workflow) bakeAction(s *scope, step *yaml.Node) {
	with := yamltext.Get(step, "with")
	dir := s.value(yamltext.Get(with, "workdir")).TrimSpace().S
	if n := yamltext.Get(with, "source"); n != nil {
		if from := s.value(n).TrimSpace().S; strings.HasPrefix(from, ".") {
			dir = path.Join(dir, from)
		} else {
			dir = strings.TrimPrefix(strings.TrimPrefix(from, "{{defaultContext}}"), ":")
		}
	}
	dir, ok := s.inRepository(dir)
	if own, isOwn := ownURL(w.run.Tree, dir); isOwn {
		dir = own
	}
	if !ok {
		s.isElsewhere(step)
	}
	if !ok || isURL(dir) { // of another repository
		return
	}
	c := bake.Command{Given: map[string]trace.Text{}, Where: w.Pos(step)}
	if c.Dir, ok = reading.Locate(reading.ChangeDir(reading.RootDir, path.Clean(dir)), "."); !ok {
		return
	}
	for name, v := range s.variables() {
		c.Given[name] = v.Words[0]
	}
	for _, t := range reading.Entries(s.value(yamltext.Get(with, "vars")), "\n") {
		if name, value, ok := t.Cut("="); ok {
			c.Given[name.S] = value
		}
	}
	files := reading.Entries(s.value(yamltext.Get(with, "files")), "\n,")
	for _, t := range files {
		if p, ok := reading.Locate(reading.ChangeDir(reading.RootDir, path.Join(c.Dir, t.S)), "."); ok {
			c.Files = append(c.Files, p)
		}
	}
	if len(files) > 0 && len(c.Files) == 0 {
		return // they are made by steps before, and what is in the repository is not read beside them
	}
	for _, t := range reading.Entries(s.value(yamltext.Get(with, "targets")), "\n,") {
		c.Targets = append(c.Targets, t.S)
	}
	c.Sets = reading.Entries(s.value(yamltext.Get(with, "set")), "\n")
	builds, _ := c.Builds(w.run.Tree, &w.run.Fuel)
	w.run.AddAll(builds)
}
