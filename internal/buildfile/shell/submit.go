package shell

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
)

// submit follows gcloud builds submit with a file of steps, cloudbuild.yaml where it names none.
func (s *Shell) submit(cmd buildCommand, o BuildOptions, context string, c Command) {
	name := o.steps
	if name == "" {
		name = path.Join(context, "cloudbuild.yaml")
	}
	f := s.file(name)
	switch {
	case strings.Contains(name, reading.Unknown):
		s.passOver(c, cmd.name, "which file of steps it takes is not known from the text")
	case f == nil && o.steps == "": // as with a tag
		s.missed(c, cmd.name, context, "")
	case f == nil:
		s.passOver(c, cmd.name, "the repository has no "+source.Clean(name))
	case s.Run.Tree.KindOfFile(f.Path, f) != 0: // it is read by itself
	case s.Run.Others.Steps != nil:
		s.Run.Others.Steps(s, f)
	}
}
