package buildfile

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// anyTool is the program that a variable stands for whose name alone is known.
const anyTool = unknown + "docker"

// toolWords are what the names of such variables hold.
var toolWords = []string{"DOCKER", "PODMAN", "CONTAINER", "ENGINE", "BUILDER"}

// isToolName reports whether a variable of that name holds a program that builds.
func isToolName(name string) bool {
	name = strings.ToUpper(name)
	for _, word := range toolWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// wrappers are the programs that run another, with their options that take a value.
var wrappers = map[string]string{
	"sudo": "-u -g -h -p -C -D -R -T -r -t --user --group --host --prompt --chdir", "env": "-u -C --unset --chdir", "exec": "-a",
	"command": "", "builtin": "", "time": "-f -o", "nice": "-n --adjustment", "nohup": "",
}

// unwrap cuts the programs off that run another, and sets the variables that they
// set for it. saved gets what those were.
func (s *shell) unwrap(args []trace.Text, saved map[string]variable) []trace.Text {
	for len(args) > 0 {
		name := path.Base(args[0].S)
		valued, ok := wrappers[name]
		if !ok {
			return args
		}
		args = args[1:]
		for len(args) > 0 {
			option := args[0]
			if key, value, ok := option.Cut("="); ok && isName(key.S) && (name == "sudo" || name == "env") {
				if _, ok := saved[key.S]; !ok {
					saved[key.S] = s.vars[key.S]
				}
				s.put(key.S, oneWord(value))
				args = args[1:]
				continue
			}
			if !strings.HasPrefix(option.S, "-") {
				break
			}
			if name == "command" && strings.ContainsAny(option.S, "vV") {
				return nil
			}
			args = args[1:]
			if contains(valued, option.S) {
				args = args[min(1, len(args)):]
			}
		}
	}
	return nil
}

// contains reports whether a list in one string has a word.
func contains(list, word string) bool {
	return word != "" && strings.Contains(" "+list+" ", " "+word+" ")
}

// isName reports whether a text can be the name of a variable.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !trace.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}

// Options that take a value, of docker, podman, buildah and nerdctl.
const (
	programOptions = "--config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --builder " +
		"--connection --url --identity --root --runroot --storage-driver --storage-opt --cgroup-manager --runtime --tmpdir " +
		"--registries-conf --registries-conf-dir --address -a --namespace -n --snapshotter --data-root --cni-path --cni-netconfpath --hosts-dir"
	buildOptions = "--add-host --allow --annotation --arch --attest --authfile --build-arg --build-arg-file --build-context --builder " +
		"--cache-from --cache-to --cache-ttl --call --cap-add --cap-drop --cert-dir --cgroup-parent --cgroupns --cpp-flag --cpu-period " +
		"--cpu-quota -c --cpu-shares --cpuset-cpus --cpuset-mems --creds --decryption-key --device --dns --dns-option --dns-search " +
		"--env --farm --file -f --format --from --group-add --hooks-dir --iidfile --ignorefile --invoke --ipc --isolation --jobs -j " +
		"--label --layer-label --logfile --manifest --memory -m --memory-swap --metadata-file --network --no-cache-filter --os " +
		"--os-feature --os-version --output -o --pid --platform --policy --print --progress --provenance --retry --retry-delay " +
		"--root --runtime --runtime-flag --sbom --secret --security-opt --server-config --shm-size --sign-by --signature-policy " +
		"--source-date-epoch --ssh --tag -t --target --timestamp --ulimit --unsetenv --unsetlabel --userns --userns-gid-map " +
		"--userns-gid-map-group --userns-uid-map --userns-uid-map-user --uts --variant --volume -v"
)

// subcommand returns the arguments behind the words that build an image.
func subcommand(args []trace.Text) (rest []trace.Text, anyDir, ok bool) {
	program := path.Base(args[0].S)
	if args[0].S == anyTool {
		program = anyTool
	}
	switch program {
	case "docker", "nerdctl":
	case "podman", "buildah", "docker-buildx", anyTool:
		anyDir = program != "docker-buildx"
	default:
		return nil, false, false
	}
	inner := program == "docker-buildx"
	for rest = args[1:]; len(rest) > 0; {
		word := rest[0].S
		rest = rest[1:]
		switch {
		case strings.HasPrefix(word, "-"):
			if contains(programOptions, word) {
				rest = rest[min(1, len(rest)):]
			}
		case word == "build", inner && word == "b", (program == "buildah" || program == anyTool) && (word == "bud" || word == "build-using-dockerfile"):
			return rest, anyDir, true
		case !inner && contains("buildx image builder", word) && program != "buildah":
			inner = word == "buildx"
		default:
			return nil, false, false
		}
	}
	return nil, false, false
}

// Options are what a command that builds is told.
type options struct {
	build   Build
	file    trace.Text
	context trace.Text
	given   bool // context
}

// build adds the build of a command, if it is one.
func (s *shell) build(args []trace.Text, c command) {
	if words, ok := acr(args); ok {
		args = words
	}
	rest, anyDir, ok := subcommand(args)
	if !ok || s.run.quiet > 0 || s.over() {
		return
	}
	o := s.options(rest)
	context := o.context.S
	if !o.given {
		context = unknown
		if anyDir { // podman and buildah take the directory that they run in
			context = "."
		}
	}
	file := o.file.S
	switch {
	case file == "-", context == "-" && file == "":
		if file = s.input(c); file == "" {
			return
		}
		if context == "-" {
			context = unknown
		}
	case context == "-" || strings.Contains(context, "://") || strings.HasPrefix(context, "git@"):
		return // the Dockerfile is in there
	}
	dockerfile, dir, ok := s.place.find(s.run.tree, context, file, anyDir)
	if !ok {
		return
	}
	o.build.Dockerfile, o.build.Context = dockerfile, dir
	o.build.Where = s.placeOf(c)
	s.run.add(o.build)
}

// add adds a build, unless the same was found before by another way to it.
func (r *shellRun) add(b Build) {
	key := fmt.Sprint(summary(b)...)
	if r.seen[key] || len(r.builds) >= maxBuilds {
		return
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.seen[key] = true
	r.builds = append(r.builds, b)
}

// addAll adds builds.
func (r *shellRun) addAll(builds []Build) {
	for _, b := range builds {
		r.add(b)
	}
}

// input returns the file that a command reads.
func (s *shell) input(c command) string {
	for _, r := range c.redirs {
		if r.Op.String() == "<" && r.Word != nil {
			return s.text(r.Word).S
		}
	}
	return ""
}

// options reads the arguments of a build.
func (s *shell) options(args []trace.Text) options {
	var o options
	plain := false // behind --
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case plain || a.S == "-" || !strings.HasPrefix(a.S, "-"):
			// An argument that is not known may be any number of options.
			if !o.given || strings.Contains(o.context.S, unknown) {
				o.context, o.given = a, true
			}
		case a.S == "--":
			plain = true
		case strings.HasPrefix(a.S, "--"):
			name, value, ok := a.Cut("=")
			if !ok && contains(buildOptions, a.S) && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			s.option(&o, name.S, value)
		default:
			for i := 1; i < len(a.S); i++ { // -qt NAME, -tNAME
				name := "-" + a.S[i:i+1]
				if !contains(buildOptions, name) {
					continue
				}
				value := a.Slice(i+1, len(a.S))
				if value.S == "" && len(args) > 0 {
					value, args = args[0], args[1:]
				} else if strings.HasPrefix(value.S, "=") {
					value = value.Slice(1, len(value.S))
				}
				s.option(&o, name, value)
				break
			}
		}
	}
	return o
}

func (s *shell) option(o *options, name string, value trace.Text) {
	switch name {
	case "-t", "--tag":
		o.build.addImage(value)
	case "-f", "--file":
		o.file = value
	case "--target":
		o.build.Target = ""
		if !hidden(value) {
			o.build.Target = value.S
		}
	case "--build-arg":
		if v := s.get(value.S); len(v.words) == 1 { // no "=": a variable of the environment
			value = trace.Join(value, trace.Plain("="), v.words[0])
		}
		o.build.addArg(value)
	case "--platform":
		for _, p := range strings.Split(value.S, ",") {
			o.build.Platforms = addPlatform(o.build.Platforms, p)
		}
	case "--build-context":
		o.build.addContext(value)
	}
}

// summary is a build in a form in which two can be compared.
func summary(b Build) []any {
	all := []any{b.Where, b.Dockerfile, b.Context, b.Target, b.Platforms}
	text := func(t trace.Text) {
		for _, p := range t.Pieces() {
			from := ""
			if p.File != nil {
				from = p.File.Path
			}
			all = append(all, p.S, from, p.Span)
		}
		all = append(all, "|")
	}
	for _, t := range b.Images {
		text(t)
	}
	for _, a := range b.Args {
		all = append(all, a.Name)
		text(a.Value)
	}
	for _, c := range b.Contexts {
		all = append(all, c.Name)
		text(c.Value)
	}
	return all
}

// handsToMake reports whether a line of a file has the word make and an assignment.
func handsToMake(src []byte) bool {
	for at := 0; ; {
		i := bytes.Index(src[at:], []byte("make "))
		if i < 0 {
			return false
		}
		at += i
		start := bytes.LastIndexByte(src[:at], '\n') + 1
		end := start + lineLength(src[start:])
		if bytes.IndexByte(src[start:end], '=') >= 0 {
			return true
		}
		at = end
	}
}
