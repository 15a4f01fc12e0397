package buildfile

import (
	"bytes"
	"maps"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// composeOptions are those of compose, and of its commands that build, that take a value.
const composeOptions = "-f --file -p --project-name --project-directory --profile --env-file --parallel --ansi --progress " +
	"--build-arg -m --memory --builder --ssh"

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
		case contains(programOptions, word):
			rest = rest[min(1, len(rest)):]
		}
	}
	return nil, false
}

// A composeCommand is what compose is told beside what its files say.
type composeCommand struct {
	dir      string          // of the project, from the root
	paths    []string        // from the root; none for the standard ones of dir
	envFiles []string        // from the root; none for .env
	names    map[string]bool // of services; none for all
	handed   []trace.Text    // NAME=VALUE
	given    map[string]trace.Text
	moved    bool // dir is not that of the first file
	where    source.Pos
}

// compose follows a command that has compose build, with files, arguments or an environment of its
// own. What it builds without these is said where the file is read.
func (s *shell) compose(args []trace.Text, c command) bool {
	rest, ok := composeWords(args)
	if !ok || s.run.quiet > 0 || s.over() {
		return ok
	}
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
		if !hasValue && contains(composeOptions, word.S) && len(rest) > 0 {
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
			if v := s.get(value.S); len(v.words) == 1 { // no "=": a variable of the environment
				value = trace.Join(value, trace.Plain("="), v.words[0])
			}
			handed = append(handed, value)
		}
	}
	if len(words) == 0 || !contains("build up create run", words[0].S) {
		return true
	}
	o := composeCommand{names: map[string]bool{}, handed: handed, given: s.environment(c), moved: project.S != "", where: s.placeOf(c)}
	for _, word := range words[1:] {
		o.names[word.S] = true
	}
	if len(files) == 0 {
		files = entries(o.given["COMPOSE_FILE"], ":;")
	}
	if len(envFiles) == 0 {
		envFiles = entries(o.given["COMPOSE_ENV_FILES"], ",")
	}
	for _, start := range s.place.starts {
		o.paths, o.envFiles = s.settled(files, start), s.settled(envFiles, start)
		dir, ok := settle(enter(s.place.cwd, path.Join(".", project.S)), start)
		if !ok || len(o.paths) < len(files) {
			continue
		}
		o.dir = dir
		builds, found := o.builds(s.run.tree, &s.run.fuel)
		s.run.addAll(builds)
		if found {
			break
		}
	}
	return true
}

// settled returns the paths from the root of files that a command names.
func (s *shell) settled(files []trace.Text, start string) []string {
	var paths []string
	for _, f := range files {
		if p, ok := settle(enter(s.place.cwd, f.S), start); ok {
			paths = append(paths, p)
		}
	}
	return paths
}

// builds returns what compose builds of files otherwise than they say by themselves; found is false
// where they are not there.
func (o composeCommand) builds(t *tree, fuel *fuel) (builds []Build, found bool) {
	paths := o.paths
	isOwn := len(paths) > 1 || len(o.envFiles) > 0 || o.moved
	if len(paths) == 0 {
		for _, all := range [][]string{composeNames, overrideNames} {
			if p := t.firstOf(o.dir, all); p != "" {
				paths = append(paths, p)
			}
		}
	}
	var all []*composeFile
	vars := variables{}
	for _, p := range paths {
		if ext := path.Ext(p); ext != ".yml" && ext != ".yaml" || !fuel.use(20_000) {
			return nil, false
		}
		f := t.read(p)
		if f == nil {
			return nil, false
		}
		file, err := parseCompose(f)
		if err != nil {
			return nil, true // it is said where the file is read
		}
		if o.moved {
			file.dir = o.dir
		}
		if len(all) > 0 {
			file.dir = all[0].dir // paths are relative to the first
			t.markCalled(p)
		}
		all = append(all, file)
		isOwn = isOwn || KindOf(p) != Compose
		for name, value := range o.given {
			if bytes.Contains(f.Src, []byte(name)) { // with $, or an argument that has no value
				vars[name] = whole(value)
			}
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	if len(vars) == 0 && len(o.handed) == 0 && !isOwn {
		return nil, true
	}
	p := newComposeProject(t, all[0])
	p.over = all[1:]
	if len(o.envFiles) > 0 {
		p.vars = variables{}
	}
	for _, env := range o.envFiles {
		maps.Copy(p.vars, readEnv(t.read(env)))
	}
	maps.Copy(p.vars, vars)
	services, _ := p.builds()
	for _, b := range services {
		_, name, _ := strings.Cut(b.Name, "#")
		if len(o.names) > 0 && !o.names[name] {
			continue
		}
		own := b.Name
		b.Where, b.Name = o.where, ""
		for _, a := range o.handed {
			if name, value, ok := a.Cut("="); ok && isName(name.S) {
				b.override(name.S, value)
			}
		}
		if o.moved && all[0].dir != path.Dir(all[0].Path) {
			t.markCalled(own) // by itself it would name other directories
		}
		if !b.isOpen() {
			t.markCalled(filled + own)
		}
		builds = append(builds, b)
	}
	return builds, true
}
