package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// prints returns what a command of which that is known prints: $(cat FILE) and
// $(<FILE) of a file of the repository, and $(command -v PROGRAM).
func (s *Shell) prints(st *syntax.Stmt) (trace.Text, bool) {
	if st.Negated || st.Background {
		return trace.Text{}, false
	}
	var input *syntax.Redirect
	for _, r := range st.Redirs {
		switch {
		case r.Op == syntax.RdrIn && input == nil:
			input = r
		case r.N == nil || r.N.Value != "2":
			return trace.Text{}, false
		}
	}
	if st.Cmd == nil && input != nil {
		return s.content(s.text(input.Word).S)
	}
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || input != nil || len(c.Assigns) > 0 || len(c.Args) < 2 || len(c.Args) > 3 {
		return trace.Text{}, false
	}
	switch c.Args[0].Lit() {
	case "cat", "which", "command":
	default:
		return trace.Text{}, false
	}
	words := s.words(c.Args)
	if len(words) == 2 && words[0].S == "cat" {
		return s.content(words[1].S)
	}
	t := ProgramFound(words)
	return t, t.S != reading.Unknown
}

// content returns the text of a file of the repository. Where it may be either of two
// files, nothing is known.
func (s *Shell) content(p string) (trace.Text, bool) {
	var found *trace.File
	for _, start := range s.Place.Starts {
		if p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, p), start); ok {
			if f := s.Run.Tree.Read(p); f != nil {
				if found != nil && found != f {
					return trace.Text{}, false
				}
				found = f
			}
		}
	}
	return Printed(found)
}

// directory returns the directory that a command prints: cd … && pwd, dirname.
func (s *Shell) directory(st *syntax.Stmt) (string, bool) {
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.AndStmt {
		c, ok := b.X.Cmd.(*syntax.CallExpr)
		if !ok {
			_, ok = b.X.Cmd.(*syntax.BinaryCmd)
		}
		if !ok || c != nil && (len(c.Args) == 0 || c.Args[0].Lit() != "cd") {
			return "", false
		}
		s.stmt(b.X)
		return s.directory(b.Y)
	}
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return "", false
	}
	switch c.Args[0].Lit() {
	case "pwd", "dirname", "git", "readlink", "realpath", "cd":
	default:
		return "", false
	}
	args := s.words(c.Args)
	last := args[len(args)-1].S
	switch args[0].S {
	case "pwd":
		return s.Place.Cwd, true
	case "git":
		return reading.RootDir, last == "--show-toplevel"
	case "dirname":
		if _, rest, ok := reading.CutAnchor(last); ok && rest != "" {
			return path.Dir(last), true
		}
	case "readlink", "realpath":
		if _, _, ok := reading.CutAnchor(last); ok {
			return last, true
		}
		return reading.ChangeDir(s.Place.Cwd, last), len(args) > 1
	}
	return "", false
}

// ProgramFound returns the program that a command looks for ("which docker"): with
// which path does not matter.
func ProgramFound(words []trace.Text) trace.Text {
	n := len(words)
	if n == 2 && words[0].S == "which" || n == 3 && words[0].S == "command" && words[1].S == "-v" {
		if name := words[n-1].S; strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
			return trace.Plain(name)
		}
	}
	return trace.Plain(reading.Unknown)
}

// Printed returns the text of a file as $(cat FILE) is replaced by it: without the
// newlines at its end.
func Printed(f *trace.File) (trace.Text, bool) {
	if f == nil {
		return trace.Text{}, false
	}
	n := len(f.Src)
	for n > 0 && f.Src[n-1] == '\n' {
		n--
	}
	if n > reading.MaxText {
		return trace.Plain(reading.Unknown), true
	}
	if t := f.Text(0, n); !strings.ContainsAny(t.S, "\x00"+reading.RootDir+reading.StartDir) {
		return t, true
	}
	return trace.Plain(reading.Unknown), true
}
