package shell

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
)

// sayRegistry says once of a file where images go that have a registry without its domain.
func (s *Shell) sayRegistry(o *BuildOptions) {
	name := o.registry.S
	if name == "" || len(o.images) == 0 || strings.ContainsAny(name, "."+reading.Unknown) || s.Run.passed[name] {
		return
	}
	if s.Run.passed == nil {
		s.Run.passed = map[string]bool{}
	}
	s.Run.passed[name] = true
	s.Run.Say(source.CodeAssumedValue, o.Build.Where, fmt.Sprintf("the registry %s is taken for %[1]s%s, as in the public cloud of Azure: the command does not say its domain", source.Clean(name), azure))
}

// azure is the domain of registries that az acr names without one.
const azure = ".azurecr.io"
