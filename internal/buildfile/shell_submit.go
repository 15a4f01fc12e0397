package buildfile

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// submit follows gcloud builds submit with a file of steps, cloudbuild.yaml where it names none.
func (s *shell) submit(cmd buildCommand, o options, context string, c command) {
	name := o.steps
	if name == "" {
		name = path.Join(context, "cloudbuild.yaml")
	}
	f := s.file(name)
	switch {
	case strings.Contains(name, unknown):
		s.passOver(c, cmd.name, "which file of steps it takes is not known from the text")
	case f == nil && o.steps == "": // as with a tag
		s.missed(c, cmd.name, context, "")
	case f == nil:
		s.passOver(c, cmd.name, "the repository has no "+source.Clean(name))
	case KindOf(f.Path) != 0 || s.run.tree.kindOf(f.Path, f) != 0: // it is read by itself
	case s.run.others.steps != nil:
		s.run.others.steps(s, f)
	}
}
