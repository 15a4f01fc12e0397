package buildfile

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// The files that a run step tells later steps through, as the shell sees their paths.
const (
	envFile    = "/github/env"    // GITHUB_ENV: NAME=value, of later steps of the job
	outputFile = "/github/output" // GITHUB_OUTPUT: NAME=value, as steps.ID.outputs.NAME
)

// said are the values that steps have written, by name.
type said struct {
	env     map[string]trace.Text
	outputs map[string]trace.Text // by ID.NAME
}

// tellers returns the variables of a run step with the files that it may write to.
func tellers(vars map[string]variable) map[string]variable {
	vars["GITHUB_ENV"], vars["GITHUB_OUTPUT"] = oneWord(trace.Plain(envFile)), oneWord(trace.Plain(outputFile))
	return vars
}

// A listener takes in the lines that a run step writes to the files that later steps read.
type listener struct {
	s, host *scope
	id      string // of the step
	script  string // of the step
	sure    bool   // it runs
	open    map[string]*longValue
}

// A longValue is one of several lines, NAME<<END up to END, that has not ended yet.
type longValue struct {
	name, end string
	lines     []trace.Text
	certain   bool
}

// hear returns what takes in a line that a run step writes to one of the files. What may not be
// written is not known.
func (s *scope) hear(host *scope, id, script string, sure bool) func(file string, line trace.Text, certain bool) {
	l := &listener{s: s, host: host, id: id, script: script, sure: sure, open: map[string]*longValue{}}
	return l.hear
}

func (l *listener) hear(file string, line trace.Text, certain bool) {
	if long := l.open[file]; long != nil {
		if strings.TrimSpace(line.S) == long.end {
			delete(l.open, file)
			l.set(file, long.name, joinWith("\n", long.lines), long.certain && certain)
		} else if len(long.lines) < maxBuilds {
			long.lines = append(long.lines, line)
			long.certain = long.certain && certain
		}
		return
	}
	name, value, ok := line.Cut("=")
	if before, end, found := strings.Cut(line.S, "<<"); found && !strings.Contains(before, "=") {
		l.set(file, strings.TrimSpace(before), trace.Plain(unknown), false) // until it ends
		if end = strings.TrimSpace(end); !hidden(trace.Plain(end)) {
			l.open[file] = &longValue{name: strings.TrimSpace(before), end: end, certain: certain}
		}
		return
	}
	switch {
	case file == envFile && hidden(line) && (!ok || hidden(name)):
		l.lose(line.S)
	case ok:
		l.set(file, strings.TrimSpace(name.S), value, certain)
	}
}

// lose makes the variables unknown that a command, or a file which it names, has the names of: what writes to
// GITHUB_ENV is a program that is not followed. Where nothing of the command is known it may be any of the script.
func (l *listener) lose(command string) {
	names := command
	if strings.Trim(command, unknown) == "" {
		command = l.script
	}
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\n\"'`;|&<>()$={}", r) })
	const most = 50 // of them
	for i, word := range words[:min(len(words), most)] {
		if strings.ContainsAny(word, "./") && !slices.Contains(words[:i], word) {
			if p := within(".", word); p != "" && p != "." && l.s.run.use(costOfStep) {
				if f := l.s.run.tree.read(p); f != nil && l.s.run.use(len(f.Src)) {
					names += "\n" + string(f.Src)
				}
			}
		}
	}
	l.s.forgetNames(names)
}

// set notes a value that a step has written.
func (l *listener) set(file, name string, value trace.Text, certain bool) {
	if !l.sure || !certain {
		value = trace.Plain(unknown)
	}
	switch {
	case file == envFile && isName(name):
		l.s.job.said.env[name] = value
	case file == outputFile && l.id != "":
		l.host.said.outputs[l.id+"."+name] = value
	}
}

// forget makes the variables unknown that a text names which writes to GITHUB_ENV in a way that is
// not followed.
func (s *scope) forget(script string) {
	if !strings.Contains(script, "GITHUB_ENV") {
		return
	}
	s.forgetNames(script)
}

func (s *scope) forgetNames(text string) {
	for name := range s.variables() {
		if hasWord(text, name) {
			s.job.said.env[name] = trace.Plain(unknown)
		}
	}
}

// hasWord reports whether a name stands in a text, and is no part of another.
func hasWord(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(name)
		if (start == 0 || !isNameByte(text[start-1])) && (end == len(text) || !isNameByte(text[end])) {
			return true
		}
		at = end
	}
}

// told returns the file that redirections append to, of those that later steps read; "" for none.
func (s *shell) told(redirs []*syntax.Redirect) string {
	for _, r := range redirs {
		if op := r.Op.String(); r.Word != nil && (op == ">>" || op == ">") {
			if file := s.text(r.Word).S; file == envFile || file == outputFile {
				return file
			}
		}
	}
	return ""
}

// tell follows a command that prints, with what it prints going to a file that later steps read.
func (s *shell) tell(args []trace.Text, c command) {
	file := s.told(c.redirs)
	if file == "" {
		file = s.sink
	}
	if s.run.hear == nil {
		return
	}
	if file == "" && args[0].S == "echo" && len(args) > 1 {
		s.tellOld(args[1])
	}
	if file == "" || s.told(c.redirs) == "" && goesElsewhere(c.redirs) {
		return
	}
	var lines []trace.Text
	switch rest := args[1:]; args[0].S {
	case "echo":
		for len(rest) > 0 && (rest[0].S == "-n" || rest[0].S == "-e") {
			rest = rest[1:]
		}
		lines = []trace.Text{joinWith(" ", rest)}
	case "printf":
		if len(rest) > 0 {
			lines = formatted(rest[0], rest[1:])
		}
	case "cat", "tee":
		for _, r := range c.redirs {
			if r.Hdoc != nil {
				lines = linesIn(s.text(r.Hdoc))
			}
		}
		if args[0].S == "cat" {
			lines = append(lines, s.linesOf(rest)...)
		}
	case "grep", "sed", "awk", "envsubst", "head", "tail", "sort", "uniq":
		lines = s.linesOf(rest)
		isKept := args[0].S == "grep" && len(rest) > 0 && rest[0].S == "-v" // most lines are, as they are
		for i, line := range lines {
			if name, _, ok := line.Cut("="); ok && !isKept {
				lines[i] = trace.Join(name, trace.Plain("="+unknown)) // what becomes of the line is not known
			}
		}
	}
	if lines == nil && !s.isFollowed(args[0].S) {
		lines = []trace.Text{trace.Join(trace.Plain(unknown+" "), joinWith(" ", args))}
	}
	for _, line := range lines {
		s.run.hear(file, line, s.branch == 0)
	}
}

// isFollowed reports whether what a command prints is followed where it is printed, or is nothing.
func (s *shell) isFollowed(name string) bool {
	return s.funcs[name] != nil || KindOf(name) == Shell || contains("echo printf cd pushd popd set unset shift export local declare readonly read source . "+
		"true false test [ : mkdir rm cp mv touch chmod sleep bash sh", name)
}

// telling has what a function or a script prints go where the command does; the function that
// it returns ends that.
func (s *shell) telling(c command) func() {
	sink := s.sink
	if file := s.told(c.redirs); file != "" {
		s.sink = file
	} else if goesElsewhere(c.redirs) {
		s.sink = ""
	}
	return func() { s.sink = sink }
}

// goesElsewhere reports whether what is printed goes to some file.
func goesElsewhere(redirs []*syntax.Redirect) bool {
	return slices.ContainsFunc(redirs, func(r *syntax.Redirect) bool {
		return (r.N == nil || r.N.Value == "1") && strings.Contains(r.Op.String(), ">") || r.Op == syntax.RdrAll || r.Op == syntax.AppAll
	})
}

// tellOld takes in a line that told later steps something before there were files for it:
// ::set-output name=NAME::value.
func (s *shell) tellOld(line trace.Text) {
	for prefix, file := range map[string]string{"::set-output name=": outputFile, "::set-env name=": envFile} {
		if !strings.HasPrefix(line.S, prefix) {
			continue
		}
		if name, value, ok := line.Slice(len(prefix), len(line.S)).Cut("::"); ok {
			s.run.hear(file, trace.Join(name, trace.Plain("="), value), s.branch == 0)
		}
	}
}

// linesIn returns the lines of a text, as they are.
func linesIn(t trace.Text) []trace.Text {
	var lines []trace.Text
	for t.S != "" {
		line, rest, _ := t.Cut("\n")
		lines = append(lines, line)
		t = rest
	}
	return lines
}

// linesOf returns those of the files of the repository that a command is given.
func (s *shell) linesOf(files []trace.Text) []trace.Text {
	var lines []trace.Text
	for _, f := range files {
		if text, ok := s.content(f.S); ok {
			lines = append(lines, linesIn(text)...)
		}
	}
	return lines
}

// formatted returns the lines that printf prints, where its format is simple: one %s, at its end.
func formatted(format trace.Text, args []trace.Text) []trace.Text {
	text := strings.TrimSuffix(format.S, `\n`)
	before, ok := strings.CutSuffix(text, "%s")
	if !ok || strings.ContainsAny(before, `%\`) {
		return []trace.Text{format.Slice(0, len(text))}
	}
	var lines []trace.Text
	for _, a := range args {
		lines = append(lines, trace.Join(format.Slice(0, len(before)), a))
	}
	return lines
}

// isTee reports whether a statement of a pipeline is tee, and to which of the files.
func (s *shell) isTee(st *syntax.Stmt) (file string, ok bool) {
	call, isCall := st.Cmd.(*syntax.CallExpr)
	if !isCall || len(call.Args) < 2 || call.Args[0].Lit() != "tee" {
		return "", false
	}
	for _, a := range s.words(call.Args[1:]) {
		if a.S == envFile || a.S == outputFile {
			return a.S, true
		}
	}
	return "", false
}
