package shell

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/envfile"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// composeWords returns the arguments behind the words that run compose.
func composeWords(args []trace.Text) (rest []trace.Text, ok bool) {
	switch path.Base(args[0].S) {
	case "docker-compose", "podman-compose":
		return args[1:], true
	case "docker", "podman", "nerdctl", anyTool:
	default:
		return nil, false
	}
	for rest = args[1:]; len(rest) > 0; {
		word := rest[0].S
		rest = rest[1:]
		switch {
		case word == "compose":
			return rest, true
		case !strings.HasPrefix(word, "-"):
			return nil, false
		case reading.Contains(ProgramOptions, word):
			rest = rest[min(1, len(rest)):]
		}
	}
	return nil, false
}

// compose follows a command that has compose build, with files, arguments or an environment of its
// own. What it builds without these is said where the file is read.
func (s *Shell) compose(args []trace.Text, c Command) bool {
	rest, ok := composeWords(args)
	if !ok || s.Run.Quiet > 0 || s.Over() {
		return ok
	}
	s.cutShort(c, "compose build", rest)
	var files, handed, words, envFiles []trace.Text
	project := trace.Plain("")
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if !strings.HasPrefix(word.S, "-") {
			words = append(words, word)
			continue
		}
		key, value, hasValue := word.Cut("=")
		if !hasValue && reading.Contains(compose.ComposeOptions, word.S) && len(rest) > 0 {
			value, rest = rest[0], rest[1:]
		}
		if strings.HasPrefix(word.S, "-f") && len(word.S) > 2 && word.S[2] != '=' { // -fa.yaml
			key, value = word.Slice(0, 2), word.Slice(2, len(word.S))
		}
		switch key.S {
		case "-f", "--file":
			files = append(files, value)
		case "--env-file":
			envFiles = append(envFiles, value)
		case "--project-directory":
			project = value
		case "--build-arg":
			if v := s.get(value.S); len(v.Words) == 1 { // no "=": a variable of the environment
				value = trace.Join(value, trace.Plain("="), v.Words[0])
			}
			handed = append(handed, value)
		}
	}
	if len(words) == 0 || !reading.Contains("build up create run", words[0].S) {
		return true
	}
	o := compose.Command{Names: map[string]bool{}, Handed: handed, Given: s.environment(c), Moved: project.S != "", Where: s.placeOf(c)}
	for _, word := range words[1:] {
		o.Names[word.S] = true
	}
	if len(files) == 0 {
		files = reading.Entries(o.Given["COMPOSE_FILE"], ":;")
	}
	if len(envFiles) == 0 {
		envFiles = reading.Entries(o.Given["COMPOSE_ENV_FILES"], ",")
	}
	for _, start := range s.Place.Starts {
		o.Paths, o.EnvFiles = s.settled(files, start), s.settled(envFiles, start)
		dir, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, path.Join(".", project.S)), start)
		if !ok || len(o.Paths) < len(files) {
			continue
		}
		o.Dir = dir
		if len(files) == 0 {
			list := envfile.Read(s.Run.Tree.Read(path.Join(dir, ".env")))["COMPOSE_FILE"]
			for _, f := range reading.Entries(list, ":;") {
				o.Paths = append(o.Paths, reading.Within(dir, f.S))
			}
		}
		builds, found := o.Builds(s.Run.Tree, &s.Run.Fuel)
		s.Run.AddAll(builds)
		if found {
			break
		}
	}
	return true
}

// settled returns the paths from the root of files that a command names.
func (s *Shell) settled(files []trace.Text, start string) []string {
	var paths []string
	for _, f := range files {
		if p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, f.S), start); ok {
			paths = append(paths, p)
		}
	}
	return paths
}
