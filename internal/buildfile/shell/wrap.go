package shell

import (
	"maps"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// Programs whose arguments are no command that is run.
const (
	noCommands = "echo printf cat grep egrep fgrep sed awk log info warn error debug die fail print say test [ type which hash git alias true false :"
	elsewhere  = "ssh docker podman nerdctl kubectl oc nsenter chroot vagrant multipass lima limactl machinectl gcloud aws az wsl"
)

// handOn follows a program that runs what it is told: a shell (bash -c 'docker build .'), eval,
// or one that is not known (retry 3 docker build ., $DRY_RUN docker build .).
func (s *Shell) handOn(args []trace.Text, c Command, saved map[string]Variable) {
	name := path.Base(args[0].S)
	if s.Run.Quiet > 0 || s.depth >= reading.MaxDepth || reading.Contains(noCommands, name) || strings.HasPrefix(name, "log_") || strings.HasPrefix(name, "print") {
		return
	}
	switch {
	case reading.Contains(reading.ShellNames, name):
		if text, params, ok := shellText(args[1:]); ok {
			s.shellCommand(text, params, c, saved)
		}
		return
	case name == "eval":
		s.eval(reading.JoinWith(" ", args[1:]), c)
		return
	case reading.Contains("su sg runuser nix-shell script", name):
		for i, a := range args[1:] {
			if reading.Contains("-c --command --run -lc", a.S) && i+2 < len(args) {
				s.shellCommand(args[i+2], nil, c, saved)
				return
			}
		}
	}
	if s.isElsewhere(args, c) {
		return
	}
	for i := 1; i < len(args); i++ {
		if runs(args[i:]) {
			commands := [][]trace.Text{args[i:]}
			if reading.Contains("xargs parallel find", name) {
				var ok bool
				if commands, ok = s.spread(args, i); !ok {
					commands = [][]trace.Text{filledIn(args)[i:]}
				}
			}
			s.depth++
			for _, command := range commands {
				if s.Over() || !s.Run.Step(0) {
					break
				}
				s.Command(command, c, saved)
			}
			s.depth--
			return
		}
	}
	for _, a := range args[1:] {
		if command := CommandIn(a.S); command != "" {
			s.passOver(c, command, "it is an argument of "+name)
			return
		}
	}
}

// isElsewhere reports whether a program runs what it is told in another place than this one,
// and says so of a command that builds.
func (s *Shell) isElsewhere(args []trace.Text, c Command) bool {
	name := path.Base(args[0].S)
	if !reading.Contains(elsewhere, name) || args[0].S == anyTool {
		return false
	}
	for i := 1; i < len(args); i++ {
		cmd, ok := commandOf(args[i:])
		command := cmd.name
		if !ok {
			command = CommandIn(args[i].S)
		}
		if command != "" {
			s.Run.met++
			s.passOverOnce(c, command, name+" runs it elsewhere")
			break
		}
	}
	return true
}

// runs reports whether a command that builds begins here.
func runs(args []trace.Text) bool {
	name := args[0].S
	if name = name[strings.LastIndexByte(name, '/')+1:]; reading.Contains(reading.ShellNames, name) {
		_, _, ok := shellText(args[1:])
		return ok
	}
	if programsByName[name] == nil && args[0].S != anyTool && !strings.HasSuffix(name, "-compose") {
		return false
	}
	if _, ok := bakeWords(args); ok {
		return true
	}
	if _, ok := composeWords(args); ok {
		return true
	}
	_, ok := commandOf(args)
	return ok
}

// shellText returns what a shell is told with -c, and the parameters behind it.
func shellText(args []trace.Text) (text trace.Text, params []trace.Text, ok bool) {
	isText := false
	for len(args) > 0 && (strings.HasPrefix(args[0].S, "-") || strings.HasPrefix(args[0].S, "+")) {
		option := args[0].S
		args = args[1:]
		if strings.HasPrefix(option, "--") {
			continue
		}
		isText = isText || option[0] == '-' && strings.Contains(option, "c")
		if strings.HasSuffix(option, "o") || strings.HasSuffix(option, "O") {
			args = args[min(1, len(args)):]
		}
	}
	if !isText || len(args) == 0 {
		return trace.Text{}, nil, false
	}
	return args[0], args[min(2, len(args)):], true
}

// shellCommand follows a text in a shell of its own, which has the variables that are exported.
func (s *Shell) shellCommand(text trace.Text, params []trace.Text, c Command, saved map[string]Variable) {
	if !s.Run.Step(len(text.S)) {
		return
	}
	vars := map[string]Variable{}
	for _, name := range slices.Sorted(maps.Keys(s.Vars)) {
		if _, ok := saved[name]; (ok || s.Export[name]) && s.Run.Use(1) {
			vars[name] = s.Vars[name]
		}
	}
	child := New(s.Run, s.self, s.Place, vars)
	child.Where, child.depth, child.params = s.placeOf(c), s.depth+1, paramsOf(params)
	if err := child.Read(text); err != nil {
		child.notParsed(text, c, s)
	}
}

// eval follows a text as if it stood here.
func (s *Shell) eval(text trace.Text, c Command) {
	if !s.Run.Step(len(text.S)) {
		return
	}
	file, err := parseShell(text.S)
	if err != nil {
		s.notParsed(text, c, s)
		return
	}
	src, where := s.Src, s.Where
	s.Where = s.placeOf(c)
	s.Src = text
	s.depth++
	s.stmts(file.Stmts)
	s.depth--
	s.Src, s.Where = src, where
}

// notParsed says that a text which a shell is told does not parse.
func (s *Shell) notParsed(text trace.Text, c Command, outer *Shell) {
	if command := CommandIn(text.S); command != "" {
		outer.passOver(c, command, "the text that it stands in does not parse")
	}
}

// filledIn returns arguments in which {} is not known, nor what is behind them.
func filledIn(args []trace.Text) []trace.Text {
	all := make([]trace.Text, 0, len(args)+1)
	for _, a := range args {
		for {
			i := strings.Index(a.S, "{}")
			if i < 0 {
				break
			}
			a = trace.Join(a.Slice(0, i), trace.Plain(reading.Unknown), a.Slice(i+2, len(a.S)))
		}
		all = append(all, a)
	}
	return append(all, trace.Plain(many))
}

// handsOn reports whether a function runs its arguments.
func (f *function) handsOn() bool {
	found := false
	syntax.Walk(f.body, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 || found {
			return !found
		}
		words := call.Args[:1]
		if reading.Contains("eval exec time timeout sudo env nice command", call.Args[0].Lit()) {
			words = call.Args
		}
		found = slices.ContainsFunc(words, isParameters)
		return !found
	})
	return found
}

// isParameters reports whether a word is all parameters: "$@", $*, "${@:2}".
func isParameters(w *syntax.Word) bool {
	if len(w.Parts) != 1 {
		return false
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	p, ok := part.(*syntax.ParamExp)
	return ok && p.Param != nil && (p.Param.Value == "@" || p.Param.Value == "*")
}
