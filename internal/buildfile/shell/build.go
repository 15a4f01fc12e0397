package shell

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// anyTool is the program that a variable stands for whose name alone is known.
const anyTool = reading.Unknown + "docker"

// toolWords are what the names of such variables hold.
var toolWords = []string{"DOCKER", "PODMAN", "CONTAINER", "ENGINE", "BUILDER"}

// IsToolName reports whether a variable of that name holds a program that builds.
func IsToolName(name string) bool {
	if len(name) < len("DOCKER") {
		return false
	}
	name = strings.ToUpper(name)
	if strings.Contains(name, "FUZZ") { // LIB_FUZZING_ENGINE
		return false
	}
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
func (s *Shell) unwrap(args []trace.Text, saved map[string]Variable) []trace.Text {
	for len(args) > 0 {
		name := path.Base(args[0].S)
		valued, ok := wrappers[name]
		if !ok {
			return args
		}
		args = args[1:]
		for len(args) > 0 {
			option := args[0]
			if key, value, ok := option.Cut("="); ok && reading.IsName(key.S) && (name == "sudo" || name == "env") {
				if _, ok := saved[key.S]; !ok {
					saved[key.S] = s.Vars[key.S]
				}
				s.put(key.S, OneWord(value))
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
			if reading.Contains(valued, option.S) {
				args = args[min(1, len(args)):]
			}
		}
	}
	return nil
}

// BuildOptions are what a command that builds is told.
type BuildOptions struct {
	Build    reading.Build
	images   []trace.Text
	registry trace.Text
	file     trace.Text
	context  trace.Text
	below    string     // of the context
	steps    string     // a file that says what is built
	filed    int        // how many of the first arguments come from files
	Unfiled  string     // a file of arguments that is not read
	flag     trace.Text // that names it
	first    trace.Text // in the place of what the first FROM names
	given    bool       // context
	help     bool       // nothing is built
}

// build adds the build of a command; ok is false for one that does not build.
func (s *Shell) build(args []trace.Text, c Command) (ok bool) {
	cmd, ok := commandOf(args)
	if !ok || s.Run.Quiet > 0 || s.Over() {
		return ok
	}
	s.Run.met++
	if cmd.unread != "" {
		s.passOver(c, cmd.name, cmd.unread)
		return true
	}
	o := s.Options(cmd.flags, cmd.args)
	if o.help || len(cmd.args) == 0 {
		return true
	}
	o.tag()
	context := strings.TrimPrefix(o.context.S, "dir://")
	if !o.given {
		context = reading.Unknown
		if cmd.here {
			context = "."
		}
	}
	if o.below != "" {
		context = path.Join(context, o.below)
	}
	file := o.file.S
	if s.inline(o, &file, &context, c) {
		return true
	}
	switch {
	case o.steps != "" || len(o.images) == 0 && cmd.names == "gcloud":
		s.submit(cmd, o, context, c)
		return true
	case file == "-", context == "-" && file == "":
		if file = s.input(c); file == "" {
			s.passOverOnce(c, cmd.name, "it reads its Dockerfile from another command")
			return true
		}
		if context == "-" {
			context = reading.Unknown
		}
	case context == "-" || strings.Contains(context, "://") || strings.HasPrefix(context, "git@"):
		s.passOverOnce(c, cmd.name, "its Dockerfile is outside of the repository")
		return true // the Dockerfile is in there
	}
	dockerfile, dir, ok := s.Place.Find(s.Run.Tree, context, file, cmd.inContext)
	if !ok {
		s.missed(c, cmd.name, context, file)
		s.open(c, context, file, o.images)
		return true
	}
	o.Build.Dockerfile, o.Build.Context = dockerfile, dir
	o.Build.Where = s.placeOf(c)
	s.cutShort(c, cmd.name, cmd.args)
	s.Run.Add(o.Build)
	s.sayRegistry(&o)
	if o.first.S != "" {
		s.Run.Problem(reading.Problem{Code: source.CodeNotUnderstood, Pos: s.placeOf(c), Message: cmd.name + " is read without --from " + source.Clean(o.first.S) + ", which counts instead of what the first FROM of " + dockerfile + " names: write it there, or in an ARG"})
	}
	if o.Unfiled != "" {
		at := s.placeOf(c)
		if o.flag.First().File != nil {
			at = o.flag.Pos()
		}
		s.Run.Problem(reading.Problem{Code: source.CodeNotUnderstood, Pos: at, Message: cmd.name + " is read without its build arguments in " + source.Clean(o.Unfiled) + ": the file is not known, or not here"})
	}
	return true
}

// tag adds the images of a build, with the registry that they go to.
func (o *BuildOptions) tag() {
	for _, t := range o.images {
		switch {
		case o.registry.S == "":
			o.Build.AddImage(t)
		case strings.Contains(o.registry.S, "."):
			o.Build.AddImage(trace.Join(o.registry, trace.Plain("/"), t))
		default: // of Azure
			o.Build.AddImage(trace.Join(o.registry, trace.Plain(azure+"/"), t))
		}
	}
}

// Add adds a build, unless the same was found before by another way to it.
func (r *Run) Add(b reading.Build) {
	key := fmt.Sprint(summary(b)...)
	if r.seen[key] || len(r.Builds) >= reading.MaxBuilds {
		return
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.seen[key] = true
	r.Builds = append(r.Builds, r.named(b))
}

// AddAll adds builds.
func (r *Run) AddAll(builds []reading.Build) {
	for _, b := range builds {
		r.Add(b)
	}
}

// input returns the file that a command reads.
func (s *Shell) input(c Command) string {
	for _, r := range c.redirs {
		if r.Op.String() == "<" && r.Word != nil {
			return s.text(r.Word).S
		}
	}
	return ""
}

// Options reads the arguments of a build.
func (s *Shell) Options(known flags, args []trace.Text) BuildOptions {
	var o BuildOptions
	if known["-r"] == theRegistry { // without one nothing is known of where the images go
		o.registry = trace.Plain(reading.Unknown)
	}
	plain := false // behind --
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case plain || a.S == "-" || !strings.HasPrefix(a.S, "-"):
			// An argument that is not known may be any number of options.
			if known["--context"] == 0 && (!o.given || strings.Contains(o.context.S, reading.Unknown)) {
				o.context, o.given = a, true
			}
		case a.S == "--":
			plain = true
		case strings.HasPrefix(a.S, "--"):
			name, value, ok := a.Cut("=")
			if !ok && known[a.S] != 0 && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			o.help = o.help || a.S == "--help" || a.S == "--version"
			s.option(&o, known[name.S], value)
			if known[name.S] == argFile && o.Unfiled != "" && o.flag.S == "" {
				o.flag = a
			}
		default:
			for i := 1; i < len(a.S); i++ { // -qt NAME, -tNAME
				name := "-" + a.S[i:i+1]
				if name == "-q" {
					continue
				}
				if known[name] == 0 {
					break // -dirty, of a tag that is two words, has no -t
				}
				value := a.Slice(i+1, len(a.S))
				if value.S == "" && len(args) > 0 {
					value, args = args[0], args[1:]
				} else if strings.HasPrefix(value.S, "=") {
					value = value.Slice(1, len(value.S))
				}
				s.option(&o, known[name], value)
				break
			}
		}
	}
	return o
}

func (s *Shell) option(o *BuildOptions, of role, value trace.Text) {
	switch of {
	case theImage:
		o.images = append(o.images, value)
	case theRegistry:
		o.registry = value
	case theFile:
		o.file = value
	case theContext:
		o.context, o.given = value, true
	case inContext:
		o.below = value.S
	case theSteps:
		o.steps = value.S
	case theFirst:
		o.first = value
	case theTarget:
		o.Build.Target = ""
		if !reading.Hidden(value) {
			o.Build.Target = value.S
		}
	case anArg:
		if v := s.get(value.S); len(v.Words) == 1 { // no "=": a variable of the environment
			value = trace.Join(value, trace.Plain("="), v.Words[0])
		}
		o.Build.AddArg(value)
	case argFile:
		s.argsOf(o, value)
	case aPlatform:
		for _, p := range strings.Split(value.S, ",") {
			o.Build.Platforms = reading.AddPlatform(o.Build.Platforms, p)
		}
	case namedContext:
		o.Build.AddContext(value)
	}
}

// summary is a build in a form in which two can be compared.
func summary(b reading.Build) []any {
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
	text(b.Inline)
	for _, t := range b.Images {
		text(t)
	}
	for _, t := range b.Partly {
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
		end := start + reading.LineLength(src[start:])
		if bytes.IndexByte(src[start:end], '=') >= 0 {
			return true
		}
		at = end
	}
}
