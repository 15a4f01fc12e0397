package buildfile

import (
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

// hear returns what takes in a line that a run step writes to one of the files. What may not be
// written, or has several lines, is not known.
func (s *scope) hear(host *scope, id string, sure bool) func(file string, line trace.Text, certain bool) {
	return func(file string, line trace.Text, certain bool) {
		name, value, ok := line.Cut("=")
		if before, _, found := strings.Cut(line.S, "<<"); found && !strings.Contains(before, "=") {
			name, ok = trace.Plain(before), true
			value = trace.Plain(unknown)
		}
		if !ok || !isName(strings.TrimSpace(name.S)) && file == envFile {
			return
		}
		if !sure || !certain {
			value = trace.Plain(unknown)
		}
		switch key := strings.TrimSpace(name.S); file {
		case envFile:
			s.job.said.env[key] = value
		case outputFile:
			if id != "" {
				host.said.outputs[id+"."+key] = value
			}
		}
	}
}

// forget makes the variables unknown that a script names which writes to GITHUB_ENV, and is of a
// shell that is not followed.
func (s *scope) forget(script string) {
	if !strings.Contains(script, "GITHUB_ENV") {
		return
	}
	for name := range s.variables() {
		if strings.Contains(script, name) {
			s.job.said.env[name] = trace.Plain(unknown)
		}
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
	if file == "" || s.run.hear == nil {
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
	case "cat":
		for _, r := range c.redirs {
			if r.Hdoc != nil {
				lines = entries(s.text(r.Hdoc), "\n")
			}
		}
		lines = append(lines, s.linesOf(rest)...)
	case "grep", "sed", "awk", "envsubst":
		lines = s.linesOf(rest)
		isKept := args[0].S == "grep" && len(rest) > 0 && rest[0].S == "-v" // most lines are, as they are
		for i, line := range lines {
			if name, _, ok := line.Cut("="); ok && !isKept {
				lines[i] = trace.Join(name, trace.Plain("="+unknown)) // what becomes of the line is not known
			}
		}
	}
	for _, line := range lines {
		s.run.hear(file, line, s.branch == 0)
	}
}

// linesOf returns those of the files of the repository that a command is given.
func (s *shell) linesOf(files []trace.Text) []trace.Text {
	var lines []trace.Text
	for _, f := range files {
		if text, ok := s.content(f.S); ok {
			lines = append(lines, entries(text, "\n")...)
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
