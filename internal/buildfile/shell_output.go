package buildfile

import (
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// maxStream bounds the bytes that commands hand to each other.
const maxStream = 256 << 10

// A stream is what commands print, or read.
type stream struct {
	text trace.Text
	lost bool // there is more, or other, than the text
}

// next takes the next line off; ok is false at the end.
func (in *stream) next() (line trace.Text, ok bool) {
	if in.text.S == "" {
		return trace.Text{}, false
	}
	line, in.text, _ = in.text.Cut("\n")
	return line, true
}

// lose says that what is printed is not known.
func (s *shell) lose() {
	if s.out != nil {
		s.out.lost = true
	}
}

// length returns how much was printed, -1 where that is not known.
func (s *shell) length() int {
	switch {
	case s.out == nil:
		return 0
	case s.out.lost:
		return -1
	}
	return len(s.out.text.S)
}

// print adds what a command prints.
func (s *shell) print(t trace.Text) {
	if s.out == nil || s.out.lost {
		return
	}
	if len(s.out.text.S)+len(t.S) > maxStream || !s.run.use(len(t.S)+len(s.out.text.S)/8) {
		s.out.lost = true
		return
	}
	s.out.text = trace.Join(s.out.text, t)
}

// outputOf follows statements in a shell of their own for what they print.
func (s *shell) outputOf(list []*syntax.Stmt) *stream {
	child := s.fork()
	child.depth++
	child.out, child.captured = &stream{}, true
	child.stmts(list)
	s.want, s.doubt = child.want, child.doubt
	return child.out
}

// substitution returns what a command prints, if that is known. Any other is followed
// for what it builds.
func (s *shell) substitution(c *syntax.CmdSubst) trace.Text {
	if !s.run.step(0) || s.depth >= maxDepth {
		return trace.Plain(unknown)
	}
	if len(c.Stmts) == 1 {
		child := s.fork()
		child.depth++
		if dir, ok := child.directory(c.Stmts[0]); ok {
			s.want, s.doubt = child.want, child.doubt
			return trace.Plain(dir)
		}
		if t, ok := s.prints(c.Stmts[0]); ok {
			return t
		}
	}
	out := s.outputOf(c.Stmts)
	if out.lost {
		return trace.Plain(unknown)
	}
	return s.bounded(out.text.Slice(0, len(strings.TrimRight(out.text.S, "\n"))))
}

// redirect sends what commands print and read where redirections say; the function that it
// returns ends that.
func (s *shell) redirect(redirs []*syntax.Redirect) func() {
	in, out := s.in, s.out
	for _, r := range redirs {
		number := ""
		if r.N != nil {
			number = r.N.Value
		}
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if number == "" || number == "1" {
				s.out = nil
			}
		case syntax.DplOut:
			if number == "" || number == "1" {
				s.out = nil
			} else if number == "2" && r.Word != nil && r.Word.Lit() == "1" && s.out != nil {
				// Messages are mixed in, of which a command that is understood has none.
				continue
			}
		case syntax.RdrIn:
			if number == "" || number == "0" {
				s.in = s.reads(r.Word)
			}
		case syntax.WordHdoc:
			if number != "" && number != "0" {
				continue
			}
			s.in = &stream{text: trace.Join(s.text(r.Word), trace.Plain("\n"))}
		case syntax.Hdoc, syntax.DashHdoc:
			if number != "" && number != "0" {
				continue
			}
			s.in = s.heredoc(r)
		}
	}
	return func() { s.in, s.out = in, out }
}

// reads returns the content of what input is redirected from.
func (s *shell) reads(w *syntax.Word) *stream {
	if len(w.Parts) == 1 {
		if p, ok := w.Parts[0].(*syntax.ProcSubst); ok && p.Op == syntax.CmdIn {
			return s.outputOf(p.Stmts)
		}
	}
	return s.stored(s.text(w).S)
}

// stored returns the content of a file of the repository. Where it may be either of two
// files, nothing is known.
func (s *shell) stored(p string) *stream {
	var found *trace.File
	for _, start := range s.place.starts {
		if p, ok := settle(enter(s.place.cwd, p), start); ok {
			if isDir, there := s.run.tree.stat(p); isDir || !there {
				continue
			}
			if f := s.run.tree.read(p); f != nil {
				if found != nil && found != f {
					return &stream{lost: true}
				}
				found = f
			}
		}
	}
	if found == nil || len(found.Src) > maxStream || !s.run.step(len(found.Src)) {
		return &stream{lost: true}
	}
	t := found.Text(0, len(found.Src))
	if strings.ContainsAny(t.S, "\x00"+rootDir+startDir) {
		return &stream{lost: true}
	}
	return &stream{text: t}
}

// heredoc returns the text of a here-document.
func (s *shell) heredoc(r *syntax.Redirect) *stream {
	if r.Hdoc == nil {
		return &stream{}
	}
	return &stream{text: s.heredocText(r)}
}

// pipe follows a pipeline of two.
func (s *shell) pipe(c *syntax.BinaryCmd) {
	var printed *stream
	s.each(func() {
		left := s.fork()
		if file, ok := s.isTee(c.Y); ok {
			left.sink = file
		}
		left.out, left.captured = &stream{}, true
		left.stmt(c.X)
		s.want, s.doubt = left.want, left.doubt
		printed = left.out
	}, func() {
		right := s.fork()
		right.in = &stream{printed.text, printed.lost}
		right.stmt(c.Y)
		s.want, s.doubt = right.want, right.doubt
	})
}

// silent are the commands that print nothing, or nothing that is read.
const silent = ": true false test [ cd pushd popd export set unset shift local declare readonly read mapfile readarray " +
	"source . mkdir rm cp mv touch chmod chown sleep wait trap exit return break continue shopt umask hash eval tee"

// show prints what a command of which that is known prints; it is the last resort for
// every other one.
func (s *shell) show(args []trace.Text) {
	if s.out == nil || s.out.lost {
		return
	}
	name, rest := args[0].S, args[1:]
	switch {
	case name == "echo":
		s.print(echoed(rest))
	case name == "printf":
		s.print(s.formatted(rest))
	case contains(silent, name):
	default:
		filter := filters[name]
		if filter == nil {
			s.lose()
			return
		}
		t, ok := filter(s, rest)
		if !ok {
			s.lose()
			return
		}
		s.print(t)
	}
}

func echoed(args []trace.Text) trace.Text {
	end := trace.Plain("\n")
	escapes := false
	for len(args) > 0 && (args[0].S == "-n" || args[0].S == "-e" || args[0].S == "-ne" || args[0].S == "-en") {
		if strings.Contains(args[0].S, "n") {
			end = trace.Text{}
		}
		escapes = escapes || strings.Contains(args[0].S, "e")
		args = args[1:]
	}
	t := joinWith(" ", args)
	if escapes {
		t = withEscapes(t)
	}
	return trace.Join(t, end)
}

// formatted returns what printf prints.
func (s *shell) formatted(args []trace.Text) trace.Text {
	if len(args) == 0 || strings.HasPrefix(args[0].S, "-v") {
		return trace.Text{}
	}
	if args[0].S == "--" {
		args = args[1:]
	}
	if len(args) == 0 || strings.Contains(args[0].S, unknown) {
		return trace.Plain(unknown)
	}
	if texts, ok := printedTexts(args); ok {
		return joinWith("", texts) // with the places of the format
	}
	t, err := trace.Follow(func(e trace.Encoder) (string, error) {
		var all strings.Builder
		var words []string
		for _, a := range args[1:] {
			words = append(words, e.Text(a))
		}
		for {
			text, n, err := expand.Format(&expand.Config{}, args[0].S, words)
			if err != nil {
				return "", err
			}
			all.WriteString(text)
			if words = words[min(n, len(words)):]; n == 0 || len(words) == 0 || all.Len() > maxStream {
				return all.String(), nil
			}
		}
	})
	if err != nil {
		return trace.Plain(unknown)
	}
	return t
}
