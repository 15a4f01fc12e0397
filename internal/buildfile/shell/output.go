package shell

import (
	"maps"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// maxStream bounds the bytes that commands hand to each other.
const maxStream = 256 << 10

// A Stream is what commands print, or read.
type Stream struct {
	Text trace.Text
	Lost bool // there is more, or other, than the text
}

// next takes the next line off; ok is false at the end.
func (in *Stream) next() (line trace.Text, ok bool) {
	if in.Text.S == "" {
		return trace.Text{}, false
	}
	line, in.Text, _ = in.Text.Cut("\n")
	return line, true
}

// lose says that what is printed is not known.
func (s *Shell) lose() {
	if s.Out != nil {
		s.Out.Lost = true
	}
}

// length returns how much was printed, -1 where that is not known.
func (s *Shell) length() int {
	switch {
	case s.Out == nil:
		return 0
	case s.Out.Lost:
		return -1
	}
	return len(s.Out.Text.S)
}

// print adds what a command prints.
func (s *Shell) print(t trace.Text) {
	if s.Out == nil || s.Out.Lost {
		return
	}
	if len(s.Out.Text.S)+len(t.S) > maxStream || !s.Run.Use(len(t.S)+len(s.Out.Text.S)/8) {
		s.Out.Lost = true
		return
	}
	s.Out.Text = trace.Join(s.Out.Text, t)
}

// outputOf follows statements in a shell of their own for what they print.
func (s *Shell) outputOf(list []*syntax.Stmt) *Stream {
	child := s.fork()
	child.depth++
	child.Out, child.Captured = &Stream{}, true
	child.stmts(list)
	s.Want, s.doubt = child.Want, child.doubt
	return child.Out
}

// substitution returns what a command prints, if that is known. Any other is followed
// for what it builds.
func (s *Shell) substitution(c *syntax.CmdSubst) trace.Text {
	if !s.Run.Step(0) || s.depth >= reading.MaxDepth {
		return trace.Plain(reading.Unknown)
	}
	if len(c.Stmts) == 1 {
		child := s.fork()
		child.depth++
		if dir, ok := child.directory(c.Stmts[0]); ok {
			s.Want, s.doubt = child.Want, child.doubt
			return trace.Plain(dir)
		}
		if t, ok := s.prints(c.Stmts[0]); ok {
			return t
		}
	}
	out := s.outputOf(c.Stmts)
	if out.Lost {
		return trace.Plain(reading.Unknown)
	}
	return s.bounded(out.Text.Slice(0, len(strings.TrimRight(out.Text.S, "\n"))))
}

// redirect sends what commands print and read where redirections say; the function that it
// returns ends that.
func (s *Shell) redirect(redirs []*syntax.Redirect) func() {
	in, out, descriptors := s.in, s.Out, s.descriptors
	for _, r := range redirs {
		number := ""
		if r.N != nil {
			number = r.N.Value
		}
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if number == "" || number == "1" {
				s.Out = nil
			}
		case syntax.DplOut:
			if number == "" || number == "1" {
				s.Out = nil
			} else if number == "2" && r.Word != nil && r.Word.Lit() == "1" && s.Out != nil {
				// Messages are mixed in, of which a command that is understood has none.
				continue
			}
		case syntax.RdrIn:
			s.feed(number, s.reads(r.Word))
		case syntax.DplIn:
			s.feed(number, s.descriptors[r.Word.Lit()])
		case syntax.WordHdoc:
			s.feed(number, &Stream{Text: trace.Join(s.text(r.Word), trace.Plain("\n"))})
		case syntax.Hdoc, syntax.DashHdoc:
			s.feed(number, s.heredoc(r))
		}
	}
	return func() { s.in, s.Out, s.descriptors = in, out, descriptors }
}

// feed sets what is read from a descriptor, which is that of commands where it has no number.
func (s *Shell) feed(number string, in *Stream) {
	if number == "" || number == "0" {
		s.in = in
		return
	}
	s.descriptors = maps.Clone(s.descriptors)
	if s.descriptors == nil {
		s.descriptors = map[string]*Stream{}
	}
	s.descriptors[number] = in
}

// reads returns the content of what input is redirected from.
func (s *Shell) reads(w *syntax.Word) *Stream {
	if len(w.Parts) == 1 {
		if p, ok := w.Parts[0].(*syntax.ProcSubst); ok && p.Op == syntax.CmdIn {
			return s.outputOf(p.Stmts)
		}
	}
	return s.stored(s.text(w).S)
}

// stored returns the content of a file of the repository. Where it may be either of two
// files, nothing is known.
func (s *Shell) stored(p string) *Stream {
	var found *trace.File
	for _, start := range s.Place.Starts {
		if p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, p), start); ok {
			if isDir, there := s.Run.Tree.Stat(p); isDir || !there {
				continue
			}
			if f := s.Run.Tree.Read(p); f != nil {
				if found != nil && found != f {
					return &Stream{Lost: true}
				}
				found = f
			}
		}
	}
	if found == nil || len(found.Src) > maxStream || !s.Run.Step(len(found.Src)) {
		return &Stream{Lost: true}
	}
	t := found.Text(0, len(found.Src))
	if strings.ContainsAny(t.S, "\x00"+reading.RootDir+reading.StartDir) {
		return &Stream{Lost: true}
	}
	return &Stream{Text: t}
}

// heredoc returns the text of a here-document.
func (s *Shell) heredoc(r *syntax.Redirect) *Stream {
	if r.Hdoc == nil {
		return &Stream{}
	}
	return &Stream{Text: s.heredocText(r)}
}

// pipe follows a pipeline of two.
func (s *Shell) pipe(c *syntax.BinaryCmd) {
	var printed *Stream
	s.each(func() {
		left := s.fork()
		left.sink = ""
		left.Out, left.Captured = &Stream{}, true
		left.stmt(c.X)
		s.Want, s.doubt = left.Want, left.doubt
		printed = left.Out
	}, func() {
		right := s.fork()
		right.in = &Stream{printed.Text, printed.Lost}
		right.stmt(c.Y)
		s.Want, s.doubt = right.Want, right.doubt
	})
}

// silent are the commands that print nothing, or nothing that is read.
const silent = ": true false test [ cd pushd popd export set unset shift local declare readonly read mapfile readarray " +
	"source . mkdir rm cp mv touch chmod chown sleep wait trap exit return break continue shopt umask hash eval tee"

// show prints what a command of which that is known prints; it is the last resort for
// every other one.
func (s *Shell) show(args []trace.Text) {
	if s.Out == nil || s.Out.Lost {
		return
	}
	name, rest := args[0].S, args[1:]
	switch {
	case name == "echo":
		s.print(echoed(rest))
	case name == "printf":
		s.print(s.formatted(rest))
	case reading.Contains(silent, name):
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
	t := reading.JoinWith(" ", args)
	if escapes {
		t = withEscapes(t)
	}
	return trace.Join(t, end)
}

// formatted returns what printf prints.
func (s *Shell) formatted(args []trace.Text) trace.Text {
	if len(args) == 0 || strings.HasPrefix(args[0].S, "-v") {
		return trace.Text{}
	}
	if args[0].S == "--" {
		args = args[1:]
	}
	if len(args) == 0 || strings.Contains(args[0].S, reading.Unknown) {
		return trace.Plain(reading.Unknown)
	}
	if texts, ok := printedTexts(args); ok {
		return reading.JoinWith("", texts) // with the places of the format
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
		return trace.Plain(reading.Unknown)
	}
	return t
}
