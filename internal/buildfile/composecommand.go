package buildfile

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
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

// compose follows a command that has compose build, with files, arguments or an environment of its
// own. What it builds without these is said where the file is read.
func (s *shell) compose(args []trace.Text, c command) bool {
	rest, ok := composeWords(args)
	if !ok || s.run.quiet > 0 || s.over() {
		return ok
	}
	var files, handed, words []trace.Text
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
		switch key.S {
		case "-f", "--file":
			files = append(files, value)
		case "--build-arg":
			handed = append(handed, value)
		}
	}
	if len(words) == 0 || !contains("build up create run", words[0].S) {
		return true
	}
	names := map[string]bool{}
	for _, word := range words[1:] {
		names[word.S] = true
	}
	given := s.environment(c)
	for _, start := range s.place.starts {
		var paths []string
		for _, f := range files {
			if p, ok := settle(enter(s.place.cwd, f.S), start); ok {
				paths = append(paths, p)
			}
		}
		dir, ok := settle(enter(s.place.cwd, "."), start)
		if !ok || len(paths) < len(files) {
			continue
		}
		if s.composes(dir, paths, names, handed, given, c) {
			break
		}
	}
	return true
}

// composes adds what compose builds of files; found is false where they are not there.
func (s *shell) composes(dir string, paths []string, names map[string]bool, handed []trace.Text, given map[string]trace.Text, c command) (found bool) {
	t := s.run.tree
	isOwn := len(paths) > 1
	if len(paths) == 0 {
		for _, all := range [][]string{composeNames, overrideNames} {
			if p := t.firstOf(dir, all); p != "" {
				paths = append(paths, p)
			}
		}
	}
	var all []*composeFile
	vars := variables{}
	for _, p := range paths {
		if ext := path.Ext(p); ext != ".yml" && ext != ".yaml" || !s.run.use(20_000) {
			return false
		}
		f := t.read(p)
		if f == nil {
			return false
		}
		file, err := parseCompose(f)
		if err != nil {
			return true // it is said where the file is read
		}
		if len(all) > 0 {
			file.dir = all[0].dir // paths are relative to the first
		}
		all = append(all, file)
		isOwn = isOwn || KindOf(p) != Compose
		for name, value := range given {
			if bytes.Contains(f.Src, []byte("${"+name)) || bytes.Contains(f.Src, []byte("$"+name)) {
				vars[name] = value
			}
		}
	}
	if len(all) == 0 {
		return false
	}
	if len(vars) == 0 && len(handed) == 0 && !isOwn {
		return true
	}
	p := t.composeProject(all[0])
	p.over = all[1:]
	for name, value := range vars {
		if hidden(value) {
			value = trace.Plain(unknown)
		}
		p.vars[name] = value
	}
	builds, _ := p.builds(nil)
	for _, b := range builds {
		_, name, _ := strings.Cut(b.Name, "#")
		if len(names) > 0 && !names[name] {
			continue
		}
		b.Where, b.Name = s.placeOf(c), ""
		for _, a := range handed {
			name, _, _ := a.Cut("=")
			b.Args = slices.DeleteFunc(b.Args, func(arg scanner.Arg) bool { return arg.Name == name.S })
			b.addArg(a)
		}
		s.run.add(b)
	}
	return true
}
