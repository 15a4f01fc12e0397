package reading

import (
	"path"
	"regexp"
	"slices"
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

// trust says what the builds are that a file of a kind says.
type trust uint8

const (
	listed   trust = iota // the file lists them
	followed              // commands make them, among what the file lists
	program               // commands make them
)

// start is the directory that a relative path of a file starts from.
type start string

const (
	ownStart  start = "own" // of the file
	rootStart start = "."   // of the repository
)

// kinds has what is known of each kind. What is decided by the kind of a file follows from here, and
// from the readers of package buildfile.
var kinds = [...]struct {
	name    string         // what people call a file of the kind
	part    string         // of each such path, so that most others are told at once
	pattern *regexp.Regexp // of its path; nil for those that formats and the endings of scripts tell
	trust   trust
	starts  []start // the likeliest first
}{
	Compose:      {"compose file", "compose", regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?compose(?:[._-][^/]+)?\.ya?ml$`), listed, []start{ownStart}},
	Bake:         {"bake file", "bake", regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?bake(?:[._-][^/]+)?\.(?:hcl|json)$`), listed, []start{ownStart, rootStart}},
	Skaffold:     {"skaffold file", "skaffold", regexp.MustCompile(`(?:^|/)skaffold(?:[._-][^/]+)?\.ya?ml$`), listed, []start{ownStart, rootStart}},
	Workflow:     {"workflow", ".github/", regexp.MustCompile(`(?:^|/)\.github/(?:workflows/[^/]+|actions/.+)\.ya?ml$`), followed, []start{rootStart}},
	Devcontainer: {"dev container", "devcontainer.json", regexp.MustCompile(`(?:^|/)\.?devcontainer\.json$`), listed, []start{ownStart}},
	Pipeline:     {"pipeline", "", nil, followed, []start{rootStart}},
	Shell:        {"script", "", nil, program, []start{rootStart, ownStart}},
	Makefile:     {"Makefile", "", regexp.MustCompile(`(?:^|/)(?:GNUmakefile|[Mm]akefile(?:\.[^/]+)?|[^/]+\.mk)$`), program, []start{ownStart, rootStart}},
	Tasks:        {"task file", "", nil, program, []start{ownStart, rootStart}},
}

// String returns what people call a file of the kind.
func (k Kind) String() string { return kinds[k].name }

// Heuristic reports whether files of the kind hold commands, of which only simple ones are
// understood, and not lists of builds.
func (k Kind) Heuristic() bool { return kinds[k].trust != listed }

// Script reports whether files of the kind are programs and nothing else.
func (k Kind) Script() bool { return kinds[k].trust == program }

// Dirs returns the directories, from the root, that relative paths of a file of the kind may start
// from, the likeliest first.
func (k Kind) Dirs(file string) []string {
	var dirs []string
	for _, start := range kinds[k].starts {
		dir := "."
		if start == ownStart {
			dir = path.Dir(file)
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
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
		for kind := range kinds {
			if pattern := kinds[kind].pattern; pattern != nil && strings.Contains(p, kinds[kind].part) && pattern.MatchString(p) {
				return Kind(kind)
			}
		}
	}
	if format := FormatOf(p); format != nil {
		return format.Kind
	}
	return 0
}
