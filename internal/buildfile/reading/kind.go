package reading

import (
	"regexp"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// Kind is the format of a build file.
type Kind uint8

// The kinds, the one that is believed most first.
const (
	Compose Kind = iota + 1
	Bake
	Skaffold
	Workflow
	Devcontainer
	Pipeline
	Shell
	Makefile
	Tasks
)

// String returns what people call a file of the kind.
func (k Kind) String() string {
	return [...]string{"", "compose file", "bake file", "skaffold file", "workflow", "dev container", "pipeline", "script", "Makefile", "task file"}[k]
}

// Heuristic reports whether files of the kind are programs, of which only simple
// commands are understood, and not lists of builds.
func (k Kind) Heuristic() bool { return k == Workflow || k == Pipeline || k.Script() }

// Script reports whether files of the kind are programs and nothing else.
func (k Kind) Script() bool { return k == Shell || k == Makefile || k == Tasks }

var names = []struct {
	kind    Kind
	pattern *regexp.Regexp // of the path
}{
	{Workflow, regexp.MustCompile(`(?:^|/)\.github/(?:workflows/[^/]+|actions/.+)\.ya?ml$`)},
	{Compose, regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?compose(?:[._-][^/]+)?\.ya?ml$`)},
	{Bake, regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?bake(?:[._-][^/]+)?\.(?:hcl|json)$`)},
	{Devcontainer, regexp.MustCompile(`(?:^|/)\.?devcontainer\.json$`)},
	{Skaffold, regexp.MustCompile(`(?:^|/)skaffold(?:[._-][^/]+)?\.ya?ml$`)},
	{Makefile, regexp.MustCompile(`(?:^|/)(?:GNUmakefile|[Mm]akefile(?:\.[^/]+)?|[^/]+\.mk)$`)},
}

// KindOf returns the kind of build file that a path names, 0 for none.
func KindOf(p string) Kind {
	// Most files are told at once.
	name := p[strings.LastIndexByte(p, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	likely := false
	switch name[dot+1:] {
	case "sh", "bash", "ksh", "zsh", "dash":
		if dot >= 0 && !scanner.IsDockerfile(name) {
			return Shell
		}
	case "mk":
		likely = true
	case "yml", "yaml":
		likely = strings.Contains(name, "compose") || strings.Contains(name, "skaffold") || strings.Contains(p, ".github/")
	case "hcl", "json":
		likely = strings.Contains(name, "bake") || strings.HasSuffix(name, "devcontainer.json")
	default:
		likely = strings.Contains(name, "akefile")
	}
	if likely {
		for _, n := range names {
			if n.pattern.MatchString(p) {
				return n.kind
			}
		}
	}
	if format := FormatOf(p); format != nil {
		return format.Kind
	}
	return 0
}
