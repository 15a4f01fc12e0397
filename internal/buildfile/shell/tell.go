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
	if args[0].S == "tee" {
		for _, a := range args[1:] {
			if a.S == EnvFile || a.S == OutputFile {
				s.say(a.S, s.in, nil)
			}
		}
	}
	if file == "" || s.told(c.redirs) == "" && goesElsewhere(c.redirs) || s.isFollowed(args[0].S) {
		return
	}
	s.say(file, s.shown(args), args)
}

// shown returns what a command prints, and leaves to it what it reads.
func (s *Shell) shown(args []trace.Text) *Stream {
	var in Stream
	if s.in != nil {
		in = *s.in
		defer func(to *Stream) { *to = in }(s.in)
	}
	out := s.Out
	defer func() { s.Out = out }()
	s.Out = &Stream{}
	if args[0].S == "tee" {
		return &in
	}
	s.show(args)
	return s.Out
}

// say adds the lines of a stream to a file that later steps read. What is not known may be any of what the
// command names; of a stream without a command, any of the script.
func (s *Shell) say(file string, from *Stream, args []trace.Text) {
	if from == nil || from.Lost {
		s.Run.Hear(file, trace.Join(trace.Plain(reading.Unknown+" "), reading.JoinWith(" ", args)).TrimSpace(), s.branch == 0)
		return
	}
	s.Run.Chosen = len(s.ways) > 0
	for _, line := range linesIn(from.Text) {
		s.Run.heard++
		s.Run.Hear(file, line, s.branch == 0)
	}
}

// isFollowed reports whether what a command prints is followed where it is printed, or is nothing.
func (s *Shell) isFollowed(name string) bool {
	return s.funcs[name] != nil || reading.KindOf(name) == reading.Shell || reading.Contains("cd pushd popd set unset shift export local declare readonly read source . "+
		"true false test [ : mkdir rm cp mv touch chmod sleep bash sh", name)
}

// telling has what a function, a script or a compound command prints go where the command does; the function that
// it returns ends that.
func (s *Shell) telling(redirs []*syntax.Redirect) func() {
	sink := s.sink
	if file := s.told(redirs); file != "" {
		s.sink = file
	} else if goesElsewhere(redirs) {
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
