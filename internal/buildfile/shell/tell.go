package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// The files that a run step tells later steps through, as the shell sees their paths.
const (
	EnvFile    = "/github/env"    // GITHUB_ENV: NAME=value, of later steps of the job
	OutputFile = "/github/output" // GITHUB_OUTPUT: NAME=value, as steps.ID.outputs.NAME
)

// told returns the file that redirections append to, of those that later steps read; "" for none.
func (s *Shell) told(redirs []*syntax.Redirect) string {
	for _, r := range redirs {
		if op := r.Op.String(); r.Word != nil && (op == ">>" || op == ">") {
			if file := s.text(r.Word).S; file == EnvFile || file == OutputFile {
				return file
			}
		}
	}
	return ""
}

// tell follows a command that prints, with what it prints going to a file that later steps read.
func (s *Shell) tell(args []trace.Text, c Command) {
	file := s.told(c.redirs)
	if file == "" {
		file = s.sink
	}
	if s.Run.Hear == nil {
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
		lines = []trace.Text{reading.JoinWith(" ", rest)}
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
				lines[i] = trace.Join(name, trace.Plain("="+reading.Unknown)) // what becomes of the line is not known
			}
		}
	}
	if lines == nil && !s.isFollowed(args[0].S) {
		lines = []trace.Text{trace.Join(trace.Plain(reading.Unknown+" "), reading.JoinWith(" ", args))}
	}
	for _, line := range lines {
		s.Run.Hear(file, line, s.branch == 0)
	}
}

// isFollowed reports whether what a command prints is followed where it is printed, or is nothing.
func (s *Shell) isFollowed(name string) bool {
	return s.funcs[name] != nil || reading.KindOf(name) == reading.Shell || reading.Contains("echo printf cd pushd popd set unset shift export local declare readonly read source . "+
		"true false test [ : mkdir rm cp mv touch chmod sleep bash sh", name)
}

// telling has what a function or a script prints go where the command does; the function that
// it returns ends that.
func (s *Shell) telling(c Command) func() {
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
func (s *Shell) tellOld(line trace.Text) {
	for prefix, file := range map[string]string{"::set-output name=": OutputFile, "::set-env name=": EnvFile} {
		if !strings.HasPrefix(line.S, prefix) {
			continue
		}
		if name, value, ok := line.Slice(len(prefix), len(line.S)).Cut("::"); ok {
			s.Run.Hear(file, trace.Join(name, trace.Plain("="), value), s.branch == 0)
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
func (s *Shell) linesOf(files []trace.Text) []trace.Text {
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
func (s *Shell) isTee(st *syntax.Stmt) (file string, ok bool) {
	call, isCall := st.Cmd.(*syntax.CallExpr)
	if !isCall || len(call.Args) < 2 || call.Args[0].Lit() != "tee" {
		return "", false
	}
	for _, a := range s.words(call.Args[1:]) {
		if a.S == EnvFile || a.S == OutputFile {
			return a.S, true
		}
	}
	return "", false
}
